"""Whole edits: a new price until pages show its figures, and the parts of that time.

A page shows the base case first, and then the trials. Both are drawn here without a browser, so what Streamlit sends
and the browser draws comes on top.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks.clock import FIRST, largest, parts, taken
from dashboard.desk import cached
from dashboard.desk.desk import shipped
from dashboard.desk.drafts import Shelf
from simulator.answers.pricing.priced import price_of
from simulator.answers.projection import project, with_evidence, with_more_trials, with_trials
from simulator.answers.variations.sensitivity import tornado
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

APP = Path(__file__).parents[1] / "app.py"
PAGE = Path(__file__).with_name("one_page.py")
EDITS = 7
TRIALS = cached.MOST_TRIALS


def edits(scenario: Scenario) -> Callable[[], Scenario]:
    """Return a function that gives the first plan that charges a price never tried before."""
    prices = itertools.count(1_000)
    plan = next(plan for plan in scenario.entities["plan"] if price_of(scenario, plan) == "price")
    return lambda: scenario.with_value(f"plans.{plan}.price", next(prices))


def computing(path: Path) -> None:
    """Print what the parts of an edit compute."""
    scenario = load(path)
    edit, base = edits(scenario), project(scenario, 0, evidence=False)
    tried = with_trials(base, TRIALS)

    def evidence() -> object:
        base.figures.known.pop("evidence", None)
        return with_evidence(base).evidence

    works = {
        "reading the file": lambda: load(path),
        "a new price, and its hash": lambda: edit().hash,
        "the base case after a new price": lambda: project(edit(), 0, evidence=False),
        f"{TRIALS:,} trials, added to the base case": lambda: with_trials(base, TRIALS),
        "percentiles of all lines": lambda: with_trials(base, TRIALS).compute_percentiles(),
        "2,000 more trials for the verdict": lambda: with_more_trials(tried),
        "evidence behind the costs": evidence,
        "swings of single assumptions": lambda: tornado(scenario),
    }
    parts(f"Computing, {path.stem}: {len(base.series):,} rows x {scenario.months} months", EDITS, works)


def drawing(path: Path) -> None:
    """Print what a page takes after a new price: its base case, then its trials, and again with nothing new."""
    edit = edits(load(path))
    for page in ("overview", "risk"):
        session = AppTest.from_file(str(PAGE), default_timeout=60)

        def draw(trials: int, session: AppTest = session) -> None:
            session.session_state["trials"] = trials
            session.run()
            if session.exception:
                raise RuntimeError(session.exception[0].message)

        def first(session: AppTest = session, page: str = page, draw: Callable[[int], None] = draw) -> None:
            session.session_state["page"], session.session_state["scenario"] = page, edit()
            draw(0)

        works = {
            "a new price: the page with its base case": first,
            "the page with its trials": lambda draw=draw: draw(TRIALS),
            "the page again": lambda draw=draw: draw(TRIALS),
        }
        parts(f"{page.capitalize()}, {path.stem}", EDITS, works)


def whole() -> None:
    """Print what the app as a whole takes from a price that is typed until the trials are on the page."""
    draft = shipped(FIRST.name)
    Shelf().save(draft)
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["draft"] = draft.id
    app.run()
    prices = itertools.count(1_000)
    lever = next(one.key for one in app.number_input if (one.key or "").startswith("lever:") and "price" in one.key)

    def edit() -> None:
        app.number_input(key=lever).set_value(float(next(prices))).run()

    edited, again = taken(EDITS, edit, app.run)
    print(f"The app, {lever.removeprefix('lever:')} changed until all is settled: {edited}; run again: {again}")


def main() -> None:
    """Print all figures of this module."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["BREAKEVEN_HOME"] = home
        for path in dict.fromkeys((FIRST, largest()[0])):
            computing(path)
            drawing(path)
        whole()


if __name__ == "__main__":
    main()
