"""A browser without a screen: it speaks Streamlit's protocol over a websocket, so that many fit on one computer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.desk.owner import COOKIE, new_token

# Dozens of sessions share two cores.
PATIENCE_SECONDS = 600


class Visitor:
    """One browser with one tab."""

    def __init__(self, port: int) -> None:
        self.url = f"ws://127.0.0.1:{port}/_stcore/stream"
        self.token = new_token()
        self.address = ""
        self.fields: dict[str, str] = {}  # the beginning of a number field's label → its id
        self.errors: list[str] = []

    async def open(self) -> None:
        """Open the overview and wait until it is drawn."""
        headers = {"Cookie": f"{COOKIE}={self.token}"}
        self.socket = await websockets.connect(
            self.url,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers=headers,
            max_size=None,
            ping_timeout=PATIENCE_SECONDS,
        )
        await self._ask(lambda _: None)

    async def edit(self, label: str, value: float) -> None:
        """Type a number and wait until the page is drawn."""

        def typed(state: Any) -> None:
            widget = state.widgets.add()
            widget.id, widget.double_value = self.fields[label], value

        await self._ask(typed)

    async def close(self) -> None:
        """Close the tab."""
        await self.socket.close()

    async def _ask(self, fill: Callable[[Any], None]) -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.address
        message.rerun_script.page_name = "overview"
        fill(message.rerun_script.widget_states)
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self._read(await self.socket.recv()):
                pass

    def _read(self, content: Any) -> bool:
        """Take in one message and return whether the page is drawn."""
        message = ForwardMsg()
        message.ParseFromString(content)
        kind = message.WhichOneof("type")
        if kind == "page_info_changed":
            self.address = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._see(message.delta.new_element)
        return bool(kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY)

    def _see(self, element: Any) -> None:
        if element.WhichOneof("type") == "number_input":
            self.fields[element.number_input.label.partition(",")[0]] = element.number_input.id
        elif element.WhichOneof("type") == "exception":
            self.errors.append(element.exception.message)
