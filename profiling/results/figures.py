"""What a record shows, as points to draw and a sentence to say: no drawing, no torch.

Each figure is made from a record's finished cases, or is not there where the record has nothing for it.  Points
that differ in more than the x axis make series of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial, reduce
from typing import Any

from profiling.results.costs import Priced, per_million_tokens, per_run
from profiling.results.curve import FREE, LOADS, TTFT
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult, Estimate, Record, described
from profiling.results.sentence import Counted, Say, Sentence
from profiling.workload.kinds import KINDS

GIB = 2**30
MILLISECONDS = 1000
# The coordinates that say how fast a server was asked.
PACES = ("requests_per_minute", "concurrency")
# What a case may limit: its title, and the metrics that it bounds, the preferred one first.
LIMITED = {
    "ttft_limit_milliseconds": ("first token", TTFT),
    "tpot_limit_milliseconds": ("each further token", ("tpot_seconds",)),
}
# The name of the line that memory cannot cross.
CAPACITY = "what the device has"


@dataclass(frozen=True)
class Point:
    """A measured point with the interval around its y, and what a reader sees when pointing at it."""

    x: float
    y: float
    low: float
    high: float
    label: str | Sentence

    def told(self, say: Say = str.format) -> str:
        """Return the label as `say` fills its template."""
        return self.label if isinstance(self.label, str) else self.label.said(say)


Series = Mapping[str, Sequence[Point]]


@dataclass(frozen=True)
class Figure:
    """Points by series on two named axes, lines that bound them, and the sentence that says what is to be seen."""

    key: str
    title: str
    x_title: str
    y_title: str
    series: Series
    sentence: Sentence
    limits: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)  # by name: corners of a line
    missing: tuple[Point, ...] = ()  # where something was tried and did not fit
    log_x: bool = False
    log_y: bool = False

    @property
    def points(self) -> int:
        """The number of points, those that did not fit included."""
        return len(self.rows())

    @property
    def is_drawn(self) -> bool:
        """Whether a chart says more than the sentence and a table do: how something changes along the axis."""
        return len({place for _, place, _ in self.rows()}) > 1

    def rows(self, say: Say = str.format) -> list[tuple[str, float, str]]:
        """Return the points, one a row: the name of its series, its place, and its value with the interval."""
        series = {**self.series, "did not fit": self.missing}
        return [(name, point.x, point.told(say)) for name, points in series.items() for point in points]

    def to_json(self) -> dict[str, Any]:
        """Return the figure as plain JSON, its sentence said."""
        series = {
            name: [replace(point, label=point.told()) for point in points] for name, points in self.series.items()
        }
        return {**asdict(replace(self, series=series, sentence=Sentence(""))), "sentence": str(self.sentence)}


def of(record: Record, price: Priced | None = None) -> list[Figure]:
    """Return every figure that the record has something for; costs only at a price."""
    found = [throughput(record), latency(record), memory(record), roofline(record), energy(record)]
    for over in PACES:
        found += [] if price is None else [loaded_cost(record, over, price)]
        found += [loaded(record, over), waiting(record, over)]
    found += [] if price is None else [cost(record, price)]
    return [figure for figure in found if figure is not None]


def throughput(record: Record) -> Figure | None:
    """Return how many tokens, or examples, a second at each batch."""
    series = _over(record, lambda case: _first(case, rates(case)))
    said = "The highest rate is {rate}, in {name} at batch {batch}."
    return _against_batch(series, "throughput", "Throughput against batch", "a second", said=said, best=_highest)


def latency(record: Record) -> Figure | None:
    """Return how long a token takes at each batch, and how long the first one."""
    series = {
        f"{name}, {title}": points
        for metric, title in (("ttft_seconds", "first token"), ("tpot_seconds", "each further token"))
        for name, points in _over(record, partial(_first, names=(metric,))).items()
    }
    said = "The shortest wait is {rate}, in {name} at batch {batch}."
    return _against_batch(series, "latency", "Latency against batch", "seconds", said=said, best=_lowest)


def loaded(record: Record, over: str) -> Figure | None:
    """Return how many tokens a second a server gives at each load."""
    series = _over(record, lambda case: _first(case, rates(case)), over=over)
    if not series:
        return None
    name, best = _highest(series)
    load = Counted(best.x, LOADS[over])
    said = Sentence(
        "The highest rate is {rate}, in {name} at {load}.", {"rate": best.label, "name": name, "load": load}
    )
    return Figure(f"loaded-{over}", "Throughput under load", LOADS[over], "tokens a second", series, said)


def waiting(record: Record, over: str) -> Figure | None:
    """Return how long tokens take at each load, below the limits that the cases name."""
    series = {
        f"{name}, {title} ({_statistic(record, names, over)})".removeprefix("load, "): points
        for title, names in LIMITED.values()
        for name, points in _over(record, partial(_first, names=names), over=over).items()
    }
    if not series:
        return None
    limits, broken = _limits(record, over)
    loads = sorted({point.x for points in series.values() for point in points})
    lines = {name: ((loads[0], seconds), (loads[-1], seconds)) for name, seconds in limits.items()}
    kept = [load for load in loads if load < min(broken, default=math.inf)]
    said = "At {most}, the highest load measured, {waits}."
    if lines and not kept:
        said = "No measured load keeps every limit; at {least}, the lowest, {first}."
    elif lines and not broken:
        said = "Every limit is kept at every load measured; at {most}, the highest, {waits}."
    elif broken:
        said = "Every limit is kept up to {load}; at {most}, the highest load measured, {waits}."
    told = {"most": loads[-1], "least": loads[0], **({"load": kept[-1]} if kept else {})}
    values: dict[str, str | Counted | Sentence] = {name: Counted(load, LOADS[over]) for name, load in told.items()}
    values |= {"waits": _waits(series, loads[-1]), "first": _waits(series, loads[0])}
    sentence = Sentence(said, values)
    titles = (f"waiting-{over}", "Waiting under load", LOADS[over], "seconds")
    return Figure(*titles, series, sentence, lines, log_y=True)


def loaded_cost(record: Record, over: str, price: Priced) -> Figure | None:
    """Return what a million tokens written under each load cost, idle time included, and the least within limits."""
    series = _over(record, lambda case: per_million_tokens(case, price), over=over)
    if not series:
        return None
    limits, broken = _limits(record, over)
    kept = {
        name: within for name, points in series.items() if (within := [one for one in points if one.x not in broken])
    }
    said = "A million tokens cost least, {rate}, in {name} at {load}, at {price}; no limit on waiting is set."
    if limits and kept:
        said = "Within the limits, a million tokens cost least, {rate}, in {name} at {load}, at {price}."
    elif limits:
        said = "No load keeps every limit; at best, a million tokens cost {rate}, in {name} at {load}, at {price}."
    name, best = _lowest(kept or series)
    count = record.device.get("count") or 1
    priced = str(price) if count == 1 else f"{count} × {price}"
    values: dict[str, str | Sentence] = {"rate": best.label, "name": name, "price": priced}
    sentence = Sentence(said, {**values, "load": Counted(best.x, LOADS[over])})
    titles = (f"cost-{over}", "Cost per million tokens under load", LOADS[over], price.currency)
    return Figure(*titles, series, sentence, log_y=True)


def _limits(record: Record, over: str) -> tuple[dict[str, float], set[float]]:
    """Return the limits on waiting that cases name, in seconds by what they limit, and the loads that break one."""
    limits, broken = dict[str, float](), set[float]()
    for limit, (title, names) in LIMITED.items():
        for case in record.cases:
            waited = _first(case, names) if case.ok and over in case.point else None
            if waited is None or limit not in case.point:
                continue
            seconds = case.point[limit] / MILLISECONDS
            limits[f"limit on {title}: {seconds:g} s"] = seconds
            broken |= {float(case.point[over])} if waited.value > seconds else set()
    return limits, broken


def _statistic(record: Record, names: Sequence[str], over: str) -> str:
    """Return what the first of the names that a case has tells of its requests."""
    cases = [case for case in record.cases if case.ok and over in case.point]
    found = {next((name for name in names if name in case.metrics), "") for case in cases} - {""}
    return " or ".join(sorted({"P95" if name.endswith("_p95") else "mean" for name in found}))


def _waits(series: Series, load: float) -> str:
    """Return what each series takes at a load."""
    return "; ".join(
        f"{name} takes {point.told()}" for name, points in series.items() for point in points if point.x == load
    )


def energy(record: Record) -> Figure | None:
    """Return energy a token, or an example, at each batch, where a sensor measured it."""
    series = _over(record, partial(_first, names=("joules_per_token", "joules_per_example")))
    said = "The least energy is {rate}, in {name} at batch {batch}."
    return _against_batch(series, "energy", "Energy against batch", "joules", said=said, best=_lowest)


def cost(record: Record, price: Priced) -> Figure | None:
    """Return what a million tokens cost at each batch while the device is busy."""
    series = _over(record, lambda case: per_million_tokens(case, price))
    said = "Busy all the time, a million tokens cost least, {rate}, in {name} at batch {batch}, at {price}."
    drawn = _against_batch(series, "cost", "Cost per million tokens", price.currency, said=said, best=_lowest)
    return drawn and replace(drawn, sentence=drawn.sentence.with_values(price=str(price)))


def _against_batch(
    series: Series, key: str, title: str, y_title: str, *, said: str, best: Callable[[Series], tuple[str, Point]]
) -> Figure | None:
    """Return a figure over the batch that names its best point; waits, energy and cost span decades."""
    if not series:
        return None
    name, point = best(series)
    sentence = Sentence(said, {"rate": point.label, "name": name, "batch": f"{point.x:g}"})
    return Figure(key, title, "batch", y_title, series, sentence, log_y=best is _lowest)


def memory(record: Record) -> Figure | None:
    """Return the memory that each batch took, up to what the device has, and the batches that did not fit."""
    series = _over(record, _memory, lambda taken: f"{taken.value:.2f} GiB")
    said = "The most memory is {rate}, in {name} at batch {batch}."
    drawn = _against_batch(series, "memory", "Memory against batch", "GiB", said=said, best=_highest)
    if drawn is None:
        return None
    capacity = (record.device.get("memory_capacity_bytes") or 0) / GIB
    tried = [case for case in record.cases if case.status == "out_of_memory" and "batch" in case.point]
    edge = capacity or _highest(series)[1].y
    missing = tuple(Point(float(case.point["batch"]), edge, edge, edge, case.where) for case in tried)
    if tried:
        words = "The most memory is {rate}, in {name} at batch {batch}. Did not fit: {cases}."
        cases = reduce(lambda what, todo: Sentence("{what}; {todo}", {"what": what, "todo": todo}), map(_misfit, tried))
        drawn = replace(drawn, sentence=Sentence(words, {**drawn.sentence.values, "cases": cases}))
    widest = max(point.x for points in (*series.values(), missing) for point in points)
    limits = {CAPACITY: ((1.0, capacity), (widest, capacity))} if capacity else {}
    return replace(drawn, limits=limits, missing=missing)


def _misfit(case: CaseResult) -> Sentence:
    """Return a case that did not fit, with the largest batch that does, where it is known."""
    if fits := case.extra.get("largest_batch"):
        return Sentence("{case} (the largest batch that does is {batch})", {"case": case.where, "batch": str(fits)})
    return Sentence("{case}", {"case": case.where})


def roofline(record: Record) -> Figure | None:
    """Return operations a second over operations a byte, below the two ceilings measured in the same run.

    Source: S. Williams et al., Communications of the ACM 52 (2009), 65-76.
    """
    series: dict[str, list[Point]] = {}
    for case, phase, needed, seconds in _worked(record):
        x, y = needed["flops"] / needed["bytes"], needed["flops"] / seconds.value / 1e9
        fastest = needed["flops"] / seconds.low / 1e9 if seconds.low > 0 else math.inf
        # The interval of a few repeats reaches beyond what the device can do.
        ends = (needed["flops"] / seconds.high / 1e9, max(y, min(fastest, _roof(record, x))))
        series.setdefault(f"{case.kind}, {phase}", []).append(Point(x, y, *ends, f"{case.where}: {y:,.1f} GFLOP/s"))
    roofs = _roofs(record, [point.x for points in series.values() for point in points])
    if not roofs:
        return None
    words = Sentence("The most operations a second are done by {point}.", {"point": _highest(series)[1].label})
    titles = ("roofline", "Roofline", "operations for each byte", "GFLOP/s")
    points_of = {name: tuple(points) for name, points in series.items()}
    return Figure(*titles, points_of, words, roofs, log_x=True, log_y=True)


def _worked(record: Record) -> Iterator[tuple[CaseResult, str, Mapping[str, float], Estimate]]:
    """Yield finished cases by phase, with what a step needs and the seconds that it took."""
    for case in record.cases:
        for phase, needed in (case.extra.get("work") or {}).items():
            seconds = _seconds(case, phase)
            if case.ok and seconds is not None and seconds.value > 0 and needed["bytes"] >= 1:
                yield case, phase, needed, seconds


def _roofs(record: Record, intensities: Sequence[float]) -> dict[str, tuple[tuple[float, float], ...]]:
    """Return the ceilings over that range: bandwidth times intensity, then the matrix product's."""
    copy = record.ceiling.get("copy_bytes_per_second")
    if copy is None or copy.value <= 0 or not intensities:
        return {}
    first, last = min(intensities) / 4, max(intensities) * 4
    found = {}
    for precision, peak in _peaks(record).items():
        ridge = peak / copy.value
        corners = sorted({first, ridge, max(last, ridge * 4)})
        found[f"ceiling, {precision}"] = tuple((x, min(peak, copy.value * x) / 1e9) for x in corners)
    return found


def _peaks(record: Record) -> dict[str, float]:
    """Return the matrix product's ceiling by precision."""
    known = {name: METRICS[name].precision for name in record.ceiling if name in METRICS}
    return {precision: record.ceiling[name].value for name, precision in known.items() if precision}


def _roof(record: Record, intensity: float) -> float:
    """Return the highest ceiling at an intensity, in GFLOP/s; infinite where none was measured."""
    copy = record.ceiling.get("copy_bytes_per_second")
    peaks = _peaks(record).values()
    return min(max(peaks), copy.value * intensity) / 1e9 if copy is not None and peaks else math.inf


def runs_priced(record: Record, price: Priced) -> dict[str, Estimate]:
    """Return what one fine-tuning run costs, by case."""
    priced = {case.where: per_run(case, record, price) for case in record.cases if case.ok}
    return {where: cost for where, cost in priced.items() if cost is not None}


def tokens_priced(record: Record, price: Priced) -> dict[str, Estimate]:
    """Return what a million tokens cost, by case, in those that no figure of costs has a place for."""
    others = [case for case in record.cases if case.ok and not {"batch", *PACES} & set(case.point)]
    priced = {case.where: per_million_tokens(case, price) for case in others}
    return {where: cost for where, cost in priced.items() if cost is not None}


Take = Callable[[CaseResult], Estimate | None]


def told_apart(cases: Sequence[CaseResult]) -> list[str]:
    """Return a name for each case: its kind, and the coordinates in which the cases differ."""
    points = [{"kind": case.kind, **case.point} for case in cases]
    every = dict.fromkeys(name for point in points for name in point)
    differ = [name for name in every if len({str(point.get(name)) for point in points}) > 1 and name != "kind"]
    return [
        ", ".join([case.kind, *(f"{name} {point[name]}" for name in differ if name in point)])
        for case, point in zip(cases, points, strict=True)
    ]


def _over(
    record: Record, take: Take, label: Callable[[Estimate], str | Sentence] = described, over: str = "batch"
) -> dict[str, tuple[Point, ...]]:
    """Return series of points over a coordinate, one for each way in which the cases differ beside it."""
    taken = [(case, take(case)) for case in record.cases if case.ok and over in case.point]
    found = [(case, estimate) for case, estimate in taken if estimate is not None]
    beside = [{name: value for name, value in case.point.items() if name not in (over, *FREE)} for case, _ in found]
    apart = [replace(case, point=point) for (case, _), point in zip(found, beside, strict=True)]
    series: dict[str, list[Point]] = {}
    for name, (case, estimate) in zip(told_apart(apart), found, strict=True):
        point = Point(float(case.point[over]), estimate.value, estimate.low, estimate.high, label(estimate))
        series.setdefault(name, []).append(point)
    return {name: tuple(sorted(points, key=lambda point: point.x)) for name, points in series.items()}


def rates(case: CaseResult) -> tuple[str, ...]:
    """Return the metrics that are the throughput of a case; none for a kind that only a newer version knows."""
    return KINDS[case.kind].rates if case.kind in KINDS else ()


def main(case: CaseResult) -> str | None:
    """Return the name of a case's main metric: its rate, what was learned, or else its first metric."""
    names = (*rates(case), *KINDS[case.kind].outcomes) if case.kind in KINDS else ()
    return next((name for name in (*names, *case.metrics) if name in case.metrics), None)


def _seconds(case: CaseResult, stage: str) -> Estimate | None:
    """Return the metric that is the time of a stage."""
    names = KINDS[case.kind].stages.get(stage, ()) if case.kind in KINDS else ()
    return _first(case, [name for name in names if METRICS[name].unit == "s"])


def _first(case: CaseResult, names: Sequence[str]) -> Estimate | None:
    return next((case.metrics[name] for name in names if name in case.metrics), None)


def _memory(case: CaseResult) -> Estimate | None:
    """Return the peak memory of a case in GiB, without interval: reserved on an accelerator, resident on a CPU."""
    taken = case.memory.get("reserved_peak_bytes") or case.memory.get("resident_peak_bytes")
    return None if taken is None else Estimate(taken / GIB, taken / GIB, taken / GIB, 0.95, "GiB", 1)


def _highest(series: Series) -> tuple[str, Point]:
    return max(((name, point) for name, points in series.items() for point in points), key=lambda one: one[1].y)


def _lowest(series: Series) -> tuple[str, Point]:
    return min(((name, point) for name, points in series.items() for point in points), key=lambda one: one[1].y)
