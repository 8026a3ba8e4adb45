"""What tells scenarios apart: settings and assumptions that differ, by meaning, and members that only some have.

Members of two scenarios are the same if they have the same name, or else the same title. A value that holds for all
members is compared once, and for a member only where some scenario gives it a value of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.answers.search import readable
from simulator.lines import KINDS, business
from simulator.scenario.assumption import Assumption
from simulator.scenario.literals import as_text
from simulator.scenario.scenario import Scenario

# Settings that change what the numbers mean, with their names for people.
SETTINGS = {"currency": "Currency", "start": "First month", "months": "Months", "cash_floor": "Cash floor"}


@dataclass(frozen=True)
class Difference:
    """An assumption or a setting with its value in each scenario; a value is empty where there is none.

    `kind` and `member` say whose it is, the title for people; both are empty for the company. `held` has the assumption
    in each scenario, None where there is none, and `paths` its path there; both are empty for a setting.
    """

    name: str
    kind: str
    member: str
    unit: str
    values: tuple[str, ...]
    held: tuple[Assumption | None, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lone:
    """A member that some of the scenarios lack, by its title; `names` has its name in each, None where it is not."""

    kind: str
    member: str
    names: tuple[str | None, ...]

    @property
    def present(self) -> tuple[bool, ...]:
        """Whether it is there, for each scenario."""
        return tuple(name is not None for name in self.names)


@dataclass(frozen=True)
class _Member:
    """One member under its name in each scenario, None where it is missing."""

    kind: str
    title: str
    names: tuple[str | None, ...]


def differences(scenarios: Sequence[Scenario]) -> tuple[Difference, ...]:
    """Return the settings and assumptions that are not the same in all scenarios that have them."""
    found = [_setting(name, title, scenarios) for name, title in SETTINGS.items()]
    for name in dict.fromkeys(path for one in scenarios for path in one.assumptions if "." not in path):
        held = [one.assumptions.get(name) for one in scenarios]
        found.append(_assumption(name, ("", ""), held, [name] * len(scenarios)))
    for member in _members(scenarios):
        if None not in member.names:
            found += _of_member(member, scenarios)
    return tuple(one for one in found if len(set(one.values)) > 1)


def lone_members(scenarios: Sequence[Scenario]) -> tuple[Lone, ...]:
    """Return the members that some of the scenarios lack."""
    members = (one for one in _members(scenarios) if None in one.names)
    return tuple(Lone(one.kind, one.title, one.names) for one in members)


def _setting(name: str, title: str, scenarios: Sequence[Scenario]) -> Difference:
    values = [getattr(one.settings, name) for one in scenarios]
    return Difference(title, "", "", "", tuple(f"{one:%Y-%m}" if name == "start" else as_text(one) for one in values))


def _of_member(member: _Member, scenarios: Sequence[Scenario]) -> Iterator[Difference]:
    """Yield every assumption to which some scenario gives this member a value of its own."""
    names = [name for name in member.names if name is not None]
    for needed in business().inputs.values():
        if needed.home != (member.kind,):
            continue
        if any(needed.path(name) in one.assumptions for name, one in zip(names, scenarios, strict=True)):
            pairs = zip(names, scenarios, strict=True)
            values = [one.assumptions.get(one.path_of(needed, name)) for name, one in pairs]
            yield _assumption(needed.name, (member.kind, member.title), values, [needed.path(name) for name in names])


def _assumption(
    name: str, owner: tuple[str, str], held: Sequence[Assumption | None], paths: Sequence[str]
) -> Difference:
    unit = next(one.unit for one in held if one is not None)
    values = tuple(_written(one, unit) for one in held)
    return Difference(readable(name), *owner, unit, values, tuple(held), tuple(paths))


def _written(one: Assumption | None, unit: str) -> str:
    """Return a value as text, a share in percent, and its unit where that is not the one of the row."""
    if one is None:
        return ""
    number = one.unit == "share" and isinstance(one.literal, int | float)
    text = f"{100 * one.literal:.6g}%" if number else as_text(one.literal)
    return text if one.unit == unit else f"{text} {one.unit}"


def _members(scenarios: Sequence[Scenario]) -> Iterator[_Member]:
    """Yield every member of every kind, matched across the scenarios by name or else by title."""
    for kind in KINDS:
        titles = [_titles(one, kind) for one in scenarios]
        for place, own in enumerate(titles):
            for name, title in own.items():
                found = [_same(name, title, own, other) for other in titles]
                if all(one is None for one in found[:place]):  # else an earlier scenario has yielded it
                    yield _Member(kind, title, tuple(found))


def _titles(scenario: Scenario, kind: str) -> Mapping[str, str]:
    about = scenario.about
    return {
        name: about.get(f"{kind}s.{name}", {}).get("title", "") or readable(name)
        for name in scenario.entities.get(kind, ())
    }


def _same(name: str, title: str, own: Mapping[str, str], other: Mapping[str, str]) -> str | None:
    """Return the name of the same member in another scenario: the same name, or a new name under the same title."""
    if name in other:
        return name
    return next((one for one, called in other.items() if called == title and one not in own), None)
