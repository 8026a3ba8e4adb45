"""Several prices at once against values known in closed form, with limits that bind and limits that nothing keeps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from monopolies import made

from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.choice import Choice
from simulator.answers.pricing.limits import Limits
from simulator.answers.pricing.several import Several, best_of
from simulator.answers.projection import project
from simulator.answers.solving.target import Target
from simulator.errors import PlanError
from simulator.output.prices import Plain
from simulator.output.pricing.several import remarks, sentence, several_json
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[4] / "scenarios"


def found(*changes: str, keep: str = "", scenario: Scenario | None = None, trials: int = 0) -> Several:
    """Return the best values for cash at the end."""
    targets = [Target.read(keep)] if keep else []
    return best_of(scenario or made(), changes, keep=targets, trials=trials)


def test_two_plans_have_the_prices_of_two_monopolies():
    """The price is e / (e - 1) times the cost of 10: 20 at an elasticity of 2, and 13.33 at 4.

    The file with the values in it has the outcome that was promised.
    """
    answer = found("plans.one.price", "plans.two.price")
    assert answer.best.values == pytest.approx((20, 40 / 3), rel=0.02)
    for course, best in zip(answer.courses, answer.best.values, strict=True):
        assert course.low < best < course.high
        assert course.end is None
    changed = answer.scenario.with_values(answer.literals)
    assert project(changed, 0).kpis["end_cash"].value == pytest.approx(answer.best.aim, rel=1e-9)


def test_a_best_far_from_today_says_that_the_elasticity_must_hold_that_far():
    """From 12 to the best of 20 is no such way, from 4 it is five times."""
    near, far = (found("plans.one.price", scenario=made(f"price: {price}, price_elasticity: 2")) for price in (12, 4))
    assert "smaller steps" not in " ".join(remarks(near, str, Plain()))
    assert "plans.one.price is 500% of today's" in " ".join(remarks(far, str, Plain()))


def test_two_charges_of_one_plan_share_the_best_bill():
    """A fee and a price per task are paid together, so that only their sum has a best value."""
    scenario = made("price: 15, task_price: 0.015, price_elasticity: 2")
    answer = found("plans.one.price", "plans.one.task_price=0.002..0.05", scenario=scenario)
    fee, task = answer.best.values
    assert fee + 1000 * task == pytest.approx(20, rel=0.02)


def test_a_limit_that_binds_holds_the_price_up():
    """A gross margin of 60 % needs a price of 25 where a customer costs 10, above the 20 of the monopoly."""
    scenario = made(two="price: 25")
    answer = found("plans.one.price", keep="gross_margin >= 60%", scenario=scenario)
    assert answer.best.values[0] == pytest.approx(25, rel=0.005)
    assert [one.kpi for one in answer.binding] == ["gross_margin"]
    assert answer.free is not None
    assert answer.free.aim > answer.best.aim
    assert "Without Gross margin: 60% or more" in " ".join(remarks(answer, str, Plain()))


def test_a_limit_of_trials_holds_in_as_many_trials():
    """A customer costs at most 11.8 in 95 % of the trials, so a margin of 60 % needs a price of 29.5."""
    scenario = made(two="price: 29.5", vendor="{uniform: [4, 6]}")
    limit = "gross_margin >= 60% in 95% of trials"
    answer = found("plans.one.price=5..60", keep=limit, scenario=scenario, trials=400)
    assert answer.best.keeps_all
    assert answer.best.values[0] == pytest.approx(29.5, rel=0.03)


def test_a_limit_that_no_price_keeps_is_named():
    """The answer says which one binds, and how near the values come."""
    answer = found("plans.one.price", "plans.two.price", keep="gross_margin >= 99.9%")
    assert not answer.is_found
    assert (answer.courses, answer.regrets) == ((), ())
    said = sentence(answer, str, Plain())
    assert said.startswith("No values that were searched keep Gross margin: 99.9% or more")
    assert several_json(answer)["found"] is False


def test_of_two_limits_the_one_that_is_not_kept_is_named():
    """The other one is kept by the nearest values."""
    targets = [Target.read("lowest_cash >= 0"), Target.read("gross_margin >= 99.9%")]
    assert [one.kpi for one in best_of(made(), ["plans.one.price"], keep=targets).binding] == ["gross_margin"]


def test_an_inelastic_price_ends_at_the_bound():
    """More brings more as far as anyone looks, and the answer says so."""
    answer = found("plans.one.price=20..80", scenario=made("price: 30, price_elasticity: 0.5"))
    assert (answer.best.values[0], answer.courses[0].end) == (80, "high")
    assert "lies at the end of what was searched" in " ".join(remarks(answer, str, Plain()))


def test_without_a_response_the_answer_warns():
    """Every rise pays where nobody leaves, which is no advice."""
    answer = found("plans.one.price", scenario=made("price: 30"))
    assert answer.courses[0].end == "high"
    assert "assumes no response" in " ".join(remarks(answer, str, Plain()))


def test_being_wrong_about_the_elasticity_costs_what_the_two_prices_differ_by():
    """Profit at elasticity e and price p is in proportion to p^-e (p - 10)."""
    answer = found("plans.one.price", scenario=made(two="price: 30"))
    for regret in answer.regrets:
        elasticity = regret.response["plans.one.price_elasticity"]

        def profit(price: float, elasticity: float = elasticity) -> float:
            return (price / 30) ** -elasticity * (price - 10)

        best = 10 * elasticity / (elasticity - 1)
        assert regret.best.values[0] == pytest.approx(best, rel=0.02)
        # Today's price of 30 brings 20 a customer of plan one, and as much of plan two, whose price stays.
        today = (answer.now.aim - 1_000_000) / 2 / 20
        assert regret.lost == pytest.approx(today * (profit(best) - profit(20)), rel=0.05)


def test_the_regret_against_a_fine_grid_is_below_one_percent():
    """In a shipped scenario, where whole devices make the outcome jagged."""
    scenario = load(SHIPPED / "support-copilot.yaml").with_values(
        {"plans.team.price_elasticity": 2.5, "plans.starter.price_elasticity": 3}
    )
    texts = "plans.team.price=400..3000", "plans.starter.price=30..300"
    answer = best_of(scenario, texts)
    choices = [Choice.read(scenario, one) for one in texts]
    grid = np.array(
        [[choices[0].at(x), choices[1].at(y)] for x in np.linspace(0, 1, 21) for y in np.linspace(0, 1, 21)]
    )
    outcomes = Limits(scenario, AIMS["end_cash"], (), 0).at(choices, grid).aims
    assert answer.best.aim >= outcomes.max() - 0.01 * abs(outcomes.max())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (["plans.one.price", "plans.one.price"], "is named twice"),
        (["plans.one.seat_price"], "give bounds"),
        (["plans.one.included_requests"], "all requests"),
        (["plans.one.price=9"], "names no bounds"),
        (["plans.one.price=9..1"], "lower bound first"),
        (["plans.one.price=5..5"], "give two different bounds"),
        (["plans.one.prize"], "is not an assumption"),
        (["plans.one.price=1..2"] * 7, "is named twice"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(changes: list[str], says: str):
    """What is wrong, and what to do."""
    with pytest.raises(PlanError, match=says):
        found(*changes)


def test_customers_under_water_are_a_limit_like_any_other():
    """A flat fee below what the heaviest tenth costs leaves that tenth under water, and a higher one lifts it."""
    scenario = made("price: 12, price_elasticity: 3", "price: 100")
    answer = found("plans.one.price=10..80", keep="tenths_under_water <= 0", scenario=scenario)
    assert answer.now.outcomes[0] > 0
    assert answer.best.outcomes[0] == 0
    assert answer.best.values[0] > 20


def test_a_runway_that_never_ends_is_as_long_as_the_projection():
    """Nothing does better than that."""
    answer = best_of(made(), ["plans.one.price"], aim="runway")
    assert not answer.is_better
    assert "beyond the projection" in sentence(answer, str, Plain())


def test_without_a_response_no_best_values_are_named():
    """Today's price can always be raised then, so only bounds that are given make an answer worth applying."""
    deaf = made("price: 30")
    answer = found("plans.one.price", scenario=deaf)
    assert answer.is_better
    assert not answer.is_advised
    assert "No best values can be named" in sentence(answer, str, Plain())
    assert "give plans.one.price_elasticity a value" in " ".join(remarks(answer, str, Plain()))
    assert found("plans.one.price=20..40", scenario=deaf).is_advised


def test_rounded_values_stay_within_the_bounds_that_were_given():
    """The best lies at the lower bound, which has more digits than values are rounded to."""
    answer = found("plans.one.price=25.0046..30")
    assert answer.courses[0].end == "low"
    assert answer.best.values[0] >= 25.0046
    assert answer.courses[0].low >= 25.0046
