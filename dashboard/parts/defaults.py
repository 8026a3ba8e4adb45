"""Defaults in words, where the number only stands for something: `no limit` instead of 1e12.

A field shows the words while nobody sets it; whoever sets it types a number.
"""

from dashboard.parts.literals import as_text
from dashboard.parts.words import Words
from simulator.engine.model import Input
from simulator.lines import DEFAULT_WORDS, business
from simulator.scenario.assumption import Assumption


def in_words(needed: Input, say: Words) -> str:
    """Return what an assumption's default means, or the default itself where the number says it."""
    if needed.name in DEFAULT_WORDS:
        return say(DEFAULT_WORDS[needed.name])
    return shown(needed.default, needed.quantity.text("") if needed.quantity else "")


def worded(assumption: Assumption, say: Words) -> str | None:
    """Return what an assumption means in words while it is at a default that stands for something, else None."""
    at_default = assumption.literal == business().inputs[assumption.name].default
    return say(DEFAULT_WORDS[assumption.name]) if at_default and assumption.name in DEFAULT_WORDS else None


def shown(literal: object, unit: str) -> str:
    """Return a literal as text; a share is shown as a percentage, so that a default of 1 reads 100%."""
    if unit == "share" and isinstance(literal, int | float):
        return f"{100 * literal:.6g}%"
    return as_text(literal)
