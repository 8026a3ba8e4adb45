"""`workbook`: write a scenario as an Excel workbook of live formulas, with its inputs to change."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulator import terminal
from simulator.errors import PlanError

HELP = "write the base case as an Excel workbook: every line, statement and traced KPI a live formula"
KEYS = {
    "file": "path of the workbook",
    "lines": "number of lines and traced KPIs",
    "months": "number of months",
    "hash": "hash of the scenario's numbers",
    "file_hash": "SHA-256 of the scenario's file, which the workbook carries",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, its trials and the workbook's path."""
    terminal.add_scenario(parser)
    parser.add_argument("workbook", nargs="?", type=Path, metavar="WORKBOOK", help="the same as --out")
    parser.add_argument("--out", type=Path, metavar="WORKBOOK", help="path to write, such as plan.xlsx")
    terminal.add_trials(parser)


def run(options: argparse.Namespace) -> int:
    """Write the workbook; raise PlanError where its path cannot be written."""
    from simulator.output import book

    path = _path(options)
    terminal.check_folder(path)
    projection = terminal.projected(options, evidence=False)
    with terminal.Progress("Writing the workbook") as tell:
        tell(0)
        content, grid = book.workbook(projection)
    terminal.write(path, content)
    scenario = projection.scenario
    written = {
        "file": str(path),
        "lines": len({line for line, _ in grid.rows}),
        "months": scenario.months,
        "hash": scenario.hash,
        "file_hash": scenario.file_hash,
    }
    return terminal.show(options, written, "{file}: {lines} lines over {months} months, as formulas".format_map)


def _path(options: argparse.Namespace) -> Path:
    """Return the path to write; raise PlanError without exactly one that ends in .xlsx."""
    named = [path for path in (options.out, options.workbook) if path is not None]
    if len(named) != 1:
        raise PlanError("the workbook has no path, or two", "name it once, with --out plan.xlsx")
    path: Path = named[0]
    if path.suffix != ".xlsx":
        raise PlanError(f"{path} does not end in .xlsx: name the workbook so, or Excel will not open it")
    return path
