"""Servers with the OpenAI interface whose times are known: one step for all sequences of one takes a + b·n seconds.

New requests wait for a free slot and then for the next step, which brings the first token; so, with c requests
always open, TPOT is a + b·c and throughput c / (a + b·c).  One process has them all, each below a path of its own.
"""

import asyncio
import atexit
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

# What a piece holds where that is no plain text.
WRITTEN: dict[str, Any] = {
    "reasoning_details": [{"type": "reasoning.text", "text": " x"}],
    "tool_calls": [{"index": 0, "function": {"arguments": " x"}}],
}


@dataclass
class Law:
    """What the server does."""

    base_seconds: float = 0.01
    sequence_seconds: float = 0.0
    slots: int = 64
    paths: tuple[str, ...] = ("/v1/completions", "/v1/chat/completions")
    refused: tuple[str, ...] = ()  # fields of a request that it answers with 400
    counts: bool = True  # whether it sends usage
    tokens_a_piece: int = 1
    ignores_length: int | None = None  # this many tokens, whatever was asked
    tokens_a_word: float = 1.0
    context: int = 1_000_000  # answers 400 to requests of more tokens
    cached_share: float = 0.0
    failing_every: int = 0  # each so many-th request gets a 503
    cut_short_every: int = 0  # ... or only half of its answer
    error_every: int = 0  # ... or an error in mid-stream
    written: str = "content"  # the field of a chat's pieces that the answer stands in, if not the completion's text
    buffered: bool = False  # the whole answer in one go, once it is done
    key: str = ""  # answers 401 to requests without it, and repeats what it was given
    first_seconds: float = 0.0  # the first token after so long, each further one after token_seconds, for every ...
    token_seconds: float = 0.0  # ... request by itself, instead of steps
    stall_at_request: int = 0  # everything stands still when this request arrives ...
    stall_seconds: float = 0.0  # ... for so long


class Engine:
    """The continuous batch: at each step every sequence in a slot gets its next piece."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.waiting: asyncio.Queue[asyncio.Queue[None]] = asyncio.Queue()
        self.active: dict[asyncio.Queue[None], int] = {}
        self.wanted: dict[asyncio.Queue[None], int] = {}
        self.stalled_until = 0.0

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            if not self.active:
                self._admit(await self.waiting.get())
                due = clock()
            while len(self.active) < self.law.slots and not self.waiting.empty():
                self._admit(self.waiting.get_nowait())
            due = max(due + self.law.base_seconds + self.law.sequence_seconds * len(self.active), self.stalled_until)
            await asyncio.sleep(max(0.0, due - clock()))
            for tokens in list(self.active):
                tokens.put_nowait(None)
                self.active[tokens] -= 1
                if self.active[tokens] == 0:
                    self.leave(tokens)

    def _admit(self, tokens: asyncio.Queue[None]) -> None:
        if tokens in self.wanted:
            self.active[tokens] = self.wanted[tokens]

    def enter(self, steps: int) -> asyncio.Queue[None]:
        tokens: asyncio.Queue[None] = asyncio.Queue()
        self.wanted[tokens] = steps
        self.waiting.put_nowait(tokens)
        return tokens

    def leave(self, tokens: asyncio.Queue[None]) -> None:
        self.active.pop(tokens, None)
        self.wanted.pop(tokens, None)


class Application:
    """The interface in front of the engine."""

    def __init__(self, law: Law) -> None:
        self.law, self.engine = law, Engine(law)
        self.seen: list[dict[str, Any]] = []
        self.routes = [Route(path, self.answer, methods=["POST"]) for path in law.paths]
        self.routes.append(Route("/v1/seen", self.tell, methods=["GET"]))
        self.routes.append(Route("/health", self.tell, methods=["GET"]))

    @contextlib.asynccontextmanager
    async def running(self, _app: Starlette | None = None) -> AsyncIterator[None]:
        engine = asyncio.create_task(self.engine.run())
        yield
        engine.cancel()

    async def tell(self, _request: Request) -> Response:
        return JSONResponse(self.seen)

    async def answer(self, request: Request) -> Response:
        law, body = self.law, await request.json()
        given = request.headers.get("authorization", "")
        if law.key and given != f"Bearer {law.key}":
            return JSONResponse({"error": f"wrong key: {given}"}, 401)
        if field := next((name for name in law.refused if name in body), None):
            return JSONResponse({"error": f"unknown field {field}"}, 400)
        if (tokens := self._prompt_tokens(body) + body.get("max_tokens", 0)) > law.context:
            return JSONResponse({"error": f"request ({tokens} tokens) exceeds the context of {law.context}"}, 400)
        self.seen.append({"body": body, "headers": dict(request.headers), "path": request.url.path})
        number = len(self.seen)
        if law.failing_every and number % law.failing_every == 0:
            return JSONResponse({"error": "no room"}, 503)
        if number == law.stall_at_request:
            self.engine.stalled_until = asyncio.get_running_loop().time() + law.stall_seconds
        return StreamingResponse(self._sent(body, number), media_type="text/event-stream")

    async def _sent(self, body: dict[str, Any], number: int) -> AsyncIterator[bytes]:
        held = b""
        async for piece in self._pieces(body, number):
            held += piece
            if not self.law.buffered:
                yield held
                held = b""
        yield held

    async def _pieces(self, body: dict[str, Any], number: int) -> AsyncIterator[bytes]:
        law, chat, began = self.law, "messages" in body, asyncio.get_running_loop().time()
        wanted = law.ignores_length or body.get("max_tokens") or body["max_completion_tokens"]
        if chat:
            yield _event({"choices": [{"delta": {"role": "assistant", "content": ""}}]})
        pieces = -(-wanted // law.tokens_a_piece)
        tokens = self.engine.enter(0 if law.first_seconds else pieces)
        try:
            for place in range(pieces):
                if law.first_seconds:
                    due = began + law.first_seconds + place * law.token_seconds
                    await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
                else:
                    await tokens.get()
                if place == pieces // 2 and law.cut_short_every and number % law.cut_short_every == 0:
                    return
                if place == pieces // 2 and law.error_every and number % law.error_every == 0:
                    yield _event({"error": {"message": "out of blocks"}})
                    return
                yield _event(
                    {"choices": [{"delta": {law.written: WRITTEN.get(law.written, " x")}} if chat else {"text": " x"}]}
                )
        finally:
            self.engine.leave(tokens)
        yield _event(
            {"choices": [{"delta": {}, "finish_reason": "length"} if chat else {"text": "", "finish_reason": "length"}]}
        )
        if law.counts and "stream_options" in body:
            yield _event({"choices": [], "usage": self._usage(body, wanted)})
        yield b"data: [DONE]\n\n"

    def _prompt_tokens(self, body: dict[str, Any]) -> int:
        text = " ".join(one["content"] for one in body["messages"]) if "messages" in body else body["prompt"]
        return round(len(text.split()) * self.law.tokens_a_word)

    def _usage(self, body: dict[str, Any], wanted: int) -> dict[str, Any]:
        prompt = self._prompt_tokens(body)
        details = {"cached_tokens": round(self.law.cached_share * prompt)}
        return {"prompt_tokens": prompt, "completion_tokens": wanted, "prompt_tokens_details": details}


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


class Applications:
    """Applications below /0, /1 and so on, each under the law that it was asked for with."""

    def __init__(self) -> None:
        self.running: dict[int, contextlib.AbstractAsyncContextManager[None]] = {}
        self.made = 0
        routes = [Route("/", self.begin, methods=["POST"]), Route("/{number:int}", self.end, methods=["DELETE"])]
        self.asgi = Starlette(routes=routes)

    async def begin(self, request: Request) -> Response:
        application, number = Application(Law(**await request.json())), self.made
        self.made += 1
        self.running[number] = application.running()
        await self.running[number].__aenter__()
        self.asgi.routes.append(Mount(f"/{number}", routes=application.routes))
        return JSONResponse(number)

    async def end(self, request: Request) -> Response:
        await self.running.pop(request.path_params["number"]).__aexit__(None, None, None)
        return JSONResponse(None)


@dataclass(frozen=True)
class Served:
    """A running server, and what it was asked."""

    port: int
    number: int

    @property
    def url(self) -> str:
        """The address of its interface."""
        return f"http://127.0.0.1:{self.port}/{self.number}/v1"

    def seen(self) -> list[dict[str, Any]]:
        """Every request that it took: body and headers."""
        return list(_told(self.port, "GET", f"/{self.number}/v1/seen"))


@contextlib.contextmanager
def serving(**law: Any) -> Iterator[Served]:
    """A server under such a law, in another process: sharing this one, it would make the client late."""
    port = _port()
    served = Served(port, _told(port, "POST", "/", json.dumps(law)))
    try:
        yield served
    finally:
        _told(port, "DELETE", f"/{served.number}")


@cache
def _port() -> int:
    """Start the process of all servers, and return the port that it listens on; it ends with this process."""
    process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.wait)
    atexit.register(process.kill)
    assert process.stdout is not None
    return int(process.stdout.readline())


def _told(port: int, method: str, path: str, body: str | None = None) -> Any:
    """Return the answer to a request, which goes by no proxy of the environment."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, body)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return json.loads(answer.read())


def main(law: str = "", port: str = "0") -> None:
    """Serves under the law given as JSON on the port given; or under many, until standard input ends.

    Without a law the port is told on standard output.
    """
    if law:
        application = Application(Law(**json.loads(law)))
        asgi = Starlette(routes=application.routes, lifespan=application.running)
    else:
        asgi = Applications().asgi
    with socket.create_server(("127.0.0.1", int(port))) as listening:
        config = uvicorn.Config(asgi, log_level="critical", ws="none", loop="asyncio", http="h11")
        if not law:
            print(listening.getsockname()[1], flush=True)
            threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
