"""The cases of a run, from one process after the other: repeats, and the largest batch where memory ran out."""

from __future__ import annotations

import math
import shutil
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from profiling import registry
from profiling.errors import ProfilingError, RepeatLostError
from profiling.measure import metrics, summary
from profiling.measure.isolation import Isolation
from profiling.results.record import CaseResult, Record
from profiling.runs.live import Report
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.kind import FEWEST_STEPS
from profiling.workload.kinds.work import Ceiling
from profiling.workload.workload import Case, Effort, Workload

Run = dict[str, Any]


@dataclass
class Measuring:
    """Asks for one repeat after the other, each of a process of its own, and makes cases of the answers."""

    workload: Workload
    folder: Path  # the run's
    isolation: Isolation
    cancelled: Callable[[], bool]
    tell: Callable[[str], None]  # what is to be asked next
    report: Report  # what a process tells while it measures
    done: int = 0  # repeats that were asked for, or need not be asked any more

    @property
    def tasks(self) -> int:
        """The repeats of the whole run, the looks at the device included."""
        return (1 + len(self.workload.cases)) * self.workload.effort.repeats

    def skip(self, repeats: int) -> None:
        """Counts repeats as done that an earlier start of the run has made, or that nobody needs."""
        self.done += repeats

    def looks(self, repeats: int) -> list[Run]:
        """So many looks at the device, its software and its ceiling; raises ProfilingError where one fails."""
        answers = [self._task(None, repeat, "measuring the ceiling") for repeat in range(repeats)]
        for answer in answers:
            if "result" not in answer:
                raise ProfilingError(f"the device cannot be measured: {answer['why']}")
        return [answer["result"] for answer in answers]

    def case(self, plan: Case, ceiling: Ceiling, others: Collection[CaseResult] = ()) -> CaseResult:
        """Every repeat of one case; the first that fails ends the case.

        Where memory ran out, `extra` has the `largest_batch` that fits; `others` are the run's cases so far, which
        may know part of the answer.
        """
        name, repeats = summary.unmeasured(plan, "failed", None).where, self.workload.effort.repeats
        runs: list[Run] = []
        for repeat in range(repeats):
            answer = self._task(plan, repeat, f"{name}: repeat {repeat + 1} of {repeats}")
            if "result" not in answer:
                self.skip(repeats - repeat - 1)
                return self._unmeasured(plan, answer, others)
            runs.append(answer["result"])
        try:
            return finite(self._measured(plan, ceiling, runs))
        except ProfilingError as error:
            return summary.unmeasured(plan, "failed", str(error))
        except (ArithmeticError, ValueError) as error:
            return summary.unmeasured(plan, "failed", f"its repeats give no figures ({error}); see the run's log.txt")

    def _measured(self, plan: Case, ceiling: Ceiling, runs: Sequence[Run]) -> CaseResult:
        """The case that its repeats make; a number that is none is left for `finite` to find."""
        with np.errstate(all="ignore"):
            if reference := KINDS[plan.kind].result:
                found: CaseResult = registry.load(reference)(plan, runs)
                return found
            return summary.case(plan, metrics.setting(self.workload, plan, ceiling, runs[0]), runs)

    def _unmeasured(self, plan: Case, answer: Run, others: Collection[CaseResult]) -> CaseResult:
        case = summary.unmeasured(plan, answer["status"], answer["why"])
        if case.status != "out_of_memory" or "batch" not in plan.point:
            return case
        return replace(case, extra=self._largest_batch(plan, others))

    def _largest_batch(self, plan: Case, others: Collection[CaseResult]) -> dict[str, Any]:
        """The largest batch that fits, by bisection, with what each probe found; 0 where not even one does.

        A batch is known to fit, or not to, where another case or its probes came to it at the same point.
        """
        probed: dict[int, bool] = {}
        known = {**_known(plan, others), int(plan.point["batch"]): False}

        def too_large(batch: int) -> bool:
            if batch not in known:
                known[batch] = probed[batch] = self._fits(plan, batch)
            return not known[batch]

        smallest = min(batch for batch, fits in known.items() if not fits)
        largest = max((batch for batch, fits in known.items() if fits and batch < smallest), default=0)
        try:
            found: int | None = bisect_left(range(smallest), True, lo=largest + 1, key=too_large) - 1
        except RepeatLostError as error:
            return {"largest_batch": None, "probed_batches": _shown(probed), "probe_failed": str(error)}
        return {"largest_batch": found, "probed_batches": _shown(probed)}

    def _fits(self, plan: Case, batch: int) -> bool:
        """One short repeat at another batch; raises RepeatLostError where it ends of anything but memory."""
        smaller = Case(plan.kind, {**plan.point, "batch": batch})
        # A probe only has to take its memory: after the first update, the optimiser's state is there too.
        least = Effort(self.workload.effort.repeats, 1, warmup_seconds=0.0, steps=FEWEST_STEPS, seconds=0.0)
        probe = replace(self.workload, cases=(smaller,), effort=least, trace="no")
        where = summary.unmeasured(smaller, "failed", None).where
        answer = self._ask(probe, smaller, 0, f"{where}: does it fit into memory?")
        if "result" not in answer and answer["status"] != "out_of_memory":
            raise RepeatLostError(f"at batch {batch}: {answer['why']}")
        return "result" in answer

    def _task(self, plan: Case | None, repeat: int, message: str) -> Run:
        """One process's answer, counted as done."""
        answer = self._ask(self.workload, plan, repeat, message)
        self.done += 1
        return answer

    def _ask(self, workload: Workload, plan: Case | None, repeat: int, message: str) -> Run:
        """One process's answer: a `result`, or a `status` and `why`."""
        self.tell(message)
        scratch = self.folder / "scratch"
        request = {
            "workload": workload.to_json(),
            "case": None if plan is None else asdict(plan),
            "repeat": repeat,
            "scratch": str(scratch),
        }
        scratch.mkdir(exist_ok=True)
        try:
            return self.isolation.run(request, self.cancelled, self.report)
        except RepeatLostError as error:
            return {"status": "failed", "why": str(error)}
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def finite(case: CaseResult) -> CaseResult:
    """The case without metrics that are no finite number, which `omitted` names with the reason.

    A case with such a number elsewhere has failed: a loss that is none says that training diverged.
    """
    told, left_out = {}, dict(case.extra.get("omitted") or {})
    for name, estimate in case.metrics.items():
        if all(map(math.isfinite, (estimate.value, estimate.low, estimate.high))):
            told[name] = estimate
        else:
            left_out[name] = "it came out as no finite number"
    extra = {**case.extra, "omitted": left_out} if left_out else case.extra
    found = replace(case, metrics=told, extra=extra)
    if (place := next(_not_finite(found.to_json()), None)) is None:
        return found
    why = f"{place} holds a number that is not finite; where that is a loss, training diverged: try another precision"
    plan = Case(case.kind, case.point)
    return summary.unmeasured(plan, "failed", why)


def _not_finite(value: Any, place: str = "") -> Iterator[str]:
    """Where, in plain JSON, there is a number that JSON cannot hold: `samples.learning.0.3.loss`."""
    if isinstance(value, float) and not math.isfinite(value):
        yield place
    if isinstance(value, dict | list | tuple):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _not_finite(part, f"{place}.{name}".lstrip("."))


def _known(plan: Case, cases: Collection[CaseResult]) -> dict[int, bool]:
    """Which batches other cases at the same point have found to fit, or not to."""
    found: dict[int, bool] = {}
    for case in cases:
        if case.kind == plan.kind and {**case.point, "batch": 0} == {**plan.point, "batch": 0}:
            found |= {int(batch): fits for batch, fits in case.extra.get("probed_batches", {}).items()}
            if case.status in ("ok", "no_steady_state", "out_of_memory"):
                found[int(case.point["batch"])] = case.status != "out_of_memory"
    return found


def _shown(probed: dict[int, bool]) -> dict[str, bool]:
    """Whether each probed batch fits; JSON names fields by texts."""
    return {str(batch): probed[batch] for batch in sorted(probed)}


def header(request: dict[str, Any], workload: Workload, looks: Sequence[Run]) -> Record:
    """The record so far: all but the cases."""
    found, repeats = looks[0], workload.effort.repeats
    return Record(
        id=request["id"],
        created=request["created"],
        preset=workload.name,
        workload={
            **workload.to_json(),
            "precision": found["precision"],
            "parameters": found["parameters"],
            "engine": found["engine"],
            "repeats": repeats,
            "seeds": [workload.seed + repeat for repeat in range(repeats)],
            "hash": workload.hash,
        },
        device=found["device"],
        software=found["software"],
        ceiling=metrics.ceiling_estimates([look["ceiling"] for look in looks]),
        others=summary.others(looks),
        cases=(),
    )
