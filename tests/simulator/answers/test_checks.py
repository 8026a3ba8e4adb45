"""Checks of the books: zero in every month, and not once a number was overwritten."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.answers.checks import TOLERANCE, differences
from simulator.answers.ledger import Ledger
from simulator.engine.model import OPENING, Array
from simulator.scenario.numbers import simulation_of
from simulator.scenario.scenario import Scenario


def found(ledger: Ledger) -> dict[str, Array]:
    """Return each check by month."""
    inputs = simulation_of(ledger.scenario, ledger.values).inputs
    return differences(ledger, {name: one[0, :, 0] for name, one in inputs.items() if name.startswith(OPENING)})


def test_the_books_hold_in_every_month(shipped: Scenario):
    """Each rule is zero but for rounding."""
    checks = found(Ledger.of(shipped))
    assert {name for name, months in checks.items() if np.abs(months).max() >= TOLERANCE} == set()
    assert all(months.shape == (shipped.months, 1) for months in checks.values())


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("receivables", {"check_receivables"}),
        ("cash", {"check_cash"}),
        ("equity", {"check_balance_sheet"}),
        ("plan_revenue", {"check_revenue"}),
        ("churned_customers", {"check_customers"}),
    ],
)
def test_a_number_that_somebody_overwrote_is_found(shipped: Scenario, line: str, broken: set[str]):
    """One cent more in one month is enough."""
    ledger = Ledger.of(shipped)
    changed = ledger.lines[line].copy()
    changed[5, 0] += 0.01
    checks = found(replace(ledger, lines={**ledger.lines, line: changed}))
    assert {name for name, months in checks.items() if np.abs(months).max() >= TOLERANCE} == broken
