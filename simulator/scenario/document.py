"""A scenario's text: read safely with the number of every line, and edited so that comments stay.

A file from a stranger is data and nothing else. Each parser event is checked before anything is built from it, so
that neither its size, its depth nor its references can do harm.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import CommentMark, MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.parser import RoundTripParser
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scanner import RoundTripScanner
from ruamel.yaml.timestamp import TimeStamp
from ruamel.yaml.tokens import CommentToken

from profiling.errors import Phrase, brief
from profiling.files import open_regular
from simulator.errors import Problem, ScenarioError

# The largest scenario that ships has 20 kB, 400 lines, 2,000 parser events and 7 levels.
LARGEST_BYTES = 1_000_000
MOST_EVENTS = 25_000
DEEPEST = 12
TOO_LARGE = Phrase("a file may have at most {most:,} bytes, so check that it is the right one", most=LARGEST_BYTES)
# The parser takes time with the square of both: at these limits, a quarter of a second. A file of 25,000 events has
# 12,500 names, and 10,000 samples fit on a line.
MOST_LINES = 25_000
LONGEST_LINE = 200_000
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
# Escapes such as "\0" or "\ud800" would put characters into names and paths that no file or terminal accepts. \x07 is
# allowed, since ruamel marks the line breaks of a folded text with it.
UNWRITABLE = re.compile(r"[\x00-\x06\x08\x0b-\x1f\x7f\ud800-\udfff]")
# Python computes with thousands of digits, but refuses to print them.
HUGE_NUMBER = re.compile(r"[-+]?(?:0[xob][\da-fA-F_]{60}|[\d_]{60})")


# How a time was written is no part of it as a datetime.
copyreg.pickle(TimeStamp, lambda time: (*time.__reduce__()[:2], vars(time)))


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    # A value used in two places is written out twice, because `read` refuses aliases.
    yaml.representer.ignore_aliases = lambda _: True
    return yaml


def text_of(path: Path) -> str:
    """Return the text of a file; raises ScenarioError where it cannot be read, is too large, or is not text."""
    try:
        with open_regular(path) as file:
            content = file.read(LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES:
            raise ScenarioError(Problem(str(path), 1, "the file is too large", TOO_LARGE))
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise ScenarioError(Problem(str(path), 1, "the file is not text", "save it as UTF-8")) from None
    except OSError as error:
        what = Phrase("the file cannot be read ({reason})", reason=error.strerror)
        raise ScenarioError(Problem(str(path), 0, what, "check the path")) from None


def read(text: str, file: str) -> CommentedMap:
    """Return the document as a map that knows its lines; raises ScenarioError for anything but plain, bounded data.

    The caller may change it. A text that was read before takes a fiftieth of the time.
    """
    try:
        document: CommentedMap = pickle.loads(_packed(text))
    except _Refused as refused:
        raise ScenarioError(Problem(file, *refused.args)) from None
    return document


@lru_cache(maxsize=32)
def _packed(text: str) -> bytes:
    return pickle.dumps(_parsed(text), pickle.HIGHEST_PROTOCOL)


def _parsed(text: str) -> CommentedMap:
    if len(text) > LARGEST_BYTES:
        raise _Refused(1, Phrase("the file has {text:,} characters", text=len(text)), TOO_LARGE)
    _measure(text)
    try:
        yaml = _yaml()
        yaml.Scanner, yaml.Parser, yaml.Constructor = _Escapes, _Checked, _Placed
        document = yaml.load(text)
    except DuplicateKeyError as error:
        raise _Refused(_line(error), "a name is given twice", "keep one of the two") from None
    except MarkedYAMLError as error:
        what = Phrase("not valid YAML ({problem})", problem=error.problem)
        raise _Refused(_line(error), what, "correct the line") from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _Refused(line, "a control character is hidden here", "remove it") from None
    if not isinstance(document, CommentedMap):
        raise _Refused(1, "the file has no `name: value` lines", "start with `breakeven: 1`")
    return document


def _line(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def _measure(text: str) -> None:
    """Raise _Refused for more or longer lines than the parser can take."""
    lines = LINE_BREAK.split(text)
    if len(lines) > MOST_LINES:
        what = Phrase("the file has more than {most:,} lines", most=MOST_LINES)
        raise _Refused(MOST_LINES, what, "check that it is the right file")
    if long := next((number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE), None):
        raise _Refused(long, Phrase("the line has more than {most:,} characters", most=LONGEST_LINE), "break it")


class _Refused(Exception):
    """What is no plain, bounded data: its line, what is wrong and what to do."""


class _Checked(RoundTripParser):
    """A parser that hands out no event before it is checked."""

    def reset_parser(self) -> None:
        """Begin a document."""
        super().reset_parser()
        self.count = 0
        # Of each collection around the event, the nodes of a map so far, None for a list.
        self.open_maps: list[int | None] = []

    def get_event(self) -> Any:
        """Return the next event; raise _Refused for what is no plain, bounded data."""
        event = super().get_event()
        if isinstance(event, CollectionEndEvent):
            self.open_maps.pop()
        fault = _fault(event, self.open_maps)
        if self.count > MOST_EVENTS:
            fault = (
                Phrase("the file has more than {most:,} names and values", most=MOST_EVENTS),
                "check that it is the right file",
            )
        if fault:
            raise _Refused(event.start_mark.line + 1, *fault)
        self.count += 1
        if isinstance(event, NodeEvent) and self.open_maps and self.open_maps[-1] is not None:
            self.open_maps[-1] += 1
        if isinstance(event, CollectionStartEvent):
            self.open_maps.append(0 if isinstance(event, MappingStartEvent) else None)
        return event


class _Escapes(RoundTripScanner):
    """A scanner that tells where an escape is that no character has."""

    def scan_flow_scalar(self, style: Any) -> Any:
        """Return the text in quotes; raise _Refused, as for "\\UFFFFFFFF"."""
        try:
            return super().scan_flow_scalar(style)
        except (ValueError, OverflowError):
            what = "a character is written here by a number that no character has"
            raise _Refused(self.reader.line + 1, what, "correct the number, or remove it") from None


class _Placed(RoundTripConstructor):
    """A constructor that tells where a value is that has the form of a number or a date, and is neither."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Return the value of a node; raise _Refused, as for 2026-02-31 and -_."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, ArithmeticError):
            what = Phrase("{value!r} has the form of a number or a date, and is neither", value=brief(node.value, 80))
            raise _Refused(node.start_mark.line + 1, what, "correct it, or put it in quotes") from None


def _fault(event: Any, open_maps: Sequence[int | None]) -> tuple[str, str] | None:
    """Return what is wrong with an event of the parser and what to do; None for plain data."""
    if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
        # By YAML 1.1, 1:30 is 90, 017 is 15 and "no" is false.
        return "directives such as %YAML are not supported", "remove the lines that begin with %"
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        return "aliases and anchors are not supported", "write the value out"
    if isinstance(event, ScalarEvent) and HUGE_NUMBER.match(event.value):
        return "the number has too many digits", "write it like 1e9"
    # ruamel gives an untagged node a tag of None, or one without text.
    if str(getattr(event, "ctag", None)) not in ("", "None"):
        return "tags such as !!python are not supported", "write the plain value"
    if isinstance(event, ScalarEvent) and UNWRITABLE.search(event.value):
        return "a control character is hidden here", "remove it"
    return _misplaced(open_maps) if isinstance(event, CollectionStartEvent) else None


def _misplaced(open_maps: Sequence[int | None]) -> tuple[str, str] | None:
    """Return why no list and no map may begin inside these collections; None where one may."""
    if len(open_maps) >= DEEPEST:
        return Phrase("the file is nested deeper than {deepest} levels", deepest=DEEPEST), "reduce the nesting"
    # Every second node of a map is a name.
    if open_maps and open_maps[-1] is not None and open_maps[-1] % 2 == 0:
        return "a list or a map stands where a name belongs", "write the name as a word or a number"
    return None


def line_of(holder: Any, key: Any) -> int:
    """Return the line, counted from 1, of `key` in a map or a list of the document; 0 if it is not known."""
    try:
        position = holder.lc.item(key) if isinstance(holder, CommentedSeq) else holder.lc.key(key)
        return int(position[0]) + 1
    except (AttributeError, KeyError, TypeError):
        return 0


def mark_line(holder: CommentedMap, key: Any, line: int) -> None:
    """Record that `key` is on this line, counted from 1, for `line_of` to find."""
    holder.lc.add_kv_line_col(key, [line - 1, 0, line - 1, 0])


def plain(literal: Any) -> Any:
    """Return a literal without the document's own types: dict, list, str, int, float, bool or None."""
    if isinstance(literal, Mapping):
        return {plain(key): plain(value) for key, value in literal.items()}
    if isinstance(literal, list | tuple):
        return [plain(value) for value in literal]
    if isinstance(literal, date):  # as YAML reads 2026-11-09; what is typed must fit into a draft, which is JSON
        return literal.isoformat()
    kinds = () if isinstance(literal, bool) else (str, int, float)  # a bool is an int to Python
    return next((kind(literal) for kind in kinds if isinstance(literal, kind)), literal)


def edited(text: str, file: str, edits: Mapping[tuple[str, ...], Any]) -> str:
    """Return the text with values set at these paths; comments, order and everything else stay."""
    document = read(text, file)
    for path, literal in edits.items():
        holder = document
        for key in path[:-1]:
            if not isinstance(holder.get(key), CommentedMap):
                holder[key] = CommentedMap()
            holder = holder[key]
        put(holder, path[-1], literal)
    return dump(document)


# The fields that say where a value comes from; they do not hold for the value that replaces it.
ORIGIN = ("source", "as_of", "evidence", "note")


def put(holder: CommentedMap, key: Any, literal: Any) -> None:
    """Set a value in a map of the document; the comments beside and below it stay.

    An entry with `value` keeps its unit and loses its origin, unless the literal has a `value` as well.
    """
    below = _below(holder, key)
    entry, described = holder.get(key), isinstance(literal, Mapping) and "value" in literal
    if isinstance(entry, CommentedMap) and "value" in entry and not described:
        for name in ORIGIN:
            entry.pop(name, None)
        entry["value"] = _renewed(entry["value"], literal)
    else:
        holder[key] = _renewed(entry, literal)
    _hang_below(*_last(holder, key), below)


def add(holder: CommentedMap, key: Any, entry: CommentedMap) -> None:
    """Add a map of names, on its own lines, to a map of the document."""
    below = _below(holder, key)
    holder[key] = entry
    _hang_below(*_last(holder, key), below)


def _last(holder: CommentedMap, key: Any) -> tuple[CommentedMap, Any]:
    """Return the last name within an entry, to which ruamel attaches the comments below the entry."""
    value = holder[key]
    while isinstance(value, CommentedMap) and value and not value.fa.flow_style():
        holder, key = value, next(reversed(value))
        value = holder[key]
    return holder, key


def _below(holder: CommentedMap, key: Any) -> str:
    """Remove and return the comments below an entry, or below the last one if it is new; those beside it stay."""
    last = key if key in holder else next(reversed(holder), None)
    if last is None:
        return ""
    holder, key = _last(holder, last)
    tokens = holder.ca.items.get(key)
    if not tokens or tokens[2] is None:
        return ""
    beside, _, below = str(tokens[2].value).partition("\n")
    tokens[2].value = f"{beside}\n"
    return below


def _hang_below(holder: CommentedMap, key: Any, below: str) -> None:
    """Attach comments to the lines below a name."""
    if below:
        tokens = holder.ca.items.setdefault(key, [None] * 4)
        tokens[2] = tokens[2] or CommentToken("", CommentMark(0))
        tokens[2].value = tokens[2].value.rstrip("\n") + "\n" + below


def _renewed(old: Any, new: Any) -> Any:
    """Return the new literal in the layout of the old one, where both have the same shape."""
    if isinstance(old, CommentedMap) and isinstance(new, Mapping) and list(old) == list(new):
        for key in old:
            old[key] = _renewed(old[key], new[key])
        return old
    if isinstance(old, CommentedSeq) and isinstance(new, list) and len(old) == len(new):
        for place, one in enumerate(new):
            old[place] = _renewed(old[place], one)
        return old
    return _flow(new)


def _flow(literal: Any) -> Any:
    """Return a literal with each map on one line, as people write short ones, except an entry with `value`."""
    if not isinstance(literal, Mapping):
        return literal
    flow = CommentedMap((key, _flow(value)) for key, value in literal.items())
    if "value" not in literal:
        flow.fa.set_flow_style()
    return flow


def dump(document: CommentedMap) -> str:
    """Return the document as text."""
    stream = io.StringIO()
    _yaml().dump(document, stream)
    return stream.getvalue()
