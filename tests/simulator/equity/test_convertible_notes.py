"""Convertible notes in the books: interest accrues without cash, and conversion or repayment takes all of it."""

import pytest
from companies import alone
from made import by_month

LINES = ("safe_raised", "note_interest", "note_matures", "safe_converted", "note_repaid", "safe_balance")
NOTE = {"signed_month": 0, "investment": 500_000, "note_interest_rate": 0.06, "opening_safe_balance": 0}
TERMS = {"compound_interest": 0, "maturity_months": 0, "converts_at_maturity": 0, "rounds_closing": 0}


def note(months: int, **terms) -> dict[str, list[float]]:
    """Return the lines of one note of 500,000 at 6 % by month."""
    return alone(LINES, NOTE | TERMS | terms, months)


def test_simple_interest_is_on_the_principal_alone():
    """500,000 at 6 % for 18 months owes 45,000 of interest."""
    assert note(19)["safe_balance"][18] == pytest.approx(545_000)


def test_a_year_of_interest_is_the_rate():
    """500,000 at 5 % converts at 525,000 after a year (Gupta, Convertible note, part 3, 2022)."""
    rounds = [0.0] * 12 + [4e6] + [0.0] * 5
    found = note(18, note_interest_rate=0.05, rounds_closing=by_month(*rounds))
    assert found["safe_converted"][12] == pytest.approx(525_000)
    assert found["safe_balance"][12:] == pytest.approx([0] * 6)
    assert sum(found["note_interest"]) == pytest.approx(25_000)


def test_compound_interest_is_on_interest_too():
    """At 6 % a year, 18 months of monthly compounding give 500,000 × 1.005^18."""
    assert note(19, compound_interest=1)["safe_balance"][18] == pytest.approx(500_000 * 1.005**18)


def test_a_note_without_a_round_is_repaid_at_maturity():
    """After two years 560,000 are due in cash, and nothing is owed any more."""
    found = note(30, maturity_months=24)
    assert found["note_repaid"][24] == pytest.approx(-560_000)
    assert sum(found["note_repaid"]) == pytest.approx(-560_000)
    assert found["safe_balance"][24:] == pytest.approx([0] * 6)
    assert sum(found["safe_converted"]) == 0


def test_a_note_may_convert_at_maturity():
    """Then all of it is capital, and no cash is paid."""
    found = note(30, maturity_months=24, converts_at_maturity=1)
    assert found["safe_converted"][24] == pytest.approx(560_000)
    assert sum(found["note_repaid"]) == 0


def test_a_round_in_the_month_of_maturity_converts():
    """The holder gets shares of the round, not cash."""
    rounds = [0.0] * 24 + [4e6] + [0.0] * 5
    found = note(30, maturity_months=24, rounds_closing=by_month(*rounds))
    assert found["safe_converted"][24] == pytest.approx(560_000)
    assert sum(found["note_repaid"]) == 0


def test_a_safe_bears_no_interest_and_is_never_due():
    """Without a rate and a maturity nothing changes until a round."""
    found = note(60, note_interest_rate=0)
    assert found["safe_balance"] == [500_000] * 60
    assert not any(found["note_matures"])


def test_a_note_from_before_the_plan_goes_on_bearing_interest():
    """Simple interest counts what was owed when the scenario began as principal."""
    found = note(13, investment=0, opening_safe_balance=100_000)
    assert found["safe_balance"][12] == pytest.approx(106_500)
