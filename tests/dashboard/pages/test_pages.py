"""Each page draws the shipped plan, in every language, with its sentences made from the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from example import EXAMPLE
from page_text import charts, forgotten, texts
from streamlit.testing.v1 import AppTest

from app import MENU
from dashboard.desk.desk import SHIPPED
from dashboard.pages.overview import cash_chart
from dashboard.parts.words import Words
from simulator.answers.projection import project
from simulator.scenario.reading import load

PAGES = [module.__name__.rpartition(".")[2] for part in MENU.values() for module, *_ in part]
Page = Callable[..., AppTest]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_draws_the_base_case_of_the_shipped_plan(page: Page, name: str):
    """The answer comes at once; bands and chances follow with the trials, as in the tests below."""
    assert not page(name, trials=0).exception


@pytest.mark.parametrize("name", PAGES)
def test_no_text_of_a_page_misses_the_catalogue(page: Page, name: str):
    """In the pseudo-locale every text stands between two marks, those on trials included."""
    session = page(name, "pseudo")
    assert not session.exception
    assert forgotten(session) == []


def test_the_overview_gives_a_verdict_with_reasons(page: Page):
    """The grade is the title of the first box, and its reasons are a list."""
    session = page("overview")
    boxes = [box for kind in ("success", "info", "warning", "error") for box in session.get(kind)]
    assert len(boxes) == 1
    assert boxes[0].value.count("\n- ") >= 3


def test_every_chart_has_an_alternative_text_that_is_also_on_the_page(page: Page):
    """What a screen reader is told, everybody can read."""
    session = page("risk")
    for part in ("moves-open", "depends-open"):
        session.session_state[part] = True
    session.run()
    found, said = charts(session), texts(session)
    assert len(found) == 5
    assert all(chart["sentence"] and chart["sentence"] in said for chart in found.values())


def test_no_chart_offers_to_upload_itself(page: Page):
    """plotly's button that sends a figure to a cloud is off."""
    found = charts(page("overview"))
    assert found
    assert not any(chart["config"]["showSendToCloud"] for chart in found.values())


def test_why_walks_from_cash_to_an_assumption(page: Page):
    """Going down the inputs ends at a number with its evidence and source."""
    session = page("why")
    for _ in range(12):
        buttons = [button for button in session.button if str(button.key).startswith("input:")]
        if not buttons:
            break
        session = buttons[-1].click().run()
    assert not session.exception
    assert "Evidence" in session.table[0].value.index
    assert any(str(button.key).startswith("crumb:") for button in session.button)


def test_why_leads_back(page: Page):
    """A step of the trail returns to its number."""
    session = page("why")
    session = session.button(key="input:1").click().run()
    session = session.button(key="crumb:0").click().run()
    assert session.metric[0].label.startswith("Cash,")


def test_a_formula_is_written_in_the_readers_language(page: Page):
    """Its operations are, and the names of what it reads and of its constants."""
    session = page("why", language="zh", trials=0)
    session.query_params["number"] = "interest_income"
    written = session.run().code[0].value
    assert written.endswith(" = 若 现金利率 ≠ 0 则 最大值(上月现金, 0) × 现金利率 ÷ 12，否则 0")
    session.query_params["number"] = "kpi_runway"
    assert "半分钱" in session.run().code[0].value


def test_a_number_is_found_in_the_readers_language(page: Page):
    """What the field proposes in Chinese finds something, and so does a word of everyday."""
    session = page("why", language="zh", trials=0)
    for words in (*session.text_input(key="why-search").placeholder.rstrip("…").split("、"), "毛利", "烧钱"):
        found = session.text_input(key="why-search").set_value(words).run()
        assert not found.info, words


def test_cash_is_drawn_with_the_floor_that_decides_ruin():
    """A floor above zero is where the money runs out, and is named."""
    scenario = load(SHIPPED / EXAMPLE)
    raised = replace(scenario, settings=replace(scenario.settings, cash_floor=50_000.0))
    layout = cash_chart(project(raised, 0), Words()).layout
    assert [(line.y0, line.y1) for line in layout.shapes] == [(50_000.0, 50_000.0)]
    assert [note.text for note in layout.annotations] == ["cash floor"]


@pytest.mark.parametrize(("floor", "anchor"), [(-1e12, "top"), (1e12, "bottom")])
def test_the_floor_is_named_on_the_side_where_cash_does_not_end(floor: float, anchor: str):
    """There, the lines would cross the name."""
    scenario = load(SHIPPED / EXAMPLE)
    set_so = replace(scenario, settings=replace(scenario.settings, cash_floor=floor))
    (note,) = cash_chart(project(set_so, 0), Words()).layout.annotations
    assert note.yanchor == anchor


def test_the_table_of_assumptions_is_searched_by_words(page: Page):
    """Only the assumptions that hold every word are shown."""
    session = page("assumptions")
    session.text_input(key="table-search").set_value("starter price").run()
    names = list(session.data_editor[0].value["Assumption"])
    assert "Price · Starter" in names
    assert all("Starter" in name for name in names)


def test_an_old_link_to_a_number_shows_cash(page: Page):
    """A member that was removed leaves no path of the file on the page."""
    session = page("why", trials=0)
    session.query_params["number"] = "plans.gone.price"
    session = session.run()
    assert not session.exception
    assert session.metric[0].label.startswith("Cash,")
    assert "plans.gone" not in texts(session)
    assert not [name for name in session.selectbox(key="why-line").options if "gone" in name]


def test_a_month_is_explained_and_changed_as_a_month(page: Page):
    """When a round closes is a month of the calendar, in the number and in its field."""
    session = page("why", trials=0)
    session.query_params["number"] = "rounds.seed.close_month"
    session = session.run()
    assert session.metric[0].value == session.selectbox(key="form:rounds.seed.close_month").options[1]
    session = session.selectbox(key="form:rounds.seed.close_month").set_value(4).run()
    assert session.session_state["draft"].now.edits == {"rounds.seed.close_month": 4}
    assert session.metric[0].value == "May 2027"
