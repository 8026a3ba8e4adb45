"""A server and a browser for the tests of the whole dashboard, and what a reader does in it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_MS = 60_000
PRICE = "Price · Agency"

with contextlib.suppress(ModuleNotFoundError):  # the fixture chromium says how to get it
    from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app, served on a free port of this machine with an empty home, for all tests of a process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "BREAKEVEN_HOME": str(tmp_path_factory.mktemp("home"))}
    options = ["--server.headless=true", f"--server.port={port}"]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(health: str) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(health, timeout=1).close()
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail("the server did not start within 30 seconds")


@pytest.fixture(scope="module")
def window(chromium: object) -> Iterator[Page]:
    """A tab for all tests of a module: a new one costs as much as a page, and would fetch and compile it all anew."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def tab(window: Page, address: str) -> Iterator[Page]:
    """The tab of a browser that was never here.

    Nothing in it, the icon of a page included, asks another computer, and the policy holds nothing back.
    """
    foreign: list[str] = []
    held_back: list[str] = []
    here = (address, address.replace("http", "ws"), "data:", "blob:")

    def asks(request: Request) -> None:
        if not request.url.startswith(here):
            foreign.append(request.url)

    def says(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            held_back.append(message.text)

    window.set_viewport_size({"width": 1280, "height": 900})
    window.emulate_media(color_scheme="light")
    window.on("request", asks)
    window.on("console", says)
    yield window
    for one in window.context.pages[1:]:
        one.close()
    window.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    window.goto("about:blank")
    window.context.clear_cookies()
    window.remove_listener("request", asks)
    window.remove_listener("console", says)
    assert foreign == []
    assert held_back == []


def settled(tab: Page) -> None:
    """Wait until the page has been drawn and the server rests."""
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    expect(tab.get_by_test_id("stStatusWidget")).to_have_count(0)
    # What an earlier pass drew is faded until the next has drawn it anew.
    expect(tab.locator("[data-testid=stSkeleton], [data-stale=true]")).to_have_count(0)


def edit(tab: Page, price: str) -> None:
    """Change the price, and wait for the address of the draft."""
    before = tab.url
    field = tab.get_by_role("spinbutton", name=PRICE)
    field.fill(price)
    field.press("Enter")
    tab.wait_for_url(lambda address: address != before)
    settled(tab)


def link(tab: Page, title: str) -> Locator:
    """The link to a page that is in sight: in the sidebar, or above the page."""
    return tab.get_by_role("link", name=title, exact=True).locator("visible=true")


def chosen(tab: Page, label: str, option: str) -> None:
    """Choose an option of a list by typing its title."""
    box = tab.get_by_role("combobox", name=label)
    box.click()
    box.fill(option)
    tab.get_by_role("option", name=option, exact=True).click()
    settled(tab)
