"""The value that meets a target, against roots known by hand, and what is said where there is none."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from costs_alone import made
from made import shortened
from scipy.stats import norm

from simulator.answers.projection import project
from simulator.answers.solving.columns import SideBySide
from simulator.answers.solving.frontier import frontier
from simulator.answers.solving.lever import Within
from simulator.answers.solving.outcome import Judge
from simulator.answers.solving.search import Solution, solve
from simulator.answers.solving.target import Target
from simulator.errors import BreakevenError, PlanError
from simulator.output.prices import Plain
from simulator.output.solved import remarks, sentence, solution_json, value_words
from simulator.scenario import document
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario


def found(
    until: str, change: str = "amount", scenario: Scenario | None = None, trials: int | None = None, **bounds: float
) -> Solution:
    """Return the answer for a target."""
    return solve(scenario or made(), change, Target.read(until), Within(**bounds), trials)


def applied(answer: Solution) -> Scenario:
    """Return the scenario with the value found."""
    assert answer.root is not None
    return answer.lever.at(answer.root.value)


def value(answer: Solution) -> float:
    """Return the value found, which meets the target where a projection is run with it."""
    assert answer.root is not None
    assert answer.root.met
    kpi = project(applied(answer), answer.trials, evidence=False).kpis[answer.target.kpi]
    if answer.target.share is None and kpi.value is not None:
        assert answer.target.holds(kpi.value)
    return answer.root.value


# Roots by hand


def test_the_round_that_leaves_a_given_cash_is_found():
    """Cash at the end is 30,000 + the round − 120,000, which is 25,000 with a round of 115,000."""
    assert value(found("end_cash >= 25000")) == pytest.approx(115_000, rel=1e-8)


def test_todays_value_is_kept_where_it_meets_the_target():
    """The answer is then how far it may fall: cash of −50,000 at the end leaves room for a round of 40,000."""
    answer = found("end_cash >= -50000")
    assert (answer.now.met, value(answer)) == (True, pytest.approx(40_000, rel=1e-8))
    assert "met today" in sentence(answer, "the round", Plain())
    assert "falls from" in sentence(answer, "the round", Plain())


def test_a_ceiling_is_found_from_below():
    """Cash of at most 10,000 at the end allows a round of 100,000."""
    assert value(found("end_cash <= 10000")) == pytest.approx(100_000, rel=1e-8)


def test_a_month_is_a_step():
    """Cash of 30,000 + the round, at 10,000 a month, falls below zero in month 9 only from a round of 60,000 on."""
    answer = found("runway >= 9")
    assert value(answer) == pytest.approx(60_000, rel=1e-6)
    assert answer.now.outcome.value == 8


def test_never_lies_beyond_the_horizon():
    """A company that does not run out within its 12 months has a runway of 100 months or more."""
    answer = found("runway >= 100")
    assert value(answer) == pytest.approx(90_000, rel=1e-6)
    assert math.isinf(answer.root.outcome.value) if answer.root else False
    assert solution_json(answer)["outcome"] is None


def test_never_is_later_than_any_bound():
    """For the same reason such a company has no runway of 6 months or less."""
    assert value(found("runway <= 6")) < 40_000


def test_a_schedule_moves_in_proportion():
    """Its first level is named, and the rest keeps its ratio: 10,000 and then 20,000 cost 180,000 in a year."""
    scenario = made(cost="{0: 10000, 6: 20000}", cash=100_000, amount=1)
    answer = found("end_cash >= 1", "fixed_overhead", scenario)
    assert value(answer) == pytest.approx(100_000 / 18, rel=1e-6)
    assert answer.lever.literal(5_000) == {0: 5000, 6: 10000}
    assert any("in proportion" in remark for remark in remarks(answer, Plain()))


def test_an_assumption_that_begins_later_is_named_by_its_first_level():
    """Costs that begin in month 6 have no first month's value to scale."""
    scenario = made(cost="{0: 0, 6: 20000}", cash=100_000, amount=1)
    answer = found("end_cash >= 40001", "fixed_overhead", scenario)
    assert value(answer) == pytest.approx(10_000, rel=1e-6)


def test_a_root_at_the_end_of_the_range():
    """Without any churn the 100th customer is there in month 10, and with any a customer fewer."""
    scenario = made(signups=100, months=10, plan="opening_customers: 0")
    peak = project(scenario.with_value("plans.one.churn", 0), 0).kpis["end_customers"].value
    answer = found(f"end_customers >= {peak}", "plans.one.churn", scenario)
    assert value(answer) == 0


def test_the_nearest_of_several_roots_is_named_and_the_others_counted():
    """A fee earns the square of nothing at both ends: with an elasticity of 2 the profit has a peak inside."""
    scenario = made(signups=1_000, months=24, plan="price_elasticity: 3, reference_bill: 30", amount=1)
    top = project(scenario.with_value("plans.one.price", 15), 0).kpis["end_cash"].value
    assert top is not None
    answer = found(f"end_cash >= {top - 2_000}", "plans.one.price", scenario)
    assert answer.others == 1
    assert 15 < value(answer) < 30
    assert any("1 more place" in remark for remark in remarks(answer, Plain()))


def test_what_cannot_be_met_says_how_near_it_comes():
    """Overheads of zero leave the cash of the start and the round, and no more."""
    answer = found("end_cash >= 200000", "fixed_overhead")
    assert (answer.root, answer.best.value, answer.best.outcome.value) == (None, 0, pytest.approx(80_000))
    assert "alone cannot bring that. At best, with 0 USD/month, it is 80,000 USD" in sentence(answer, "it", Plain())


def test_what_is_always_met_says_so():
    """Cash above minus a billion."""
    answer = found("end_cash > -1e9")
    assert answer.is_met_everywhere
    assert "met with it anywhere from 0 USD to 800,000 USD" in sentence(answer, "it", Plain())


def test_a_kpi_without_a_formula_is_solved_as_well():
    """LTV over CAC is computed from the whole base case; it falls as a channel costs more."""
    scenario = made(signups=100, months=24).with_values(
        {"channels.word.budget": 1_000, "channels.word.most_signups": 1_000, "channels.word.cost_per_signup": 5}
    )
    now = project(scenario, 0).kpis["ltv_to_cac"].value
    assert now is not None
    answer = found(f"ltv_to_cac >= {2 * now}", "channels.word.budget", scenario)
    assert value(answer) < 1_000


# Chance

UNCERTAIN = made(cost="{normal: [10000, 1000]}", trials=2_000)


def test_a_chance_is_met_at_its_quantile():
    """Costs of a year are normal, so the round has to cover their 90 % quantile."""
    answer = found("end_cash >= 0 in 90% of trials", scenario=UNCERTAIN)
    exact = 12 * (10_000 + 1_000 * norm.ppf(0.9)) - 30_000
    assert abs(value(answer) - exact) < 4 * answer.error
    # The quantile's own standard error: the square root of s (1 − s) / n over the density of costs. Of a single
    # assumption, each slice of a hypercube knows it, so that the error is a quarter, the least that is claimed.
    density = norm.pdf(norm.ppf(0.9)) / 12_000
    assert answer.error == pytest.approx(math.sqrt(0.09 / 2_000) / density / 4, rel=0.3)


def test_a_share_of_trials_and_the_chance_of_running_out_agree():
    """Cash that lasts in 90 % of the trials runs out in 10 %."""
    lasts = found("runway >= 12 in 90% of trials", scenario=UNCERTAIN, trials=400)
    ruined = found("probability_of_ruin <= 10%", scenario=UNCERTAIN, trials=400)
    assert value(lasts) == pytest.approx(value(ruined), rel=0.01)
    assert project(applied(lasts), 400).kpis["probability_of_ruin"].value <= 0.1


def test_more_trials_narrow_the_error():
    """Four times the trials halve it, where slices do not tell it yet."""
    few, many = (found("end_cash >= 0 in 90% of trials", scenario=UNCERTAIN, trials=count) for count in (400, 1_600))
    assert few.error / many.error == pytest.approx(2, rel=0.4)


def test_the_same_call_gives_the_same_answer():
    """All values are tried on the same trials."""
    one, other = (found("end_cash >= 0 in 80% of trials", scenario=UNCERTAIN, trials=300) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("until", "change"),
    [("runway >= 12 in 90% of trials", "amount"), ("end_cash >= 0 in 50% of trials", "fixed_overhead")],
)
def test_trials_that_need_not_run_change_nothing(until: str, change: str, monkeypatch: pytest.MonkeyPatch):
    """The same value, error and outcome come of running all trials at every value."""
    quick = found(until, change, UNCERTAIN, trials=400)
    asked: list[int] = []
    monkeypatch.setattr(Judge, "tells_trials_apart", property(lambda judge: asked.append(1)))
    slow = found(until, change, UNCERTAIN, trials=400)
    assert asked
    assert (quick.root, quick.error, quick.others) == (slow.root, slow.error, slow.others)


def test_a_trial_unlike_both_of_its_neighbours_is_noticed(monkeypatch: pytest.MonkeyPatch):
    """Where the trials that did not run would have differed, all of them run."""
    until = "end_cash >= 0 in 90% of trials"
    right = found(until, scenario=UNCERTAIN, trials=400)
    monkeypatch.setattr(Judge, "of_some", lambda judge, variant, places: np.zeros(len(places), dtype=bool))
    assert found(until, scenario=UNCERTAIN, trials=400).root == right.root


def test_some_trials_run_alone_as_among_all(shipped: Scenario):
    """Each trial has its own draws and luck, whichever run beside it."""
    beside, places = SideBySide(shipped, 60), [3, 17, 18, 59]
    variant = shipped.with_value("plans.team.churn", 0.05)
    (every,) = beside.run([variant], ["cash", "customers"])
    some = beside.some(variant, ["cash", "customers"], places)
    for name, line in some.lines.items():
        assert np.array_equal(line, every.lines[name][:, :, places])


def test_a_chance_that_cannot_be_reached_says_how_near_it_comes():
    """The best end is looked at on all trials."""
    answer = found("end_cash >= 0 in 90% of trials", scenario=UNCERTAIN, trials=400, high=75_000)
    assert answer.root is None
    assert 0 < answer.best.outcome.value < 0.3
    assert "of the trials; today it is" in sentence(answer, "it", Plain())


def test_an_uncertain_assumption_keeps_its_spread():
    """Moving the range itself: 150,000 cover the year in 90 % of trials at 1.128 times the mean."""
    answer = found(
        "end_cash >= 0 in 90% of trials", "fixed_overhead", made(cost="{normal: [10000, 1000]}", cash=100_000)
    )
    exact = 150_000 / 12 / (1 + 0.1 * norm.ppf(0.9))
    assert abs(value(answer) - exact) < 4 * answer.error
    assert answer.lever.literal(12_000) == {"normal": [12000, 1200]}


def test_a_member_gets_a_value_of_its_own_where_all_share_one():
    """The scenario states the price of tokens for all pools; only the one that is moved gets another."""
    text = (
        made(signups=100)
        .text.replace(", vendor_output_price: 5", "")
        .replace("tax_rate: 0", "tax_rate: 0, vendor_output_price: 5")
    )
    scenario = parse(text, Path(), "company.yaml")
    half = project(scenario.with_value("vendor_output_price", 2.5), 0).kpis["end_cash"].value
    answer = found(f"end_cash >= {half}", "pools.vendor.vendor_output_price", scenario)
    assert value(answer) == pytest.approx(2.5, rel=1e-6)
    assert applied(answer).assumptions["vendor_output_price"].central == 5


# Two assumptions


def test_the_frontier_gives_the_first_for_each_value_of_the_second():
    """The round covers a year of costs beyond the cash at the start: a straight line."""
    found = frontier(made(), ("amount", "fixed_overhead"), Target.read("end_cash >= 0"))
    costs = np.array([cost for cost, _ in found.rows])
    rounds = [one.root.value for _, one in found.rows if one.root]
    assert costs[[0, -1]] == pytest.approx([5_000, 20_000])
    assert rounds == pytest.approx(12 * costs - 30_000, rel=1e-6)


# What is refused


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("runway", "is not a target"),
        ("", "is not a target"),
        ("runway >= soon", "is not a number"),
        ("runwy >= 18", "did you mean runway"),
        ("runway = 18", "does not compare"),
        ("runway != 18", "does not compare"),
        ("runway >= 18 in 120% of trials", "above 0% and at most 100%"),
        ("runway >= 18 in 0% of trials", "above 0% and at most 100%"),
        ("runway >= 18 in 95 of trials", "no share of the trials"),
        ("gross_margin >= 70", "write 70%, or 7000% if"),
        ("nrr >= 1.125", "1.125 is 112.5%; write 1.125%, or 112.5% if you mean that"),
        ("runway >= nan", "is not a number"),
    ],
)
def test_a_text_that_is_no_target_is_refused(text: str, says: str):
    """In a sentence that says what to write."""
    with pytest.raises(PlanError, match=says):
        Target.read(text)


@pytest.mark.parametrize(
    "text", ["runway >= 18 in 95% of trials", "runway≥18 in 0.95 of the trials", "runway => 18 in 95% of trials"]
)
def test_a_target_may_be_written_in_several_ways(text: str):
    """With or without blanks, as a percentage or a fraction."""
    assert Target.read(text) == Target("runway", ">=", 18, 0.95)


def test_money_may_have_commas():
    """As people write it."""
    assert Target.read("end_cash > 1,250,000").bound == 1_250_000


@pytest.mark.parametrize(
    ("until", "change", "search", "says"),
    [
        ("end_cash > 0", "amount", {"low": 5, "high": 3}, "lower --from, or a higher --to"),
        ("end_cash > 0", "amount", {"low": -5}, "-5 is below 0"),
        ("end_cash > 0", "nothing", {}, "nothing is not an assumption"),
        ("end_cash > 0", "channels.word.budget", {}, "give --from and --to"),
        ("end_cash > 0 in 90% of trials", "amount", {}, "nothing in this scenario is drawn"),
        ("probability_of_ruin < 5%", "amount", {"trials": 0}, "none are run"),
        ("ltv_to_cac > 3 in 90% of trials", "amount", {}, "known for the base case alone"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(until: str, change: str, search: dict[str, int], says: str):
    """With what to do."""
    with pytest.raises(BreakevenError, match=says):
        found(until, change, **search)


def test_the_answer_is_written_as_the_file_would_state_it():
    """What is printed for --set gives the value found."""
    shown = solution_json(found("end_cash >= 0 in 90% of trials", "fixed_overhead", UNCERTAIN))
    path, _, text = shown["set"].partition("=")
    assert document.read(f"value: {text}", "")["value"] == shown["literal"]
    assert UNCERTAIN.with_value(path, shown["literal"]).assumptions[path].central == pytest.approx(shown["value"])


@pytest.mark.parametrize(
    "until", ["runway >= 18 in 90% of trials", "probability_of_ruin <= 10%", "gross_margin >= 50%"]
)
def test_the_value_found_in_a_company_that_ships_meets_the_target_in_a_projection(until: str, shipped: Scenario):
    """What the search promises on its columns is what the same trials of a projection come to."""
    target = Target.read(until)
    answer = solve(shipped, "rounds.seed.amount" if "margin" not in until else "plans.team.churn", target, trials=200)
    kpis = project(applied(answer), 200, evidence=False).kpis
    if target.share is None:
        assert target.holds(kpis[target.kpi].value)
    else:
        assert 1 - kpis["probability_of_ruin"].value >= target.share


def test_an_error_that_changes_no_digit_is_not_written():
    """A round that closes in whole months is found to a millionth of one, which would read as 4 months ± 0 months."""
    scenario = shortened(load(Path(__file__).parents[4] / "scenarios" / "credit-risk.yaml"), 14)
    found = solve(scenario, "rounds.seed.close_month", Target.read("runway >= 12 in 99% of trials"), trials=200)
    assert found.root is not None
    assert 0 <= found.error < 1e-4
    assert "±" not in value_words(found, Plain())
    assert not any("±" in said for said in remarks(found, Plain()))
