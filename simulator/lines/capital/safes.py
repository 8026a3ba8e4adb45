"""SAFEs (simple agreements for future equity), per SAFE: cash now for shares of the next priced round."""

import numpy as np

from simulator.engine.quantities import Amount, Capital, Financing, Liability, Money, Months, Share, Switch

PER = "safe"


def safe_raised(month, signed_month: Months, investment: Amount) -> Financing:
    """Cash from the SAFE in the month in which it is signed; otherwise 0."""
    return np.where(month == np.ceil(signed_month), investment, 0)


def safe_converted(last_safe_balance, safe_raised, rounds_closing) -> Capital:
    """Amount of the SAFE that becomes shares, in the month in which a priced round closes; otherwise 0."""
    # Any priced round converts the whole SAFE, even one signed in the same month.
    return np.where(rounds_closing > 0, last_safe_balance + safe_raised, 0)


def safe_balance(safe_raised, safe_converted, last_safe_balance=0.0) -> Liability:
    """Amount of the SAFE paid in and not yet converted into shares at the end of the month."""
    return last_safe_balance + safe_raised - safe_converted


def safes_at_start(opening_safe_balance) -> Money:
    """Amount of the SAFE paid in and not yet converted when the scenario begins."""
    return opening_safe_balance


def converts_at(valuation_cap: Amount = 0.0) -> Money:
    """Valuation cap of the SAFE: the highest valuation at which it converts; 0 without a cap."""
    return valuation_cap


def converts_below(conversion_discount: Share = 0.0) -> Share:
    """Discount of the SAFE on the round's price, used where it gives more shares than the cap."""
    return conversion_discount


def capped_after_money(post_money: Switch = 1.0) -> Switch:
    """1 if the SAFE's cap counts all SAFEs (post-money, as since 2018), 0 if it counts none (pre-money)."""
    return post_money
