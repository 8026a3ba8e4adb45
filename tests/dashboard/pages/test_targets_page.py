"""The page of targets and the changes offered on the overview: a sentence, and a button that applies it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from page_text import forgotten, texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.drafts import Draft

Page = Callable[..., AppTest]
# Costs of 10,000 a month, give or take, and a round that covers less than a year of them.
COMPANY = """\
breakeven: 1
title: Costs and a round
currency: USD
start: 2027-01
months: 12
trials: 100
assumptions: {opening_cash: 30000, hours_per_month: 730, tax_rate: 0, fixed_overhead: {normal: [10000, 1000]}}
rounds:
  seed: {close_month: 2, amount: 50000, pre_money: 5000000}
"""


@pytest.fixture
def drawn(page: Page, home: Path) -> Callable[..., AppTest]:
    """Return a page of that company."""

    def opened(name: str, language: str = "en") -> AppTest:
        session = page(name, language, 100, draft=Draft.of("costs.yaml", home, COMPANY))
        assert not session.exception
        return session

    return opened


def answer(session: AppTest) -> str:
    """Return the sentence that the page answers with."""
    return re.sub(r"\\(.)", r"\1", session.info[0].value)


def test_the_page_says_what_to_raise(drawn: Callable[..., AppTest]):
    """Its first question is how much money makes cash last, and the button makes it so, as one change."""
    session = drawn("targets")
    session.number_input(key="solve-bound:runway").set_value(12.0).run()
    assert "Runway: 12 months or more, in 95% of the trials: raise Amount · Seed from $50,000 to " in answer(session)
    session.button(key="solve-apply").click().run()
    assert not session.exception
    draft = session.session_state["draft"]
    assert draft.position == 1
    assert list(draft.now.edits) == ["rounds.seed.amount"]
    assert "met today with 95" in answer(session)


def test_another_assumption_and_another_figure(drawn: Callable[..., AppTest]):
    """Costs may fall instead, and a figure of all trials is not asked for a share of them."""
    session = drawn("targets")
    session.selectbox(key="solve-change").set_value("fixed_overhead").run()
    session.selectbox(key="solve-kpi").set_value("probability_of_ruin").run()
    assert "Chance of running out of cash: 5% or less: lower Fixed overhead from $10,000" in answer(session)
    assert [one for one in session.selectbox if "solve-share" in str(one.key)] == []


def test_the_overview_offers_the_smallest_changes(drawn: Callable[..., AppTest]):
    """Once the list is opened, each condition has its changes, and a button applies one."""
    session = drawn("overview")
    assert "Each of these alone" not in texts(session)
    session.session_state["remedies"] = True
    session.run()
    assert "Each of these alone meets it, three standard errors of 100 trials included." in texts(session)
    button = next(one for one in session.button if str(one.key).startswith("remedy:probability_of_ruin"))
    button.click().run()
    assert not session.exception
    assert session.session_state["draft"].position == 1


@pytest.mark.parametrize("name", ["targets", "overview"])
def test_every_text_is_translated(drawn: Callable[..., AppTest], name: str):
    """No text bypasses the catalogue."""
    session = drawn(name, "pseudo")
    session.session_state["remedies"] = True
    assert forgotten(session.run()) == []
