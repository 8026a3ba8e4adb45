"""Differences between scenarios over the same trials, as plain values and in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.answers.chance.paired import Chances, Paired, paired
from simulator.answers.messages import Message
from simulator.answers.outcomes import Estimate
from simulator.answers.projection import Projection
from simulator.errors import Undefined
from simulator.output.prices import Plain, Speaker

Values = Mapping[str, Any]


def paired_json(made: Sequence[Projection], place: int) -> dict[str, Any]:
    """Return how the scenario at a place differs from the first, or why its trials cannot tell."""
    known = dict.fromkeys(("trials", "end_cash", "low", "high", "more", "ruin", "profit"))
    title = made[place].scenario.title
    try:
        found = paired(made[0], made[place])
    except Undefined as reason:
        return {"scenario": place, **known, "sentence": str(Message(reason.text, reason.values))}
    return {
        "scenario": place,
        **{name: getattr(found, name) for name in ("trials", "low", "high", "more")},
        "end_cash": _estimate(found.end_cash),
        "ruin": _chances(found.ruin),
        "profit": _chances(found.profit),
        "sentence": sentence(found, title, made[0].currency, Plain()),
    }


def _estimate(found: Estimate) -> dict[str, float]:
    return {"value": found.value, "standard_error": found.error}


def _chances(found: Chances) -> dict[str, float]:
    return {**_estimate(found.difference), "only_first": found.only_first, "only_other": found.only_other}


def sentence(found: Paired, name: str, currency: str, say: Speaker) -> str:
    """Return what a scenario has more or less than the first: cash with its interval, and trials out of cash."""
    mean = found.end_cash
    text = (
        "{name} has {mean} more cash at the end on average (in 90% of the trials from {low} to {high}; standard error "
        "{error})."
        if mean.value >= 0
        else "{name} has {mean} less cash at the end on average (in 90% of the trials from {low} to {high}; standard "
        "error {error})."
    )
    amounts = {"mean": abs(mean.value), "low": found.low, "high": found.high, "error": mean.error}
    said = say(text, name=name, **{key: say.quantity(value, currency) for key, value in amounts.items()})
    ruin = found.ruin.only_other - found.ruin.only_first
    if ruin > 0:
        more = "It runs out of cash in {count} more of {trials} trials (standard error {error})."
    elif ruin < 0:
        more = "It runs out of cash in {count} fewer of {trials} trials (standard error {error})."
    else:
        more = "It runs out of cash in as many of {trials} trials (standard error {error})."
    counts = {"count": abs(ruin), "trials": found.trials, "error": found.ruin.difference.error * found.trials}
    return f"{said} {say(more, **{key: say.quantity(value, '1') for key, value in counts.items()})}"


def paired_lines(differences: Sequence[Values]) -> Iterator[str]:
    """Yield the sentences on each scenario but the first, for a terminal."""
    for one in differences:
        yield ""
        yield f"On the same trials, scenario {one['scenario'] + 1}: {one['sentence']}"
