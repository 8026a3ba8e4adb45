"""What moves the answer, on the pages: swings of a chosen KPI, and work that runs when somebody asks."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from page_text import texts
from streamlit.testing.v1 import AppTest
from test_compare_any import own

from dashboard.desk import whatifs
from dashboard.parts.moving import variance
from dashboard.profiler import worth_finding_out
from simulator.scenario.overlays import parse_overlay

Page = Callable[..., AppTest]


def test_swings_are_those_of_the_chosen_figure(page: Page):
    """Another KPI has other swings, and what has no range stands apart."""
    session = page("risk", trials=50)
    assert "moved-kpi" not in session.session_state  # nothing is computed before somebody looks
    session.session_state["moves-open"] = True
    session.run()
    assert "Cash at the end: Conversion · Team moves it most" in texts(session)
    chosen = next(one for one in session.selectbox if one.key == "moved-kpi")
    assert "Lowest cash: " in texts(chosen.select_index(2).run())


def test_shares_of_the_variance_come_when_asked_for(page: Page, monkeypatch: pytest.MonkeyPatch):
    """A button computes them; then the chart stands in its place, for all who come later."""
    monkeypatch.setattr(variance, "TRIALS", 64)
    session = page("risk", trials=50)
    session.session_state["moves-open"] = True
    assert "of the variance, interactions included" not in texts(session.run())
    begin = next(one for one in session.button if str(one.key).startswith("begin:variance"))
    said = texts(begin.click().run())
    assert re.search(r"Conversion · Team accounts for \d+% of the variance, interactions included", said)
    assert "The luck of counts, which no measurement removes" in said
    again = page("risk", trials=50)
    again.session_state["moves-open"] = True
    again.run()
    assert not [one for one in again.button if str(one.key).startswith("begin:variance")]


def test_the_comparison_says_why_the_scenarios_differ(page: Page, home: Path):
    """Against a dearer plan the price is the only cause, once somebody asks."""
    key = own(home, "Assistant 1600", 1600)
    session = page("compare", trials=0).multiselect(key="other-scenarios").set_value([key]).run()
    begin = next(one for one in session.button if str(one.key).startswith("begin:causes"))
    said = texts(begin.click().run())
    assert re.search(r"Cash at the end −\$[\d,]+: −\$[\d,]+ Price · Team\.", said)


def test_a_choice_of_prices_says_what_to_find_out(page: Page, monkeypatch: pytest.MonkeyPatch):
    """With two prices beside today's, how buyers respond is worth most; the options stand side by side."""
    monkeypatch.setattr(worth_finding_out, "TRIALS", 400)
    session = page("hardware", trials=0)
    assert "Choose what you could do instead" in texts(session)
    options = next(one for one in session.button_group if one.key == "worth-options")
    assert "Data breach" not in options.options
    session = options.set_value(["price+10%", "price-10%"]).run()
    begin = next(one for one in session.button if str(one.key).startswith("begin:worth"))
    session = begin.click().run()
    assert "Find out Price elasticity · Team first, by a test in the market" in texts(session)
    titles = [list(one.value.iloc[:, 0]) for one in session.dataframe]
    assert ["As planned", "Prices 10% higher", "Prices 10% lower"] in titles


def test_a_what_if_of_the_same_name_is_another_option(page: Page, monkeypatch: pytest.MonkeyPatch):
    """Whoever sends a file called as another reader's, or the same file once more, gets an answer about its content."""
    monkeypatch.setattr(worth_finding_out, "TRIALS", 200)

    def asked(title: str) -> AppTest:
        text = f"overlay: 1\ntitle: {title}\ndescription: x\npools: {{'*': {{device_price: {{times: 2}}}}}}\n"
        session = page("hardware", trials=0)
        session.session_state[whatifs.OWN] = {"mine.yaml": parse_overlay(text, "mine.yaml")}
        options = next(one for one in session.run().button_group if one.key == "worth-options")
        return options.set_value(["mine.yaml"]).run()

    begin = next(one for one in asked("Dearer devices").button if str(one.key).startswith("begin:worth"))
    assert "Dearer devices" in [cell for one in begin.click().run().dataframe for cell in one.value.iloc[:, 0]]
    assert [one for one in asked("Another").button if str(one.key).startswith("begin:worth")]
