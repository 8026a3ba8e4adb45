"""Prompt, or fine-tune? The ways of classifying that one record measured, side by side.

A way that is trained costs its training and its labels once, for as long as the model serves; then each request costs
its own time on the device. Fine-tuning pays from the number of requests a month at which the two bills are equal. No
torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from profiling.errors import RecordError, counted
from profiling.results.costs import SECONDS_PER_HOUR, Priced
from profiling.results.record import CaseResult, Estimate, Record
from profiling.workload.kinds import KINDS

# What a model that classifies does in a second.
RATE = "requests_per_second"


@dataclass(frozen=True)
class Terms:
    """What the record does not know: prices, and how long a trained model serves."""

    price: Priced  # of an hour of the device
    label_price: float = 0.0  # of one labelled example
    months: float = 12.0  # that a trained model serves, over which training and labels are spread


@dataclass(frozen=True)
class Way:
    """One way of classifying, as it was measured."""

    name: str
    where: str  # the case
    accuracy: Estimate | None  # None: not measured, or of random weights
    labels: int | None
    request_seconds: Estimate
    request_tokens: float
    training_seconds: float = 0.0

    def request_cost(self, terms: Terms) -> float:
        """Return the cost of one request, on a busy device."""
        return self.request_seconds.value * terms.price.per_hour / SECONDS_PER_HOUR

    def once_cost(self, terms: Terms) -> float:
        """Return the cost of the training and of the labels."""
        return self.training_seconds * terms.price.per_hour / SECONDS_PER_HOUR + (self.labels or 0) * terms.label_price

    def monthly_cost(self, terms: Terms) -> float:
        """Return what training and labels cost a month while the model serves."""
        return self.once_cost(terms) / terms.months

    def to_json(self, terms: Terms) -> dict[str, Any]:
        """Return the way as plain JSON, with its costs."""
        return {
            "name": self.name,
            "where": self.where,
            "accuracy": None if self.accuracy is None else self.accuracy.to_json(),
            "labels": self.labels,
            "request_seconds": self.request_seconds.to_json(),
            "request_tokens": self.request_tokens,
            "training_seconds": self.training_seconds,
            "request_cost": self.request_cost(terms),
            "once_cost": self.once_cost(terms),
        }


def ways(record: Record) -> list[Way]:
    """Return every way that the record measured; raise RecordError where there are no two to choose from."""
    found = [*_prompted(record), *_trained(record)]
    if len(found) < 2:
        what = "no two ways of classifying the same texts were measured"
        if lost := left_out(record):
            what += f" to their end ({'; '.join(lost)})"
        todo = "measure cases to prompt, learn and classify in one run, on labelled data"
        raise RecordError(what, where=record.id, todo=todo)
    return found


def left_out(record: Record) -> list[str]:
    """Return the cases that are part of no way, each with the reason."""
    lost = [f"{case.where}: {case.why or case.status}" for case in record.cases if not case.ok]
    lost += [f"{case.where}: its figures are not all there" for case in record.cases if case.ok and not _whole(case)]
    if _served(record) is None:
        courses = [case.where for case in record.cases if case.ok and _kind(case, "repeats_step_of")]
        lost += [f"{where}: no case to classify tells what a request to it costs" for where in courses]
    return lost


def _prompted(record: Record) -> Iterator[Way]:
    for case in record.cases:
        if case.ok and _kind(case, "needs_labels") and _whole(case):
            count = int(case.point["examples"])
            name = f"{counted(count, 'examples')} a class shown" if count else "no examples shown"
            quality, labels = case.metrics.get("held_out_accuracy"), case.extra.get("labels")
            tokens = case.metrics["request_tokens"].value
            yield Way(name, case.where, quality, labels, case.metrics["request_seconds"], tokens)


def _trained(record: Record) -> Iterator[Way]:
    """Yield each method whose learning was followed; the model then answers as the record's classifying case did.

    Adapters are taken to be merged into the weights. The time of training is the whole course's, evaluations included.
    """
    served = _served(record)
    for case in record.cases:
        if case.ok and _kind(case, "repeats_step_of") and _whole(case) and served is not None:
            seconds = case.extra["seconds"]
            name, quality = f"trained: {case.point['method']}", case.metrics.get("held_out_accuracy")
            labels = case.extra.get("labels")
            yield Way(name, case.where, quality, labels, *served, training_seconds=sum(seconds) / len(seconds))


def _whole(case: CaseResult) -> bool:
    """Return whether a case has all that its way is made of; a figure that is not finite is in no record."""
    if _kind(case, "needs_labels"):
        return "examples" in case.point and {"request_seconds", "request_tokens"} <= {*case.metrics}
    return not _kind(case, "repeats_step_of") or ("method" in case.point and bool(case.extra.get("seconds")))


def _kind(case: CaseResult, trait: str) -> bool:
    """Return whether the kind of a case has a trait; one of a newer version has none that is known."""
    return bool(getattr(KINDS.get(case.kind), trait, None))


def _served(record: Record) -> tuple[Estimate, float] | None:
    """Return seconds and tokens of a request to the trained model; None where the record has not measured them."""
    rated = [case for case in record.cases if case.ok and RATE in case.metrics and "tokens" in case.point]
    best = max(rated, key=lambda case: case.metrics[RATE].value, default=None)
    if best is None or (rate := best.metrics[RATE]).low <= 0:
        return None
    return Estimate(1 / rate.value, 1 / rate.high, 1 / rate.low, rate.level, "s", rate.runs), best.point["tokens"]


def pays_from(trained: Way, prompted: Way, terms: Terms) -> float:
    """Return the requests a month from which a trained way is the cheaper one; infinite where it never is."""
    more = trained.monthly_cost(terms) - prompted.monthly_cost(terms)
    saved = prompted.request_cost(terms) - trained.request_cost(terms)
    if saved <= 0:
        return math.inf if more >= 0 else 0.0
    return max(0.0, more / saved)


def comparisons(found: Sequence[Way], terms: Terms) -> list[dict[str, Any]]:
    """Return each trained way beside each prompted one: from how many requests a month it pays; null: from none."""
    trained = [way for way in found if way.training_seconds]
    prompted = [way for way in found if not way.training_seconds]
    return [
        {
            "trained": one.name,
            "prompted": other.name,
            "pays_from": requests if math.isfinite(requests := pays_from(one, other, terms)) else None,
            "accuracy_gain": one.accuracy.value - other.accuracy.value if one.accuracy and other.accuracy else None,
        }
        for one in trained
        for other in prompted
    ]


def text(record: Record, found: Sequence[Way], terms: Terms) -> str:
    """Return the ways as a table, and a sentence for each comparison."""
    currency = terms.price.currency
    head = ("way", "right", "labels", "ms a request", "tokens", f"{currency} for 1,000", f"{currency} once")
    rows = [head, *(_row(way, terms) for way in found)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    labels = f"a label at {terms.label_price:,.4g} {currency}" if terms.label_price else "labels not priced"
    served = f"a trained model serves {terms.months:g} months"
    first = f"{record.label}; {terms.price}; {labels}; {served}"
    lost = [f"Left out: {words}." for words in left_out(record)]
    return "\n".join([first, "", *table, "", *map(_sentence, comparisons(found, terms)), *lost])


def _row(way: Way, terms: Terms) -> tuple[str, ...]:
    right = way.accuracy
    return (
        way.name,
        "not known" if right is None else f"{right.value:.1%} ({right.low:.1%} to {right.high:.1%})",
        "not known" if way.labels is None else f"{way.labels:,}",
        f"{way.request_seconds.value * 1000:,.3g}",
        f"{way.request_tokens:,.0f}",
        f"{way.request_cost(terms) * 1000:,.3g}",
        f"{way.once_cost(terms):,.3g}",
    )


def _sentence(found: dict[str, Any]) -> str:
    gain = found["accuracy_gain"]
    points = "" if gain is None else f", with {abs(gain) * 100:.1f} points {'more' if gain >= 0 else 'fewer'} right"
    against = f"against {found['prompted']!r}{points}"
    if found["pays_from"] is None:
        return f"{found['trained']!r} never costs less {against}"
    return (
        f"{found['trained']!r} costs less from {counted(math.ceil(found['pays_from']), 'requests')} a month {against}"
    )
