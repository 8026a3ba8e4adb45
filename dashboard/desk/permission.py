"""What a page may do: write, run, read files by path, and reach other computers.

The server is for one person on one machine. A server that others can reach is read-only: whoever reaches it looks and
plays, and nothing that they do leaves their session.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from yarl import URL

from profiling.errors import WorkloadError
from profiling.places import home
from profiling.workload.workload import Workload

READ_ONLY = "BREAKEVEN_READ_ONLY"
# Addresses of inference servers, separated by commas, that pages may load besides those on this computer.
SERVERS = "BREAKEVEN_SERVERS"
READ_ONLY_TEXT = "This server is read-only: try any change; nothing is saved, run or read from a path."


def may_write() -> bool:
    """Return whether pages may save, run, and read files by path; on a read-only server they may not."""
    return os.environ.get(READ_ONLY) != "1"


def is_loopback(host: str) -> bool:
    """Return whether a host, by name or address, is this computer and cannot be reached from another."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False  # another name may point anywhere, and elsewhere a second later
    return address.is_loopback or bool(getattr(address, "ipv4_mapped", None) and address.ipv4_mapped.is_loopback)


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
    address = _field(workload, "model", "url")
    if isinstance(address, str):
        _check_server(address)


def _field(workload: object, part: str, name: str) -> object:
    inner = workload.get(part) if isinstance(workload, Mapping) else None
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
            todo=f"move them below {folder} and give the whole path, or start this run in the terminal",
        )


def _check_server(address: str) -> None:
    if not may_write():
        raise WorkloadError("a read-only server loads no other server", where="model.url", todo="take the url out")
    try:
        url = URL(address)
        allowed = is_loopback(url.host or "") or url.origin() in _configured()
    except ValueError:
        allowed = False
    if not allowed:
        raise WorkloadError(
            "a page loads only servers on this computer and those that the operator lists",
            where="model.url",
            todo=f"add the address to {SERVERS} and restart the server, or start this run in the terminal",
        )


def _configured() -> set[URL]:
    """Return scheme, host and port of each server that the operator lists; raises ValueError."""
    listed = os.environ.get(SERVERS, "").split(",")
    return {URL(address.strip()).origin() for address in listed if address.strip()}
