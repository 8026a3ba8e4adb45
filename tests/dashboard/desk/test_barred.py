"""A folder that the system does not let this user look into takes no page down, as after a command run as root."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest


@pytest.fixture
def barred(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what bars a folder of the home, whoever runs the tests."""

    def bar(name: str) -> None:
        folder, look = home / name, os.stat

        def refuse(path: Any, *rest: Any, **options: Any) -> os.stat_result:
            if isinstance(path, str | Path) and folder in (Path(path), *Path(path).parents):
                raise PermissionError(13, "Permission denied", str(path))
            return look(path, *rest, **options)

        monkeypatch.setattr(os, "stat", refuse)

    return bar


@pytest.mark.parametrize("name", ["scenarios", "versions", "drafts"])
def test_saving_says_or_does_what_it_can(app: Callable[..., AppTest], barred: Callable[[str], None], name: str):
    """The page is drawn, and the button to save answers."""
    barred(name)
    session = app().run()
    assert not session.exception
    next(one for one in session.button if one.key == "save").click().run()
    assert not session.exception
    assert session.error or session.success or session.warning


@pytest.mark.parametrize("name", ["hardware", "measurements"])
@pytest.mark.parametrize("folder", ["runs", "locks", "tables"])
def test_runs_that_cannot_be_seen_are_none(
    page: Callable[..., AppTest], barred: Callable[[str], None], name: str, folder: str
):
    """Both pages of the profiler are drawn."""
    barred(folder)
    assert not page(name).exception
