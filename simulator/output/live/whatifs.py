"""What-ifs in the live file: a scenario that holds all of them, each switched off, and what switches one on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from simulator.errors import ScenarioError
from simulator.scenario.assumption import Assumption
from simulator.scenario.overlays import EVERYONE, SECTIONS, TOP, Overlay
from simulator.scenario.reading import under
from simulator.scenario.scenario import Scenario

# What keeps a member that a what-if adds from having any effect. A kind that is not listed cannot be switched off.
OFF = {"event": ("happens", 0.0), "overhead": ("begins", 10_000.0)}


@dataclass(frozen=True)
class WhatIf:
    """A what-if with the assumptions that it changes, by path, as they are while it is on."""

    title: str
    description: str
    values: Mapping[str, Assumption]


def with_all(scenario: Scenario, overlays: Sequence[Overlay]) -> tuple[Scenario, tuple[WhatIf, ...]]:
    """Return the scenario with every what-if in it, switched off, and what switches each on.

    Those that the scenario is already under are left out, as are all where they do not apply to it together.
    """
    others = [one for one in overlays if one.title not in scenario.overlays]
    try:
        laid = under(scenario, others) if others else scenario
    except ScenarioError:
        return scenario, ()
    added = {
        f"{kind}s.{name}": OFF.get(kind, ("", 0.0))
        for kind, names in laid.entities.items()
        for name in names
        if name not in scenario.entities[kind]
    }
    if ("", 0.0) in added.values():
        return scenario, ()
    before = {path: _before(scenario, path, one) for path, one in laid.assumptions.items() if _owner(path) not in added}
    stays = {path: one for path, one in before.items() if repr(one.value) != repr(laid.assumptions[path].value)}
    switches = {f"{owner}.{name}": value for owner, (name, value) in added.items()}
    off = replace(laid, assumptions={**laid.assumptions, **stays}, overlays=scenario.overlays).with_values(switches)
    moved = stays.keys() | switches.keys()
    return off, tuple(
        WhatIf(
            one.title, one.description, {path: laid.assumptions[path] for path in _paths(one, laid) if path in moved}
        )
        for one in others
    )


def _owner(path: str) -> str:
    return path.rpartition(".")[0]


def _before(scenario: Scenario, path: str, one: Assumption) -> Assumption:
    """Return the scenario's own assumption, or the one for all members, under the path that a what-if gave it."""
    return replace(scenario.assumption_of(one.name, _owner(path).partition(".")[2] or None), path=path)


def _paths(overlay: Overlay, laid: Scenario) -> Iterator[str]:
    """Yield the paths that a what-if may have changed."""
    yield from overlay.content.get(TOP, ())
    for section, kind in SECTIONS.items():
        for name, fields in overlay.content.get(section, {}).items():
            for member in laid.entities[kind] if name == EVERYONE else (name,):
                yield from (f"{section}.{member}.{field}" for field in (*fields, *OFF.get(kind, ())[:1]))
