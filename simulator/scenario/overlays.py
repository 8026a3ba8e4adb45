"""Overlays: small files of changes that apply to any plan, such as a price war or a shortage of devices.

    overlay: 1
    title: Devices run short
    pools:
      "*": {device_price: {times: 1.5}}

An overlay has a scenario's sections. A member that the plan lacks is added, one that it has is changed field by
field, and `"*"` means every member that the plan has. `{times: 1.5}` scales what stands there, or the model's
default; anything else takes its place. What comes out is a scenario's text, and is read as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from simulator.engine.model import Input
from simulator.errors import Problem, ScenarioError
from simulator.lines import FIXED, KINDS, business
from simulator.scenario import document
from simulator.scenario.curves import OnCurve
from simulator.scenario.document import line_of, plain
from simulator.scenario.measured import resolve
from simulator.scenario.scaling import scaled
from simulator.scenario.values import BadValue, read_number, read_value

VERSION = 1
EVERYONE = "*"
TOP = "assumptions"
SECTIONS = {f"{kind}s": kind for kind in KINDS}
HEAD = ("overlay", "title", "description")
LONGEST_TITLE = 120
LONGEST_TEXT = 2_000
# Lines of several files are told apart by adding this once for each file before: no file has as many.
STRIDE = document.LARGEST_BYTES + 1


@dataclass(frozen=True)
class Overlay:
    """Changes to any plan, with the file that they stand in."""

    title: str
    description: str
    text: str
    file: str


def read_overlay(path: Path | str) -> Overlay:
    """The overlay in a file; raises ScenarioError with every mistake that can be seen without a plan."""
    return parse_overlay(document.text_of(Path(path)), str(path))


def parse_overlay(text: str, file: str = "overlay.yaml") -> Overlay:
    """The overlay in a text; raises ScenarioError."""
    content = document.read(text, file)
    if problems := [Problem(file, line, what, todo) for line, what, todo in _mistakes(content)]:
        raise ScenarioError(*problems)
    return Overlay(content["title"].strip(), str(content.get("description", "")).strip(), text, file)


def overlaid(text: str, file: str, overlays: Sequence[Overlay], folder: Path | None = None) -> str:
    """A scenario's text with overlays laid over it in this order, its comments and order kept.

    `folder` holds the scenario's measurements, and is the file's own unless it is given. The text is not checked
    as a scenario. Raises ScenarioError where the text cannot be read, or a change has nothing to change.
    """
    layers = Layers(text, file, Path(file).parent if folder is None else folder, overlays)
    if layers.problems:
        raise ScenarioError(*layers.problems)
    return document.dump(layers.content)


Mistake = tuple[int, str, str]


def _mistakes(content: CommentedMap) -> Iterator[Mistake]:
    """What is wrong with an overlay whatever the plan: its head, its sections, references and factors."""
    yield from _mistakes_of_head(content)
    known = [*HEAD, TOP, *SECTIONS]
    for key, section in content.items():
        line = line_of(content, key)
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            todo = f"did you mean {near[0]}?" if near else f"an overlay has {', '.join(known)}"
            yield line, f"{str(key)[:60]!r} is not a section of an overlay", todo
        elif key == TOP or key in SECTIONS:
            yield from _mistakes_of_section(key, section, line)


def _mistakes_of_head(content: CommentedMap) -> Iterator[Mistake]:
    if "overlay" not in content:
        yield 1, "the file has no overlay", f"add `overlay: {VERSION}` at its head, if it is meant as one"
    elif plain(content["overlay"]) != VERSION or isinstance(content["overlay"], bool):
        what = f"overlay: {str(content['overlay'])[:40]!r} is no version of this format"
        yield line_of(content, "overlay"), what, f"write `overlay: {VERSION}`"
    if "title" not in content:
        yield 1, "the file has no title", "add `title:` at its head"
    for key, longest in (("title", LONGEST_TITLE), ("description", LONGEST_TEXT)):
        text = content.get(key, "none")
        if not isinstance(text, str) or not text.strip() or len(text) > longest:
            yield line_of(content, key), f"{key}: it is no text", f"write a few words, at most {longest:,} characters"


def _mistakes_of_section(name: str, section: Any, line: int) -> Iterator[Mistake]:
    if not isinstance(section, CommentedMap):
        yield line, f"{name} holds no names with values", "list them, indented, as `name:`"
    elif name == TOP:
        yield from _mistakes_of_changes(section)
    else:
        for member, changes in section.items():
            if isinstance(changes, CommentedMap):
                yield from _mistakes_of_changes(changes)
            else:
                yield line_of(section, member), f"{name}.{str(member)[:60]} is empty", "give its values, indented"


def _mistakes_of_changes(changes: CommentedMap) -> Iterator[Mistake]:
    for key, change in changes.items():
        if _refers(change):
            what = f"{str(key)[:60]} refers to a measurement, which does not travel with an overlay"
            yield line_of(changes, key), what, "write its value with a source, or attach the record to the plan"
        try:
            _factor(change)
        except BadValue as error:
            yield line_of(changes, key), f"{str(key)[:60]}: {error.what}", error.todo


def _refers(literal: Any) -> bool:
    if isinstance(literal, Mapping):
        return "measured" in literal or any(map(_refers, literal.values()))
    return isinstance(literal, list) and any(map(_refers, literal))


def _factor(change: Any) -> float | None:
    """The factor of `{times: …}`, bare or with an origin; None for another change. Raises BadValue."""
    literal = change["value"] if _described(change) else change
    if not isinstance(literal, Mapping) or "times" not in literal:
        return None
    if len(literal) > 1 or (factor := read_number(plain(literal["times"]))) < 0:
        raise BadValue("this scales nothing", "write {times: 0.8}, with a number of 0 or more and nothing beside it")
    return factor


def _described(literal: Any) -> bool:
    """Whether it is a value with its origin."""
    return isinstance(literal, Mapping) and "value" in literal


@dataclass(frozen=True)
class _Change:
    """What an overlay says of a name: the literal, the factor if it is one, and the line, counted over all files."""

    literal: Any
    factor: float | None
    line: int


class Layers:
    """A plan's document with overlays laid over it; its names know which file and line said them last.

    `problems` are changes that have nothing to change.
    """

    def __init__(self, text: str, file: str, folder: Path, overlays: Sequence[Overlay]) -> None:
        self.file, self.folder, self.overlays = file, folder, overlays
        self.content = document.read(text, file)
        self.problems: list[Problem] = []
        # How many values were put in: "*" multiplies what a file says.
        self.size = 0
        for number, overlay in enumerate(overlays, 1):
            self._overlay(document.read(overlay.text, overlay.file), number * STRIDE)

    def placed(self, problem: Problem) -> Problem:
        """A problem whose line counts over all files, in the file and on the line that it is about."""
        number, line = divmod(problem.line, STRIDE)
        return replace(problem, file=self.overlays[number - 1].file if number else self.file, line=line)

    def _overlay(self, changes: CommentedMap, before: int) -> None:
        """Lay one overlay, whose lines count from `before`."""
        for section, names in changes.items():
            if section == TOP:
                for key, change in self._changes(section, names, before):
                    self._company(key, change)
            elif section in SECTIONS:
                for key, change in self._changes(f"{section}.{EVERYONE}", names.get(EVERYONE, {}), before):
                    self._everyone(section, key, change)
                self._single(section, names, line_of(changes, section), before)

    def _changes(self, path: str, fields: CommentedMap, before: int) -> Iterator[tuple[Any, _Change]]:
        """The names of a map of an overlay with what is said of each; to scale what is no number is a problem."""
        section = path.partition(".")[0]
        for key, literal in fields.items():
            change = _Change(literal, _factor(literal), line_of(fields, key) + before)
            if change.factor is None or _input(key, section):
                yield key, change
                continue
            near = get_close_matches(str(key), [name for name in business().inputs if _input(name, section)], n=1)
            what = f"{str(key)[:60]} of {path[:80]} is no number that could be scaled"
            todo = f"did you mean {near[0]}?" if near else "write what shall stand there instead"
            self.problems.append(self.placed(Problem("", change.line, what, todo)))

    def _company(self, key: Any, change: _Change) -> None:
        """Lay a change of the company; what belongs to a kind's members holds for all of them."""
        needed = _input(key, TOP)
        if needed and needed.home:
            self._everyone(f"{needed.home[0]}s", key, change, at_top=True)
        else:
            self._at_top(key, needed, change)

    def _everyone(self, section: str, key: Any, change: _Change, at_top: bool = False) -> None:
        """Change a name of every member: its own value, or once at the top where one stands there for the others."""
        members = self._members(section)
        needed = _input(key, section)
        at_top = at_top or bool(needed and key in self._top())
        for name, own in members.items():
            if key in own or not at_top:
                self._lay(own, key, needed, change)
            if own:
                self._keep_member(section, name, own, change.line, change.line)
        if at_top and any(key not in own for own in members.values()):
            self._at_top(key, needed, change)

    def _single(self, section: str, names: CommentedMap, line: int, before: int) -> None:
        """Lay the changes of the members that are named, and add those that the plan lacks."""
        for name, fields in names.items():
            own = self._map(self._map(self.content, section), name)
            if name != EVERYONE and own is not None:
                for key, change in self._changes(f"{section}.{name}", fields, before):
                    self._lay(own, key, _input(key, section), change)
                self._keep_member(section, name, own, line_of(names, name) + before, line + before)

    def _members(self, section: str) -> dict[Any, CommentedMap]:
        """The plan's members of a kind; a kind whose members are fixed has them in every plan, written or not."""
        listed = self._map(self.content, section)
        names = FIXED.get(SECTIONS[section], () if listed is None else tuple(listed))
        return {name: own for name in names if (own := self._map(listed, name)) is not None}

    def _keep_member(self, section: str, name: Any, own: CommentedMap, line: int, line_of_section: int) -> None:
        listed = self._map(self.content, section)
        assert listed is not None, "what is no section has no members"
        self._keep(listed, name, own, line)
        self._keep(self.content, section, listed, line_of_section)

    def _at_top(self, key: Any, needed: Input | None, change: _Change) -> None:
        """Lay a change under the assumptions of the company."""
        if (top := self._map(self.content, TOP)) is not None:
            self._lay(top, key, needed, change)
            self._keep(self.content, TOP, top, change.line)

    def _top(self) -> CommentedMap:
        return self._map(self.content, TOP) or CommentedMap()

    @staticmethod
    def _map(holder: CommentedMap | None, key: Any) -> CommentedMap | None:
        """The map of that name, an empty one where there is none; None where something else stands there."""
        if holder is None:
            return None
        found = CommentedMap() if holder.get(key) is None else holder[key]
        return found if isinstance(found, CommentedMap) else None

    @staticmethod
    def _keep(holder: CommentedMap, key: Any, entry: CommentedMap, line: int) -> None:
        """Put a map where it belongs, if it was made for an overlay."""
        if holder.get(key) is None:
            document.add(holder, key, entry)
            document.mark_line(holder, key, line)

    def _lay(self, holder: CommentedMap, key: Any, needed: Input | None, change: _Change) -> None:
        """Make one change in one place."""
        literal = plain(change.literal)
        if change.factor is not None and needed is not None:
            falls_to_it = self._top().get(key, needed.default)
            literal = self._scaled(plain(holder.get(key, falls_to_it)), change.factor, literal)
            if literal is None:
                return
        self.size += _size(literal)
        if self.size > document.MOST_EVENTS:
            what = "the overlay changes too many values"
            raise ScenarioError(self.placed(Problem("", change.line, what, "is this the right file?")))
        document.put(holder, key, literal)
        document.mark_line(holder, key, change.line)

    def _scaled(self, standing: Any, factor: float, said: Any) -> Any:
        """What stands in a place times a factor, with the origin that is said of it; None where nothing changes.

        What is no value, or not there, is left as it is: the reader of the plan tells it, with its line.
        """
        old = standing["value"] if _described(standing) else standing
        try:
            read_value(old, lambda reference: resolve(reference, self.folder))
        except BadValue:
            return None
        new = scaled(self._unmeasured(old), factor) if factor else 0
        if factor == 1 or new == old:
            return None
        if not _described(said):
            return new
        unit = {"unit": standing["unit"]} if _described(standing) and "unit" in standing else {}
        return {"value": new, **unit, **{name: text for name, text in said.items() if name != "value"}}

    def _unmeasured(self, literal: Any) -> Any:
        """A literal with a distribution for each measurement, a number for each curve: what was scaled is neither."""
        if not isinstance(literal, Mapping):
            return literal
        if not {"measured", "curve"} & set(literal):
            return {key: self._unmeasured(part) for key, part in literal.items()}
        part = resolve(literal, self.folder)
        if isinstance(part, OnCurve) or part.low == part.high:
            return part.central
        return {"normal": [part.central, part.normal.deviation]}


def _input(key: Any, section: str) -> Input | None:
    """The input of that name, if it may stand in that section."""
    needed = business().inputs.get(key) if isinstance(key, str) else None
    return needed if needed and (section == TOP or needed.home == (SECTIONS[section],)) else None


def _size(literal: Any) -> int:
    parts = literal.values() if isinstance(literal, Mapping) else literal if isinstance(literal, list) else ()
    return 1 + sum(map(_size, parts))
