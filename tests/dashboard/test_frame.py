"""The frame around every page: drawn once an edit, after its figures, and there when a page fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.pages import overview
from dashboard.parts import levers, menu, tiles

PRICE = "lever:plans.team.price"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is drawn from here on, in order: the menu, the levers, the walls of key figures."""
    found: list[str] = []

    def noted(name: str, act: Callable[..., None]) -> Callable[..., None]:
        def both(*args: object) -> None:
            found.append(name)
            act(*args)

        return both

    for module, name in ((menu, "menu"), (levers, "panel"), (overview, "wall")):
        monkeypatch.setattr(module, name, noted(name, getattr(module, name)))
    return found


def test_an_edit_shows_its_figures_before_the_frame(app: Callable[..., AppTest], drawn: list[str]):
    """The frame waits for the second pass, which has the trials, and follows the figures there, too."""
    session = app()
    drawn.clear()
    session.number_input(key=PRICE).set_value(777.0).run()
    assert drawn == ["wall", "wall", "menu", "panel"]
    drawn.clear()
    session.run()
    assert drawn == ["wall", "menu", "panel"]


def test_a_page_that_fails_still_has_undo_beside_it(app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch):
    """An edit that no page can draw can be taken back."""

    def fails(*_: object) -> None:
        raise RuntimeError

    session = app()
    monkeypatch.setattr(overview, "wall", fails)
    session.number_input(key=PRICE).set_value(777.0).run()
    assert session.exception
    monkeypatch.setattr(overview, "wall", tiles.wall)
    session.button(key="undo").click().run()
    assert not session.exception
    assert session.number_input(key=PRICE).value == 1490
