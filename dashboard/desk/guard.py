"""The guard at the door of the server: who is let in, what the browser may load, and the cookie that it keeps.

Streamlit has no options for these, so an ASGI middleware stands before it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from dashboard.desk.owner import COOKIE, cookie_of, new_token
from dashboard.desk.permission import READ_ONLY, may_write
from profiling.workload.address import is_loopback

# Browsers keep a cookie for 400 days at most; each visit renews it.
COOKIE_SECONDS = 400 * 24 * 3600
# Memory and names of all sessions, and an interface for programs; nobody needs either here.
CLOSED = ("/_stcore/metrics", "/_stcore/agent")
SHELL = Path(st.__file__).parent / "static" / "index.html"
ONE_PERSON = (
    "Breakeven serves one person on one computer, so it answers only this computer; "
    f"set {READ_ONLY}=1 to let others look without saving or running anything."
)


def inline_scripts(html: str) -> list[str]:
    """Return the hashes, in the form of a content policy, of the scripts inside a page."""
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts]


def content_policy() -> str:
    """Return the policy: everything comes from this server, and no other site shows it in a frame."""
    # Plotly and Vega compile functions from text, and programs that test pages wait by evaluating it; no script can
    # come from elsewhere or stand in a page, so there is nobody else to hand text over. Streamlit makes a component's
    # script a blob.
    scripts = " ".join(["'self'", "blob:", "'unsafe-eval'", *inline_scripts(SHELL.read_text(encoding="utf-8"))])
    rules = {
        "default-src": "'self'",
        "script-src": scripts,
        "style-src": "'self' 'unsafe-inline'",  # Streamlit and Plotly write their styles into the page
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self' data: blob:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


HEADERS: Final = {
    "Content-Security-Policy": content_policy(),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address names a draft
    "Cross-Origin-Opener-Policy": "same-origin",
}


def check_address() -> None:
    """Exit with a sentence if the server is told to listen where other computers can reach it."""
    address = config.get_option("server.address")
    # None: not read from the configuration, as where another program imports the app.
    if may_write() and address is not None and not is_loopback(str(address)):
        raise SystemExit(f"The server does not start on the address {str(address)!r}. {ONE_PERSON}")


class Guard:
    """ASGI middleware that refuses strangers, closes what nobody needs, and adds headers and cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        answer = answered(scope)
        if answer is None:
            await self.app(scope, receive, with_headers(send, token_for(scope)))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "not from this computer"})
        else:
            await answer(scope, receive, with_headers(send, ""))


def token_for(scope: Scope) -> str:
    """Return the token that a browser is to keep; nothing where it asks for no page, or cannot save.

    Tabs that open together for the first time ask before any has a cookie, and each gets a token; the last one stays.
    Nothing tells them from two browsers, which must never share one.
    """
    headers = Headers(scope=scope)
    if not (is_page(scope, headers) and may_write()):
        return ""
    return cookie_of(headers.get("cookie", "")) or new_token()


def answered(scope: Scope) -> Response | None:
    """Return the guard's own answer, or None for a request that Streamlit may answer."""
    headers = Headers(scope=scope)
    is_ours = all(is_loopback(host) for host in asked_by(scope, headers)) and not is_foreign(scope, headers)
    if may_write() and not is_ours:
        return PlainTextResponse(ONE_PERSON, status_code=403)
    if any(closed in scope["path"] for closed in CLOSED):  # a server may have its pages below a path
        return PlainTextResponse("Not found", status_code=404)
    return one_name(scope, headers)


def asked_by(scope: Scope, headers: Headers) -> Iterable[str]:
    """Yield the address of whoever asks, and each host that they ask for: a foreign name may point here, too."""
    client = scope.get("client")
    yield client[0] if client else ""
    for host in headers.getlist("host") or [""]:
        yield re.sub(r":\d*$", "", host).strip("[]").lower()


def is_foreign(scope: Scope, headers: Headers) -> bool:
    """Return whether a page of another server opens a websocket, such as one at another port of this computer.

    Browsers send such a page's websocket the cookie, as they do not tell ports apart. Programs send no origin.
    """
    origin = headers.get("origin")
    return scope["type"] == "websocket" and origin is not None and origin.partition("://")[2] != headers.get("host")


def one_name(scope: Scope, headers: Headers) -> Response | None:
    """Return the way from `localhost` to the same page under the server's address, as cookies belong to a name."""
    host = headers.get("host", "")
    if not is_page(scope, headers) or host.partition(":")[0] != "localhost" or scope["server"][0] != "127.0.0.1":
        return None
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    there = f"{scope['scheme']}://{host.replace('localhost', '127.0.0.1', 1)}{scope['raw_path'].decode('latin-1')}"
    return RedirectResponse(f"{there}{query}", status_code=307)


def is_page(scope: Scope, headers: Headers) -> bool:
    """Return whether a browser asks for a page, and not for one of its parts."""
    return scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", "")


def with_headers(send: Send, token: str) -> Send:
    """Return `send` with the headers added, and the cookie by which the server knows this browser, if it gets one."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Any = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if token:
                headers.append("Set-Cookie", cookie(token))
        await send(message)

    return sent


def cookie(token: str) -> str:
    """Return the header that keeps a token, out of reach of scripts and of other sites."""
    return f"{COOKIE}={token}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax"
