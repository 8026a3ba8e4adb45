"""Priced rounds, per round: cash for new shares, at a date or when cash runs low, and the cost of raising it."""

from typing import Any

import numpy as np

from simulator.engine.choice import where
from simulator.engine.quantities import (
    Amount,
    CalendarMonth,
    Capital,
    Factor,
    Financing,
    Money,
    Share,
    Stock,
    Switch,
)

PER = "round"


def triggered(month, last_cash, cash_trigger: Amount = 0.0, not_before: CalendarMonth = 0.0) -> Switch:
    """1 in a month in which cash was below the round's trigger when the month began; otherwise 0.

    cash_trigger: Cash below which the round closes early, the month after; 0 for none.
    not_before: First month in which the trigger can close the round.
    """
    # Last month's cash decides, since this month's depends on the round.
    return where(cash_trigger > 0, _low, 0, month, last_cash, cash_trigger, not_before)


def _low(month: Any, cash: Any, trigger: Any, first: Any) -> Any:
    return np.where(np.logical_and(cash < trigger, month >= np.ceil(first)), 1, 0)


def closed(month, triggered, close_month: CalendarMonth, succeeds: Switch = 1.0, last_closed=0.0) -> Switch:
    """1 from the month in which the round closes: at its date, or in the month after cash fell below its trigger.

    A round that does not succeed never closes.

    close_month: Month in which the round closes at the latest; a month after the projection leaves the trigger alone.
    opening_closed: Choice of 1 for a round that closed before the scenario begins and brings no more money.
    succeeds: Choice of 1 if the round closes at all, 0 if it never does; mostly a chance.
    """
    due = np.where(np.logical_or(month >= np.ceil(close_month), triggered > 0), succeeds, 0)
    # Once closed, a round stays closed.
    return np.maximum(due, last_closed)


def money_raised(closed, last_closed, amount: Amount, funding_index) -> Money:
    """Money that investors put into the round, in the month in which it closes, before closing costs.

    amount: Money that investors put into the round, before closing costs.
    """
    return (closed - last_closed) * amount * funding_index


def equity_raised(money_raised, closing_cost: Share = 0.0) -> Financing:
    """Cash from the round in the month in which it closes, after lawyers and fees.

    closing_cost: Share of the money raised that lawyers and fees take.
    """
    return money_raised * (1 - closing_cost)


def round_capital(equity_raised) -> Capital:
    """Capital that investors of the round pay in, in the month in which it closes, after closing costs."""
    return equity_raised


def valuation_before(funding_index, pre_money: Amount = 0.0) -> Money:
    """Pre-money valuation at which the round would close this month, the option pool included.

    When funding is scarce, investors pay less for the same share of the company.

    pre_money: Value of the company before the round's money, options and converting SAFEs included.
    """
    return pre_money * funding_index


def option_pool_after(options_after: Share = 0.0) -> Share:
    """Share of the company set aside for options once the round has closed; 0 leaves the pool unchanged.

    options_after: Share of the company that the option pool is topped up to at the round; a larger pool stays.
    """
    return options_after


def option_pool_added(options_added: Stock = 0.0) -> Stock:
    """New options that the round adds to the pool before its money comes in.

    options_added: Number of new options that the round adds to the pool, instead of a share of the company.
    """
    return options_added


def preference(money_raised, preference_multiple: Factor = 1.0) -> Money:
    """Liquidation preference of the round, in the month in which it closes: what investors receive first at a sale.

    preference_multiple: Multiple of their money that investors of the round receive first at a sale.
    """
    return money_raised * preference_multiple


def paid_before(seniority: Factor = 0.0) -> Factor:
    """Seniority of the round's liquidation preference: higher ranks are paid first, equal ranks side by side.

    seniority: Rank of the round's preference at a sale: higher ranks are paid first, equal ranks side by side.
    """
    return seniority


def participation(participating: Switch = 0.0) -> Switch:
    """1 if investors of the round also share in the rest after their preference; 0 if they must choose.

    participating: Choice of 1 if investors receive preference and a share of the rest, 0 if the larger of the two.
    """
    return participating


def participation_limit(participation_cap: Factor = 0.0) -> Factor:
    """Multiple of their money at which preference and share of the rest together end; 0 without a limit.

    participation_cap: Multiple of their money at which participating investors stop sharing in the rest; 0 for none.
    """
    return participation_cap
