"""The causes of a difference between scenarios as plain values, as lines for a terminal, and in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulator.answers.blocks.progress import Progress
from simulator.answers.kpis.tried import Goal
from simulator.answers.moving.attribution import Attribution, Cause, attribution
from simulator.errors import PlanError
from simulator.output.prices import Plain, Speaker, apart
from simulator.scenario.scenario import Scenario

# Causes in a sentence, and in the terminal; `--json` has all.
MOST_NAMED, MOST_SHOWN = 4, 12
# Names in one cause.
MOST_LISTED = 3
# A share that is smaller, relative to the largest, is rounding.
NEGLIGIBLE = 1e-6
Values = Mapping[str, Any]


def causes_json(
    scenarios: Sequence[Scenario], place: int, kpis: Sequence[str], progress: Progress
) -> list[dict[str, Any]]:
    """Return what makes the KPIs of the scenario at a place differ from those of the first one.

    Raise PlanError for a KPI that has no value in a single trial.
    """
    first, other = scenarios[0], scenarios[place]
    goals = [Goal.of(first, kpi) for kpi in kpis]
    try:
        found = attribution(first, other, kpis, progress)
    except PlanError as error:
        head = [{"scenario": place, "kpi": one.name, "title": one.title, "unit": one.unit} for one in goals]
        return [{**one, "old": None, "new": None, "parts": [], "sentence": f"{error}."} for one in head]
    return [_of_goal(found, at, place) for at in range(len(goals))]


def _of_goal(found: Attribution, at: int, place: int) -> dict[str, Any]:
    goal = found.goals[at]
    return {
        "scenario": place,
        **{"kpi": goal.name, "title": goal.title, "unit": goal.unit},
        "old": float(found.old[at]),
        "new": float(found.new[at]),
        "parts": [
            {
                "names": list(found.causes[one].names),
                "kind": found.causes[one].kind,
                "members": list(found.causes[one].members),
                "change": float(found.shares[one, at]),
                "standard_error": float(found.errors[one, at]),
                "is_rest": found.causes[one].is_rest,
                "title": named(found.causes[one], Plain()),
            }
            for one in ordered(found, at)
        ],
        "sentence": sentence(found, at, Plain()),
    }


def ordered(found: Attribution, at: int) -> list[int]:
    """Return the places of the causes that change a KPI, the largest share first."""
    sizes = np.abs(found.shares[:, at])
    return [int(one) for one in np.argsort(-sizes, kind="stable") if sizes[one] > NEGLIGIBLE * sizes.max()]


def sentence(found: Attribution, at: int, say: Speaker) -> str:
    """Return the difference of a KPI and its largest causes, in one sentence: `Runway −2.1 months: −1.6 …`."""
    goal, places = found.goals[at], ordered(found, at)
    words = {"title": say(goal.title), "change": signed(float(found.new[at] - found.old[at]), goal, say)}
    if not places:
        return say("{title} is the same in both.", **words)
    causes = [_share(found, one, at, say) for one in places[:MOST_NAMED]]
    if rest := places[MOST_NAMED:]:
        total = float(found.shares[rest, at].sum())
        causes.append(say("{change} from {count} more", change=signed(total, goal, say), count=str(len(rest))))
    said = say("{title} {change}: {causes}.", causes=", ".join(causes), **words)
    if found.is_sampled:
        error = apart(float(found.errors[:, at].max()), goal.unit, say)
        said += " " + say("Shares are sampled; the largest standard error is {error}.", error=error)
    return said


def _share(found: Attribution, cause: int, at: int, say: Speaker) -> str:
    """Return the share of a cause with its name: `−1.6 months Price · Team`."""
    change = signed(float(found.shares[cause, at]), found.goals[at], say)
    return say("{change} {cause}", change=change, cause=named(found.causes[cause], say))


def signed(value: float, goal: Goal, say: Speaker) -> str:
    """Return a change of a KPI with its sign and unit."""
    return _signed(value, goal.unit, say)


def _signed(value: float, unit: str, say: Speaker) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{apart(abs(value), unit, say)}"


def named(cause: Cause, say: Speaker) -> str:
    """Return a cause for people: an assumption with its only member, members by title, or the rest of the structure."""
    if cause.is_rest:
        rest = say("everything else")
        names = _few([say(name) for name in cause.names], say)
        return say("{text} ({more})", text=rest, more=names) if cause.names else rest
    is_assumption = bool(cause.members) or not cause.kind
    names = _few([say(name) if is_assumption else name for name in cause.names], say)
    return f"{names} · {cause.members[0]}" if len(cause.members) == 1 else names


def _few(names: Sequence[str], say: Speaker) -> str:
    """Return the first names, and how many more there are."""
    listed = ", ".join(names[:MOST_LISTED])
    more = len(names) - MOST_LISTED
    return say("{names} and {count} more", names=listed, count=str(more)) if more > 0 else listed


def causes_lines(causes: Sequence[Values]) -> Iterator[str]:
    """Yield what makes the KPIs differ, for a terminal."""
    for one in causes:
        yield ""
        yield f"Against the first, scenario {one['scenario'] + 1}: {one['sentence']}"
        for part in one["parts"][:MOST_SHOWN] if len(one["parts"]) > MOST_NAMED else ():
            change, unit = part["change"], one["unit"]
            error = part["standard_error"]
            # An error that is rounding alone would read as one of the method.
            known = error <= NEGLIGIBLE * abs(change)
            told = _signed(change, unit, Plain()) + ("" if known else f" ± {apart(error, unit, Plain())}")
            yield f"  {told:>36}  {part['title']}"
