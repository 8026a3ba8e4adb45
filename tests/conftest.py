"""What all tests share: how hypothesis searches, what a soak adds, a browser, and what happens without a tool."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from profiling.architecture import kept

# Tests run in as many processes as there are cores, and torch would start as many threads in each of them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The suite tries the same examples in every run, so that a red test is red for everyone.  A soak tries new ones, and
# prints how to repeat a failure.  No deadline, because computers differ.
settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=40)
settings.register_profile("soak", deadline=None, derandomize=False, max_examples=40, print_blob=True)
settings.load_profile("repeatable")

# A soak tries 25 times the examples of the suite: 1,000 of most properties, in about half an hour on two cores.
SOAK_FACTOR = 25

# What a marked test needs: a program, and how to get it.
TOOLS = {
    "office": ("soffice", "LibreOffice is not installed: apt install libreoffice-calc-nogui"),
    "node": ("node", "Node is not installed: apt install nodejs"),
}


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by their number, since all processes have to find the same names.

    What a packer writes holds the second at which it was packed, and each process collects in a second of its own.
    """
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


@pytest.hookimpl(trylast=True)  # hypothesis marks its tests before
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each property more examples in a soak, those included that set a number of their own."""
    if settings.get_current_profile_name() != "soak":
        return
    # A parametrized test is one function with many items.
    for test in {
        item.obj for item in items if isinstance(item, pytest.Function) and item.get_closest_marker("hypothesis")
    }:
        own = test._hypothesis_internal_use_settings
        test._hypothesis_internal_use_settings = settings(own, max_examples=SOAK_FACTOR * own.max_examples)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that needs a tool which is missing; on the server that guards the branch it fails."""
    for marker, (program, how) in TOOLS.items():
        if item.get_closest_marker(marker) and shutil.which(program) is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(how)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_BROWSER = "no Chromium: install playwright (requirements-tests.txt) and Chromium (Debian: apt-get install chromium)"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium; where there is none its tests are left out, except on the server that guards the branch."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        sync_playwright = None
    if CHROMIUM is None or sync_playwright is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_BROWSER)
    with sync_playwright() as playwright:
        # As root, as in a container, Chromium's own sandbox cannot start.
        sandbox = [] if hasattr(os, "geteuid") and os.geteuid() else ["--no-sandbox"]
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield opened
        opened.close()


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what is cached of models in a folder of the tests, which child processes share."""
    os.environ["BREAKEVEN_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def models_are_walked_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walk models in the process of the tests, which imports transformers once, instead of in a child for each."""

    def walked(request: str) -> dict[str, Any]:
        from profiling.models import walk

        return walk.answered(**json.loads(request))

    monkeypatch.setattr(kept, "asked", walked)


@pytest.fixture(autouse=True)
def main_module_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep `__main__`: Streamlit's test runner puts the app in its place, and a spawned process would run the app."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
