"""What-ifs: small files of changes that apply to any scenario, such as a price war or a shortage of devices.

    overlay: 1
    title: Devices run short
    pools:
      "*": {device_price: {times: 1.5}}

A what-if has a scenario's sections. A member that the scenario lacks is added, one that it has is changed field by
field, and `"*"` means every member that it has. `{times: 1.5}` scales the value or the model's default; anything else
replaces it. The result is the text of a scenario, and is read as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from profiling.errors import Phrase
from simulator.engine.model import Input
from simulator.errors import MOST_SHOWN, BadValue, Problem, ScenarioError, about, checked_text
from simulator.lines import FIXED, KINDS, business
from simulator.scenario import document
from simulator.scenario.assumption import is_described
from simulator.scenario.cards.pool import CARD, CURRENCY, VENDOR_ALONE, assumptions_of
from simulator.scenario.checks.stated_units import Currencies
from simulator.scenario.document import line_of, plain
from simulator.scenario.records.curves import OnCurve
from simulator.scenario.records.measured import Measured, resolve
from simulator.scenario.scaling import scaled
from simulator.scenario.settings import SETTINGS
from simulator.scenario.values import read_number, read_value

VERSION = 1
EVERYONE = "*"
TOP = "assumptions"
SECTIONS = {f"{kind}s": kind for kind in KINDS}
HEAD = ("overlay", "title", "description")
LONGEST_TITLE = 120
LONGEST_TEXT = 2_000
SHIPPED = Path(__file__).parents[2] / "scenarios" / "overlays"
# A line of the n-th overlay is counted as its number plus n times this, which is more lines than any file has.
STRIDE = document.LARGEST_BYTES + 1


@dataclass(frozen=True)
class Overlay:
    """A what-if: changes to any scenario, with the file that they are from.

    `content` is what the text says, read once; nobody changes it.
    """

    title: str
    description: str
    text: str
    file: str
    content: CommentedMap = field(compare=False, repr=False)


@cache
def shipped() -> tuple[Overlay, ...]:
    """Return the what-ifs that ship with the product, by title."""
    return tuple(sorted(map(read_overlay, SHIPPED.glob("*.yaml")), key=lambda overlay: overlay.title))


def read_overlay(path: Path | str) -> Overlay:
    """Return the what-if in a file; raises ScenarioError with every mistake that can be found without a scenario."""
    return parse_overlay(document.text_of(Path(path)), str(path))


def parse_overlay(text: str, file: str = "overlay.yaml") -> Overlay:
    """Return the what-if in a text; raises ScenarioError."""
    content = document.read(text, file)
    if problems := [Problem(file, line, what, todo) for line, what, todo in _mistakes(content)]:
        raise ScenarioError(*problems)
    return Overlay(content["title"].strip(), str(content.get("description", "")).strip(), text, file, content)


Mistake = tuple[int, str, str]


def _mistakes(content: CommentedMap) -> Iterator[Mistake]:
    """Yield the mistakes in a what-if that hold for every scenario: in its head, sections, references and factors."""
    yield from _mistakes_of_head(content)
    known = [*HEAD, TOP, *SECTIONS]
    for place, (key, section) in enumerate(content.items()):
        line = line_of(content, key)
        if key not in known:
            near = get_close_matches(str(key)[:60], known, n=1) if place < MOST_SHOWN else []
            todo = (
                Phrase("did you mean {near}?", near=near[0])
                if near
                else Phrase("use {sections}", sections=", ".join(known))
            )
            yield line, Phrase("{typed!r} is not a section of a what-if", typed=str(key)[:60]), todo
        elif key == TOP or key in SECTIONS:
            yield from _mistakes_of_section(key, section, line)


def _mistakes_of_head(content: CommentedMap) -> Iterator[Mistake]:
    if "overlay" not in content:
        yield (
            1,
            "the file is not a what-if",
            Phrase("choose another, or add `overlay: {version}` at the top", version=VERSION),
        )
    elif plain(content["overlay"]) != VERSION or isinstance(content["overlay"], bool):
        what = Phrase("overlay: {typed!r} is not a version of this format", typed=str(content["overlay"])[:40])
        yield line_of(content, "overlay"), what, Phrase("write `overlay: {version}`", version=VERSION)
    if "title" not in content:
        yield 1, "the file has no title", "add `title:` at the top"
    for key, longest in (("title", LONGEST_TITLE), ("description", LONGEST_TEXT)):
        text = content.get(key, "none")
        try:
            if not checked_text(text, longest, key).strip():
                raise BadValue(Phrase("{name} is empty", name=key), "write a few words")
        except BadValue as error:
            yield line_of(content, key), error.what, error.todo


def _mistakes_of_section(name: str, section: Any, line: int) -> Iterator[Mistake]:
    if not isinstance(section, CommentedMap):
        yield line, Phrase("{name} has no `name: value` lines", name=name), "add them below it, indented"
    elif name == TOP:
        yield from _mistakes_of_changes(section)
    else:
        for member, changes in section.items():
            if isinstance(changes, CommentedMap):
                yield from _mistakes_of_changes(changes)
            else:
                what = Phrase("{path} is empty", path=f"{name}.{str(member)[:60]}")
                yield line_of(section, member), what, "add its values below it, indented"


def _mistakes_of_changes(changes: CommentedMap) -> Iterator[Mistake]:
    for key, change in changes.items():
        if _refers(change):
            what = Phrase("{name} refers to a measurement, which a what-if cannot contain", name=str(key)[:60])
            yield line_of(changes, key), what, "write its value with a source, or attach the record to the scenario"
        try:
            _factor(change)
        except BadValue as error:
            yield line_of(changes, key), about(str(key)[:60], error.what), error.todo


def _refers(literal: Any) -> bool:
    if isinstance(literal, Mapping):
        return "measured" in literal or any(map(_refers, literal.values()))
    return isinstance(literal, list) and any(map(_refers, literal))


def _factor(change: Any) -> float | None:
    """Return the factor of `{times: …}`, bare or with an origin; None for another change. Raises BadValue."""
    literal = change["value"] if is_described(change) else change
    if not isinstance(literal, Mapping) or "times" not in literal:
        return None
    if len(literal) > 1 or (factor := read_number(plain(literal["times"]))) < 0:
        raise BadValue("`times` takes one number of 0 or more", "write {times: 0.8} with nothing beside it")
    return factor


@dataclass(frozen=True)
class _Change:
    """A what-if's entry for one name: the literal, its factor if it scales, and the line, counted over all files."""

    literal: Any
    factor: float | None
    line: int


class Layers:
    """A scenario's document with what-ifs applied; each name has the line, counted over all files, that set it last.

    `problems` are changes that do not apply.
    """

    def __init__(self, text: str, file: str, folder: Path, overlays: Sequence[Overlay]) -> None:
        self.file, self.folder, self.overlays = file, folder, overlays
        self.content = document.read(text, file)
        self.problems: list[Problem] = []
        # The number of values written: "*" multiplies a what-if's values by the number of members.
        self.size = 0
        for number, overlay in enumerate(overlays, 1):
            self._overlay(overlay.content, number * STRIDE)

    def placed(self, problem: Problem) -> Problem:
        """Return a problem, whose line is counted over all files, with its own file and line."""
        number, line = divmod(problem.line, STRIDE)
        return replace(problem, file=self.overlays[number - 1].file if number else self.file, line=line)

    def _overlay(self, changes: CommentedMap, before: int) -> None:
        """Apply one what-if, whose lines are counted from `before`."""
        for section, names in changes.items():
            if section == TOP:
                for key, change in self._changes(section, names, before):
                    self._company(key, change)
            elif section in SECTIONS:
                for key, change in self._changes(f"{section}.{EVERYONE}", names.get(EVERYONE, {}), before):
                    self._everyone(section, key, change)
                self._single(section, names, line_of(changes, section), before)

    def _changes(self, path: str, fields: CommentedMap, before: int) -> Iterator[tuple[Any, _Change]]:
        """Yield the names of a map of a what-if with their changes; scaling what is not a number is a problem."""
        section = path.partition(".")[0]
        for key, literal in fields.items():
            change = _Change(literal, _factor(literal), line_of(fields, key) + before)
            if change.factor is None or _input(key, section):
                yield key, change
                continue
            known = [name for name in business().inputs if _input(name, section)]
            # Comparing takes a millisecond, which is only worth it for mistakes that people are shown.
            near = get_close_matches(str(key)[:60], known, n=1) if len(self.problems) < MOST_SHOWN else []
            what = Phrase("{path} is not an assumption, so it cannot be scaled", path=f"{path[:80]}.{str(key)[:60]}")
            todo = Phrase("did you mean {near}?", near=near[0]) if near else "write the new value instead"
            self.problems.append(self.placed(Problem("", change.line, what, todo)))

    def _company(self, key: Any, change: _Change) -> None:
        """Apply a change under `assumptions`; one that belongs to a kind's members holds for all of them."""
        needed = _input(key, TOP)
        if needed and needed.home:
            self._everyone(f"{needed.home[0]}s", key, change, at_top=True)
        else:
            self._at_top(key, needed, change)

    def _everyone(self, section: str, key: Any, change: _Change, at_top: bool = False) -> None:
        """Change a name of every member: its own value, and once the value at the top that holds for the others."""
        members = self._members(section)
        needed = _input(key, section)
        at_top = at_top or bool(needed and key in self._top())
        for name, own in members.items():
            if key in own or key in self._of_card(own) or not at_top:
                self._apply(own, key, needed, change)
            if own:
                self._keep_member(section, name, own, change.line, change.line)
        if at_top and any(key not in own for own in members.values()):
            self._at_top(key, needed, change)

    def _single(self, section: str, names: CommentedMap, line: int, before: int) -> None:
        """Apply the changes of the members that are named, and add those that the scenario lacks."""
        for name, fields in names.items():
            own = self._map(self._map(self.content, section), name)
            if name != EVERYONE and own is not None:
                for key, change in self._changes(f"{section}.{name}", fields, before):
                    self._apply(own, key, _input(key, section), change)
                self._keep_member(section, name, own, line_of(names, name) + before, line + before)

    def _members(self, section: str) -> dict[Any, CommentedMap]:
        """Return the scenario's members of a kind; fixed members exist in every scenario, written or not."""
        listed = self._map(self.content, section)
        names = FIXED.get(SECTIONS[section], () if listed is None else tuple(listed))
        return {name: own for name in names if (own := self._map(listed, name)) is not None}

    def _keep_member(self, section: str, name: Any, own: CommentedMap, line: int, line_of_section: int) -> None:
        listed = self._map(self.content, section)
        assert listed is not None, "a member was found in something that is not a section"
        self._keep(listed, name, own, line)
        self._keep(self.content, section, listed, line_of_section)

    def _at_top(self, key: Any, needed: Input | None, change: _Change) -> None:
        """Apply a change under `assumptions`."""
        if (top := self._map(self.content, TOP)) is not None:
            self._apply(top, key, needed, change)
            self._keep(self.content, TOP, top, change.line)

    def _top(self) -> CommentedMap:
        return self._map(self.content, TOP) or CommentedMap()

    @staticmethod
    def _map(holder: CommentedMap | None, key: Any) -> CommentedMap | None:
        """Return the map of that name, an empty one where there is none, and None where there is something else."""
        if holder is None:
            return None
        found = CommentedMap() if holder.get(key) is None else holder[key]
        return found if isinstance(found, CommentedMap) else None

    @staticmethod
    def _keep(holder: CommentedMap, key: Any, entry: CommentedMap, line: int) -> None:
        """Put a map into the document if it is new."""
        if holder.get(key) is None:
            document.add(holder, key, entry)
            document.mark_line(holder, key, line)

    def _apply(self, holder: CommentedMap, key: Any, needed: Input | None, change: _Change) -> None:
        """Make one change in one place."""
        literal = plain(change.literal)
        if change.factor is not None and needed is not None:
            inherited = self._top().get(key, self._of_card(holder).get(key, needed.default))
            literal = self._scaled(plain(holder.get(key, inherited)), change.factor, literal)
            if literal is None:
                return
        if key not in holder:
            literal = self._in_unit(key, literal)
        self.size += _size(literal)
        if self.size > document.MOST_EVENTS:
            what = Phrase("the what-if changes more than {most:,} values", most=document.MOST_EVENTS)
            raise ScenarioError(self.placed(Problem("", change.line, what, "check that it is the right file")))
        document.put(holder, key, literal)
        document.mark_line(holder, key, change.line)

    def _of_card(self, holder: CommentedMap) -> Mapping[str, Any]:
        """Return what the card that a pool names gives it, which a what-if can scale as if the file stated it."""
        if CARD not in holder or "start" not in self.content:
            return {}
        try:
            start = SETTINGS["start"].read(plain(self.content["start"]))
            named = (str(plain(self.content.get(key, ""))) for key in ("currency", "second_currency"))
            found = assumptions_of(str(holder[CARD]), start, Currencies(next(named) or CURRENCY, next(named)))
        except BadValue:
            return {}  # reported when the scenario is read
        return {key: literal for key, literal in {**found, **VENDOR_ALONE}.items() if key not in self._top()}

    def _in_unit(self, key: Any, literal: Any) -> Any:
        """Return a member's new entry in the unit of the value for all members, perhaps that of a second currency."""
        inherited = self._top().get(key)
        if not is_described(inherited) or "unit" not in inherited:
            return literal
        return {"unit": inherited["unit"], **(literal if is_described(literal) else {"value": literal})}

    def _scaled(self, standing: Any, factor: float, said: Any) -> Any:
        """Return a standing value times a factor, with the origin that `said` gives; None where nothing changes.

        A missing or invalid value stays: it is reported, with its line, when the scenario is read.
        """
        old = standing["value"] if is_described(standing) else standing
        try:
            read_value(old, lambda reference: resolve(reference, self.folder))
        except BadValue:
            return None
        new = scaled(self._unmeasured(old), factor) if factor else 0
        if factor == 1 or new == old:
            return None
        unit = {"unit": standing["unit"]} if is_described(standing) and "unit" in standing else {}
        if not is_described(said):
            return new
        return {"value": new, **unit, **{name: text for name, text in said.items() if name != "value"}}

    def _unmeasured(self, literal: Any) -> Any:
        """Return a literal with a distribution for each measurement and a number for each curve.

        A scaled value is no longer measured, so it must not refer to the record.
        """
        if not isinstance(literal, Mapping):
            return literal
        if not {"measured", "curve"} & set(literal):
            return {key: self._unmeasured(part) for key, part in literal.items()}
        part = resolve(literal, self.folder)
        if isinstance(part, OnCurve) or (isinstance(part, Measured) and part.low == part.high):
            return part.central
        normal = part.normal if isinstance(part, Measured) else part
        return {"normal": [normal.central, normal.deviation]}


def _input(key: Any, section: str) -> Input | None:
    """Return the input of that name, if it may be in that section."""
    needed = business().inputs.get(key) if isinstance(key, str) else None
    return needed if needed and (section == TOP or needed.home == (SECTIONS[section],)) else None


def _size(literal: Any) -> int:
    """Return the number of values in a literal, at every depth."""
    parts = literal.values() if isinstance(literal, Mapping) else literal if isinstance(literal, list) else ()
    return 1 + sum(map(_size, parts))
