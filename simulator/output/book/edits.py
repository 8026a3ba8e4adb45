"""What somebody changed in the inputs of a workbook, as edits of a scenario.

The numbers in the workbook are compared with those that the scenario it carries gives, so an edit is what the person
typed, wherever the rows stand now. What cannot be taken is said, with its place and what to do.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from profiling.files import holds, write_atomic
from simulator.errors import BadValue, BreakevenError, PlanError, ScenarioError
from simulator.lines import business
from simulator.output.book import carried
from simulator.output.book.excel import in_column
from simulator.output.book.fields import CASH_FLOOR, Field, fields_of, same, setting_of, with_fields
from simulator.output.book.grid import FIRST, NUMBERS
from simulator.output.book.inputs import BY_MONTH, DEFAULT, HEAD, HEAD_ROW, PAGE, Inputs
from simulator.output.book.overtyped import overtyped
from simulator.output.book.reading import Workbook
from simulator.scenario.assumption import Assumption, read_assumption
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping.settings import with_setting
from simulator.scenario.values import LARGEST_NUMBER, MOST_PARTS

COLUMN = {"source": "Source", "as_of": "Date", "evidence": "Evidence", "note": "Note"}
# Programs that compute the same formula differ by less, relative to the value.
ROUNDING = 1e-9
# A record beside a scenario: a path of plain names, as every system takes them.
RECORD = re.compile(r"(?:[\w.-]{1,100}/){0,4}[\w.-]{1,120}\.json")


@dataclass(frozen=True)
class Edit:
    """One assumption that was changed, with its new literal and its row in the workbook.

    `before` and `after` are its numbers in `month`, the first that differs; where none does, as after a change of the
    spread or of the source, in the first month.
    """

    path: str
    unit: str
    month: int
    before: float
    after: float
    literal: Any
    row: int


@dataclass(frozen=True)
class Changes:
    """The scenario that a workbook carries, the edits of it, and what cannot be taken."""

    sent: Scenario
    edits: tuple[Edit, ...]
    left_out: tuple[str, ...]


@dataclass
class _Row:
    """What the rows of one assumption hold: numbers and months by part, texts of its origin, and its first row."""

    row: int
    numbers: dict[str, float] = field(default_factory=dict)
    months: dict[str, int] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)


@contextmanager
def changes_in(path: Path) -> Iterator[Changes]:
    """Give what was changed in a workbook since it was written; raises BreakevenError where it cannot be read.

    The records that it carries lie in a folder of their own until the end, where its scenario finds them.
    """
    book = Workbook(path)
    rows = (row for _, row in book.rows(carried.PAGE, carried.HEAD, carried.HEAD_ROW))
    files = carried.read(rows, str(path))
    with tempfile.TemporaryDirectory() as folder:
        unpack(files, Path(folder), str(path))
        sent = _sent(files[carried.FILE], Path(folder), str(path))
        left_out: list[str] = []
        found = _rows(book, sent, left_out)
        edits = tuple(_edits(book, sent, found, left_out))
        left_out += _lines_typed_over(book)
        yield Changes(sent, edits, tuple(left_out))


def _sent(text: str, folder: Path, where: str) -> Scenario:
    try:
        return parse(text, folder, where)
    except ScenarioError as error:
        first = error.found[0]
        what = f"the scenario on the sheet {carried.PAGE} cannot be read: {first.what}"
        raise PlanError(what, first.todo, where=where) from None


def unpack(files: Mapping[str, str], folder: Path, where: str) -> None:
    """Write the records that a workbook carries below a folder; raises PlanError for a name that leads elsewhere."""
    for name, text in files.items():
        parts = PurePosixPath(name).parts
        if name == carried.FILE:
            continue
        if not RECORD.fullmatch(name) or ".." in parts:
            what = f"the workbook carries {name[:80]!r}, which is not a record beside a scenario"
            raise PlanError(what, "ask the sender for an unedited copy", where=where)
        put(folder / name, text)


def put(target: Path, text: str) -> None:
    """Write a record; raise PlanError where another has its place, or it cannot be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            write_atomic(target, text)
        elif not holds(target, text):
            raise PlanError("another record of the same name is here", "choose another folder", where=str(target))
    except OSError as error:
        what = f"the record cannot be written ({error.strerror})"
        raise PlanError(what, "choose another folder", where=str(target)) from None


def save(scenario: Scenario, path: Path) -> None:
    """Write a scenario, and beside it the records that it refers to; raises PlanError."""
    if path.resolve().parent != scenario.folder.resolve():
        for name, text in carried.files_of(scenario).items():
            if name != carried.FILE:
                put(path.parent / name, text)
    scenario.save(path)


def applied(changes: Changes, onto: Scenario) -> Scenario:
    """Return a scenario with the edits; raises BreakevenError where one does not fit it."""
    literals = {edit.path: edit.literal for edit in changes.edits if edit.path != CASH_FLOOR}
    made = onto.with_values(literals) if literals else onto
    for edit in changes.edits:
        if edit.path == CASH_FLOOR:
            made = with_setting(made, CASH_FLOOR, edit.literal)
    return made


# The rows of the inputs


def _rows(book: Workbook, sent: Scenario, left_out: list[str]) -> dict[str, _Row]:
    """Return what the sheet of inputs holds by path; what is no number, or of an unknown path, is left out."""
    known = {one.key for assumption in sent.assumptions.values() for one in fields_of(assumption)}
    known.add((CASH_FLOOR, ""))
    found: dict[str, _Row] = {}
    for number, row in book.rows(PAGE, HEAD, HEAD_ROW):
        path, part = str(row["Path"] or ""), str(row["Part"] or "")
        if not path:
            continue
        where = f"{PAGE}!{number}"
        if (path, part) not in known:
            left_out.append(f"{where}: {path[:80]} {part[:40]} is not an input of this workbook; remove the row")
            continue
        kept = found.setdefault(path, _Row(number))
        if part in kept.numbers:
            what = f"{path} stands on two rows, {kept.row} and {number}"
            raise PlanError(what, "remove one of them", where=book.where)
        _take(kept, part, row, where, left_out)
    return found


def _take(kept: _Row, part: str, row: Mapping[str, Any], where: str, left_out: list[str]) -> None:
    """Keep what a row holds."""
    value, month = row["Value"], row["From month"]
    if not _is_number(value):
        shown = "empty" if value is None else f"{str(value)[:40]!r}"
        left_out.append(f"{where}: the value is {shown}; type a number, and save in a program that computes formulas")
        return
    kept.numbers[part] = float(value)
    if _is_number(month) and float(month).is_integer():
        kept.months[part] = int(month)
    elif month not in (None, ""):
        left_out.append(f"{where}: the month from which it holds is {str(month)[:40]!r}; type a whole number")
    if not part:
        kept.origin = {name: _text(row[column]) for name, column in COLUMN.items()}


def _is_number(value: Any) -> bool:
    """Return whether a cell holds a number that a scenario may have; NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER


def _text(value: Any) -> str:
    """Return a text of the sheet; programs turn dates that somebody types into moments."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value).strip()


# The edits


def _edits(book: Workbook, sent: Scenario, found: Mapping[str, _Row], left_out: list[str]) -> Iterator[Edit]:
    """Yield the edits in the order of the rows."""
    months = _typed_months(book, sent)
    for path, row in sorted(found.items(), key=lambda one: one[1].row):
        try:
            if path == CASH_FLOOR:
                yield from _floor(setting_of(sent), row)
            elif edit := _edit(sent, sent.assumptions[path], row, months.get(path, {})):
                yield edit
        except BreakevenError as error:
            left_out.append(f"{PAGE}!{row.row}: {path}: {error.what}; {error.todo}")


def _floor(one: Field, row: _Row) -> Iterator[Edit]:
    new = row.numbers.get("", one.value)
    if not same(new, one.value):
        yield Edit(CASH_FLOOR, "", 0, one.value, new, new, row.row)


def _edit(sent: Scenario, one: Assumption, row: _Row, typed: Mapping[int, float]) -> Edit | None:
    """Return the edit of one assumption; None where nothing was changed. Raises BreakevenError."""
    literal: Any = _renewed(one, row)
    if typed:
        literal = _by_month(sent, one, literal, typed)
    origin = _origin(one, row, is_new=literal is not None)
    if literal is None and not origin:
        return None
    value = one.literal if literal is None else literal
    entry: Any = {"value": value, **origin} if origin else value
    stated = {"unit": one.unit, **(entry if origin else {"value": entry})} if one.is_foreign else entry
    new = read_assumption(one.path, stated, business().inputs[one.name], sent.currencies, sent.folder)
    before, after = (np.broadcast_to(version.base(sent.months), sent.months) for version in (one, new))
    month = int(np.argmax(before != after))
    return Edit(one.path, one.unit, month, float(before[month]), float(after[month]), entry, row.row)


def _renewed(one: Assumption, row: _Row) -> Any:
    """Return the literal with the numbers that were typed; None where they are as before. Raises BadValue."""
    fields = {each.part: each for each in fields_of(one)}
    numbers = {
        part: row.numbers[part]
        for part, each in fields.items()
        if part in row.numbers and not same(row.numbers[part], each.value)
    }
    steps = {part: each.month for part, each in fields.items() if each.month is not None}
    months = {
        part: row.months[part] for part, month in steps.items() if part in row.months and row.months[part] != month
    }
    return with_fields(one, numbers, months) if numbers or months else None


def _origin(one: Assumption, row: _Row, *, is_new: bool) -> dict[str, str]:
    """Return the origin that a row states if any text of it was changed; that of a new number is otherwise dropped.

    The evidence of a default is its being one, and a number that somebody typed is not measured.
    """
    before = {name: " ".join(str(getattr(one, name)).split()) for name in COLUMN}
    if one.is_default:
        before["evidence"] = DEFAULT
    if all(" ".join(text.split()) == before[name] for name, text in row.origin.items()):
        return {}
    unsaid = {DEFAULT, *(["measured"] if is_new and before["evidence"] == "measured" else [])}
    return {name: text for name, text in row.origin.items() if text and not (name == "evidence" and text in unsaid)}


# What was typed over formulas


def _typed_months(book: Workbook, sent: Scenario) -> dict[str, dict[int, float]]:
    """Return the value of each month of which somebody typed over the formula, by path."""
    inputs, found = Inputs(sent), {}
    for path, cells in book.months(BY_MONTH, FIRST, NUMBERS):
        if path in inputs.monthly:
            formula = inputs.by_month(sent.assumptions[path])
            found[path] = {
                month: float(value)
                for month, (typed, value) in enumerate(cells[: sent.months])
                if _is_number(value) and typed != in_column(formula, FIRST + month)
            }
    return found


def _by_month(sent: Scenario, one: Assumption, literal: Any, typed: Mapping[int, float]) -> Any:
    """Return a schedule with the numbers that were typed over months, and the literal's in all others.

    The literal is returned where they come to the same, as another program may write a formula otherwise. Raises
    BadValue for an amount in the second currency, whose months are converted.
    """
    new = one if literal is None else sent.with_value(one.path, literal).assumptions[one.path]
    numbers = np.broadcast_to(new.base(sent.months), sent.months).tolist()
    other = {month: one for month, one in typed.items() if not math.isclose(one, numbers[month], rel_tol=ROUNDING)}
    if not other:
        return literal
    if one.is_foreign:
        raise BadValue("a month of it was typed over, which is in another currency", "change its value on the inputs")
    return _schedule([other.get(month, number) for month, number in enumerate(numbers)])


def _schedule(numbers: list[float]) -> dict[int, float]:
    """Return numbers by month as a schedule, with a step wherever they change; raises BadValue for too many."""
    steps = {month: one for month, one in enumerate(numbers) if not month or one != numbers[month - 1]}
    if len(steps) > MOST_PARTS:
        raise BadValue(f"{len(steps)} months differ", f"let at most {MOST_PARTS} differ")
    return steps


def _lines_typed_over(book: Workbook) -> Iterator[str]:
    """Yield a sentence for each row of a line of which somebody typed over a cell."""
    for page, rows in book.pages():
        for number, row in enumerate(rows, 1):
            if page != BY_MONTH and (columns := overtyped(row[FIRST:], FIRST)):
                where = f"{page}!{', '.join(f'{column}{number}' for column in columns[:3])}"
                more = f" and {len(columns) - 3} more" if len(columns) > 3 else ""
                what = f"a formula of {str(row[0])[:80]} was typed over"
                yield f"{where}{more}: {what}; a scenario takes inputs alone, so change those that it follows from"
