"""List prices of products that customers may buy instead: a few that ship, and those in a file of one's own.

Each has the charge that it is per, its source and its day. Those that ship are as articles report them; a vendor's own
list may have changed since.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from profiling.files import open_regular
from simulator.errors import PlanError

SHIPPED = Path(__file__).with_name("listed.csv")
COLUMNS = ("name", "charge", "price", "currency", "source", "as_of")
# What a price may be per: a customer, a seat, a request or a finished task, a month where it comes back.
CHARGED = ("customer", "seat", "request", "task")
# A file from a stranger has a bounded size.
MOST_ROWS, LARGEST = 1000, 1_000_000
# A page shows a name as the label of a bar, and a source beside it.
LONGEST = {"name": 100, "source": 1000}


@dataclass(frozen=True)
class Listed:
    """A list price of another product per customer or seat and month, or per request or finished task."""

    name: str
    charge: str
    price: float
    currency: str
    source: str
    as_of: date


def listed(file: Path = SHIPPED) -> tuple[Listed, ...]:
    """Return the list prices in a CSV file with the columns `COLUMNS`; raise PlanError with the line that is wrong."""
    rows = csv.DictReader(io.StringIO(_text(file), newline=None))
    try:
        if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
            raise PlanError(f"{file} has no column {missing[0]}", f"its first line names {', '.join(COLUMNS)}")
        found = tuple(_read(file, rows.line_num, row) for row in islice(rows, MOST_ROWS + 1))
    except csv.Error as error:
        raise PlanError(f"{file} is not a CSV file", "give one in UTF-8, a price on each line") from error
    if len(found) > MOST_ROWS:
        raise PlanError(f"{file} has more than {MOST_ROWS:,} prices", "keep those that customers compare you with")
    return found


def _text(file: Path) -> str:
    """Return the text of a file; raise PlanError where it is none, or too large."""
    try:
        with open_regular(file) as opened:
            content = opened.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise PlanError(f"{file} is larger than a list of prices", f"give a file of at most {LARGEST:,} bytes")
        return content.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise PlanError(f"{file} cannot be read", "give a CSV file in UTF-8") from error


def _read(file: Path, line: int, row: dict[str, str | None]) -> Listed:
    """Return one row, which ends on this line of the file; raise PlanError where it is none."""
    values = {name: (row[name] or "").strip() for name in COLUMNS}
    where = f"{file}, line {line}"
    if values["charge"] not in CHARGED:
        raise PlanError(f"{where}: {values['charge'][:40]!r} is no charge", f"choose from {', '.join(CHARGED)}")
    try:
        price, day = float(values["price"]), date.fromisoformat(values["as_of"])
    except ValueError as error:
        raise PlanError(f"{where}: its price or day cannot be read", "write them as in 0.99 and 2026-05-15") from error
    if not 0 < price < float("inf"):
        raise PlanError(f"{where}: its price is {values['price'][:40]}", "give a number above 0")
    for name, most in LONGEST.items():
        if len(values[name]) > most:
            raise PlanError(f"{where}: its {name} is too long", f"give at most {most:,} characters")
    if not values["name"]:
        raise PlanError(f"{where}: it has no name", "name the product")
    if not values["source"]:
        raise PlanError(f"{where}: it has no source", "say where the price was read")
    return Listed(values["name"], values["charge"], price, values["currency"], values["source"], day)
