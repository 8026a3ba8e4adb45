"""One record of the parts of a sweep, or of the same workload, that several hosts measured.  No torch.

Where several hosts measured a case, each host counts as one observation, and the interval is Student's t over hosts. It
predicts hosts of the same kind, keeps its coverage whether the spread lies between hosts or within them, and is never
narrower than the interval over the repeats alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, variance
from typing import Any

from scipy.special import stdtrit

from profiling.checks import check, items
from profiling.errors import Phrase, RecordError
from profiling.measure import stopping, summary
from profiling.results import figures, intervals, sameness
from profiling.results.compare import standard_error
from profiling.results.metrics import METRICS
from profiling.results.record import COUNTED, CaseResult, Estimate, Record
from profiling.workload.sweep import MOST_CASES
from profiling.workload.workload import CASE, Case

ON_A_HOST = list[tuple[str, CaseResult]]  # a case as each host measured it


def merged(records: Sequence[Record]) -> Record:
    """Return one record of all parts; the cases of a part that is missing are missing.

    Raise RecordError for records of different workloads or unlike hosts, and for a case that one host measured twice.
    """
    ordered = sorted(records, key=lambda record: (_part(record)["number"], record.created, record.id))
    _check(ordered)
    first, part = ordered[0], _part(ordered[0])
    measured: dict[int, ON_A_HOST] = {}
    for record in ordered:
        for place, case in _by_place(record).items():
            measured.setdefault(place, []).append((record.extra["host"], case))
    cases = tuple(summary.thinned(_case(measured[place]), len(measured)) for place in sorted(measured))
    by_host = {record.extra["host"]: record for record in reversed(ordered)}
    there = {_part(record)["number"] for record in ordered}
    return replace(
        first,
        id=f"{first.id}-merged",
        created=min(record.created for record in ordered),
        workload={
            **first.workload,
            "cases": [{"kind": case.kind, "point": dict(case.point)} for case in cases],
            "hash": part["whole"],
        },
        ceiling=_over_hosts([record.ceiling for record in by_host.values()]),
        others=_others(ordered),
        cases=cases,
        extra={
            "hosts": [_host(host, ordered, cases) for host in sorted(by_host)],
            "parts": {"of": part["of"], "missing": sorted({*range(1, part["of"] + 1)} - there)},
        },
    )


def _part(record: Record) -> Mapping[str, Any]:
    """Return which part of which workload a record has; without a part, all of its own."""
    whole = {"number": 1, "of": 1, "whole": str(record.workload.get("hash"))}
    found: Mapping[str, Any] = record.extra.get("part", whole)
    return found


def _check(records: Sequence[Record]) -> None:
    """Raise RecordError unless all records belong together, and tell their hosts."""
    first, ids = records[0], [record.id for record in records]
    for record in records:
        where = f"record {record.id}"
        if ids.count(record.id) > 1:
            raise RecordError("is given twice", where=where, todo="name it once")
        if "host" not in record.extra:
            what = "is merged already" if "hosts" in record.extra else "does not tell its host"
            raise RecordError(what, where=where, todo="merge records of runs, as this version writes them")
        if any(_part(record)[name] != _part(first)[name] for name in ("whole", "of")):
            what = f"is of another workload, or of another number of parts, than {first.id}"
            raise RecordError(what, where=where, todo="merge the parts of one sweep")
        if _part(record)["of"] > MOST_CASES:
            what = f"is one of {_part(record)['of']:,} parts, more than a workload has cases"
            raise RecordError(what, where=where, todo="take an unedited copy")
        if any(one.runs < 2 for case in record.cases for one in (*record.ceiling.values(), *case.metrics.values())):
            raise RecordError("has a figure of one repeat, which has no interval", where=where, todo="measure it again")
        if unlike := sameness.unlike(first, record):
            what = f"its host is unlike that of {first.id}: {'; '.join(unlike)}"
            raise RecordError(what, where=where, todo="merge records of like hosts, and keep the others apart")


def _by_place(record: Record) -> dict[int, CaseResult]:
    """Return a part's cases by their place in the whole workload; those that its run did not reach are cancelled."""
    part, found = _part(record), {(case.kind, *sorted(case.point.items())): case for case in record.cases}
    asked = check(record.workload.get("cases"), items(CASE), f"record {record.id}: workload", RecordError, "cases")
    why = Phrase("the run ended before this case was measured")
    return {
        part["number"] - 1 + index * part["of"]: found.get((one["kind"], *sorted(one["point"].items())))
        or summary.unmeasured(Case(**one), "cancelled", why)
        for index, one in enumerate(asked)
    }


def _host(host: str, records: Sequence[Record], cases: Sequence[CaseResult]) -> dict[str, Any]:
    """Return what a host has part in, and what had changed where one of its runs was resumed."""
    own = [record for record in records if record.extra["host"] == host]
    resumed = [one for record in own for one in record.extra.get("resumed") or ()]
    return {
        "host": host,
        "records": [record.id for record in own],
        "cases": sum(host in case.extra["hosts"] for case in cases),
        "changed": [sentence for one in resumed for sentence in one.get("changed") or ()],
    }


def _others(records: Sequence[Record]) -> tuple[Mapping[str, Any], ...] | None:
    """Return the other processes on any of the devices, each once; None where one host could not tell."""
    if any(record.others is None for record in records):
        return None
    seen = {(record.extra.get("host"), other.get("pid")): other for record in records for other in record.others or ()}
    return tuple(seen.values())


def _case(found: ON_A_HOST) -> CaseResult:
    """Return a case as the hosts that finished it measured it; else as the first that tried ended it."""
    finished = [(host, case) for host, case in found if case.ok]
    if not finished:
        host, tried = next((one for one in found if one[1].status != "cancelled"), found[0])
        return replace(tried, extra={**tried.extra, "hosts": [host]})
    hosts = [host for host, _ in finished]
    if twice := next((host for host in hosts if hosts.count(host) > 1), None):
        what = f"{finished[0][1].where} was measured in two runs of host {twice}"
        raise RecordError(what, todo="merge one of them: at another time, the host was another")
    if len(hosts) == 1:
        return replace(finished[0][1], extra={**finished[0][1].extra, "hosts": hosts})
    return _on_hosts(hosts, [case for _, case in finished])


def _on_hosts(hosts: Sequence[str], cases: Sequence[CaseResult]) -> CaseResult:
    """Return one case of several hosts' measurements; hosts that differ too much make it too noisy for a plan."""
    first, throttled = cases[0], [case.throttled for case in cases]
    alike = {name: value for name, value in first.extra.items() if all(case.extra.get(name) == value for case in cases)}
    found = replace(
        first,
        metrics=_over_hosts([case.metrics for case in cases]),
        memory=summary.largest([case.memory for case in cases]),
        energy=_energy([case.energy for case in cases]),
        throttled=None if None in throttled else any(throttled),
        samples=_samples([case.samples for case in cases]),
        extra={**alike, "hosts": list(hosts), **_spread(cases)},
    )
    width = stopping.half_width(found)
    if width is None or width <= stopping.WIDEST or not figures.rates(found):
        return found
    why = Phrase(
        "over {hosts} hosts, {figure} is known to {width} only; measure it on more of them",
        hosts=len(hosts),
        figure=figures.main(found),
        width=f"{width:.0%}",
    )
    return replace(found, status="too_noisy", why=why)


def _over_hosts(told: Sequence[Mapping[str, Estimate]]) -> dict[str, Estimate]:
    """Return the figures that every host tells, each with its interval over hosts."""
    if len(told) == 1:
        return dict(told[0])
    shared = [name for name in told[0] if all(name in one for one in told)]
    return {name: over_hosts(name, [one[name] for one in told]) for name in shared}


def over_hosts(name: str, estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean of several hosts' figures, with Student's interval over hosts or that over their repeats.

    The wider one counts: hosts that agree by chance do not make a figure surer than its repeats do.
    """
    least, most = (METRICS[name].least, METRICS[name].most) if name in METRICS else (-math.inf, math.inf)
    found = intervals.mean([one.value for one in estimates], estimates[0].unit, least, most)
    error = math.hypot(*map(standard_error, estimates)) / len(estimates)
    freedom = sum(one.runs - 1 for one in estimates)
    half = float(stdtrit(freedom, (1 + found.level) / 2)) * error
    low, high = min(found.low, max(least, found.value - half)), max(found.high, min(most, found.value + half))
    return replace(found, low=low, high=high)


def _spread(cases: Sequence[CaseResult]) -> dict[str, Any]:
    """Return the standard deviations of the main metric between hosts, between repeats, and within them, by ANOVA.

    As shares of its value; how much of the repeats' own spread lies within them is known for timed steps alone.
    """
    name = figures.main(cases[0])
    if name is None or not all(name in case.metrics for case in cases):
        return {}
    told = [case.metrics[name] for case in cases]
    of_a_repeat = fmean([_repeat_variance(case, name) for case in cases], weights=[one.runs - 1 for one in told])
    of_hosts = variance(one.value for one in told) - of_a_repeat * fmean(1 / one.runs for one in told)
    shares = [case.extra.get("within_share") for case in cases]
    known = [share for share in shares if isinstance(share, int | float)]
    within = fmean(known) * of_a_repeat if len(known) == len(shares) else None
    parts = {
        "between_hosts": max(0.0, of_hosts),
        "between_repeats": max(0.0, of_a_repeat - (within or 0.0)),
        "within_repeats": within,
    }
    value = abs(fmean(one.value for one in told)) or math.inf
    shown = {part: None if one is None else math.sqrt(one) / value for part, one in parts.items()}
    return {"spread": {"metric": name, **shown}}


def _repeat_variance(case: CaseResult, name: str) -> float:
    """Return the variance of one repeat's figure, from the interval that its repeats made."""
    found = case.metrics[name]
    wider = 1.0 if case.extra.get("stopped") == COUNTED else intervals.after_stopping_factor(found.runs)
    return found.runs * (standard_error(found) / wider) ** 2


def _energy(told: Sequence[Mapping[str, Any] | None]) -> dict[str, Any] | None:
    """Return the energy of all hosts with every warning; None where one of them could not tell."""
    known = [one for one in told if one is not None]
    if len(known) < len(told):
        return None
    seconds = [one.get("seconds") for one in known]
    return {
        "joules": sum(one["joules"] for one in known),
        "seconds": None if None in seconds else sum(filter(None, seconds)),
        "source": " and ".join(sorted({one["source"] for one in known})),
        "warnings": [warning for one in known for warning in one.get("warnings") or ()],
    }


def _samples(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the samples of all repeats, host by host."""
    shared = [name for name in told[0] if all(isinstance(one.get(name), list) for one in told)]
    return {name: [run for one in told for run in one[name]] for name in shared}
