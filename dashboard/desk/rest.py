"""The server's memory: garbage is looked for beside edits, and finished answers go while nobody is connected.

The process that computes ahead goes, too. The next visitor computes anew.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
from streamlit.runtime import Runtime, RuntimeState

from dashboard.desk.ahead import COMPANION

LOOK_EVERY_SECONDS = 10.0
# Longer than Streamlit keeps a session that lost its connection (`disconnectedSessionTTL`), so that it can be let go.
IDLE_LOOKS = 4

# glibc's number of the option. By default it gives threads up to eight pools of memory a core, and sessions are
# threads: 10 visitors left 149 MB in scattered pools, and 52 MB in two.
M_ARENA_MAX, ARENAS = -8, 2


@asynccontextmanager
async def looked_after(_: Any) -> AsyncGenerator[None, None]:
    """Look after the memory for as long as the server runs."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
    leave_out()
    COMPANION.start()
    watching = asyncio.create_task(watch())
    yield
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    COMPANION.stop()


def leave_out() -> None:
    """Leave all that is loaded by now out of later searches for garbage.

    The packages alone are 160,000 objects, which take 80 ms.
    """
    gc.collect()
    gc.freeze()


async def watch() -> None:
    """Look for garbage while somebody is connected; release memory each time that nobody has been for a while."""
    idle = 0
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        idle = idle + 1 if Runtime.instance().state is RuntimeState.NO_SESSIONS_CONNECTED else 0
        if not idle:
            COMPANION.start()
            await asyncio.to_thread(gc.collect)
        elif idle == IDLE_LOOKS:
            COMPANION.stop()
            await asyncio.to_thread(release)


def release() -> None:
    """Drop what is cached and hand free memory back to the system, which glibc would keep."""
    with suppress(AttributeError):
        # Streamlit lets expired sessions, with all that they drew, go only when the next one ends.
        sessions: Any = Runtime.instance()._session_mgr
        sessions._session_storage._cache.expire()
    st.cache_resource.clear()
    gc.collect()
    with suppress(OSError, AttributeError):  # other systems have no such call, and hand memory back unasked
        ctypes.CDLL(None).malloc_trim(0)
