"""Value-added tax (VAT) of the company: collected from customers, paid to suppliers, and the balance settled."""

from typing import Annotated

import numpy as np

from simulator.engine.ages import is_multiple
from simulator.engine.choice import where
from simulator.engine.quantities import Adjustment, Liability, Money, Numbers, Share
from simulator.engine.units import quantity

VatPeriod = Annotated[Numbers, quantity("month", 1, 12, steady=True)]


def input_vat(purchases, input_vat_rate: Share = 0.0) -> Money:
    """VAT in this month's invoices of suppliers, which the tax office gives back.

    input_vat_rate: VAT that suppliers add, as a share of all that they invoice net; 0 for those abroad.
    """
    return where(input_vat_rate > 0, lambda net, rate: net * rate, 0, purchases, input_vat_rate)


def investment_vat(total_device_capex, total_capitalised, input_vat_rate) -> Money:
    """VAT in this month's invoices for devices bought and for capitalised models, which the tax office gives back."""
    return where(
        input_vat_rate > 0,
        lambda devices, models, rate: (devices + models) * rate,
        0,
        total_device_capex,
        total_capitalised,
        input_vat_rate,
    )


def vat_settled(month, first_year_months, last_vat_payable=0.0, vat_every: VatPeriod = 1.0) -> Money:
    """VAT paid to the tax office this month, for the period that ended last month; negative for a refund.

    vat_every: Months after which VAT is settled: 1 for each month, 3 for each quarter of the fiscal year.
    """
    since = month - np.ceil(first_year_months)
    return np.where(is_multiple(since, np.ceil(vat_every)), last_vat_payable, 0)


def vat_payable(
    total_vat_charged, total_vat_refunded, input_vat, investment_vat, vat_settled, last_vat_payable=0.0
) -> Liability:
    """VAT owed to the tax office at the end of the month; negative where it owes the company.

    opening_vat_payable: VAT owed to the tax office when the scenario begins.
    """
    charged = total_vat_charged - total_vat_refunded
    return last_vat_payable + charged - input_vat - investment_vat - vat_settled


def vat_change(vat_payable, last_vat_payable) -> Adjustment:
    """Effect on cash this month of VAT that is charged and not yet settled: positive while what is owed grows."""
    return vat_payable - last_vat_payable
