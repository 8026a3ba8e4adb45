"""A translation fits its text, belongs to a text of the code, and what is missing is listed by a command."""

from __future__ import annotations

import re
import string

import pytest

from dashboard import texts
from dashboard.parts.words import LANGUAGES, messages_of

TRANSLATED = [language for language in LANGUAGES if language != "en"]


def fields(text: str) -> list[tuple[str, str]]:
    """Return the fields of a text with their formats, in no order, since languages differ in theirs."""
    return sorted((name, form or "") for _, name, form, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_fields_of_its_text(language: str):
    """A number that the English sentence names stands in the other, too, and is written in the same way."""
    found = {text: said for text, said in messages_of(language).items() if said and fields(text) != fields(said)}
    assert found == {}


def test_chinese_texts_quote_in_chinese_and_have_one_word_for_a_thing():
    """Python's quotes are those of code, 方案 is a scenario, and 计划 is what a capacity plan commits to."""
    chinese = messages_of("zh")
    assert [said for said in chinese.values() if "!r}" in said] == []
    assert [said for said in chinese.values() if "情景" in said.replace("假设情景", "").replace("基准情形", "")] == []
    assert [said for said in chinese.values() if re.search(r"(?<![\w`{.])token(?![\w`}.])", said)] == []


def test_the_last_year_of_a_scenario_is_not_the_most_recent_one():
    """In a verdict, and where a figure has no value, the projection's last year is meant, which lies ahead."""
    chinese, messages = messages_of("zh"), texts.texts()["messages"]
    assert [text for text in messages if "last year" in text and "最近" in chinese[text]] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_belongs_to_a_text(language: str):
    """A text that has changed leaves no translation behind; `--update` drops it."""
    known = {text for part in texts.texts().values() for text in part}
    assert sorted(set(messages_of(language)) - known) == []


def test_texts_without_a_translation_are_listed(monkeypatch: pytest.MonkeyPatch):
    """The listing names each text that lacks one, below its part, and the share that has one."""
    known = messages_of("zh")
    del known["Overview"]
    monkeypatch.setattr(texts, "messages_of", lambda _: known)
    listed = list(texts.report("zh", missing=True))
    assert "    Overview" in listed
    assert listed[-1].endswith("translated")


def test_the_command_tells_how_much_is_translated(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The last line is the share of all texts."""
    monkeypatch.setattr("sys.argv", ["texts", "zh"])
    texts.main()
    assert re.fullmatch(r"all: [\d.]+% translated", capsys.readouterr().out.splitlines()[-1])


def test_texts_of_every_kind_are_found():
    """Names, definitions, titles, sentences and advice are among the texts."""
    known = {text for part in texts.texts().values() for text in part}
    assert {
        *("Overview", "Undo", "Income statement", "Gross margin", "Priced rounds", "million tokens", "measured"),
        *("Price elasticity", "Cash never falls below the floor.", "draw the loan after a round"),
        "Number of months that are projected.",
        *("Who buys it, and how", "per seat per month", "An API for developers, on a small model."),
        *("moves by chance", "seats", "option grants", "SAFEs"),
    } <= known
