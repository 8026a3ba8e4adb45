"""Names: the key by which a file lists a member, made from the title that people read."""

from __future__ import annotations

import re
import unicodedata

from profiling.errors import Phrase
from simulator.errors import PlanError
from simulator.lines import FIXED, KINDS
from simulator.scenario.reading import NAME
from simulator.scenario.scenario import Scenario

# A list or a chart has room for about as many characters.
LONGEST_TITLE = 80
# Room for the number of a repeated name within the 40 characters that a name may have.
LONGEST_STEM = 30


def title_of(typed: str) -> str:
    """Return a typed title on one line; raises PlanError where it is empty or too long."""
    title = " ".join(typed.split())
    if not title:
        raise PlanError("the name is empty", "type a few words")
    if len(title) > LONGEST_TITLE:
        raise PlanError(
            Phrase("the name has {count} characters", count=len(title)),
            Phrase("use at most {most}", most=LONGEST_TITLE),
        )
    return title


def key_for(scenario: Scenario, kind: str, title: str) -> str:
    """Return a free and legal key for a member: `team_plan` for "Team plan", `plan_2` where no letter is Latin."""
    latin = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", latin).strip("_")[:LONGEST_STEM].rstrip("_")
    taken = names_of(scenario, kind)
    if not re.search(r"[a-z]", stem):
        return _numbered(kind, taken, len(taken) + 1)
    stem = stem if stem[0].isalpha() else f"{kind}_{stem}"[:LONGEST_STEM]
    return stem if stem not in taken else _numbered(stem, taken, 2)


def free_key(scenario: Scenario, kind: str, key: str) -> str:
    """Return a key that no member of the kind has yet; raises PlanError."""
    if not NAME.fullmatch(key):
        todo = "begin with a letter, and use letters, digits, - and _, at most 40"
        raise PlanError(Phrase("{key!r} is not a valid key", key=key[:60]), todo)
    if key in names_of(scenario, kind):
        raise PlanError(Phrase("{kind}s.{key} exists already", kind=kind, key=key), "choose another key")
    return key


def names_of(scenario: Scenario, kind: str) -> tuple[str, ...]:
    """Return the keys of all members of a kind that can be shaped; raises PlanError for another kind."""
    if kind not in KINDS or kind in FIXED:
        raise PlanError(Phrase("{kind} is not a kind of member that can be changed", kind=kind), "choose another kind")
    return scenario.entities.get(kind, ())


def known(scenario: Scenario, kind: str, key: str) -> str:
    """Return the key of a member; raises PlanError where the scenario has none of that key."""
    if key not in names_of(scenario, kind):
        raise PlanError(
            Phrase("{kind}s.{key} is not in the scenario", kind=kind, key=key[:60]), "choose a member from the list"
        )
    return key


def _numbered(stem: str, taken: tuple[str, ...], first: int) -> str:
    number = first
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"
