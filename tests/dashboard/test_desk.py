"""What a user typed survives: page switches, reloads, a restart of the server, and a mistake."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboard.desk import DEFAULT, SHIPPED
from dashboard.files import bundled
from simulator.reading import parse

PRICE = "lever:plans.team.price"
App = Callable[..., AppTest]


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


def test_an_edit_is_on_disk_before_the_page_is_drawn(app: App, home: Path):
    """Nothing waits for a save button."""
    session = turned(app(), 777.0)
    assert (home / "drafts" / f"{session.query_params['draft']}.json").exists()


def test_a_reload_restores_the_draft(app: App):
    """The address names the draft, so that a new session finds it; a restarted server does the same."""
    session = turned(app(), 777.0)
    again = app(draft=session.query_params["draft"])
    assert again.number_input(key=PRICE).value == 777
    assert again.button(key="undo").disabled is False


def test_undo_and_redo_move_the_lever(app: App):
    """Undo shows the number from before, redo the one typed."""
    session = app()
    first = session.number_input(key=PRICE).value
    session = turned(session, 777.0)
    session = session.button(key="undo").click().run()
    assert session.number_input(key=PRICE).value == first
    session = session.button(key="redo").click().run()
    assert session.number_input(key=PRICE).value == 777


def test_a_new_session_is_offered_what_an_earlier_one_left(app: App):
    """A closed tab loses nothing."""
    turned(app(), 777.0)
    session = app().button(key="restore").click().run()
    assert session.number_input(key=PRICE).value == 777


def test_an_offer_can_be_declined_for_good(app: App):
    """A discarded draft is not offered again."""
    turned(app(), 777.0)
    app().button(key="discard").click().run()
    assert "restore" not in [button.key for button in app().button]


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
    literal = session.session_state["draft"].edits["plans.team.conversion"]
    assert "between" in str(literal)
    assert session.number_input(key=key).value == 5


def test_another_language_is_chosen_by_the_address(app: App):
    """A link to a German page opens a German page."""
    assert app(lang="Deutsch").title[0].value == "Überblick"


def test_a_bad_file_is_answered_with_its_mistakes(app: App):
    """Each mistake with its line and what to do, and the old plan stays."""
    session = app()
    text = (SHIPPED / DEFAULT).read_text(encoding="utf-8").replace("currency: USD", "currency: dollars")
    session.file_uploader(key="upload").upload("mine.yaml", text.encode()).run()
    assert not session.exception
    problems = session.table[0].value
    assert "dollars" in problems["What is wrong"].iloc[0]
    assert int(problems["Line"].iloc[0]) > 1
    assert session.metric


def test_a_file_that_is_no_text_is_refused_in_words(app: App):
    """Bytes are answered with a sentence, not a traceback."""
    session = app()
    session.file_uploader(key="upload").upload("mine.yaml", b"\xff\xfe\x00").run()
    assert not session.exception
    assert "not a text file" in session.table[0].value["What is wrong"].iloc[0]


def test_a_plan_opens_with_the_records_sent_beside_it(app: App):
    """What one person downloads in a bundle, another opens, and reads the same numbers."""
    sent = parse(
        (SHIPPED / DEFAULT).read_text(encoding="utf-8").replace("title: Support copilot", "title: Sent"), SHIPPED
    )
    with zipfile.ZipFile(io.BytesIO(bundled(sent, "sent"))) as bundle:
        names = bundle.namelist()
        files = [(Path(name).name, bundle.read(name)) for name in names]
    assert len(names) > 1
    session = app()
    for name, content in files:
        session.file_uploader(key="upload").upload(name, content)
    session.run()
    assert not session.exception
    assert "Sent" in session.sidebar.markdown[0].value


def test_a_good_file_is_opened_and_survives_a_reload(app: App):
    """An upload is a draft from its first moment."""
    session = app()
    text = (SHIPPED / DEFAULT).read_text(encoding="utf-8").replace("title: Support copilot", "title: My own")
    session.file_uploader(key="upload").upload("mine.yaml", text.encode()).run()
    again = app(draft=session.query_params["draft"])
    assert "My own" in again.sidebar.markdown[0].value


def test_a_plan_is_saved_with_its_comments(app: App, home: Path):
    """The file on disk is the file that was opened, with the edit in it."""
    session = turned(app(), 777.0)
    session.button(key="save").click().run()
    saved = (home / "scenarios" / DEFAULT).read_text(encoding="utf-8")
    assert "777" in saved
    assert saved.splitlines()[0] == (SHIPPED / DEFAULT).read_text(encoding="utf-8").splitlines()[0]
