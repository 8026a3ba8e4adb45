"""When a case was repeated often enough, and whether its figures are sure enough for a plan.  No torch.

The interval of the main metric decides; `intervals.after_stopping` pays for looking at it after each repeat.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from profiling.errors import Phrase
from profiling.results import figures, intervals
from profiling.results.metrics import METRICS
from profiling.results.record import COUNTED, LATE, SURE, CaseResult
from profiling.workload.workload import Effort

# An interval that reaches further to either side, as a share of the value, says little more than the order of size.
WIDEST = 0.5
# Where others took more of the cores than this, the figures are those of another computer.
MOST_TAKEN = 0.5


def widened(case: CaseResult) -> CaseResult:
    """Return a case whose repeats may end by the width of an interval, with intervals that allow for it."""
    found = {
        name: intervals.after_stopping(one, METRICS[name].least, METRICS[name].most)
        for name, one in case.metrics.items()
    }
    return replace(case, metrics=found)


def half_width(case: CaseResult) -> float | None:
    """Return how far the main metric's interval reaches to either side, as a share of the value; None without metrics.

    Of a share such as accuracy it is the half-width itself.
    """
    name = figures.main(case)
    if name is None:
        return None
    found, share = case.metrics[name], name in METRICS and METRICS[name].most == 1
    half, scale = (found.high - found.low) / 2, 1.0 if share else abs(found.value)
    return half / scale if scale else math.inf


def reason(case: CaseResult, effort: Effort, seconds: float) -> str | None:
    """Return why the case needs no further repeat after those seconds; None where it does."""
    width = half_width(case)
    if width is None or not effort.half_width_percent:
        return COUNTED
    if width <= effort.half_width_percent / 100:
        return SURE
    return LATE if seconds >= effort.case_seconds else None


def further(case: CaseResult, effort: Effort, seconds: float, runs: int) -> int:
    """Return how many further repeats the case is expected to need: those that its width asks for and its time allows.

    An interval narrows with the square root of the number of runs.
    """
    if reason(case, effort, seconds) is not None:
        return 0
    wanted = runs * ((100 * (half_width(case) or 0.0) / effort.half_width_percent) ** 2 - 1)
    return max(1, math.ceil(min(wanted, (effort.case_seconds - seconds) / seconds * runs)))


def judged(case: CaseResult, effort: Effort, seconds: float, drifted: int = 0) -> CaseResult:
    """Return a measured case with why it stopped, and how many further repeats drifted and are left out.

    One that is too noisy for a plan keeps its figures and says so.
    """
    if not case.ok:
        return case
    told: dict[str, Any] = {"stopped": reason(case, effort, seconds)}
    if drifted:
        left_out = Phrase("Further repeats that drifted and are left out: {drifted}.", drifted=drifted)
        told["notes"] = [*case.extra.get("notes", ()), left_out]
    found = replace(case, extra={**case.extra, **told})
    noise = _noise(found)
    return found if noise is None else replace(found, status="too_noisy", why=noise)


def _noise(case: CaseResult) -> str | None:
    """Return why the figures of a case are too noisy; None where they are not, or where it times nothing."""
    width, taken = half_width(case), case.extra.get("taken_share") or 0.0
    if not figures.rates(case):
        return None
    if width is not None and width > WIDEST:
        what = "{figure} is known to {width} only; end other programs, or measure with more repeats or for longer"
        return Phrase(what, figure=figures.main(case), width=f"{width:.0%}")
    if taken > MOST_TAKEN:
        what = "other processes took {taken} of the cores; end them, and measure again"
        return Phrase(what, taken=f"{taken:.0%}")
    return None
