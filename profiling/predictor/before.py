"""Before a run: how long it will take, and whether it will fit, from whatever is at hand.  No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from statistics import median

from profiling import jobs, predictor, source
from profiling.errors import ProfilingError
from profiling.job import Job
from profiling.predictor import observations
from profiling.predictor.fit import LEVEL, Interval
from profiling.predictor.observations import USUAL
from profiling.predictor.prediction import Answer
from profiling.predictor.question import Question
from profiling.record import Record
from profiling.workload import CasePlan, Effort, Workload

# Starting a process, building model and data: until a run was made here, so much is assumed for each repeat.
ASSUMED_START = Interval(5.0, 1.0, 30.0, LEVEL)
# So many of the newest runs tell how long starting took.
RUNS_READ = 5


@dataclass(frozen=True)
class CaseForecast:
    """What one case will take; `why` says what is missing where it is not known."""

    plan: CasePlan
    answer: Answer | None
    seconds: Interval | None  # of all repeats, with start and warm-up
    why: str | None


@dataclass(frozen=True)
class Forecast:
    """What a run will take.

    `seconds` is None where one of its cases is not known; `least_seconds` is what its effort alone asks for, however
    fast the device.  A case that does not settle is measured up to three times; that is not counted.
    """

    cases: tuple[CaseForecast, ...]
    seconds: Interval | None
    least_seconds: float


def before(
    workload: Workload,
    root: Path | None = None,
    records: Sequence[Record] | None = None,
    device: str | None = None,
) -> Forecast:
    """What the workload will take here, case by case.

    Records are those of the runs under `root` unless they are given.  `device` names the device to run on; without
    it, it is the one of the newest run whose kind the workload allows.
    """
    known = observations.at_hand(root) if records is None else list(records)
    here = device or _device(workload, known)
    start = _start(root)
    cases = tuple(_case(workload, plan, known, here, start) for plan in workload.cases)
    every = [case.seconds for case in cases]
    known_all = [seconds for seconds in every if seconds is not None]
    # The ceiling is measured first, by one process a repeat.
    first = start.times(workload.effort.repeats)
    total = reduce(Interval.plus, known_all, first) if len(known_all) == len(every) else None
    asked = workload.effort.warmup_seconds + workload.effort.seconds
    return Forecast(cases, total, len(cases) * workload.effort.repeats * asked)


def _case(
    workload: Workload, plan: CasePlan, records: Sequence[Record], device: str | None, start: Interval
) -> CaseForecast:
    """One case, or why it is not known."""
    if device is None:
        return CaseForecast(plan, None, None, "nothing was measured on this machine yet; the first run will tell")
    try:
        answer = predictor.of(_question(workload.at(plan), plan, device), records)
    except ProfilingError as error:
        return CaseForecast(plan, None, None, str(error))
    seconds = _run_seconds(answer.seconds.interval, workload.effort).plus(start).times(workload.effort.repeats)
    return CaseForecast(plan, answer, seconds, None)


def _question(here: Workload, plan: CasePlan, device: str) -> Question:
    """The case as a question; raises ProfilingError where its model or kind tells nothing."""
    config = source.config_of(here.model)
    if config is None:
        raise ProfilingError("the model's config is known to its hub or server alone; the run will tell")
    point = {name: value for name, value in plan.point.items() if name not in plan.changes}
    precision = None if here.precision == "auto" else here.precision
    options = {name: getattr(here, name) for name in USUAL}
    return Question(config, plan.kind, point, device, here.processes, precision, options)


def _run_seconds(step: Interval, effort: Effort) -> Interval:
    """Warm-up and measurement of one repeat: least steps and least seconds, whichever is longer."""

    def spent(seconds: float) -> float:
        return max(effort.warmup_steps * seconds, effort.warmup_seconds) + max(effort.steps * seconds, effort.seconds)

    return Interval(spent(step.value), spent(step.low), spent(step.high), step.level)


def _device(workload: Workload, records: Sequence[Record]) -> str | None:
    """The device of the newest run whose kind the workload allows."""
    kind = workload.device.partition(":")[0]
    fit = [one for one in records if kind in ("auto", one.device["kind"])]
    return str(max(fit, key=lambda one: one.created).device["name"]) if fit else None


def _start(root: Path | None) -> Interval:
    """Seconds that a repeat takes beside its steps, from the newest finished runs."""
    found = [seconds for job in jobs.jobs(root)[:RUNS_READ] if (seconds := _beside_steps(job)) is not None]
    return Interval(median(found), min(found), max(found), LEVEL) if found else ASSUMED_START


def _beside_steps(job: Job) -> float | None:
    """Wall time of a finished run less its measured steps and least warm-ups, for each process; None of others."""
    try:
        state, measured, effort = job.written_state(), job.record(), job.workload().effort
    except ProfilingError:
        return None
    if state.status != "done" or measured is None:
        return None
    steps = sum(sum(map(sum, case.samples.get("step_seconds", []))) for case in measured.cases)
    processes = effort.repeats * (1 + len(measured.cases))
    warming = effort.warmup_seconds * effort.repeats * len(measured.cases)
    return max(0.0, state.updated - state.started - steps - warming) / processes
