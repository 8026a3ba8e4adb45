"""Reading a workbook from a stranger: values and nothing else, within bounds that are checked before anything is built.

An .xlsx file is a zip of XML. Its parts are unfolded up to a bounded size and number of elements, and refused where
they define entities, which could unfold without bound. Formulas are not computed; their last values are read.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from profiling.files import open_regular
from simulator.errors import PlanError

# The workbook of the largest scenario that ships has 2 megabytes and unfolds to 16; other programs write more.
LARGEST_BYTES = 20_000_000
MOST_UNFOLDED = 100_000_000
MOST_PARTS = 1_000
# Elements and attributes: each takes time and memory, however short it is. Over 240 months the largest scenario
# that ships has 3.7 million, and 0.5 million in its largest part.
MOST_MARKS, MOST_MARKS_OF_A_PART = 8_000_000, 1_000_000
# A scenario has up to 240 months; the pages without months have a dozen columns.
MOST_ROWS, MOST_COLUMNS, FEW_COLUMNS = 60_000, 260, 40
MOST_ROWS_OF_ALL = 2 * MOST_ROWS
# XML knows these words in capitals alone. In an encoding other than UTF-8 they could hide.
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
OTHER_ENCODING = re.compile(rb"\A[^>]{0,200}?encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)
BLOCK = 1 << 20


class Workbook:
    """A workbook as rows of values by page; each row is given by the words in the head of its columns."""

    def __init__(self, path: Path) -> None:
        """Open a file; raises PlanError where it cannot be read, is no workbook, or could do harm."""
        self.where = str(path)
        content = _content(path)
        try:
            self._check(content)
            self._values, self._typed = (_opened(content, values=values) for values in (True, False))
            self._check_sheets()
        except PlanError:
            raise
        except Exception as error:  # the reader raises many kinds of error for a damaged file
            raise self._damaged() from error

    def _damaged(self) -> PlanError:
        return PlanError("the file is not a workbook that can be read", "save it as .xlsx again", where=self.where)

    def _check(self, content: bytes) -> None:
        """Raise PlanError where the parts unfold to too much, have too many elements, or define entities."""
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            entries = parts.infolist()
            if len(entries) > MOST_PARTS:
                raise PlanError(f"the file has {len(entries):,} parts", "save it as .xlsx again", where=self.where)
            left, marks = MOST_UNFOLDED, 0
            for entry in entries:
                left, its_marks = self._check_part(parts, entry, left)
                marks += its_marks
                if its_marks > MOST_MARKS_OF_A_PART or marks > MOST_MARKS:
                    what = f"{entry.filename[:80]} has more cells than a workbook of a scenario"
                    raise PlanError(what, "check that it is the right one", where=self.where)

    def _check_sheets(self) -> None:
        """Raise PlanError where sheets share a part, which would be read again for each of them."""
        sheets = self._values.worksheets
        if len({sheet._worksheet_path for sheet in sheets}) < len(sheets):
            raise self._damaged()

    def _check_part(self, parts: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> tuple[int, int]:
        """Return how many bytes the other parts may have, and the elements and attributes of this one at most.

        Raises PlanError where it could do harm.
        """
        before, marks = b"", 0
        with parts.open(entry) as part:
            while block := part.read(BLOCK):
                left -= len(block)
                marks += block.count(b"<") + block.count(b"=")
                if left < 0:
                    what = f"the file unfolds to more than {MOST_UNFOLDED:,} bytes"
                    raise PlanError(what, "check that it is the right one", where=self.where)
                if not before and not _is_plain(block):
                    raise self._damaged()
                if any(word in before[-len(FORBIDDEN[0]) :] + block for word in FORBIDDEN):
                    what = f"{entry.filename[:80]} defines entities, which no spreadsheet writes"
                    raise PlanError(what, "ask the sender for another file", where=self.where)
                before = block
        return left, marks

    def rows(self, page: str, head: tuple[str, ...], head_row: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the rows below the head of a page: the number as Excel counts, and the values by the words of the head.

        Raises PlanError where the page or a column is missing.
        """
        if page not in self._values.sheetnames:
            what = f"the workbook has no sheet {page}"
            raise PlanError(what, "choose one that `python -m simulator workbook` wrote", where=self.where)
        cells = self._cells(self._values[page], FEW_COLUMNS)
        words = cells[head_row] if len(cells) > head_row else ()
        columns = {str(word): place for place, word in enumerate(words) if word is not None}
        if missing := [word for word in head if word not in columns]:
            what = f"the sheet {page} has no column {missing[0]} in row {head_row + 1}"
            raise PlanError(what, "undo what moved it, or take an unedited copy", where=self.where)
        for number, row in enumerate(cells[head_row + 1 :], head_row + 2):
            yield number, {word: row[columns[word]] if columns[word] < len(row) else None for word in head}

    def months(self, page: str, first: int, head_row: int) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
        """Yield the rows of a page with months: the text in the second column, and each month's cell.

        A cell is what it holds, a formula as its text, and its last value.
        """
        if page in self._typed.sheetnames:
            typed, values = (self._cells(book[page], MOST_COLUMNS) for book in (self._typed, self._values))
            for row, computed in list(zip(typed, values, strict=False))[head_row + 1 :]:
                if len(row) > first and row[1]:
                    yield str(row[1]), list(zip(row[first:], computed[first:], strict=False))

    def pages(self) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """Yield the rows of every page by its title, with formulas as their texts."""
        left = MOST_ROWS_OF_ALL
        for page in self._typed.sheetnames:
            rows = self._cells(self._typed[page], MOST_COLUMNS)
            left -= len(rows)
            if left < 0:
                what = f"the sheets have more than {MOST_ROWS_OF_ALL:,} rows"
                raise PlanError(what, "check that it is the right one", where=self.where)
            yield page, rows

    def _cells(self, sheet: Any, columns: int) -> list[tuple[Any, ...]]:
        """Return the rows of a sheet, up to a number of columns; raise PlanError where it cannot be read."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                sheet.reset_dimensions()
                return list(sheet.iter_rows(max_row=MOST_ROWS, max_col=columns, values_only=True))
        except Exception as error:
            raise self._damaged() from error


def _content(path: Path) -> bytes:
    """Return the bytes of a file; raises PlanError where it cannot be read, is too large, or is no zip."""
    try:
        with open_regular(path) as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise PlanError(f"the file cannot be read ({error.strerror})", "check the path", where=str(path)) from None
    if len(content) > LARGEST_BYTES:
        what = f"the file has more than {LARGEST_BYTES:,} bytes"
        raise PlanError(what, "check that it is the right one", where=str(path))
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise PlanError("the file is not an Excel workbook", "choose an .xlsx file", where=str(path))
    return content


def _is_plain(start: bytes) -> bool:
    """Return whether what may be XML, whatever it is called, is in UTF-8."""
    may_be_xml = b"<" in start[:4] or start[:2] in (b"\xff\xfe", b"\xfe\xff")
    return not may_be_xml or (b"\x00" not in start[:4] and start[0] < 0xF0 and not OTHER_ENCODING.match(start))


def _opened(content: bytes, *, values: bool) -> Any:
    """Return the reader's workbook, with the last values of formulas or with their texts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what it cannot read is missed, or is no number
        return load_workbook(io.BytesIO(content), read_only=True, data_only=values, keep_links=False)
