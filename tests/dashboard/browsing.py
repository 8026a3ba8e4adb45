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
    from playwright.sync_api import Locator, Page, expect


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app, served on a free port of this machine with an empty home."""
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


@pytest.fixture
def tab(chromium: object, address: str) -> Iterator[Page]:
    """A fresh tab; no page in it asks another computer, its icon included, and the policy holds nothing back."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    foreign: list[str] = []
    held_back: list[str] = []
    here = (address, address.replace("http", "ws"), "data:", "blob:")
    opened = context.new_page()
    opened.on("request", lambda request: None if request.url.startswith(here) else foreign.append(request.url))
    opened.on("console", lambda said: held_back.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    context.close()
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
