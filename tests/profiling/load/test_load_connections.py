"""Connections that a server closes although it announced that it keeps them, as llama.cpp's does."""

import asyncio

import pytest

from profiling.load import endpoint
from profiling.load.endpoint import Dialect, Reply

EVENT = b'data: {"choices": [{"text": " x", "finish_reason": "length"}]}\n\ndata: [DONE]\n\n'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\nkeep-alive: timeout=5\r\n\r\n"


async def requests_to(answers: int, requests: int) -> tuple[list[Reply], int]:
    """Send requests one after the other to a server that closes each connection after `answers` answers.

    It closes only when the next request has come. Return the replies, and how many connections there were.
    """
    opened = 0

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        for turn in range(answers + 1):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            if turn < answers:
                writer.write(ANSWER % len(EVENT) + EVENT)
        writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/completions"
    body = Dialect("/completions").body("m", ["one"], 1)
    async with endpoint.connect() as session:
        replies = [await endpoint.stream(session, address, body) for _ in range(requests)]
    server.close()
    return replies, opened


@pytest.mark.parametrize("answers", [1, 3])
def test_a_request_that_meets_a_closed_connection_goes_out_again(answers: int) -> None:
    """Nothing of it was answered, so that no figure is lost, and no failure counted."""
    replies, opened = asyncio.run(requests_to(answers, 6))
    assert [reply.failure for reply in replies] == [None] * 6
    assert [reply.sent_again for reply in replies] == [place > 0 and place % answers == 0 for place in range(6)]
    assert opened == 6 // answers


def test_a_server_that_closes_new_connections_has_failed() -> None:
    """It would be asked for ever."""
    replies, opened = asyncio.run(requests_to(0, 2))
    assert [reply.failure for reply in replies] == ["disconnected"] * 2
    assert opened == 2
