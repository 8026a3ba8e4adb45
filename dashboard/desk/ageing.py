"""How drafts age: they move to the bin, and from there out, looked after at most once a day."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import streamlit as st

from dashboard.desk.drafts import Shelf

DAY = 24 * 3600.0
# A plan is taken up again for the next round of funding, which may be half a year away.
DRAFT_DAYS = 180
# Long enough to miss what was discarded, or saved over, last month.
BIN_DAYS = 30
MOST_AT_ONCE = 2 * DAY


@st.cache_resource(ttl=timedelta(days=1), max_entries=4, show_spinner=False)
def tidied(root: Path) -> bool:
    """Move old drafts to the bin and delete what has been there for long; done once a day for a data folder."""
    now = aged(root)
    for folder in shelves(root):
        with suppress(OSError):
            tidy(Shelf(folder), now)
    return True


def aged(root: Path) -> float:
    """Return the time by which drafts age, and keep it: at most `MOST_AT_ONCE` after the last look.

    A clock that jumps forward, and back once it is corrected, then deletes nothing, nor does a long absence.
    """
    looked = root / "looked"
    try:
        now = min(time.time(), looked.stat().st_mtime + MOST_AT_ONCE)
    except OSError:
        now = time.time()
    with suppress(OSError):
        root.mkdir(parents=True, exist_ok=True)
        looked.touch()
        os.utime(looked, (now, now))
    return now


def shelves(root: Path) -> Iterator[Path]:
    """Yield the folder of each browser."""
    with suppress(OSError):
        yield from [path for path in root.iterdir() if path.is_dir() and path.name != "bin"]


def tidy(shelf: Shelf, now: float) -> None:
    """Age the drafts of one browser; a draft first goes to the bin. Raises OSError."""
    for path in older(shelf.bin, "*", now - BIN_DAYS * DAY):
        path.unlink(missing_ok=True)
    for path in older(shelf.folder, "*.part", now - DAY):
        path.unlink(missing_ok=True)
    for path in older(shelf.folder, "*.json", now - DRAFT_DAYS * DAY):
        shelf.discard(path.stem)
    for folder in (shelf.bin, shelf.folder):
        with suppress(OSError):
            folder.rmdir()  # only if it is empty


def older(folder: Path, pattern: str, than: float) -> list[Path]:
    """Return the files of a folder that were last written before a time."""
    return [path for path in folder.glob(pattern) if path.is_file() and path.stat().st_mtime < than]
