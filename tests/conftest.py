"""What all tests share: how hypothesis searches, and what happens where LibreOffice is missing."""

import os
import shutil
import sys

import pytest
from hypothesis import settings

# Tests run in as many processes as there are cores, and torch would start as many threads in each of them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples in every run, so that a red test is red for everyone; no deadline, as machines differ.
settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("repeatable")

NO_OFFICE = "LibreOffice is not installed: apt install libreoffice-calc-nogui"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that needs LibreOffice is skipped without it, but never on the server that guards the branch."""
    if item.get_closest_marker("office") and shutil.which("soffice") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_OFFICE)


@pytest.fixture(autouse=True)
def main_module_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's test runner puts the app in the place of `__main__`, where a spawned process would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
