"""Numbers are written for people, and every text can be read in every language."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from babel.messages.pofile import read_po
from streamlit.testing.v1 import AppTest

from app import MENU
from dashboard.messages import messages, missing
from dashboard.words import LANGUAGES, Words, escape, source
from simulator.verdict import Message

MARK = "⟦"
# What each kind of element says to people. Of Markdown only small print is looked at: the rest
# holds the titles and names of a scenario.
SAID = {
    **dict.fromkeys(("subheader", "info", "success", "warning"), "value"),
    **dict.fromkeys(("button", "selectbox", "text_input", "number_input", "metric", "expander", "pills"), "label"),
    **dict.fromkeys(("segmented_control", "file_uploader"), "label"),
}
# Numbers, dashes, and the one label that every reader understands.
OWN = re.compile(r"[\W\d_]*|Language · Sprache")


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (1_240_000, "$1.24M", "1,24 Mio. $"),
        (42_000, "$42,000", "42.000 $"),
        (-3.2, "-$3.20", "-3,20 $"),
        (0.1736, "$0.174", "0,174 $"),
        (0, "$0", "0 $"),
    ],
)
def test_money_is_short(value: float, english: str, german: str):
    """Millions are shortened, cents shown only where they matter."""
    assert Words("en").money(value) == english
    assert Words("de").money(value).replace("\xa0", " ") == german


@pytest.mark.parametrize(("value", "text"), [(0.62, "62%"), (0.0423, "4.2%"), (0.0035, "0.35%"), (1, "100%")])
def test_shares_are_per_cent(value: float, text: str):
    """Two digits are enough for a share."""
    assert Words().share(value) == text


def test_a_quantity_is_written_with_its_unit():
    """Money comes first, spans of time in months, a month of the plan by its date."""
    say = Words(start=date(2027, 1, 1))
    assert say.quantity(2.3, "USD/device/hour") == "$2.30 / device / hour"
    assert say.quantity(14, "month") == "14 months"
    assert say.quantity(14, "month index") == "Mar 2028"
    assert say.quantity(900, "token/s/device") == "900 token / s / device"


def test_a_message_of_the_simulator_is_translated_with_its_numbers():
    """Text and values come apart, so that each can be written in the reader's way."""
    message = Message("Gross margin is {margin}: {fair} or more is fair for software.", {
        "margin": (0.725, "share"), "fair": (0.5, "share"),
    })  # fmt: skip
    assert Words().message(message).startswith("Gross margin is 72%")
    assert "72\xa0%" in Words("de").message(message)


def test_markup_in_a_text_stays_text():
    """A title from a stranger's file is no link, no picture and no formula."""
    assert escape("![x](http://y) $a$ :red[b]") == r"\!\[x\]\(http\://y\) \$a\$ \:red\[b\]"


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_text_is_translated(language: str):
    """`python -m dashboard.messages de` prints what is missing, ready to be filled in."""
    assert missing(language) == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_a_translation_has_the_fields_of_its_text(language: str):
    """A field that is misspelt would fail only when that sentence is shown."""
    known = messages()
    with source(language).open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id in known and "pert:" not in entry.id]
    different = [entry.id for entry in entries if set(fields(entry.id)) != set(fields(str(entry.string)))]
    assert different == []


def fields(text: str) -> Iterator[tuple[str, str]]:
    """The fields of a text, with what each is."""
    return ((name, str(spec)) for _, name, spec, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("name", [module.__name__.rpartition(".")[2] for part in MENU.values() for module, *_ in part])
def test_no_text_of_a_page_misses_the_catalogue(page: Callable[..., AppTest], name: str):
    """In the pseudo-locale every text stands between two marks; what stands outside was forgotten."""
    assert forgotten(page(name, "pseudo")) == []


def test_no_text_of_the_frame_misses_the_catalogue(app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch):
    """The sidebar, the title and the pages' names are translated, too."""
    monkeypatch.setitem(LANGUAGES, "pseudo", "Pseudo")
    session = app(lang="Pseudo")
    assert session.title[0].value.startswith(MARK)
    assert forgotten(session) == []


def forgotten(session: AppTest) -> list[str]:
    """The texts on a page that carry no mark of the pseudo-locale."""
    said = [str(getattr(element, part)) for kind, part in SAID.items() for element in session.get(kind)]
    said += [text.value for text in session.markdown if text.value.startswith(":small[")]
    assert any(MARK in text for text in said)
    return [text for text in said if MARK not in text and not OWN.fullmatch(text)]
