"""Income tax, settled over each fiscal year: losses carried forward, tax depreciation, and a credit for research.

A fiscal year is twelve months; the one in which the scenario begins may have fewer left (`first_year_months`). The tax
of a month is the tax on the year so far, less what earlier months booked, so a loss late in the year takes back tax
booked early. The books carry no deferred tax: a young company would write that asset down.
"""

from typing import Annotated

import numpy as np

from simulator.engine.ages import is_multiple
from simulator.engine.quantities import Adjustment, Amount, Liability, Money, Numbers, Share, SteadyMonths, SteadyShare
from simulator.engine.units import quantity

MonthsOfYear = Annotated[Numbers, quantity("month", 1, 12, steady=True)]
AmountPerYear = Annotated[Numbers, quantity("money", 0, per="year")]


def new_year(month, first_year_months: MonthsOfYear = 12.0) -> Share:
    """1 in the first month of each fiscal year; otherwise 0.

    first_year_months: Months until the next fiscal year begins: 6 for a start in January and a year from July.
    """
    since = month - np.ceil(first_year_months)
    return np.where(is_multiple(since, 12), 1, 0)


def macrs_weight(month, bonus_depreciation: SteadyShare = 0.0) -> Share:
    """Share of a device's price that US tax law writes off at an age in months.

    MACRS for five-year property (IRS Publication 946, table A-1): 20, 32, 19.2, 11.52, 11.52 and 5.76 per cent by year,
    each spread evenly; the bonus share is written off in the month of purchase.

    bonus_depreciation: Share of a device's price that tax law writes off at once, in the month of purchase.
    """
    # A rate per year of the device's age; the table's half-year convention gives six years for five.
    later = np.where(month < 36, 0.192, np.where(month < 60, 0.1152, np.where(month < 72, 0.0576, 0)))
    by_year = np.where(month < 12, 0.2, np.where(month < 24, 0.32, later))
    return by_year / 12 * (1 - bonus_depreciation) + np.where(month == 0, bonus_depreciation, 0)


def tax_weight(month, macrs_weight, bonus_depreciation, tax_life: SteadyMonths = 0.0) -> Share:
    """Share of a device's price that tax law writes off at an age in months: straight line, or MACRS without a life.

    Straight line counts the month of purchase in full (pro rata temporis, as § 7 (1) EStG in Germany).

    tax_life: Months over which tax law writes a device off in equal parts; 0 for the US schedule, MACRS.
    """
    life = np.ceil(tax_life)
    straight = np.where(month < life, (1 - bonus_depreciation) / np.maximum(life, 1), 0)
    return np.where(tax_life > 0, straight + np.where(month == 0, bonus_depreciation, 0), macrs_weight)


def tax_written_off(tax_weight, last_tax_written_off=0.0) -> Share:
    """Share of a device's price that tax law has written off by an age in months, if the device is not sold.

    opening_tax_written_off: State of the model that no scenario needs to give.
    """
    return last_tax_written_off + tax_weight


def taxable_income(
    pretax_income,
    total_device_depreciation,
    total_depreciation_of_start,
    total_tax_depreciation,
    total_devices_disposed,
) -> Money:
    """Taxable profit or loss this month: pre-tax income with tax depreciation in place of book depreciation.

    The age of devices from before the scenario is unknown, so their book depreciation stands.
    """
    # Income already bears the book depreciation of devices bought, and the book value of those that retired.
    by_books = total_device_depreciation - total_depreciation_of_start + total_devices_disposed
    return pretax_income + by_books - total_tax_depreciation


def income_of_year(new_year, taxable_income, last_income_of_year=0.0) -> Money:
    """Taxable income of the fiscal year up to this month.

    opening_income_of_year: Taxable income of the running fiscal year from before the scenario.
    """
    return np.where(new_year > 0, 0, last_income_of_year) + taxable_income


def losses_at_new_year(month, new_year, last_tax_losses=0.0, last_losses_at_new_year=0.0) -> Amount:
    """Tax losses carried forward into this fiscal year.

    opening_tax_losses: Tax losses of earlier years when the scenario begins.
    opening_losses_at_new_year: State of the model that no scenario needs to give.
    """
    # Losses of the running year can only be used from the next year on.
    return np.where(np.logical_or(new_year > 0, month == 0), last_tax_losses, last_losses_at_new_year)


def losses_used(
    income_of_year, losses_at_new_year, loss_limit: Share = 1.0, loss_threshold: AmountPerYear = 0.0
) -> Money:
    """Tax losses of earlier years set against this fiscal year's profit so far, up to the legal limit.

    The limit may hold only for profit above a threshold, as in Germany, the Netherlands and the United Kingdom.

    loss_limit: Share of a year's profit that earlier losses may offset, above the threshold if there is one.
    loss_threshold: Profit of a year that earlier losses may offset in full.
    """
    profit = np.maximum(income_of_year, 0)
    in_full = np.minimum(profit, loss_threshold)
    return np.minimum(losses_at_new_year, in_full + (profit - in_full) * loss_limit)


def tax_losses(losses_at_new_year, losses_used, income_of_year) -> Amount:
    """Tax losses carried forward if the fiscal year ended with this month."""
    return losses_at_new_year - losses_used + np.maximum(-income_of_year, 0)


def tax_before_credit(income_of_year, losses_used, tax_rate: Share) -> Money:
    """Income tax on this fiscal year's profit so far, after earlier losses and before the research credit.

    tax_rate: Rate of tax on the company's income.
    """
    return (np.maximum(income_of_year, 0) - losses_used) * tax_rate


def research_of_year(new_year, research_and_development, last_research_of_year=0.0) -> Money:
    """Research and development costs of the fiscal year up to this month.

    opening_research_of_year: Research and development costs of the running fiscal year from before the scenario.
    """
    return np.where(new_year > 0, 0, last_research_of_year) + np.maximum(research_and_development, 0)


def credit_at_new_year(month, new_year, last_research_credit=0.0, last_credit_at_new_year=0.0) -> Amount:
    """Research tax credit carried forward into this fiscal year.

    opening_research_credit: Unused research tax credit of earlier years when the scenario begins.
    opening_credit_at_new_year: State of the model that no scenario needs to give.
    """
    return np.where(np.logical_or(new_year > 0, month == 0), last_research_credit, last_credit_at_new_year)


def credit_used(credit_at_new_year, research_of_year, tax_before_credit, research_credit_rate: Share = 0.0) -> Money:
    """Research tax credit set against the tax of the fiscal year so far (26 U.S.C. § 41).

    Unused credit is carried forward.

    research_credit_rate: Tax credit for each unit of money spent on research and development.
    """
    return np.minimum(credit_at_new_year + research_of_year * research_credit_rate, tax_before_credit)


def research_credit(credit_at_new_year, research_of_year, credit_used, research_credit_rate) -> Amount:
    """Research tax credit carried forward if the fiscal year ended with this month."""
    return credit_at_new_year + research_of_year * research_credit_rate - credit_used


def tax_of_year(tax_before_credit, credit_used) -> Money:
    """Income tax on the fiscal year up to this month, after losses and research credit."""
    return tax_before_credit - credit_used


def tax(new_year, tax_of_year, last_tax_of_year=0.0) -> Money:
    """Income tax booked this month; negative where a later loss takes back tax booked earlier in the year.

    opening_tax_of_year: Income tax on the running fiscal year from before the scenario.
    """
    return tax_of_year - np.where(new_year > 0, 0, last_tax_of_year)


def tax_due(month, tax, first_year_months, last_tax_payable=0.0) -> Money:
    """Income tax paid this month: all that has built up, in the last month of each fiscal quarter, otherwise 0.

    opening_tax_payable: Income tax booked and not yet paid when the scenario begins; negative for a refund due.
    """
    # Quarters begin and end with the fiscal year.
    ended = month + 1 - np.ceil(first_year_months)
    return np.where(is_multiple(ended, 3), last_tax_payable + tax, 0)


def tax_payable(tax, tax_due, last_tax_payable=0.0) -> Liability:
    """Income tax booked and not yet paid at the end of the month; negative for a refund that is due."""
    return last_tax_payable + tax - tax_due


def tax_change(tax_payable, last_tax_payable) -> Adjustment:
    """Effect on cash this month of income tax that is booked and not yet paid: positive while tax payable grows."""
    return tax_payable - last_tax_payable
