"""Routes between pools: a share of what a small model answers is answered again by a larger one, and paid twice."""

from pathlib import Path
from typing import Any

import pytest
from companies import written
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.answers.ledger import Ledger
from simulator.errors import ScenarioError
from simulator.scenario.reading import parse

PLAN = {"price": 20, "churn": 0, "opening_customers": 10, "requests_per_customer": 1_000, "output_price": 8}
FREE = {"price": 0, "churn": 0, "opening_customers": 10, "requests_per_customer": 100}
# Vendors' pools, so that each token has a price of its own.
POOLS = {
    "small": {"vendor_share": 1, "vendor_output_price": 1},
    "large": {"vendor_share": 1, "vendor_output_price": 10},
}
ANSWERS = {"pool": "small", "tokens_per_request": 400}
AGAIN = {"pool": "large", "tokens_per_request": 600}


def ledger(features: dict[str, Any], routes: dict[str, Any]) -> Ledger:
    """Return the ledger of a company of a paying and a free plan, with these features and routes."""
    members = {"plan": {"paid": PLAN, "free": FREE}, "feature": features, "pool": POOLS, "route": routes}
    return Ledger.of(parse(written(members, {"opening_cash": 0, "tax_rate": 0}, months=3), Path()))


def routed(share: float, **more: Any) -> Ledger:
    """Return the ledger with a route by which a share of the small model's requests goes on to the large one."""
    route = {"pool": "small", "feature": "again", "escalated_share": share}
    return ledger({"answers": ANSWERS, "again": AGAIN}, {"doubtful": route} | more)


def test_what_is_escalated_is_paid_twice():
    """Of 11,000 requests at 400 tokens, a quarter costs another 600 tokens of the dearer model."""
    found = routed(0.25)
    assert found.of_member("requests_to_feature", "answers") == pytest.approx([11_000] * 3)
    assert found.of_member("requests_to_feature", "again") == pytest.approx([2_750] * 3)
    assert found.of_member("serving_cost", "small") == pytest.approx([11_000 * 400 * 1e-6] * 3)
    assert found.of_member("serving_cost", "large") == pytest.approx([2_750 * 600 * 10e-6] * 3)
    assert found.of_member("inference_cost", "free") == pytest.approx([1_000 * (400 + 0.25 * 6_000) * 1e-6] * 3)


def test_customers_pay_for_the_first_answer_alone():
    """What tokens bring does not depend on the route."""
    metered = 10_000 * 400 * 8e-6
    assert routed(0.25).total("metered_revenue") == pytest.approx([metered] * 3)
    assert ledger({"answers": ANSWERS}, {}).total("metered_revenue") == pytest.approx([metered] * 3)


def test_a_finished_task_is_charged_once_wherever_it_finishes():
    """Of 10,000 tasks a quarter goes on: 7,500 succeed in nine of ten cases, 2,500 in eight, at 0.02 each."""
    plan = PLAN | {"output_price": 0, "task_price": 0.02}
    features = {"answers": ANSWERS | {"step_failure": 0.1}, "again": AGAIN | {"step_failure": 0.2}}
    route = {"pool": "small", "feature": "again", "escalated_share": 0.25}
    members = {"plan": {"paid": plan}, "feature": features, "pool": POOLS, "route": {"doubtful": route}}
    found = Ledger.of(parse(written(members, {"opening_cash": 0, "tax_rate": 0}, months=3), Path()))
    finished = 7_500 * 0.9 + 2_500 * 0.8
    assert found.total("finished_tasks") == pytest.approx([finished] * 3)
    assert found.total("metered_revenue") == pytest.approx([0.02 * finished] * 3)


def test_two_routes_of_one_pool_go_their_own_ways():
    """A second route takes its share of the first answers, not of what was escalated."""
    found = routed(0.25, rare={"pool": "small", "feature": "again", "escalated_share": 0.05})
    assert found.of_member("requests_to_feature", "again") == pytest.approx([11_000 * 0.3] * 3)


@settings(max_examples=10)
@given(share=st.floats(0, 1))
def test_a_route_is_a_feature_that_a_share_of_requests_reach(share: float):
    """The tokens are those of a second feature with that share of use."""
    use = {"use_share": share, "free_use_share": share}
    by_hand = ledger({"answers": ANSWERS, "again": AGAIN | use}, {})
    by_route = routed(share)
    for line in ("tokens_used", "token_cost", "serving_cost"):
        assert by_route.lines[line] == pytest.approx(by_hand.lines[line], abs=1e-9)


def test_a_route_names_both_ends():
    """A route without a pool or a feature is a mistake that says which are there."""
    with pytest.raises(
        ScenarioError, match=r"routes\.lost names no pool; set `pool:` to one of small, large"
    ) as refused:
        routed(0.1, lost={"escalated_share": 0.1})
    assert "routes.lost names no feature" in str(refused.value)
