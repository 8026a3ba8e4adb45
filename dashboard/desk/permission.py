"""What a page may do: write, run, read files by path, and reach other computers.

The server is for one person on one machine. A server that others can reach is read-only: whoever reaches it looks and
plays, and nothing that they do leaves their session.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from profiling.errors import Phrase, WorkloadError
from profiling.places import home
from profiling.workload.address import SERVERS, is_trusted
from profiling.workload.workload import Workload

READ_ONLY = "BREAKEVEN_READ_ONLY"
READ_ONLY_TEXT = "This server is read-only: try any change; nothing is saved, run or read from a path."


def may_write() -> bool:
    """Return whether pages may save, run, and read files by path; on a read-only server they may not."""
    return os.environ.get(READ_ONLY) != "1"


def check_run(workload: Workload) -> None:
    """Raise WorkloadError if a page may not measure this workload; the terminal measures any."""
    if not may_write():
        raise WorkloadError("this server is read-only", todo="start the run on a server of your own")
    check_reach(workload.to_json())


def check_reach(workload: object) -> None:
    """Raise WorkloadError if a page may not read the files of a workload, or load its server.

    The workload is plain JSON that need not be valid, since checking it further reads the files of its model.
    """
    for part in ("model", "data"):
        path = _field(workload, part, "path")
        if isinstance(path, str):
            _check_path(f"{part}.path", path)
    cases = workload.get("cases") if isinstance(workload, Mapping) else None
    for case in cases if isinstance(cases, list) else ():
        if isinstance(trace := _field(case, "point", "arrivals"), str):
            _check_path("arrivals", trace)
    address = _field(workload, "model", "url")
    if isinstance(address, str):
        _check_server(address)


def _field(plain: object, part: str, name: str) -> object:
    inner = plain.get(part) if isinstance(plain, Mapping) else None
    return inner.get(name) if isinstance(inner, Mapping) else None


def _check_path(field: str, path: str) -> None:
    if not may_write():
        raise WorkloadError("a read-only server reads no files by path", where=field, todo="take the path out")
    folder = home().resolve()
    try:
        below = (folder / path).resolve().is_relative_to(folder)
    except (OSError, ValueError):  # a loop of links, or a character that no path may hold
        below = False
    if not below or not Path(path).is_absolute():
        raise WorkloadError(
            "a page reads files in the data folder only",
            where=field,
            todo=Phrase(
                "move them below {folder} and give the whole path, or start this run in the terminal", folder=folder
            ),
        )


def _check_server(address: str) -> None:
    if not may_write():
        raise WorkloadError("a read-only server loads no other server", where="model.url", todo="take the url out")
    if not is_trusted(address):
        raise WorkloadError(
            "a page loads only servers on this computer and those that the operator lists",
            where="model.url",
            todo=Phrase(
                "add the address to {variable} and restart the server, or start this run in the terminal",
                variable=SERVERS,
            ),
        )
