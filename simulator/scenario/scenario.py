"""A scenario: one frozen set of assumptions about one company, as read from a file and edited by a user."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from profiling.errors import Phrase
from profiling.files import write_atomic
from simulator.engine.model import Input
from simulator.engine.wiring import Members
from simulator.errors import BadValue, PlanError, Problem, ScenarioError, about, meant, typed_name
from simulator.lines import REFERENCES, RESPONSES, business
from simulator.scenario import document
from simulator.scenario.assumption import Assumption, is_described, read_assumption
from simulator.scenario.checks.contradictions import contradictions
from simulator.scenario.checks.stated_units import Currencies
from simulator.scenario.checks.warnings import warnings
from simulator.scenario.comments import Comment
from simulator.scenario.correlating import without_effect
from simulator.scenario.settings import Settings


@dataclass(frozen=True)
class Scenario:
    """A company's assumptions; a change makes a new scenario.

    `text` is the file as it was read, `edits` holds the changes since then by path, and `assumptions` is the result of
    both. `about` holds each member's words for people (`pools.large` → title, note, device). `overlays` holds the
    titles of the what-ifs; their changes are already in `text`. `comments` are what readers said.
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
    comments: tuple[Comment, ...] = ()

    @property
    def title(self) -> str:
        """The scenario's name, in a few words."""
        return self.settings.title

    @property
    def currency(self) -> str:
        """The three-letter code of the currency that all money is in."""
        return self.settings.currency

    @property
    def currencies(self) -> Currencies:
        """The scenario's currency, and the second one in which amounts may be stated."""
        return Currencies(self.settings.currency, self.settings.second_currency)

    @property
    def start(self) -> date:
        """The first day of the first month."""
        return self.settings.start

    @property
    def months(self) -> int:
        """The number of months that are projected."""
        return self.settings.months

    @property
    def trials(self) -> int:
        """The number of trials, unless a caller asks for another."""
        return self.settings.trials

    @property
    def seed(self) -> int:
        """The seed of all random streams."""
        return self.settings.seed

    @property
    def entities(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the members of each kind."""
        return self.members.names

    @cached_property
    def uncertain(self) -> tuple[str, ...]:
        """The paths of assumptions that are drawn in each trial."""
        return tuple(path for path, one in self.assumptions.items() if one.is_uncertain)

    @cached_property
    def foreign(self) -> tuple[str, ...]:
        """The paths of assumptions that are stated in the second currency."""
        return tuple(path for path, one in self.assumptions.items() if one.is_foreign)

    @cached_property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change with any number, its evidence, any setting or member, and nothing else.

        Evidence counts, since the verdict tells how much rests on which. Order changes nothing.
        """
        names = self.members.names
        content = {
            "settings": {**vars(self.settings), "definitions": dict(self.settings.definitions)},
            "members": {kind: sorted(members) for kind, members in names.items()},
            "pointers": {
                f"{kind} {other}": dict(zip(names[kind], (names[other][place] for place in places), strict=True))
                for (kind, other), places in self.members.pointers.items()
            },
            "assumptions": {path: (repr(a.value), a.unit, a.evidence) for path, a in self.assumptions.items()},
            "correlations": sorted((*sorted(pair), rank) for *pair, rank in self.correlations),
        }
        text = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @cached_property
    def file_hash(self) -> str:
        """SHA-256 of the file that `save` writes: changes with any byte of it, sources, notes and comments included."""
        return hashlib.sha256(self.to_yaml().encode()).hexdigest()

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """What is in range and probably not meant, with its line in the file, 0 where it has none.

        A default has the first line of its member.
        """
        lines: dict[str, int] = {}
        for path, one in self.assumptions.items():
            if one.line:
                owner = path.rpartition(".")[0]
                lines |= {path: one.line, owner: min(one.line, lines.get(owner, one.line))}
        found = [
            Problem(
                self.file,
                lines.get(path) or lines.get(path.rpartition(".")[0], 0),
                about(path, what),
                todo,
            )
            for path, what, todo in (
                *warnings(self.assumptions, self.members, self.settings),
                *without_effect(self.correlations, self.assumptions),
            )
        ]
        lost = [one for one in self.comments if one.on and one.on not in self.assumptions]
        todo = "name what it is on now, or remove it"
        comments = [
            Problem(
                self.file,
                one.line,
                about("comments", Phrase("{name} is not an assumption", name=one.on)),
                todo,
            )
            for one in lost
        ]
        # A value for all members has one fault, however many members have it.
        return tuple(dict.fromkeys((*found, *comments)))

    def path_of(self, needed: Input, member: str | None) -> str:
        """Return the path of the value that holds for a member: its own, or the one at the top for all members."""
        own = needed.path(member)
        return own if own in self.assumptions else needed.name

    def assumption_of(self, name: str, member: str | None = None) -> Assumption:
        """Return the assumption called `name` that holds for a member: its own, or the one for all members."""
        return self.assumptions[self.path_of(business().inputs[name], member)]

    def find_member(self, target: str, kinds: tuple[str, ...]) -> tuple[str, str]:
        """Return the kind and name meant by `large` or `pools.large`; raises PlanError with those to choose from."""
        known = {f"{kind}s.{name}": (kind, name) for kind in kinds for name in self.entities.get(kind, ())}
        found = [pair for path, pair in known.items() if target in (path, pair[1])]
        if len(found) != 1:
            text = "{path} is the name of several members" if found else "{path} is not a {kind} of the scenario"
            what = Phrase(text, path=typed_name(target), kind=" / ".join(kinds))
            add = Phrase("list one under {section} first", section=f"{kinds[0]}s")
            raise PlanError(what, Phrase("choose from {near}", near=", ".join(known)) if known else add)
        return found[0]

    def find_path(self, name: str) -> str:
        """Return the path of the assumption meant by `name`, a path or the last part of one.

        Raises PlanError with the nearest names.
        """
        if name in self.assumptions or self.could_have(name):
            return name
        found = [path for path in self.assumptions if path.rpartition(".")[2] == name]
        if len(found) == 1:
            return found[0]
        if found:
            what = Phrase("{name} is the name of several assumptions", name=name)
            raise PlanError(what, Phrase("did you mean {near}?", near=", ".join(found)))
        todo = meant(name, self.assumptions, "list them with `python -m simulator fields`")
        raise PlanError(Phrase("{name} is not an assumption", name=typed_name(name)), todo)

    def could_have(self, path: str) -> bool:
        """Return whether `path` would give a member its own value of an assumption that now holds for all members."""
        section, _, rest = path.partition(".")
        member, _, name = rest.partition(".")
        needed = business().inputs.get(name)
        kind = needed.home[0] if needed and needed.home else ""
        return section == f"{kind}s" and member in self.entities.get(kind, ())

    def with_value(self, path: str, literal: Any) -> Scenario:
        """Return this scenario with one assumption set to a literal as in a file: `49`, `"4%"`, `{pert: …}`.

        The old value's source, date and evidence are dropped. Raises ScenarioError, or PlanError for the name.
        """
        return self.with_values({path: literal})

    def with_values(self, literals: Mapping[str, Any]) -> Scenario:
        """Return this scenario with several assumptions set, which have to fit each other only once all are."""
        changed, edits = dict(self.assumptions), dict(self.edits)
        for name, literal in literals.items():
            path = self.find_path(name)
            needed = business().inputs[path.rpartition(".")[2]]
            edit = self._with_unit(path, needed, document.plain(literal))
            try:
                changed[path] = read_assumption(path, edit, needed, self.currencies, self.folder)
            except BadValue as error:
                raise ScenarioError(Problem(self.file, 0, about(path, error.what), error.todo)) from None
            edits[path] = edit
        for broken, what, todo in contradictions(changed, self.members, self.months):
            raise ScenarioError(Problem(self.file, 0, about(broken, what), todo))
        return replace(self, assumptions=changed, edits=edits)

    def _with_unit(self, path: str, needed: Input, literal: Any) -> Any:
        """Return a literal that stays in the second currency if the value that it replaces is stated in it."""
        old = self.assumptions.get(path) or self.assumption_of(needed.name, path.rpartition(".")[0].partition(".")[2])
        if not old.is_foreign:
            return literal
        return {"unit": old.unit, **(literal if is_described(literal) else {"value": literal})}

    def with_seed(self, seed: int) -> Scenario:
        """Return this scenario with another seed."""
        return replace(self, settings=replace(self.settings, seed=seed))

    def to_yaml(self) -> str:
        """Return the file's text with the edits in it; comments and order stay."""
        edits = {**self.kept_references(), **self.edits}
        if not edits:
            return self.text
        top = {path: ("assumptions", path) if "." not in path else tuple(path.split(".")) for path in edits}
        return document.edited(self.text, self.file, {top[path]: literal for path, literal in edits.items()})

    def kept_references(self) -> dict[str, float]:
        """Return the reference prices by path that a file must state, because what they were read from has changed."""
        derived = [
            one for one in self.assumptions.values() if one.name in REFERENCES and not (one.line or one.is_default)
        ]
        return {one.path: one.central for one in derived if one.path not in self.edits and self._must_state(one)}

    def _must_state(self, reference: Assumption) -> bool:
        """Return whether the file would derive another reference: an edit of its plan, or of all plans, may move it."""
        plan = reference.path.rpartition(".")[0]
        answers = any(self.assumption_of(name, plan.rpartition(".")[2]).central for name in RESPONSES[reference.name])
        behind = business().inputs_behind([REFERENCES[reference.name]])
        changed = [path.rpartition(".") for path in self.edits]
        moved = any(name in behind and (owner == plan or not owner.startswith("plans.")) for owner, _, name in changed)
        return (answers or reference.name == "reference_bill") and (moved or bool(self.overlays))

    def save(self, path: Path, before: str | None = None) -> None:
        """Write the file completely or not at all; raises PlanError where it cannot be written.

        With `before`, the text that was read, a file that somebody has changed since is refused.
        """

        def unchanged() -> None:
            if before is not None and document.text_of(path) != before:
                raise PlanError("somebody else has just changed the file", "do it again", where=str(path))

        try:
            write_atomic(path, self.to_yaml(), ready=unchanged)
        except OSError as error:
            what = Phrase(
                "the scenario could not be written ({reason}), and the file is unchanged", reason=error.strerror
            )
            raise PlanError(what, "save it to another folder", where=str(path)) from None
