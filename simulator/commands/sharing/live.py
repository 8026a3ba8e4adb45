"""`live`: write a scenario as one HTML file that whoever receives it can play with and check, without a network."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulator import terminal
from simulator.errors import PlanError

HELP = "write the plan as one HTML file that computes itself: levers, charts, statements, every formula and source"
KEYS = {"file": "path of the page", "bytes": "its size", "lines": "lines that it computes", "trials": "trials as sent"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the page's path and the trials."""
    terminal.add_scenario(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="PLAN.html", help="path of the page to write")
    terminal.add_trials(parser)
    terminal.add_workers(parser)


def run(options: argparse.Namespace) -> int:
    """Write the page; raise PlanError where its path cannot be written."""
    from simulator.output.live.content import DRAWN
    from simulator.output.live.page import page
    from simulator.scenario.overlays import shipped

    if options.out.suffix not in (".html", ".htm"):
        raise PlanError(f"{options.out} does not end in .html", "name the page so, or no browser will open it")
    terminal.check_folder(options.out)
    projection = terminal.projected(options, percentiles=DRAWN)
    with terminal.Progress("Writing the page") as tell:
        tell(0)
        content = page(projection, shipped())
    terminal.write(options.out, content)
    lines = len(projection.ledger.lines)
    written = {"file": str(options.out), "bytes": len(content.encode()), "lines": lines, "trials": projection.trials}
    return terminal.show(options, written, "{file}: {lines} lines that compute themselves, {bytes:,} bytes".format_map)
