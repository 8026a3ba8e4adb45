"""Whole edits: a new price until the base case, and the page, show its figures."""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks.clock import largest, reference, seconds
from dashboard.desk import cached
from simulator.answers.projection import project

APP = Path(__file__).parents[1] / "app.py"
EDITS = 7
# The lever of the scenario that the dashboard opens first.
LEVER = "lever:plans.team.price"


def base_case() -> None:
    """Print how long the base case of the largest scenario takes after a new price."""
    path, before = largest()
    scenario, prices = before.scenario, itertools.count(1_000)
    price = f"plans.{scenario.entities['plan'][0]}.price"

    def edit() -> None:
        project(scenario.with_value(price, next(prices)), 0, evidence=False)

    rows = len(before.series)
    edited, numpy = seconds(EDITS, edit, lambda: reference(rows, scenario.months, 1))
    print(f"{path.stem}: an edit takes {1000 * edited:.0f} ms until the base case has its figures")
    print(f"  {edited / numpy:.1f} times four NumPy operations per row and month ({1000 * numpy:.0f} ms)")


def page() -> None:
    """Print how long the first page takes after a new price, against the same page without an edit."""
    cached.MOST_TRIALS = 0  # the page shows the base case first; the trials that follow are not part of an edit
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    prices = itertools.count(1_000)

    def edit() -> None:
        app.number_input(key=LEVER).set_value(float(next(prices))).run()

    edited, again = seconds(EDITS, edit, app.run)
    print(f"page: an edit takes {edited / again:.1f} times the page without an edit ({edited:.2f} s, {again:.2f} s)")


def main() -> None:
    """Print all figures of this module."""
    base_case()
    with tempfile.TemporaryDirectory() as home:
        os.environ["BREAKEVEN_HOME"] = home
        page()


if __name__ == "__main__":
    main()
