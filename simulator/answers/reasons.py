"""Reasons of the verdict: what it rests on, and how the base case lies among the trials."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.answers.facts import Facts
from simulator.answers.kpis.funding import next_round
from simulator.answers.kpis.registry import Drawn, Figures
from simulator.answers.messages import Message
from simulator.answers.sentences import (
    FAIR_MARGIN,
    Values,
    cost_and_value,
    estimated,
    margin_of,
    of_gap,
    says,
    shares_of,
)
from simulator.engine.dates import YEAR
from simulator.errors import Undefined


def reasons(facts: Facts) -> Iterator[Message]:
    """Yield what the verdict rests on: survival, margin, profit, new customers, and the cash left at the end."""
    yield from _survival(facts)
    yield from _margins(facts)
    yield from _growth(facts)
    yield from _at_the_end(facts)


def _survival(facts: Facts) -> Iterator[Message]:
    if facts.gap is not None:
        yield of_gap(facts, RUNS_OUT if facts.gap.closes is None else RUNS_OUT_BEFORE_FUNDING)
    elif not facts.from_trials:
        yield Message("In the base case cash never runs out.")
    alone = facts.figures.broke_unfunded
    if alone is not None and facts.figures.broke != alone:
        text = "Without the funding that has not closed yet, cash runs out in {month}."
        yield Message(text, {"month": (alone, "month index")})
    if facts.from_trials:
        values: Values = {**shares_of(facts), "trials": (facts.outcomes.trials, "1")}
        yield says("Cash runs out in {ruin} of {trials} trials.", lambda _: values)(facts)
        yield from _before_round(facts)
    yield from _what_is_drawn(facts)


RUNS_OUT = "In the base case cash runs out in {broke}; {missing} is missing until the end."
RUNS_OUT_BEFORE_FUNDING = (
    "In the base case cash runs out in {broke}, {months} before the next funding closes; {missing} is missing until "
    "then."
)


def _before_round(facts: Facts) -> Iterator[Message]:
    if (month := next_round(facts.figures.ledger)) is not None:
        before = estimated(facts, facts.outcomes.ruin(before=month))
        text = "The next round closes in {round}; cash runs out before that in {before} of the trials."
        yield Message(text, {"before": before, "round": (month, "month index")})


def _what_is_drawn(facts: Facts) -> Iterator[Message]:
    drawn = facts.figures.drawn
    if drawn is Drawn.NOTHING:
        yield Message("Nothing in this scenario is drawn, so every trial would be the base case.")
    elif drawn is Drawn.COUNTS:
        yield Message("No assumption has a range: only counts vary between trials, such as of customers won and lost.")
    if drawn is not Drawn.NOTHING and not facts.from_trials:
        yield Message("No trials were run, so the verdict is on the base case.")


def _margins(facts: Facts) -> Iterator[Message]:
    try:
        margin = margin_of(facts)
    except Undefined as reason:
        yield Message(reason.text)
    else:
        text = GROSS[facts.from_trials, margin[0] >= FAIR_MARGIN]
        yield Message(text, {"margin": margin, "fair": (FAIR_MARGIN, "share")})
    if facts.from_trials:
        yield says("The last year makes an operating profit in {profit} of the trials.", shares_of)(facts)
    if (month := value_or_none(facts.figures, "break_even_month")) is None:
        earned = (facts.figures.total("operating_income") > 0).any()
        yield Message(
            ENDS_IN_LOSS if earned else "In the base case operations do not break even in the months projected."
        )
    else:
        yield Message("In the base case operations break even in {month}.", {"month": (month, "month index")})


ENDS_IN_LOSS = "In the base case operations make a profit for a time, and a loss at the end."
# By whether trials were run, and whether the margin is fair.
GROSS = {
    (True, True): "Median gross margin is {margin}: {fair} or more is fair for software.",
    (True, False): "Median gross margin is {margin}, below the {fair} that is fair for software.",
    (False, True): "Gross margin is {margin}: {fair} or more is fair for software.",
    (False, False): "Gross margin is {margin}, below the {fair} that is fair for software.",
}


def _growth(facts: Facts) -> Iterator[Message]:
    if facts.seeks_nobody:
        yield Message("The company spends nothing on winning customers and wins none, so payback does not apply.")
        return
    try:
        values, ratio = cost_and_value(facts), facts.figures.won.ratio()
    except Undefined as reason:
        yield Message(reason.text)
        return
    months = value_or_none(facts.figures, "payback_months")
    if months is None:
        yield Message("Winning a customer costs {cost}; its gross profit over 36 months, {value}, is less.", values)
    else:
        yield Message(PAID_BACK, {**values, "ratio": (ratio, "1"), "months": (months, "month")})


PAID_BACK = (
    "Winning a customer costs {cost} and is paid back in {months}; its gross profit over 36 months is {value}, {ratio} "
    "times as much."
)


def _at_the_end(facts: Facts) -> Iterator[Message]:
    """Yield how long cash lasts beyond the projection, where it burns and does not last another year."""
    if facts.gap is None and facts.months_left < YEAR:
        left: Values = {"left": (facts.months_left, "month")}
        yield Message("At the end cash lasts {left} at the burn of the last quarter.", left)


def among_trials(figures: Figures) -> Message | None:
    """Return the sentence that tells the base case from the median trial; None without trials that differ."""
    if figures.drawn is Drawn.NOTHING or not figures.outcomes.trials:
        return None
    ends, end = figures.outcomes.end_cash, float(figures.total("cash")[-1])
    if not np.ptp(ends):
        return None
    text = BASE_OF_RANGES if figures.drawn is Drawn.RANGES else BASE_OF_COUNTS
    currency = figures.ledger.scenario.currency
    beaten = float((ends < end).mean())
    values: Values = {"end": (end, currency), "median": (float(np.median(ends)), currency), "beaten": (beaten, "share")}
    return Message(text, values)


BASE_OF_RANGES = (
    "The base case takes the centre of every range, for a range with a peak its most likely value. It ends with {end}, "
    "more cash than {beaten} of the trials; the median trial ends with {median}."
)
BASE_OF_COUNTS = (
    "The base case takes the mean of every count. It ends with {end}, more cash than {beaten} of the trials; the "
    "median trial ends with {median}."
)


def value_or_none(figures: Figures, name: str) -> float | None:
    """Return a KPI by its first definition, None if it is undefined."""
    try:
        return figures.kpi(name)
    except Undefined:
        return None
