"""What a user typed survives: page switches, reloads, a restart of the server, and a mistake."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import DEFAULT, SHIPPED, shipped
from dashboard.desk.drafts import Draft, Edits, Shelf
from dashboard.desk.files import bundled
from simulator.scenario.measured import MEASUREMENTS
from simulator.scenario.reading import load, parse

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
    literal = session.session_state["draft"].now.edits["plans.team.conversion"]
    assert "between" in str(literal)
    assert session.number_input(key=key).value == 5


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
    draft = edited(DEFAULT, wild)
    Shelf().save(draft)
    session = app(draft=draft.id)
    assert not session.exception
    assert "The trials fail" in session.error[0].value
    assert session.metric


def test_an_edit_that_the_disk_refuses_counts_all_the_same(app: App, home: Path):
    """A full disk costs no work; the page says that the edit is not saved."""
    (home / "drafts").write_text("where the folder would be", encoding="utf-8")
    session = turned(app(), 777.0)
    assert not session.exception
    assert session.session_state["draft"].now.edits == {"plans.team.price": 777.0}
    assert any("Not saved to disk" in box.value for box in session.warning)


def test_two_tabs_on_one_draft_do_not_write_over_one_another(app: App):
    """The second to write goes on with a copy, which its address names."""
    first = turned(app(), 777.0)
    name = first.query_params["draft"]
    second = app(draft=name)
    first, second = turned(first, 800.0), turned(second, 900.0)
    other = second.query_params["draft"]
    assert [Shelf().load(one).now.edits["plans.team.price"] for one in (name, other)] == [800.0, 900.0]
    assert first.query_params["draft"] == name


def test_a_restored_draft_is_a_copy(app: App):
    """The tab that it was left by may still be open."""
    first = turned(app(), 777.0)
    second = app().button(key="restore").click().run()
    assert second.query_params["draft"] != first.query_params["draft"]


def test_a_draft_that_no_longer_stands_is_answered_with_its_mistake(app: App):
    """What was left may refer to a record that is gone; the plan on the page stays."""
    gone = {"measured": f"{MEASUREMENTS}/gone.json", "metric": "tokens_per_second"}
    Shelf().save(edited(DEFAULT, {"pools.large.tokens_per_second": gone}))
    session = app().button(key="restore").click().run()
    assert not session.exception
    assert "gone.json" in session.table[0].value["What is wrong"].iloc[0].replace("\\", "")


def test_a_saved_plan_leaves_nothing_unsaved(app: App, home: Path):
    """The desk goes on in the file, and the draft is not offered again."""
    session = turned(app(), 777.0)
    draft = session.query_params["draft"]
    session = session.button(key="save").click().run()
    assert session.session_state["draft"].now.folder == home / "scenarios"
    assert session.session_state["draft"].now.edits == {}
    assert Shelf().load(draft) is None
    assert Shelf().latest() is None


def test_a_plan_gives_way_to_another_only_when_that_is_said(app: App, home: Path):
    """Saving under a name that is taken asks first."""
    path = home / "scenarios" / DEFAULT
    path.parent.mkdir()
    path.write_text("precious", encoding="utf-8")
    session = turned(app(), 777.0).button(key="save").click().run()
    assert any("already have a scenario" in box.value for box in session.warning)
    assert path.read_text(encoding="utf-8") == "precious"
    session = session.checkbox(key=f"replace:{path.stem}").check().run()
    session = session.button(key="save").click().run()
    assert not session.exception
    assert "777" in path.read_text(encoding="utf-8")


def test_a_plan_saved_again_asks_nothing(app: App, home: Path):
    """The file on the desk is the one that is written."""
    session = turned(app(), 777.0).button(key="save").click().run()
    session = turned(session, 800.0).button(key="save").click().run()
    assert "800" in (home / "scenarios" / DEFAULT).read_text(encoding="utf-8")


def test_a_bundle_names_its_records_below_itself(tmp_path: Path):
    """However a plan names its records, a bundle unpacks into its own folder."""
    record = next((SHIPPED / MEASUREMENTS).glob("*.json"))
    (tmp_path / "mine.json").write_bytes(record.read_bytes())
    text = (SHIPPED / DEFAULT).read_text(encoding="utf-8")
    odd = parse(text.replace(f"{MEASUREMENTS}/{record.name}", "mine.json"), tmp_path)
    with zipfile.ZipFile(io.BytesIO(bundled(odd, "mine"))) as bundle:
        assert set(bundle.namelist()) == {"mine.yaml", f"{MEASUREMENTS}/{record.name}"}
        bundle.extractall(tmp_path / "there")
    assert load(tmp_path / "there" / "mine.yaml").hash == odd.hash
    assert load(tmp_path / "there" / "mine.yaml").assumption_of("tokens_per_second", "classifier").source


def test_a_record_that_ships_is_not_replaced_by_one_that_is_sent(app: App, home: Path):
    """Another record under its name is refused in words."""
    record = next((SHIPPED / MEASUREMENTS).glob("*.json"))
    forged = {**json.loads(record.read_text(encoding="utf-8")), "preset": "forged"}
    session = app()
    session = session.file_uploader(key="upload").upload(record.name, json.dumps(forged).encode()).run()
    assert not session.exception
    assert (home / "scenarios" / MEASUREMENTS / record.name).read_bytes() == record.read_bytes()
    assert "another record of the same name" in session.table[0].value["What is wrong"].iloc[0]


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
    session = session.button(key="save").click().run()
    assert not session.exception
    saved = (home / "scenarios" / DEFAULT).read_text(encoding="utf-8")
    assert "777" in saved
    assert saved.splitlines()[0] == (SHIPPED / DEFAULT).read_text(encoding="utf-8").splitlines()[0]
