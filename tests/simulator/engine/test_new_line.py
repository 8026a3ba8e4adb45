"""A new line in a file of its own is part of the model, with no other change."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from simulator import lines as business_lines
from simulator.answers.explain import Ledger, explain
from simulator.answers.projection import project
from simulator.engine import formula
from simulator.lines import business
from simulator.scenario.scenario import Scenario

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
    """Add a file with one new cost line to the lines; nothing else changes."""
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
    """A new line has a formula, a unit, a place under the cost of revenue and an assumption with a default."""
    scenario = read()
    cost = explain(scenario, "cost_of_revenue", 3, Ledger.of(scenario))
    node = next(child for child in cost.inputs if child.key == "insurance[basic]")
    assert node.formula == "customers × premium"
    assert node.value == pytest.approx(node.inputs[0].value * 2.5)
    assert business().check_units() == []
    assert "insurance" in {name for name, traced in business().formulas.items() if formula.text(traced)}


@pytest.mark.usefixtures("newcomer")
def test_a_new_lines_assumption_can_be_set(read: Callable[..., Scenario]):
    """The scenario file accepts the new name at once."""
    scenario = read(("overage_price: 0.1\n", "overage_price: 0.1\n    premium: 7\n"))
    assert scenario.assumptions["plans.basic.premium"].central == 7
