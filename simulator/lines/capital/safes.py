"""SAFEs and convertible notes, per SAFE: cash now for shares of the next priced round.

A convertible note is a SAFE with interest and a maturity. Its interest is not paid in cash but added to what the note
converts or repays; a month is one twelfth of a year.
"""

import numpy as np

from simulator.engine.quantities import (
    Adjustment,
    Amount,
    CalendarMonth,
    Capital,
    Financing,
    InterestCost,
    Money,
    Months,
    Owed,
    Share,
    Switch,
)

PER = "safe"


def safe_raised(month, signed_month: CalendarMonth, investment: Amount) -> Financing:
    """Cash from the SAFE in the month in which it is signed; otherwise 0.

    signed_month: Month in which the SAFE or note is signed and its money arrives.
    investment: Money that the investor pays for the SAFE or note.
    """
    return np.where(month == np.ceil(signed_month), investment, 0)


def note_interest(
    last_safe_balance,
    opening_safe_balance,
    investment,
    note_interest_rate: Share = 0.0,
    compound_interest: Switch = 0.0,
) -> InterestCost:
    """Interest on the convertible note this month, which is added to what it converts or repays; 0 for a SAFE.

    opening_safe_balance: Money of the SAFE or note paid in before the first month and not yet converted.
    note_interest_rate: Interest a year that makes the SAFE a convertible note; added to the note, not paid in cash.
    compound_interest: Choice of 1 for interest on earlier interest too (compound), 0 on the principal alone (simple).
    """
    principal = np.minimum(last_safe_balance, opening_safe_balance + investment)
    return np.where(compound_interest > 0, last_safe_balance, principal) * note_interest_rate / 12


def note_matures(month, signed_month, maturity_months: Months = 0.0) -> Switch:
    """1 in the month in which the convertible note is due if no priced round has converted it; otherwise 0.

    maturity_months: Time from signing after which the note is repaid, interest included; 0 for a SAFE, never due.
    """
    due = np.ceil(signed_month) + np.ceil(maturity_months)
    return np.where(np.logical_and(maturity_months > 0, month == due), 1, 0)


def safe_converted(
    last_safe_balance, safe_raised, note_interest, rounds_closing, note_matures, converts_at_maturity: Switch = 0.0
) -> Capital:
    """Amount of the SAFE that becomes shares, in the month in which a priced round closes; otherwise 0.

    converts_at_maturity: Choice of 1 if the note, when due, becomes common shares at its cap; 0 if it is repaid.
    """
    # Any priced round converts the whole SAFE, even one signed in the same month.
    converts = np.logical_or(rounds_closing > 0, note_matures * converts_at_maturity > 0)
    return np.where(converts, last_safe_balance + safe_raised + note_interest, 0)


def note_repaid(last_safe_balance, note_interest, safe_converted, note_matures) -> Financing:
    """Cash paid to the holder of the convertible note when it is due, interest included; negative."""
    return np.where(safe_converted > 0, 0, -note_matures * (last_safe_balance + note_interest))


def note_interest_added(note_interest) -> Adjustment:
    """Interest on the convertible note this month that costs no cash, since it is added to the note."""
    return note_interest


def safe_balance(safe_raised, note_interest, safe_converted, note_repaid, last_safe_balance=0.0) -> Owed:
    """Amount of the SAFE, with a note's interest so far, not converted or repaid at the end of the month."""
    return last_safe_balance + safe_raised + note_interest - safe_converted + note_repaid


def safes_at_start(opening_safe_balance) -> Money:
    """Amount of the SAFE paid in and not yet converted when the scenario begins."""
    return opening_safe_balance


def converts_at(valuation_cap: Amount = 0.0) -> Money:
    """Valuation cap of the SAFE: the highest valuation at which it converts; 0 without a cap.

    valuation_cap: Highest valuation at which the SAFE or note becomes shares; 0 without a cap.
    """
    return valuation_cap


def converts_below(conversion_discount: Share = 0.0) -> Share:
    """Discount of the SAFE on the round's price, used where it gives more shares than the cap.

    conversion_discount: Discount on the round's share price, used where it gives more shares than the cap.
    """
    return conversion_discount


def capped_after_money(post_money: Switch = 1.0) -> Switch:
    """1 if the SAFE's cap counts all SAFEs (post-money, as since 2018), 0 if it counts none (pre-money).

    post_money: Choice of 1 for a cap that counts all SAFEs (since 2018); 0 counts none, but the round's new options.
    """
    return post_money
