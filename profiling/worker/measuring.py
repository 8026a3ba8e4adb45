"""The cases of a run, from one process after the other: repeats, and the largest batch where memory ran out."""

from __future__ import annotations

import math
import shutil
import time
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from profiling import registry
from profiling.errors import CancelledError, Phrase, ProfilingError, RepeatLostError
from profiling.measure import metrics, stopping, summary
from profiling.results.record import CaseResult, Record, operating_point
from profiling.runs import processes
from profiling.runs.live import Report
from profiling.worker.isolation import Isolation
from profiling.workload import limits
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.kind import FEWEST_STEPS
from profiling.workload.kinds.work import Ceiling
from profiling.workload.workload import Case, Effort, Workload

Run = dict[str, Any]

# A folder of the run, for what libraries compile; it is there while one case is measured.
CACHES = "caches"
# A doubled batch whose rate rises by less than this has passed the knee: latency and memory double for nothing.
LEAST_RISE = 1.1


@dataclass
class Measuring:
    """One profile run's repeats, each measured by a process of its own, and the cases made of their answers."""

    workload: Workload
    folder: Path  # the run's
    isolation: Isolation
    cancelled: Callable[[], bool]
    tell: Callable[[str], None]  # says what is measured next
    report: Report  # what a process tells while it measures
    done: int = 0  # repeats, the looks at the device included
    taken: list[int] = field(default_factory=list)  # repeats of each case that was measured

    def __post_init__(self) -> None:
        self.here = self.workload.effort.repeats  # repeats that the look or the case in progress still needs
        self.cases_left = len(self.workload.cases)

    @property
    def left(self) -> float:
        """Repeats that are still to come; each further case counts as many as the cases took so far."""
        usual = mean(self.taken) if self.taken else self.workload.effort.repeats
        return self.here + self.cases_left * usual

    def keep(self, cases: int) -> None:
        """Count the cases that an earlier start of the run measured, with its looks, as done."""
        self.done += self.workload.effort.repeats * (1 + cases)
        self.cases_left -= cases

    def looks(self, repeats: int) -> list[Run]:
        """Examine device, software and ceiling once a repeat; raise ProfilingError where that fails."""
        self.here = repeats
        answers = [self._task(None, repeat, "measuring the ceiling") for repeat in range(repeats)]
        for answer in answers:
            if "result" not in answer:
                raise ProfilingError(Phrase("the device cannot be measured: {why}", why=answer["why"]))
        return [answer["result"] for answer in answers]

    def case(self, asked: Case, ceiling: Ceiling, others: Collection[CaseResult] = ()) -> CaseResult:
        """Measure the repeats of one case until they are enough; the first that fails ends the case.

        Whether there is a steady state is for the least repeats to say; a further one that drifts is left out.
        Where memory ran out, `extra` has the `largest_batch` that fits; `others` are the run's cases so far, which
        may hold part of the answer.
        """
        (self.folder / CACHES).mkdir(exist_ok=True)
        try:
            return summary.thinned(self._case(asked, ceiling, others), len(self.workload.cases))
        finally:
            shutil.rmtree(self.folder / CACHES, ignore_errors=True)

    def _case(self, asked: Case, ceiling: Ceiling, others: Collection[CaseResult]) -> CaseResult:
        name, effort = operating_point(asked.kind, asked.point), self.workload.effort
        began, runs, drifted = time.monotonic(), list[Run](), 0
        self.cases_left, self.here = self.cases_left - 1, effort.repeats
        while self.here:
            beyond, repeat = len(runs) >= effort.repeats, len(runs) + drifted
            words = "{case}: repeat {repeat} of about {every}" if beyond else "{case}: repeat {repeat} of {every}"
            told = Phrase(words, case=name, repeat=repeat + 1, every=repeat + self.here)
            answer = self._task(asked, repeat, told)
            if "result" not in answer:
                self.here = 0
                return self._unmeasured(asked, answer, others)
            if beyond and not answer["result"].get("steady", True):
                drifted += 1
            else:
                runs.append(answer["result"])
            if len(runs) >= effort.repeats:
                found, seconds = self._measured(asked, ceiling, runs), time.monotonic() - began
                self.here = stopping.further(found, effort, seconds, len(runs))
        self.taken.append(len(runs))
        judged = stopping.judged(found, effort, seconds, drifted)
        if not judged.metrics or self.workload.at(asked).knee != "yes":
            return judged
        # Of rates that the noise moves by more than a tenth, none tells the knee.
        noisy = {"knee_ended": "no larger batch was tried, since this one is too noisy"}
        return replace(judged, extra={**judged.extra, **(self._knee(asked) if judged.ok else noisy)})

    def _measured(self, asked: Case, ceiling: Ceiling, runs: Sequence[Run]) -> CaseResult:
        """Return the case that its repeats make, or why they make none."""
        try:
            found = finite(self._summed_up(asked, ceiling, runs))
        except ProfilingError as error:
            return summary.unmeasured(asked, "failed", str(error))
        except (ArithmeticError, ValueError) as error:
            why = Phrase("its repeats give no figures ({error}); see the run's log.txt", error=str(error))
            return summary.unmeasured(asked, "failed", why)
        return stopping.widened(found) if self.workload.effort.half_width_percent else found

    def _summed_up(self, asked: Case, ceiling: Ceiling, runs: Sequence[Run]) -> CaseResult:
        """Return the case that its repeats make; `finite` removes NaN and infinite values afterwards."""
        with np.errstate(all="ignore"):
            if reference := KINDS[asked.kind].result:
                found: CaseResult = registry.load(reference)(asked, runs)
                return found
            return summary.case(asked, metrics.setting(self.workload, asked, ceiling, runs[0]), runs)

    def _unmeasured(self, asked: Case, answer: Run, others: Collection[CaseResult]) -> CaseResult:
        case = summary.unmeasured(asked, answer["status"], answer["why"])
        if case.status != "out_of_memory" or "batch" not in asked.point:
            return case
        return replace(case, extra=self._largest_batch(asked, others))

    def _largest_batch(self, asked: Case, others: Collection[CaseResult]) -> dict[str, Any]:
        """Find the largest batch that fits, by bisection, with the result of each probe; 0 where none fits.

        Other cases at the same point and their probes may have tried a batch already.
        """
        probed: dict[int, bool] = {}
        known = {**_known(asked, others), int(asked.point["batch"]): False}

        def too_large(batch: int) -> bool:
            if batch not in known:
                known[batch] = probed[batch] = self._fits(asked, batch)
            return not known[batch]

        smallest = min(batch for batch, fits in known.items() if not fits)
        largest = max((batch for batch, fits in known.items() if fits and batch < smallest), default=0)
        try:
            found: int | None = bisect_left(range(smallest), True, lo=largest + 1, key=too_large) - 1
        except RepeatLostError as error:
            return {"largest_batch": None, "probed_batches": _shown(probed), "probe_failed": str(error)}
        return {"largest_batch": found, "probed_batches": _shown(probed)}

    def _fits(self, asked: Case, batch: int) -> bool:
        """Return whether another batch fits, by a short repeat; raise RepeatLostError for any other failure."""
        answer = self._probe(asked, batch, "{case}: does it fit into memory?")
        if "result" not in answer and answer["status"] != "out_of_memory":
            raise RepeatLostError(f"at batch {batch}: {answer['why']}")
        return "result" in answer

    def _knee(self, asked: Case) -> dict[str, Any]:
        """Double the batch until the rate hardly rises or nothing larger runs; each is one short repeat.

        A run that is cancelled meanwhile keeps the case. `knee_batch` is the last one whose rate rose, `knee_rates`
        are examples a second in one process.
        """
        rates: dict[int, float] = {}
        batch, why = int(asked.point["batch"]), "larger batches were not tried"
        while batch <= limits.MOST_EXAMPLES:
            try:
                answer = self._probe(asked, batch, "{case}: does a larger batch raise the rate?")
            except CancelledError:
                why = f"the run was cancelled before batch {batch}"
                break
            if "result" not in answer:
                why = f"batch {batch}: {answer['status'].replace('_', ' ')}, {answer['why']}"
                break
            run, before = answer["result"], rates.get(batch // 2)
            rows = batch * self.workload.at(asked).accumulation
            rates[batch] = rows * run.get("row_examples", 1.0) * run["count"] / run["seconds"]
            if before is not None and rates[batch] < LEAST_RISE * before:
                why = f"batch {batch} raised the rate by {rates[batch] / before - 1:+.0%}"
                break
            batch *= 2
        rose = [one for one in rates if one == min(rates) or rates[one] >= LEAST_RISE * rates[one // 2]]
        return {"knee_batch": max(rose, default=None), "knee_rates": _shown(rates), "knee_ended": why}

    def _probe(self, asked: Case, batch: int, question: str) -> Run:
        """Return the answer of one short repeat at another batch.

        It has to allocate its memory: after the first update, the optimiser's state is there too.
        """
        other = Case(asked.kind, {**asked.point, "batch": batch})
        least = Effort(self.workload.effort.repeats, 1, warmup_seconds=0.0, steps=FEWEST_STEPS, seconds=0.0)
        probe = replace(self.workload, cases=(other,), effort=least, trace="no")
        return self._ask(probe, other, 0, Phrase(question, case=operating_point(other.kind, other.point)))

    def _task(self, asked: Case | None, repeat: int, message: str) -> Run:
        """Return one process's answer, counted as done."""
        answer = self._ask(self.workload, asked, repeat, message)
        self.done, self.here = self.done + 1, self.here - 1
        return answer

    def _ask(self, workload: Workload, asked: Case | None, repeat: int, message: str) -> Run:
        """Return one process's answer: a `result`, or a `status` and `why`."""
        self.tell(message)
        scratch = self.folder / "scratch"
        request = {
            "workload": workload.to_json(),
            "case": None if asked is None else asdict(asked),
            "repeat": repeat,
            "scratch": str(scratch),
            **({} if asked is None else {"caches": str(self.folder / CACHES)}),
        }
        scratch.mkdir(exist_ok=True)
        try:
            return self.isolation.run(request, self.cancelled, self.report)
        except RepeatLostError as error:
            return {"status": "failed", "why": str(error)}
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def finite(case: CaseResult) -> CaseResult:
    """Return the case without metrics that are not finite; `omitted` names them with the reason.

    A case with such a number elsewhere has failed: a loss that is not finite says that training diverged.
    """
    told, left_out = {}, dict(case.extra.get("omitted") or {})
    for name, estimate in case.metrics.items():
        if all(map(math.isfinite, (estimate.value, estimate.low, estimate.high))):
            told[name] = estimate
        else:
            left_out[name] = Phrase("it is not a finite number, or the device has no ceiling to compare it with")
    extra = {**case.extra, "omitted": left_out} if left_out else case.extra
    found = replace(case, metrics=told, extra=extra)
    if (place := next(_not_finite(found.to_json()), None)) is None:
        return found
    why = Phrase(
        "{place} is infinite or not a number; where that is a loss, training diverged: try another precision",
        place=place,
    )
    asked = Case(case.kind, case.point)
    return summary.unmeasured(asked, "failed", why)


def _not_finite(value: Any, place: str = "") -> Iterator[str]:
    """Yield the places in plain JSON of numbers that JSON cannot hold: `samples.learning.0.3.loss`."""
    if isinstance(value, float) and not math.isfinite(value):
        yield place
    if isinstance(value, dict | list | tuple):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _not_finite(part, f"{place}.{name}".lstrip("."))


def _known(asked: Case, cases: Collection[CaseResult]) -> dict[int, bool]:
    """Return which batches other cases at the same point have found to fit, or not to."""
    found: dict[int, bool] = {}
    for case in cases:
        if case.kind == asked.kind and {**case.point, "batch": 0} == {**asked.point, "batch": 0}:
            found |= {int(batch): fits for batch, fits in case.extra.get("probed_batches", {}).items()}
            if case.status in ("ok", "too_noisy", "no_steady_state", "out_of_memory"):
                found[int(case.point["batch"])] = case.status != "out_of_memory"
    return found


def _shown(probed: Mapping[int, Any]) -> dict[str, Any]:
    """Return what was found at each probed batch; JSON names fields by texts."""
    return {str(batch): probed[batch] for batch in sorted(probed)}


def header(request: dict[str, Any], workload: Workload, looks: Sequence[Run]) -> Record:
    """Return the record so far: all but the cases."""
    found = looks[0]
    return Record(
        id=request["id"],
        created=request["created"],
        preset=workload.name,
        workload={
            **workload.to_record(),
            "precision": found["precision"],
            "parameters": found["parameters"],
            "engine": found["engine"],
            "hash": workload.hash,
        },
        device=found["device"],
        software=found["software"],
        ceiling=metrics.ceiling_estimates([look["ceiling"] for look in looks]),
        others=summary.others(looks),
        cases=(),
        extra={"host": processes.host(), **({"part": request["part"]} if request.get("part") else {})},
    )
