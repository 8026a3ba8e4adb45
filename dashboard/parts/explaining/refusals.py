"""What was refused and what to do about it, in the reader's language and by the names that the pages show."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dashboard.desk.desk import problems_of
from dashboard.parts import members
from dashboard.parts.explaining.naming import OF_A_MEMBER, SETTING_LABELS, in_words_of_forms, name_of
from dashboard.parts.words import Words, escape, with_code
from profiling.errors import Phrase, ProfilingError
from simulator.answers.kpis.registry import DEFINITIONS
from simulator.answers.pricing.aims import AIMS
from simulator.answers.search import readable
from simulator.errors import ABOUT, BreakevenError, Problem
from simulator.lines import KINDS, business
from simulator.scenario.scenario import Scenario

# Values of a phrase that are units, by their names in its template.
UNITS = ("unit", "wanted")
# Values of a phrase that are paths of assumptions or names of kinds, KPIs and lines, and not what somebody typed.
PATHS = {"path", "name", "near", "listed", "choice", "named", "other", "kind", "place", "factor", "kpi", "aim", "asked"}
PATHS |= {"deciding", "decides"}
# Values of a phrase that are texts of the catalogue themselves.
TEXTS = ("title", "default", "per")
# The path of a value, the name of a kind or of a KPI, or a line with its member.
NAME = re.compile(r"[a-z]\w*(?:\.[\w-]+)*")
# Titles of KPIs and of the aims of prices, by name.
TITLES = {name: one.title for name, one in DEFINITIONS.items()} | {name: one.title for name, one in AIMS.items()}


def why(refused: BreakevenError | Iterable[Problem], scenario: Scenario, say: Words) -> str:
    """Return all that is wrong and what to do as Markdown, one sentence for each problem."""
    found = problems_of(refused) if isinstance(refused, BreakevenError) else refused
    told = (say.sentence(said(one.what, scenario, say), said(one.todo, scenario, say)) for one in found)
    return " ".join(map(with_code, told))


def of_run(error: ProfilingError, say: Words) -> str:
    """Return what is wrong with a workload, a run or a record as Markdown; names of fields stay those of its file."""
    return escape(say.sentence(*(say.phrase(part, lambda _, value: value) for part in (error.told, error.todo))))


def said(text: str, scenario: Scenario, say: Words) -> str:
    """Return one part of a problem in the reader's language; names of fields, in code there, are those of the forms."""

    def shown(name: str, value: str) -> str:
        if name in UNITS:
            return " / ".join(_unit(part, say) for part in value.split("/"))
        if name in TEXTS:
            return say(value)
        if name in KINDS:
            return say.beside(*(members.named(scenario, name, one) for one in value.split(", ")))
        if name not in PATHS:
            return value
        return say.beside(*(NAME.sub(lambda one: _named(one[0], scenario, say), part) for part in value.split(", ")))

    return in_words_of_forms(say.phrase(text, shown), say)


def _unit(part: str, say: Words) -> str:
    if part == "share":
        return say("fraction")
    return part if part == say.currency else say.unit(part)


def _named(value: str, scenario: Scenario, say: Words) -> str:
    """Return the name of what a path names, and any other text as it is."""
    if value in KINDS:
        kind = say(readable(value))
        return kind if kind.isupper() else kind.lower()
    if title := TITLES.get(value):
        return say(title)
    of_member = OF_A_MEMBER.fullmatch(value)
    is_path = value in scenario.assumptions or (of_member is not None and of_member[1] in KINDS)
    known = is_path or value in SETTING_LABELS or value == "currency"
    known = known or value in business().inputs or value in business().lines
    return name_of(scenario, value, say) if known else value


def parted(what: str) -> tuple[str, str]:
    """Return the path that a problem begins with, or "", and what is wrong there."""
    if isinstance(what, Phrase) and what.template == ABOUT:
        return what.values["path"], what.values["what"]
    return "", what
