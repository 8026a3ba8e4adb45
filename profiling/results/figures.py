"""What a record shows, as points to draw and a sentence to say: no drawing, no torch.

Each figure is made from a record's finished cases, or is not there where the record has nothing for it.  Points
that differ in more than the x axis make series of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

from profiling.results.costs import Priced, per_million_tokens, per_run
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult, Estimate, Record, describe
from profiling.workload.kinds import KINDS

GIB = 2**30
# The name of the line that memory cannot cross.
CAPACITY = "what the device has"


@dataclass(frozen=True)
class Point:
    """A measured point with the interval around its y, and what a reader sees when pointing at it."""

    x: float
    y: float
    low: float
    high: float
    label: str


Series = Mapping[str, Sequence[Point]]


@dataclass(frozen=True)
class Sentence:
    """A sentence with gaps, so that it can be translated, and the values that fill them."""

    template: str
    values: Mapping[str, str] = field(default_factory=dict)

    def with_values(self, **more: str) -> Sentence:
        """Return the sentence with further gaps filled."""
        return replace(self, values={**self.values, **more})

    def __str__(self) -> str:
        return self.template.format(**self.values)


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

    def to_json(self) -> dict[str, Any]:
        """Return the figure as plain JSON, its sentence said."""
        return {**asdict(self), "sentence": str(self.sentence)}


def of(record: Record, price: Priced | None = None) -> list[Figure]:
    """Return every figure that the record has something for; costs only at a price."""
    found = [throughput(record), latency(record), memory(record), roofline(record), energy(record)]
    found += [] if price is None else [cost(record, price)]
    return [figure for figure in found if figure is not None]


def throughput(record: Record) -> Figure | None:
    """Return how many tokens, or examples, a second at each batch."""
    series = _by_batch(record, lambda case: _first(case, rates(case)))
    said = "The highest rate is {rate}, in {name} at batch {batch}."
    return _against_batch(series, "throughput", "Throughput against batch", "a second", said=said, best=_highest)


def latency(record: Record) -> Figure | None:
    """Return how long a token takes at each batch, and how long the first one."""
    series = {
        f"{name}, {title}": points
        for metric, title in (("ttft_seconds", "first token"), ("tpot_seconds", "each further token"))
        for name, points in _by_batch(record, partial(_first, names=(metric,))).items()
    }
    said = "The shortest wait is {rate}, in {name} at batch {batch}."
    return _against_batch(series, "latency", "Latency against batch", "seconds", said=said, best=_lowest)


def energy(record: Record) -> Figure | None:
    """Return energy a token, or an example, at each batch, where a sensor measured it."""
    series = _by_batch(record, partial(_first, names=("joules_per_token", "joules_per_example")))
    said = "The least energy is {rate}, in {name} at batch {batch}."
    return _against_batch(series, "energy", "Energy against batch", "joules", said=said, best=_lowest)


def cost(record: Record, price: Priced) -> Figure | None:
    """Return what a million tokens cost at each batch while the device is busy."""
    series = _by_batch(record, lambda case: per_million_tokens(case, price))
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
    series = _by_batch(record, _memory, lambda taken: f"{taken.value:.2f} GiB")
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
        largest = [(case.where, case.extra.get("largest_batch")) for case in tried]
        cases = "; ".join(
            where + (f" (the largest batch that does is {fits})" if fits else "") for where, fits in largest
        )
        drawn = replace(drawn, sentence=Sentence(words, {**drawn.sentence.values, "cases": cases}))
    widest = max(point.x for points in (*series.values(), missing) for point in points)
    limits = {CAPACITY: ((1.0, capacity), (widest, capacity))} if capacity else {}
    return replace(drawn, limits=limits, missing=missing)


def roofline(record: Record) -> Figure | None:
    """Return operations a second over operations a byte, below the two ceilings measured in the same run.

    Source: S. Williams et al., Communications of the ACM 52 (2009), 65-76.
    """
    series: dict[str, list[Point]] = {}
    for case, phase, needed, seconds in _worked(record):
        x, y = needed["flops"] / needed["bytes"], needed["flops"] / seconds.value / 1e9
        ends = (needed["flops"] / seconds.high / 1e9, needed["flops"] / max(seconds.low, 1e-12) / 1e9)
        series.setdefault(f"{case.kind}, {phase}", []).append(Point(x, y, *ends, f"{case.where}: {y:,.1f} GFLOP/s"))
    roofs = _roofs(record, [point.x for points in series.values() for point in points])
    if not series or not roofs:
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
            if case.ok and seconds is not None and needed["bytes"]:
                yield case, phase, needed, seconds


def _roofs(record: Record, intensities: Sequence[float]) -> dict[str, tuple[tuple[float, float], ...]]:
    """Return the ceilings over that range: bandwidth times intensity, then the matrix product's."""
    copy = record.ceiling.get("copy_bytes_per_second")
    if copy is None or not intensities:
        return {}
    first, last = min(intensities) / 4, max(intensities) * 4
    found = {}
    for name, ceiling in record.ceiling.items():
        if name in METRICS and (precision := METRICS[name].precision):
            ridge = ceiling.value / copy.value
            corners = sorted({first, ridge, max(last, ridge * 4)})
            found[f"ceiling, {precision}"] = tuple((x, min(ceiling.value, copy.value * x) / 1e9) for x in corners)
    return found


def runs_priced(record: Record, price: Priced) -> dict[str, Estimate]:
    """Return what one fine-tuning run costs, by case."""
    priced = {case.where: per_run(case, record, price) for case in record.cases if case.ok}
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


def _by_batch(record: Record, take: Take, label: Callable[[Estimate], str] = describe) -> dict[str, tuple[Point, ...]]:
    """Return series of points over the batch, one for each way in which the cases differ beside it."""
    taken = [(case, take(case)) for case in record.cases if case.ok and "batch" in case.point]
    found = [(case, estimate) for case, estimate in taken if estimate is not None]
    apart = [replace(case, point={k: v for k, v in case.point.items() if k != "batch"}) for case, _ in found]
    series: dict[str, list[Point]] = {}
    for name, (case, estimate) in zip(told_apart(apart), found, strict=True):
        point = Point(float(case.point["batch"]), estimate.value, estimate.low, estimate.high, label(estimate))
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
