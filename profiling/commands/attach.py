"""`attach`: write a measurement into a plan.  The only way back from the profiler to the plan."""

from __future__ import annotations

import argparse
from pathlib import Path

from profiling.commands import shared
from profiling.errors import WorkloadError

HELP = "write a measurement into a plan"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What goes where."""
    parser.add_argument("record", type=Path, metavar="RECORD|RUN", help=shared.RECORD_HELP)
    parser.add_argument("scenario", type=Path, metavar="SCENARIO")
    parser.add_argument("target", metavar="POOL|PROGRAM")
    parser.add_argument(
        "--at", nargs="+", default=[], metavar="KEY=VALUE", help="the operating point, where there are several"
    )
    parser.add_argument(
        "--within",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="read a pool's rate off the curve: over=batch tpot_seconds=0.05 ttft_seconds=2",
    )


def run(options: argparse.Namespace) -> int:
    """Hands a measurement to the plan's own reader."""
    at, within = (dict(_coordinate(text) for text in texts) for texts in (options.at, options.within))
    # The plan is imported where it is written to, so that nothing else of the profiler knows it.
    from simulator.errors import BreakevenError
    from simulator.scenario.attach import attach

    try:
        path = options.record
        if not path.is_file():
            path = shared.find_run(path, options).folder / "record.json"
        sentence = attach(path, options.scenario, options.target, at, within)
    except BreakevenError as error:
        shared.warn(str(error))
        return 2
    shared.show({"attached": str(sentence)}, str(sentence), options)
    return 0


def _coordinate(text: str) -> tuple[str, str]:
    """`batch=4` as a name and a value."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise WorkloadError(f"{text!r} is no coordinate; write it as batch=4")
    return name, value
