"""Attribution: shares of known games, and differences of scenarios that sum to the cent."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import shortened

from simulator.answers.moving.attribution import Attribution, attribution
from simulator.answers.moving.shapley import MOST_EXACT, shapley
from simulator.answers.projection import project
from simulator.errors import PlanError
from simulator.output.moving.causes import named, sentence
from simulator.output.prices import Plain
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[4] / "scenarios"
OVERLAYS = SHIPPED / "overlays"


# Games


def test_gloves_are_shared_as_in_the_textbook():
    """Two left gloves and one right one: a pair is worth 1, so the right one earns 2/3, each left one 1/6."""
    pairs = shapley(lambda s: np.minimum(s[:, 0].astype(float) + s[:, 1], s[:, 2])[:, None], 3)
    assert pairs.values[:, 0] == pytest.approx([1 / 6, 1 / 6, 2 / 3])


@given(weights=st.lists(st.floats(-5, 5), min_size=1, max_size=7))
def test_a_squared_sum_is_shared_in_proportion(weights: list[float]):
    """Of (Σw)² each player gets w × Σw, since half of every product is each one's."""
    w = np.array(weights)
    found = shapley(lambda s: ((s @ w) ** 2)[:, None], len(w))
    assert found.values[:, 0] == pytest.approx(w * w.sum(), abs=1e-9)


def test_sampled_orders_sum_exactly_and_are_near_the_truth():
    """Fourteen players: shares sum to the whole, and two seeds differ by no more than their errors say."""
    players = MOST_EXACT + 4
    w = np.random.default_rng(3).normal(size=players)
    found = shapley(lambda s: np.stack([np.exp(s @ w / 4), (s @ w) ** 3], axis=1), players)
    assert found.values.sum(axis=0) == pytest.approx([np.exp(w.sum() / 4) - 1, w.sum() ** 3])
    other = shapley(lambda s: np.stack([np.exp(s @ w / 4), (s @ w) ** 3], axis=1), players, seed=1)
    apart = np.abs(found.values - other.values) / np.hypot(found.errors, other.errors)
    assert np.mean(apart < 3) > 0.95


# Scenarios


def checked(old: Scenario, new: Scenario, *kpis: str) -> Attribution:
    """Return the causes of a difference, whose shares are checked to sum to that of the projections."""
    found = attribution(old, new, kpis)
    values = [[project(one, 0, evidence=False).kpis[kpi].value for kpi in kpis] for one in (old, new)]
    for at, kpi in enumerate(kpis):
        before, after = (float(old.months) if one[at] is None else one[at] for one in values)
        assert found.shares[:, at].sum() == pytest.approx(after - before, abs=0.005), kpi
    return found


def test_one_change_is_all_of_the_difference(shipped: Scenario):
    """A price is the only cause, and the sentence names it."""
    found = checked(shipped, shipped.with_value("plans.team.price", 1600), "end_cash")
    assert [named(one, Plain()) for one in found.causes] == ["Price · Team"]
    assert sentence(found, 0, Plain()).startswith("Cash at the end −2,808 USD: −2,808 USD")


def test_changes_of_one_assumption_are_one_cause(shipped: Scenario):
    """Heads of two roles are one cause, beside a price."""
    changes = {"roles.engineer.heads": 3, "roles.seller.heads": 2, "plans.team.price": 1600}
    found = checked(shipped, shipped.with_values(changes), "end_cash", "gross_margin")
    assert {one.names for one in found.causes} == {("Heads",), ("Price",)}


def test_members_of_a_what_if_are_causes():
    """Events that only one scenario has share the difference with assumptions, to the cent, and the same way back."""
    file = SHIPPED / "support-copilot.yaml"
    plain, laid = load(file), load(file, [OVERLAYS / "token-price-decline.yaml"])
    found, back = checked(plain, laid, "end_cash", "runway"), checked(laid, plain, "end_cash")
    assert {one.kind for one in found.causes} == {"event", ""}
    assert not any(one.is_rest for one in found.causes)
    assert sorted(-back.shares[:, 0]) == pytest.approx(sorted(found.shares[:, 0]))


def test_two_startups_have_many_causes_that_sum():
    """Structures that do not fit each other change as a whole; the shares are sampled, with their errors."""
    both = (load(SHIPPED / name) for name in ("support-copilot.yaml", "sentiment-api.yaml"))
    old, new = (shortened(one, 12) for one in both)
    found = checked(old, new, "end_cash")
    assert found.is_sampled
    assert "Shares are sampled" in sentence(found, 0, Plain())
    assert [one for one in found.causes if one.is_rest]


def test_a_feature_comes_with_its_pool(read: Callable[..., Scenario]):
    """Of two new members one points at the other, so that they are one cause."""
    pool = "pools:\n  spare: {title: Spare, device_price: 2, tokens_per_second: 1000, peak_to_mean: 2}\n"
    both = read(
        ("pools:\n", pool),
        ("features:\n", "features:\n  extra: {title: Extra, pool: spare, tokens_per_request: 500}\n"),
    )
    found = checked(read(), both, "end_cash")
    assert [set(one.names) for one in found.causes] == [{"Spare", "Extra"}]


def test_the_floor_is_a_setting_of_the_rest(read: Callable[..., Scenario]):
    """A cash floor is no assumption, so the runway that it moves is the share of everything else."""
    found = attribution(read(), read(("cash_floor: 0", "cash_floor: 1e9")), ["runway"])
    assert [named(one, Plain()) for one in found.causes] == ["everything else (Cash floor)"]


def test_a_scenario_does_not_differ_from_itself(shipped: Scenario):
    """There is no cause, and the sentence says so."""
    found = checked(shipped, shipped, "end_cash")
    assert found.causes == ()
    assert sentence(found, 0, Plain()) == "Cash at the end is the same in both."


def test_other_currencies_are_refused(shipped: Scenario, small: Scenario):
    """Euros and dollars have no difference."""
    with pytest.raises(PlanError, match="end_cash is not the same figure in both: the currency"):
        attribution(shipped, small, ["end_cash"])
