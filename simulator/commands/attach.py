"""`attach`: write a measurement into a scenario file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from profiling import places
from simulator import terminal
from simulator.errors import PlanError
from simulator.scenario.records.attach import attach

HELP = "write a measurement into a pool, a training program or a feature of a scenario file"
KEYS = {
    "attached": "sentence that says what changed",
    "warnings": "a sentence for each way in which the record is of something else than the scenario says",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the record, the scenario, and the point to read."""
    parser.add_argument("record", type=Path, metavar="RECORD|RUN", help="a record's file, a run's folder, or its ID")
    parser.add_argument("scenario", type=Path, metavar="SCENARIO", help="the scenario file to change")
    parser.add_argument("target", metavar="POOL|PROGRAM|FEATURE", help="what takes the measurement")
    for option, says in (
        ("--at", "the case to read, as in batch=4 (default: the fastest)"),
        ("--within", "read a pool's rate off a curve: over=batch tpot_seconds=0.05 ttft_seconds=2"),
    ):
        parser.add_argument(option, nargs="+", default=[], metavar="KEY=VALUE", help=says)
    says = "the folder of all runs (default: the user's data folder)"
    parser.add_argument("--out", type=Path, metavar="DIR", help=says)


def run(options: argparse.Namespace) -> int:
    """Attach the record, print what changed, and warn where the record is of something else."""
    if options.record.suffix in (".yaml", ".yml"):
        raise PlanError(
            "no record is a YAML file", "name the record first, then the scenario", where=str(options.record)
        )
    at, within = (dict(map(_coordinate, texts)) for texts in (options.at, options.within))
    done = attach(_record(options), options.scenario, options.target, at, within)
    for doubt in done.doubts:
        print(f"Warning: {doubt}", file=sys.stderr)
    values = {"attached": done.sentence, "warnings": list(done.doubts)}
    return terminal.show(options, values, lambda values: str(values["attached"]))


def _record(options: argparse.Namespace) -> Path:
    """Return the file of a record, whether it was named by its file, its run's folder or its run's ID."""
    named: Path = options.record
    runs = options.out or places.runs()
    for path in (named, named / "record.json", runs / named.name / "record.json"):
        if path.is_file():
            return path
    raise PlanError(
        f"{named} is neither a record nor a run with a record under {runs}: `python -m profiling list` shows all runs"
    )


def _coordinate(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise PlanError(f"{text!r} is no coordinate: write it as batch=4")
    return name, value
