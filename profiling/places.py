"""Folders of runs, locks and sockets on this computer."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import platformdirs


def home() -> Path:
    """Return `$BREAKEVEN_HOME`, or the system's folder for application data of the user."""
    chosen = os.environ.get("BREAKEVEN_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("breakeven", appauthor=False))


def runs() -> Path:
    """Return the folder of all runs."""
    return home() / "runs"


def locks() -> Path:
    """Return the folder of the lock, which is the same for all folders of runs."""
    return home() / "locks"


def cache() -> Path:
    """Return `$BREAKEVEN_CACHE`, or the system's folder for what the user's programs can make again."""
    chosen = os.environ.get("BREAKEVEN_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("breakeven", appauthor=False))


def architectures() -> Path:
    """Return the folder of the models' sizes that were walked."""
    return cache() / "architectures"


# A worker and its fork server connect through sockets in a short path, since the path of a run may be too long.
SOCKETS_PREFIX = "breakeven-"
# The path of a socket has at most 107 bytes, of which this folder and multiprocessing's own names take 52.
LONGEST_ROOT = 55


def sockets_root() -> Path:
    """Return where folders of sockets are made: the temporary folder, or /tmp where its path is too long."""
    root = tempfile.gettempdir()
    return Path("/tmp" if len(root) > LONGEST_ROOT and Path("/tmp").is_dir() else root)


def make_sockets() -> Path:
    """Make a folder of sockets for this process, and return it."""
    return Path(tempfile.mkdtemp(prefix=f"{SOCKETS_PREFIX}{os.getpid()}-", dir=sockets_root()))


def remove_sockets(pid: int) -> None:
    """Remove the folders of sockets that a killed process left."""
    for folder in sockets_root().glob(f"{SOCKETS_PREFIX}{pid}-*"):
        shutil.rmtree(folder, ignore_errors=True)
