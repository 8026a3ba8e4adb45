"""What a case of prompting reports, from its repeats.  No torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from profiling.errors import Phrase
from profiling.measure import summary
from profiling.results import intervals
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult
from profiling.workload.workload import Case


def case(asked: Case, runs: Sequence[dict[str, Any]]) -> CaseResult:
    """Return the case: quality, and seconds and tokens of one request; quality only of weights that were trained."""
    requests = [run["requests"] for run in runs]
    seconds, tokens = ([run[name] for run in runs] for name in ("request_seconds", "request_tokens"))
    found = {
        name: intervals.ratio(above, below, METRICS[name].unit)
        for name, above, below in (
            ("request_seconds", seconds, requests),
            ("request_tokens", tokens, requests),
            ("tokens_per_second", tokens, seconds),
        )
    }
    random = runs[0]["right"] is None
    if not random:
        shares = [run["right"] / run["requests"] for run in runs]
        found["held_out_accuracy"] = intervals.share(shares, requests[0])
    beside, extra = summary.beside_metrics(runs)
    notes = [Phrase("The weights are random, so that there is no quality to show.")] if random else []
    return CaseResult(
        *(asked.kind, asked.point, "ok", None, found),
        **beside,
        samples={},
        extra={"seconds": [run["seconds"] for run in runs], **extra, **({"notes": notes} if notes else {})},
    )
