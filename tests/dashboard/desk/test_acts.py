"""Actions of one session that begin while another one computes: each starts from what the one before has left."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from streamlit.runtime.state import session_state_proxy

from dashboard.desk.desk import Desk
from dashboard.desk.drafts import Shelf
from dashboard.desk.files import own_folder
from dashboard.parts import menu
from dashboard.parts.words import Words
from dashboard.profiler import launcher
from profiling.runs.jobs import Job, State
from profiling.workload.presets import PRESETS
from profiling.workload.workload import Workload
from simulator.scenario.scenario import Scenario

PRICE = "plans.team.price"
PATIENCE_SECONDS = 30


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk of a session that all threads of a test share, as the scripts of one session do."""
    monkeypatch.setattr(session_state_proxy, "_mock_session_state", None)
    return Desk(Shelf())


def during_an_edit(desk: Desk, act: Callable[[], Any]) -> None:
    """Begin an action while an edit computes, and wait for both."""
    computing, go_on = threading.Event(), threading.Event()

    def slow(scenario: Scenario) -> Scenario:
        computing.set()
        go_on.wait(PATIENCE_SECONDS)
        return scenario.with_value(PRICE, 777.0)

    edit = threading.Thread(target=desk.change, args=(PRICE, 777.0, slow))
    edit.start()
    assert computing.wait(PATIENCE_SECONDS)
    other = threading.Thread(target=act)
    other.start()
    other.join(0.5)  # long enough to read what it starts from
    go_on.set()
    for thread in (edit, other):
        thread.join(PATIENCE_SECONDS)


def test_undo_during_an_edit_takes_back_that_edit(desk: Desk):
    """Whoever types a number and clicks Undo at once can redo it."""
    during_an_edit(desk, desk.undo)
    assert not desk.draft.is_changed
    assert desk.draft.can_redo
    assert desk.draft.redone().now.edits == {PRICE: 777.0}


def test_a_page_that_is_drawn_during_an_edit_shows_it(desk: Desk):
    """As after a lost connection, when the page is asked for anew beside a callback that still computes."""
    shown: list[Any] = []
    during_an_edit(desk, lambda: shown.append(Desk(desk.shelf).draft.now.edits))
    assert shown == [{PRICE: 777.0}]


def test_reverting_during_an_edit_keeps_it_in_the_history(desk: Desk):
    """Undo brings back what was typed last."""
    during_an_edit(desk, desk.revert)
    assert not desk.draft.is_changed
    assert desk.draft.undone().now.edits == {PRICE: 777.0}


def test_saving_during_an_edit_saves_it(desk: Desk):
    """The file has what was typed before the click."""
    during_an_edit(desk, menu.saving(desk, Words(), (lambda: "mine", str), None))
    assert "777" in (own_folder() / "mine.yaml").read_text(encoding="utf-8")


def test_a_draft_taken_up_during_an_edit_stands_and_loses_nothing(desk: Desk, home: Path):
    """The edit is in the draft that was left."""
    desk.change(PRICE, 500.0, lambda scenario: scenario.with_value(PRICE, 500.0))
    other = desk.draft.copied()
    desk.shelf.save(other)
    left = desk.draft.id
    during_an_edit(desk, lambda: desk.take_up(other.id))
    assert desk.draft.id == other.id
    kept = desk.shelf.load(left)
    assert kept is not None
    assert kept.now.edits == {PRICE: 777.0}


def test_two_quick_clicks_start_one_run(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch):
    """The second click comes while the first one still starts the run."""
    asked: list[Workload] = []

    def start(workload: Workload) -> Job:
        asked.append(workload)
        time.sleep(0.3)
        me = psutil.Process()
        home.joinpath("run").mkdir(exist_ok=True)
        job = Job(home / "run")
        job.write_state(State("running", 0.5, "", 0.0, 0.0, me.pid, None, me.create_time()))
        return job

    monkeypatch.setattr(launcher, "start", start)
    quick = PRESETS["classifier-quick"].workload
    clicks = [threading.Thread(target=launcher._start, args=(quick,)) for _ in range(2)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join(PATIENCE_SECONDS)
    assert len(asked) == 1


def halves(source: str) -> Iterator[str]:
    """The callbacks in a module that do several things, and between two of them may be stopped."""
    tree = ast.parse(source)
    given = [(node.arg or "", node.value) for node in ast.walk(tree) if isinstance(node, ast.keyword)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            given += [(ast.unparse(key)[1:], value) for key, value in zip(node.keys, node.values, strict=True) if key]
    names = {value.id for name, value in given if name.startswith("on_") and isinstance(value, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            steps = [one for one in node.body if not isinstance(one, ast.Expr) or isinstance(one.value, ast.Call)]
            marks = {one.id for one in node.decorator_list if isinstance(one, ast.Name)}
            if len(steps) > 1 and not marks & {"whole", "unstopped"}:
                yield node.name


def test_a_callback_runs_to_its_end():
    """A newer event stops a callback at its next touch of the session, and nobody calls it again."""
    half = "def typed():\n    'It is.'\n    read()\n    write()\nst.text_input(on_change=typed)"
    assert [*halves(half)] == ["typed"]
    assert [*halves(f"@unstopped\n{half}")] == []
    modules = sorted((Path(launcher.__file__).parents[1]).rglob("*.py"))
    assert {path.name: found for path in modules if (found := [*halves(path.read_text(encoding="utf-8"))])} == {}
