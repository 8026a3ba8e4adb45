"""Where runs and locks are kept on this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
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


# A worker and its fork server meet in a folder that lies where paths are short: a run's own may be too long.
SOCKETS_PREFIX = "breakeven-"
# A socket's whole path may have 107 bytes, of which this folder and what multiprocessing adds take 52.
LONGEST_ROOT = 55


def sockets_root() -> Path:
    """Where folders of sockets are made: the system's place for temporary files, unless its name is too long."""
    root = tempfile.gettempdir()
    return Path("/tmp" if len(root) > LONGEST_ROOT and Path("/tmp").is_dir() else root)


def make_sockets() -> Path:
    """A new folder of sockets for this process."""
    return Path(tempfile.mkdtemp(prefix=f"{SOCKETS_PREFIX}{os.getpid()}-", dir=sockets_root()))


def remove_sockets(pid: int) -> None:
    """Removes what a process that was killed has left there."""
    for folder in sockets_root().glob(f"{SOCKETS_PREFIX}{pid}-*"):
        shutil.rmtree(folder, ignore_errors=True)
