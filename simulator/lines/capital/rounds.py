"""Priced rounds, per round: cash for new shares, by date or when cash runs low, and what raising it costs."""

import numpy as np

from simulator.engine.quantities import Amount, Capital, Factor, Financing, Money, Months, Share, Switch

PER = "round"


def closed(
    month,
    close_month: Months,
    last_cash,
    cash_trigger: Amount = 0.0,
    not_before: Months = 0.0,
    succeeds: Switch = 1.0,
    last_closed=0.0,
) -> Switch:
    """1 from the month in which the round has closed: by its date, or in the month after cash fell to its trigger.

    A round that does not succeed never closes.
    """
    low = np.logical_and(cash_trigger > 0, last_cash < cash_trigger)
    early = np.logical_and(low, month >= np.ceil(not_before))
    due = np.where(np.logical_or(month >= np.ceil(close_month), early), succeeds, 0)
    return np.maximum(due, last_closed)


def money_raised(closed, last_closed, amount: Amount, funding_index) -> Money:
    """What investors put in, in the month in which the round closes."""
    return (closed - last_closed) * amount * funding_index


def equity_raised(money_raised, closing_cost: Share = 0.0) -> Financing:
    """Cash from the round, after lawyers and fees."""
    return money_raised * (1 - closing_cost)


def round_capital(equity_raised) -> Capital:
    """The same as capital."""
    return equity_raised


def valuation_before(pre_money: Amount = 0.0) -> Money:
    """What investors and founders agree the company is worth before the round, the option pool included."""
    return pre_money


def option_pool_after(options_after: Share = 0.0) -> Share:
    """The part of the company set aside for options once the round has closed; 0 leaves the pool as it is."""
    return options_after


def preference(amount, preference_multiple: Factor = 1.0) -> Money:
    """What investors of the round get first when the company is sold."""
    return amount * preference_multiple


def paid_before(seniority: Factor = 0.0) -> Factor:
    """The rank in which preferences are paid: the higher first, equal ones side by side."""
    return seniority


def participation(participating: Switch = 0.0) -> Switch:
    """1 where they then also share in the rest; 0 where they must choose between the two."""
    return participating
