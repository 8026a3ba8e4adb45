"""A server that speaks the OpenAI interface and streams: what to ask it, and when its tokens came.

Only the prompt given is sent, to the address given, with the key of its user if it wants one: no proxy from the
environment, no redirect, no cookie.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import aiohttp

from profiling.errors import LoadError, Phrase
from profiling.workload.limits import MOST_TOKENS

PATHS = ("/completions", "/chat/completions")
# A server on this machine or in its network accepts a connection in milliseconds, or it is not there.
CONNECT_SECONDS = 5.0
# Servers close a connection that idles for five seconds or more; it is not used again so near to that.
IDLE_SECONDS = 2.0
# What ends a stream of events, and how long a response may stay open after it.
LAST, END_SECONDS = b"[DONE]", 0.2
# A longer silence ends a request: nobody waits five minutes for the next token.
SILENT_SECONDS = 300.0
# The longest time of a whole answer: 30,000 tokens at ten a second, which is slower than people read. A server
# that never ends its stream would otherwise block the run.
ANSWER_SECONDS = 3600.0
# Ten times what 30,000 tokens take as one event each; a server that floods its client is given up.
ANSWER_BYTES = 100_000_000
# A whole answer of 30,000 tokens in one event has a tenth of this.
EVENT_BYTES = 1_000_000
# What not every server takes, in the order in which it is left out where a refusal names no field.
OPTIONAL_FIELDS = ("min_tokens", "ignore_eos", "stream_options", "temperature", "max_tokens")
# Newer interfaces call it otherwise.
INSTEAD = {"max_tokens": "max_completion_tokens"}
# Answers of a server that takes exception to a field of the request, and of one without that path.
REFUSED_FIELD, WITHOUT_PATH = ("HTTP 400", "HTTP 422"), ("HTTP 404", "HTTP 405", "HTTP 501")
COMPRESSED = "a compressed answer, which was not asked for"
# What to do about each kind of failure; about any other, LOOK.
LOOK = Phrase("look at the server's log, or ask less of it")
ADVICE = {
    **dict.fromkeys(
        ("HTTP 401", "HTTP 403"),
        Phrase("name the variable that holds its key as the model's key_variable, or check the key"),
    ),
    "HTTP 429": Phrase("it limits how much it is asked: wait, ask less, or raise its limit"),
    "HTTP 503": Phrase("it has no room, or still loads its model: wait, or ask less of it"),
    **dict.fromkeys(
        REFUSED_FIELD,
        Phrase(
            "ask for shorter prompts and answers, start the server with a longer context, or check the model's name"
        ),
    ),
    **dict.fromkeys(
        (*WITHOUT_PATH, "not the OpenAI interface"),
        Phrase("check the model's url, which usually ends in /v1, and the model's name"),
    ),
    **dict.fromkeys(
        ("HTTP 301", "HTTP 302", "HTTP 303", "HTTP 307", "HTTP 308"),
        Phrase("give the address that it leads to as the model's url"),
    ),
    COMPRESSED: Phrase("turn compression off in the server, or in what stands before it"),
    "answer cut short": Phrase(
        "look at the server's log: the stream ended without [DONE] and without a reason to finish"
    ),
    "answer without text": Phrase("check that the server streams its answers, and that the model writes text"),
    "no connection": Phrase("check that the server runs, and the model's url"),
}
# As much of a server's complaint as is read, and as fits into a sentence.
MESSAGE_BYTES, MESSAGE_LETTERS = 4_096, 300
# Where what the model wrote stands in a streamed piece.  Thinking aloud and calls of tools count as output, which
# they are; servers and gateways name the former in many ways.
OUTPUT = (
    *("content", "refusal", "audio", "reasoning_content", "reasoning", "reasoning_details", "reasoning_text"),
    *("thinking", "thinking_blocks", "thought", "tool_calls", "function_call"),
)
# The names inside of those that are objects, or lists of them.
INSIDE = (
    *("text", "summary", "data", "transcript", "content", "thinking"),
    *("function", "custom", "name", "arguments", "input"),
)
# The counts of a server that are used.
CACHED = "cached_tokens"
COUNTS = ("prompt_tokens", "completion_tokens", CACHED)


@dataclass
class Reply:
    """What one request brought: the clock at each piece with output in it, and the server's own token counts.

    Pieces that arrived together have the same time: nobody saw one of them come before the other.
    """

    piece_times: list[float] = field(default_factory=list)
    usage: Mapping[str, int] = field(default_factory=dict)
    failure: str | None = None
    message: str = ""  # the server's own words about a failure
    complete: bool = False
    first_tokens: int | None = None  # in the first piece, by a server that counts as it goes
    reused: bool = False  # whether the request went out on a connection that an earlier one had left open
    headed: bool = False  # whether the head of an answer came
    sent_again: bool = False  # whether it went out before on a connection that the server then closed
    text: list[str] = field(default_factory=list)  # what the next turn of a conversation repeats

    @property
    def output_tokens(self) -> int:
        """Tokens by the server's count; one for each piece where it gives none."""
        return self.usage.get("completion_tokens") or len(self.piece_times)

    @property
    def arrivals(self) -> int:
        """How many times output arrived."""
        return len(set(self.piece_times))

    @property
    def later_tokens(self) -> float | None:
        """Tokens after the first arrival; None where all came at once, so that nobody saw them come.

        A server that counts as it goes tells them; otherwise all pieces are taken for equally long.
        """
        if self.arrivals == 1:
            return 0.0 if self.usage.get("completion_tokens") == 1 else None
        first = self.piece_times.count(self.piece_times[0])
        if first == 1 and self.first_tokens is not None and self.first_tokens < self.output_tokens:
            return float(self.output_tokens - self.first_tokens)
        return self.output_tokens * (1 - first / len(self.piece_times))


@dataclass(frozen=True)
class Dialect:
    """The path that a server answers on, and the optional fields that it does not take."""

    path: str
    omitted: tuple[str, ...] = ()

    def body(self, model: str, said: Sequence[str], new_tokens: int) -> bytes:
        """Return a request for exactly `new_tokens`, chosen greedily, streamed with the server's count at the end.

        `said` is the conversation so far, by the user and the model in turn; it ends with the user.
        """
        roles = ("user", "assistant")
        messages = [{"role": roles[place % 2], "content": text} for place, text in enumerate(said)]
        fields = {
            "model": model,
            **({"messages": messages} if "chat" in self.path else {"prompt": "\n".join(said)}),
            "max_tokens": new_tokens,
            "min_tokens": new_tokens,
            "ignore_eos": True,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        taken = {name: value for name, value in fields.items() if name not in self.omitted}
        taken |= {INSTEAD[name]: fields[name] for name in self.omitted if name in INSTEAD}
        return json.dumps(taken).encode()

    def without(self, complaint: str) -> Dialect | None:
        """Return the dialect without the field that a refusal names, or else the next one; None where none is left."""
        left = [name for name in OPTIONAL_FIELDS if name not in self.omitted]
        if not left:
            return None
        named = (name for name in left if re.search(rf"\b{name}\b", complaint))
        return replace(self, omitted=(*self.omitted, next(named, left[0])))

    @property
    def note(self) -> str | None:
        """A sentence on the fields that the server refused; None where it took all."""
        if not self.omitted:
            return None
        omitted, instead = ", ".join(self.omitted), [INSTEAD[name] for name in self.omitted if name in INSTEAD]
        if not instead:
            return Phrase("The server refused a request with {omitted}; it was asked without.", omitted=omitted)
        replaced = "The server refused a request with {omitted}; it was asked without, with {instead} instead."
        return Phrase(replaced, omitted=omitted, instead=", ".join(instead))


def connect(key: str | None = None) -> aiohttp.ClientSession:
    """Return a client with as many connections as there are requests open; made inside of a running event loop."""
    # Compression would hold pieces back, and lets a few bytes become an answer of any size.
    headers = {"content-type": "application/json", "accept": "text/event-stream", "accept-encoding": "identity"}
    tracing = aiohttp.TraceConfig()
    tracing.on_connection_reuseconn.append(_reused)
    return aiohttp.ClientSession(
        trace_configs=[tracing],
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
        timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS),
        headers=headers if key is None else {**headers, "authorization": f"Bearer {key}"},
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


async def _reused(_session: aiohttp.ClientSession, context: Any, _event: object) -> None:
    """Note in the reply that its request goes out on a connection of an earlier one."""
    context.trace_request_ctx.reused = True


async def stream(session: aiohttp.ClientSession, address: str, body: bytes) -> Reply:
    """Send one request and read its answer to the end; the reply holds any error of server or network.

    Some servers, llama.cpp's among them, announce that they keep a connection and close it all the same. A request that
    meets this goes out again; its time counts from when it was intended.
    """
    again = False
    while True:
        reply = await _streamed(session, address, body)
        reply.sent_again = again
        if not (reply.failure == "disconnected" and reply.reused and not reply.headed):
            return reply
        again = True


async def _streamed(session: aiohttp.ClientSession, address: str, body: bytes) -> Reply:
    reply = Reply()
    try:
        async with session.post(address, data=body, allow_redirects=False, trace_request_ctx=reply) as response:
            reply.headed = True
            if response.headers.get("content-encoding", "identity") != "identity":
                reply.failure = COMPRESSED
            elif response.status == 200:
                await _read(response.content, reply)
            else:
                complaint = (await response.content.read(MESSAGE_BYTES)).decode("utf-8", "replace")
                reply.failure = f"HTTP {response.status}"
                reply.message = f"it leads to {place}" if (place := response.headers.get("location")) else complaint
    except (aiohttp.ClientError, TimeoutError) as error:
        reply.failure, reply.message = _failure(error), str(error)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        reply.failure, reply.message = "not the OpenAI interface", f"{type(error).__name__}: {error}"
    if reply.failure is None and not (reply.piece_times and reply.complete):
        reply.failure = "answer cut short" if reply.piece_times else "answer without text"
    reply.message = _without_key(reply.message, session)[:MESSAGE_LETTERS]
    return reply


def _without_key(message: str, session: aiohttp.ClientSession) -> str:
    """Return a server's words without the key, which some servers repeat to whoever sent it."""
    key = session.headers.get("authorization", "").removeprefix("Bearer ")
    return message.replace(key, "[the key]") if key else message


async def _read(content: aiohttp.StreamReader, reply: Reply) -> None:
    """Note the time of each server-sent event that holds output, as it arrives."""
    rest, size, begins = b"", 0, b""
    async for part in content.iter_any():
        now = time.perf_counter()
        *lines, rest = (rest + part).split(b"\n")
        size += len(part)
        begins = begins or part[:MESSAGE_BYTES]
        if len(rest) > EVENT_BYTES or size > ANSWER_BYTES:
            reply.failure = "an answer too large to be one"
            return
        if any(_take(line, now, reply) for line in filter(None, lines)):
            await _end(content)
            break
        if reply.failure is not None:
            return
    else:
        _take(rest if _data(rest) == LAST else b"", time.perf_counter(), reply)
    if not reply.piece_times:
        reply.message = reply.message or begins.decode("utf-8", "replace")


async def _end(content: aiohttp.StreamReader) -> None:
    """Read to the end of the response, so that its connection can serve again; leave one that stays open."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            async for _ in content.iter_any():
                pass


def _data(line: bytes) -> bytes:
    """Return the data of a line; empty for other fields of events, and comments that keep the connection open."""
    line = line.removeprefix(codecs.BOM_UTF8)
    return line[len(b"data:") :].strip() if line.startswith(b"data:") else b""


def _take(line: bytes, now: float, reply: Reply) -> bool:
    """Take one line into the reply, unless that failed; return whether it is the last."""
    data = _data(line)
    if data == LAST:
        reply.complete = True
        return True
    if not data or reply.failure is not None:
        return False
    # A model may write half a letter, which some servers send as it is.
    said = data.decode("utf-8", "replace")
    message = json.loads(said)
    if error := message.get("error"):
        reply.failure, reply.message = "error in the stream", str(error)[:MESSAGE_BYTES]
        return False
    counted = _counts(message.get("usage") or {})
    reply.usage = {**reply.usage, **counted}
    for choice in message.get("choices") or ():
        reply.complete |= bool(choice.get("finish_reason"))
        written = choice.get("delta") or {"content": choice.get("text")}
        if any(_holds(written.get(name)) for name in OUTPUT):
            reply.piece_times.append(now)
            reply.text.append(text if isinstance(text := written.get("content"), str) else "")
            if len(reply.piece_times) == 1:
                reply.first_tokens, reply.message = counted.get("completion_tokens"), ""
        elif not reply.piece_times and any(value and name != "role" for name, value in written.items()):
            reply.message = said[:MESSAGE_BYTES]  # for what is read of no server so far
    return False


def _holds(value: object) -> bool:
    """Return whether there is anything in what a piece has under one of its names."""
    if isinstance(value, Mapping):
        return any(_holds(value.get(name)) for name in INSIDE)
    return any(map(_holds, value)) if isinstance(value, list) else isinstance(value, str) and value != ""


def _counts(usage: Mapping[str, Any]) -> dict[str, int]:
    """Return a server's counts of tokens, without what is no count: no prompt and no answer has 0 tokens."""
    told = {**usage, **(usage.get("prompt_tokens_details") or {})}
    known = {name: told[name] for name in COUNTS if type(told.get(name)) is int}
    return {name: count for name, count in known.items() if (name != CACHED) <= count <= MOST_TOKENS}


def _failure(error: Exception) -> str:
    """Return the kind of a failure of the connection, under which such failures are counted."""
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return "no connection"
    return "timed out" if isinstance(error, TimeoutError) else "disconnected"


def advice(failure: str) -> str:
    """Return what to do about a kind of failure."""
    return ADVICE.get(failure, LOOK)


async def negotiate(
    session: aiohttp.ClientSession, base: str, model: str, prompts: Sequence[str], new_tokens: int
) -> tuple[Dialect, Reply, str]:
    """Find by requests what the server understands, and the prompt it took; raise LoadError where it answers none.

    Everything is asked for at first, then one optional field fewer each time; the plain completion before the chat; and
    the first prompt before the others.
    """
    for prompt, path in product(prompts, PATHS):
        dialect: Dialect | None = Dialect(path)
        while dialect is not None:
            reply = await stream(session, base + path, dialect.body(model, [prompt], new_tokens))
            if reply.failure is None:
                return dialect, reply, prompt
            dialect = dialect.without(reply.message) if reply.failure in REFUSED_FIELD else None
        if reply.failure not in (*REFUSED_FIELD, *WITHOUT_PATH):
            break
    why = ": ".join(filter(None, (reply.failure, reply.message.strip())))
    raise LoadError(
        Phrase("{url} gave no answer to a first request ({why})", url=base + path, why=why),
        todo=advice(str(reply.failure)),
    )
