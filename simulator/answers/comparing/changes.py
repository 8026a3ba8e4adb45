"""What changed from one version of a scenario to the next: numbers and units, and also sources, dates, evidence, words.

Members are matched as in `differences`, so that a member under a new name and its old title is renamed, and not removed
and added. Comments, order and layout of the file change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from simulator.answers.comparing.differences import Matched, held_by, matched_members
from simulator.answers.search import readable
from simulator.scenario.assumption import Assumption
from simulator.scenario.literals import as_text
from simulator.scenario.scenario import Scenario

# Text before, text after; empty where there was none.
Texts = tuple[str, str]
# Where a value comes from, in the order in which people ask.
ORIGIN = ("evidence", "source", "as_of", "note")


@dataclass(frozen=True)
class Change:
    """What changed of an assumption, of a member's words, of a setting or of a correlation, by field.

    `kind` and `member` say whose it is, the title for people; both are empty for the company.
    """

    name: str
    kind: str
    member: str
    unit: str
    fields: Mapping[str, Texts]


@dataclass(frozen=True)
class Moved:
    """A member that was added, removed or renamed: its title, its name before and after, and what it states.

    A name is empty where the member is missing; `stated` is empty for one that was renamed.
    """

    kind: str
    title: str
    names: Texts
    stated: Mapping[str, str]


@dataclass(frozen=True)
class Changes:
    """Everything that changed, in the order of the file."""

    settings: tuple[Change, ...]
    members: tuple[Moved, ...]
    assumptions: tuple[Change, ...]
    words: tuple[Change, ...]
    correlations: tuple[Change, ...]
    comments: tuple[Change, ...]

    @property
    def count(self) -> int:
        """The number of settings, members, assumptions, words, correlations and comments that changed."""
        return sum(map(len, vars(self).values()))


def changes(before: Scenario, after: Scenario) -> Changes:
    """Return what changed between two versions of a scenario."""
    both = (before, after)
    members = tuple(matched_members(both))
    return Changes(
        settings=tuple(_of_settings(before, after)),
        members=tuple(chain.from_iterable(_moved(member, both) for member in members)),
        assumptions=tuple(
            Change(readable(one.name), one.kind, one.member, one.unit, fields)
            for one in held_by(both)
            if (fields := _of_assumption(one.differs, one.texts, one.values))
        ),
        words=tuple(chain.from_iterable(_of_words(member, both, members) for member in members)),
        correlations=tuple(_of_correlations(before, after)),
        comments=tuple(_of_comments(before, after)),
    )


def _of_settings(before: Scenario, after: Scenario) -> Iterator[Change]:
    old, new = _settings(before), _settings(after)
    for name in old:
        if old[name] != new[name]:
            yield Change(readable(name), "", "", "", {"value": (old[name], new[name])})


def _settings(scenario: Scenario) -> dict[str, str]:
    """Return every setting as text."""
    settings = {name: as_text(value) for name, value in vars(scenario.settings).items()}
    definitions = as_text(dict(scenario.settings.definitions))
    return {**settings, "start": f"{scenario.start:%Y-%m}", "definitions": definitions}


def _moved(member: Matched, both: tuple[Scenario, Scenario]) -> Iterator[Moved]:
    """Yield a member that is not in both versions, or has another name in each."""
    names = tuple(name or "" for name in member.names)
    if "" in names:
        stated = next(dict(_stated(one, member.kind, name)) for one, name in zip(both, names, strict=True) if name)
        yield Moved(member.kind, member.title, (names[0], names[1]), stated)
    elif names[0] != names[1]:
        yield Moved(member.kind, member.title, (names[0], names[1]), {})


def _stated(scenario: Scenario, kind: str, name: str) -> Iterator[Texts]:
    """Yield name and value of what a file states of a member."""
    for path, one in scenario.assumptions.items():
        if path.rpartition(".")[0] == f"{kind}s.{name}" and not one.is_default:
            yield one.name, as_text(one.literal)


def _of_assumption(differs: bool, texts: tuple[str, ...], values: tuple[Assumption | None, ...]) -> dict[str, Texts]:
    """Return the fields of an assumption that changed; of one that is new or gone, all that it has."""
    before, after = values
    found: dict[str, Texts] = {"value": (texts[0], texts[1])} if differs else {}
    for field in ("unit", *ORIGIN):
        old, new = (str(getattr(one, field)) if one else "" for one in (before, after))
        if old != new:
            found[field] = old, new
    return found


def _of_words(member: Matched, both: tuple[Scenario, Scenario], members: tuple[Matched, ...]) -> Iterator[Change]:
    """Yield what changed of a member's words, and of the members that it points at."""
    if None in member.names:
        return
    old, new = (
        {**one.about.get(f"{member.kind}s.{name}", {}), **_pointers(one, place, member, members)}
        for place, (one, name) in enumerate(zip(both, member.names, strict=True))
    )
    fields = {key: (old.get(key, ""), new.get(key, "")) for key in {**old, **new} if old.get(key) != new.get(key)}
    if fields:
        yield Change("", member.kind, member.title, "", fields)


def _pointers(scenario: Scenario, place: int, member: Matched, members: tuple[Matched, ...]) -> dict[str, str]:
    """Return the titles of the members that this one points at by kind; a title is the same before and after."""
    names, found = scenario.members.names, {}
    for (kind, other), places in scenario.members.pointers.items():
        if kind == member.kind:
            target = names[other][places[names[kind].index(str(member.names[place]))]]
            found[other] = next(one.title for one in members if one.kind == other and one.names[place] == target)
    return found


def _of_correlations(before: Scenario, after: Scenario) -> Iterator[Change]:
    old, new = ({tuple(sorted(pair)): f"{rank:g}" for *pair, rank in one.correlations} for one in (before, after))
    for pair in {**old, **new}:
        if old.get(pair) != new.get(pair):
            yield Change(" · ".join(pair), "", "", "", {"value": (old.get(pair, ""), new.get(pair, ""))})


def _of_comments(before: Scenario, after: Scenario) -> Iterator[Change]:
    old, new = list(before.comments), list(after.comments)
    for one in old:
        if one not in new:
            yield Change(one.on, "", "", "", {"comment": (str(one), "")})
    for one in new:
        if one not in old:
            yield Change(one.on, "", "", "", {"comment": ("", str(one))})
