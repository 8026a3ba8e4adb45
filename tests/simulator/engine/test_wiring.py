"""What the name of a parameter reads: this month, last month, the past, members and groups."""

import numpy as np
import pytest
from made import by_month, company, echo, joined, lines, model, run, simulation, typed

from simulator.engine.model import Model
from simulator.engine.quantities import DirectCost, Money, Number, Share, Tokens
from simulator.engine.wiring import Members
from simulator.errors import PlanError


def doubled(x: Number) -> Number:
    return 2 * x


def plans(*names: str) -> Members:
    return Members({"plan": names})


def pointing(plan_names: tuple[str, ...], pools: tuple[str, ...], *places: int) -> Members:
    """Return plans that each point at the pool at that position."""
    return Members({"plan": plan_names, "pool": pools}, {("plan", "pool"): places})


def load_by_pool() -> Model:
    """Return a line per pool that sums a line per plan."""
    return joined(
        lines(echo("load", "demand", Tokens), per="plan"), lines(echo("served", "total_load", Tokens), per="pool")
    )


def test_a_bare_name_reads_this_months_value():
    """`x` is the assumption x of the same month."""
    assert company(run(model(doubled), {"x": by_month(1, 5, 7)})["doubled"]) == [2, 10, 14]


def test_a_line_reads_another_line_whatever_their_order():
    """`doubled` is written after the line that reads it, and runs before it."""

    def more(doubled) -> Number:
        return doubled + 1

    assert company(run(model(more, doubled), {"x": 4})["more"]) == [9, 9, 9]


def test_month_counts_from_zero():
    """`month` is 0 in the first month."""
    assert company(run(model(echo("age", "month", Number)), {})["age"]) == [0, 1, 2]


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
    made = joined(lines(echo("fee", "price", Money), per="plan"), lines(echo("income", "total_fee", Money)))
    assert company(run(made, {"price": [3, 4, 5]}, plans("a", "b", "c"))["income"]) == [12, 12, 12]


def test_total_follows_pointers_into_a_pool():
    """A line per pool that reads `total_load` sums only the plans that point at it."""
    members = pointing(("a", "b", "c"), ("large", "small"), 1, 0, 1)
    assert run(load_by_pool(), {"demand": [1, 10, 100]}, members)["served"][0] == [10, 101]


def test_total_of_a_table_sums_what_the_reader_lacks():
    """A line per plan and feature is summed over features per plan, over plans per pool, over both per company."""
    use = lines(echo("use", "plan_amount", Tokens, "feature_length", Number), per=("plan", "feature"))
    readers = {"of_plan": ("plan",), "of_pool": ("pool",), "of_all": ()}
    made = joined(use, *(lines(echo(name, "total_use", Tokens), per=per) for name, per in readers.items()))
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
    made = joined(lines(echo("fee", "price", Money), per="plan"), lines(echo("income", "total_fee", Money)))
    assert company(run(made, {"price": np.zeros((1, 0, 1))}, plans())["income"]) == [0, 0, 0]


def test_past_reads_every_month_so_far():
    """Cohorts of 10, 20 and 30 with survival 1, .5 and .25 leave 10, 25 and 42.5."""
    signed = typed("signed", "new", Number, Number)

    def survival(month, last_survival=1.0) -> Share:
        return np.where(month == 0, 1, last_survival * 0.5)

    def stock(past_signed, past_survival) -> Number:
        return np.vecdot(past_signed, past_survival[..., ::-1])

    result = run(model(signed, survival, stock), {"new": by_month(10, 20, 30), "opening_survival": 1})
    assert company(result["stock"]) == [10, 25, 42.5]


def test_a_prefix_of_a_kind_reads_where_the_member_points():
    """`pool_rent` in a line per plan is the rent of the plan's own pool."""
    share = lines(echo("share", "pool_rent", Money, "part", Number), per="plan")
    members = pointing(("a", "b", "c"), ("large", "small"), 1, 0, 1)
    made = joined(lines(echo("rent", "price", Money), per="pool"), share)
    assert run(made, {"price": [100, 7], "part": [1, 2, 3]}, members)["share"][0] == [7, 200, 21]


def test_a_prefix_of_a_kind_reads_assumptions_too():
    """`pool_speed`, which is not a line, is an assumption per pool."""
    made = model(typed("wait", "pool_speed", Number, Number), per="plan")
    assert made.inputs["speed"].home == ("pool",)
    assert run(made, {"speed": [5, 9]}, pointing(("a", "b"), ("x", "y"), 1, 0))["wait"][0] == [9, 5]


def test_last_and_a_prefix_combine():
    """`last_pool_rent` is last month's rent of the plan's pool."""
    owed = lines(echo("owed", "last_pool_rent", Money), per="plan")
    made = joined(lines(echo("rent", "price", Money), per="pool"), owed)
    members = pointing(("a", "b"), ("x", "y"), 1, 0)
    assert run(made, {"price": [100, 7], "opening_rent": [1, 2]}, members)["owed"] == [[2, 1], [7, 100], [7, 100]]


def test_a_group_sums_lines_of_any_kind():
    """`total_direct_cost` adds every line that returns a DirectCost, of the company and of its plans."""
    rent, fees = typed("rent", "price", Money, DirectCost), typed("fees", "fee", Money, DirectCost)
    made = joined(lines(rent, echo("spent", "total_direct_cost", Money)), lines(fees, per="plan"))
    assert company(run(made, {"price": 100, "fee": [1, 2]}, plans("a", "b"))["spent"]) == [103, 103, 103]


def test_a_total_without_a_pointer_is_refused():
    """Summing plans by pool needs every plan to name its pool."""
    with pytest.raises(PlanError, match="served: the line sums load, but plan points at no pool"):
        simulation(load_by_pool(), {"demand": [1, 2]}, Members({"plan": ("a", "b"), "pool": ("p",)}))
