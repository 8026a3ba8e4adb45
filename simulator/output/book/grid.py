"""Where every line of a model stands in the workbook, and the formula of each of its rows.

A row is one member of a line, its months run across, and its formula is the same in every month: `NOW` and `BEFORE`
stand for the columns. The column before the first month holds the value before it, so that reading the last month is no
exception. Formulas are traced from the lines; nothing of the business is written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from simulator.engine import formula
from simulator.engine.model import LUCK, MONTH, Model, Read
from simulator.engine.windows import WINDOWS, Window
from simulator.engine.wiring import Members
from simulator.errors import ModelError
from simulator.output.book.excel import BEFORE, LETTERS, NOW, quoted

# The file format predates these functions, so Excel knows them in a file only by a prefix.
YOUNGER = re.compile(r"\b(CEILING\.MATH|FLOOR\.MATH|NORM\.S\.DIST|NORM\.S\.INV)\(")
# Rows and columns count from 0. On every page with months: the row of their numbers, the first row of lines, the column
# of the value before the first month, and that of the first month.
NUMBERS, TOP = 3, 4
OPENED, FIRST = 3, 4
BEGIN = f"${LETTERS[FIRST]}"

# A function of Excel takes no more.
MOST_ARGUMENTS = 255

# What stands for an assumption of one member in a formula: a name, or a cell with NOW for its column. The second entry
# is how it is read in the first month.
Source = tuple[str, str]


@dataclass(frozen=True)
class Place:
    """The row of one member of a line: its page, and the row as Excel counts, from 1."""

    page: str
    row: int


@dataclass(frozen=True)
class Grid:
    """The rows of a model with members over some months.

    `rows[line, member]` is the place of a line, `reversed[line, member]` that of the same row with the last month
    first, and `sources` gives what stands for an assumption of a member.
    """

    model: Model
    members: Members
    months: int
    sources: Callable[[str, int], Source]
    rows: dict[tuple[str, int], Place] = field(default_factory=dict)
    reversed: dict[tuple[str, int], Place] = field(default_factory=dict)

    @cached_property
    def backwards(self) -> frozenset[str]:
        """The lines that others read with the latest month first, as cohorts do with what is left at each age."""
        found = {
            read.source
            for name, reads in self.model.reads.items()
            for read in reads
            if read.when == "past" and read.parameter in _backwards(self.model.formulas[name])
        }
        return frozenset(found)

    @cached_property
    def _circles(self) -> Mapping[str, int]:
        """The number of the stage that each line is computed in."""
        return {name: place for place, stage in enumerate(self.model.stages) for name in stage.lines}

    def count(self, line: str) -> int:
        """Return the number of rows of a line."""
        return self.members.count(self.model.lines[line].per)

    def label(self, line: str, member: int) -> str:
        """Return the name of a row as `explain` takes it, such as `cash` or `cloud_rent[large]`."""
        per = self.model.lines[line].per
        return f"{line}[{self.members.labels(per)[member]}]" if per else line

    def place(self, page: str, line: str, first_row: int) -> int:
        """Put all members of a line on rows of a page, from `first_row` on as Excel counts; return the next free row.

        A line that others read backwards takes a second row for each member. Raise ModelError where it has rows
        already.
        """
        for held in (self.rows, *([self.reversed] if line in self.backwards else [])):
            for member in range(self.count(line)):
                if (line, member) in held:
                    raise ModelError("the line has two rows", "report this", where=self.label(line, member))
                held[line, member] = Place(page, first_row)
                first_row += 1
        return first_row

    def reference(self, page: str, line: str, member: int, column: str = NOW) -> str:
        """Return the cell of a member of a line as a formula of a page writes it; raise ModelError without a row."""
        place = self._of(line, member)
        return f"{_prefix(page, place.page)}{column}{place.row}"

    def _of(self, line: str, member: int) -> Place:
        if (line, member) not in self.rows:
            raise ModelError("no row holds the line", "report this", where=self.label(line, member))
        return self.rows[line, member]

    def formula(self, line: str, member: int) -> str:
        """Return the formula of a row."""
        reads = {read.parameter: read for read in self.model.reads[line]}
        written = formula.excel(
            self.model.formulas[line],
            lambda symbol: self._read(line, member, reads[symbol.name], symbol.backwards),
        )
        return "=" + YOUNGER.sub(r"_xlfn.\1(", written)

    def turned(self, line: str, member: int) -> str:
        """Return the formula of a row in reverse."""
        row, last = self.rows[line, member].row, LETTERS[FIRST + self.months - 1]
        return f"=INDEX({BEGIN}{row}:${last}{row},{self.months}-{NOW}${NUMBERS + 1})"

    def opening(self, line: str, member: int) -> str:
        """Return the formula of the value before the first month."""
        return f"={self.sources(f'opening_{line}', member)[1]}"

    def total(self, page: str, line: str) -> str:
        """Return the sum of a line over its members as a formula of a page writes it."""
        return _sum(self._blocks(page, line, range(self.count(line)), NOW))

    # What a line reads by one of its parameters

    def _read(self, line: str, member: int, read: Read, backwards: bool) -> str:
        if read.source == LUCK:
            return ""  # counts are written as their means
        if read.source == MONTH:
            return _month(read)
        if not self.model.sources(read):
            return self.sources(read.source, self._member(line, member, read))[read.when == "first"]
        return self._line(line, member, read, backwards)

    def _line(self, line: str, member: int, read: Read, backwards: bool) -> str:
        """Return what a line reads of other lines."""
        page = self._of(line, member).page
        if read.when in WINDOWS:
            return self._seen_through(page, WINDOWS[read.when], line, member, read)
        if read.over == "total":
            return self._total(page, line, member, read)
        place = self._member(line, member, read)
        if read.when == "past":
            return self._past(page, line, read.source, place, backwards)
        return self.reference(page, read.source, place, _column(read))

    def _member(self, line: str, member: int, read: Read) -> int:
        """Return the member of what is read that belongs to a member of the line."""
        return int(self.members.place(self.model.lines[line].per, self.model.per(read.source))[member])

    def _total(self, page: str, line: str, member: int, read: Read) -> str:
        """Return the sum over members of one line, or of all lines of a group."""
        return _sum(
            block
            for source in self.model.sources(read)
            for block in self._blocks(page, source, self._summed(line, member, source), _column(read))
        )

    def _summed(self, line: str, member: int, source: str) -> list[int]:
        """Return the members of `source` that a total of one member of a line sums."""
        per, home = self.model.lines[line].per, self.model.lines[source].per
        return list(map(int, self.members.summed(per, home, line, source)[member]))

    def _blocks(self, page: str, line: str, places: Sequence[int], column: str) -> Iterator[str]:
        """Yield the cells of some members of a line, those on consecutive rows as one range."""
        for first, last in _runs(places):
            head = self.reference(page, line, first, column)
            yield head if first == last else f"{head}:{column}{self._of(line, last).row}"

    def _past(self, page: str, line: str, source: str, member: int, backwards: bool) -> str:
        """Return the range of all months so far, from the row in reverse where the latest month comes first."""
        if not backwards:
            place = self._of(source, member)
            return f"{_prefix(page, place.page)}{BEGIN}{place.row}:{NOW}{place.row}"
        if self._circles[line] == self._circles[source]:
            # A spreadsheet takes a formula to need all of a row that it indexes, so this would be a circle to it.
            raise ModelError(f"{source} is read backwards within a circle", "read it forwards", where=line)
        place, last = self.reversed[source, member], f"${LETTERS[FIRST + self.months - 1]}"
        sheet, row = _prefix(page, place.page), place.row
        months_left = f"{self.months}-{NOW}${NUMBERS + 1}"
        return f"INDEX({sheet}{BEGIN}{row}:{last}{row},{months_left}):{sheet}{last}{row}"

    def _seen_through(self, page: str, window: Window, line: str, member: int, read: Read) -> str:
        """Return the range of a window on a line's months, of several members as the rows of one range; 0 for none."""
        if read.over == "total":
            places = self._summed(line, member, read.source)
        else:
            places = [self._member(line, member, read)]
        ranges = []
        for first, last in _runs(places):
            top, bottom = self._of(read.source, first), self._of(read.source, last)
            sheet = _prefix(page, top.page)
            whole = f"{sheet}{BEGIN}{top.row}:{NOW}{bottom.row}"
            ranges.append(_window(window, whole, f"{sheet}{NOW}{bottom.row}", first != last))
        return f"({'+'.join(ranges)})" if len(ranges) > 1 else "".join(ranges) or "0"


def _window(window: Window, whole: str, now: str, several_rows: bool = False) -> str:
    """Return the part of a range of all months so far that a window shows; `now` is its last cell.

    Within INDEX, months count from 1. The formula stays the same from month to month, and reads no later month.
    """
    if window.length is None:
        return whole
    month, across = f"{NOW}${NUMBERS + 1}", "1," if several_rows else ""

    def at(back: int) -> str:
        return f"INDEX({whole},{across}MAX(1,{month}{1 - back:+d}))".replace("+0)", ")")

    first, last = window.back + window.length - 1, window.back
    if not window.whole:
        return f"{at(first)}:{now}"
    # A range of several rows ends in its last row, which no figure needs yet.
    assert not several_rows, "a whole window sums one row"
    shown = at(first) if window.point else f"{at(first)}:{at(last)}"
    return f"IF({month}>={first},{shown},0)"


def _month(read: Read) -> str:
    """Return the number of the month, or those of a window."""
    row = f"${NUMBERS + 1}"
    window = WINDOWS.get(read.when)
    return _window(window, f"{BEGIN}{row}:{NOW}{row}", f"{NOW}{row}") if window else f"{NOW}{row}"


def _column(read: Read) -> str:
    """Return the column of the month that a line reads: this one, the last, or the first."""
    return {"last": BEFORE, "first": BEGIN}.get(read.when, NOW)


def _prefix(page: str, other: str) -> str:
    """Return what a formula of a page writes before a cell of another."""
    return "" if page == other else f"{quoted(other)}!"


def _sum(cells: Iterator[str]) -> str:
    found = list(cells)
    if len(found) == 1 and ":" not in found[0]:
        return found[0]
    while len(found) > MOST_ARGUMENTS:
        found = [_sum(iter(found[at : at + MOST_ARGUMENTS])) for at in range(0, len(found), MOST_ARGUMENTS)]
    return f"SUM({','.join(found)})" if found else "0"


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of consecutive numbers."""
    first = None
    for place, following in zip(places, [*places[1:], None], strict=False):
        first = place if first is None else first
        if following != place + 1:
            yield first, place
            first = None


def _backwards(symbol: formula.Symbol) -> frozenset[str]:
    """Return the parameters that a formula reads with the latest month first."""
    if isinstance(symbol, formula.Read):
        return frozenset({symbol.name} if symbol.backwards else ())
    if isinstance(symbol, formula.Operation):
        return frozenset().union(*map(_backwards, symbol.operands))
    return frozenset()
