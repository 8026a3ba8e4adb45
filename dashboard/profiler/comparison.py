"""Two records side by side: significant changes first, then everything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.parts.choices import from_list
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from dashboard.profiler import records
from dashboard.profiler.told import case_named, estimated
from profiling.results import compare
from profiling.results.compare import LEVEL, Change, Comparison
from profiling.results.record import Record

VERDICTS_TITLES = {True: "Better", False: "Worse", None: "Changed"}


def show(record: Record, known: Mapping[Path, Record], say: Words) -> None:
    """Let the reader choose another record, by default the one before, and draw the differences."""
    others = {other.id: other for other in known.values() if other.id != record.id}
    if not others:
        st.info(say("There is no other record. Measure the same workload again to compare."))
        return
    before = compare.before(record, list(others.values()))
    names, first = list(others), list(others).index(before.id) if before else 0
    titles = {name: records.title(other) for name, other in others.items()}
    name = from_list(say("Compare with"), names, f"other:{record.id}", titles.__getitem__, index=first)
    if before is None:
        small(say("No older record has this workload and device, so most differences come from those."))
    told(compare.compare(others[name], record), say)


def told(found: Comparison, say: Words) -> None:
    """Draw the verdict in a sentence, the metrics, and everything else that differs."""
    real = [change for change in found.changes if change.real]
    if found.changes:
        st.markdown(escape(verdict(real, found.changes, say)))
        ordered = [*real, *(change for change in found.changes if not change.real)]
        frame = pd.DataFrame([row(change, say) for change in ordered])
        st.dataframe(frame, hide_index=True, alt=say("Metrics of both records"))
    else:
        st.info(say("The records have no metric of the same case in common."))
    cpus = [record.label for record in (found.old, found.new) if record.on_cpu]
    if cpus:
        small(say("Measured on a CPU: {names}.", names="; ".join(dict.fromkeys(cpus))))
    listed(say("Also different"), found.differences)
    listed(say("Not compared"), found.unmatched)
    small(
        say(
            "A change is significant if chance alone makes one this large in fewer than {share:share} of comparisons "
            "(Welch's interval over processes, Holm's correction over all metrics).",
            share=1 - LEVEL,
        )
    )


def verdict(real: Sequence[Change], changes: Sequence[Change], say: Words) -> str:
    """Return how many metrics changed significantly, and how many of those for the worse."""
    counts = {"count": str(len(real)), "all": str(len(changes))}
    if not real:
        return say("None of {all} metrics changed significantly.", **counts)
    worse = sum(1 for change in real if change.welcome is False)
    return say(
        "{count} of {all} metrics changed significantly, {worse} of them for the worse.", worse=str(worse), **counts
    )


def row(change: Change, say: Words) -> dict[str, str]:
    """Return one metric of both records as a row."""
    return {
        say("Verdict"): _verdict(change, say),
        say("Metric"): change.metric,
        say("Change"): _share(change, say),
        say("Case"): case_named(change.where, say),
        say("Before"): estimated(change.old, say),
        say("Now"): estimated(change.new, say),
    }


def _verdict(change: Change, say: Words) -> str:
    if change.p_value is None:
        return say("Unknown")
    return say(VERDICTS_TITLES[change.welcome]) if change.real else say("Not significant")


def _share(change: Change, say: Words) -> str:
    """Return the change in percent with its interval; a dash where a single process gives none."""
    if change.ratio is None or change.low is None or change.high is None:
        return "–"
    value, low, high = (say.share(end - 1) for end in (change.ratio, change.low, change.high))
    return say("{value} ({low} to {high})", value=value, low=low, high=high)


def listed(title: str, lines: Sequence[str]) -> None:
    """List further findings in a folded box."""
    if lines:
        with st.expander(f"{title} · {len(lines)}", key=f"listed:{title}"):
            st.markdown("\n".join(f"- {escape(line)}" for line in lines))
