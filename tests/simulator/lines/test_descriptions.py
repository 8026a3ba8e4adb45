"""Each line's description and each KPI's definition is shown alone, so it names its subject itself."""

import inspect
import re

import pytest

from simulator.answers.kpis import DEFINITIONS
from simulator.lines import business

# First words that point at a text the reader does not see.
POINTING = {
    *("it", "its", "they", "their", "them", "that", "this", "those", "these", "such", "same", "here", "there"),
    *("each", "both", "either", "all", "what", "which", "who", "whose", "whoever", "how", "where", "when"),
}
LINES = {line.name: line.description for line in business().lines.values()}
KPIS = {
    f"{name} {variant}".strip(): one.definition
    for name, definition in DEFINITIONS.items()
    for variant, one in definition.variants.items()
}


def first_word(text: str) -> str:
    """Return the first word in small letters, without an article before it."""
    words = re.findall(r"[\w']+", text.lower())
    return words[1] if words[0] in ("the", "a", "an") else words[0]


@pytest.mark.parametrize("texts", [LINES, KPIS], ids=["lines", "KPIs"])
def test_a_description_opens_with_its_subject(texts: dict[str, str]):
    """No opening pronoun and no open question: a reader who sees only the text knows what it is about."""
    assert {name: text for name, text in texts.items() if first_word(text) in POINTING} == {}


def test_a_description_is_short_sentences():
    """The first paragraph fits a caption and ends as a sentence."""
    first = {name: inspect.cleandoc(text).partition("\n\n")[0] for name, text in LINES.items()}
    assert {name: text for name, text in first.items() if not text.endswith(".") or len(text) > 120} == {}


def test_no_two_lines_have_the_same_description():
    """A description tells its line from all others."""
    assert len(set(LINES.values())) == len(LINES)
