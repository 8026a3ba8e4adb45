"""`import-workbook`: show what somebody changed in the inputs of a workbook as edits, and apply them to a scenario."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator import terminal
from simulator.answers.messages import plain
from simulator.scenario.literals import as_text
from simulator.scenario.reading import load

HELP = "what somebody changed in the inputs of a workbook, as edits of its scenario or of another"
KEYS = {
    "workbook": "path of the workbook",
    "onto": "scenario that the edits are for; null for the one that the workbook carries",
    "sent": "hash of the scenario that the workbook carries",
    "hash": "hash of the scenario with the edits",
    "edits.EDIT.path": "path of a changed assumption, in the order of the sheet",
    "edits.EDIT.unit": "its unit",
    "edits.EDIT.month": "the first month that differs, from 0; 0 where none does",
    "edits.EDIT.before": "its value in that month, as sent",
    "edits.EDIT.after": "its value in that month now",
    "edits.EDIT.literal": "its new value as a scenario writes it",
    "edits.EDIT.row": "row on the sheet Inputs",
    "left_out": "list of sentences: what of the workbook cannot be taken, where, and what to do",
    "out": "path of the scenario that was written; null without --out",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the workbook, the scenario and the path to write."""
    parser.add_argument("workbook", type=Path, metavar="WORKBOOK", help="a workbook that `workbook` wrote")
    says = "the scenario to change (default: the one that the workbook carries)"
    parser.add_argument("--onto", type=Path, metavar="FILE", help=says)
    says = "write the scenario with the edits here, with the records that the workbook carries beside it"
    parser.add_argument("--out", type=Path, metavar="FILE", help=says)


def run(options: argparse.Namespace) -> int:
    """Print the edits, and write the scenario with them where --out says so."""
    from simulator.output.book import edits

    onto = load(options.onto) if options.onto else None
    with edits.changes_in(options.workbook) as changes:
        made = edits.applied(changes, onto or changes.sent)
        if options.out:
            edits.save(made, options.out)
    shown = {
        "workbook": str(options.workbook),
        "onto": str(options.onto) if options.onto else None,
        "sent": changes.sent.hash,
        "hash": made.hash,
        "edits": [vars(edit) for edit in changes.edits],
        "left_out": list(changes.left_out),
        "out": str(options.out) if options.out else None,
    }
    return terminal.show(options, shown, _table)


def _table(shown: Mapping[str, Any]) -> str:
    """Return the edits, a line each, and what cannot be taken."""
    lines = [_line(one) for one in shown["edits"]] or ["No input was changed."]
    lines += [f"Not taken: {one}" for one in shown["left_out"]]
    if shown["out"]:
        lines.append(f"Written to {shown['out']}, hash {shown['hash']}")
    elif shown["edits"]:
        lines.append("Nothing was written: name a scenario to write with --out.")
    return "\n".join(lines)


def _line(edit: Mapping[str, Any]) -> str:
    """Return an edit by its numbers, or where these are as before, by what the scenario says now."""
    if edit["before"] == edit["after"]:
        return f"{edit['path']:<44}{_number(edit, 'before'):>18}, now as {as_text(edit['literal'])}"
    since = f" from month {edit['month']}" if edit["month"] else ""
    return f"{edit['path']:<44}{_number(edit, 'before'):>18} → {_number(edit, 'after')}{since}"


def _number(edit: Mapping[str, Any], when: str) -> str:
    """Return a number with its unit, at the digits that small prices need."""
    number, unit = edit[when], edit["unit"]
    return plain(number, unit) if unit == "share" else f"{number:,.6g} {unit}"
