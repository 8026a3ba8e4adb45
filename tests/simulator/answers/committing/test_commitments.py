"""Commitments of a pool: the plan's own lines show the saving that was told, and odd pools get an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written

from simulator.answers.committing.commitments import commitments, worth_reserving
from simulator.answers.solving.columns import SideBySide
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.output.commitments import TOLD, sentence
from simulator.output.prices import Plain
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

TRIALS = 60
# A device serves 100 tokens a second: requests of 500 tokens that keep one busy for a month.
PER_DEVICE = 100 * 3600 * 730 / 500
GROWING = {"start": f"90% between {PER_DEVICE:.0f} and {3 * PER_DEVICE:.0f}", "monthly_growth": "6%"}
RESERVED = {"reserved_price": 2.4, "reserved_term": 6}
OWNED = {"device_list_price": 40_000, "economic_life": 24, "book_life": 24, "hosting_price": 300}
# Busy by day: at night a third of the load.
HOURS = {f"h{hour:02}": {"load": 1 if hour < 12 else 3} for hour in range(24)}


def company(pool: dict[str, Any], requests: Any = None, months: int = 18, **more: Any) -> Scenario:
    """Return one customer who sends growing requests to one pool, whose devices cost 4 an hour."""
    use = GROWING if requests is None else requests
    plan = {"price": 100, "churn": 0, "opening_customers": 1, "requests_per_customer": use}
    base = {"tokens_per_second": 100, "device_price": {"pert": [3, 4, 6]}, "peak_to_mean": 1}
    members = {
        "plan": {"team": plan},
        "feature": {"chat": {"pool": "large", "tokens_per_request": 500}},
        "pool": {"large": base | pool},
        **more,
    }
    return parse(written(members, {"opening_cash": 0, "tax_rate": 0}, months=months), Path())


def serving_cost(scenario: Scenario) -> Array:
    """Return the cost of the pool over all months, by trial."""
    (columns,) = SideBySide(scenario, TRIALS).run([scenario], ["serving_cost"])
    return np.asarray(columns.lines["serving_cost"][:, 0].sum(axis=0))


@pytest.mark.parametrize(
    ("pool", "more"),
    [
        (RESERVED, {}),
        (RESERVED, {"hour": HOURS}),
        (RESERVED | {"reserved_price": {"start": 2.9, "monthly_growth": "-3%"}}, {}),
        (RESERVED | {"devices_per_replica": 2, "spare_devices": 1}, {}),
        (RESERVED | {"vendor_output_price": 9, "spot_share": 0.2, "spot_price": 2}, {}),
        (OWNED, {}),
        (OWNED | RESERVED | {"opening_owned_devices": 1, "opening_age_spread": 0, "opening_device_age": 12}, {}),
        (RESERVED | {"reserved_devices": 3, "vendor_share": 0.5, "vendor_output_price": 12}, {}),
    ],
)
def test_the_plan_applied_saves_what_was_told(pool: dict[str, Any], more: dict[str, Any]):
    """In every trial, the pool's own lines cost less by what the plan saves, against on demand and against today."""
    scenario = company(pool, **more)
    found = commitments(scenario, "large", TRIALS)
    assert found.held.any() or found.owned.any()
    none = {f"pools.large.{name}": 0 for name in ("reserved_devices", "wanted_devices", "vendor_share")}
    alone, today, applied = map(serving_cost, (scenario.with_values(none), scenario, found.applied()))
    assert found.saved == pytest.approx(alone - applied, rel=1e-9, abs=1e-4)
    assert found.offers.today.sum(axis=0) - found.costs.sum(axis=0) == pytest.approx(
        today - applied, rel=1e-9, abs=1e-4
    )
    assert found.saved.mean() >= 0


def test_no_purchase_is_left_out_of_the_answer():
    """Devices bought in more months than a sentence holds are counted, as further signings of a reservation are."""
    months = 24
    growing = {month: (1 + month // 3) * PER_DEVICE for month in range(0, months, 3)}
    pool = OWNED | {"device_price": 4, "device_list_price": 10_000, "economic_life": 12}
    found = commitments(company(pool, growing, months), "large", 0)
    bought = np.count_nonzero(found.bought)
    assert bought > TOLD + 1
    assert f"{bought - TOLD} further purchases follow" in sentence(found, Plain())


def test_steady_demand_is_reserved_to_the_last_device():
    """Three devices at every hour, at two thirds of the price on demand: the saving is a third, and nothing idles."""
    scenario = company({"device_price": 3, "reserved_price": 2, "reserved_term": 6}, 2.5 * PER_DEVICE)
    found = commitments(scenario, "large", 0)
    assert found.held.tolist() == [3] * 18
    assert np.flatnonzero(found.signed[0]).tolist() == [0, 6, 12]
    assert found.renewed.tolist() == [[0] * 6 + [3] + [0] * 5 + [3] + [0] * 5]
    assert found.saved == pytest.approx([3 * 730 * 18])
    assert found.idle_share == 0
    assert found.regret is None
    assert found.edits() == {"pools.large.reserved_devices": {"value": 3, "note": "From the plan of commitments."}}
    # All six months' rent is agreed when they are signed, and the first is due at once.
    assert found.committed_rent[:7] == pytest.approx(3 * 2 * 730 * np.array([5, 4, 3, 2, 1, 0, 5]))


def test_a_quoted_term_that_is_applied_saves_what_was_told():
    """A year at a lower price takes the place of the scenario's half year, and the pool's own lines cost as told."""
    scenario = company(RESERVED)
    found = commitments(scenario, "large", TRIALS, {12: 1.9})
    assert [(one.months, one.is_quoted) for one in found.in_one_term.terms_used] == [(12, True)]
    edits = {path.rpartition(".")[2]: one["value"] for path, one in found.edits().items()}
    assert (edits["reserved_term"], edits["reserved_price"]) == (12, 1.9)
    assert serving_cost(found.applied()) == pytest.approx(found.in_one_term.costs.sum(axis=0), rel=1e-9)
    assert not commitments(found.applied(), "large", TRIALS, {12: 1.9}).edits()


def test_of_several_terms_the_best_single_one_can_be_applied():
    """Growth is signed for short terms and the base for long ones; one term alone costs more, and can be written."""
    scenario = company(RESERVED | {"device_price": 4}, {"start": 2 * PER_DEVICE, "monthly_growth": "6%"})
    found = commitments(scenario, "large", 0, {12: 2.3, 18: 2.0})
    alone = found.in_one_term
    assert len(found.terms_used) == 3
    assert len(alone.terms_used) == 1
    assert found.costs.sum() < alone.costs.sum() <= commitments(scenario, "large", 0).costs.sum()
    assert serving_cost(found.applied())[0] == pytest.approx(alone.costs.sum(), rel=1e-9)
    ahead = found.committed_rent
    assert ahead[0] == pytest.approx(
        sum(
            signed[0] * one.price[0, 0] * (one.months - 1)
            for one, signed in zip(found.offers.terms, found.signed, strict=True)
        )
    )


def test_a_quote_for_the_scenarios_own_term_takes_its_place():
    """There is one price for each term."""
    found = commitments(company(RESERVED), "large", 0, {6: 2.2})
    assert [(one.months, one.is_quoted) for one in found.offers.terms] == [(6, True)]
    assert (found.offers.terms[0].price == 2.2 * 730).all()


def test_a_vendor_serves_until_devices_are_full():
    """While a device is half empty the vendor costs less, and later never again."""
    scenario = company(
        {"reserved_price": 2, "vendor_output_price": 11}, {"start": 0.1 * PER_DEVICE, "monthly_growth": "20%"}
    )
    found = commitments(scenario, "large", 0)
    first = int(np.argmin(found.by_vendor))
    assert 0 < first < 18
    assert not found.by_vendor[first:].any()
    assert not found.held[:first].any()
    assert found.applied().assumption_of("vendor_share", "large").base(18).tolist() == [1] * first + [0] * (18 - first)


def test_regret_falls_to_nothing_where_demand_is_known():
    """Demand that nobody knows costs something, and demand that is the same in all trials costs nothing."""
    unknown = commitments(company(RESERVED), "large", TRIALS).regret
    known = commitments(company(RESERVED | {"device_price": 4}, 2 * PER_DEVICE), "large", TRIALS).regret
    assert unknown is not None
    assert unknown[0] > 3 * unknown[1] > 0
    assert known == pytest.approx((0, 0), abs=1e-3)


def test_a_reservation_is_worth_the_rent_that_it_saves():
    """A device that is always needed is worth the price on demand, and one needed half of the day half of it."""
    hours = {f"h{hour:02}": {"load": 1 if hour < 12 else 2} for hour in range(24)}
    scenario = company({"device_price": 3}, 1.5 * PER_DEVICE, hour=hours)
    worth = worth_reserving(commitments(scenario, "large", 0).offers, 12)
    assert worth == pytest.approx([3, 1.5])


def test_a_pool_without_load_keeps_its_floor_and_signs_for_that():
    """Nothing uses the pool: one device stands by, which is reserved if that is cheaper, or left to the vendor."""
    found = commitments(company({"device_price": 3, **RESERVED}, 0), "large", 0)
    assert found.held.tolist() == [1] * 18
    stopped = commitments(company({"device_price": 3, "fewest_devices": 0, **RESERVED}, 0), "large", 0)
    assert not stopped.edits()
    assert stopped.costs.sum() == 0


def test_devices_owned_already_are_used_first():
    """Four owned devices serve a need of three: there is nothing to sign while they last."""
    owned = {"opening_owned_devices": 4, "opening_age_spread": 0, "economic_life": 48}
    found = commitments(company(RESERVED | owned, 2.5 * PER_DEVICE), "large", TRIALS)
    assert not found.held.any()
    assert found.offers.rent.sum() == 0


def test_a_pool_without_a_price_is_refused_in_a_sentence():
    """A vendor's pool that knows no devices has nothing to compare."""
    scenario = company({"device_price": 0, "vendor_share": 1, "vendor_output_price": 2})
    with pytest.raises(PlanError, match=r"states no price of a device on demand.*give pools\.large\.device_price"):
        commitments(scenario, "large", 0)


def test_a_price_that_is_missing_in_some_months_is_refused():
    """Zero means that nothing is offered, so it cannot be a price in some months."""
    with pytest.raises(PlanError, match="reserved_price is 0 in some months"):
        commitments(company({"reserved_price": {0: 0, 6: 2}}), "large", 0)
    with pytest.raises(PlanError, match="more than a plan of commitments can hold"):
        commitments(company(RESERVED), "large", 1_000_000)


def test_of_many_devices_the_plan_is_nearly_the_best():
    """Thousands of them: the gain of further ones is averaged, and the answer is within a percent of the best."""
    scenario = company({"device_price": 3, "reserved_price": 2, "reserved_term": 6}, 3_000.5 * PER_DEVICE)
    found = commitments(scenario, "large", 0)
    assert found.held.max() == pytest.approx(3_001, abs=375)
    assert found.saved[0] == pytest.approx(3_001 * 730 * 18, rel=0.01)
