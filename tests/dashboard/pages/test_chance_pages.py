"""Chance on the pages: why trials fail, how exact they are, what depends on what, and differences between scenarios."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from page_text import texts
from streamlit.testing.v1 import AppTest
from test_compare_any import own

from dashboard.parts.chance import exact
from dashboard.parts.words import JOINER

Page = Callable[..., AppTest]


def test_the_risk_page_says_when_and_why_cash_runs_out(page: Page):
    """Before each round, cash at risk, and what was unusual in the trials that ran out."""
    session = page("risk", trials=300)
    said = texts(session)
    assert re.search(r"In 5% of the trials cash falls below −?-?\$[\d,.]+", said)
    assert re.search(r"With \$[\d,.]+[KM]? more at the start, 95% of the trials would never fall below the floor", said)
    tile = next(metric for metric in session.metric if metric.label == "Cash at risk")
    assert re.fullmatch(r"-\$[\d,.]+[KM]? ± \$[\d,.]+[KM]?", tile.value.replace("\\", "").replace(JOINER, ""))
    assert "missing for the floor: $" in tile.help.replace("\\", "")
    assert re.search(r"In the \d+% of the trials that ran out of cash, Conversion · Team was low \(median", said)
    tables = [list(one.value.columns) for one in session.dataframe]
    assert any("Before this closes" in heads for heads in tables)
    assert any("Unusual" in heads for heads in tables)


def test_more_trials_run_when_asked_for(page: Page, monkeypatch: pytest.MonkeyPatch):
    """A button adds trials for as long as it may; then the sentence is about all of them."""
    monkeypatch.setattr(exact, "PATIENCE", 0.01)
    session = page("risk", trials=300)
    assert "300 trials tell the chance of running out of cash to" in texts(session)
    begin = next(one for one in session.button if str(one.key).startswith("begin:enough"))
    assert re.search(r"2,300 trials tell the chance of running out of cash to", texts(begin.click().run()))


def test_a_figure_goes_with_an_assumption(page: Page):
    """The chance of running out falls from one end of an assumption to the other."""
    session = page("risk", trials=300)
    session.session_state["depends-open"] = True
    chosen = next(one for one in session.run().selectbox if one.key == "depends-on")
    assert chosen.value == "plans.team.conversion"  # what moves cash most
    session = chosen.select("plans.team.conversion").run()
    said = texts(session)
    assert re.search(r"Chance of running out of cash is \d+% on average where Conversion · Team is about", said)


def test_the_comparison_tells_differences_over_the_same_trials(page: Page, home: Path):
    """A dearer plan has more or less cash, with the interval of the trials."""
    key = own(home, "Assistant 1600", 1600)
    session = page("compare", trials=100).multiselect(key="other-scenarios").set_value([key]).run()
    found = texts(session)
    assert "cash at the end on average (in 90% of the trials from" in found
    assert re.search(r"It runs out of cash in (\d+ (more|fewer)|as many) of 100 trials", found)
