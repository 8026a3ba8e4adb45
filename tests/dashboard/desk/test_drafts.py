"""A draft keeps every step, on disk as in memory."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.desk.drafts import LONGEST_HISTORY, Draft, Edits, Shelf, Step, packed, unpacked


def a_draft() -> Draft:
    """A draft of a small file."""
    return Draft.of("plan.yaml", Path("somewhere"), "title: x\n")


def edit(draft: Draft, edits: Edits) -> Draft:
    """The draft after these edits."""
    return draft.stepped(replace(draft.now, edits=edits))


def test_undo_and_redo_walk_the_steps():
    """Each edit can be taken back and made again."""
    draft = edit(edit(a_draft(), {"a": 1}), {"a": 1, "b": 2})
    assert draft.undone().now.edits == {"a": 1}
    assert draft.undone().undone().now.edits == {}
    assert draft.undone().redone().now.edits == {"a": 1, "b": 2}


def test_an_edit_after_an_undo_forgets_what_was_undone():
    """There is one history, not a tree."""
    draft = edit(edit(a_draft(), {"a": 1}).undone(), {"b": 2})
    assert draft.now.edits == {"b": 2}
    assert not draft.can_redo


def test_a_history_has_an_end():
    """A long session does not grow without bound."""
    draft = a_draft()
    for value in range(LONGEST_HISTORY + 50):
        draft = edit(draft, {"a": value})
    assert len(draft.steps) == LONGEST_HISTORY
    assert draft.now.edits == {"a": LONGEST_HISTORY + 49}


def test_a_saved_draft_comes_back_whole():
    """Schedules keep their months as whole numbers, which JSON alone would not."""
    draft = edit(a_draft(), {"plans.team.price": {0: 49, 12: 59}, "tax_rate": "4%"})
    Shelf().save(draft)
    assert Shelf().load(draft.id) == draft


def test_only_months_become_numbers():
    """Other names that look like numbers stay names."""
    edits = {"a": {"²": 1, "007": 2, "9" * 5000: 3, 12: 4}}
    assert unpacked(packed(edits)) == edits


def test_a_draft_that_cannot_be_written_leaves_nothing_behind(home: Path, monkeypatch: pytest.MonkeyPatch):
    """A full disk is not filled further by halves of drafts."""
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        Shelf().save(a_draft())
    assert list((home / "drafts").iterdir()) == []


def full(path: Path, target: Path) -> None:
    """What a full disk answers."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_draft_of_the_first_version_is_read(home: Path):
    """A draft from before an update keeps its edits; then, all steps shared one text and one folder."""
    steps = ["[]", '[["plans.team.price", {"0": 49, "12": 59}]]']
    old = {"format": "breakeven-draft", "version": 1, "file": "plan.yaml", "folder": "somewhere", "text": "title: x\n"}
    (home / "drafts").mkdir()
    content = json.dumps({**old, "steps": steps, "position": 1, "updated": "2026-11-22T10:00:00+00:00"})
    (home / "drafts" / "olddraft1.json").write_text(content, encoding="utf-8")
    draft = Shelf().load("olddraft1")
    assert draft is not None
    assert draft.now == Step("title: x\n", Path("somewhere"), {"plans.team.price": {0: 49, 12: 59}})
    assert draft.undone().now == draft.opened


def test_a_step_may_make_another_text():
    """Members and settings are changed in the text; a text that steps share is stored once."""
    renamed = Step("title: y\n", Path("somewhere"), {}, "title")
    draft = edit(a_draft().stepped(renamed), {"a": 1})
    Shelf().save(draft)
    again = Shelf().load(draft.id)
    assert again == draft
    assert again.undone().undone().now == draft.opened


def test_the_list_has_the_drafts_that_hold_work(home: Path):
    """A draft without changes is listed only where its file is nowhere else."""
    first, second = edit(a_draft(), {"a": 1}), edit(edit(a_draft(), {"a": 1}), {"a": 2})
    (home / "plan.yaml").write_text("title: x\n", encoding="utf-8")
    saved, uploaded = Draft.of("plan.yaml", home, "title: x\n"), Draft.of("sent.yaml", home, "title: Sent\n")
    for draft in (first, second, saved, uploaded):
        Shelf().save(draft)
    found = {one.id: (one.title, one.changes) for one in Shelf().listed()}
    assert found == {first.id: ("x", 1), second.id: ("x", 2), uploaded.id: ("Sent", 0)}


@pytest.mark.parametrize(("line", "title"), [
    ("title: Anna's bakery  # until June", "Anna's bakery"),
    ("title: >-\n  Two\n  lines", "Two lines"),
    ('title: "Caf\\u00e9"', "Café"),
    ("title: ''", "plan.yaml"),
    ("title: [", "plan.yaml"),
    ("months: 3", "plan.yaml"),
])  # fmt: skip
def test_a_draft_is_listed_by_the_title_that_its_file_says(line: str, title: str):
    """A comment is no part of it, and it may be quoted or go over several lines; without one, the file has a name."""
    assert Draft.of("plan.yaml", Path("somewhere"), f"breakeven: 1\n{line}\nstart: 2027-01\n").title == title


def test_the_texts_of_a_history_have_an_end(monkeypatch: pytest.MonkeyPatch):
    """Changes that rewrite a large file do not make a draft that is slow to save."""
    monkeypatch.setattr("dashboard.desk.drafts.LONGEST_TEXTS", 1_000)
    draft = a_draft()
    for letter in "abcdefghij":
        draft = draft.stepped(Step(letter * 300, Path("somewhere")))
    assert [step.text[0] for step in draft.steps] == ["h", "i", "j"]
    assert draft.now.text[0] == "j"


def test_a_damaged_draft_is_no_draft(home: Path):
    """A file cut short, or written by hand, harms nobody."""
    (home / "drafts").mkdir()
    for name, text in {"cutshort1": '{"format": "breakeven-draft"', "nodraft01": "[]", "number001": "3"}.items():
        (home / "drafts" / f"{name}.json").write_text(text, encoding="utf-8")
        assert Shelf().load(name) is None
    assert Shelf().listed() == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
def test_a_pipe_among_the_drafts_holds_nobody_up(home: Path):
    """It would wait for a writer."""
    (home / "drafts").mkdir()
    os.mkfifo(home / "drafts" / "somepipe1.json")
    assert Shelf().load("somepipe1") is None
    assert Shelf().listed() == []


def test_an_id_from_an_address_names_no_other_file(home: Path):
    """The address of a page is not to be trusted with paths."""
    (home / "secret.json").write_text("{}", encoding="utf-8")
    assert Shelf().load("../secret") is None
