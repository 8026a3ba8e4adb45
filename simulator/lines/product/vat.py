"""Value-added tax (VAT) or sales tax, per plan: customers pay it, and it is neither revenue nor cost."""

from typing import Annotated

import numpy as np

from simulator.engine.choice import where
from simulator.engine.quantities import Factor, Money, Numbers, Switch
from simulator.engine.units import quantity

PER = "plan"

VatRate = Annotated[Numbers, quantity("share", 0, 1)]


def net_level(vat_rate: VatRate = 0.0, vat_included: Switch = 0.0) -> Factor:
    """Part of the plan's stated prices that is the company's own: all of it, unless the prices include VAT.

    vat_rate: Rate of VAT or sales tax on the plan's net prices; a mean where some customers pay none.
    vat_included: Switch that says whether the plan's prices include VAT (1) or come without it (0).
    """
    return np.where(vat_included > 0, 1 / (1 + vat_rate), 1)


def vat_charged(billings, bad_debt, vat_rate) -> Money:
    """VAT on this month's invoices of the plan, on top of the net amounts; none on invoices that are never paid."""
    return where(vat_rate > 0, lambda net, lost, rate: (net - lost) * rate, 0, billings, bad_debt, vat_rate)


def vat_refunded(refunds, vat_rate) -> Money:
    """VAT given back this month with fees of the plan that customers get back on leaving."""
    return where(vat_rate > 0, lambda net, rate: net * rate, 0, refunds, vat_rate)
