"""Streams as servers and gateways write them: byte by byte, around what the interface's documentation says."""

import asyncio
import contextlib
import gzip
import time

import pytest

from profiling.errors import LoadError
from profiling.load import endpoint
from profiling.load.endpoint import Dialect, Reply

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
A, B = b'data: {"choices": [{"text": " a"}]}\n\n', b'data: {"choices": [{"text": " b"}]}\n\n'
END = b'data: {"choices": [{"text": "", "finish_reason": "length"}]}\n\n'
DONE = b"data: [DONE]\n\n"
PAUSE_SECONDS = 0.05


async def replied(*parts: bytes, head: bytes = HEAD, holds: bool = False) -> Reply:
    """Return the reply of a server that sends these parts, with pauses between, and closes unless it holds."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # the client may leave first
            await reader.readuntil(b"\r\n\r\n")
            for part in (head, *parts):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(PAUSE_SECONDS)
            if holds:
                await reader.read()  # until the client goes
        writer.close()
        closed.set()

    closed = asyncio.Event()
    server = await asyncio.start_server(served, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/completions"
    async with server, endpoint.connect() as session:
        reply = await endpoint.stream(session, address, Dialect("/completions").body("m", ["one"], 2))
        await closed.wait()
    return reply


@pytest.mark.parametrize(
    ("parts", "arrivals"),
    [
        pytest.param((A, B, END + DONE), 2, id="as documented"),
        pytest.param((b": ping\n\n", A, b": ping\n\n", b"data:\n\n", B, END + DONE), 2, id="signs of life"),
        pytest.param((A.replace(b"\n", b"\r\n"), B.replace(b"\n", b"\r\n"), END + DONE), 2, id="carriage returns"),
        pytest.param((A + B, END + DONE), 1, id="two events at once"),
        pytest.param((A[:20], A[20:], B, END + DONE), 2, id="an event in two parts"),
        pytest.param(
            (A.replace(b" a", "é".encode())[:29], A.replace(b" a", "é".encode())[29:], B, END), 2, id="a letter in two"
        ),
        pytest.param((A, B, END), 2, id="no last event"),
        pytest.param((A, B, DONE), 2, id="no reason to finish"),
        pytest.param((A, B, DONE.strip()), 2, id="no last line feed"),
        pytest.param((A.replace(b"{", b'{"error": null, ', 1), B, END + DONE), 2, id="an error of null"),
        pytest.param((A, B, END, b'data: {"usage": {"completion_tokens": 2}}\n\n', DONE), 2, id="usage alone"),
        pytest.param((A, B, END, b'data: {"choices": null, "usage": {}}\n\n', DONE), 2, id="choices of null"),
        pytest.param(
            (A, B, b'data: {"choices": [{"delta": null, "finish_reason": "stop"}]}\n\n'), 2, id="a delta of null"
        ),
        pytest.param((b"event: message\nid: 7\nretry: 10\n" + A, B, END + DONE), 2, id="other fields of events"),
        pytest.param((b"\xef\xbb\xbf" + A, B, END + DONE), 2, id="a byte order mark"),
        pytest.param((A, B.replace(b" b", b" \xe4\xbd"), END + DONE), 2, id="half a letter"),
    ],
)
def test_an_answer_is_read_however_it_is_written(parts: tuple[bytes, ...], arrivals: int) -> None:
    """No failure, and each arrival of output is seen once."""
    reply = asyncio.run(replied(*parts))
    assert (reply.failure, reply.message) == (None, "")
    assert len(reply.piece_times) == 2
    assert reply.arrivals == arrivals
    assert reply.output_tokens == 2


@pytest.mark.parametrize(
    "written",
    [
        b'"audio": {"id": "a", "transcript": "x"}',
        b'"reasoning_text": "x"',
        b'"thinking_blocks": [{"type": "thinking", "thinking": "x"}], "content": null',
        b'"thought": "x"',
        b'"tool_calls": [{"index": 0, "custom": {"input": "x"}}]',
    ],
)
def test_what_a_model_writes_is_found_under_each_name_in_use(written: bytes) -> None:
    """A role alone is no output; thinking, speech and calls of tools are."""
    role, piece = (b'data: {"choices": [{"delta": {%s}}]}\n\n' % one for one in (b'"role": "assistant"', written))
    assert len(asyncio.run(replied(role, piece, piece, END + DONE)).piece_times) == 2


def test_counts_that_come_in_two_events_are_put_together() -> None:
    """The second one here has no count of the answer."""
    usages = (b'"completion_tokens": 5, "prompt_tokens": 3', b'"prompt_tokens": 3')
    events = (b'data: {"choices": [], "usage": {%s}}\n\n' % one for one in usages)
    assert asyncio.run(replied(A, B, END, *events, DONE)).output_tokens == 5


@pytest.mark.parametrize(
    ("parts", "failure"),
    [
        ((A, B), "answer cut short"),
        ((A, B[:20]), "answer cut short"),
        ((A, B.replace(b"choices", b"error")), "error in the stream"),
        ((END + DONE,), "answer without text"),
        ((b'{"choices": [{"text": "all at once"}]}',), "answer without text"),
        ((A, b'data: {"choices": [{"text": " b"}]}{"choices": []}\n\n', END + DONE), "not the OpenAI interface"),
        ((b"data: <html>\n\n",), "not the OpenAI interface"),
        ((b"data: [1]\n\n",), "not the OpenAI interface"),
        ((b"data: 7\n\n",), "not the OpenAI interface"),
    ],
)
def test_what_is_no_answer_is_a_failure_by_name(parts: tuple[bytes, ...], failure: str) -> None:
    """Nothing of it becomes a figure."""
    assert asyncio.run(replied(*parts)).failure == failure


def test_a_compressed_answer_is_none() -> None:
    """A few bytes could become an answer of any size, and pieces would come late."""
    head = HEAD.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")
    reply = asyncio.run(replied(gzip.compress(A + B + END + DONE), head=head))
    assert (reply.failure, reply.piece_times) == ("a compressed answer, which was not asked for", [])


def test_a_reason_to_finish_that_is_empty_finishes_nothing() -> None:
    """Some servers send it with each piece."""
    empty = A.replace(b"}]", b', "finish_reason": ""}]')
    assert asyncio.run(replied(empty, B)).failure == "answer cut short"


@pytest.mark.parametrize("after", [(), (b": ping\n\n",) * 400])
def test_an_answer_is_over_at_its_last_event(after: tuple[bytes, ...]) -> None:
    """A server may keep the connection open, in silence or with signs of life; nobody waits for it."""
    began = time.perf_counter()
    reply = asyncio.run(replied(A, B, END + DONE, *after, holds=True))
    assert reply.failure is None
    assert time.perf_counter() - began < 200 * PAUSE_SECONDS


@pytest.mark.parametrize(
    ("head", "body", "told"),
    [
        (
            b"429 Too Many Requests\r\nretry-after: 7",
            b'{"error": "slow down"}',
            r"HTTP 429: .*slow down.*; it limits how much it is asked",
        ),
        (
            b"307 Temporary Redirect\r\nlocation: /v2",
            b"",
            r"HTTP 307: it leads to /v2\); give the address that it leads to",
        ),
        (b"404 Not Found", b"", r"HTTP 404\); check the model's url, which usually ends in /v1"),
        (b"500 Oops", b"out of memory", r"HTTP 500: out of memory\); look at the server's log"),
        (
            b"200 OK\r\ncontent-encoding: gzip",
            gzip.compress(A, mtime=0),
            r"a compressed answer.*; turn compression off",
        ),
        (b"503 Busy", b"Loading model", r"HTTP 503: Loading model\); it has no room, or still loads its model: wait"),
        (b"303 See Other\r\nlocation: /v2", b"", r"it leads to /v2\); give the address that it leads to"),
        (b"200 OK", b'{"choices": []}', r'answer without text: {"choices": \[\]}\); check that the server streams'),
        (
            b"200 OK",
            b'data: {"choices": [{"delta": {"role": "assistant"}}]}\n\n'
            b'data: {"choices": [{"delta": {"musings": "hm"}}]}\n\n' + END + DONE,
            r'answer without text: {"choices": \[{"delta": {"musings": "hm"}}\]}\); check that the server streams',
        ),
        (b"200 OK", A, r"answer cut short\); look at the server's log: the stream ended without"),
    ],
)
def test_what_to_do_goes_with_what_a_server_answers(head: bytes, body: bytes, told: str) -> None:
    """The advice is to check the model's name only where that may be wrong."""

    async def asked() -> None:
        async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 " + head + b"\r\nconnection: close\r\n\r\n" + body)
            writer.close()

        server = await asyncio.start_server(served, "127.0.0.1", 0)
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        async with server, endpoint.connect() as session:
            await endpoint.negotiate(session, base, "m", ["one"], 2)

    with pytest.raises(LoadError, match=told):
        asyncio.run(asked())
