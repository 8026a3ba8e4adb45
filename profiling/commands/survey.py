"""`survey`: what this device can do, in minutes: the largest models that fit, what they cost, and how sure."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Sequence

from profiling.commands import shared
from profiling.errors import ProfilingError, WorkloadError
from profiling.results.costs import Priced, listed
from profiling.results.record import Record, operating_point
from profiling.runs import jobs
from profiling.runs.follow import follow
from profiling.survey import ladder, page
from profiling.survey.ladder import Device
from profiling.workload.workload import Case, Workload

HELP = "what this device can do, in minutes: the largest models that fit, what they cost, and how sure"
KEYS = {
    "records": "ids of the records, as they came; `show` and `report` tell each in full",
    "price": "of an hour of the device; null: none is given or listed",
    "findings": "each finished case: rate with its interval, seconds and cost of tokens, epoch and run, what bounds it",
    "untried": "what gave no figure, each with the reason",
}
# A survey takes minutes; one of a day is a slip.
MOST_MINUTES = 24 * 60
# Below this, no case of a further model would be finished.
LEAST_SECONDS = 20.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the time and the price."""
    parser.add_argument("--minutes", type=float, default=8.0, help="for all of it (default: 8)")
    parser.add_argument("--price-per-hour", type=float, metavar="USD", help="of the device (default: the listed price)")


def run(options: argparse.Namespace) -> int:
    """Measure, smallest model first for the ceilings, then what the device has memory and time for."""
    if not 0 < options.minutes <= MOST_MINUTES:
        what = f"--minutes is {options.minutes:g}, and must be above 0 and at most {MOST_MINUTES}"
        raise WorkloadError(what, todo="give the survey some minutes")
    end = time.monotonic() + 60 * options.minutes
    price = None if options.price_per_hour is None else Priced.given(options.price_per_hour)
    begun = _measured(ladder.first(), options, None)  # without it there is nothing to choose by
    if begun is None:
        raise ProfilingError("the device could not be examined", todo="the run's log.txt has its last words")
    device, records, asked, missing = Device.of(begun), [begun], [*ladder.first().cases], list[str]()
    for workload, share in ladder.workloads(device, max(0.0, end - time.monotonic())):
        left, asked = end - time.monotonic(), [*asked, *workload.cases]
        if left < LEAST_SECONDS:
            model = workload.name.removeprefix("survey-")
            missing += [
                f"{model}, {operating_point(case.kind, case.point)}: the time was up" for case in workload.cases
            ]
        elif (found := _measured(workload, options, share * left)) is not None:
            records.append(found)
    missing += _without(device, asked)
    price = price or listed(begun)
    data = {
        "records": [record.id for record in records],
        "price": None if price is None else vars(price),
        "findings": [one.to_json() for one in page.findings(records, price)],
        "untried": page.untried(records, missing),
    }
    shared.show(data, page.text(records, price, missing), options)
    return 0


def _without(device: Device, asked: Sequence[Case]) -> list[str]:
    """Return why there is no case of a use at all."""
    names = {case.point.get("method", ladder.SERVING) for case in asked}
    late = "no time for the smallest model; give more --minutes"
    return [
        f"{use}: {late if ladder.largest(use, device) else 'no model has the memory'}"
        for use in ladder.USES
        if use not in names
    ]


def _measured(workload: Workload, options: argparse.Namespace, seconds: float | None) -> Record | None:
    """Return the record of a run; after the seconds, if any, it is cancelled, and keeps the cases that it finished."""
    job = jobs.start(workload, options.out)
    clock = threading.Timer(seconds or 0.0, job.cancel)
    if seconds is not None:
        clock.start()
    try:
        follow(job, sys.stderr)
    except KeyboardInterrupt:
        job.cancel()
        raise
    finally:
        clock.cancel()
    return shared.record_of(job)
