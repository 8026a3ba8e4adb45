"""Names of assumptions as pages show them: the title of the member, and the name of the value."""

from __future__ import annotations

import re

from dashboard.parts import members
from dashboard.parts.words import Words
from simulator.answers.search import readable
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

# A name in code, as texts about fields have it.
FIELD = re.compile(r"`(\w+):?`")


def named(say: Words, assumption: Assumption, scenario: Scenario) -> str:
    """Return the name of an assumption with the title that the scenario gives its member: `Price · Team`."""
    name = say(readable(assumption.name))
    owner = assumption.path.rpartition(".")[0]
    if not owner:
        return name
    kinds, _, member = owner.partition(".")
    return f"{name} · {members.named(scenario, kinds.removesuffix('s'), member)}"


def name_of(scenario: Scenario, path: str, say: Words) -> str:
    """Return the name of the assumption at a path, and for any other path the path in words."""
    found = scenario.assumptions.get(path)
    return named(say, found, scenario) if found else say(readable(path))


def in_words_of_forms(text: str, say: Words) -> str:
    """Return a text with the names of fields, in code there, as the forms show them in quotes; other code stays."""

    def quoted(match: re.Match[str]) -> str:
        return f"\u201c{say(readable(match[1]))}\u201d" if match[1] in business().inputs else match[0]

    return FIELD.sub(quoted, text)
