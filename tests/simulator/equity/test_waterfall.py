"""Exit waterfalls against published examples, an independent brute force, and invariants of every exit."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.equity.captable import CapTable, Holding, history
from simulator.equity.shares import Common, Grant, OptionPool, Preference, PricedRound, Safe, Warrant
from simulator.equity.waterfall import _claim, _safe_claims, _settle, _share_value, waterfall
from simulator.errors import PlanError


def preferred(name: str, shares: int, paid, *terms, **named) -> Holding:
    """Return a preferred class with these terms of preference."""
    terms = Preference(*terms, **named)
    return Holding(name, "preferred", shares, 0, Fraction(paid) / shares, Fraction(paid), terms)


def company(*classes: Holding, common: int = 0, safes: tuple[Safe, ...] = ()) -> CapTable:
    """Return a table of common shares and these classes."""
    held = (Holding("Founders", "common", common, 0),) if common else ()
    return CapTable(holdings=(*held, *classes), safes=safes)


def paid(table: CapTable, value, **terms) -> dict[str, Fraction]:
    """Return the money by holder."""
    return waterfall(table, value, **terms).by_holder()


# Published examples


@pytest.mark.parametrize(
    ("terms", "investors"), [({}, 60), ({"participating": True}, 80), ({"participating": True, "cap": 3}, 80)]
)
def test_a_sale_for_twice_the_money_raised(terms, investors):
    """Feld and Mendelson, Venture Deals: 50M raised for 60 %, sold for 100M; the cap of 150M is not reached."""
    table = company(preferred("Investors", 60, 50, **terms), common=40)
    assert paid(table, 100) == {"Founders": 100 - investors, "Investors": investors}


def test_participation_takes_twice():
    """Gust: 2M for 30 %, 1x participating, sold for 10M: 2M and 30 % of 8M."""
    table = company(preferred("Investor", 30, 2e6, participating=True), common=70)
    assert paid(table, 10e6)["Investor"] == 4_400_000


@pytest.mark.parametrize(("value", "series_c", "series_b"), [(150, 150, 0), (250, 200, 50), (300, 200, 100)])
def test_seniors_are_paid_first(value, series_c, series_b):
    """A forum's example: a Series C of 100 at 2x ahead of a Series B of 100 at 1x."""
    classes = (preferred("C", 10, 100, multiple=2, seniority=2), preferred("B", 10, 100, seniority=1))
    assert paid(company(*classes, common=1000), value) == {"Founders": 0, "C": series_c, "B": series_b}


def test_equals_share_what_is_short():
    """Classes of equal seniority split 150 by what they are owed, 200 to 100."""
    classes = (preferred("C", 10, 100, multiple=2), preferred("B", 10, 100))
    assert paid(company(*classes, common=1000), 150) == {"Founders": 0, "C": 100, "B": 50}


def test_a_safe_takes_its_money_back_or_converts():
    """SAFEs of 40k at a cap of 400k and 50k at 800k, sold for 600k: the second takes its money, the first converts."""
    safes = (Safe("A", 0, 40_000, 400_000), Safe("B", 0, 50_000, 800_000))
    table = company(common=1_000_000, safes=safes)
    assert paid(table, 600_000) == {"Founders": 495_000, "A": 55_000, "B": 50_000}


def test_safes_that_all_convert_own_what_they_bought():
    """Y Combinator's guide: 5 % and 10 % of a sale far above both caps."""
    safes = (Safe("A", 0, 200_000, 4e6), Safe("B", 0, 800_000, 8e6))
    assert paid(company(common=10_000_000, safes=safes), 20e6) == {"Founders": 17e6, "A": 1e6, "B": 2e6}


# Preferred shares, step by step: 10 paid for 20 of 100 shares


PLAIN: dict[str, object] = {}
CAPPED = {"participating": True, "cap": 3}


@pytest.mark.parametrize(
    ("terms", "value", "amount", "takes"),
    [
        (PLAIN, 5, 5, "preference"), (PLAIN, 10, 10, "preference"), (PLAIN, 50, 10, "preference"),
        (PLAIN, 60, 12, "converts"), (PLAIN, 200, 40, "converts"),
        (CAPPED, 8, 8, "preference"), (CAPPED, 60, 20, "participates"), (CAPPED, 110, 30, "participates"),
        (CAPPED, 120, 30, "participates"), (CAPPED, 150, 30, "participates"), (CAPPED, 200, 40, "converts"),
    ],
)  # fmt: skip
def test_a_class_takes_what_pays_most(terms, value, amount, takes):
    """Without participation, the preference until a fifth of the whole is worth more; the cap of 3x stops at 30."""
    found = waterfall(company(preferred("A", 20, 10, **terms), common=80), value).payouts[1]
    assert (found.amount, found.takes) == (amount, takes)


def test_who_paid_less_a_share_converts_first():
    """Sold for 100, the seed at .25 a share converts, while the A at 1.50 takes its money back."""
    classes = (preferred("A", 20, 30), preferred("Seed", 20, 5))
    found = waterfall(company(*classes, common=60), 100)
    assert found.by_holder() == {"Founders": Fraction(105, 2), "A": 30, "Seed": Fraction(35, 2)}
    assert [payout.takes for payout in found.payouts] == ["common", "preference", "converts"]


# Debt, options, warrants, pool, SAFEs


def test_debt_comes_first():
    """Lenders are paid first, and holders share the rest."""
    found = waterfall(company(common=10), 30, debt=50)
    assert (found.debt_paid, found.by_holder()) == (30, {"Founders": 0})
    assert paid(company(common=10), 80, debt=50) == {"Founders": 30}


def test_options_are_exercised_only_in_the_money():
    """100 options at a strike of 1 over 900 shares are worth nothing at an exit of 900, and 10 at 1,000."""
    table = history([Common("F", 900), OptionPool("P", 100), Grant("Engineer", 1, 100, strike=1)])[-1]
    assert paid(table, 900)["Engineer"] == 0
    assert paid(table, 1000) == {"F": 990, "P": 0, "Engineer": 10}


def test_warrants_pay_the_last_rounds_price():
    """1,000 warrants at 4 are worth 1,000 × (share − 4)."""
    events = [Common("F", 8000), PricedRound("A", 1, 8000, 32_000), Warrant("Lender", 2, 40_000, 0.1)]
    found = waterfall(history(events)[-1], 106_000)
    assert found.common_share == 10
    assert found.by_holder() == {"F": 80_000, "A": 20_000, "Lender": 6000}


@pytest.mark.parametrize(("granted", "founders"), [(0, 1000), (0.5, 800), (1, Fraction(2000, 3))])
def test_only_the_granted_pool_is_paid(granted, founders):
    """The ungranted pool is shared by all other holders."""
    table = history([Common("F", 1000), OptionPool("P", 500)])[-1]
    assert paid(table, 1000, pool_granted=granted)["F"] == founders


def test_a_pre_money_safe_converts_beside_the_shares():
    """1M at a pre-money cap of 10M over 10M shares buys 1M shares: an eleventh of a sale for 22M."""
    safe = Safe("S", 0, 1e6, 10e6, post_money=False)
    assert paid(company(common=10_000_000, safes=(safe,)), 22e6)["S"] == 2_000_000


def test_a_discount_is_worth_its_money_grossed_up():
    """A SAFE of 80 at 20 % off buys shares for 100, of which 20 rank above common shares only."""
    table = company(preferred("A", 10, 50), common=10, safes=(Safe("S", 0, 80, discount=0.2),))
    assert paid(table, 1000)["S"] == 100
    assert paid(table, 140) == {"Founders": 0, "A": 50, "S": 90}
    assert paid(table, 65) == {"Founders": 0, "A": 25, "S": 40}


def test_a_safe_without_terms_gets_its_money_back():
    """A SAFE without cap and discount takes its money at an exit."""
    assert paid(company(common=10, safes=(Safe("S", 0, 100),)), 1000)["S"] == 100


@pytest.mark.parametrize(
    ("table", "terms", "what"),
    [
        (company(common=1), {"exit_value": -1}, "value is negative"),
        (company(common=1), {"exit_value": 1, "debt": -1}, "debt is negative"),
        (company(common=1), {"exit_value": 1, "pool_granted": 2}, "give 0.8 for 80%"),
        (company(), {"exit_value": 1}, "nobody holds shares"),
        (company(common=1, safes=(Safe("S", 0, 1, 2), Safe("T", 0, 1, 2))), {"exit_value": 9}, "sell 100%"),
    ],
)
def test_impossible_exits_are_said(table, terms, what):
    """Each error says what to do."""
    with pytest.raises(PlanError, match=what):
        waterfall(table, **terms)


# Invariants of every exit

CLASSES = st.lists(
    st.builds(
        lambda shares, price, multiple, participating, cap, seniority: (
            shares, shares * price, multiple, participating, multiple + cap if participating and cap else None,
            seniority,
        ),
        st.integers(1, 50), st.integers(1, 9), st.integers(0, 2), st.booleans(), st.none() | st.integers(0, 2),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip
VALUES = st.integers(0, 4000)


def made(classes) -> CapTable:
    """Return a table of sixty common shares and these classes."""
    return company(*(preferred(f"P{i}", *terms) for i, terms in enumerate(classes)), common=60)


def shared_out(table: CapTable, value: int, convert: tuple[bool, ...]) -> list[Fraction]:
    """Return payouts by independent code: preferences tier by tier, then the rest pro rata until every cap holds."""
    left, got = Fraction(value), [Fraction(0)] * len(table.holdings)
    stay = [i for i, one in enumerate(table.holdings) if one.preference and not convert[i - 1]]
    for rank in sorted({table.holdings[i].preference.seniority for i in stay}, reverse=True):
        due = {i: h.paid * h.preference.multiple for i in stay if (h := table.holdings[i]).preference.seniority == rank}
        part = min(Fraction(1), left / sum(due.values())) if sum(due.values()) else Fraction(0)
        for i, money in due.items():
            got[i] += part * money
            left -= part * money
    room = {i: None for i in range(len(table.holdings)) if i not in stay}
    for i in stay:
        if (terms := table.holdings[i].preference).participating:
            room[i] = None if terms.cap is None else terms.cap * table.holdings[i].paid - got[i]
    while left and room:
        shares = sum(table.holdings[i].shares for i in room)
        full = [i for i, most in room.items() if most is not None and most < left * table.holdings[i].shares / shares]
        if not full:
            for i in room:
                got[i] += left * table.holdings[i].shares / shares
            break
        first = min(full, key=lambda i: room[i] / table.holdings[i].shares)
        got[first] += room[first]
        left -= room.pop(first)
    return got


@settings(deadline=None)
@given(CLASSES, VALUES)
def test_nobody_would_rather_choose_otherwise(classes, value):
    """The split follows from the choices made, and no class gains by changing its own: an equilibrium."""
    table = made(classes)
    found = waterfall(table, value)
    choices = tuple(payout.takes == "converts" for payout in found.payouts[1:])
    amounts = [payout.amount for payout in found.payouts]
    assert shared_out(table, value, choices) == amounts
    for i, choice in enumerate(choices):
        other = (*choices[:i], not choice, *choices[i + 1 :])
        assert shared_out(table, value, other)[i + 1] <= amounts[i + 1]


@settings(deadline=None, max_examples=50)
@given(CLASSES, VALUES)
def test_every_equilibrium_pays_the_same(classes, value):
    """Every combination of choices that no class would change pays what the waterfall pays."""
    table = made(classes)
    amounts = [payout.amount for payout in waterfall(table, value).payouts]
    for choices in product((False, True), repeat=len(classes)):
        split = shared_out(table, value, choices)
        flips = [(*choices[:i], not choices[i], *choices[i + 1 :]) for i in range(len(choices))]
        if all(shared_out(table, value, flip)[i + 1] <= split[i + 1] for i, flip in enumerate(flips)):
            assert split == amounts


SAFES = st.lists(
    st.builds(
        lambda amount, cap, discount, post, seniority: (amount, cap and amount * cap, discount, post, seniority),
        st.integers(1, 300), st.none() | st.integers(5, 40), st.sampled_from([0, 0.2]), st.booleans(),
        st.integers(0, 2),
    ),
    max_size=4,
)  # fmt: skip


def signed(safes) -> tuple[Safe, ...]:
    """Return SAFEs with these terms."""
    return tuple(Safe(f"S{i}", 0, *terms) for i, terms in enumerate(safes))


@given(CLASSES, SAFES, VALUES, st.integers(0, 500))
def test_payouts_sum_to_the_exit(classes, safes, value, debt):
    """Payouts and debt sum exactly to the exit, and no payout is negative."""
    found = waterfall(replace(made(classes), safes=signed(safes)), value, debt)
    assert found.debt_paid + sum(payout.amount for payout in found.payouts) == value
    assert all(payout.amount >= 0 for payout in found.payouts)


@given(CLASSES, SAFES, VALUES)
def test_no_safe_is_worse_off_for_converting(classes, safes, value):
    """A SAFE that converts gets at least its money with its discount; one that does not gets at most that."""
    table = replace(made(classes), safes=signed(safes))
    found = waterfall(table, value)
    for payout, safe in zip(found.payouts[1 + len(classes) :], table.safes, strict=True):
        owed = safe.amount / (1 - safe.discount)
        assert payout.amount >= owed if payout.takes == "converts" else payout.amount <= owed


@given(CLASSES, SAFES, VALUES)
def test_no_safe_that_takes_its_money_would_gain_by_converting(classes, safes, value):
    """If it converted along with those that do, its shares would be worth its money at most."""
    held = [_claim(holding, Fraction(1)) for holding in made(classes).holdings]
    claims, _ = _settle(held, signed(safes), Fraction(value))
    converting = {claim.name for claim in claims[len(held) :] if claim.shares}
    for safe in signed(safes):
        if safe.cap and safe.name not in converting:
            joined = _safe_claims(held, signed(safes), converting | {safe.name})
            share = _share_value([*held, *joined], Fraction(value))
            (own,) = (claim for claim in joined if claim.name == safe.name)
            assert own.shares * share <= own.owed


@given(CLASSES, SAFES.filter(lambda safes: not any(post for *_, post, _ in safes)), VALUES, st.integers(1, 500))
def test_a_higher_exit_pays_nobody_less(classes, safes, value, more):
    """No payout falls as the exit value rises."""
    table = replace(made(classes), safes=signed(safes))
    less, greater = paid(table, value), paid(table, value + more)
    assert all(greater[name] >= amount for name, amount in less.items())


@given(CLASSES, VALUES)
def test_without_participation_nobody_gets_both(classes, value):
    """A class without participation gets at most the larger of its preference and its shares' part."""
    found = waterfall(made(classes), value)
    for payout, (shares, money, multiple, participating, *_) in zip(found.payouts[1:], classes, strict=True):
        if not participating:
            assert payout.amount <= max(multiple * money, shares * found.common_share)


@given(CLASSES, SAFES, st.integers(1, 4000))
def test_money_in_other_units_changes_nothing_else(classes, safes, value):
    """Counting in cents instead of dollars multiplies every payout by 100."""
    cents = [(shares, 100 * money, *rest) for shares, money, *rest in classes]
    in_cents = [(100 * amount, cap and 100 * cap, *rest) for amount, cap, *rest in safes]
    dollars = paid(replace(made(classes), safes=signed(safes)), value)
    assert paid(replace(made(cents), safes=signed(in_cents)), 100 * value) == {
        name: 100 * amount for name, amount in dollars.items()
    }
