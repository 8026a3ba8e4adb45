"""The terminal, as all commands use it: reading a scenario with its changes, parsing numbers, and printing."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from profiling.files import write_atomic
from simulator.answers.blocks.executors import cluster, processes, worthwhile
from simulator.answers.blocks.work import THREADS, Watched, keep_freed_memory
from simulator.answers.projection import Projection, project, settle
from simulator.errors import PlanError, first
from simulator.scenario import document
from simulator.scenario.overlays import SHIPPED
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import LARGEST_SEED, MOST_TRIALS

# More processes than any computer has cores would only take its memory.
MOST_PROCESSES = 256
# From this number of trials on, processes take less time than threads.
MANY = 5_000
# Progress is told to somebody who has waited longer, in seconds.
SILENT = 1.0
STARTED = time.monotonic()


def show(options: argparse.Namespace, values: Any, table: Callable[[Any], str]) -> int:
    """Print plain values as JSON or as a table made from them; return the exit code 0."""
    print(json.dumps(values, ensure_ascii=False, allow_nan=False) if options.json else table(values))
    return 0


def add_kpi(parser: argparse.ArgumentParser, name: str = "--kpi", default: str = "end_cash") -> None:
    """Add the option that chooses the KPI that an answer is about."""
    says = f"KPI, such as runway, lowest_cash or gross_margin (default: {default})"
    parser.add_argument(name, default=default, metavar="KPI", help=says)


class Progress:
    """A line on a terminal's stderr that tells how much of some work is done, once the command has taken a second."""

    def __init__(self, work: str) -> None:
        self._work, self._started, self._width, self._ended = work, time.monotonic(), 0, False

    def __enter__(self) -> Progress:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave a clean line, whether the work is done, failed or was stopped."""
        self.end()

    def __call__(self, done: float) -> None:
        """Show the share that is done, and about how long the rest takes; all of it removes the line."""
        now = time.monotonic()
        if self._ended or now - STARTED < SILENT or not sys.stderr.isatty():
            return
        left = f": {done:.0%}, about {(now - self._started) * (1 - done) / done:,.0f} s left" if done else ""
        self._write(f"{self._work}{left} (Ctrl-C stops)" if done < 1 else "")

    def end(self) -> None:
        """Remove the line; work that still ends, as after Ctrl-C, is not told."""
        self._ended = True
        self._write("")

    def _write(self, text: str) -> None:
        """Replace the line by another, or remove it."""
        if text or self._width:
            print(f"\r{text:<{self._width}}", end="" if text else "\r", file=sys.stderr, flush=True)
        self._width = len(text)


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """Add the scenario's file and the options that change what it says."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a scenario")
    says = "a what-if: a file, or the name of one that ships; of several the later wins"
    parser.add_argument("--overlay", action="extend", nargs="+", default=[], metavar="OVERLAY", help=says)
    says = "change an assumption; may be repeated"
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=says)


def add_trials(
    parser: argparse.ArgumentParser,
    default: str = "the scenario's, and more until the verdict is decided, up to 20,000",
) -> None:
    """Add the options of commands that run trials; `default` says how many they run."""
    parser.add_argument("--trials", type=_trials, metavar="N", help=f"number of trials (default: {default})")
    parser.add_argument("--seed", type=whole, metavar="S", help="seed of the trials (default: the scenario's)")


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where trials run; the result is the same wherever that is."""
    where = parser.add_mutually_exclusive_group()
    says = f"run trials in N processes (default: two threads of this one, or processes from {MANY:,} trials on)"
    where.add_argument("--processes", type=_processes, metavar="N", help=says)
    says = "run trials on the Dask cluster whose scheduler listens there, as in tcp://10.0.0.5:8786"
    where.add_argument("--cluster", metavar="ADDRESS", help=says)


@contextmanager
def workers(options: argparse.Namespace, trials: int) -> Iterator[Executor]:
    """Yield the executor that the options name, watched by a terminal's progress; raise PlanError if there is none.

    Without a name it is the one that takes the least time for that many trials.
    """
    where: AbstractContextManager[Executor]
    if getattr(options, "cluster", None):
        where = cluster(options.cluster)
    elif count := getattr(options, "processes", None) or (worthwhile() if trials >= MANY else 0):
        where = processes(count)
    else:
        where = ThreadPoolExecutor(THREADS)
    keep_freed_memory()
    with where as executor, Progress("Trials") as tell:
        yield Watched(executor, lambda done, given: tell(done / given))


def check_folder(path: Path) -> None:
    """Raise PlanError where a file has no folder to be written to, before anything is computed for it."""
    if not path.parent.is_dir():
        raise PlanError(f"there is no folder {path.parent}", "make it, or choose another path")


def write(path: Path, content: str | bytes) -> None:
    """Write a whole file or none; raise PlanError where it cannot be written."""
    try:
        write_atomic(path, content)
    except OSError as error:
        raise PlanError(f"cannot write {path}: {error.strerror}", todo="choose another path") from None


def scenario_of(options: argparse.Namespace) -> Scenario:
    """Return the scenario in a file under its what-ifs, with each `--set` and the seed, and warn of it."""
    return warned(unwarned(options))


def warned(scenario: Scenario) -> Scenario:
    """Return the scenario after telling on stderr what in it is probably not meant."""
    for warning in first(scenario.warnings):
        print(f"warning: {warning}", file=sys.stderr)
    return scenario


def unwarned(options: argparse.Namespace) -> Scenario:
    """Return the scenario in a file under its what-ifs, then with each `--set` and the seed; raise BreakevenError."""
    scenario = load(options.file, [overlay_file(name) for name in options.overlay])
    changes = {}
    for change in options.set:
        name, equals, value = change.partition("=")
        if not equals or not value.strip():
            raise PlanError(f"--set {change!r} changes nothing: write NAME=VALUE, as in plans.team.price=79")
        changes[name.strip()] = document.read(f"value: {value}", "--set")["value"]
    scenario = scenario.with_values(changes)
    seed = getattr(options, "seed", None)
    return scenario if seed is None else scenario.with_seed(seed)


def projected(
    options: argparse.Namespace,
    *,
    evidence: bool = True,
    percentiles: bool | Sequence[str] = False,
    keep: Sequence[str] = (),
) -> Projection:
    """Return the projection over `--trials`; without it, over the scenario's trials and as many as a grade needs."""
    scenario = scenario_of(options)
    given = options.trials
    with workers(options, scenario.trials if given is None else given) as executor:
        found = project(scenario, given, evidence=evidence, percentiles=percentiles, keep=keep, executor=executor)
        return settle(found, executor) if options.trials is None else found


def overlay_file(name: str) -> Path:
    """Return the file of a what-if: a path as written, or a bare name among those that ship; raise PlanError."""
    if not re.fullmatch(r"[\w-]+", name):
        return Path(name)
    ships = {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}
    if name not in ships:
        known = ", ".join(ships) or "none"
        raise PlanError(f"no overlay that ships is called {name}: choose from {known}, or write a path, ./{name}.yaml")
    return ships[name]


def whole(text: str, least: int = 0, most: int = LARGEST_SEED) -> int:
    """Read a whole number in a range, by default one that fits a seed."""
    if not text.isdecimal() or len(text) > 10 or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from {least} to {most:,}")
    return int(text)


def _trials(text: str) -> int:
    return whole(text, most=MOST_TRIALS)


def _processes(text: str) -> int:
    return whole(text, 1, MOST_PROCESSES)


def number(text: str, most: float, what: str) -> float:
    """Read a number from 0 to `most`; `what` names it in the error."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise argparse.ArgumentTypeError(f"{text} is not {what}")
    return value
