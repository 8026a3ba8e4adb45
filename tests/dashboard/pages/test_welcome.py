"""The start: what a new visitor sees, and the three ways in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import shipped, shipped_files
from dashboard.desk.drafts import Shelf
from dashboard.parts.examples import examples

App = Callable[..., AppTest]


def typed(session: AppTest, **answers: str) -> AppTest:
    """Return the session after these answers were typed."""
    for key, text in answers.items():
        session.text_input(key=f"begin:{key}").set_value(text).run()
    return session


def test_a_new_visitor_is_welcomed_without_the_levers_of_a_company(app: App):
    """Nobody has chosen a company yet, so that the sidebar is empty."""
    session = app(new=True)
    assert not session.exception
    assert [title.value for title in session.title] == ["Breakeven"]
    assert len(session.sidebar.number_input) == 0
    assert "make" in [button.key for button in session.button]


def test_a_draft_in_the_address_leads_to_its_overview(app: App):
    """A reload comes back to the company that the visitor works on."""
    draft = shipped("sentiment-api.yaml")
    Shelf().save(draft)
    session = app(new=True, draft=draft.id)
    assert [title.value for title in session.title] == ["Overview"]


def test_a_company_is_made_from_a_few_answers(app: App):
    """Name and price suffice; the overview of the new company follows, and its draft is in the address."""
    session = typed(app(new=True), name="Coding assistant", price="$49", preseed="500k")
    session.button(key="make").click().run()
    assert not session.exception
    assert [title.value for title in session.title] == ["Overview"]
    assert "Coding assistant" in texts(session)
    assert session.query_params["draft"]
    assert session.session_state["draft"].file == "coding-assistant.yaml"


def test_a_mistake_stands_beside_its_field_and_loses_nothing(app: App):
    """The company is made once the one wrong answer is corrected; the others stay as they were typed."""
    session = typed(app(new=True), name="Mine", price="lots").button(key="make").click().run()
    assert [title.value for title in session.title] == ["Breakeven"]
    assert any("'lots' is not an amount" in error.value for error in session.error)
    assert session.text_input(key="begin:price").value == "lots"
    assert session.text_input(key="begin:name").value == "Mine"
    session = typed(session, price="49").button(key="make").click().run()
    assert [title.value for title in session.title] == ["Overview"]


def test_what_is_typed_survives_another_way_in(app: App):
    """A look at the examples keeps the answers."""
    session = typed(app(new=True), name="Mine")
    session.session_state["way"] = "example"
    session.run()
    session.session_state["way"] = "questions"
    assert session.run().text_input(key="begin:name").value == "Mine"


def test_only_what_changes_the_answer_is_asked(app: App):
    """A vendor's model has a price card and no size; an open model has a size and no card."""
    session = app(new=True)
    asked = {one.key for one in session.selectbox}
    assert "begin:card" in asked
    assert "begin:size" not in asked
    session.selectbox(key="begin:model").set_value("open").run()
    asked = {one.key for one in session.selectbox}
    assert "begin:size" in asked
    assert "begin:card" not in asked


def test_every_example_says_what_it_sells_and_its_story():
    """The guide beside the examples has a line for each of them."""
    found = list(examples())
    assert sorted(one.path for one in found) == sorted(shipped_files())
    assert all(one.sells and one.story for one in found)


@pytest.mark.parametrize("name", ["sentiment-api"])
def test_an_example_opens_with_one_click(app: App, name: str):
    """Its overview follows."""
    session = app(new=True)
    session.session_state["way"] = "example"
    session = session.run().button(key=f"open:{name}").click().run()
    assert [title.value for title in session.title] == ["Overview"]
    assert "Sentiment API" in texts(session)
