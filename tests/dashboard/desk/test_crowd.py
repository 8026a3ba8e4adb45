"""Many people at once: nothing crosses, every edit is kept, and the memory comes back; see `make soak`."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from wire import Visitor

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Shelf
from dashboard.desk.owner import folder_of

pytestmark = pytest.mark.soak

VISITORS, EDITS = 25, 3
AGENCY, MARKETPLACE = "Price · Agency", "Price · Marketplace"
MOST_GROWTH_BYTES = 200_000_000
# The server looks after its memory half a minute after the last visitor has left.
MINUTE = 60


@pytest.fixture
def server(home: Path) -> Iterator[tuple[int, psutil.Process]]:
    """The app on a free port, with an empty home."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    environment = {**os.environ, "BREAKEVEN_HOME": str(home)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=SHIPPED.parent, env=environment, **quiet)
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.25)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


async def work(visitor: Visitor, place: int) -> None:
    """Change two prices in turn, to values that no other visitor types."""
    for edit in range(EDITS):
        await visitor.edit(AGENCY, 1000.0 + 10 * place + edit)
        await visitor.edit(MARKETPLACE, 100.0 + place + edit / 10)


async def visits(port: int) -> list[Visitor]:
    """Let all visitors come, work at once, and leave."""
    visitors = [Visitor(port) for _ in range(VISITORS)]
    await asyncio.gather(*(visitor.open() for visitor in visitors))
    await asyncio.gather(*(work(visitor, place) for place, visitor in enumerate(visitors)))
    await asyncio.gather(*(visitor.close() for visitor in visitors))
    return visitors


def expected(place: int) -> list[dict[str, float]]:
    """The edits after each step of one visitor."""
    steps: list[dict[str, float]] = [{}]
    for edit in range(EDITS):
        steps.append({**steps[-1], "plans.agency.price": 1000.0 + 10 * place + edit})
        steps.append({**steps[-1], "plans.marketplace.price": 100.0 + place + edit / 10})
    return steps


def test_many_edit_at_once(server: tuple[int, psutil.Process]):
    """Each draft has its own edits and all of them, step by step; a minute later the memory is nearly as before."""
    port, process = server
    first = Visitor(port)

    async def one_visit() -> None:
        await first.open()
        await first.close()

    asyncio.run(one_visit())
    time.sleep(MINUTE)
    before = process.memory_info().rss
    visitors = asyncio.run(visits(port))
    assert [visitor.errors for visitor in visitors] == [[]] * VISITORS
    for place, visitor in enumerate(visitors):
        shelf = Shelf(folder_of(visitor.token))
        (one,) = shelf.listed()
        draft = shelf.load(one.id)
        assert draft is not None
        assert [dict(step.edits) for step in draft.steps] == expected(place)
        assert visitor.address == f"draft={one.id}"
    time.sleep(MINUTE)
    grown = process.memory_info().rss - before
    print(f"{VISITORS} visitors, {2 * EDITS} edits each: {grown / 1e6:.0f} MB more than before")
    assert grown < MOST_GROWTH_BYTES
