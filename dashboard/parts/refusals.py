"""What was refused and what to do about it, in the reader's language and by the names that the pages show."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.desk.desk import problems_of
from dashboard.parts.naming import in_words_of_forms, name_of
from dashboard.parts.words import Words, with_code
from profiling.errors import Phrase
from simulator.errors import ABOUT, BreakevenError, Problem
from simulator.lines import business
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import SETTINGS

# Values of a phrase that are units, by their names in its template.
UNITS = ("unit", "wanted", "other_unit")


def why(refused: BreakevenError | Iterable[Problem], scenario: Scenario, say: Words) -> str:
    """Return all that is wrong and what to do as Markdown, one sentence for each problem."""
    found = problems_of(refused) if isinstance(refused, BreakevenError) else refused
    told = (say.sentence(said(one.what, scenario, say), said(one.todo, scenario, say)) for one in found)
    return " ".join(map(with_code, told))


def said(text: str, scenario: Scenario, say: Words) -> str:
    """Return one part of a problem in the reader's language; names of fields, in code there, are those of the forms."""

    def shown(name: str, value: str) -> str:
        if name in UNITS:
            return " / ".join(say.unit(part) if part != say.currency else part for part in value.split("/"))
        return ", ".join(_named(one, scenario, say) for one in value.split(", "))

    return in_words_of_forms(say.phrase(text, shown), say)


def _named(value: str, scenario: Scenario, say: Words) -> str:
    """Return the name of what a path names, and any other text as it is."""
    known = value in scenario.assumptions or value in business().inputs or value in SETTINGS
    return name_of(scenario, value, say) if known else value


def parted(what: str) -> tuple[str, str]:
    """Return the path that a problem begins with, or "", and what is wrong there."""
    if isinstance(what, Phrase) and what.template == ABOUT:
        return what.values["path"], what.values["what"]
    return "", what
