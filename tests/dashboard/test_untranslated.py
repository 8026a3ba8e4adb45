"""Every text that a Chinese page looks up has a translation, however it came to be looked up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from example import EXAMPLE
from page_text import texts
from streamlit.testing.v1 import AppTest

from app import MENU
from dashboard.parts import members
from dashboard.parts.values.editors import SHAPES
from dashboard.parts.values.fields import EDITING
from dashboard.parts.words import Catalogue
from simulator.lines import FIXED
from simulator.lines.essentials import ESSENTIALS
from simulator.scenario.reading import load

PAGES = [module.__name__.rpartition(".")[2] for entries in MENU.values() for module, *_ in entries]
# The first member of each kind that has any, and values to edit.
SCENARIO = load(Path(__file__).parents[2] / "scenarios" / EXAMPLE)
FIRST = {kind: own[0] for kind, own in SCENARIO.entities.items() if own and kind in ESSENTIALS and kind not in FIXED}
# A word that is no abbreviation, name or unit.
WORD = re.compile(r"\b[a-z]{2,}\b")

# A sign of half width, or the space behind one of full width, where Chinese goes on.
NARROW = re.compile(
    r".{0,20}[\u4e00-\u9fff）]\**[,;:] .{0,20}|.{0,20}[\u4e00-\u9fff] \([\u4e00-\u9fff].{0,20}|.{0,20}[。；] .{0,20}"
)


@pytest.fixture
def untranslated(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The texts that were looked up in vain."""
    found: set[str] = set()
    translate = Catalogue.gettext

    def told(catalogue: Catalogue, message: str) -> str:
        if catalogue.messages and message not in catalogue.messages and WORD.search(message):
            found.add(message)
        return translate(catalogue, message)

    monkeypatch.setattr(Catalogue, "gettext", told)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_up_what_is_translated(page: Callable[..., AppTest], name: str, untranslated: set[str]):
    """No page has an English word because its catalogue lacks it, nor signs of half width between Chinese words."""
    session = page(name, language="zh")
    assert not session.exception
    assert untranslated == set()
    assert NARROW.findall(texts(session)) == []


def opened(page: Callable[..., AppTest], kind: str, shape: str = "") -> AppTest:
    """The form of the first member of a kind, or of the company, with the editor of one of its values."""
    session = page("assumptions", language="zh")
    first = FIRST.get(kind, "")
    path = f"{kind}s.{first}.{ESSENTIALS[kind][0]}" if kind else "fixed_overhead"
    session.session_state[members.OWNER] = (kind, first) if kind else members.COMPANY
    session.session_state[EDITING] = path
    session.session_state["company-more"] = True
    if shape:
        session.session_state[f"shape:{path}"] = shape
    return session.run()


@pytest.mark.parametrize("kind", ["", *FIRST])
def test_a_form_looks_up_what_is_translated(page: Callable[..., AppTest], kind: str, untranslated: set[str]):
    """Nor has the form of the company or of a member, with the editor of a value."""
    assert not opened(page, kind).exception
    assert untranslated == set()


@pytest.mark.parametrize("shape", SHAPES)
def test_an_editor_looks_up_what_is_translated(page: Callable[..., AppTest], shape: str, untranslated: set[str]):
    """Nor has any shape in which a value can be given."""
    assert not opened(page, "plan", shape).exception
    assert untranslated == set()
