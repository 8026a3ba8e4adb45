"""The scenario that a workbook carries: its text and the records it refers to, line by line, with their hashes.

Nothing is lost on the way: whatever a file format or a program might change in a text is written as an escape.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.errors import PlanError
from simulator.output.book.excel import LONGEST_TEXT, Book
from simulator.scenario.reading import parse
from simulator.scenario.records.carrying import records_of
from simulator.scenario.scenario import Scenario

PAGE = "Scenario"
FILE = "scenario.yaml"
HEAD_ROW = 3
HEAD = ("File", "Text", "Line ends", "SHA-256")
ENDS = "yes"
# Characters that XML, Excel or a reader of its files would change: controls, other line breaks, and what looks like the
# escapes of that format (_x000A_). The mark itself is escaped as well.
MARK = "␛"
FRAGILE = re.compile(
    rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff{MARK}]|_(?=x[0-9A-Fa-f]{{4}}_)|x(?=005F_)"
)
ESCAPE = re.compile(rf"{MARK}([0-9a-f]{{1,6}});")


def as_read(scenario: Scenario) -> Scenario:
    """Return a scenario as its file will be read: edits and what-ifs have no other source than their text there."""
    if not (scenario.edits or scenario.overlays):
        return scenario
    read = parse(scenario.to_yaml(), scenario.folder, scenario.file)
    return replace(read, settings=scenario.settings)


def files_of(scenario: Scenario) -> dict[str, str]:
    """Return the texts of a scenario and of its records by their paths; raises PlanError where one is gone."""
    return {FILE: scenario.to_yaml(), **{name: _record(scenario.folder / name) for name in records_of(scenario)}}


def _record(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise PlanError(f"the record cannot be read ({error.strerror})", "put it back", where=str(path)) from None


def write(book: Book, scenario: Scenario) -> None:
    """Add the page with the scenario and its records."""
    page = book.page(PAGE)
    page.text(0, 0, PAGE, "title")
    page.text(
        1, 0, "The scenario that this workbook was made from, and the records it refers to. Do not edit.", "small"
    )
    page.texts(HEAD_ROW, 0, HEAD, "head")
    page.widths(24, 120, 10, 30)
    row = HEAD_ROW + 1
    for name, text in files_of(scenario).items():
        for place, (part, ends) in enumerate(pieces(text)):
            page.texts(row, 0, (name, part, ENDS if ends else "", hash_of(text) if not place else ""))
            row += 1
    page.sheet.freeze_panes(HEAD_ROW + 1, 0)
    page.print_as(1, HEAD_ROW + 1)


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield pieces of a text that each fit into a cell, and whether a line ends there."""
    *lines, last = text.split("\n")
    for line, ends in [*((line, True) for line in lines), *([(last, False)] if last else [])]:
        whole = FRAGILE.sub(lambda found: f"{MARK}{ord(found[0]):x};", line)
        starts = range(0, max(len(whole), 1), LONGEST_TEXT)
        for start in starts:
            yield whole[start : start + LONGEST_TEXT], ends and start == starts[-1]


def read(rows: Iterable[Mapping[str, Any]], where: str) -> dict[str, str]:
    """Return the files that the rows of the page hold, each row by the words of the head.

    Raises PlanError where they are not as they were written.
    """
    texts: dict[str, list[str]] = {}
    hashes: dict[str, str] = {}
    for row in rows:
        if not row.get("File"):
            continue
        name = str(row["File"])
        hashes.setdefault(name, str(row.get("SHA-256") or ""))
        ends = "\n" if row.get("Line ends") == ENDS else ""
        texts.setdefault(name, []).append(str(row.get("Text") or "") + ends)
    found = {name: ESCAPE.sub(lambda one: chr(int(one[1], 16)), "".join(parts)) for name, parts in texts.items()}
    for name, text in found.items():
        if hash_of(text) != hashes[name]:
            what = f"{name[:80]} was changed on the sheet {PAGE}"
            raise PlanError(what, "name the file that the changes are for, with --onto", where=where)
    if FILE not in found:
        raise PlanError("the workbook carries no scenario", "name one with --onto", where=where)
    return found


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
