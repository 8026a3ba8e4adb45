"""Where runs and locks are kept on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """`$BREAKEVEN_HOME`, or the folder that the system keeps for a user's application data."""
    chosen = os.environ.get("BREAKEVEN_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("breakeven", appauthor=False))


def runs() -> Path:
    """The folder of all runs, one folder each."""
    return home() / "runs"


def locks() -> Path:
    """The folder of the device's lock, the same whatever folder the runs are kept in."""
    return home() / "locks"
