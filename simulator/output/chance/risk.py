"""Risk as plain values, as a table, and in sentences: when and why cash runs out, how low it falls, and how exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from simulator.answers.chance.enough import Enough, enough
from simulator.answers.chance.survival import (
    Before,
    Course,
    before_rounds,
    by_month,
    course,
    expected_shortfall,
    percentiles,
)
from simulator.answers.chance.worst import Unusual, Worst, worst
from simulator.answers.messages import Message
from simulator.answers.outcomes import Estimate, Outcomes
from simulator.answers.projection import Projection
from simulator.errors import Undefined
from simulator.output.prices import Plain, Speaker
from simulator.output.tables import precise, told_apart
from simulator.scenario.scenario import Scenario

# Causes that a sentence names, and months that a table shows.
MOST_NAMED, EVERY = 3, 6
NAMES = ("p05", "p50", "p95")
Values = Mapping[str, Any]


def risk_json(projection: Projection, line: str | None = None) -> dict[str, Any]:
    """Return when and why trials run out of cash, and the percentiles of a series by month if one was kept.

    Raise Undefined where nothing is drawn or no trial was run.
    """
    outcomes, say = projection.figures.trials, Plain()
    chances = by_month(outcomes, projection.scenario.months)
    rounds = before_rounds(projection.ledger, outcomes)
    found, why_not = _worst(projection)
    exact = enough(projection)
    return {
        "scenario": projection.scenario.title,
        "currency": projection.currency,
        "seed": projection.scenario.seed,
        "trials": outcomes.trials,
        "chance": _estimate(outcomes.ruin()),
        "by_month": {
            "value": [one.value for one in chances],
            "standard_error": [one.error for one in chances],
        },
        "rounds": [{"kind": one.kind, "name": one.name, "month": one.month, **_estimate(one.chance)} for one in rounds],
        "cash_at_risk": _told(outcomes.cash_at_risk),
        "cash_missing": _told(partial(outcomes.cash_missing, projection.scenario.settings.cash_floor)),
        "expected_shortfall": _told(partial(expected_shortfall, outcomes)),
        "percentiles": {
            name: [_percentile(one) for one in percentiles(getattr(outcomes, name))]
            for name in ("end_cash", "lowest_cash")
        },
        "line": None if line is None else _course(course(projection, line)),
        **_worst_json(found),
        "why": why_not,
        "enough": {**asdict(exact), "is_enough": exact.is_enough},
        "sentences": [
            when_sentence(outcomes, rounds, {one.name: one.name for one in rounds}, say),
            low_sentence(outcomes, projection.scenario, say),
            why_not if found is None else why_sentence(found, {one.path: one.path for one in found.unusual}, say),
            enough_sentence(exact, say),
        ],
    }


def _worst(projection: Projection) -> tuple[Worst | None, str]:
    try:
        return worst(projection.scenario, projection.ledger, projection.figures.trials), ""
    except Undefined as reason:
        return None, str(Message(reason.text, reason.values))


def _course(found: Course) -> dict[str, Any]:
    """Return the percentiles of a line by month, each key with a list."""
    names = ("value", "error", "low", "high")
    by_share = {
        percentile: {name: [getattr(month[place], name) for month in found.months] for name in names}
        for place, percentile in enumerate(NAMES)
    }
    return {"key": found.key, "unit": found.unit, "trials": found.trials, **by_share}


def _worst_json(found: Worst | None) -> dict[str, Any]:
    if found is None:
        return dict.fromkeys(("worst", "unusual", "listed"))
    return {
        "worst": {name: getattr(found, name) for name in ("trials", "count", "ran_out", "has_luck")},
        "unusual": list(map(asdict, found.unusual)),
        "listed": list(map(asdict, found.listed)),
    }


def _estimate(found: Estimate) -> dict[str, float]:
    return {"value": found.value, "standard_error": found.error}


def _told(figure: Callable[[], Estimate]) -> dict[str, float] | None:
    """Return a figure, or nothing where the trials are too few to tell it."""
    try:
        return _estimate(figure())
    except Undefined:
        return None


def _percentile(one: Any) -> dict[str, float]:
    return {
        "share": one.share,
        "value": one.value,
        "standard_error": one.error,
        "low": one.low,
        "high": one.high,
    }


def when_sentence(outcomes: Outcomes, rounds: Sequence[Before], names: Mapping[str, str], say: Speaker) -> str:
    """Return the chance of running out of cash, and before each round closes; `names` is by the round's name."""
    chance = outcomes.ruin()
    said = [say("Cash runs out in {share} of the trials.", share=say.estimate(chance.value, "share", chance.error))]
    for one in rounds:
        share = say.estimate(one.chance.value, "share", one.chance.error)
        month = say.quantity(one.month, "month index")
        said.append(say("Before {name} closes in {month}: {share}.", name=names[one.name], month=month, share=share))
    return " ".join(said)


def low_sentence(outcomes: Outcomes, scenario: Scenario, say: Speaker) -> str:
    """Return the cash at risk, the mean of the lowest cash beyond it, and what is missing to stay above the floor."""

    def amount(found: Estimate) -> str:
        return say.quantity(found.value, scenario.currency)

    try:
        edge, mean = amount(outcomes.cash_at_risk()), amount(expected_shortfall(outcomes))
    except Undefined:
        return say("How low cash falls in the worst 5% of the trials takes 20 trials or more to tell.")
    said = [
        say("In 5% of the trials cash falls below {edge}.", edge=edge),
        say("In these, the lowest cash is {mean} on average.", mean=mean),
    ]
    missing = outcomes.cash_missing(scenario.settings.cash_floor)
    if missing.value:
        text = "With {missing} more at the start, 95% of the trials would never fall below the floor."
        said.append(say(text, missing=amount(missing)))
    return " ".join(said)


def why_sentence(found: Worst, names: Mapping[str, str], say: Speaker) -> str:
    """Return what was unusual in the worst trials; `names` is by path."""
    share = say.quantity(found.count / found.trials, "share")
    causes = [_cause(one, names[one.path], say) for one in found.unusual[:MOST_NAMED]]
    if causes:
        text = (
            "In the {share} of the trials that ran out of cash, {causes}."
            if found.ran_out
            else "In the {share} of the trials in which cash fell lowest, {causes}."
        )
        return say(text, share=share, causes=listed(causes, say))
    if found.has_luck:
        text = (
            "No assumption was unusual in the worst {share} of the trials: they failed by the luck of counts, or by "
            "several small causes together."
        )
        return say(text, share=share)
    return say("No assumption was unusual in the worst {share} of the trials: small causes came together.", share=share)


def _cause(one: Unusual, name: str, say: Speaker) -> str:
    """Return how one assumption, or one count, was unusual."""
    ends = {"inside": say.quantity(one.inside, one.unit), "outside": say.quantity(one.outside, one.unit)}
    if one.is_luck:
        return say("{name} came out high by luck" if one.is_high else "{name} came out low by luck", name=name)
    if one.is_chance:
        text = "{name} came about less often (in {inside} against {outside})"
        if one.is_high:
            text = "{name} came about more often (in {inside} against {outside})"
        return say(text, name=name, **ends)
    if ends["inside"] == ends["outside"]:  # medians that differ by less than their digits would say nothing
        return say("{name} was high" if one.is_high else "{name} was low", name=name)
    text = "{name} was low (median {inside} against {outside})"
    if one.is_high:
        text = "{name} was high (median {inside} against {outside})"
    return say(text, name=name, **ends)


def listed(parts: Sequence[str], say: Speaker) -> str:
    """Return up to three parts of a sentence as a list."""
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        return say("{one} and {two}", one=parts[0], two=parts[1])
    return say("{one}, {two} and {three}", one=parts[0], two=parts[1], three=parts[2])


def enough_sentence(found: Enough, say: Speaker) -> str:
    """Return how exact the trials are, and how many would be enough."""
    values = {
        "trials": say.quantity(found.trials, "1"),
        "needed": say.quantity(found.needed, "1"),
        "points": say("{count} points", count=say.quantity(100 * found.chance, "1")),
        "part": say.quantity(found.cash or 0.0, "share"),
    }
    exact = (
        "{trials} trials tell the chance of running out of cash to {points} either way, and P5 of cash at the end to "
        "{part} of the distance from P5 to P95, in 95 of 100 cases."
    )
    if found.cash is None:
        exact = (
            "With so few trials ({trials}), the chance of running out of cash is known to {points} either way in 95 of "
            "100 cases; how exact P5 of cash at the end is cannot be said."
        )
    said = [say(exact, **values)]
    if found.needed > found.trials:
        said.append(say("About {needed} trials would tell them to 1 point and 2%.", **values))
    elif found.decided:
        said.append(say("That is enough.", **values))
    if not found.decided:
        said.append(say("The verdict is still open.", **values))
    return " ".join(said)


def risk_table(shown: Values) -> str:
    """Return the chance by month and before rounds, cash at risk, and the worst trials with what was unusual."""
    return "\n".join(_lines(shown))


def _lines(shown: Values) -> Iterator[str]:
    currency, chances = shown["currency"], shown["by_month"]
    yield f"{shown['scenario']} · {shown['trials']:,} trial{'' if shown['trials'] == 1 else 's'}"
    yield f"\n{'Out of cash by':<32}{'chance':>12}{'error':>12}"
    months = range(EVERY - 1, len(chances["value"]), EVERY)
    for month in months:
        yield f"  {f'month {month}':<30}{chances['value'][month]:>12.1%}{chances['standard_error'][month]:>12.1%}"
    for one in shown["rounds"]:
        name = f"before {one['name']}, month {one['month']}"
        yield f"  {name:<30}{one['value']:>12.1%}{one['standard_error']:>12.1%}"
    yield f"\n{'Cash':<32}{'P':>4}{'value':>20}{'from':>20}{'to':>20}"
    for name, rows in shown["percentiles"].items():
        for one in rows:
            known = (one[key] for key in ("value", "low", "high"))
            ends = "".join(f"{'–' if end is None else precise(end, currency):>20}" for end in known)
            yield f"  {name.replace('_', ' '):<30}{100 * one['share']:>4.0f}{ends}"
    if shown["line"]:
        yield from _course_lines(shown["line"])
    if shown["worst"]:
        yield from _worst_lines(shown)
    yield ""
    yield from shown["sentences"]


def _course_lines(found: Values) -> Iterator[str]:
    """Yield the percentiles of a line twice a year, each with its standard error."""
    head = f"{found['key']}, {found['unit']}"
    yield f"\n{head:<32}" + "".join(f"{name:>16}{'error':>12}" for name in ("P5", "P50", "P95"))
    for month in range(EVERY - 1, len(found["p05"]["value"]), EVERY):
        cells = (_cells(found[name]["value"][month], found[name]["error"][month]) for name in NAMES)
        yield f"  {f'month {month}':<30}" + "".join(cells)


def _cells(value: float | None, error: float | None) -> str:
    return f"{'–':>16}{'–':>12}" if value is None or error is None else f"{value:>16,.5g}{error:>12,.2g}"


def _worst_lines(shown: Values) -> Iterator[str]:
    """Yield what was unusual in the worst trials, and the worst of them one by one."""
    head = f"Unusual in {shown['worst']['count']:,} of {shown['worst']['trials']:,} trials"
    yield f"\n{head:<46}{'in them':>24}{'in others':>24}"
    for one in shown["unusual"]:
        luck = " (luck)" if one["is_luck"] else ""
        medians = "".join(f"  {one:>22}" for one in told_apart((one["inside"], one["outside"]), one["unit"]))
        yield f"  {one['path'] + luck:<44}{medians}"
    yield f"\n{'Worst trials':<20}{'out in month':>16}{'lowest cash':>22}{'cash at the end':>22}"
    for trial in shown["listed"]:
        when = "–" if trial["broke"] is None else trial["broke"]
        amounts = "".join(f"{precise(trial[name], shown['currency']):>22}" for name in ("lowest_cash", "end_cash"))
        yield f"  {trial['number']:<18}{when:>16}{amounts}"
