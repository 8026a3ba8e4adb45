"""Cap tables against published worked examples, and invariants of every cap table."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.equity.captable import CapTable, history
from simulator.equity.shares import Common, Event, Grant, OptionPool, Preference, PricedRound, Safe, Warrant, exact
from simulator.errors import PlanError
from simulator.scenario.settings import CONVENTIONS


def last(*events: Event) -> CapTable:
    """Return the table after all events."""
    return history(events)[-1]


def held(table: CapTable) -> dict[str, int]:
    """Return the shares by holder."""
    return {holding.name: holding.shares for holding in table.holdings}


# Published examples

YC = (Common("Founders", 10_000_000), Safe("A", 1, 200_000, 4e6), Safe("B", 2, 800_000, 8e6))


def test_post_money_safes_convert_as_the_guide_says():
    """Y Combinator's guide: 5 % and 10 % of 11,764,705 shares; with a pool of 1,695,000, 15M is $1.1144 a share."""
    table = last(*YC, PricedRound("Series A", 9, 5e6, 15e6, pool_shares=1_695_000))
    shares = held(table)
    assert (shares["A"], shares["B"]) == (588_235, 1_176_470)
    assert shares["Founders"] + shares["A"] + shares["B"] == 11_764_705
    assert table.price == Fraction(15_000_000, 11_764_705 + 1_695_000)
    assert float(table.price) == pytest.approx(1.1144, abs=5e-5)


def test_a_pre_money_safe_lies_in_the_pre_money():
    """9M founder shares, 1M pool, 1M SAFE at 10M, 5M at 22M: $2.00, 2.5M new shares, 13.5M in all."""
    founded = (Common("Founders", 9_000_000), OptionPool("Pool", 1_000_000))
    table = last(*founded, Safe("Angel", 3, 1e6, 10e6, post_money=False), PricedRound("Series A", 9, 5e6, 22e6))
    assert table.price == 2
    assert held(table) == {"Founders": 9_000_000, "Pool": 1_000_000, "Angel": 1_000_000, "Series A": 2_500_000}


# Cooley, "Calculating share price with outstanding convertible notes or Safes": 1M shares, 1M at a discount of 30 %,
# 2M of new money at 8M pre-money.
COOLEY = (Common("Founders", 1_000_000), Safe("Notes", 1, 1e6, discount=0.3))


@pytest.mark.parametrize(
    ("convention", "price", "founders", "notes", "new"),
    [
        ("pre-money", 8.00, 0.7000, 0.1250, 0.1750),
        ("percent ownership", 6.57, 0.6571, 0.1429, 0.2000),
        ("dollars invested", 7.57, 0.6883, 0.1299, 0.1818),
    ],
)
def test_three_conventions_give_three_prices(convention, price, founders, notes, new):
    """The tables of Cooley's three methods."""
    table = last(*COOLEY, PricedRound("Series A", 9, 2e6, 8e6, convention=convention))
    assert float(table.price) == pytest.approx(price, abs=0.005)
    assert [float(part) for part in table.ownership().values()] == pytest.approx([founders, notes, new], abs=5e-5)


def test_pre_money_method_issues_the_shares_that_cooley_prints():
    """178,571 shares for the notes at $5.60, 250,000 for new money at $8."""
    table = last(*COOLEY, PricedRound("Series A", 9, 2e6, 8e6, convention="pre-money"))
    assert held(table) == {"Founders": 1_000_000, "Notes": 178_571, "Series A": 250_000}


def test_the_cap_is_taken_where_it_gives_more_than_the_discount():
    """two12.co: 100k at a cap of 6M over 4M shares gives 66,666, more than 62,500 at 20 % off $2."""
    founded = (Common("Founders", 3_000_000), OptionPool("Pool", 1_000_000))
    both = Safe("Note", 1, 100_000, 6e6, discount=0.2, post_money=False)
    only = Safe("Note", 1, 100_000, discount=0.2)
    raised = PricedRound("Series A", 9, 2e6, 8e6, convention="pre-money")
    assert last(*founded, both, raised).shares_of("Note") == 66_666
    assert last(*founded, only, raised).shares_of("Note") == 62_500


def test_a_post_money_safe_without_a_pool():
    """A test of a public solver: 2M shares, 2M at a post-money cap of 10M, 8M at 32M: $12.80 and 3,125,000 shares."""
    table = last(Common("F", 2_000_000), Safe("S", 1, 2e6, 10e6), PricedRound("A", 9, 8e6, 32e6))
    assert (table.price, table.shares) == (Fraction(128, 10), 3_125_000)


def test_five_safes_and_a_pool_that_is_a_share_of_the_whole():
    """A test of a public solver: a pool of 10 %, two SAFEs at the round's price, 20,606,916 shares before rounding."""
    founded = (Common("F", 9_390_728), OptionPool("Pool", 609_272))
    safes = [
        Safe("seven percent", 1, 125_000, Fraction(125_000 * 100, 7)), Safe("uncapped", 1, 375_000),
        Safe("ten", 1, 475_000, 10e6), Safe("thirteen", 1, 28_500, 13e6), Safe("above the round", 1, 2_997_500, 30e6),
    ]  # fmt: skip
    table = last(*founded, *safes, PricedRound("A", 9, 4e6, 16.7e6, pool_share=0.1))
    assert table.shares == pytest.approx(20_606_916, abs=7)
    assert table.ungranted == pytest.approx(2_060_692, abs=1)
    assert float(table.post_money) == pytest.approx(20_700_000, abs=10)


def test_a_pool_that_is_large_enough_stays():
    """A target of 1 % does not shrink a pool of 6 %."""
    founded = (Common("F", 9_390_728), OptionPool("Pool", 609_272))
    assert last(*founded, PricedRound("A", 9, 4e6, 16.7e6, pool_share=0.01)).ungranted == 609_272


@pytest.mark.parametrize(("loan", "coverage", "price", "count"), [(1e6, 0.10, 1, 100_000), (2e6, 0.30, 10, 60_000)])
def test_warrants_are_coverage_of_the_loan_at_the_last_price(loan, coverage, price, count):
    """Two lenders' worked examples."""
    raised = PricedRound("A", 1, 5e6, 1_000_000 * price)
    table = last(Common("F", 1_000_000), raised, Warrant("Lender", 2, loan, coverage))
    assert (held(table)["Lender"], table.holdings[-1].price) == (count, price)


# Sequences of events


def test_events_apply_in_order_of_months():
    """Events may be given in any order; events of one month keep theirs."""
    tables = history([PricedRound("A", 9, 5e6, 15e6), Safe("S", 3, 1e6, 10e6), Common("F", 1_000_000)])
    assert [table.event for table in tables] == ["F", "S", "A"]
    assert [len(table.safes) for table in tables] == [0, 1, 0]


def test_a_safe_that_meets_no_round_stays_outstanding():
    """A SAFE without a round holds no shares and stays in the table."""
    table = last(Common("F", 1_000_000), Safe("S", 3, 1e6, 10e6))
    assert (table.shares, [safe.name for safe in table.safes]) == (1_000_000, ["S"])


def test_grants_leave_the_pool_and_the_total_as_it_was():
    """Options take their shares out of the pool."""
    table = last(Common("F", 900), OptionPool("Pool", 100), Grant("Engineer", 3, 30, strike=0.5))
    assert (held(table), table.shares, table.ungranted) == ({"F": 900, "Pool": 70, "Engineer": 30}, 1000, 70)


def test_a_round_dilutes_everybody_alike():
    """Selling a fifth of the company costs each holder a fifth."""
    tables = history([Common("F", 800_000), Common("G", 200_000), PricedRound("A", 9, 1e6, 4e6)])
    assert tables[-1].dilution_since(tables[-2]) == {"F": Fraction(1, 5), "G": Fraction(1, 5)}


def test_a_safe_keeps_the_preference_of_its_own_money():
    """A SAFE's shares are the round's preferred, but their preference is the money paid for the SAFE."""
    twice = Preference(2, participating=True, seniority=1)
    safe = last(*YC, PricedRound("Series A", 9, 5e6, 15e6, preference=twice)).holdings[1]
    assert (safe.paid, safe.preference) == (200_000, twice)


# Invariants of every table

CONVENTION = st.sampled_from(list(CONVENTIONS))
SAFES = st.lists(
    st.builds(
        lambda amount, cap, discount, post: (amount, cap and amount * cap, discount, post),
        st.integers(10_000, 2_000_000), st.none() | st.integers(5, 60), st.sampled_from([0, 0.1, 0.2, 0.3]),
        st.booleans(),
    ),
    max_size=4,
)  # fmt: skip
COMPANY = {
    "safes": SAFES,
    "money": st.integers(500_000, 20_000_000),
    "pre_money": st.integers(20_000_000, 100_000_000),
    "pool_share": st.sampled_from([0, 0.05, 0.1, 0.15]),
}


def company(safes, money, pre_money, pool_share, convention="percent ownership") -> list[Event]:
    """Return founders, a pool, SAFEs and a round."""
    signed = [Safe(f"safe {i}", 1, *terms) for i, terms in enumerate(safes)]
    raised = PricedRound("A", 2, money, pre_money, pool_share=pool_share, convention=convention)
    return [Common("F", 7_654_321), OptionPool("Pool", 345_679), *signed, raised]


@given(**COMPANY, convention=CONVENTION)
def test_ownership_sums_to_the_whole(convention, **terms):
    """Fractions sum to 1 after every event, exactly."""
    for table in history(company(**terms, convention=convention)):
        assert sum(table.ownership().values()) == 1
        assert sum(held(table).values()) == table.shares


@given(**COMPANY)
def test_new_investors_own_what_they_paid_for(**terms):
    """Under percent ownership new investors own money over post-money, to within a share of each holder."""
    table = last(*company(**terms))
    promised = Fraction(terms["money"], terms["money"] + terms["pre_money"])
    assert abs(table.ownership()["A"] - promised) < Fraction(8, table.shares)


@given(**COMPANY)
def test_price_times_the_shares_before_is_the_pre_money(**terms):
    """The product is exact, because the price is struck on whole shares."""
    table = last(*company(**terms))
    assert table.price * (table.shares - table.shares_of("A")) == terms["pre_money"]


@given(**COMPANY)
def test_the_pool_is_the_share_that_was_asked(**terms):
    """The pool has its share of all shares after the round, to within the shares lost to rounding."""
    table = last(*company(**terms))
    if table.ungranted > 345_679:
        assert abs(table.ungranted - exact(terms["pool_share"]) * table.shares) < 2


@given(**COMPANY)
def test_each_safe_gets_the_better_of_its_terms(**terms):
    """A SAFE gets the larger of the shares by cap and by discount at the final price, to within rounding."""
    table = last(*company(**terms))
    before = 8_000_000
    whole = before + sum(table.shares_of(f"safe {i}") for i in range(len(terms["safes"])))
    for i, (amount, cap, discount, post) in enumerate(terms["safes"]):
        counted = whole if post else before + table.ungranted - 345_679
        by_cap = Fraction(amount * counted, cap) if cap else Fraction(0)
        by_price = amount / (1 - exact(discount)) / table.price
        assert table.shares_of(f"safe {i}") == pytest.approx(float(max(by_cap, by_price)), abs=2)


@given(**COMPANY, more=st.integers(1, 50_000_000), convention=CONVENTION)
def test_a_higher_valuation_never_lowers_the_price(more, convention, **terms):
    """A higher pre-money never lowers the price, for any set of SAFEs."""
    higher = {**terms, "pre_money": terms["pre_money"] + more}
    assert last(*company(**higher, convention=convention)).price >= last(*company(**terms, convention=convention)).price


@given(**COMPANY)
def test_conventions_order_the_price(**terms):
    """Pre-money gives the highest price, percent ownership the lowest, to within the shares lost to rounding."""
    names = ("pre-money", "dollars invested", "percent ownership")
    prices = [last(*company(**terms, convention=name)).price for name in names]
    assert all(dear * (1 + Fraction(6, 8_000_000)) >= cheap for dear, cheap in pairwise(prices))


@given(**COMPANY, convention=CONVENTION)
def test_money_in_other_units_buys_the_same_shares(convention, **terms):
    """Counting in cents instead of dollars changes only the price."""
    cents = terms | {name: 100 * terms[name] for name in ("money", "pre_money")}
    cents["safes"] = [(100 * amount, cap and 100 * cap, *rest) for amount, cap, *rest in terms["safes"]]
    assert held(last(*company(**cents, convention=convention))) == held(last(*company(**terms, convention=convention)))


# Numbers and mistakes


@pytest.mark.parametrize("number", [0.2, "0.2", np.float64(0.2), Fraction(1, 5)])
def test_a_decimal_is_read_as_it_is_written(number):
    """0.2 is one fifth, not the nearest binary number."""
    assert exact(number) == Fraction(1, 5)


F = Common("F", 1_000_000)


@pytest.mark.parametrize(
    ("events", "what"),
    [
        (lambda: [F, Safe("S", 1, 2e6, 1e6)], "cap of 1,000,000 is not above the 2,000,000 paid; raise the cap"),
        (lambda: [F, Safe("S", 1, 1e6, discount=1)], "discount is not between 0 and 1"),
        (lambda: [F, Safe("S", 1, 0)], "amount is not positive"),
        (lambda: [F, PricedRound("A", 1, 1e6, 0)], "Round A: its pre-money valuation is not positive"),
        (lambda: [F, PricedRound("A", 1, 0, 1e6)], "raises no money"),
        (lambda: [F, PricedRound("A", 1, 1, 1e9)], "buys no whole share"),
        (lambda: [F, PricedRound("A", 1, 1e6, 4e6, pool_share=1)], "pool share is not between"),
        (lambda: [F, PricedRound("A", 1, 1e6, 4e6, pool_share=0.1, pool_shares=5)], "keep one of them"),
        (lambda: [F, PricedRound("A", 1, 1e6, 4e6, pool_share=0.9)], "does not cover the SAFEs"),
        (lambda: [F, PricedRound("A", 1, 1e6, 4e6, convention="other")], "no convention is called other"),
        (lambda: [F, Safe("S", 1, 6e6), PricedRound("A", 1, 1e6, 4e6)], "does not cover the SAFEs"),
        (lambda: [F, Safe("S", 1, 1e6, 2e6), Safe("T", 1, 1e6, 2e6), PricedRound("A", 1, 1e6, 4e6)], "sell 100%"),
        (lambda: [PricedRound("A", 1, 1e6, 4e6)], "add the founders' shares"),
        (lambda: [F, Common("F", 5)], "two events have this name"),
        (lambda: [F, OptionPool("P", 5), OptionPool("Q", 5)], "there already is an option pool"),
        (lambda: [F, OptionPool("P", 5), Grant("E", 1, 6)], "the pool has 5 left"),
        (lambda: [F, Warrant("L", 1, 1e6, 0.1)], "no round before month 1"),
        (lambda: [Common("F", 1.5)], "not a number of shares"),
        (lambda: [F, PricedRound("A", 1, float("nan"), 4e6)], "give a finite number"),
        (lambda: [Preference(1, cap=2)], "does not participate"),
        (lambda: [Preference(2, participating=True, cap=1)], "cap is below its multiple"),
    ],
)
def test_impossible_terms_are_said(events, what: str):
    """Each error says what is wrong, where, and what to do."""
    with pytest.raises(PlanError, match=what):
        history(events())
