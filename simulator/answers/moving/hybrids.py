"""Scenarios between two others: with some of their members, and some of their assumptions from either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from ruamel.yaml.comments import CommentedMap
from scipy.sparse.csgraph import connected_components

from simulator.answers.comparing.differences import Difference, Lone
from simulator.engine.model import Array
from simulator.scenario import document
from simulator.scenario.document import plain
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Structures:
    """Scenarios with the members of either of two; each is read once.

    `lone` holds groups of members that only one of the two has, which come or go together.
    """

    pair: tuple[Scenario, Scenario]
    lone: tuple[tuple[Lone, ...], ...]
    known: dict[tuple[int, tuple[bool, ...]], Scenario] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def documents(self) -> tuple[CommentedMap, CommentedMap]:
        """The files of both, with the edits in them; reading one takes several times as long as copying it."""
        old, new = (document.read(one.to_yaml(), one.file) for one in self.pair)
        return old, new

    def of(self, base: int, changed: tuple[bool, ...]) -> Scenario:
        """Return the old (0) or the new (1) scenario, with groups of members as in the new where changed.

        Raise ScenarioError where what is left of the file refers to a member that is gone.
        """
        if (base, changed) not in self.known:
            self.known[base, changed] = self._made(base, changed)
        return self.known[base, changed]

    def _made(self, base: int, changed: tuple[bool, ...]) -> Scenario:
        own = self.pair[base]
        swapped = [lone for group, is_new in zip(self.lone, changed, strict=True) if is_new != base for lone in group]
        if not swapped:
            return own
        content = deepcopy(self.documents[base])
        for lone in swapped:
            _swap(content, self.documents[1 - base], lone, base)
        return parse(document.dump(content), own.folder, own.file)


def _swap(content: CommentedMap, other: CommentedMap, lone: Lone, base: int) -> None:
    """Remove a member from a document that has it, or copy it from the other one."""
    section = f"{lone.kind}s"
    if (own := lone.names[base]) is not None:
        del content[section][own]
        if not content[section]:
            del content[section]
        return
    name = lone.names[1 - base]
    holder = content.setdefault(section, CommentedMap())
    holder[name] = deepcopy(other[section][name])


def tied(lone: Sequence[Lone], old: Scenario, new: Scenario) -> tuple[tuple[Lone, ...], ...]:
    """Return lone members in groups: one that names another, such as a feature its pool, comes and goes with it."""
    contents = [plain(document.read(one.to_yaml(), one.file)) for one in (old, new)]
    links = [[_refers(one, other, contents) for other in lone] for one in lone]
    if not lone:
        return ()
    _, labels = connected_components(np.array(links), directed=False)
    return tuple(
        tuple(one for one, label in zip(lone, labels, strict=True) if label == own) for own in dict.fromkeys(labels)
    )


def _refers(one: Lone, other: Lone, contents: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a member's section holds the name of another one that only the same scenario has."""
    return any(
        mine is not None and its is not None and one is not other and its in _texts(content[f"{one.kind}s"][mine])
        for mine, its, content in zip(one.names, other.names, contents, strict=True)
    )


def _texts(literal: Any) -> set[str]:
    """Return every text in a literal, at every depth."""
    if isinstance(literal, Mapping):
        return set().union(*map(_texts, literal.values()), map(str, literal))
    if isinstance(literal, list):
        return set().union(*map(_texts, literal))
    return {literal} if isinstance(literal, str) else set()


def change_of(differs: Sequence[Difference], is_new: bool, base: int, months: int) -> dict[str, Array]:
    """Return assumptions that differ as the old or the new scenario has them, by path in one of the two, by month."""
    found = {}
    for one in differs:
        held = one.held[is_new]
        assert held is not None, "a value that only one scenario has belongs to its structure"
        found[one.paths[base]] = held.base(months)
    return found
