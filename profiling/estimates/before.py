"""Before a run: how long it will take, and whether it will fit, from whatever is at hand.  No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from statistics import median

from profiling import estimates, methods
from profiling.errors import ProfilingError
from profiling.estimates import observations
from profiling.estimates.fit import LEVEL, Interval
from profiling.estimates.observations import USUAL
from profiling.estimates.prediction import Answer
from profiling.estimates.question import STAGES, Question
from profiling.models import source
from profiling.results.record import Record
from profiling.runs import jobs
from profiling.runs.job import Job
from profiling.workload.kinds import KINDS
from profiling.workload.workload import Case, Effort, Workload

# Starting a process, building model and data: until a run was made here, so much is assumed for each repeat.
ASSUMED_START = Interval(5.0, 1.0, 30.0, LEVEL)
# So many of the newest runs tell how long starting took.
RUNS_READ = 5


@dataclass(frozen=True)
class Here:
    """The device to run on; None: its cores are not known."""

    device: str
    kind: str = ""  # cpu, cuda, mps; empty where only a name is known
    cores: int | None = None


@dataclass(frozen=True)
class CaseForecast:
    """What one case will take; `why` says what is missing where it is not known."""

    plan: Case
    answer: Answer | None
    seconds: Interval | None  # of all repeats, with start and warm-up
    why: str | None


@dataclass(frozen=True)
class Forecast:
    """What a run will take.

    `seconds` is None where one of its cases is not known; `least_seconds` is then still said: the lower bounds of the
    known cases, and of the others what the effort alone asks for, however fast the device.  A case that does not
    settle is measured up to three times; that is not counted.
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
    here = _here(workload, known) if device is None else Here(device, "cpu" if device == "cpu" else "")
    start = _start(root)
    cases = tuple(_case(workload, plan, known, here, start) for plan in workload.cases)
    every = [case.seconds for case in cases]
    known_all = [seconds for seconds in every if seconds is not None]
    # The ceiling is measured first, by one process a repeat.
    first = start.times(workload.effort.repeats)
    total = reduce(Interval.plus, known_all, first) if len(known_all) == len(every) else None
    return Forecast(cases, total, sum(_least(case, workload.effort) for case in cases))


def _least(case: CaseForecast, effort: Effort) -> float:
    """Seconds that a case takes at least; learning and loads have no least time, but counts of steps and requests."""
    asked = effort.repeats * (effort.warmup_seconds + effort.seconds) if case.plan.kind in STAGES else 0.0
    return asked if case.seconds is None else max(asked, case.seconds.low)


def _case(
    workload: Workload, plan: Case, records: Sequence[Record], here: Here | None, start: Interval
) -> CaseForecast:
    """One case, or why it is not known."""
    if here is None:
        return CaseForecast(plan, None, None, "nothing was measured on this machine yet; the first run will tell")
    try:
        answer = estimates.of(_question(workload.at(plan), plan, here), records)
    except ProfilingError as error:
        return CaseForecast(plan, None, None, str(error))
    step = answer.seconds.interval
    learns = KINDS[plan.kind].repeats_step_of
    steps = step.times(_learning_steps(plan)) if learns else _run_seconds(step, workload.effort)
    return CaseForecast(plan, answer, steps.plus(start).times(workload.effort.repeats), None)


def _learning_steps(plan: Case) -> int:
    """Steps of one repeat of learning; a second task or a student makes them twice.

    What is held out is looked at a few times between them, which is not counted.
    """
    return int(plan.point["steps"]) * methods.find(plan.point["method"]).stretches


def _question(workload: Workload, plan: Case, here: Here) -> Question:
    """The case as a question, learning by its training step; raises ProfilingError where its model tells nothing."""
    config = source.config_of(workload.model)
    if config is None:
        raise ProfilingError("the model's config is known to its hub or server alone; the run will tell")
    kind = KINDS[plan.kind].repeats_step_of or plan.kind
    # Coordinates that learning has beyond those of the step that it repeats say nothing of that step.
    beyond = set(KINDS[plan.kind].own_coordinates) - set(KINDS[kind].own_coordinates)
    apart = {**plan.changes, **dict.fromkeys(beyond)}
    options = {name: getattr(workload, name) for name in USUAL}
    processes = observations.processes(options)
    return Question(
        config,
        kind,
        observations.whole_point(kind, plan.point, apart, processes),
        here.device,
        observations.devices(here.kind, processes),
        None if workload.precision == "auto" else workload.precision,
        options,
        workload.purpose,
        here.cores,
    )


def _run_seconds(step: Interval, effort: Effort) -> Interval:
    """Warm-up and measurement of one repeat: least steps and least seconds, whichever is longer."""

    def spent(seconds: float) -> float:
        return max(effort.warmup_steps * seconds, effort.warmup_seconds) + max(effort.steps * seconds, effort.seconds)

    return Interval(spent(step.value), spent(step.low), spent(step.high), step.level)


def _here(workload: Workload, records: Sequence[Record]) -> Here | None:
    """The device of the newest run whose kind the workload allows."""
    kind = workload.device.partition(":")[0]
    fit = [one for one in records if kind in ("auto", one.device["kind"])]
    if not fit:
        return None
    found = max(fit, key=lambda one: one.created).device
    cores = found.get("cores")
    return Here(str(found["name"]), str(found["kind"]), cores if isinstance(cores, int) else None)


def _start(root: Path | None) -> Interval:
    """Seconds that a repeat takes beside its steps, from the newest finished runs."""
    found = [seconds for job in jobs.jobs(root)[:RUNS_READ] if (seconds := _beside_steps(job)) is not None]
    return Interval(median(found), min(found), max(found), LEVEL) if found else ASSUMED_START


def _beside_steps(job: Job) -> float | None:
    """Time of a finished run less its measured steps and least warm-ups, for each process; None of others.

    None, too, of a run that was resumed, of which nobody knows the pauses, and of one whose cases have no such steps.
    """
    try:
        state, measured, effort = job.written_state(), job.record(), job.workload().effort
        if state.status != "done" or measured is None or any(case.kind not in STAGES for case in measured.cases):
            return None
        began = _began(job, state.started)
        if began is None:
            return None
        steps = sum(sum(map(sum, case.samples.get("step_seconds", []))) for case in measured.cases)
        processes = effort.repeats * (1 + len(measured.cases))
        warming = effort.warmup_seconds * effort.repeats * len(measured.cases)
        return max(0.0, state.updated - began - steps - warming) / processes
    except observations.DAMAGE:
        return None


def _began(job: Job, started: float) -> float | None:
    """When the run got the device, after the queue; `started` where no event tells, None of a resumed run."""
    events = job.events()
    if any(event["event"] == "resumed" for event in events):
        return None
    return next((float(event["at"]) for event in events if event.get("status") == "running"), started)
