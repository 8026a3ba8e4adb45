"""What a user typed survives: page switches, reloads, a restart of the server, and a mistake."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from example import EXAMPLE
from page_text import charts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED, shipped
from dashboard.desk.drafts import Draft, Edits, Shelf
from simulator.errors import PlanError
from simulator.scenario.reading import load

PRICE = "lever:plans.team.price"
App = Callable[..., AppTest]


def edited(file: str, edits: Edits) -> Draft:
    """A draft of a shipped scenario with edits."""
    draft = shipped(file)
    return draft.stepped(replace(draft.now, edits=edits))


def turned(session: AppTest, value: float) -> AppTest:
    """The session after the price was changed."""
    return session.number_input(key=PRICE).set_value(value).run()


def test_the_app_starts_without_torch(home: Path):
    """A dashboard that loads torch is slow to start and holds the device's memory."""
    script = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        "session = AppTest.from_file('app.py', default_timeout=60).run()\n"
        "assert not session.exception, session.exception\n"
        "loaded = {'torch', 'transformers', 'pynvml'} & set(sys.modules)\n"
        "sys.exit(f'the app imported {loaded}' if loaded else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=SHIPPED.parent, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_an_edit_changes_the_answer(app: App):
    """The levers stand beside the answer and move it."""
    session = app()
    before = session.markdown[1].value, [metric.value for metric in session.metric]
    session = turned(session, 3000.0)
    assert not session.exception
    assert [metric.value for metric in session.metric] != before[1]


def test_a_reload_restores_the_draft(app: App):
    """The address names the draft, so that a new session finds it; a restarted server does the same."""
    session = turned(app(), 777.0)
    again = app(draft=session.query_params["draft"])
    assert again.number_input(key=PRICE).value == 777
    assert again.button(key="undo").disabled is False


def test_an_example_stays_through_a_reload(app: App):
    """The address names the example until a change makes it a draft; a name that no example has is ignored."""
    session = app()
    assert session.query_params["example"] == Path(EXAMPLE).stem
    again = app(new=True, example="credit-risk")
    assert again.title[0].value == "Overview"
    assert "**Credit risk**" in [one.value for one in again.sidebar.markdown]
    assert app(new=True, example="../secret").title[0].value == "Breakeven"
    session = turned(session, 777.0)
    assert "example" not in session.query_params
    assert "draft" in session.query_params


def test_a_draft_that_is_gone_is_told(app: App):
    """Another company in its place, without a word, would look like a loss."""
    session = app(new=True, draft="abcdefghijkl")
    assert "The draft in this address is gone" in session.warning[0].value
    assert "draft" not in session.run().query_params
    assert not app(new=True).warning


def test_undo_and_redo_move_the_lever(app: App):
    """Undo shows the number from before, redo the one typed."""
    session = app()
    first = session.number_input(key=PRICE).value
    session = turned(session, 777.0)
    session = session.button(key="undo").click().run()
    assert session.number_input(key=PRICE).value == first
    session = session.button(key="redo").click().run()
    assert session.number_input(key=PRICE).value == 777


def test_a_value_that_cannot_stand_keeps_what_was_typed_and_the_last_plan(app: App):
    """The sentence says what to do; the answer stays the last one that could be computed."""
    session = app()
    before = [metric.value for metric in session.metric]
    session = turned(session, -5.0)
    assert session.number_input(key=PRICE).value == -5
    assert any("or more" in box.value for box in session.error)
    assert [metric.value for metric in session.metric] == before


def test_a_lever_keeps_the_doubt_of_an_assumption(app: App):
    """Turning the middle of a range leaves a range."""
    session = app()
    key = "lever:plans.team.conversion"
    session = session.number_input(key=key).set_value(5.0).run()
    literal = session.session_state["draft"].now.edits["plans.team.conversion"]
    assert "between" in str(literal)
    assert session.number_input(key=key).value == 5


def test_a_plan_of_ones_own_that_is_no_text_is_answered_with_its_mistake(app: App, home: Path):
    """A file that lies among the plans is read with the care of an upload."""
    (home / "scenarios").mkdir()
    path = home / "scenarios" / "odd.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    session = app()
    session = session.selectbox(key="choice").set_value(path).run()
    assert not session.exception
    assert "not text" in session.table[0].value["What is wrong"].iloc[0]


def test_trials_that_break_leave_the_base_plan(app: App):
    """The page says why there is no band, and shows what there is."""
    wild = {"tools_per_head": {"start": 650, "monthly_growth": {"lognormal": [0.02, 9]}}}
    draft = edited(EXAMPLE, wild)
    Shelf().save(draft)
    session = app(draft=draft.id)
    assert not session.exception
    assert "The trials fail" in session.error[0].value
    assert session.metric
    assert charts(session)
    assert not [one for one in session.info if "verdict and charts follow" in one.proto.title]


def test_a_later_trial_that_breaks_leaves_the_base_plan(monkeypatch: pytest.MonkeyPatch):
    """The trials that are added for the grade may meet a draw that the first ones did not."""
    monkeypatch.setattr("dashboard.desk.cached.is_settled", lambda _: False)
    monkeypatch.setattr("dashboard.desk.cached.with_more_trials", _broken)
    session = AppTest.from_function(_added, default_timeout=60).run()
    assert not session.exception
    (problem,) = session.session_state["tried"][1]
    assert (problem.what, problem.todo) == ("too large", "give a smaller range")
    assert "blocks" not in session.session_state


def _broken(_: object) -> None:
    """What an extreme draw leads to."""
    raise PlanError("too large", "give a smaller range")


def _added() -> None:
    """Add trials once, as a second after the page was drawn."""
    import streamlit as st

    from app import settling
    from dashboard.desk.desk import SHIPPED
    from dashboard.parts.words import Words
    from simulator.scenario.reading import load

    st.session_state.drawn_once = True
    if "tried" not in st.session_state:
        settling(load(SHIPPED / "support-copilot.yaml"), 20, Words())


def test_an_edit_that_the_disk_refuses_counts_all_the_same(app: App, home: Path):
    """A full disk costs no work; the page says that the edit is not saved."""
    (home / "drafts").write_text("where the folder would be", encoding="utf-8")
    session = turned(app(), 777.0)
    assert not session.exception
    assert session.session_state["draft"].now.edits == {"plans.team.price": 777.0}
    assert any("Not saved to disk" in box.value for box in session.warning)


def test_a_plan_gives_way_to_another_only_when_that_is_said(app: App, home: Path):
    """Saving under a name that is taken asks first."""
    path = home / "scenarios" / EXAMPLE
    path.parent.mkdir()
    path.write_text("precious", encoding="utf-8")
    session = turned(app(), 777.0).button(key="save").click().run()
    assert any("already have a scenario" in box.value for box in session.warning)
    assert path.read_text(encoding="utf-8") == "precious"
    session = session.checkbox(key=f"replace:{path.stem}").check().run()
    session = session.button(key="save").click().run()
    assert not session.exception
    assert "777" in path.read_text(encoding="utf-8")


def test_what_cannot_be_read_is_not_written_over(app: App, home: Path):
    """A folder with the name of a scenario is another one, and takes no page down."""
    session = turned(app(), 777.0).button(key="save").click().run()
    path = home / "scenarios" / EXAMPLE
    path.unlink()
    path.mkdir()
    session = session.run()
    assert not session.exception
    session = session.button(key="save").click().run()
    assert any("already have a scenario" in box.value for box in session.warning)


def test_a_plan_saved_again_asks_nothing(app: App, home: Path):
    """The file on the desk is the one that is written."""
    session = turned(app(), 777.0).button(key="save").click().run()
    session = turned(session, 800.0).button(key="save").click().run()
    assert "800" in (home / "scenarios" / EXAMPLE).read_text(encoding="utf-8")


def test_an_example_saved_under_a_name_is_a_company_of_that_name(app: App, home: Path):
    session = turned(app(), 777.0)
    name = next(field for field in session.text_input if (field.key or "").startswith("name:"))
    name.set_value("Acme")
    session = session.button(key="save").click().run()
    assert not session.exception
    assert load(home / "scenarios" / "Acme.yaml").title == "Acme"
    assert any("Acme" in text.value for text in session.sidebar.markdown)


def test_a_plan_is_saved_with_its_comments(app: App, home: Path):
    """The file on disk is the file that was opened, with the edit in it."""
    session = turned(app(), 777.0)
    session = session.button(key="save").click().run()
    assert not session.exception
    saved = (home / "scenarios" / EXAMPLE).read_text(encoding="utf-8")
    assert "777" in saved
    assert saved.splitlines()[0] == (SHIPPED / EXAMPLE).read_text(encoding="utf-8").splitlines()[0]
