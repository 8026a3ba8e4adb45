"""Trials that begin with an edit: taken where they are under way, taken back where not, and waited for aside."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
import streamlit as st
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.desk import ahead
from dashboard.desk.cached import projected
from simulator.errors import PlanError

PRICE = "lever:plans.team.price"
OUT_OF_REACH = "give a smaller range"


class Hand:
    """Stands for the companion: keeps what it is given, and does it when `does` is called."""

    is_ready = True

    def __init__(self, *, at_once: bool) -> None:
        self.at_once = at_once
        self.given: list[tuple[Future[Any], Callable[[], Any], str]] = []

    def submit(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        """Keep a piece of work."""
        future: Future[Any] = Future()
        self.given.append((future, lambda: work(*given), work.__name__))
        if self.at_once:
            self.does()
        return future

    def does(self) -> None:
        """Do the last piece."""
        future, work, _ = self.given[-1]
        future.set_running_or_notify_cancel()
        try:
            future.set_result(work())
        except PlanError as error:
            future.set_exception(error)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Hand]:
    """Put such a hand in the place of the companion."""

    def put(*, at_once: bool = True) -> Hand:
        made = Hand(at_once=at_once)
        monkeypatch.setattr(ahead, "COMPANION", made)
        return made

    return put


def turned(session: AppTest, price: float) -> str:
    """Return what a page says after an edit."""
    return texts(session.number_input(key=PRICE).set_value(price).run())


def test_the_trials_of_an_edit_are_begun_once_and_shown(app: Callable[..., AppTest], hand: Callable[..., Hand]):
    """They are what the page would have computed by itself."""
    session = app()
    companion = hand()
    found = turned(session, 811.0)
    assert [name for *_, name in companion.given] == ["tried"]
    assert "of 1,000 trials" in found
    alone = app()
    companion.is_ready = False
    st.cache_resource.clear()
    assert turned(alone, 811.0) == found


def test_trials_begin_before_the_base_case_is_computed(
    app: Callable[..., AppTest], hand: Callable[..., Hand], monkeypatch: pytest.MonkeyPatch
):
    """An edit computes the base case to see whether it can be taken, and the trials run meanwhile."""
    session = app()
    companion, begun = hand(), []

    def noting(*given: Any) -> Any:
        begun.append(len(companion.given))
        return projected(*given)

    monkeypatch.setattr("dashboard.desk.desk.projected", noting)
    turned(session, 815.0)
    assert begun[0] == 1


def test_what_nobody_came_to_is_taken_back(app: Callable[..., AppTest], hand: Callable[..., Hand]):
    """The page computes it, and a later edit has the companion to itself."""
    session = app()
    companion = hand(at_once=False)
    assert "of 1,000 trials" in turned(session, 812.0)
    turned(session, 813.0)
    assert [future.cancelled() for future, *_ in companion.given] == [True, True]


def test_trials_that_break_elsewhere_leave_the_base_plan(
    app: Callable[..., AppTest], hand: Callable[..., Hand], monkeypatch: pytest.MonkeyPatch
):
    """The page says why there is no band."""
    session = app()
    hand()
    monkeypatch.setattr("dashboard.desk.cached.tried", _breaks)
    found = session.number_input(key=PRICE).set_value(814.0).run()
    assert not found.exception
    assert "The trials fail" in found.error[0].value
    assert OUT_OF_REACH in found.error[0].value


def _breaks(*_: object) -> None:
    raise PlanError("too large", OUT_OF_REACH)


def test_a_block_of_trials_is_not_waited_for(hand: Callable[..., Hand], monkeypatch: pytest.MonkeyPatch):
    """The page stays as it is until the companion is done with it."""
    for module in ("app", "dashboard.desk.cached"):
        monkeypatch.setattr(f"{module}.is_settled", lambda _: False)
    companion = hand(at_once=False)
    session = AppTest.from_function(_settling, default_timeout=60).run()
    ((future, *_),) = companion.given
    future.set_running_or_notify_cancel()
    session.run()
    assert "blocks" not in session.session_state
    assert len(companion.given) == 1
    future.set_result(companion.given[0][1]())
    session.run()
    assert session.session_state["blocks"][1] == 1
    assert "2,030 so far" in texts(session)


def _settling() -> None:
    """Draw what says that more trials run, as the page does, and as its timer does from the second time on."""
    import streamlit as st

    from app import settling
    from dashboard.desk.desk import SHIPPED
    from dashboard.parts.words import Words
    from simulator.scenario.reading import load

    st.session_state.setdefault("drawn_once", False)
    settling(load(SHIPPED / "support-copilot.yaml"), 30, Words())


class Newer(Exception):
    """Stands for Streamlit's way to end a script for a newer event."""


class Session(dict[str, Any]):
    """A session in which something newer happens before the third look at it."""

    looks = 0

    def get(self, key: str, default: Any = None) -> Any:
        """Count a look, and let the newer event in."""
        self.looks += 1
        if self.looks == 3:
            raise Newer
        return super().get(key, default)


def test_a_newer_event_ends_the_wait_for_trials(monkeypatch: pytest.MonkeyPatch):
    """Who edits again does not wait for the trials of the edit before; what nobody has come to is not waited for."""
    piece: Future[Any] = Future()
    session = Session({ahead.BEGUN: ("one", piece)})
    monkeypatch.setattr(st, "session_state", session)
    ahead.wait_for("one")
    ahead.wait_for("another")
    assert session.looks == 2
    session.looks = 0
    piece.set_running_or_notify_cancel()
    with pytest.raises(Newer):
        ahead.wait_for("one")
