"""Who owns what and what a sale pays, by the terms that a scenario states: pool, grants, SAFEs, notes and caps."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from simulator.answers.ledger import Ledger
from simulator.answers.ownership.investors import cap_tables, exit_at_end
from simulator.errors import ScenarioError, Undefined
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

FOUNDED = "holders: {founders: {shares: 8000000}, pool: {shares: 2000000, set_aside: 1}}\n"
PREFERRED = "rounds: {a: {close_month: 1, amount: 5000000, pre_money: 20000000}}\n"


def company(text: str, months: int = 6, more: str = "") -> Scenario:
    """Return a company that sells nothing, with these owners, and `more` assumptions."""
    head = f"breakeven: 1\ntitle: T\nstart: 2027-01\nmonths: {months}\n"
    top = f"assumptions: {{hours_per_month: 730, opening_cash: 1000000, tax_rate: 0{more}}}\n"
    return parse(head + top + text, Path())


def paid(text: str, price: float, months: int = 6, more: str = "") -> Mapping[str, float]:
    """Return the payouts of a sale in the last month, by holder."""
    ledger = Ledger.of(company(text, months, more))
    split = exit_at_end(ledger, cap_tables(ledger), price).split
    return {name: float(amount) for name, amount in split.by_holder().items()}


def owned(text: str, months: int = 6) -> Mapping[str, float]:
    """Return the ownership at the end, by holder."""
    table = cap_tables(Ledger.of(company(text, months)))[-1]
    return {name: float(share) for name, share in table.ownership().items()}


# The pool at a sale: 8M founders, 2M unissued, 2.5M preferred, sold for 50M


def test_a_sale_cancels_options_that_nobody_holds():
    """Founders hold 8 of 10.5M shares that are there: 38.1M."""
    assert paid(FOUNDED + PREFERRED, 50e6) == pytest.approx(
        {"founders": 50e6 * 8 / 10.5, "pool": 0, "a": 50e6 * 2.5 / 10.5}
    )


@pytest.mark.parametrize(("share", "founders"), [(1, 32.0e6), (0.5, 50e6 * 8 / 11.5)])
def test_a_share_of_the_pool_may_count_as_granted(share: float, founders: float):
    """With all of the pool paid, founders get 32M."""
    assert paid(FOUNDED + PREFERRED, 50e6, more=f", options_granted_at_exit: {share}")["founders"] == pytest.approx(
        founders
    )


def test_grants_come_out_of_the_pool_and_pay_their_strike():
    """1M options at a strike of 1: every share is worth (50M + 1M) / 11.5M, and the options one less."""
    grants = "option_grants: {staff: {grant_month: 2, options: 1000000, strike: 1}}\n"
    share = 51e6 / 11.5e6
    found = paid(FOUNDED + PREFERRED + grants, 50e6)
    assert found["founders"] == pytest.approx(8e6 * share)
    assert found["staff"] == pytest.approx(1e6 * (share - 1))
    assert found["pool"] == 0
    assert owned(FOUNDED + PREFERRED + grants)["pool"] == pytest.approx(1 / 12.5)


def test_options_below_their_strike_lapse():
    """At a strike above the value of a share they are worth nothing."""
    grants = "option_grants: {staff: {grant_month: 0, options: 1000000, strike: 9}}\n"
    assert paid(FOUNDED + PREFERRED + grants, 50e6)["staff"] == 0


def test_a_grant_may_use_the_options_that_the_months_round_adds():
    """Without a pool before, 500,000 options are added and granted in one month."""
    text = (
        "holders: {founders: {shares: 8000000}}\n"
        "rounds: {a: {close_month: 1, amount: 5000000, pre_money: 20000000, options_added: 500000}}\n"
        "option_grants: {staff: {grant_month: 1, options: 400000}}\n"
    )
    shares = 8_500_000 / (20 / 25)
    assert owned(text) == pytest.approx(
        {"founders": 8e6 / shares, "Option pool": 1e5 / shares, "staff": 4e5 / shares, "a": 0.2}, abs=1e-6
    )


def test_a_grant_beyond_the_pool_is_said():
    """The cap table is undefined, and the reason says what to do."""
    grants = "option_grants: {staff: {grant_month: 2, options: 3000000}}\n"
    with pytest.raises(Undefined, match="the pool has 2,000,000 left; grant fewer"):
        cap_tables(Ledger.of(company(FOUNDED + grants)))


# SAFEs

ANGEL = "safes: {angel: {signed_month: 1, investment: 1000000, valuation_cap: 5000000, post_money: %d}}\n"
TOPPED = "rounds: {a: {close_month: 3, amount: 5000000, pre_money: 15000000, options_after: 15%}}\n"


def test_a_pre_money_safe_counts_the_options_that_the_round_creates():
    """A fifth of all shares but the SAFE's and the new money's: a = 0.2 (0.75 - a), so 12.5 %."""
    found = owned("holders: {founders: {shares: 8000000}}\n" + ANGEL % 0 + TOPPED)
    assert found == pytest.approx({"founders": 0.475, "Option pool": 0.15, "angel": 0.125, "a": 0.25}, abs=1e-6)


def test_a_post_money_safe_does_not():
    """A fifth of the shares of founders and SAFE, which are 60 % of the company: 12 %."""
    found = owned("holders: {founders: {shares: 8000000}}\n" + ANGEL % 1 + TOPPED)
    assert found == pytest.approx({"founders": 0.48, "Option pool": 0.15, "angel": 0.12, "a": 0.25}, abs=1e-6)


# Notes

NOTE = (
    "holders: {founders: {shares: 4500000}}\n"
    "safes: {note: {signed_month: 0, investment: 500000, note_interest_rate: 6%%, conversion_discount: 20%%,"
    " valuation_cap: %d, post_money: 0%s}}\n"
)


@pytest.mark.parametrize(
    ("cap", "shares"),
    [
        # The cap of 5M over 4.5M shares is 1.11 a share, below 20 % off the round's price.
        (5_000_000, 545_000 / (5_000_000 / 4_500_000)),
        # Without a cap, the round is priced at p = (10M - 545,000 / 0.8) / 4.5M a share, and the note buys at 0.8 p.
        (0, 545_000 / 0.8 / ((10e6 - 545_000 / 0.8) / 4.5e6)),
    ],
)
def test_a_note_converts_principal_and_interest_at_the_lower_price(cap: int, shares: float):
    """500,000 at 6 % for 18 months converts 545,000, at the cap or at the discount, whichever gives more."""
    text = NOTE % (cap, "") + "rounds: {a: {close_month: 18, amount: 2500000, pre_money: 10000000}}\n"
    table = cap_tables(Ledger.of(company(text, months=24)))[-1]
    assert table.shares_of("note") == pytest.approx(shares, abs=1)
    assert float(table.ownership()["a"]) == pytest.approx(0.2, abs=1e-6)


def test_a_published_note_buys_its_money_over_the_lower_price():
    """FundersClub: 25,000 at a cap of 5M before a round at 10M and 5.00 a share buys 10,000 shares at 2.50."""
    text = (
        "round_pricing: pre-money\nholders: {founders: {shares: 2000000}}\n"
        "safes: {note: {signed_month: 0, investment: 25000, conversion_discount: 20%%, valuation_cap: 5000000,"
        " post_money: 0, maturity_months: 24}}\n"
        "rounds: {a: {close_month: 3, amount: 2500000, pre_money: %d}}\n"
    )
    assert cap_tables(Ledger.of(company(text % 10_000_000)))[-1].shares_of("note") == 10_000
    # At 6M and 3.00 a share the discount of 20 % gives 2.40, less than the cap's 2.50.
    assert cap_tables(Ledger.of(company(text % 6_000_000)))[-1].shares_of("note") == int(25_000 / 2.40)


def test_a_note_that_is_due_is_repaid_and_leaves_the_cap_table():
    """After 12 months 530,000 in cash are gone, founders own all, and a sale owes the holder nothing."""
    text = NOTE % (5_000_000, ", maturity_months: 12")
    ledger = Ledger.of(company(text, months=18))
    tables = cap_tables(ledger)
    assert (tables[-1].event, tables[-1].safes, tables[-1].shares) == ("note due", (), 4_500_000)
    assert ledger.total("cash")[-1] == pytest.approx(1_000_000 + 500_000 - 530_000)
    assert float(ledger.total("interest_expense").sum()) == pytest.approx(30_000)
    assert exit_at_end(ledger, tables, 10e6).returns == ()
    assert paid(text, 10e6, months=18) == {"founders": 10e6}


def test_a_note_may_become_common_shares_at_its_cap_when_due():
    """530,000 at a pre-money cap of 5M over 4.5M shares are 477,000 shares."""
    text = NOTE % (5_000_000, ", maturity_months: 12, converts_at_maturity: 1")
    table = cap_tables(Ledger.of(company(text, months=18)))[-1]
    assert table.shares_of("note") == 477_000


@pytest.mark.parametrize(
    ("price", "note"),
    [
        # Owed 527,500 after eleven months: all of a small price, and first.
        (400_000, 400_000),
        (3_000_000, 527_500),
        # At its cap it has 474,750 of 4,974,750 shares.
        (20_000_000, 20e6 * 474_750 / 4_974_750),
    ],
)
def test_a_note_at_a_sale_is_repaid_or_converts_at_its_cap(price: float, note: float):
    """Its holder takes principal and interest, or its shares, whichever is more."""
    assert paid(NOTE % (5_000_000, ""), price, months=12)["note"] == pytest.approx(note)


def test_a_note_is_repaid_before_preferred_shares():
    """A sale for less than both is the note's first."""
    note = "safes: {note: {signed_month: 3, investment: 300000, note_interest_rate: 12%}}\n"
    found = paid(FOUNDED + PREFERRED + note, 1_000_000)
    assert found == pytest.approx({"founders": 0, "pool": 0, "a": 1e6 - 306_000, "note": 306_000})


# Participation


def test_a_participation_cap_ends_preference_and_rest_together():
    """1x participating for a fifth, capped at 3x: 15M of a sale for 60M, where a fifth of the rest would give 16M."""
    text = (
        "holders: {founders: {shares: 8000000}}\n"
        "rounds: {a: {close_month: 1, amount: 5000000, pre_money: 20000000, participating: 1%s}}\n"
    )
    assert paid(text % "", 60e6)["a"] == pytest.approx(16e6)
    assert paid(text % ", participation_cap: 3", 60e6)["a"] == pytest.approx(15e6)


# Mistakes


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("rounds: {a: {close_month: 1, amount: 1, options_after: 10%, options_added: 5}}\n", "keep one of them"),
        ("rounds: {a: {close_month: 1, amount: 1, participation_cap: 3}}\n", "add `participating: 1`"),
        (
            "rounds: {a: {close_month: 1, amount: 1, participating: 1, participation_cap: 1,"
            " preference_multiple: 2}}\n",
            "the cap of 1x is below the preference of 2x",
        ),
        ("safes: {n: {signed_month: 0, investment: 1, converts_at_maturity: 1}}\n", "add `valuation_cap:`"),
        ("safes: {n: {signed_month: 0, investment: 1, interest_rate: 6%}}\n", "did you mean note_interest_rate?"),
        ("notes: {n: {signed_month: 0, investment: 1}}\n", "did you mean safes?"),
    ],
)
def test_terms_that_do_not_fit_are_refused(text: str, what: str):
    """Each mistake says what to do."""
    with pytest.raises(ScenarioError) as error:
        company(text)
    assert what in str(error.value)


def test_a_company_without_cash_is_not_sold():
    """Without a typed price there is no sale, and the reason names the month."""
    ledger = Ledger.of(company(FOUNDED, more=", fixed_overhead: 400000"))
    with pytest.raises(Undefined) as reason:
        exit_at_end(ledger, cap_tables(ledger))
    assert reason.value.values["month"] == (2, "month index")
    assert exit_at_end(ledger, cap_tables(ledger), 1e6).value == 1e6


def test_lines_say_the_valuation_and_preference_that_the_cap_table_has():
    """Investors who halve their money pay half of the price, and their preference is the money that they put in."""
    winter = "events: {winter: {starts: 1, lasts: 1, funding_factor: 0.5}}\n"
    ledger = Ledger.of(company(FOUNDED + PREFERRED + winter))
    last = cap_tables(ledger)[-1]
    assert ledger.of_member("money_raised", "a")[1] == pytest.approx(2.5e6)
    assert ledger.of_member("valuation_before", "a")[1] == pytest.approx(float(last.price) * 1e7) == 10e6
    assert ledger.total("preference").sum() == pytest.approx(paid(FOUNDED + PREFERRED + winter, 3e6)["a"]) == 2.5e6
