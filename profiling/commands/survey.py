"""`survey`: what this device can do, in minutes: the largest models that fit, what they cost, and how sure."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time

from profiling.commands import shared
from profiling.errors import ProfilingError, WorkloadError
from profiling.results.costs import Priced, listed
from profiling.results.record import Record, operating_point
from profiling.runs import jobs
from profiling.runs.follow import follow
from profiling.survey import ladder, page
from profiling.survey.ladder import Device
from profiling.workload.workload import Workload

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
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C does, it ends the run in progress
    began = time.monotonic()
    end = began + 60 * options.minutes
    price = None if options.price_per_hour is None else Priced.given(options.price_per_hour)
    begun = _measured(ladder.first(), options, end - began)
    if isinstance(begun, str):  # there is nothing to choose by
        raise ProfilingError(begun, todo="give more --minutes, or wait until no other run holds the device")
    device = Device.of(begun, time.monotonic() - began)
    records, missing = [begun], list[str]()
    for workload, share in ladder.workloads(device, max(0.0, end - time.monotonic())):
        left = end - time.monotonic()
        found = page.TIME_UP if left < LEAST_SECONDS else _measured(workload, options, share * left)
        if isinstance(found, Record):
            records.append(found)
            continue
        model = workload.name.removeprefix("survey-")
        missing += [f"{model}, {operating_point(case.kind, case.point)}: {found}" for case in workload.cases]
    missing += [f"{use}: no model has the memory" for use in ladder.USES if ladder.largest(use, device) is None]
    price = price or listed(begun)
    data = {
        "records": [record.id for record in records],
        "price": None if price is None else vars(price),
        "findings": [one.to_json() for one in page.findings(records, price)],
        "untried": page.untried(records, missing),
    }
    shared.show(data, page.text(records, price, missing), options)
    return 0


def _measured(workload: Workload, options: argparse.Namespace, seconds: float) -> Record | str:
    """Return the record of a run, which is cancelled after those seconds and keeps the cases that it finished.

    Where it did not get as far as a record, return why.
    """
    job = jobs.start(workload, options.out)
    clock = threading.Timer(seconds, job.cancel)
    clock.start()
    try:
        state = follow(job, sys.stderr)
    except KeyboardInterrupt:
        job.cancel()
        raise
    finally:
        clock.cancel()
    late = f"{seconds:.0f} s were too few to examine the device"
    return shared.record_of(job) or (late if state.status == "cancelled" else state.error or state.message)
