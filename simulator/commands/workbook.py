"""`workbook`: write the base case as an Excel workbook of live formulas."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulator import terminal
from simulator.answers.ledger import Ledger
from simulator.errors import PlanError

HELP = "write the base case as an Excel workbook: every line and month a live formula"
KEYS = {"file": "path of the workbook", "lines": "number of lines", "months": "number of months"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario and the workbook's path."""
    terminal.add_scenario(parser)
    parser.add_argument("workbook", type=Path, metavar="WORKBOOK", help="path to write, such as plan.xlsx")


def run(options: argparse.Namespace) -> int:
    """Write the workbook; raise PlanError where its path cannot be written."""
    from simulator.output import workbook

    ledger = Ledger.of(terminal.scenario_of(options))
    if options.workbook.suffix != ".xlsx":
        raise PlanError(f"{options.workbook} does not end in .xlsx: name the workbook so, or Excel will not open it")
    try:
        workbook.write(ledger, options.workbook)
    except OSError as error:
        raise PlanError(f"cannot write {options.workbook}: {error.strerror}", todo="choose another path") from None
    written = {"file": str(options.workbook), "lines": len(ledger.lines), "months": ledger.scenario.months}
    return terminal.show(options, written, "{file}: {lines} lines over {months} months, as formulas".format_map)
