"""The workbook: a scenario's base case as formulas that any spreadsheet recalculates, and its inputs to change.

`workbook` makes the file, and `edits.changes_in` reads what somebody changed in it. `excel` is the writer, `grid` says
where each line stands and what its formula is, `fields` what of an assumption can be edited, and `carried` how the
workbook holds its scenario; all others are pages. Nothing of the business is written here.
"""

from __future__ import annotations

from datetime import datetime, time

import numpy as np

from simulator.answers.checks import checked, differences
from simulator.answers.projection import Projection
from simulator.engine.model import OPENING, Array
from simulator.output.book import asides, carried, figures
from simulator.output.book.cover import Cover
from simulator.output.book.excel import Book
from simulator.output.book.grid import Grid
from simulator.output.book.inputs import Inputs
from simulator.output.book.pages import Lines, dictionary, place_lines, topic_of
from simulator.output.book.statements import Statements
from simulator.scenario.numbers import converted, simulation_of

__all__ = ["values_of", "workbook"]


def workbook(projection: Projection) -> tuple[bytes, Grid]:
    """Return a projection as an .xlsx file, and where its lines stand; the same projection gives the same bytes.

    Raises ModelError where a cell has no formula, or two, and PlanError where a record of the scenario is gone.
    """
    scenario, ledger, dates = projection.scenario, projection.ledger, projection.dates
    inputs = Inputs(carried.as_read(scenario))
    grid = Grid(checked(), scenario.members, scenario.months, inputs.source)
    topics = place_lines(grid)
    values, opened = values_of(projection), _opened(projection)
    moment = datetime.combine(scenario.start, time())
    about = {"title": scenario.title, "comments": f"Scenario {scenario.hash}, file {scenario.file_hash}"}
    book = Book(moment, about)
    cover = Cover(book, projection)
    rows = figures.kpis(book, grid, projection)
    Statements(book, grid, ledger, inputs, dates).write()
    asides.trials(book, projection)
    asides.cap_table(book, projection)
    figures.Checks(grid, topics.pop(figures.CHECKS), values, scenario.currency).write(book, dates)
    inputs.write(book)
    inputs.write_months(book, converted(scenario, ledger.values), dates)
    Lines(grid, topics, values, opened, scenario.currency).write(book, dates)
    dictionary(book, grid, topics, scenario.currency)
    carried.write(book, scenario)
    cover.write(rows, topics, {title: topic_of(grid.model.lines[names[0]])[0] for title, names in topics.items()})
    return book.content(), grid


def values_of(projection: Projection) -> dict[str, Array]:
    """Return every line, key figure and check of the base case, of shape (months, members); NaN is no value."""
    ledger, measured = projection.ledger, projection.figures.measured
    traced = {
        name: np.stack([measured.series(name, member) for member in range(count)], axis=1)
        for name, line in measured.model.lines.items()
        if name not in ledger.lines and (count := projection.scenario.members.count(line.per))
    }
    return {**ledger.lines, **traced, **differences(ledger, _opened(projection))}


def _opened(projection: Projection) -> dict[str, Array]:
    """Return the values before the first month by the name of their assumption, each of shape (members,)."""
    inputs = simulation_of(projection.scenario, projection.ledger.values).inputs
    return {name: values[0, :, 0] for name, values in inputs.items() if name.startswith(OPENING)}
