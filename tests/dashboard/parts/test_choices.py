"""Lists and folds keep what a reader chose, whatever becomes of their titles."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from dashboard.profiler.launcher import OWN, as_json
from profiling.workload.presets import PRESETS

DASHBOARD = Path(__file__).parents[3] / "dashboard"


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """Yield the calls of these functions of Streamlit, with the module of each."""
    for path in sorted(DASHBOARD.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"st.{name}" for name in names}:
                yield path, node


def test_every_list_tells_the_browser_of_a_new_title():
    """A list that is drawn past `choices` would lose its choice once a member is renamed or the language switched."""
    assert {path.name for path, _ in calls("selectbox", "multiselect")} == {"choices.py"}


def test_every_fold_has_a_key():
    """Without one, a fold closes as soon as its title changes, such as a count of what is set in it."""
    bare = [
        (path.name, call.lineno) for path, call in calls("expander") if "key" not in {one.arg for one in call.keywords}
    ]
    assert bare == []


def renaming() -> None:
    """A list whose option gets another title once a button was pressed."""
    import streamlit as st

    from dashboard.parts.choices import from_list, several_from_list

    titles = {"a": "Ads", "b": st.session_state.get("title", "Fairs")}
    st.button("Rename", on_click=lambda: st.session_state.update(title="Trade fairs"))
    st.text(from_list("Channel", list(titles), "channel", titles.__getitem__))
    st.text(",".join(several_from_list("Channels", list(titles), "channels", titles.__getitem__)))


def test_the_browser_is_told_the_new_title_of_what_is_chosen():
    """The run in which a title changes sends what is chosen anew; others leave the list to the browser."""
    session = AppTest.from_function(renaming).run()
    session.selectbox(key="channel").set_value("b")
    session.multiselect(key="channels").set_value(["b"]).run()
    session.run()
    lists = session.selectbox(key="channel"), session.multiselect(key="channels")
    assert [one.proto.set_value for one in lists] == [False, False]
    session.button[0].click().run()
    lists = session.selectbox(key="channel"), session.multiselect(key="channels")
    assert [one.proto.set_value for one in lists] == [True, True]
    assert lists[0].proto.raw_value == "Trade fairs"
    assert [one.value for one in session.text] == ["b", "b"]


def test_what_the_page_chose_stays_though_a_busy_browser_still_shows_another(
    page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    """A workload that was uploaded is chosen; the one before would be started otherwise. Later, somebody chose it."""
    monkeypatch.setattr("dashboard.parts.values.shown.ECHO_SECONDS", 600.0)
    session = page("hardware", trials=0)
    late = WidgetStates(widgets=[session.selectbox(key="preset")._widget_state])
    own = as_json(PRESETS["classifier-quick"].workload).replace("classifier-quick", "my-own")
    session = session.file_uploader(key="workload-file").upload("mine.json", own.encode()).run()
    for _ in range(2):
        session = session._run(widget_state=late)
        assert session.selectbox(key="preset").value == OWN
    monkeypatch.setattr("dashboard.parts.values.shown.ECHO_SECONDS", 0.0)
    session = session.run()._run(widget_state=late)
    assert session.selectbox(key="preset").value == "classifier-quick"
    assert session.selectbox(key="preset").set_value("generation-quick").run().session_state["preset"] != OWN


def overtaken() -> None:
    """A list in which the page chooses, once, in a run that ends before the list is drawn."""
    import streamlit as st

    from dashboard.parts.choices import choose, from_list

    if st.session_state.get("adds"):
        st.session_state["adds"] = False
        choose("channel", "b")
        st.stop()
    st.text(from_list("Channel", ["a", "b"], "channel"))


def test_what_the_page_chose_stays_though_a_newer_event_came_before_it_was_drawn():
    """The browser could not know of it."""
    session = AppTest.from_function(overtaken).run()
    late = WidgetStates(widgets=[session.selectbox(key="channel")._widget_state])
    session.session_state["adds"] = True
    assert not session.run().text
    assert [one.value for one in session._run(widget_state=late).text] == ["b"]
