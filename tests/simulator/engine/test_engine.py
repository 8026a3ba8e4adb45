"""The language of the model: how names are read, what is refused, and that a new line is found by itself."""

import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made import by_month, company, echo, joined, lines, model, run, simulation, typed

from simulator import lines as business_lines
from simulator.answers.explain import Ledger, explain
from simulator.answers.projection import project
from simulator.engine import formula
from simulator.engine.model import Model, lines_of
from simulator.engine.quantities import DirectCost, Heads, Hours, Money, Number, Share, Tokens, TokensPerSecond
from simulator.engine.wiring import Members
from simulator.errors import FormulaError, ModelError, PlanError
from simulator.lines import business
from simulator.scenario.scenario import Scenario


def doubled(x: Number) -> Number:
    return 2 * x


def plans(*names: str) -> Members:
    return Members({"plan": names})


def pointing(plan_names: tuple[str, ...], pools: tuple[str, ...], *places: int) -> Members:
    """Plans that each point at the pool in that place."""
    return Members({"plan": plan_names, "pool": pools}, {("plan", "pool"): places})


# What names read


def test_a_bare_name_reads_this_months_value():
    """`x` is the assumption x of the same month."""
    assert company(run(model(doubled), {"x": by_month(1, 5, 7)})["doubled"]) == [2, 10, 14]


def test_a_line_reads_another_line_whatever_their_order():
    """`doubled` is written after the line that reads it, and runs before it."""

    def more(doubled) -> Number:
        return doubled + 1

    assert company(run(model(more, doubled), {"x": 4})["more"]) == [9, 9, 9]


def test_month_counts_from_zero():
    """`month` is the number of the month."""

    def age(month) -> Number:
        return month

    assert company(run(model(age), {})["age"]) == [0, 1, 2]


def test_last_reads_the_opening_value_first():
    """`last_cash` is `opening_cash` in month 0 and the line's own value after that."""

    def cash(last_cash, flow: Money) -> Money:
        return last_cash + flow

    made = model(cash)
    assert company(run(made, {"opening_cash": 10, "flow": by_month(1, 2, 3)})["cash"]) == [11, 13, 16]
    opening = made.inputs["opening_cash"].quantity
    assert opening is not None
    assert opening.unit == made.lines["cash"].unit
    assert opening.steady  # what was there before the plan has no months


def test_total_sums_over_all_members_for_the_company():
    """A company line that reads `total_fee` gets the sum over plans."""
    fee = lines(echo("fee", "price", Money), per="plan")

    def income(total_fee) -> Money:
        return total_fee

    made = joined(fee, lines(income))
    assert company(run(made, {"price": [3, 4, 5]}, plans("a", "b", "c"))["income"]) == [12, 12, 12]


def test_total_follows_pointers_into_a_pool():
    """A line per pool that reads `total_load` sums only the plans that point at it."""
    load = lines(echo("load", "demand", Tokens), per="plan")

    def served(total_load) -> Tokens:
        return total_load

    members = pointing(("a", "b", "c"), ("large", "small"), 1, 0, 1)
    result = run(joined(load, lines(served, per="pool")), {"demand": [1, 10, 100]}, members)
    assert result["served"][0] == [10, 101]


def test_total_of_a_table_sums_what_the_reader_lacks():
    """A line per plan and feature is summed over features per plan, over plans per pool, over both per company."""
    use = lines(echo("use", "plan_amount", Tokens, "feature_length", Number), per=("plan", "feature"))

    def of_plan(total_use) -> Tokens:
        return total_use

    def of_pool(total_use) -> Tokens:
        return total_use

    def of_all(total_use) -> Tokens:
        return total_use

    made = joined(use, lines(of_plan, per="plan"), lines(of_pool, per="pool"), lines(of_all))
    members = Members(
        {"plan": ("a", "b"), "feature": ("f", "g", "h"), "pool": ("p", "q")}, {("feature", "pool"): (0, 1, 0)}
    )
    result = run(made, {"amount": [1, 10], "length": [2, 3, 4]}, members)
    assert result["use"][0] == [2, 3, 4, 20, 30, 40]
    assert result["of_plan"][0] == [9, 90]
    assert result["of_pool"][0] == [66, 33]
    assert result["of_all"][0] == [99]


def test_total_of_no_members_is_zero():
    """A company that lists no plans has no income from them."""

    def income(total_fee) -> Money:
        return total_fee

    made = joined(lines(echo("fee", "price", Money), per="plan"), lines(income))
    assert company(run(made, {"price": np.zeros((1, 0, 1))}, plans())["income"]) == [0, 0, 0]


def test_past_reads_every_month_so_far():
    """Cohorts: new 10, 20, 30 with survival 1, .5, .25 leave 10, 25, 42.5."""

    def signed(new: Number) -> Number:
        return new

    def survival(month, last_survival=1.0) -> Share:
        return np.where(month == 0, 1, last_survival * 0.5)

    def stock(past_signed, past_survival) -> Number:
        return np.vecdot(past_signed, past_survival[..., ::-1])

    result = run(model(signed, survival, stock), {"new": by_month(10, 20, 30), "opening_survival": 1})
    assert company(result["stock"]) == [10, 25, 42.5]


def test_a_prefix_of_a_kind_reads_where_the_member_points():
    """`pool_rent` in a line per plan is the rent of the plan's own pool."""
    rent = lines(echo("rent", "price", Money), per="pool")

    def share(pool_rent, part: Number) -> Money:
        return pool_rent * part

    members = pointing(("a", "b", "c"), ("large", "small"), 1, 0, 1)
    result = run(joined(rent, lines(share, per="plan")), {"price": [100, 7], "part": [1, 2, 3]}, members)
    assert result["share"][0] == [7, 200, 21]


def test_a_prefix_of_a_kind_reads_assumptions_too():
    """`pool_speed`, which no line gives, is asked for once per pool."""

    def wait(pool_speed: Number) -> Number:
        return pool_speed

    made = joined(lines(wait, per="plan"))
    assert made.inputs["speed"].home == ("pool",)
    assert run(made, {"speed": [5, 9]}, pointing(("a", "b"), ("x", "y"), 1, 0))["wait"][0] == [9, 5]


def test_last_and_a_prefix_combine():
    """`last_pool_rent` is last month's rent of the plan's pool."""
    rent = lines(echo("rent", "price", Money), per="pool")

    def owed(last_pool_rent) -> Money:
        return last_pool_rent

    result = run(
        joined(rent, lines(owed, per="plan")),
        {"price": [100, 7], "opening_rent": [1, 2]},
        pointing(("a", "b"), ("x", "y"), 1, 0),
    )
    assert result["owed"] == [[2, 1], [7, 100], [7, 100]]


def test_a_group_sums_lines_of_any_kind():
    """`total_direct_cost` adds every line that returns a DirectCost, of the company and of its plans."""

    def rent(price: Money) -> DirectCost:
        return price

    def fees(fee: Money) -> DirectCost:
        return fee

    def spent(total_direct_cost) -> Money:
        return total_direct_cost

    made = joined(lines(rent, spent), lines(fees, per="plan"))
    assert company(run(made, {"price": 100, "fee": [1, 2]}, plans("a", "b"))["spent"]) == [103, 103, 103]


def test_a_default_is_what_may_be_left_out():
    """A default in any signature that reads a name serves all of them."""

    def first(rate: Share = 0.25) -> Share:
        return rate

    def second(rate) -> Share:
        return rate

    assert model(first, second).inputs["rate"].default == 0.25


def test_inputs_say_who_reads_them():
    """An input knows its readers, for messages and for the schema."""

    def tripled(x) -> Number:
        return 3 * x

    assert model(doubled, tripled).inputs["x"].readers == ["doubled", "tripled"]


# What is refused


def test_a_line_without_a_unit_is_refused():
    """The message shows how to give one."""

    def lost(x):
        """A line."""

    with pytest.raises(ModelError, match="made.lost: the line declares no unit; annotate what it returns"):
        lines(lost)


def test_a_line_without_a_sentence_is_refused():
    """Every line tells its reader what it is."""
    module = type(sys)("bare")
    module.f = echo("f", "x", Number)
    module.f.__module__, module.f.__doc__ = "bare", None
    with pytest.raises(ModelError, match=r"bare\.f: the line has no docstring"):
        lines_of(module)


def test_private_and_imported_functions_are_no_lines():
    """A helper with a leading underscore, or from elsewhere, is left alone."""

    def _helper(x):
        return x

    module = type(sys)("bare")
    _helper.__module__ = "bare"
    module._helper, module.ceil = _helper, math.ceil
    module.doubled = doubled  # defined in this module, not in `bare`
    assert lines_of(module) == []


def _reads(parameter: str) -> Callable[..., Any]:
    """A company line that reads one name."""
    return echo("reader", parameter, Money)


def test_an_unknown_total_suggests_the_nearest_line():
    """A misspelt total is answered with the line that was meant."""
    with pytest.raises(ModelError, match="total_incme is read, but incme is not a line; did you mean income"):
        model(_reads("total_incme"), echo("income", "x", Money))


def test_an_unknown_past_is_refused():
    """Only lines have a past."""
    with pytest.raises(ModelError, match="made.reader: past_weather is read, but weather is not a line"):
        model(_reads("past_weather"))


def test_a_group_read_bare_is_refused():
    """A group is many lines; reading it as one asks for its total."""
    with pytest.raises(ModelError, match="made.reader: direct_cost is a group of lines; read total_direct_cost"):
        model(_reads("direct_cost"), echo("rent", "x", DirectCost))


def test_lines_that_wait_for_each_other_are_named():
    """The message shows the circle and the way out."""
    circle = [echo("a", "b", Number), echo("b", "c", Number), echo("c", "a", Number)]
    with pytest.raises(
        ModelError, match=r"read each other in a circle \(.*a.*→.*\); read last_… in one of them"
    ) as caught:
        model(*circle)
    assert all(name in str(caught.value) for name in "abc")


def test_last_months_value_makes_no_circle():
    """Two lines may read each other's last month."""
    made = model(echo("a", "last_b", Number), echo("b", "last_a", Number))
    assert company(run(made, {"opening_a": 1, "opening_b": 2})["a"]) == [2, 1, 2]


def test_reading_a_line_of_plans_bare_says_to_sum_it():
    """A company line cannot read one plan's value without saying whose."""
    with pytest.raises(ModelError, match=r"made.reader: fee exists once per plan; read total_fee to sum it"):
        joined(lines(_reads("fee")), lines(echo("fee", "price", Money), per="plan"))


def test_two_defaults_for_one_name_are_refused():
    """Which of them would hold is nobody's guess."""

    def first(rate: Share = 0.25) -> Share:
        return rate

    def second(rate: Share = 0.5) -> Share:
        return rate

    with pytest.raises(ModelError, match="made.second: rate has another default in first"):
        model(first, second)


def test_two_meanings_for_one_name_are_refused():
    """Two signatures must agree on what an assumption counts."""
    with pytest.raises(ModelError, match="made.spent: x has another unit or range in doubled"):
        model(doubled, typed("spent", "x", Money, Money))


def test_the_same_line_twice_is_refused():
    """Both places are named."""
    with pytest.raises(ModelError, match=r"one\.doubled: made already has a line of this name; rename one"):
        joined(lines(doubled), lines(echo("doubled", "x", Number), topic="one"))


def test_a_line_named_as_a_group_is_refused():
    """`total_direct_cost` could not tell the two apart."""
    with pytest.raises(ModelError, match="direct_cost is the name of a line and of a group"):
        model(echo("rent", "x", DirectCost), echo("direct_cost", "y", Money))


def test_an_assumption_read_per_pair_needs_an_owner():
    """In a table, `length` alone does not say whether it is the plan's or the feature's."""
    with pytest.raises(ModelError, match="write plan_length or feature_length"):
        joined(lines(echo("use", "length", Tokens), per=("plan", "feature")))


def test_a_total_without_a_pointer_is_refused():
    """Summing plans by pool needs every plan to name its pool."""
    made = joined(
        lines(echo("load", "demand", Tokens), per="plan"),
        lines(echo("served", "total_load", Tokens), per="pool"),
    )
    with pytest.raises(PlanError, match="served: the line sums load, but plan points at no pool"):
        simulation(made, {"demand": [1, 2]}, Members({"plan": ("a", "b"), "pool": ("p",)}))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (lambda x: 1 if x > 0 else 2, "np.where"),
        (lambda x: max(x, 0), "np.maximum"),
        (math.ceil, "no single value"),
        (float, "no single value"),
        (lambda x: x in (1, 2), "no single value"),
        (lambda x: np.clip(x, 0, 1), "np.clip has no formula; use one of"),
        (np.sum, "np.sum has no formula"),
        (np.sqrt, "sqrt has no formula"),
        (lambda x: x // 2, "floor_divide has no formula"),
        (lambda x: x.sum(), "no attribute 'sum'"),
        (round, "__round__"),
        (lambda x: x[0], "use only past_x"),
        (lambda x: np.minimum(x, np.inf), "inf is not allowed in a formula"),
        (lambda x: [x, x], "list is not allowed in a formula"),
        (lambda x: f"{x}", "str is not allowed in a formula"),
        (lambda x: x * np.array([1, 2]), "ndarray is not allowed in a formula"),
        (lambda x: x * np.random.default_rng().random(), "differs from call to call"),
    ],
)
def test_what_has_no_formula_is_refused_by_name(body: Callable[..., Any], says: str):
    """The message names the line and what to use."""

    def culprit(x: Number) -> Number:
        return body(x)

    with pytest.raises(FormulaError) as caught:
        Model(lines(culprit, topic="serving"), ())
    assert str(caught.value).startswith("serving.culprit: ")
    assert says in str(caught.value)


# Units


def test_a_forgotten_3600_is_found():
    """Tokens per second times hours is not tokens."""

    def capacity(rate: TokensPerSecond, hours: Hours, devices: Heads) -> Tokens:
        return rate * hours * devices

    (fault,) = model(capacity).check_units()
    assert "made.capacity: the line declares token" in fault
    assert "hour" in fault


def test_adding_money_to_hours_is_found():
    """The message shows both units."""

    def strange(x: Money, y: Hours) -> Money:
        return x + y

    assert model(strange).check_units() == [
        "made.strange: money and hour cannot be added or compared; give both the same unit"
    ]


def test_a_wrong_declared_unit_is_found():
    """A line that returns heads and computes money is named."""

    def strange(x: Money, y: Number) -> Heads:
        return x * y

    assert model(strange).check_units() == [
        "made.strange: the line declares head, but the formula gives money; correct one of the two"
    ]


def test_an_assumption_that_nobody_counts_is_found():
    """Some signature has to say what an assumption is."""
    made = model(echo("spent", "mystery", Money))
    (fault,) = made.check_units()
    assert (
        fault
        == "made.spent: no line declares the unit of mystery; annotate it in one signature, such as `mystery: Money`"
    )


def test_a_logarithm_of_money_is_found():
    """Only a plain number has a logarithm."""

    def strange(x: Money) -> Number:
        return np.log(x)

    assert model(strange).check_units() == [
        "made.strange: money is used where a plain number is needed; divide it by an amount of the same unit"
    ]


def test_the_business_has_no_misfit():
    """Every line that ships gives the unit that it declares."""
    assert business().check_units() == []


# A newcomer


INSURANCE = '''
"""Insurance, per plan."""
from simulator.engine.quantities import DirectCost, MoneyPerCustomer

PER = "plan"


def insurance(customers, premium: MoneyPerCustomer = 2.5) -> DirectCost:
    """What insuring each customer's data costs."""
    return customers * premium
'''


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file with one new cost line lies among the lines; nothing else changes."""
    (tmp_path / "insurance.py").write_text(INSURANCE)
    monkeypatch.setattr(business_lines, "__path__", [*business_lines.__path__, str(tmp_path)])
    business.cache_clear()
    yield
    business.cache_clear()
    sys.modules.pop("simulator.lines.insurance", None)
    vars(business_lines).pop("insurance", None)


def test_a_new_line_is_in_the_plan_and_in_cash(small: Scenario, read: Callable[..., Scenario], request):
    """One new file lowers cash by what it costs, with no other change."""
    before = project(small, 0)
    request.getfixturevalue("newcomer")
    after = project(read(), 0)
    cost = sum(after.series[f"insurance[{name}]"].base for name in small.entities["plan"])
    assert cost.min() > 0
    assert after.series["cost_of_revenue"].base == pytest.approx(before.series["cost_of_revenue"].base + cost)
    assert after.series["cash"].base == pytest.approx(before.series["cash"].base - np.cumsum(cost))


@pytest.mark.usefixtures("newcomer")
def test_a_new_line_explains_itself(read: Callable[..., Scenario]):
    """It has a formula, a unit, a place under the cost of revenue and an assumption with its default."""
    scenario = read()
    cost = explain(scenario, "cost_of_revenue", 3, Ledger.of(scenario))
    node = next(child for child in cost.inputs if child.key == "insurance[basic]")
    assert node.formula == "customers × premium"
    assert node.value == pytest.approx(node.inputs[0].value * 2.5)
    assert business().check_units() == []
    assert "insurance" in {name for name, traced in business().formulas.items() if formula.text(traced)}


@pytest.mark.usefixtures("newcomer")
def test_a_new_lines_assumption_can_be_set(read: Callable[..., Scenario]):
    """The scenario file takes the new name at once."""
    scenario = read(("overage_price: 0.1\n", "overage_price: 0.1\n    premium: 7\n"))
    assert scenario.assumptions["plans.basic.premium"].central == 7
