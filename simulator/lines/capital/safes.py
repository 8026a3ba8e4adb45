"""SAFEs, per SAFE: cash now for shares of the next priced round."""

import numpy as np

from simulator.engine.quantities import Amount, Capital, Financing, Liability, Money, Months, Share, Switch

PER = "safe"


def safe_raised(month, signed_month: Months, investment: Amount) -> Financing:
    """Cash from the SAFE in the month in which it is signed."""
    return np.where(month == np.ceil(signed_month), investment, 0)


def safe_converted(last_safe_balance, safe_raised, rounds_closing) -> Capital:
    """What becomes shares in the month in which a priced round closes."""
    return np.where(rounds_closing > 0, last_safe_balance + safe_raised, 0)


def safe_balance(safe_raised, safe_converted, last_safe_balance=0.0) -> Liability:
    """What has been paid in and is not yet shares."""
    return last_safe_balance + safe_raised - safe_converted


def safes_at_start(opening_safe_balance) -> Money:
    """What had been paid in, and was not yet shares, when the plan began."""
    return opening_safe_balance


def converts_at(valuation_cap: Amount = 0.0) -> Money:
    """The highest valuation at which it converts; 0 where it has no cap."""
    return valuation_cap


def converts_below(conversion_discount: Share = 0.0) -> Share:
    """How far below the round's price it converts, where that gives more shares than the cap."""
    return conversion_discount


def capped_after_money(post_money: Switch = 1.0) -> Switch:
    """1 where the cap counts all SAFEs (post-money, as since 2018), 0 where it counts none (pre-money)."""
    return post_money
