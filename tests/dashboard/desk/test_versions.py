"""Versions: each save keeps one, by its name; any of them can be restored and compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from example import EXAMPLE
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.desk import versions
from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from dashboard.desk.files import SAFE_NAME, keep
from simulator.scenario.document import LARGEST_BYTES
from simulator.scenario.reading import load

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def listed(stem: str = "mine") -> list[tuple[str, str]]:
    """Return name and text of each version."""
    return [(one.name, one.text) for one in versions.versions(stem)]


def two_saved() -> Path:
    """Save the example as `mine`, then at another price, and return its file."""
    scenario = load(SHIPPED / EXAMPLE)
    keep(scenario, "mine", "as sent to the fund")
    return keep(scenario.with_value("plans.team.price", 990), "mine")


def test_each_save_is_a_version():
    """The newest first; what was in the file before is one, too, though an editor wrote it."""
    scenario = load(SHIPPED / EXAMPLE)
    path = keep(scenario, "mine", "as sent to the fund")
    first = path.read_text(encoding="utf-8")
    assert listed() == [("as sent to the fund", first)]
    by_hand = first.replace("title: Support copilot", "title: By hand")
    path.write_text(by_hand, encoding="utf-8")
    keep(scenario.with_value("plans.team.price", 990), "mine")
    assert [text for _, text in listed()] == [path.read_text(encoding="utf-8"), by_hand, first]


def test_the_same_state_is_kept_once():
    """Saving without a change makes no version."""
    for minutes in range(3):
        versions.kept("mine", "title: x", now=NOW + timedelta(minutes=minutes))
    assert listed() == [("", "title: x")]


def test_the_oldest_of_many_versions_go(monkeypatch: pytest.MonkeyPatch):
    """The folder does not grow without end."""
    monkeypatch.setattr(versions, "MOST_KEPT", 3)
    for minutes in range(5):
        versions.kept("mine", f"title: {minutes}", now=NOW + timedelta(minutes=minutes))
    assert [text for _, text in listed()] == ["title: 4", "title: 3", "title: 2"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"format": "breakeven-version"}', b"[" * 10_000])
def test_a_damaged_version_is_left_out(content: bytes):
    """The others stay."""
    versions.kept("mine", "title: x", now=NOW)
    (versions.folder_of("mine") / "20990101T000000.json").write_bytes(content)
    assert listed() == [("", "title: x")]


@pytest.mark.parametrize("saved", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2026-11-27T12:00:00"])
def test_a_version_of_a_time_that_no_zone_has_takes_no_page_down(page: Callable[..., AppTest], saved: str):
    """The page Compare leaves it out."""
    path = two_saved()
    (versions.folder_of("mine") / "20990101T000000.json").write_text(
        json.dumps({"format": versions.FORMAT, "version": 1, "name": "odd", "saved": saved, "text": "title: x"})
    )
    draft = Draft.of(path.name, path.parent, path.read_text(encoding="utf-8"))
    session = page("compare", trials=0, draft=draft)
    assert not session.exception
    assert not [name for name in session.multiselect(key="other-scenarios").options if "odd" in name]


def test_the_largest_scenario_that_can_be_read_is_kept_as_a_version():
    """To the last letter, each of three bytes."""
    text = "title: x\n#" + "\N{SNOWMAN}" * ((LARGEST_BYTES - 10) // 3)
    assert len(text.encode()) > LARGEST_BYTES - 3
    versions.kept("mine", text, now=NOW)
    assert listed() == [("", text)]


def test_a_read_only_server_shows_none(monkeypatch: pytest.MonkeyPatch):
    """They are those of its operator."""
    versions.kept("mine", "title: x", now=NOW)
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    assert listed() == []


def test_a_version_is_restored_from_the_menu(app: Callable[..., AppTest]):
    """As one change that can be undone; an example has no versions."""
    session = app()
    assert session.button(key="versions").disabled
    path = two_saved()
    session.run().selectbox(key="choice").select(path).run()
    session.button(key="versions").click().run()
    assert "as sent to the fund" in texts(session)
    assert "Open now" in texts(session)
    oldest = list(versions.versions("mine"))[-1]
    session.button(key=f"version:{oldest.id}").click().run()
    assert not session.exception
    assert session.button(key="undo").label == "Undo: Version restored"
    assert session.session_state.draft.now.text == oldest.text
    session.button(key="undo").click().run()
    assert session.session_state.draft.now.text == path.read_text(encoding="utf-8")


def test_a_version_is_saved_under_a_name_of_its_own(app: Callable[..., AppTest]):
    """Beside the name of the scenario."""
    session = app()
    key = session.session_state.draft.id
    session.text_input(key=f"name:{key}").set_value("mine")
    session.text_input(key=f"version:{key}").set_value("before the round").run()
    session.button(key="save").click().run()
    assert not session.exception
    assert [name for name, _ in listed()] == ["before the round"]


def test_a_name_may_be_written_in_any_script(app: Callable[..., AppTest]):
    """A founder in China saves the company under its name, finds it in the list, and has its versions."""
    session = app()
    session.text_input(key=f"name:{session.session_state.draft.id}").set_value("青瓷智能 一稿").run()
    session.button(key="save").click().run()
    assert not session.exception
    assert session.session_state["choice"].name == "青瓷智能 一稿.yaml"
    assert len(listed("青瓷智能 一稿")) == 1


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "-x", "a\u202eb", "c:d", ""])
def test_a_name_stays_a_name(name: str):
    """No name leads out of the folder, hides, or turns the text around it."""
    assert SAFE_NAME.fullmatch(name) is None


def test_a_version_stands_beside_the_scenario(page: Callable[..., AppTest]):
    """The page Compare has it by its name."""
    path = two_saved()
    draft = Draft.of(path.name, path.parent, path.read_text(encoding="utf-8"))
    first = list(versions.versions("mine"))[-1]
    session = page("compare", trials=0, draft=draft)
    session = session.multiselect(key="other-scenarios").set_value([f"version:{first.id}"]).run()
    assert not session.exception
    (row,) = session.dataframe[1].value.to_dict("records")
    assert row["Assumption"] == "Price · Team"
    assert [text for name, text in row.items() if name.startswith("Version as sent to the fund")] == ["1,490"]
