"""Swings of single assumptions as plain values, as a table, and in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.answers.kpis.tried import Goal
from simulator.answers.variations.sensitivity import Swing
from simulator.output.prices import Plain, Speaker
from simulator.output.tables import precise, told_apart
from simulator.scenario.scenario import Scenario

# Of each kind the terminal shows the widest; `--json` has all.
MOST_SHOWN = 12
Values = Mapping[str, Any]


def swings_json(scenario: Scenario, kpi: str, swings: Sequence[Swing]) -> dict[str, Any]:
    """Return the swings of a KPI that move it, the widest first."""
    goal, base = Goal.of(scenario, kpi), swings[0].base if swings else None
    swings = [one for one in swings if one.width]
    return {
        "scenario": scenario.title,
        "kpi": kpi,
        "title": goal.title,
        "unit": goal.unit,
        "base": base,
        "swings": [
            {
                **{name: getattr(one, name) for name in ("path", "stated", "low", "high", "at_low", "at_high")},
                "unit": scenario.assumptions[one.path].unit,
                "evidence": scenario.assumptions[one.path].evidence,
            }
            for one in swings
        ],
        "sentence": sentence(goal, swings, {one.path: one.path for one in swings}, Plain()),
    }


def sentence(goal: Goal, swings: Sequence[Swing], names: Mapping[str, str], say: Speaker) -> str:
    """Return which assumption moves the KPI most, and which most of those without a range; `names` is by path."""
    title = say(goal.title)
    if not swings:
        return say("{title}: no assumption alone moves it.", title=title)
    first, said = swings[0], "{title}: {name} moves it most, from {low} at its low end to {high} at its high end."
    sentences = [say(said, title=title, name=names[first.path], **_ends(first, goal, say))]
    if first.stated and (bare := next((one for one in swings if not one.stated), None)):
        more = "Of the assumptions without a range it is {name}: {low} with 10% less, {high} with 10% more."
        sentences.append(say(more, name=names[bare.path], **_ends(bare, goal, say)))
    if not first.stated:
        sentences.append(say("It has no range yet: its ends are 10% below and above its value."))
    return " ".join(sentences)


def _ends(swing: Swing, goal: Goal, say: Speaker) -> dict[str, str]:
    return {"low": say.quantity(swing.at_low, goal.unit), "high": say.quantity(swing.at_high, goal.unit)}


def swings_table(shown: Values) -> str:
    """Return the widest swings, those over a range apart from those by 10 % either way."""
    return "\n".join(_lines(shown))


def _lines(shown: Values) -> Iterator[str]:
    yield f"{shown['scenario']} · {shown['title']}"
    for stated, head in ((True, "Over its own range, P5 to P95"), (False, "Without a range: 10 % less or more")):
        group = [one for one in shown["swings"] if one["stated"] is stated]
        if group:
            yield f"\n{head:<48}{'low':>24}{'high':>24}{'at low':>20}{'at high':>20}"
        for one in group[:MOST_SHOWN]:
            ends = "".join(f"  {end:>22}" for end in told_apart((one["low"], one["high"]), one["unit"]))
            outcomes = "".join(f"{precise(one[end], shown['unit']):>20}" for end in ("at_low", "at_high"))
            yield f"  {one['path']:<46}{ends}{outcomes}"
        if len(group) > MOST_SHOWN:
            yield f"  and {len(group) - MOST_SHOWN} more; --json has all"
    yield f"\n{shown['sentence']}"
