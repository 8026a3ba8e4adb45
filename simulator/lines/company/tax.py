"""Income tax, settled over each fiscal year: losses carried forward, tax depreciation, and a credit for research.

A fiscal year is twelve months from the scenario's start. The tax of a month is the tax on the year so far, less what
earlier months booked, so a loss late in the year takes back tax booked early. The books carry no deferred tax: a young
company would write that asset down.
"""

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.quantities import Adjustment, Liability, Money, Share, SteadyShare


def new_year(month) -> Share:
    """1 in the first month of each fiscal year of twelve months from the scenario's start; otherwise 0."""
    return np.where(month == 12 * np.floor(month / 12), 1, 0)


def macrs_weight(month, bonus_depreciation: SteadyShare = 0.0) -> Share:
    """Share of a device's price that US tax law writes off at an age in months.

    MACRS for five-year property (IRS Publication 946, table A-1): 20, 32, 19.2, 11.52, 11.52 and 5.76 per cent by year,
    each spread evenly; the bonus share is written off in the month of purchase.
    """
    # A rate per year of the device's age; the table's half-year convention gives six years for five.
    later = np.where(month < 36, 0.192, np.where(month < 60, 0.1152, np.where(month < 72, 0.0576, 0)))
    by_year = np.where(month < 12, 0.2, np.where(month < 24, 0.32, later))
    return by_year / 12 * (1 - bonus_depreciation) + np.where(month == 0, bonus_depreciation, 0)


def capital_expenditure(total_device_capex) -> Money:
    """Price of the devices bought this month, over all pools."""
    return total_device_capex


def tax_depreciation(past_capital_expenditure, past_macrs_weight) -> Money:
    """Depreciation of owned devices this month under tax law; devices from before the scenario are excluded."""
    return over_ages(past_capital_expenditure, past_macrs_weight)


def taxable_income(
    pretax_income, total_device_depreciation, total_depreciation_of_start, tax_depreciation, total_devices_disposed
) -> Money:
    """Taxable profit or loss this month: pre-tax income with tax depreciation in place of book depreciation.

    The age of devices from before the scenario is unknown, so their book depreciation stands.
    """
    # Income already bears the book depreciation of devices bought, and the book value of those that retired.
    by_books = total_device_depreciation - total_depreciation_of_start + total_devices_disposed
    return pretax_income + by_books - tax_depreciation


def income_of_year(new_year, taxable_income, last_income_of_year=0.0) -> Money:
    """Taxable income of the fiscal year up to this month."""
    return np.where(new_year > 0, 0, last_income_of_year) + taxable_income


def losses_at_new_year(new_year, last_tax_losses=0.0, last_losses_at_new_year=0.0) -> Money:
    """Tax losses carried forward into this fiscal year."""
    # Losses of the running year can only be used from the next year on.
    return np.where(new_year > 0, last_tax_losses, last_losses_at_new_year)


def losses_used(income_of_year, losses_at_new_year, loss_limit: Share = 1.0) -> Money:
    """Tax losses of earlier years set against this fiscal year's profit so far, up to the legal limit."""
    return np.minimum(losses_at_new_year, np.maximum(income_of_year, 0) * loss_limit)


def tax_losses(losses_at_new_year, losses_used, income_of_year) -> Money:
    """Tax losses carried forward if the fiscal year ended with this month."""
    return losses_at_new_year - losses_used + np.maximum(-income_of_year, 0)


def tax_before_credit(income_of_year, losses_used, tax_rate: Share) -> Money:
    """Income tax on this fiscal year's profit so far, after earlier losses and before the research credit."""
    return (np.maximum(income_of_year, 0) - losses_used) * tax_rate


def research_of_year(new_year, research_and_development, last_research_of_year=0.0) -> Money:
    """Research and development costs of the fiscal year up to this month."""
    return np.where(new_year > 0, 0, last_research_of_year) + np.maximum(research_and_development, 0)


def credit_at_new_year(new_year, last_research_credit=0.0, last_credit_at_new_year=0.0) -> Money:
    """Research tax credit carried forward into this fiscal year."""
    return np.where(new_year > 0, last_research_credit, last_credit_at_new_year)


def credit_used(credit_at_new_year, research_of_year, tax_before_credit, research_credit_rate: Share = 0.0) -> Money:
    """Research tax credit set against the tax of the fiscal year so far (26 U.S.C. § 41).

    Unused credit is carried forward.
    """
    return np.minimum(credit_at_new_year + research_of_year * research_credit_rate, tax_before_credit)


def research_credit(credit_at_new_year, research_of_year, credit_used, research_credit_rate) -> Money:
    """Research tax credit carried forward if the fiscal year ended with this month."""
    return credit_at_new_year + research_of_year * research_credit_rate - credit_used


def tax_of_year(tax_before_credit, credit_used) -> Money:
    """Income tax on the fiscal year up to this month, after losses and research credit."""
    return tax_before_credit - credit_used


def tax(new_year, tax_of_year, last_tax_of_year=0.0) -> Money:
    """Income tax booked this month; negative where a later loss takes back tax booked earlier in the year."""
    return tax_of_year - np.where(new_year > 0, 0, last_tax_of_year)


def tax_due(month, tax, last_tax_payable=0.0) -> Money:
    """Income tax paid this month: all that has built up, in the last month of each quarter, otherwise 0."""
    # Months count from 0, so that the third month of a quarter has the number 2.
    return np.where(month + 1 == 3 * np.floor((month + 1) / 3), last_tax_payable + tax, 0)


def tax_payable(tax, tax_due, last_tax_payable=0.0) -> Liability:
    """Income tax booked and not yet paid at the end of the month; negative for a refund that is due."""
    return last_tax_payable + tax - tax_due


def tax_change(tax_payable, last_tax_payable) -> Adjustment:
    """Effect on cash this month of income tax that is booked and not yet paid: positive while tax payable grows."""
    return tax_payable - last_tax_payable
