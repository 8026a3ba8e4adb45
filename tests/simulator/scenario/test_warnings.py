"""Warnings: each value in range, and the whole not what anyone means."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doubted import CHANNEL, FEATURE, POOL, SELLER, plan, warned

from simulator.__main__ import main
from simulator.errors import ScenarioError
from simulator.lines import KINDS, business
from simulator.scenario.checks.names import MEANT, SECTIONS, meant_by
from simulator.scenario.overlays import SECTIONS as KNOWN_SECTIONS
from simulator.scenario.reading import load

CASES: list[tuple[dict[str, Any], str]] = [
    ({"plan": plan(upgrade_rate=0.1)}, "plans.pro.upgrade_rate: of the customers who upgrade, 100% find no plan"),
    ({"plan": plan(share_of_signups=0)}, "channels.ads.budget: the channel's sign-ups become customers of no plan"),
    ({"plan": plan(share_of_signups=0)}, "plans.pro.conversion: nobody can become a customer of the plan"),
    ({"channel": {"ads": {**CHANNEL, "budget": 0.1}}}, "buys less than one sign-up"),
    ({"role": {"seller": SELLER}}, "roles.seller.quota: the sellers' deals become customers of no plan"),
    ({"plan": plan(prepaid_months=12)}, "plans.pro.prepaid_months: customers pay 12 months ahead"),
    (
        {"event": {"leak": {"starts": 3, "customers_lost": 0.1}}},
        "events.leak.customers_lost: the event takes customers",
    ),
    ({"feature": {}, "pool": {}}, "the file lists no features, so requests cost nothing"),
    ({"pool": {"large": POOL, "small": POOL}}, "pools.small.fewest_devices: no feature uses the pool"),
    ({"plan": plan(conversion="90% between 20% and 150%")}, "plans.pro.conversion: 16% of the range lies above 1"),
    ({"plan": plan(churn="90% between 0 and 10%")}, "plans.pro.churn: 5% of the range lies below 0 and is cut off"),
    ({"top": {"opening_cash": -100}}, "opening_cash: the company begins with -100 in cash"),
    ({"head": "cash_floor: -100\n"}, "cash_floor: cash may fall to -100"),
    ({"plan": plan(price={0: 0, 12: 10}, stay_when_charged=1)}, "plans.pro.price: the fee begins, and every customer"),
    ({"plan": plan(price={0: 10, 12: 20})}, "plans.pro.price: the price rises, and nobody stays away or leaves"),
    ({"round": {"a": {"close_month": 24, "amount": 1e6}}}, "rounds.a.close_month: month 24 comes after"),
    ({"role": {"seller": {**SELLER, "quota": 0, "salary": 4000}}}, "roles.seller.salary: 4,000 a year is little"),
]


@pytest.mark.parametrize(("changes", "told"), CASES, ids=[told for _, told in CASES])
def test_what_nobody_means_is_told(changes: dict[str, Any], told: str):
    """The warning names the assumption, and says what is odd about it."""
    assert any(told in one for one in warned(**changes)), warned(**changes)


def test_a_value_for_all_members_is_told_once():
    """However many members have it."""
    plans = dict.fromkeys(("pro", "team"), plan(share_of_signups=0.5)["pro"])
    told = [one for one in warned({"prepaid_months": 12}, plan=plans) if one.startswith("prepaid_months")]
    assert len(told) == 1


def test_ordinary_company_has_no_warnings():
    """What people mean is left alone."""
    assert not warned()


@pytest.mark.parametrize("file", sorted(Path("scenarios").glob("*.yaml")), ids=lambda file: file.stem)
def test_shipped_scenarios_have_no_warnings(file: Path):
    """Examples show what is meant."""
    assert not load(file).warnings


def test_a_note_without_interest_is_due_all_the_same():
    """Its maturity has an effect, the repayment; that it would convert has none on a SAFE, which is never due."""
    note = {"signed_month": 1, "investment": 100_000, "maturity_months": 5}
    assert [one.partition(": ")[2] for one in warned(safe={"note": note})] == [
        "the note is repaid in cash in month 6, before any round converts it"
    ]
    safe = {"signed_month": 1, "investment": 100_000, "converts_at_maturity": 1, "valuation_cap": 5e6}
    assert warned(safe={"one": safe}) == ["safes.one.converts_at_maturity: it has no effect while maturity_months is 0"]


@pytest.mark.parametrize(("closes", "says"), [(5, True), (6, False), (12, False), (13, True)])
def test_only_a_round_between_signing_and_due_converts_a_note(closes: int, says: bool):
    """A note of month 6 is due in month 12; a round before or after leaves it to be repaid in cash."""
    note = {"signed_month": 5.5, "investment": 100_000, "maturity_months": 6, "valuation_cap": 5e6}
    told = warned(safe={"note": note}, round={"a": {"close_month": closes, "amount": 1e6, "pre_money": 5e6}})
    assert any("repaid in cash in month 12" in one for one in told) == says


POSSIBLE: list[dict[str, Any]] = [
    {"feature": {"chat": {**FEATURE, "steps": 3, "most_tries": 2, "step_failure": {"pert": [0, 0, 0.2]}}}},
    {"feature": {"chat": {**FEATURE, "steps": 3, "tool_calls_per_step": 1, "tool_price": {"pert": [0, 0, 0.2]}}}},
    {"plan": plan(conversion={"pert": [0, 0, 0.2]})},
    {"plan": plan(share_of_signups={"chance": 0.4})},
]


@pytest.mark.parametrize("changes", POSSIBLE, ids=str)
def test_what_some_trials_have_is_not_missing(changes: dict[str, Any]):
    """A range whose likeliest value is 0 is 0 in the base case alone: nothing lacks an effect, a price or buyers."""
    assert not warned(**changes)


def test_stated_zero_is_meant():
    """Who states that nobody responds to a price is not told again."""
    assert not warned(plan=plan(price={0: 10, 12: 20}, price_elasticity=0))


def test_check_prints_warnings_and_accepts_the_file(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """A warning is no mistake: the exit code stays 0, and the line leads to the value."""
    path = file(("cash_floor: 0", "cash_floor: -5"))
    assert main(["check", str(path), "--json"]) == 0
    (warning,) = json.loads(capsys.readouterr().out)["warnings"]
    assert warning["what"].startswith("cash_floor: cash may fall to -5")
    assert main(["check", str(path)]) == 0
    assert "warning: " in capsys.readouterr().out


# Percentages


@pytest.mark.parametrize(
    "amount",
    [
        *("50%", {0: 100, 6: "50%"}, {"uniform": ["1%", "3%"]}, "90% between 2% and 5%"),
        {"walk": "5%", "monthly_volatility": "6%"},
    ],
)
def test_percentage_is_no_amount(amount: Any):
    """Half a dollar of cash is not what `50%` means."""
    with pytest.raises(ScenarioError, match=r"is a share, but the value is an amount in EUR"):
        warned({"fixed_overhead": amount})


@pytest.mark.parametrize("amount", ["90% between 2 and 5", {"start": 100, "monthly_growth": "4%"}])
def test_range_and_growth_of_an_amount_have_percentages(amount: Any):
    """The level of a range and the growth of an amount are shares."""
    warned({"fixed_overhead": amount})


def test_cash_floor_is_an_amount():
    """A floor of half of something is not known."""
    with pytest.raises(ScenarioError, match="50% is a share, but an amount of cash is meant"):
        warned(head="cash_floor: 50%\n")


# Names


def known(kind: str) -> list[str]:
    """Return the fields of a kind of member, or the sections of a file."""
    if kind == SECTIONS:
        return [*KNOWN_SECTIONS, "assumptions"]
    return [name for name, one in business().inputs.items() if one.home == ((kind,) if kind else ())]


def test_terms_lead_to_fields_that_exist():
    """No term is itself a field, and each leads to one."""
    assert set(MEANT) <= {"", SECTIONS, *KINDS}
    for kind, terms in MEANT.items():
        for term, field in terms.items():
            assert field in known(kind), (kind, term)
            assert term not in known(kind), (kind, term)


@pytest.mark.parametrize(
    ("kind", "name", "field"),
    [
        ("channel", "cac", "cost_per_signup"),
        ("plan", "seats", "seats_per_customer"),
        ("plan", "prize", "price"),
        ("feature", "tokens", "tokens_per_request"),
        ("", "cash", "opening_cash"),
        ("", "tax", "tax_rate"),
        ("loan", "month", "drawn_month"),
        ("loan", "loan_months", "months"),
        ("pool", "input_price", "vendor_input_price"),
        ("round", "month", "close_month"),
        (SECTIONS, "team", "roles"),
        ("plan", "colour", None),
        ("plan", "mouth", None),
        ("loan", "collateral", None),
    ],
)
def test_wrong_name_leads_to_the_right_field_or_to_none(kind: str, name: str, field: str | None):
    """A suggestion is what the writer meant; a guess would mislead."""
    assert meant_by(name, known(kind), kind) == field


def test_field_of_another_kind_is_moved_only_where_nothing_fits_here():
    """`input_price` of a pool is what its vendor asks, although plans have a field of that name."""
    with pytest.raises(Exception, match="did you mean vendor_input_price"):
        warned(pool={"large": {**POOL, "input_price": 3}})
    with pytest.raises(Exception, match="move it to plans"):
        warned(pool={"large": {**POOL, "conversion": 3}})


@pytest.mark.parametrize("command", ["run", "kpis", "compare", "diff", "live", "risk"])
def test_no_answer_hides_what_is_probably_not_meant(
    command: str, file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """A command that answers tells it on stderr, once for each file, beside whatever it prints."""
    path = str(file(("cash_floor: 0", "cash_floor: -5")))
    more = {"compare": [path], "diff": [path], "live": ["--out", str(tmp_path / "plan.html")]}
    assert main([command, path, *more.get(command, []), "--trials", "10" if command != "risk" else "100"]) == 0
    told = capsys.readouterr().err
    assert told.count("cash_floor: cash may fall to -5") == (2 if command in {"compare", "diff"} else 1)


def test_a_loan_that_is_owed_and_drawn_is_doubted():
    """A debt from before the start is no part of the principal, which comes on top; either alone is meant."""
    loan = {"principal": 200_000, "drawn_month": 2, "interest_rate": 0.08}
    assert warned(loan={"bank": loan}) == []
    assert warned(loan={"bank": {**loan, "principal": 0, "opening_debt": 150_000}}) == []
    assert warned(loan={"bank": {**loan, "opening_debt": 150_000}}) == [
        "loans.bank.opening_debt: it is owed from the start, and the principal is drawn on top of it"
    ]
