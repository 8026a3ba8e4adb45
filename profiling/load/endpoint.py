"""A server that speaks the OpenAI interface and streams: what to ask it, and when its tokens came.

Only the prompt given is sent, to the address given: no proxy from the environment, no redirect, no
credentials.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from profiling.errors import LoadError, WorkloadError

PATHS = ("/completions", "/chat/completions")
# A server on this machine or in its network accepts a connection in milliseconds, or it is not there.
CONNECT_SECONDS = 5.0
# Servers close a connection that idles for five seconds or more; it is not used again so near to that.
IDLE_SECONDS = 2.0
# A longer silence ends a request: nobody waits five minutes for the next token.
SILENT_SECONDS = 300.0
# The longest time of a whole answer: 30,000 tokens at ten a second, which is slower than people read.  A server
# that never ends its stream would otherwise block the run.
ANSWER_SECONDS = 3600.0
# What is not in the interface's common part; a server that refuses a request is asked again without.
OPTIONAL_FIELDS = ("min_tokens", "ignore_eos", "stream_options")
# Answers of a server that takes exception to a field of the request, and of one without that path.
REFUSED_FIELD, WITHOUT_PATH = ("HTTP 400", "HTTP 422"), ("HTTP 404", "HTTP 405", "HTTP 501")
# As much of a server's complaint as fits into a sentence.
MESSAGE_LETTERS = 300
# Where the text of one streamed piece stands; thinking aloud counts as output, which it is.
TEXT_FIELDS = ("content", "reasoning_content", "reasoning")


@dataclass
class Reply:
    """What one request brought: the clock at each piece with text in it, and the server's own token counts."""

    piece_times: list[float] = field(default_factory=list)
    usage: Mapping[str, Any] = field(default_factory=dict)
    failure: str | None = None
    message: str = ""  # the server's own words about a failure
    complete: bool = False

    @property
    def output_tokens(self) -> int:
        """Tokens by the server's count; one for each piece where it gives none."""
        return int(self.usage.get("completion_tokens") or len(self.piece_times))


@dataclass(frozen=True)
class Dialect:
    """The path that a server answers on, and the optional fields that it does not take."""

    path: str
    omitted: tuple[str, ...] = ()

    def body(self, model: str, prompt: str, new_tokens: int) -> bytes:
        """Return a request for exactly `new_tokens`, chosen greedily, streamed with the server's count at the end."""
        asked = {"messages": [{"role": "user", "content": prompt}]} if "chat" in self.path else {"prompt": prompt}
        fields = {
            "model": model,
            **asked,
            "max_tokens": new_tokens,
            "min_tokens": new_tokens,
            "ignore_eos": True,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        return json.dumps({name: value for name, value in fields.items() if name not in self.omitted}).encode()


def checked_url(url: str) -> str:
    """Return the base of a server's address, such as `http://127.0.0.1:8000/v1`; raise WorkloadError for any other."""
    try:
        parsed = URL(url)
    except ValueError as error:
        raise WorkloadError(
            f"{url!r} is not an address ({error})", todo="write it as http://127.0.0.1:8000/v1"
        ) from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise WorkloadError(f"{url!r} is not the address of a server", todo="write it as http://127.0.0.1:8000/v1")
    if parsed.user or parsed.password or parsed.query_string or parsed.fragment:
        raise WorkloadError(f"{parsed.host}: the address may hold no password and no query", todo="records keep it")
    return url.rstrip("/")


def connect() -> aiohttp.ClientSession:
    """Return a client with as many connections as there are requests open; made inside of a running event loop."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
        timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS),
        headers={"content-type": "application/json", "accept": "text/event-stream"},
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


async def stream(session: aiohttp.ClientSession, address: str, body: bytes) -> Reply:
    """Send one request and read its answer to the end; the reply holds any error of server or network."""
    reply = Reply()
    try:
        async with session.post(address, data=body, allow_redirects=False) as response:
            if response.status == 200:
                await _read(response.content, reply)
            else:
                reply.failure, reply.message = f"HTTP {response.status}", (await response.text())[:MESSAGE_LETTERS]
    except (aiohttp.ClientError, TimeoutError) as error:
        reply.failure, reply.message = _failure(error), str(error)[:MESSAGE_LETTERS]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        reply.failure, reply.message = "not the OpenAI interface", f"{type(error).__name__}: {error}"[:MESSAGE_LETTERS]
    if reply.failure is None and not (reply.piece_times and reply.complete):
        reply.failure = "answer cut short" if reply.piece_times else "answer without text"
    return reply


async def _read(content: aiohttp.StreamReader, reply: Reply) -> None:
    """Note the time of each server-sent event that holds text, as it arrives."""
    async for line in content:
        if not line.startswith(b"data:"):
            continue  # an empty line between events, or a comment that keeps the connection open
        now = time.perf_counter()
        data = line[len(b"data:") :].strip()
        if data == b"[DONE]":
            reply.complete = True
            continue  # to the end of the response, so that its connection can serve again
        message = json.loads(data)
        if "error" in message:
            reply.failure, reply.message = "error in the stream", str(message["error"])[:MESSAGE_LETTERS]
            return
        reply.usage = message.get("usage") or reply.usage
        for choice in message["choices"]:
            reply.complete |= choice.get("finish_reason") is not None
            if _text(choice):
                reply.piece_times.append(now)


def _text(choice: Mapping[str, Any]) -> str | None:
    """Return the text of one piece, of a completion or of a chat."""
    if "delta" not in choice:
        return choice.get("text")
    return next((text for name in TEXT_FIELDS if (text := choice["delta"].get(name))), None)


def _failure(error: Exception) -> str:
    """Return the kind of a failure of the connection, under which such failures are counted."""
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return "no connection"
    return "timed out" if isinstance(error, TimeoutError) else "disconnected"


async def negotiate(
    session: aiohttp.ClientSession, base: str, model: str, prompt: str, new_tokens: int
) -> tuple[Dialect, Reply]:
    """Find by requests what the server understands; raise LoadError where it answers none.

    Everything is asked for at first, then one optional field fewer each time; the plain completion before the
    chat.
    """
    for path in PATHS:
        for fewer in range(len(OPTIONAL_FIELDS) + 1):
            dialect = Dialect(path, OPTIONAL_FIELDS[:fewer])
            reply = await stream(session, base + path, dialect.body(model, prompt, new_tokens))
            if reply.failure is None:
                return dialect, reply
            if reply.failure not in REFUSED_FIELD:
                break
        if reply.failure not in (*REFUSED_FIELD, *WITHOUT_PATH):
            break
    raise LoadError(
        f"{base}{path} gave no answer to a first request ({reply.failure}: "
        f"{reply.message.strip()}); check that the server runs, and the model's name"
    )
