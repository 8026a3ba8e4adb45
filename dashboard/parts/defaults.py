"""Defaults in words, where the number only stands for something: `no limit` instead of 1e12.

A field shows the words while nobody sets it; whoever sets it types a number.
"""

from dashboard.parts.literals import as_text
from dashboard.parts.words import Words
from simulator.engine.model import Input
from simulator.lines import REFERENCES, business
from simulator.scenario.assumption import Assumption

# The month in which a default for "never" begins lies beyond every projection.
WORDS = {
    "requests_cap": "no limit",
    "included_requests": "all requests",
    **dict.fromkeys(("tier_starts", "tier_2_starts", "tier_3_starts"), "no such tier"),
    "opening_deferred_revenue": "derived from opening customers",
    "opening_headcount": "as in the first month",
    "opening_ramped_heads": "all who are there",
    **dict.fromkeys(("credits_expire", "optimised_from", "ends"), "never"),
    "lasts": "to the end",
    "opening_age_spread": "as old as they can be",
    **dict.fromkeys(("valuation_cap", "participation_cap"), "no cap"),
    "token_latency_limit": "no limit",
    "maturity_months": "never due",
    "cash_trigger": "no trigger",
    **dict.fromkeys(REFERENCES, "as in the first month"),
}


def in_words(needed: Input, say: Words) -> str:
    """Return what an assumption's default means, or the default itself where the number says it."""
    if needed.name in WORDS:
        return say(WORDS[needed.name])
    return shown(needed.default, needed.quantity.text("") if needed.quantity else "")


def worded(assumption: Assumption, say: Words) -> str | None:
    """Return what an assumption means in words while it is at a default that stands for something, else None."""
    at_default = assumption.literal == business().inputs[assumption.name].default
    return say(WORDS[assumption.name]) if at_default and assumption.name in WORDS else None


def shown(literal: object, unit: str) -> str:
    """Return a literal as text; a share is shown as a percentage, so that a default of 1 reads 100%."""
    plain = unit == "share" and isinstance(literal, int | float)
    return f"{100 * literal:.6g}%" if plain else as_text(literal)
