"""While nobody is connected, the server gives back the memory of finished answers; the next visitor computes anew."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
from streamlit.runtime import Runtime, RuntimeState

LOOK_EVERY_SECONDS = 10.0
# Longer than Streamlit keeps a session that lost its connection (`disconnectedSessionTTL`), so that it can be let go.
IDLE_LOOKS = 4


@asynccontextmanager
async def looked_after(_: Any) -> AsyncGenerator[None, None]:
    """Look after the memory for as long as the server runs."""
    watching = asyncio.create_task(watch())
    yield
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def watch() -> None:
    """Release memory once each time that nobody has been connected for a while."""
    idle = 0
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        idle = idle + 1 if Runtime.instance().state is RuntimeState.NO_SESSIONS_CONNECTED else 0
        if idle == IDLE_LOOKS:
            await asyncio.to_thread(release)


def release() -> None:
    """Drop what is cached and hand free memory back to the system, which glibc would keep."""
    with suppress(AttributeError):
        # Streamlit lets expired sessions, with all that they drew, go only when the next one ends.
        Runtime.instance()._session_mgr._session_storage._cache.expire()
    st.cache_resource.clear()
    gc.collect()
    with suppress(OSError, AttributeError):  # other systems have no such call, and hand memory back unasked
        ctypes.CDLL(None).malloc_trim(0)
