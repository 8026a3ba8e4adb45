"""From a file to a scenario; every mistake in the file is found at once, with its line and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from profiling.errors import Phrase
from simulator.engine.model import Input, Kinds
from simulator.engine.wiring import Members
from simulator.errors import MOST_SHOWN, BadValue, Problem, ScenarioError, about
from simulator.lines import FIXED, business, needed_pointers
from simulator.scenario import document
from simulator.scenario.assumption import Assumption, read_assumption
from simulator.scenario.cards.pool import CARD, VENDOR_ALONE, assumptions_of
from simulator.scenario.checks import names
from simulator.scenario.checks.contradictions import contradictions
from simulator.scenario.checks.stated_units import Currencies
from simulator.scenario.comments import MOST_COMMENTS, Comment, read_comment
from simulator.scenario.comments import SECTION as COMMENTS
from simulator.scenario.correlating import check_correlations, read_correlation
from simulator.scenario.document import line_of, plain
from simulator.scenario.numbers import with_references
from simulator.scenario.overlays import SECTIONS, Layers, Overlay, read_overlay
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import LONGEST_TEXT, SETTINGS, Setting, Settings

# The command that lists every field.
LISTED = "python -m simulator fields"
# What a member says for people; the model reads none of it.
ABOUT = ("title", "note", "device")
# What a pool or program runs, to compare with a record: its model by name, `generate`, `classify` or a training method,
# and the precision.
RUNS = ("model", "kind", "precision")
# What a route says: the training program that makes the model of its feature, whose cost a move has to pay for.
PROGRAM = "program"
# In older files, the fee and the seats of the bill that is the reference, without use.
OLDER_REFERENCE = "reference_price"
NAME = re.compile(r"[A-Za-z][\w-]{0,39}")
# Lines that pair members, such as plan × channel, grow with the product; a company lists a few dozen.
MOST_MEMBERS = 200


def load(path: Path | str, overlays: Sequence[Path | str] = ()) -> Scenario:
    """Return the scenario in a file under the what-ifs in `overlays`; raises ScenarioError with every mistake."""
    path = Path(path)
    return parse(document.text_of(path), path.parent, str(path), [read_overlay(one) for one in overlays])


def parse(text: str, folder: Path, file: str = "scenario.yaml", overlays: Sequence[Overlay] = ()) -> Scenario:
    """Return the scenario in a text whose measurements lie below `folder`; raises ScenarioError."""
    if not overlays:
        return scenario_in(document.read(text, file), text, folder, file)
    layers = Layers(text, file, folder, overlays)
    try:
        if layers.problems:
            raise ScenarioError(*layers.problems)
        merged = document.dump(layers.content)
        reader = _Reader(document.read(merged, file), merged, folder, file)
        scenario = reader.scenario()
    except ScenarioError as error:
        raise ScenarioError(*_of_layers(layers, text, folder) or error.found) from None
    titles = tuple(overlay.title for overlay in overlays)
    return with_references(replace(scenario, overlays=titles), reader.fees, _without_overlays(layers, text, folder))


def under(scenario: Scenario, overlays: Sequence[Overlay]) -> Scenario:
    """Return the scenario with more what-ifs, to compute with: its text is not theirs; raises ScenarioError.

    It keeps its own reference prices.
    """
    layers = Layers(scenario.to_yaml(), scenario.file, scenario.folder, overlays)
    if layers.problems:
        raise ScenarioError(*layers.problems)
    reader = _Reader(layers.content, scenario.text, scenario.folder, scenario.file)
    return with_references(reader.scenario(), reader.fees, scenario)


def scenario_in(content: CommentedMap, text: str, folder: Path, file: str) -> Scenario:
    """Return the scenario in a document that was read from a text; raises ScenarioError."""
    reader = _Reader(content, text, folder, file)
    return with_references(reader.scenario(), reader.fees)


def _without_overlays(layers: Layers, text: str, folder: Path) -> Scenario | None:
    """Return the file's own scenario, whose prices are the reference; None where only what-ifs make it complete."""
    try:
        return parse(text, folder, layers.file)
    except ScenarioError:
        return None


def _of_layers(layers: Layers, text: str, folder: Path) -> list[Problem]:
    """Return all mistakes in a scenario under what-ifs, each in the file that made it."""
    try:
        _Reader(layers.content, text, folder, layers.file).scenario()
        found: tuple[Problem, ...] = ()
    except ScenarioError as error:
        found = tuple(layers.placed(problem) for problem in error.found)
    # One change of all members of a kind makes the same mistake once per member.
    return list(dict.fromkeys((*layers.problems, *found)))


class _Reader:
    """One pass over a document, which builds its scenario and collects its mistakes."""

    def __init__(self, content: Any, text: str, folder: Path, file: str) -> None:
        self.content, self.text, self.folder, self.file = content, text, folder, file
        self.model = business()
        self.problems: dict[Problem, None] = {}
        self.refused: set[str] = set()
        self.fees: dict[str, float] = {}  # by the path of the reference bill that an older file gives in part
        self.currencies = Currencies("USD")
        self.start: date | None = None

    def fault(self, line: int, what: str, todo: str) -> None:
        """Record one mistake, however often what it is in is read."""
        self.problems[Problem(self.file, line, what, todo)] = None

    def scenario(self) -> Scenario:
        """Return the scenario; raises ScenarioError with all mistakes."""
        known = [*SETTINGS, "assumptions", "correlations", COMMENTS, *SECTIONS]
        for key in self.content:
            if key not in known:
                self._unknown(line_of(self.content, key), str(key), known, "a section of a scenario", names.SECTIONS)
        settings = self._settings()
        members, about = self._members(), self._about()
        assumptions = self._assumptions(members, settings)
        correlations, comments = self._correlations(assumptions), self._comments()
        if self.problems or settings is None:
            raise ScenarioError(*self.problems)
        content = (settings, members, dict(assumptions), about, correlations)
        return Scenario(*content, self.text, self.file, self.folder, comments=comments)

    # Sections and settings

    def _unknown(self, line: int, name: str, known: list[str], what: str, kind: str = "") -> None:
        # Comparing one name with all takes a millisecond, which is only worth it for mistakes that people are shown.
        near = names.meant_by(name[:60], known, kind) if len(self.problems) < MOST_SHOWN else None
        listed = Phrase("see `{command}`, or remove it", command=LISTED)
        todo = Phrase("did you mean {near}?", near=near) if near else listed
        self.fault(line, Phrase("{typed!r} is not {what}", typed=name[:60], what=what), todo)

    def _settings(self) -> Settings | None:
        before = len(self.problems)
        found = {name: self._setting(name, setting) for name, setting in SETTINGS.items()}
        self.start = found["start"]
        self.currencies = Currencies(found["currency"] or "USD", found["second_currency"] or "")
        if self.currencies.second == self.currencies.own:
            what = Phrase("the second currency is the scenario's own, {own}", own=self.currencies.own)
            self.fault(line_of(self.content, "second_currency"), what, Phrase("name another, or remove it"))
        version = found.pop("breakeven")
        return Settings(**found) if version and len(self.problems) == before else None

    def _setting(self, name: str, setting: Setting) -> Any:
        if name not in self.content:
            if setting.default is None:
                todo = Phrase("add `{key}: …` at the top", key=name)
                self.fault(1, Phrase("the file has no {name}", name=name), todo)
            return setting.default
        try:
            return setting.read(plain(self.content[name]))
        except BadValue as error:
            self.fault(line_of(self.content, name), about(name, error.what), error.todo)
            return None

    # Members

    def _section(self, name: str) -> Mapping[str, Any]:
        section = self.content.get(name)
        if section is None:
            return {}
        if not isinstance(section, Mapping):
            what = Phrase("{name} has no `name: value` lines", name=name)
            self.fault(line_of(self.content, name), what, "add them below it, indented")
            return {}
        return section

    def _members(self) -> Members:
        names = {kind: tuple(self._member_names(section)) for section, kind in SECTIONS.items()} | FIXED
        for route in names["route"]:
            self._check_program(route, names["program"])
        return Members(names, {pair: self._pointers(*pair, names) for pair in needed_pointers()})

    def _member_names(self, section: str) -> list[str]:
        members = self._section(section)
        if len(members) > MOST_MEMBERS:
            what = Phrase("{section} lists {count} members", section=section, count=len(members))
            self.fault(line_of(self.content, section), what, Phrase("list at most {most}", most=MOST_MEMBERS))
        fixed, good = FIXED.get(SECTIONS[section]), []
        for name, fields in list(members.items())[:MOST_MEMBERS]:
            line = line_of(members, name)
            if fixed and name not in fixed:
                self._unknown(line, str(name), list(fixed), Phrase("one of the {section}", section=section))
            elif not isinstance(name, str) or not NAME.fullmatch(name):
                todo = "begin with a letter, and use letters, digits, - and _, at most 40"
                self.fault(line, Phrase("{typed!r} is not a valid name", typed=str(name)[:60]), todo)
            elif not isinstance(fields, Mapping):
                what = Phrase("{path} is empty", path=f"{section}.{name}")
                self.fault(line, what, "add its values below it, indented")
            else:
                good.append(name)
        return good

    def _check_program(self, route: str, programs: tuple[str, ...]) -> None:
        """Record a mistake where a route names a training program that the file does not list."""
        fields = self._fields("routes", route)
        if PROGRAM in fields and fields[PROGRAM] not in programs:
            known = ", ".join(programs) or "those that you list under programs"
            what = Phrase("{typed!r} is not in programs", typed=str(fields[PROGRAM])[:60])
            todo = Phrase("set `program:` to one of {known}, or remove it", known=known)
            self.fault(line_of(fields, PROGRAM), what, todo)

    def _fields(self, section: str, name: str) -> Mapping[str, Any]:
        """Return the entries of a member; none where the file lists it with something else, which is a mistake."""
        fields = self._section(section).get(name)
        return fields if isinstance(fields, Mapping) else {}

    def _pointers(self, kind: str, other: str, names: Mapping[str, tuple[str, ...]]) -> tuple[int, ...]:
        """Return the position of the `other` that each member of `kind` names."""
        section = f"{kind}s"
        members = self._section(section)
        places = []
        for name in names[kind]:
            target = members[name].get(other)
            if target in names[other]:
                places.append(names[other].index(target))
                continue
            line = line_of(members[name], other) or line_of(members, name)
            what = Phrase("{typed!r} is not in {section}", typed=str(target)[:60], section=f"{other}s")
            if target is None:
                what = Phrase("{path} names no {other}", path=f"{section}.{name}", other=other)
            own = Phrase("those that you list under {section}", section=f"{other}s")
            known = ", ".join(names[other]) or own
            self.fault(line, what, Phrase("set `{key}:` to one of {known}", key=other, known=known))
        return tuple(places)

    def _about(self) -> Mapping[str, Mapping[str, str]]:
        return {
            f"{section}.{name}": dict(self._words(f"{section}.{name}", fields, kind))
            for section, kind in SECTIONS.items()
            for name, fields in self._section(section).items()
            if isinstance(fields, Mapping)
        }

    def _words(self, path: str, fields: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str]]:
        """Yield what a member says in words, by field; one without a value says nothing."""
        for key in words_of(kind):
            if isinstance(said := fields.get(key), Mapping | list):
                what = Phrase("{path} is not a text", path=f"{path}.{key}")
                self.fault(line_of(fields, key), what, "write it in words, on one line")
            elif said is not None:
                yield key, str(said)[:LONGEST_TEXT]

    # Assumptions, correlations and comments

    def _assumptions(self, members: Members, settings: Settings | None) -> dict[str, Assumption]:
        """Return all assumptions by path: those given, and the defaults of those that are not."""
        given: dict[str, Assumption] = {}
        for key in (top := self._section("assumptions")):
            self._read(given, str(key), key, top, ())
        for section, kind in SECTIONS.items():
            for name in members.names[kind]:
                fields = self._fields(section, name)
                for key in fields:
                    if key not in words_of(kind) and (kind, key) not in needed_pointers():
                        self._read(given, f"{section}.{name}.{key}", key, fields, (kind,))
        for name in members.names["pool"]:
            self._read_card(given, name, self._fields("pools", name))
        for needed in self.model.inputs.values():
            self._fill(given, needed, members)
        if settings and not self.problems:
            for path, what, todo in contradictions(given, members, settings.months):
                section, _, member = path.rpartition(".")[0].partition(".")
                line = given[path].line or line_of(self._section(section), member)
                self.fault(line, about(path, what), todo)
        return given

    def _read(self, given: dict[str, Assumption], path: str, key: Any, holder: Any, home: Kinds) -> None:
        line = line_of(holder, key)
        older, stated = key == OLDER_REFERENCE, path
        path, key = (f"{path.removesuffix(key)}reference_bill", "reference_bill") if older else (path, key)
        needed = self.model.inputs.get(key) if isinstance(key, str) else None
        known = [name for name, one in self.model.inputs.items() if not home or one.home == home]
        strange = needed is not None and home and needed.home != home
        if needed is None or (strange and names.meant_by(str(key), known, home[0])):
            kind = home[0] if home else ""
            what = Phrase("an assumption per {kind}", kind=kind) if kind else Phrase("an assumption")
            self._unknown(line, str(key), known, what, kind)
        elif strange:
            text = "{name} is an assumption per {kind}" if needed.home else "{name} is an assumption of the company"
            what = Phrase(text, name=key, kind=" × ".join(needed.home))
            right = f"{needed.home[0]}s" if needed.home else "assumptions"
            self.fault(line, what, Phrase("move it to {section}", section=right))
        else:
            try:
                literal = plain(holder[OLDER_REFERENCE if older else key])
                found = read_assumption(path, literal, needed, self.currencies, self.folder, line)
                if older:
                    self.fees[path] = found.central
                else:
                    given[path] = found
            except BadValue as error:
                self.refused.add(path)
                self.fault(line, about(stated, error.what), error.todo)

    def _read_card(self, given: dict[str, Assumption], pool: str, fields: Mapping[str, Any]) -> None:
        """Add the vendor's prices of the card that a pool names, except those that the file states."""
        if CARD not in fields or self.start is None:
            return
        line = line_of(fields, CARD)
        priced: Mapping[str, Any] = {}
        try:
            priced = assumptions_of(str(fields[CARD]), self.start, self.currencies)
        except BadValue as error:
            self.fault(line, about(f"pools.{pool}.{CARD}", error.what), error.todo)
        for key, literal in {**priced, **VENDOR_ALONE}.items():
            if key not in fields and key not in self._section("assumptions"):
                path = f"pools.{pool}.{key}"
                found = read_assumption(path, literal, self.model.inputs[key], self.currencies, self.folder, line)
                given[path] = replace(found, is_default=key not in priced)

    def _fill(self, given: dict[str, Assumption], needed: Input, members: Members) -> None:
        """Add the default of an assumption that the file leaves out; without a default, record a mistake."""
        if needed.name in given or (needed.home and not members.names[needed.home[0]]):
            return
        owners = [f"{needed.home[0]}s.{name}" for name in members.names[needed.home[0]]] if needed.home else [""]
        for owner in owners:
            path = f"{owner}.{needed.name}".lstrip(".")
            if path in given or path in self.refused:
                continue
            if needed.default is not None:
                default = read_assumption(path, needed.default, needed, self.currencies, self.folder)
                given[path] = replace(default, is_default=True)
            elif needed.name not in self.refused:
                section, _, name = owner.partition(".")
                line = line_of(self._section(section), name) if owner else line_of(self.content, "assumptions")
                unit = needed.quantity.text(self.currencies.own) if needed.quantity else "1"
                what = Phrase("{path} has no {name}", path=owner or "assumptions", name=needed.name)
                self.fault(line, what, Phrase("add `{key}: …` in {unit}", key=needed.name, unit=unit))

    def _correlations(self, assumptions: Mapping[str, Assumption]) -> tuple[tuple[str, str, float], ...]:
        listed = self.content.get("correlations") or []
        if not isinstance(listed, list):
            line = line_of(self.content, "correlations")
            self.fault(line, "correlations is not a list", "write each as `- [one, other, 0.5]`")
            return ()
        pairs: dict[frozenset[str], tuple[str, str, float]] = {}
        for place, entry in enumerate(listed):
            try:
                pair = read_correlation(plain(entry), assumptions)
                if (both := frozenset(pair[:2])) in pairs:
                    what = Phrase("{one} and {other} are listed twice", one=pair[0], other=pair[1])
                    raise BadValue(what, "keep one of the two")
                pairs[both] = pair
            except BadValue as error:
                self.fault(line_of(listed, place), about("correlations", error.what), error.todo)
        try:
            check_correlations(tuple(pairs.values()))
        except BadValue as error:
            line = line_of(self.content, "correlations")
            self.fault(line, about("correlations", error.what), error.todo)
        return tuple(pairs.values())

    def _comments(self) -> tuple[Comment, ...]:
        listed = self.content.get(COMMENTS) or []
        if not isinstance(listed, list) or len(listed) > MOST_COMMENTS:
            line = line_of(self.content, COMMENTS)
            what = Phrase("comments is not a list of at most {most}", most=MOST_COMMENTS)
            self.fault(line, what, 'write each as `- {text: "Why?"}`')
            return ()
        found = []
        for place, entry in enumerate(listed):
            line = line_of(listed, place)
            try:
                found.append(read_comment(plain(entry), line))
            except BadValue as error:
                self.fault(line, about("comments", error.what), error.todo)
        return tuple(found)


def words_of(kind: str) -> tuple[str, ...]:
    """Return the fields of a member of a kind that are words and not assumptions."""
    runs = RUNS if kind in ("pool", "program") else ()
    return (*ABOUT, *runs, *((PROGRAM,) if kind == "route" else ()), *((CARD,) if kind == "pool" else ()))
