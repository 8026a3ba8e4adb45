"""The tree under a number: each node is what its line computes from its inputs."""

from collections.abc import Callable

import numpy as np
import pytest

from simulator.answers.explain import Ledger, Node, explain, tree
from simulator.engine.model import LUCK
from simulator.errors import PlanError
from simulator.lines import business
from simulator.scenario.scenario import Scenario

MONTHS = (0, 1, 13)


@pytest.fixture(scope="module")
def ledger(small: Scenario) -> Ledger:
    """The base case of the small scenario in full."""
    return Ledger.of(small)


@pytest.fixture(scope="module", params=MONTHS)
def every_node(ledger: Ledger, request: pytest.FixtureRequest) -> list[Node]:
    """The node of every line and member in a month."""
    members = ledger.scenario.members
    keys = [
        f"{name}[{label}]" if line.per else name
        for name, line in business().lines.items()
        for label in members.labels(line.per)
    ]
    return [explain(ledger.scenario, key, request.param, ledger) for key in keys]


def recomputed(node: Node) -> float:
    """Return the line's function of the numbers that the node lists as inputs."""
    assert node.line is not None
    read = business().reads[node.line.name]
    given = []
    for parameter in read:
        if parameter.source == LUCK:
            given.append(np.float64("nan"))
            continue
        values = [child.value for child in node.inputs if child.role == parameter.parameter]
        if parameter.when == "past":  # latest first in the tree, the month last in the line
            given.append(np.array(values[::-1]))
        else:
            given.append(np.float64(sum(values)))
    with np.errstate(all="ignore"):
        return float(node.line.function(*given))


def test_every_number_follows_from_its_inputs(every_node: list[Node]):
    """Each line's function, called with the inputs of a node, gives the node's number."""
    for node in every_node:
        assert recomputed(node) == pytest.approx(node.value, rel=1e-9, abs=1e-9), node.key


def test_every_parameter_is_shown(every_node: list[Node]):
    """Every parameter of a line appears among its inputs, except empty sums."""
    for node in every_node:
        assert node.line is not None
        shown = {child.role for child in node.inputs}
        missing = {read.parameter for read in business().reads[node.line.name]} - shown
        # A sum over a kind without members has nothing to show, and the base case has no luck.
        assert [name for name in missing - {LUCK} if not name.startswith("total_")] == [], node.key


def test_leaves_are_assumptions_or_the_month(small: Scenario, ledger: Ledger):
    """The full tree under cash ends at numbers of the file and at the number of the month."""
    leaves = {node.key: node for _, node in tree(explain(small, "cash", 2, ledger), 60) if not node.inputs}
    sums_of_nothing = {name for name, reads in business().reads.items() if all(read.over == "total" for read in reads)}
    others = {key.partition("[")[0] for key, node in leaves.items() if not node.assumption}
    assert others - sums_of_nothing == {"month"}
    assert {"tax_rate", "plans.basic.price"} <= set(leaves)


def test_a_leaf_carries_its_source(small: Scenario, ledger: Ledger):
    """An assumption in the tree has its source and date."""
    node = next(child for child in explain(small, "tax_before_credit", 2, ledger).inputs if child.key == "tax_rate")
    assert (node.assumption.source, node.assumption.as_of) == ("the law", "2026-11-09")
    assert node.assumption.evidence == "published"


def test_the_first_month_reads_the_opening_value(small: Scenario, ledger: Ledger):
    """The first month reads the opening assumption, later months last month's line."""
    assert explain(small, "cash", 0, ledger).inputs[0].key == "opening_cash"
    later = explain(small, "cash", 1, ledger).inputs[0]
    assert (later.key, later.role, later.month) == ("cash", "last_cash", 0)


def test_the_opening_value_of_a_member_is_its_own(small: Scenario, ledger: Ledger):
    """The opening heads of engineers come from that role."""
    found = explain(small, "recruiting[engineer]", 0, ledger).inputs
    assert any(child.key == "roles.engineer.opening_headcount" and child.value == 2 for child in found)


def test_a_past_read_shows_every_month(small: Scenario, ledger: Ledger):
    """Seats in month 5 read six months of new customers, the latest first."""
    past = [n for n in explain(small, "seats[basic]", 5, ledger).inputs if n.role == "past_cohort"]
    assert [node.month for node in past] == [5, 4, 3, 2, 1, 0]


def test_a_pool_shows_only_what_points_at_it(small: Scenario, ledger: Ledger):
    """Tokens of a pool come from the features that point at it, for every plan."""
    keys = [child.key for child in explain(small, "tokens_served[large]", 3, ledger).inputs]
    assert keys == ["tokens_used[basic, answers]", "tokens_used[team, answers]"]


def test_a_node_knows_unit_and_words(small: Scenario, ledger: Ledger):
    """A node has its unit in the scenario's currency and the description of its line."""
    node = explain(small, "reserved_rent[large]", 3, ledger)
    assert (node.unit, node.formula) == ("EUR", "(sum of past_signed_rent × past_in_force backwards) × hours_per_month")
    assert node.description.startswith("Rent of the pool's reserved devices this month")


def test_a_value_shared_by_all_is_found_at_the_top(small: Scenario, ledger: Ledger):
    """An assumption given once for all plans is read from the top of the file."""
    keys = {child.key for child in explain(small, "usage_deviation[team]", 3, ledger).inputs}
    assert "usage_spread" in keys


def test_a_members_value_is_that_for_all(small: Scenario, ledger: Ledger):
    """Asked for by the path of a member, it is the number at the top of the file."""
    assert explain(small, "plans.team.usage_spread", 3, ledger).key == "usage_spread"


def test_without_a_ledger_the_base_case_is_run(small: Scenario, ledger: Ledger, read: Callable[..., Scenario]):
    """It comes to the same number."""
    assert explain(read(), "cash", 7).value == ledger.lines["cash"][7, 0]
    assert small.months == len(ledger.lines["cash"])


def test_a_kpi_may_be_summed_like_a_line(small: Scenario, ledger: Ledger):
    """The sum of three months of ARR has the unit and the words of ARR; beside another number it needs no words."""
    months = [explain(small, "arr", month, ledger) for month in (11, 12, 13)]
    summed = explain(small, "arr", 13, ledger, span=3)
    assert summed.value == pytest.approx(sum(one.value for one in months))
    assert (summed.unit, summed.description) == ("EUR", months[0].description)
    beside = explain(small, "arr+cash", 13, ledger)
    assert beside.value == pytest.approx(months[2].value + explain(small, "cash", 13, ledger).value)
    assert (beside.unit, beside.description) == ("EUR", "")


@pytest.mark.parametrize(
    ("key", "month", "says"),
    [
        ("cash", 14, "there is no month 14: the scenario runs from month 0 to 13"),
        ("cash", -1, "there is no month -1"),
        ("cahs", 0, "there is no line cahs"),
        ("device_hours", 0, r"choose device_hours\[large\], device_hours\[small\]"),
        ("device_hours[huge]", 0, "exists once per pool"),
    ],
)
def test_a_number_that_does_not_exist_is_refused(small: Scenario, key: str, month: int, says: str):
    """The error lists the valid choices."""
    with pytest.raises(PlanError, match=says):
        explain(small, key, month)
