"""A forecast of a profile run: its time and memory, from the evidence at hand.  Torch is not imported."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from statistics import NormalDist, median
from typing import Any

from profiling import estimates, methods
from profiling.architecture import source
from profiling.errors import Phrase, ProfilingError
from profiling.estimates import observations
from profiling.estimates.fit import LEVEL, Interval
from profiling.estimates.observations import USUAL
from profiling.estimates.prediction import Answer
from profiling.estimates.question import STAGES, Question
from profiling.results.record import Record
from profiling.runs import jobs
from profiling.runs.job import Job
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.load import RAMP
from profiling.workload.workload import Case, Effort, Workload

# Seconds to start a process and to build model and data, for each repeat, until a run on this computer tells them.
ASSUMED_START = Interval(5.0, 1.0, 30.0, LEVEL)
# The newest runs that tell how long starting took.
RUNS_READ = 5


@dataclass(frozen=True)
class Here:
    """The device to run on."""

    device: str
    kind: str = ""  # cpu, cuda, mps; empty where only a name is known
    cores: int | None = None  # None: not known


@dataclass(frozen=True)
class CaseForecast:
    """Forecast of one case; `why` says what is missing where the seconds are unknown."""

    plan: Case
    answer: Answer | None
    seconds: Interval | None  # of all repeats, with start and warm-up
    why: str | None


@dataclass(frozen=True)
class Forecast:
    """Forecast of a run.

    `seconds` is None where one of the cases is unknown.  `least_seconds` is always known: the lower bounds of the
    known cases, and for the others the seconds that the effort asks for on any device.  Repeats are those that are
    asked for at least; the upper bound has all that the time of a case allows.  A case that does not settle
    is measured up to three times; the repetitions are not counted.
    """

    cases: tuple[CaseForecast, ...]
    seconds: Interval | None
    least_seconds: float


def before(
    workload: Workload, root: Path | None = None, records: Sequence[Record] | None = None, device: str | None = None
) -> Forecast:
    """Return the forecast of a workload on this computer, case by case.

    Records are those of the runs under `root` unless they are given.  `device` names the device to run on, by default
    that of the newest run whose kind of device the workload allows.
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
    """Return the least seconds of a case; learning counts steps, and has no least time.

    A load lasts as long as its requests take to arrive, where its rate is known.
    """
    point = case.plan.point
    asked = effort.repeats * (effort.warmup_seconds + effort.seconds) if case.plan.kind in STAGES else 0.0
    if (rate := max(point.get(name, 0) for name in ("requests_per_minute", RAMP))) > 0:
        asked = effort.repeats * (
            effort.warmup_seconds + 60 * point["requests"] / rate * _soonest(point, effort.repeats)
        )
    return asked if case.seconds is None else max(asked, case.seconds.low)


def _soonest(point: Mapping[str, Any], repeats: int) -> float:
    """Return the share of their mean time below which the arrivals of all repeats end once in a thousand times.

    The sum of n gamma gaps is gamma, too, whose quantiles are those of Wilson and Hilferty (1931).  Conversations, and
    the requests of each client, have fewer gaps.
    """
    gaps: float = repeats * point["requests"] / (point.get("turns", 1) * point.get("clients", 1))
    spread = point.get("burstiness_percent", 100) / 100 / math.sqrt(9 * gaps)
    return float(max(0.0, 1 - spread**2 + NormalDist().inv_cdf(0.001) * spread) ** 3)


def _case(
    workload: Workload, plan: Case, records: Sequence[Record], here: Here | None, start: Interval
) -> CaseForecast:
    """Return the forecast of one case, or why it is unknown."""
    if here is None:
        return CaseForecast(
            plan, None, None, Phrase("nothing was measured on this computer yet; the first run will tell")
        )
    try:
        answer = estimates.estimate(_question(workload.at(plan), plan, here), records)
    except ProfilingError as error:
        return CaseForecast(plan, None, None, str(error))
    step = answer.seconds.interval
    # One repeat of learning; a second task or a student doubles its steps, and the few evaluations are not counted.
    if KINDS[plan.kind].repeats_step_of:
        steps = step.times(int(plan.point["steps"]) * methods.find(plan.point["method"]).stretches)
    else:
        steps = _run_seconds(step, workload.effort)
    return CaseForecast(plan, answer, _repeated(steps.plus(start), workload.effort), None)


def _question(workload: Workload, plan: Case, here: Here) -> Question:
    """Return the question of a case, learning by its training step; raise ProfilingError without a config."""
    config = source.config_of(workload.model)
    if config is None:
        raise ProfilingError("only the hub or the server knows the model's config", todo="the run will tell")
    kind = KINDS[plan.kind].repeats_step_of or plan.kind
    # Coordinates that learning has besides those of the step that it repeats do not change that step.
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
    """Return the time of one repeat's warm-up and measurement: least steps or least seconds, whichever is longer."""

    def spent(seconds: float) -> float:
        return max(effort.warmup_steps * seconds, effort.warmup_seconds) + max(effort.steps * seconds, effort.seconds)

    return Interval(spent(step.value), spent(step.low), spent(step.high), step.level)


def _repeated(repeat: Interval, effort: Effort) -> Interval:
    """Return the time of a case's least repeats, with an upper bound for those that its interval may ask for."""
    least = repeat.times(effort.repeats)
    return replace(least, high=max(least.high, effort.case_seconds)) if effort.half_width_percent else least


def _here(workload: Workload, records: Sequence[Record]) -> Here | None:
    """Return the device of the newest run whose kind the workload allows; None where there is none."""
    kind = workload.device.partition(":")[0]
    fit = [one for one in records if kind in ("auto", one.device["kind"])]
    if not fit:
        return None
    found = max(fit, key=lambda one: one.created).device
    cores = found.get("cores")
    return Here(str(found["name"]), str(found["kind"]), cores if isinstance(cores, int) else None)


def _start(root: Path | None) -> Interval:
    """Return the seconds that a repeat takes besides its steps, from the newest finished runs."""
    found = [seconds for job in jobs.jobs(root)[:RUNS_READ] if (seconds := _beside_steps(job)) is not None]
    return Interval(median(found), min(found), max(found), LEVEL) if found else ASSUMED_START


def _beside_steps(job: Job) -> float | None:
    """Return the time of a finished run less its measured steps and least warm-ups, per process.

    None for a run that did not finish, that was resumed, since its pauses are unknown, or that timed no such steps.
    """
    try:
        state, measured, effort = job.written_state(), job.record(), job.workload().effort
        if state.status != "done" or measured is None or any(case.kind not in STAGES for case in measured.cases):
            return None
        events = job.events()
        if any(event["event"] == "resumed" for event in events):
            return None
        # The run got the device after the queue.
        began = next((float(event["at"]) for event in events if event.get("status") == "running"), state.started)
        repeats: list[float] = [
            sum(steps) * case.extra.get("samples_each", 1)
            for case in measured.cases
            for steps in case.samples.get("step_seconds", [])
        ]
        beside = state.updated - began - sum(repeats) - effort.warmup_seconds * len(repeats)
        return max(0.0, beside) / (effort.repeats + len(repeats))
    except observations.DAMAGE:
        return None
