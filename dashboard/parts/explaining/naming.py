"""Names of assumptions as pages show them: the title of the member, and the name of the value."""

from __future__ import annotations

import re

from dashboard.parts import members
from dashboard.parts.words import Words
from simulator.answers.search import readable
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

# An assumption of a member (plans.team.price) or a member as a whole (pools.large).
OF_A_MEMBER = re.compile(r"(\w+)s\.([\w-]+)(?:\.(\w+))?")
PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]*")
# A name in code, as texts about fields have it.
FIELD = re.compile(r"`(\w+):?`")
# A key of the file with its colon, whose name has been put into words already.
KEY = re.compile(r"`([^`]+):`")
# What the settings of the company are called.
SETTING_LABELS = {
    "title": "Name of the company",
    "description": "Description",
    "second_currency": "Second currency",
    "start": "First month",
    "months": "Number of months",
    "trials": "Number of trials",
    "seed": "Seed of the random numbers",
    "cash_floor": "Cash floor",
    "counts": "Customers in trials",
    "round_pricing": "Price of a round in which SAFEs convert",
}


def named(say: Words, assumption: Assumption, scenario: Scenario) -> str:
    """Return the name of an assumption with the title that the scenario gives its member: `Price · Team`."""
    name = say(readable(assumption.name))
    owner = assumption.path.rpartition(".")[0]
    if not owner:
        return name
    kinds, _, member = owner.partition(".")
    return f"{name} · {members.named(scenario, kinds.removesuffix('s'), member)}"


def name_of(scenario: Scenario, path: str, say: Words) -> str:
    """Return the name of what is at a path: an assumption, also one that a member lacks, a member, or a setting."""
    if found := scenario.assumptions.get(path):
        return named(say, found, scenario)
    if of_member := OF_A_MEMBER.fullmatch(path):
        kind, member, field = of_member.groups()
        return f"{say(readable(field or kind))} · {members.named(scenario, kind, member)}"
    if path in SETTING_LABELS:
        return say(SETTING_LABELS[path])
    return say(readable(path)) if PLAIN_NAME.fullmatch(path) else say(path)


def in_words_of_forms(text: str, say: Words) -> str:
    """Return a text with the names of fields, in code there, as the forms show them in quotes; other code stays."""

    def quoted(match: re.Match[str]) -> str:
        return f"\u201c{say(readable(match[1]))}\u201d" if match[1] in business().inputs else match[0]

    return KEY.sub("\u201c\\1\u201d", FIELD.sub(quoted, text))
