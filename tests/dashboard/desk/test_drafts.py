"""A draft keeps every step, on disk as in memory."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dashboard.desk.drafts import LONGEST_HISTORY, Draft, Shelf


def a_draft() -> Draft:
    """A draft of a small file."""
    return Draft.of("plan.yaml", Path("somewhere"), "title: x\n")


def test_undo_and_redo_walk_the_steps():
    """Each edit can be taken back and made again."""
    draft = a_draft().edited({"a": 1}).edited({"a": 1, "b": 2})
    assert draft.undone().edits == {"a": 1}
    assert draft.undone().undone().edits == {}
    assert draft.undone().redone().edits == {"a": 1, "b": 2}


def test_an_edit_after_an_undo_forgets_what_was_undone():
    """There is one history, not a tree."""
    draft = a_draft().edited({"a": 1}).undone().edited({"b": 2})
    assert draft.edits == {"b": 2}
    assert not draft.can_redo


def test_a_history_has_an_end():
    """A long session does not grow without bound."""
    draft = a_draft()
    for value in range(LONGEST_HISTORY + 50):
        draft = draft.edited({"a": value})
    assert len(draft.steps) == LONGEST_HISTORY
    assert draft.edits == {"a": LONGEST_HISTORY + 49}


def test_a_saved_draft_comes_back_whole():
    """Schedules keep their months as whole numbers, which JSON alone would not."""
    draft = a_draft().edited({"plans.team.price": {0: 49, 12: 59}, "tax_rate": "4%"})
    Shelf().save(draft)
    assert Shelf().load(draft.id) == draft


def test_a_draft_that_cannot_be_written_leaves_nothing_behind(home: Path, monkeypatch: pytest.MonkeyPatch):
    """A full disk is not filled further by halves of drafts."""
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        Shelf().save(a_draft())
    assert list((home / "drafts").iterdir()) == []


def full(path: Path, target: Path) -> None:
    """What a full disk answers."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_latest_draft_with_changes_is_offered():
    """A draft without changes is not worth a question."""
    first, second = a_draft().edited({"a": 1}), a_draft().edited({"a": 2})
    for draft in (first, second, a_draft()):
        Shelf().save(draft)
    assert Shelf().latest() == second


def test_a_damaged_draft_is_no_draft(home: Path):
    """A file cut short, or written by hand, harms nobody."""
    (home / "drafts").mkdir()
    for name, text in {"cutshort1": '{"format": "breakeven-draft"', "nodraft01": "[]", "number001": "3"}.items():
        (home / "drafts" / f"{name}.json").write_text(text, encoding="utf-8")
        assert Shelf().load(name) is None
    assert Shelf().latest() is None


def test_an_id_from_an_address_names_no_other_file(home: Path):
    """The address of a page is not to be trusted with paths."""
    (home / "secret.json").write_text("{}", encoding="utf-8")
    assert Shelf().load("../secret") is None
