"""What pages say of the verdict: the grade or that it is open, chances with their errors, and the base case's place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from example import EXAMPLE
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.cached import judged, projected
from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from dashboard.pages.compare import grade as grade_in_table
from dashboard.pages.overview import grade
from dashboard.parts.words import Words
from simulator.answers import projection
from simulator.answers.projection import is_settled
from simulator.answers.variations.cost_drivers import Drivers, cost_drivers
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

Page = Callable[..., AppTest]

# A fifth of the trials run out of cash, and all others make a good profit.
OPEN = """\
breakeven: 1
title: Open
currency: EUR
start: 2027-01
months: 26
trials: 300
counts: expected
assumptions: {opening_cash: 200000, tax_rate: 0, hours_per_month: 730}
plans:
  basic: {price: 100, conversion: 0.5, share_of_signups: 1, churn: 0, requests_per_customer: 0, royalty_share: 40%,
    opening_customers: 5000}
overheads:
  legal: {begins: 1, once: {uniform: [0, 1000000]}}
"""
# A company whose cash ends in month 5, with money in month 8.
LATE = """\
breakeven: 1
title: Late
currency: EUR
start: 2027-01
months: 24
counts: expected
assumptions: {opening_cash: 500000, fixed_overhead: 90000, tax_rate: 0, hours_per_month: 730}
plans:
  basic: {price: 100, conversion: 0, share_of_signups: 1, churn: 0, requests_per_customer: 0, opening_customers: 10}
holders:
  founders: {shares: 1000000}
rounds:
  a: {close_month: 8, amount: 3000000, pre_money: 9000000}
"""


def of(text: str, home: Path) -> Draft:
    """Return a draft of a scenario."""
    return Draft.of("mine.yaml", home, text)


def test_an_undecided_grade_names_both(page: Page, home: Path):
    """The box has the two grades as its title, and the chance that is too close to its bound."""
    session = page("overview", trials=300, draft=of(OPEN, home))
    box = session.info[0]
    assert "Undecided: Sound or Fragile" in str(box.proto)
    assert "300 trials cannot decide the grade: the chance of running out of cash, " in texts(session)
    assert "To reach Sound:" in texts(session)


def test_a_table_names_both_grades_too():
    """The comparison shows an undecided grade as the overview does."""
    found = projected(parse(OPEN, SHIPPED), 300)
    assert grade_in_table(found, Words()) == grade(found.verdict, Words()) == "Undecided: Sound or Fragile"


def test_blocks_of_trials_are_added_to_the_first_ones():
    """Each step adds 2,000 trials behind the verdict; the chart keeps its own."""
    scenario = parse(OPEN, SHIPPED)
    counts = [judged(scenario, 300, blocks).figures.outcomes.trials for blocks in range(3)]
    assert counts == [300, 2300, 4300]
    assert judged(scenario, 300, 2).series is judged(scenario, 300, 0).series


def test_a_session_says_that_it_adds_trials_and_then_shows_them(app: Callable[..., AppTest]):
    """The page is drawn with the first trials; once more are known, it shows the verdict on all of them."""
    scenario = load(SHIPPED / EXAMPLE)
    first = judged(scenario, 1000, 0)
    session = app()
    waits = "More trials run until they decide the grade" in texts(session)
    assert waits == (not is_settled(first))
    session.session_state["blocks"] = (scenario.hash, 10)
    session.run()
    last = judged(scenario, 1000, 10)
    assert f"of {last.figures.outcomes.trials:,} trials" in texts(session)
    assert "More trials run until" not in texts(session)


def test_blocks_of_another_scenario_do_not_count(app: Callable[..., AppTest]):
    """What was added for one scenario says nothing about the next."""
    session = app()
    session.session_state["blocks"] = ("another", 3)
    assert "of 1,000 trials" in texts(session.run())


@pytest.mark.parametrize("name", ["overview", "risk"])
def test_the_base_case_is_told_from_the_median_trial(page: Page, name: str):
    """Wherever both curves are drawn, a sentence says what the base case takes and which trials it beats."""
    said = texts(page(name, trials=200))
    assert "The base case takes the centre of every range" in said
    assert re.search(r"more cash than \d+% of the trials; the median trial ends with", said)


@pytest.mark.parametrize("name", ["overview", "risk"])
def test_where_nothing_is_drawn_pages_say_so(page: Page, home: Path, name: str):
    """No chance of 0 %, but the sentence that every trial would be the base case."""
    said = texts(page(name, trials=50, draft=of(LATE, home)))
    assert "Nothing in this scenario is drawn, so every trial would be the base case." in said
    assert not re.search(r"\d% of the trials", said)


def test_chances_come_with_their_standard_errors(page: Page):
    """The page on risk says the chance, its error, the number of trials, and the chance before the next round."""
    said = texts(page("risk", trials=200))
    assert re.search(r"within 60 months is [\d.]+% ± [\d.]+, from 200 trials", said)
    assert re.search(r"Before the next round closes in Feb 2027 it is [\d.]+% ± [\d.]+", said)


def test_funding_that_comes_too_late_is_said_on_the_pages(page: Page, home: Path):
    """The overview says by how much and how early money is needed, and the page on funding that there is no sale."""
    session = page("overview", trials=0, draft=of(LATE.replace("start:", "trials: 0\nstart:"), home))
    session.session_state["all-key-figures"] = True
    said = texts(session.run())
    assert "Cash runs out in Jun 2027, 3 months before the next funding closes in Sep 2027" in said
    assert "so the plan never gets there." in said
    session = page("funding", trials=0, draft=of(LATE, home))
    assert "without more money there is no sale" in texts(session)
    assert "Without the funding still to come, cash runs out in Jun 2027." in texts(session)
    assert "After the last funding in Sep 2027, cash is lowest in" in texts(session)


def test_evidence_is_counted_once_somebody_looks(page: Page, home: Path, monkeypatch: pytest.MonkeyPatch):
    """It takes nearly as long as the trials. Here everything that moves a cost is assumed, and no device has a rate."""
    counted: list[Scenario] = []

    def count(scenario: Scenario) -> Mapping[str, Drivers]:
        counted.append(scenario)
        return cost_drivers(scenario)

    monkeypatch.setattr(projection, "cost_drivers", count)
    session = page("overview", draft=of(OPEN.replace("Open", "Evidence"), home))
    assert not counted
    session.session_state["evidence-open"] = True
    said = texts(session.run())
    assert len(counted) == 1
    assert "All costs: 0% of the drivers is measured and 100% is assumed. No device rate moves it." in said
