"""What tells scenarios apart: settings and assumptions that differ, by meaning, and members that only some have.

Members of two scenarios are the same if they have the same name, or else the same title. A value that all scenarios
give for all members is compared once, and for a member only where some scenario gives it a value of its own. Two
literals of one value, such as 4% and 0.04, do not differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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
class Matched:
    """One member under its name in each scenario, None where it is missing."""

    kind: str
    title: str
    names: tuple[str | None, ...]


@dataclass(frozen=True)
class Held:
    """One assumption in each scenario, None where there is none; kind and title are empty for the company.

    `paths` has the path that it has in each, or would have; it is empty where the member is missing.
    """

    name: str
    kind: str
    member: str
    values: tuple[Assumption | None, ...]
    paths: tuple[str, ...]

    @property
    def unit(self) -> str:
        """The unit in the first scenario that has the assumption."""
        return next(one.unit for one in self.values if one is not None)

    @property
    def differs(self) -> bool:
        """Whether the number is not the same in all scenarios that have the member."""
        there = (one for one, path in zip(self.values, self.paths, strict=True) if path)
        return len({None if one is None else (repr(one.value), _counted_in(one)) for one in there}) > 1

    @property
    def texts(self) -> tuple[str, ...]:
        """The value in each scenario as in a file; empty where there is none.

        Where the same text stands for different numbers, as one name for two records, the number is added.
        """
        texts = tuple(_written(one, self.unit) for one in self.values)
        there = {text for text, path in zip(texts, self.paths, strict=True) if path}
        if len(there) > 1 or not self.differs:
            return texts
        return tuple("" if one is None else f"{_written(one, self.unit)} = {one.central:.6g}" for one in self.values)


def differences(scenarios: Sequence[Scenario]) -> tuple[Difference, ...]:
    """Return the settings and assumptions that are not the same in all scenarios that have them."""
    settings = [_setting(name, title, scenarios) for name, title in SETTINGS.items()]
    return (
        *(one for one in settings if len(set(one.values)) > 1),
        *(
            Difference(readable(one.name), one.kind, one.member, one.unit, one.texts, one.values, one.paths)
            for one in held_by(scenarios)
            if one.differs
        ),
    )


def lone_members(scenarios: Sequence[Scenario]) -> tuple[Lone, ...]:
    """Return the members that some of the scenarios lack."""
    members = (one for one in matched_members(scenarios) if None in one.names)
    return tuple(Lone(one.kind, one.title, one.names) for one in members)


def held_by(scenarios: Sequence[Scenario]) -> Iterator[Held]:
    """Yield every assumption of the company, of all members, and of each member that several scenarios have."""
    shared = set()  # what all scenarios give for all members of a kind
    for name in dict.fromkeys(path for one in scenarios for path in one.assumptions if "." not in path):
        values, paths = tuple(one.assumptions.get(name) for one in scenarios), (name,) * len(scenarios)
        if not business().inputs[name].home:
            yield Held(name, "", "", values, paths)
        elif None not in values:
            shared.add(name)
            yield Held(name, "", "", values, paths)
    for member in matched_members(scenarios):
        yield from _of_member(member, scenarios, shared)


def _setting(name: str, title: str, scenarios: Sequence[Scenario]) -> Difference:
    return Difference(title, "", "", "", tuple(_set(name, one) for one in scenarios))


def _set(name: str, scenario: Scenario) -> str:
    """Return a setting as text; an amount has its currency, since each scenario has its own."""
    value = getattr(scenario.settings, name)
    if name == "start":
        return f"{value:%Y-%m}"
    return f"{as_text(value)} {scenario.currency}" if name == "cash_floor" and value else as_text(value)


def _of_member(member: Matched, scenarios: Sequence[Scenario], shared: Collection[str]) -> Iterator[Held]:
    """Yield the assumptions of a member that several have, except those that none gives a value of its own."""
    pairs = list(zip(member.names, scenarios, strict=True))
    if sum(name is not None for name, _ in pairs) < 2:
        return
    for needed in business().inputs.values():
        if needed.home != (member.kind,):
            continue
        paths = tuple(needed.path(name) if name else "" for name, _ in pairs)
        if needed.name in shared and not any(
            path in one.assumptions for path, (_, one) in zip(paths, pairs, strict=True)
        ):
            continue
        values = tuple(one.assumptions.get(one.path_of(needed, name)) if name else None for name, one in pairs)
        if any(value is not None for value in values):
            yield Held(needed.name, member.kind, member.title, values, paths)


def _counted_in(one: Assumption) -> str:
    """Return the unit, which does not matter for zero and for a default that nobody gave: all currencies have both."""
    is_any = one.is_plain and (one.central == 0 or one.literal == business().inputs[one.name].default)
    return "" if is_any else one.unit


def _written(one: Assumption | None, unit: str) -> str:
    """Return a value as text, a share in percent, and its unit where that is not the one of the row."""
    if one is None:
        return ""
    number = one.unit == "share" and isinstance(one.literal, int | float)
    text = f"{100 * one.literal:.6g}%" if number else as_text(one.literal)
    return text if one.unit == unit else f"{text} {one.unit}"


def matched_members(scenarios: Sequence[Scenario]) -> Iterator[Matched]:
    """Yield every member of every kind, matched across the scenarios by name or else by title."""
    for kind in KINDS:
        titles = [_titles(one, kind) for one in scenarios]
        for place, own in enumerate(titles):
            for name, title in own.items():
                found = [_same(name, title, own, other) for other in titles]
                if all(one is None for one in found[:place]):  # else an earlier scenario has yielded it
                    yield Matched(kind, title, tuple(found))


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
