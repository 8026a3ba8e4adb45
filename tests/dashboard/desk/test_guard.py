"""The guard answers this computer only, adds its headers, and gives each browser a cookie."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from dashboard.desk import guard
from dashboard.desk.desk import SHIPPED
from dashboard.desk.guard import Guard
from dashboard.desk.owner import COOKIE, cookie_of

HERE = "127.0.0.1"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """A server that lets everybody in."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept", "headers": []})
    else:
        await PlainTextResponse("inside")(scope, receive, send)


def asked(
    path: str = "/",
    host: str = f"{HERE}:8501",
    client: str | None = HERE,
    kind: str = "http",
    **headers: str,
) -> tuple[int, Headers]:
    """Status and headers of the answer to a request; a websocket that is let in has status 101."""
    answer: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect" if kind == "websocket" else "http.request", "body": b""}

    async def send(message: Any) -> None:
        answer.append(message)

    told = [(b"host", host.encode()), *((name.encode(), text.encode()) for name, text in headers.items())]
    scope = {"type": kind, "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"draft=x"}
    where = {"scheme": "http", "headers": told, "client": client and (client, 1), "server": (HERE, 8501)}
    asyncio.run(Guard(app)({**scope, **where}, receive, send))
    status = {"websocket.accept": 101, "websocket.close": 403}.get(answer[0]["type"]) or answer[0]["status"]
    return status, Headers(raw=answer[0].get("headers", []))


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", ["127.0.0.1:8501", "[::1]:8501", "LOCALHOST", "127.9.9.9"])
def test_this_computer_is_let_in(kind: str, host: str):
    """Under each of its names."""
    assert asked(host=host, kind=kind)[0] == (101 if kind == "websocket" else 200)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("evil.test:8501", HERE),  # a name that its owner points here
        ("127.0.0.1.evil.test", HERE),
        ("", HERE),
        ("127.0.0.1:8501", "192.0.2.7"),
        ("127.0.0.1:8501", None),
        ("192.0.2.1:8501", HERE),
    ],
)
def test_anything_else_is_refused(kind: str, host: str, client: str | None):
    """Another peer, and another name for this computer."""
    assert asked(host=host, client=client, kind=kind)[0] == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "[::1]:8501"])
def test_only_its_own_pages_open_a_websocket(host: str):
    """A page at another port of this computer is a stranger's, though browsers send it the same cookie."""
    assert asked(host=host, kind="websocket", origin=f"http://{host}")[0] == 101
    others = (
        "http://127.0.0.1:8888",
        "http://localhost:1",
        "http://0.0.0.0:8501",
        f"http://evil.test@{host}",
        "null",
        "",
    )
    for origin in (*others, f"http://{host}.evil.test", "http://[x", f"http://{host}1"):
        assert asked(host=host, kind="websocket", origin=origin)[0] == 403


def test_a_read_only_server_answers_everyone(monkeypatch: pytest.MonkeyPatch):
    """Nobody can save there, so nobody gets a cookie."""
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    status, headers = asked(host="demo.test", client="192.0.2.7", accept="text/html")
    assert status == 200
    assert "set-cookie" not in headers
    assert asked(host="behind:80", client="192.0.2.7", kind="websocket", origin="https://demo.test")[0] == 101


def test_metrics_and_the_interface_for_programs_are_closed():
    """Nobody needs them here."""
    for path in ("/_stcore/metrics", "/below/_stcore/metrics", "/_stcore/agent/interact"):
        assert asked(path)[0] == 404
    assert asked("/_stcore/health")[0] == 200


def test_a_browser_gets_one_token_and_keeps_it():
    """A page sets it out of reach of scripts; parts of a page set none; a visit renews the same token."""
    header = asked(accept="text/html")[1]["set-cookie"]
    token = cookie_of(header.partition(";")[0])
    assert token
    assert {"HttpOnly", "SameSite=Lax"} <= set(header.split("; "))
    assert "set-cookie" not in asked("/static/x.js", accept="*/*")[1]
    assert asked(accept="text/html", cookie=f"{COOKIE}={token}")[1]["set-cookie"] == header
    assert cookie_of(asked(accept="text/html", cookie=f"{COOKIE}=chosen")[1]["set-cookie"]) != "chosen"


def test_whoever_is_refused_gets_no_token():
    """A name that its owner points here would learn the token of this computer's browser otherwise."""
    assert "set-cookie" not in asked(host="evil.test", accept="text/html")[1]


def test_every_answer_has_the_policy():
    """Nothing is loaded from elsewhere, and no site shows a page in a frame, refusals included."""
    for status, headers in (asked(), asked(host="evil.test")):
        assert status in {200, 403}
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-frame-options"] == "DENY"


def test_the_policy_knows_the_script_inside_streamlits_page():
    """Its hash is the only exception to scripts from files."""
    scripts = guard.inline_scripts(guard.SHELL.read_text(encoding="utf-8"))
    assert scripts
    assert all(one in guard.content_policy() for one in scripts)
    assert "'unsafe-inline'" not in guard.content_policy().partition("script-src")[2].partition(";")[0]


def test_localhost_leads_to_the_address_of_the_server():
    """A cookie belongs to a name, so one browser has one name for the server."""
    status, headers = asked("/risk", host="localhost:8501", accept="text/html")
    assert (status, headers["location"]) == (307, "http://127.0.0.1:8501/risk?draft=x")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "", "192.0.2.1", "localhost.evil.test"])
def test_an_address_that_others_can_reach_is_refused(address: str, monkeypatch: pytest.MonkeyPatch):
    """Unless everybody may look."""
    monkeypatch.setattr(guard.config, "get_option", {"server.address": address}.get)
    with pytest.raises(SystemExit, match=f"does not start on the address '{address}'.*BREAKEVEN_READ_ONLY=1"):
        guard.check_address()
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    guard.check_address()


def test_a_server_that_others_can_reach_does_not_start():
    """One sentence says why, and how to show the product to others."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", "--server.port=0"]
    environment = {name: text for name, text in os.environ.items() if name != "BREAKEVEN_READ_ONLY"}
    done = subprocess.run(
        [*command, "--server.address=0.0.0.0"],
        cwd=SHIPPED.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "The server does not start on the address '0.0.0.0'" in done.stderr
    assert "BREAKEVEN_READ_ONLY=1" in done.stderr
    assert "Traceback" not in done.stderr
