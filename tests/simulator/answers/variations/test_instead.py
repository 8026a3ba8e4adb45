"""Requests moved to another feature: what that changes, both bills, and from how many requests a month it pays."""

import json
from pathlib import Path
from typing import Any

import pytest
from companies import written
from hypothesis import given
from hypothesis import strategies as st

from simulator.__main__ import main
from simulator.answers.ledger import Ledger
from simulator.answers.variations.instead import Move, Way, moves, pays_from
from simulator.errors import ScenarioError
from simulator.scenario.reading import parse
from simulator.scenario.shaping.members import rekeyed, removed

PLAN = {"price": 20, "churn": 0, "opening_customers": 10, "requests_per_customer": 1_000}
POOLS = {
    "api": {"vendor_share": 1, "vendor_input_price": 2},
    "own": {"tokens_per_second": 100, "device_price": 0.36, "peak_to_mean": 2, "headroom": 0.25},
}
FEATURES = {
    "prompted": {"pool": "api", "tokens_per_request": 0, "input_tokens_per_request": 2_000, "right_share": 0.8},
    "tuned": {"pool": "own", "tokens_per_request": 100, "right_share": 0.9},
}
CORRECTED = {"corrected_share": 0.5, "correction_price": 0.02}
PROGRAMS = {"lora": {"runs": "{0: 0, 1: 1, 2: 0}", "seconds_per_run": 36_000, "training_device_price": 2}}
ROUTE = {"pool": "api", "feature": "tuned", "program": "lora"}


def text(route: dict[str, Any], months: int = 5, features: Any = FEATURES, **top: Any) -> str:
    """Return a company with a prompted feature at a vendor, a tuned one on a device of its own, and a route."""
    members = {"plan": {"team": PLAN}, "feature": features, "pool": POOLS, "program": PROGRAMS}
    members |= {"route": {"tuning": ROUTE | route}}
    return written(members, {"opening_cash": 9_000, "tax_rate": 0} | top, months=months)


def ledger(route: dict[str, Any], **more: Any) -> Ledger:
    """Return the ledger of that company."""
    return Ledger.of(parse(text(route, **more), Path()))


def test_what_is_moved_is_answered_once_by_the_other_feature():
    """Of 10,000 requests a month a quarter moves; the vendor is paid for the rest alone."""
    found = ledger({"moved_share": "{0: 0, 2: 0.25}"})
    assert found.of_member("requests_to_feature", "prompted") == pytest.approx([10_000, 10_000, 7_500, 7_500, 7_500])
    assert found.of_member("requests_to_feature", "tuned") == pytest.approx([0, 0, 2_500, 2_500, 2_500])
    assert found.of_member("vendor_cost", "api")[-1] == pytest.approx(7_500 * 2_000 * 2e-6)
    assert found.of_member("tokens_used", "team, tuned")[-1] == pytest.approx(2_500 * 100 / 1e6)


@given(share=st.floats(0, 1))
def test_every_request_is_answered_by_one_of_the_two(share: float):
    """However many are moved, the features' requests add up to the customers'."""
    assert ledger({"moved_share": share}, months=2).total("requests_to_feature") == pytest.approx([10_000] * 2)


def test_an_adapter_may_answer_on_the_pool_of_the_prompt():
    """A move within a pool is allowed, an escalation within one is not."""
    features = FEATURES | {"tuned": FEATURES["tuned"] | {"pool": "api"}}
    found = ledger({"moved_share": 0.3}, features=features)
    assert found.of_member("requests_to_feature", "tuned") == pytest.approx([3_000] * 5)
    with pytest.raises(ScenarioError, match="leads to a feature on its own pool"):
        ledger({"escalated_share": 0.3}, features=features)


def test_routes_do_not_move_more_than_all():
    """The message names the pool."""
    members = {"plan": {"team": PLAN}, "feature": FEATURES, "pool": POOLS}
    members |= {"route": {name: {"pool": "api", "feature": "tuned", "moved_share": 0.6} for name in ("one", "two")}}
    with pytest.raises(ScenarioError, match="from api together move more than all"):
        parse(written(members, {"opening_cash": 0, "tax_rate": 0}), Path())


def test_what_routes_move_after_the_last_month_does_not_count():
    """Shares that exceed all of the requests once the projection is over are no mistake in it."""
    members = {"plan": {"team": PLAN}, "feature": FEATURES, "pool": POOLS}
    route = {"pool": "api", "feature": "tuned", "moved_share": "{0: 0.5, 24: 0.6}"}
    members |= {"route": {"one": route, "two": route}}
    assert parse(written(members, {"opening_cash": 0, "tax_rate": 0}, months=24), Path()).months == 24
    with pytest.raises(ScenarioError, match="from api together move more than all"):
        parse(written(members, {"opening_cash": 0, "tax_rate": 0}, months=25), Path())


def test_a_route_that_stands_to_be_compared_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A share of 0 is meant; none at all was forgotten."""
    file = tmp_path / "company.yaml"
    for route, warned in (({}, True), ({"moved_share": 0}, False)):
        file.write_text(text(route))
        assert main(["check", str(file)]) == 0
        assert ("neither escalates nor moves" in "".join(capsys.readouterr())) == warned


def test_wrong_answers_cost_what_the_founder_says():
    """A fifth of 10,000 answers is wrong; half of those are corrected at 0.02, and the other half stays wrong."""
    features = {"prompted": FEATURES["prompted"] | CORRECTED, "tuned": FEATURES["tuned"]}
    found = ledger({}, features=features)
    assert found.total("request_care") == pytest.approx([10_000 * 0.2 * 0.5 * 0.02] * 5)
    assert found.of_member("errors_left", "prompted") == pytest.approx([1_000] * 5)
    quality = [ledger({}, features=features, error_weight=weight).total("quality")[0] for weight in (0, 0.5)]
    assert quality[0] - quality[1] == pytest.approx(0.5 * 1_000 / 10_000)


def only(found: Ledger) -> Move:
    """Return the one move."""
    (move,) = moves(found)
    return move


def test_the_move_pays_from_the_requests_at_which_both_bills_are_equal():
    """The device of the tuned model (0.36 an hour) and the program (20, over 4 months) against 0.004 a request.

    A device serves a token in 0.01 s, so a request of 100 tokens takes a second; with peaks and headroom 2.5 times
    that: 1,051,200 requests fill the one device that there must be.
    """
    move = only(ledger({}))
    usual, other = move.usual[0], move.other[0]
    assert usual.request == pytest.approx(0.004)
    assert other.request == pytest.approx(2.5 * 0.36 / 3600)
    assert (other.seconds, other.fewest, other.program) == pytest.approx((1.0, 0.36 * 730, 5.0))
    least = move.pays_from(0)
    assert least == pytest.approx((0.36 * 730 + 5) / 0.004)
    assert least is not None
    assert other.bill(least) == pytest.approx(usual.bill(least))
    assert move.from_month is None  # the scenario has 10,000 requests


def test_the_month_from_which_it_pays_follows_the_requests():
    """With seven times as many customers the requests exceed the 66,950 from the start."""
    members = text({}).replace("opening_customers: 10", "opening_customers: 70")
    assert only(Ledger.of(parse(members, Path()))).from_month == 0


def test_cash_at_the_end_is_that_of_the_whole_scenario():
    """With all moved, the vendor's bill of 40 a month is saved; device and program are paid for in either case."""
    move = only(ledger({}))
    assert move.cash_moved - move.cash_unmoved == pytest.approx(5 * 40)


# In hundredths of cents, as prices are.
AMOUNTS = st.integers(0, 1_000_000).map(lambda amount: amount / 10_000)
WAYS = st.builds(Way, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.just(1.0), st.just(0.0), st.just(0.0))


@given(usual=WAYS, other=WAYS)
def test_above_that_number_of_requests_the_other_way_costs_less(usual: Way, other: Way):
    """No number of requests above it has a lower usual bill; just below it the usual bill is not the higher one."""
    least = pays_from(other, usual)
    slack = 1e-6 * (1 + usual.bill(1) + other.bill(1))
    if least is None:
        assert other.request >= usual.request
        return
    for more in (0.0, 0.01, 1.0, 30.0, 1e4):
        count = least * (1 + more) + more
        assert other.bill(count) <= usual.bill(count) + slack * (1 + count)
    if least > 0:
        assert other.bill(least) == pytest.approx(usual.bill(least), rel=1e-6, abs=slack)


def test_a_route_names_a_program_that_exists():
    """A misspelt one is a mistake; a new key follows, and a program that is removed is no longer named."""
    with pytest.raises(ScenarioError, match="'lara' is not in programs; set `program:` to one of lora, or remove it"):
        parse(text({"program": "lara"}), Path())
    scenario = parse(text({"moved_share": 1}), Path())
    assert rekeyed(scenario, "program", "lora", "qlora").about["routes.tuning"]["program"] == "qlora"
    without = removed(scenario, "program", "lora")
    assert "program" not in without.about["routes.tuning"]
    assert only(Ledger.of(without)).other[0].program == 0


def test_the_command_says_from_how_many_requests_it_pays(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """In words and as JSON, at the prices of the month asked for."""
    file = tmp_path / "company.yaml"
    file.write_text(text({}))
    assert main(["routes", str(file), "--month", "2"]) == 0
    shown = capsys.readouterr().out
    assert "At the prices of month 2 the move pays from 66,950 requests a month on; the scenario has 10,000." in shown
    assert "90% of the answers are right instead of 80%." in shown
    assert main(["routes", str(file), "--json"]) == 0
    (move,) = json.loads(capsys.readouterr().out)["moves"]
    assert move["pays_from"] == pytest.approx([66_950] * 5)
    assert main(["routes", str(file), "--month", "9"]) == 2
    assert "--month 9 comes after the last month, 4" in capsys.readouterr().err


def test_without_such_a_route_the_command_says_what_to_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """An escalating route moves nothing."""
    file = tmp_path / "company.yaml"
    file.write_text(text({"escalated_share": 0.1}).replace(", program: lora", ""))
    assert main(["routes", str(file)]) == 0
    assert "No route moves requests: list one under `routes:`" in capsys.readouterr().out


def test_a_device_that_others_use_as_well_is_no_cost_of_the_move():
    """A second feature on the tuned model's pool pays for its fewest devices already."""
    features = FEATURES | {"chat": {"pool": "own", "tokens_per_request": 10}}
    assert only(ledger({}, features=features)).other[0].fewest == 0
