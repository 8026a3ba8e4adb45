"""In every scenario, the books balance, flows move stocks, and parts sum to wholes."""

from pathlib import Path

import numpy as np
import pytest
from companies import company_texts, everything
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from invariants import check

from simulator.answers.draws import draw
from simulator.lines import business
from simulator.scenario.numbers import base_values, simulation_of
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

SCENARIOS = Path(__file__).parents[3] / "scenarios"
SHIPPED = sorted(SCENARIOS.glob("*.yaml"))
OVERLAYS = sorted((SCENARIOS / "overlays").glob("*.yaml"))
HERE = Path(__file__).parent
# Every third scenario in the suite, all of them in a soak.
SOME = [path if place % 3 == 0 else pytest.param(path, marks=pytest.mark.soak) for place, path in enumerate(SHIPPED)]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_books_of_shipped_scenarios_balance(path: Path):
    """All rules hold in every month of twenty trials of every shipped scenario."""
    scenario = load(path)
    assert check(simulation_of(scenario, draw(scenario, 20))) == []


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.stem)
def test_books_balance_under_a_what_if(overlay: Path):
    """All rules hold under every shipped what-if; the scenarios take turns."""
    scenario = load(SHIPPED[OVERLAYS.index(overlay) % len(SHIPPED)], [overlay])
    assert check(simulation_of(scenario, draw(scenario, 3))) == []


@pytest.mark.parametrize("path", SOME, ids=lambda path: path.stem)
def test_books_balance_when_everything_happens_at_once(path: Path):
    """All rules hold in a scenario with all what-ifs at once."""
    scenario = load(path, OVERLAYS)
    assert check(simulation_of(scenario, draw(scenario, 3))) == []


def test_books_of_a_company_that_has_everything_balance():
    """All rules hold with members of every kind, and with dates and chances."""
    scenario = everything(HERE, months=30, seed=4)
    assert check(simulation_of(scenario, draw(scenario, 20))) == []


def test_books_of_the_small_company_balance(small: Scenario):
    """All rules hold in the small scenario that other tests read."""
    assert check(simulation_of(small, draw(small, 20))) == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(text=company_texts())
def test_books_of_any_company_balance(text: str):
    """All rules hold for random members with random numbers within their limits."""
    note(text)
    scenario = parse(text, HERE)
    assert check(simulation_of(scenario, draw(scenario, 3))) == []


def money_in(name: str) -> float:
    """Return the power of money in the unit of a line or an assumption."""
    quantity = business().quantity(name)
    return dict(quantity.unit.powers).get("money", 0) if quantity else 0


def scaled_apart(scenario: Scenario, factor: float) -> list[str]:
    """Return the lines that do not scale when every price and amount is multiplied by a factor."""
    values = base_values(scenario)
    more = {path: array * factor ** money_in(path.rpartition(".")[2]) for path, array in values.items()}
    plain, other = simulation_of(scenario, values).keep(), simulation_of(scenario, more).keep()
    apart = []
    for name, line in plain.items():
        wanted = line * factor ** money_in(name)
        # A difference of two large amounts may be nothing but rounding.
        size = max(factor ** money_in(name), np.abs(wanted).max(initial=0))
        if not np.allclose(other[name], wanted, rtol=1e-9, atol=1e-9 * size):
            apart.append(name)
    return apart


@pytest.mark.parametrize("factor", [1 / 1024, 0.9, 160])
def test_money_scales_in_a_company_that_has_everything(factor: float):
    """A change of currency multiplies every amount, and leaves counts, shares and hours unchanged."""
    assert scaled_apart(everything(HERE, months=30, seed=4), factor) == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(text=company_texts(), power=st.integers(-8, 8))
def test_money_scales_in_any_company(text: str, power: int):
    """Multiplying all money by a power of two scales amounts alone; such a power moves no amount across a limit."""
    assert scaled_apart(parse(text, HERE), 2.0**power) == []
