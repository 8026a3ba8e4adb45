"""A scenario: one frozen set of assumptions about one company, as a file says it and as a user edits it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from profiling.files import write_atomic
from simulator.engine.model import Input
from simulator.engine.wiring import Members
from simulator.errors import PlanError, Problem, ScenarioError
from simulator.lines import business
from simulator.scenario import document
from simulator.scenario.assumption import Assumption, read_assumption
from simulator.scenario.contradictions import contradictions
from simulator.scenario.settings import Settings
from simulator.scenario.values import BadValue


@dataclass(frozen=True)
class Scenario:
    """A company's assumptions; a change is a new scenario.

    `text` is the file as it was read, `edits` what was changed since, `assumptions` what both together say.
    `about` holds what the file says of each member for people (`pools.large` → title, note, device), `overlays` the
    titles of what was laid over the file; `text` has them in it.
    """

    settings: Settings
    members: Members
    assumptions: Mapping[str, Assumption]
    about: Mapping[str, Mapping[str, str]]
    correlations: tuple[tuple[str, str, float], ...]
    text: str
    file: str
    folder: Path
    edits: Mapping[str, Any] = field(default_factory=dict)
    overlays: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The company or the story, in a few words."""
        return self.settings.title

    @property
    def description(self) -> str:
        """What a reader should know first."""
        return self.settings.description

    @property
    def currency(self) -> str:
        """The code of the one currency that all money is in."""
        return self.settings.currency

    @property
    def start(self) -> date:
        """The first day of the first month."""
        return self.settings.start

    @property
    def months(self) -> int:
        """How many months the plan runs."""
        return self.settings.months

    @property
    def trials(self) -> int:
        """How many trials are drawn unless somebody asks for another number."""
        return self.settings.trials

    @property
    def seed(self) -> int:
        """What all streams of chance start from."""
        return self.settings.seed

    @property
    def entities(self) -> Mapping[str, tuple[str, ...]]:
        """The members of each kind."""
        return self.members.names

    @cached_property
    def hash(self) -> str:
        """Twelve hex digits that change with any number, setting, member or measurement, and with nothing else."""
        content = {
            "settings": vars(self.settings),
            "members": self.members.names,
            "pointers": sorted((*pair, *places) for pair, places in self.members.pointers.items()),
            "assumptions": {path: (repr(a.value), a.unit, a.evidence) for path, a in self.assumptions.items()},
            "correlations": self.correlations,
        }
        text = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def path_of(self, needed: Input, member: str | None) -> str:
        """Where the value of `needed` for this member stands: with the member, or for all at the top."""
        own = needed.path(member)
        return own if own in self.assumptions else needed.name

    def assumption_of(self, name: str, member: str | None = None) -> Assumption:
        """The assumption of that name that holds for this member, wherever it stands."""
        return self.assumptions[self.path_of(business().inputs[name], member)]

    def find_member(self, target: str, kinds: tuple[str, ...]) -> tuple[str, str]:
        """The kind and name meant by `large` or `pools.large`; raises PlanError with what there is."""
        known = {f"{kind}s.{name}": (kind, name) for kind in kinds for name in self.entities.get(kind, ())}
        found = [pair for path, pair in known.items() if target in (path, pair[1])]
        if len(found) != 1:
            what = "names two of them" if found else "is none of them"
            raise PlanError(f"{target} {what}: choose from {', '.join(known) or 'nothing, the scenario lists none'}")
        return found[0]

    def find_path(self, name: str) -> str:
        """The one assumption meant by a path, or by its last part; raises PlanError with the nearest names."""
        if name in self.assumptions or self._could_be(name):
            return name
        found = [path for path in self.assumptions if path.rpartition(".")[2] == name]
        if len(found) == 1:
            return found[0]
        near = found or get_close_matches(name, [*self.assumptions], n=3)
        raise PlanError(
            f"{name} is no one assumption; "
            + (f"did you mean {', '.join(near)}?" if near else "`python -m simulator schema` lists them")
        )

    def _could_be(self, path: str) -> bool:
        """Whether a member may have this assumption to itself, though it is now given for all."""
        section, _, rest = path.partition(".")
        member, _, name = rest.partition(".")
        needed = business().inputs.get(name)
        return bool(
            needed
            and needed.home
            and section == f"{needed.home[0]}s"
            and member in self.entities.get(needed.home[0], ())
        )

    def with_value(self, path: str, literal: Any) -> Scenario:
        """This scenario with one assumption changed to what would stand in the file: `49`, `"4%"`, `{pert: …}`.

        What was known of the old value's origin goes with it. Raises ScenarioError, or PlanError for the name.
        """
        path, literal = self.find_path(path), document.plain(literal)
        needed = business().inputs[path.rpartition(".")[2]]
        try:
            assumption = read_assumption(path, literal, needed, self.currency, self.folder)
        except BadValue as error:
            raise ScenarioError(Problem(self.file, 0, f"{path}: {error.what}", error.todo)) from None
        changed = {**self.assumptions, path: assumption}
        for broken, what, todo in contradictions(changed, self.members):
            raise ScenarioError(Problem(self.file, 0, f"{broken}: {what}", todo))
        return replace(self, assumptions=changed, edits={**self.edits, path: literal})

    def with_seed(self, seed: int) -> Scenario:
        """This scenario with other random numbers."""
        return replace(self, settings=replace(self.settings, seed=seed))

    def to_yaml(self) -> str:
        """The file with the edits in it, comments and order kept."""
        if not self.edits:
            return self.text
        top = {path: ("assumptions", path) if "." not in path else tuple(path.split(".")) for path in self.edits}
        return document.edited(self.text, self.file, {top[path]: literal for path, literal in self.edits.items()})

    def save(self, path: Path) -> None:
        """Write the file whole or not at all; raises PlanError where the disk refuses."""
        try:
            write_atomic(path, self.to_yaml())
        except OSError as error:
            raise PlanError(f"{path} could not be written: {error.strerror}; nothing was changed") from None
