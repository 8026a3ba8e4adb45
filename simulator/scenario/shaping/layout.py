"""The layout of a scenario's text: members and sections added and removed as lines, so that all other lines stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from textwrap import dedent
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from simulator.lines import FIXED
from simulator.scenario import document
from simulator.scenario.comments import SECTION as COMMENTS
from simulator.scenario.document import line_of
from simulator.scenario.overlays import SECTIONS
from simulator.scenario.settings import SETTINGS

TOP, CORRELATIONS = "assumptions", "correlations"
# The sections whose members can be added and removed.
SHAPED = (*(section for section, kind in SECTIONS.items() if kind not in FIXED), CORRELATIONS, COMMENTS)
# The order in which the scenarios that ship list their names and sections.
ORDER = (*SETTINGS, TOP, *SECTIONS, CORRELATIONS, COMMENTS)
# What may follow the last line of an entry without being part of it: blank lines, comments, the end of a document.
BETWEEN = re.compile(r"\s*(#.*)?|\.\.\.\s*")


class Layout:
    """The text of a scenario as lines, with the document read from them; each change reads the new text.

    Sections are in block style: a text that has them in braces is laid out anew first.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self._read(text)
        listed = [self.document.get(name) for name in SHAPED]
        holders = [self.document, *(one for one in listed if isinstance(one, CommentedMap | CommentedSeq))]
        empty = [name for name in SHAPED if name in self.document and not self.document[name]]
        if empty or any(holder.fa.flow_style() for holder in holders):
            for name in empty:
                del self.document[name]
            for holder in holders:
                holder.fa.set_block_style()
            self._read(document.dump(self.document))

    @property
    def text(self) -> str:
        """The text with all changes."""
        return "\n".join(self.lines)

    def _read(self, text: str) -> None:
        self.document: CommentedMap = document.read(text, self.file)
        self.lines = text.split("\n")

    def edit(self, edits: Mapping[tuple[str, ...], Any]) -> None:
        """Set values at paths, as `document.edited` does."""
        if edits:
            self._read(document.edited(self.text, self.file, edits))

    def put(self, name: str, literal: Any) -> None:
        """Set a name at the head of the file; a new one takes its place among the others."""
        if name in self.document:
            self.edit({(name,): literal})
        else:
            self._insert(self._before(name), document.dump(CommentedMap({name: literal})))

    def drop(self, name: str) -> None:
        """Remove a name or a section, with the comment directly above it and the blank lines above that."""
        start, stop = self._span(self.document, name, len(self.lines))
        start = self._commented(start)
        if name not in SETTINGS:
            while start and not self.lines[start - 1].strip():
                start -= 1
        self._read("\n".join([*self.lines[:start], *self.lines[stop:]]))

    def member(self, section: str, name: str) -> CommentedMap:
        """Return a copy of a member's fields, with the comments between them."""
        start, stop = self._span_of(section, name)
        alone = document.read(dedent("\n".join(self.lines[start:stop])), self.file)
        fields: CommentedMap = alone[name]
        return fields

    def add(self, section: str, name: str, fields: Mapping[str, Any]) -> None:
        """Add a member at the end of its section; a new section takes its place among the others."""
        if section not in self.document:
            # A blank line parts sections.
            self._insert(self._before(section), "\n" + document.dump(CommentedMap({section: {name: fields}})))
            return
        listed = self.document[section]
        _, stop = self._span(self.document, section, len(self.lines))
        column = listed.lc.key(next(iter(listed)))[1]
        self._insert(stop, document.dump(CommentedMap({name: fields})), " " * column)

    def append(self, name: str, entry: list[Any] | Mapping[str, Any]) -> None:
        """Add an entry, on one line, to a list at the end of the file, which is made where it is missing."""
        line = CommentedMap(entry) if isinstance(entry, Mapping) else CommentedSeq(entry)
        line.fa.set_flow_style()
        text = document.dump(CommentedMap({name: [line]}))
        if name not in self.document:
            self._insert(self._before(name), "\n" + text)
            return
        _, stop = self._span(self.document, name, len(self.lines))
        column = self.document[name].lc.item(0)[1] - len("- ")
        self._insert(stop, text.split("\n", 1)[1].strip(), " " * column)

    def retitle(self, section: str, name: str, title: str) -> None:
        """Set the title of a member, as its first field where it has none yet."""
        fields = self.document[section][name]
        if "title" in fields:
            self.edit({(section, name, "title"): title})
        else:
            fields.insert(0, "title", title)
            self._read(document.dump(self.document))

    def rekey(self, section: str, old: str, new: str, pointers: Iterable[tuple[str, str]]) -> None:
        """Change the key of a member, and the fields (section, name), correlations and comments that name it."""
        listed = self.document[section]
        place, fields, comments = list(listed).index(old), listed[old], listed.ca.items.pop(old, None)
        del listed[old]
        listed.insert(place, new, fields)
        if comments:
            listed.ca.items[new] = comments
        for pointing, name in pointers:
            for one in self.document.get(pointing, {}).values():
                if one.get(name) == old:
                    one[name] = new
        for entry in self.document.get(CORRELATIONS, ()):
            for end, path in enumerate(entry[:2]):
                if path.startswith(f"{section}.{old}."):
                    entry[end] = f"{section}.{new}.{path.split('.', 2)[2]}"
        for comment in self.document.get(COMMENTS, ()):
            if (on := comment.get("on", "")).startswith(f"{section}.{old}."):
                comment["on"] = f"{section}.{new}.{on.split('.', 2)[2]}"
        self._read(document.dump(self.document))

    def forget(self, section: str, name: str, value: str) -> None:
        """Remove the field of that name from each member of a section that has this value in it."""
        for one in self.document.get(section, {}).values():
            if one.get(name) == value:
                del one[name]
        self._read(document.dump(self.document))

    def remove(self, section: str, names: Iterable[Any]) -> None:
        """Remove members, or entries of a list by position; a section that becomes empty goes as well."""
        names = list(names)
        if len(names) == len(self.document[section]):
            self.drop(section)
            return
        lines = list(self.lines)
        for name in reversed(names):
            start, stop = self._span_of(section, name)
            first = name in (0, next(iter(self.document[section])))
            # A comment above the first entry may be about the section.
            del lines[start if first else self._commented(start) : stop]
        self._read("\n".join(lines))

    def _insert(self, place: int, text: str, indent: str = "") -> None:
        new = [indent + line if line else line for line in text.removesuffix("\n").split("\n")]
        self._read("\n".join([*self.lines[:place], *new, *self.lines[place:]]))

    def _before(self, name: str) -> int:
        """Return the line at which a new name or section belongs: after its nearest predecessor."""
        earlier = [one for one in self.document if one in ORDER and ORDER.index(one) < ORDER.index(name)]
        if not earlier:
            return line_of(self.document, next(iter(self.document))) - 1
        return self._span(self.document, max(earlier, key=ORDER.index), len(self.lines))[1]

    def _span_of(self, section: str, name: Any) -> tuple[int, int]:
        _, stop = self._span(self.document, section, len(self.lines))
        return self._span(self.document[section], name, stop)

    def _span(self, holder: Any, key: Any, end: int) -> tuple[int, int]:
        """Return the first line of an entry, counted from 0, and the line after its last; `end` is that of its map."""
        keys = list(range(len(holder))) if isinstance(holder, CommentedSeq) else list(holder)
        start, after = line_of(holder, key) - 1, keys[keys.index(key) + 1 :]
        stop = line_of(holder, after[0]) - 1 if after else end
        while stop > start + 1 and BETWEEN.fullmatch(self.lines[stop - 1]):
            stop -= 1
        return start, stop

    def _commented(self, start: int) -> int:
        """Return the first line of the comment directly above a line, or the line itself."""
        while start and self.lines[start - 1].lstrip().startswith("#"):
            start -= 1
        return start
