"""Members added, duplicated, renamed and removed; each function returns a new scenario and leaves the old one.

All raise BreakevenError with what is wrong and what to do. A member has a key, by which the file and every path name
it, and a title for people, which may be in any language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from profiling.errors import Phrase
from simulator.engine.model import OPENING
from simulator.errors import PlanError
from simulator.lines import PARTS_OF_ALL, business, needed_pointers
from simulator.scenario import document
from simulator.scenario.assumption import is_described, read_assumption
from simulator.scenario.cards.pool import CURRENCY
from simulator.scenario.chances import Correlations
from simulator.scenario.document import plain
from simulator.scenario.reading import PROGRAM, scenario_in
from simulator.scenario.scaling import scaled
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping import wholes
from simulator.scenario.shaping.layout import CORRELATIONS, TOP, Layout
from simulator.scenario.shaping.naming import free_key, known, title_of

STARTING = Path(__file__).with_name("starting.yaml")
# Vendors and devices are priced in dollars; pay, prices and rounds are in the currency of the company.
IN_DOLLARS = ("pool", "program")


@cache
def _starting() -> Mapping[str, Any]:
    found: Mapping[str, Any] = plain(document.read(STARTING.read_text(encoding="utf-8"), str(STARTING)))
    return found


def variants_of(kind: str) -> tuple[str, ...]:
    """Return the ways in which a member of a kind can begin: the kind's own, and others such as a convertible note."""
    return (kind, *(name for name, one in _starting()["variants"].items() if one["kind"] == kind))


def starting_fields(kind: str, currency: str, variant: str = "", rate: float = 1.0) -> dict[str, dict[str, Any]]:
    """Return the first values of a new member, each with a note that asks to replace it; `rate` multiplies amounts."""
    found = _starting()
    fields = found["variants"][variant]["fields"] if variant in found["variants"] else found["kinds"][kind]
    return {name: _in_currency(entry, currency, rate) | {"note": found["note"]} for name, entry in fields.items()}


def _in_currency(entry: dict[str, Any], currency: str, rate: float) -> dict[str, Any]:
    first, *per = entry.get("unit", "").split("/")
    if first != CURRENCY:
        return entry
    return entry | {"value": scaled(entry["value"], rate), "unit": "/".join([currency, *per])}


def _starting_in(scenario: Scenario, kind: str, variant: str) -> dict[str, dict[str, Any]]:
    """Return the first values in the currency in which the scenario's founder thinks of them."""
    if scenario.settings.second_currency != CURRENCY:
        return starting_fields(kind, scenario.currency, variant)
    if kind in IN_DOLLARS:
        return starting_fields(kind, CURRENCY, variant)
    # Two digits of the rate are enough for numbers that ask to be replaced.
    rate = float(f"{scenario.assumptions['exchange_rate'].central:.2g}")
    return starting_fields(kind, scenario.currency, variant, rate)


def added(  # noqa: PLR0917
    scenario: Scenario, kind: str, key: str, fields: Mapping[str, Any], title: str = "", variant: str = ""
) -> Scenario:
    """Return the scenario with a new member that has these fields, and starting values for what they leave out.

    `fields` are literals as in a file; they may name what the member points at, such as a feature's `pool`, which is
    otherwise the first that fits. A plan takes a part of the sign-ups and deals that all plans divide.
    """
    free_key(scenario, kind, key)
    layout = Layout(scenario.to_yaml(), scenario.file)
    of_all = layout.document.get(TOP) or {}
    starting = _starting_in(scenario, kind, variant)
    shares: dict[str, Any] = {}
    edits: wholes.Edits = {}
    for name in PARTS_OF_ALL.get(kind, ()):
        part = wholes.part_of_new(scenario, kind, name)
        if name in fields:
            part = read_assumption(
                name, plain(fields[name]), business().inputs[name], scenario.currencies, scenario.folder
            ).central
        elif part:
            shares[name] = {"value": _percent(part), "unit": "share", "note": _starting()["note"]}
        edits |= wholes.giving_way(scenario, layout.document, kind, name, part)
    layout.edit(edits)
    own = {name: entry for name, entry in starting.items() if name not in of_all}
    words = {"title": title_of(title)} if title else {}
    layout.add(f"{kind}s", key, _laid_out({**words, **_pointers(scenario, kind, fields), **own, **shares, **fields}))
    return _parsed(scenario, layout)


def _percent(share: float) -> str:
    return f"{100 * share:.10g}%"


def _laid_out(fields: Mapping[str, Any]) -> CommentedMap:
    """Return fields for the file, each on its own line."""
    found = CommentedMap()
    for name, literal in fields.items():
        found[name] = literal
        if isinstance(literal, Mapping):
            found[name] = CommentedMap(literal)
            found[name].fa.set_flow_style()
    return found


def _pointers(scenario: Scenario, kind: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Return what a new member points at: the first that fits what its fields say; raises PlanError without one."""
    others = [other for own, other in needed_pointers() if own == kind]
    if set(others) <= set(fields):
        return {other: fields[other] for other in others}
    choices = [[fields[other]] if other in fields else scenario.entities.get(other, ()) for other in others]
    for chosen in product(*choices):
        found = dict(zip(others, chosen, strict=True))
        if kind != "route" or pool_of(scenario, found["feature"]) != found["pool"]:
            return found
    if kind == "route":
        what = "a route leads from one pool to a feature on another pool, and there are no two such"
        raise PlanError(what, "add another pool, with a feature on it")
    raise PlanError(
        Phrase("a {kind} needs a {other}, and there is none", kind=kind, other=others[0]),
        Phrase("add a {other} first", other=others[0]),
    )


def pool_of(scenario: Scenario, feature: str) -> str:
    """Return the pool that a feature runs on; empty for an unknown feature."""
    features = scenario.entities.get("feature", ())
    if feature not in features:
        return ""
    return scenario.entities["pool"][scenario.members.pointers["feature", "pool"][features.index(feature)]]


def duplicated(scenario: Scenario, kind: str, name: str, key: str, title: str = "") -> Scenario:
    """Return the scenario with a copy of a member under another key.

    A copy has no opening customers, staff or devices, since those exist once. Of a whole that members divide, it takes
    the part of a new member where the original has a share.
    """
    known(scenario, kind, name)
    free_key(scenario, kind, key)
    layout = Layout(scenario.to_yaml(), scenario.file)
    fields = layout.member(f"{kind}s", name)
    for field in [field for field in fields if field.startswith(OPENING)]:
        del fields[field]
    if title:
        fields.pop("title", None)
        fields.insert(0, "title", title_of(title))
    edits: wholes.Edits = {}
    for share in PARTS_OF_ALL.get(kind, ()):
        held = scenario.assumption_of(share, name)
        if held.central:
            part = wholes.NEW_PART * wholes.shared_by(scenario, kind, share)
            entry = plain(fields.get(share))
            # A share that changes over the months would outgrow its part, and the whole with it.
            literal = scaled(held.literal, part / held.central) if held.value.is_steady else _percent(part)
            fields[share] = {**entry, "value": literal} if is_described(entry) else literal
            edits |= wholes.giving_way(scenario, layout.document, kind, share, part)
    layout.edit(edits)
    layout.add(f"{kind}s", key, fields)
    return _parsed(scenario, layout)


def renamed(scenario: Scenario, kind: str, name: str, title: str) -> Scenario:
    """Return the scenario with another title of a member; its key, and so every path, stays."""
    known(scenario, kind, name)
    layout = Layout(scenario.to_yaml(), scenario.file)
    layout.retitle(f"{kind}s", name, title_of(title))
    return _parsed(scenario, layout)


def rekeyed(scenario: Scenario, kind: str, name: str, key: str) -> Scenario:
    """Return the scenario with another key of a member, in all that point at it and in all correlations.

    Random numbers belong to paths, so the trials of its uncertain values are drawn anew; the base case stays.
    """
    known(scenario, kind, name)
    if key == name:
        return scenario
    free_key(scenario, kind, key)
    layout = Layout(scenario.to_yaml(), scenario.file)
    pointers = (*needed_pointers(), ("route", PROGRAM))
    layout.rekey(f"{kind}s", name, key, [(f"{own}s", other) for own, other in pointers if other == kind])
    return _parsed(scenario, layout)


@dataclass(frozen=True)
class Along:
    """What removing a member takes along or changes.

    `members` are those that point at it, as (kind, key), directly or through others; `correlations` those with a value
    of any of them. `shares` are the shares of a whole that grow, by path, before and after; `unshared` names the shares
    that nobody takes up.
    """

    members: tuple[tuple[str, str], ...]
    correlations: tuple[tuple[str, str], ...]
    shares: wholes.Moves
    unshared: tuple[str, ...]


def takes_along(scenario: Scenario, kind: str, name: str) -> Along:
    """Return what removing a member takes along or changes."""
    known(scenario, kind, name)
    gone = _gone(scenario, kind, name)
    prefixes = tuple(f"{own}s.{one}." for own, one in gone)
    pairs = tuple(pair[:2] for pair in scenario.correlations if any(path.startswith(prefixes) for path in pair[:2]))
    factors = {share: wholes.taking_up(scenario, kind, share, [name]) for share in PARTS_OF_ALL.get(kind, ())}
    shares: dict[str, tuple[float, float]] = {}
    unshared = []
    for share, factor in factors.items():
        rest = {one: scenario.assumption_of(share, one).central for one in scenario.entities[kind] if one != name}
        shares |= {f"{kind}s.{one}.{share}": (old, old * factor) for one, old in rest.items() if old and factor != 1}
        if scenario.assumption_of(share, name).central and not any(rest.values()):
            unshared.append(share)
    return Along(gone[1:], pairs, shares, tuple(unshared))


def _gone(scenario: Scenario, kind: str, name: str) -> tuple[tuple[str, str], ...]:
    """Return a member, and all that point at it, directly or through others."""
    gone = [(kind, name)]
    for target, one in gone:  # grows while it is read
        for (own, other), places in scenario.members.pointers.items():
            if other == target:
                place = scenario.entities[target].index(one)
                pointing = [each for each, at in zip(scenario.entities[own], places, strict=True) if at == place]
                gone += [(own, each) for each in pointing if (own, each) not in gone]
    return tuple(gone)


def removed(scenario: Scenario, kind: str, name: str) -> Scenario:
    """Return the scenario without a member, and without all that `takes_along` lists."""
    known(scenario, kind, name)
    layout = Layout(scenario.to_yaml(), scenario.file)
    edits: wholes.Edits = {}
    for share in PARTS_OF_ALL.get(kind, ()):
        factor = wholes.taking_up(scenario, kind, share, [name])
        edits |= wholes.multiplied(scenario, layout.document, kind, share, factor, [name])
    layout.edit(edits)
    gone = _gone(scenario, kind, name)
    prefixes = tuple(f"{own}s.{one}." for own, one in gone)
    listed = layout.document.get(CORRELATIONS) or ()
    pairs = [at for at, entry in enumerate(listed) if any(path.startswith(prefixes) for path in entry[:2])]
    if pairs:
        layout.remove(CORRELATIONS, pairs)
    if kind == PROGRAM and any(one.get(PROGRAM) == name for one in scenario.about.values()):
        layout.forget("routes", PROGRAM, name)
    for own in dict.fromkeys(own for own, _ in gone):
        layout.remove(f"{own}s", [one for one in scenario.entities[own] if (own, one) in gone])
    return _parsed(scenario, layout)


def correlated(scenario: Scenario, one: str, other: str, rank: float | None) -> Scenario:
    """Return the scenario with a rank correlation of two assumptions, by path; None removes the one that there is."""
    layout = Layout(scenario.to_yaml(), scenario.file)
    listed = layout.document.get(CORRELATIONS) or []
    places = [at for at, entry in enumerate(listed) if {*entry[:2]} == {one, other}]
    if places:
        layout.remove(CORRELATIONS, places)
    if rank is not None:
        layout.append(CORRELATIONS, [one, other, rank])
    return _parsed(scenario, layout)


def with_correlations(scenario: Scenario, pairs: Correlations) -> Scenario:
    """Return the scenario with these rank correlations in the place of all that it has."""
    layout = Layout(scenario.to_yaml(), scenario.file)
    if CORRELATIONS in layout.document:
        layout.drop(CORRELATIONS)
    for pair in pairs:
        layout.append(CORRELATIONS, list(pair))
    return _parsed(scenario, layout)


def _parsed(scenario: Scenario, layout: Layout) -> Scenario:
    return scenario_in(layout.document, layout.text, scenario.folder, scenario.file)
