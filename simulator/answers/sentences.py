"""Sentences of the verdict: the one that is true of a projection, the reasons behind it, and the changes it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from simulator.answers.facts import Facts, Gap
from simulator.answers.kpis.efficiency import payback_months
from simulator.answers.kpis.funding import funding_months, next_round
from simulator.answers.kpis.registry import Drawn, Figures
from simulator.answers.kpis.survival import break_even_month, months_left, runway_unfunded
from simulator.answers.messages import Message, Value
from simulator.answers.outcomes import Estimate
from simulator.engine.dates import YEAR
from simulator.errors import Undefined

# The lower end of what investors accept from a software company.
FAIR_MARGIN = 0.50
Values = dict[str, Value]


def estimated(facts: Facts, found: Estimate) -> Value:
    """Return a share for a message, with its standard error if it comes from trials."""
    return (found.value, "share", found.error) if facts.from_trials else (found.value, "share")


def figure_or_none(function: Callable[[Figures], float], figures: Figures) -> float | None:
    """Return a KPI by one of its functions, None if it is undefined."""
    try:
        return function(figures)
    except Undefined:
        return None


def _currency(facts: Facts) -> str:
    return facts.figures.ledger.scenario.currency


def _cost_and_value(facts: Facts) -> Values:
    """Return what a new customer costs and brings."""
    won = facts.figures.won
    return {"cost": (won.cost(), _currency(facts)), "value": (won.value(), _currency(facts))}


def _has_winning(facts: Facts) -> bool:
    """Return whether customers are won, so that their cost and value are known."""
    try:
        facts.figures.won.of()
    except Undefined:
        return False
    return True


def sentence(facts: Facts, grade: str) -> Message:
    """Return the sentence that says the grade: the first that is true of the projection."""
    return next(make(facts) for grades, is_true, make in SENTENCES if grade in grades and is_true(facts))


def _late(facts: Facts) -> Message:
    return _of_gap(
        facts,
        "Cash runs out in {broke}, {months} before the next funding closes in {closes}: {missing} more by {broke}, or "
        "that funding {months} earlier, would carry the company on.",
    )


def _of_gap(facts: Facts, text: str) -> Message:
    gap = facts.gap
    assert isinstance(gap, Gap)
    values: Values = {"broke": (gap.month, "month index"), "missing": (gap.missing, _currency(facts))}
    if gap.closes is not None:
        values |= {"closes": (gap.closes, "month index"), "months": (gap.closes - gap.month, "month")}
    return Message(text, values)


def _thin(facts: Facts) -> Message:
    outcomes = facts.outcomes
    cost = np.maximum(outcomes.revenue - outcomes.gross_profit, 1e-9)
    text = (
        "The business makes a profit on thin margins: gross margin is {margin}, and a rise of the cost of revenue by "
        "{rise} would end the profit."
    )
    rise = float(np.median(outcomes.operating_income / cost))
    return Message(text, {"margin": _margin(facts), "rise": (rise, "share")})


def _margin(facts: Facts) -> Value:
    return estimated(facts, facts.outcomes.margin("gross_profit", 0.5))


def _shares(facts: Facts) -> Values:
    """Return the chances that sentences name."""
    profit = facts.outcomes.profit()
    loss = Estimate(1 - profit.value, profit.error)
    found = {"profit": profit, "loss": loss, "ruin": facts.outcomes.ruin()}
    return {name: estimated(facts, one) for name, one in found.items()}


def _says(text: str, values: Callable[[Facts], Values] | None = None) -> Callable[[Facts], Message]:
    """Return a function that makes a message with the values that its text names."""

    def made(facts: Facts) -> Message:
        known = values(facts) if values else {}
        return Message(text, {name: value for name, value in known.items() if f"{{{name}}}" in text})

    return made


def _margin_is_low(facts: Facts) -> bool:
    return facts.has_revenue and facts.margin(FAIR_MARGIN) is False


GOOD, POOR = ("gold mine", "sound"), ("fragile", "bubble")
# The grades that a sentence may say, when it is true, and the sentence; the first that is true is said.
SENTENCES: tuple[tuple[tuple[str, ...], Callable[[Facts], bool], Callable[[Facts], Message]], ...] = (
    (
        GOOD,
        lambda facts: facts.seeks_nobody,
        _says("The business wins no new customers; those it has bring a lasting profit, and cash is safe."),
    ),
    (
        ("gold mine",),
        lambda _: True,
        _says("On these assumptions customers pay back fast, margins are high and cash is safe."),
    ),
    (
        ("sound",),
        lambda _: True,
        _says("On these assumptions the business makes a profit, and most trials stay solvent."),
    ),
    (POOR, lambda facts: facts.is_late, _late),
    (
        POOR,
        lambda facts: not facts.has_revenue and facts.gap is not None,
        lambda facts: _of_gap(facts, "Cash runs out in {broke}, before there is any revenue."),
    ),
    (
        POOR,
        lambda facts: not facts.has_revenue and bool(facts.survives(0.5)),
        _says("There is no revenue in the last year: cash lasts, but nothing shows yet what customers will pay."),
    ),
    (
        POOR,
        lambda facts: facts.gap is not None and not facts.profits(0.5),
        lambda facts: _of_gap(
            facts,
            "Cash runs out in {broke}, and even without that limit the business makes no profit in the last year.",
        ),
    ),
    (
        POOR,
        lambda facts: facts.gap is not None,
        lambda facts: _of_gap(
            facts, "The business makes a profit in the end, but cash runs out in {broke}; it needs {missing} more."
        ),
    ),
    (
        POOR,
        lambda facts: _has_winning(facts) and not facts.returns(1),
        _says(
            "Growth costs more than it brings: winning a customer costs {cost}, and its gross profit over 36 months is "
            "{value}.",
            _cost_and_value,
        ),
    ),
    (POOR, lambda facts: bool(facts.profits(0.5)) and _margin_is_low(facts), _thin),
    (
        POOR,
        lambda facts: bool(facts.profits(0.5)) and facts.survives(0.2) is False,
        _says(
            "The business makes a profit in the end in {profit} of the trials, but cash runs out before in {ruin}.",
            _shares,
        ),
    ),
    (
        POOR,
        lambda facts: facts.survives(0.2) is False,
        _says("Cash runs out in {ruin} of the trials, and the last year makes a loss in {loss}.", _shares),
    ),
    (
        POOR,
        lambda facts: not facts.profits(0.5) and _margin_is_low(facts),
        _says(
            "Serving customers takes most of what they pay: gross margin is {margin}, and the last year makes a loss "
            "in {loss} of the trials.",
            lambda facts: {"margin": _margin(facts), **_shares(facts)},
        ),
    ),
    (
        POOR,
        lambda facts: not facts.profits(0.5),
        _says("The business still makes a loss in its last year in {loss} of the trials.", _shares),
    ),
    (
        POOR,
        lambda facts: _has_winning(facts) and not facts.pays_back(24),
        _says("The business makes a profit, but what it spends on new customers comes back too slowly."),
    ),
    (
        POOR,
        lambda facts: not facts.pays_back(24),
        _says("The business spends money on winning customers, and wins none."),
    ),
    (POOR, lambda _: True, _says("The business may work, but not as this scenario plans it.")),
)

# What is open, by the name of a condition; `now` is the figure, `bound` the condition's.
OPEN = {
    "ruin": "{trials} trials cannot decide the grade: the chance of running out of cash, {now}, is too close to "
    "{bound}.",
    "profit": "{trials} trials cannot decide the grade: the chance of an operating profit in the last year, {now}, is "
    "too close to {bound}.",
    "gross_margin": "{trials} trials cannot decide the grade: the median gross margin, {now}, is too close to {bound}.",
}


UNITS = {"payback": "month", "ltv_to_cac": "1"}


def _now(facts: Facts, name: str) -> Value | None:
    """Return the figure that a condition is about; None if it has no value."""
    try:
        if name == "gross_margin":
            return _margin(facts)
        if name in {"ruin", "profit"}:
            return _shares(facts)[name]
        won = facts.figures.won
        return won.payback() if name == "payback" else won.ratio(), UNITS[name]
    except Undefined:
        return None


def open_sentence(facts: Facts, name: str, bound: float) -> Message:
    """Return the sentence of an undecided grade: the figure that lies too close to its bound."""
    values: Values = {"trials": (facts.outcomes.trials, "1"), "bound": (bound, "share")}
    now = _now(facts, name)
    return Message(OPEN[name], values if now is None else {**values, "now": now})


# The change that a condition asks for, with the figure now, and for a figure without a value.
CHANGES = {
    "gross_margin": (
        "Raise the median gross margin from {now} to {bound} or more.",
        "Reach a gross margin of {bound} or more.",
    ),
    "payback": ("Shorten payback from {now} to {bound} or less.", "Reach a payback of {bound} or less."),
    "ltv_to_cac": ("Raise LTV over CAC from {now} to {bound} or more.", "Reach an LTV of {bound} times CAC or more."),
    "ruin": ("Lower the chance of running out of cash from {now} to {bound} or less.", ""),
    "profit": (
        "Raise the chance of an operating profit in the last year from {now} to {bound} or more.",
        "",
    ),
}


def changed(facts: Facts, name: str, bound: float) -> Iterator[Message]:
    """Yield the changes that fulfil a condition."""
    now = _now(facts, name)
    known, unknown = CHANGES[name]
    values: Values = {"bound": (bound, UNITS.get(name, "share"))}
    if facts.from_trials or name not in {"ruin", "profit"}:
        yield Message(unknown, values) if now is None else Message(known, {**values, "now": now})
    elif name == "profit":
        yield Message("Make an operating profit in the last year.")
    if name == "ruin" and facts.gap is not None:
        yield _of_gap(facts, LATER if facts.gap.closes is not None else "Raise {missing} more by {broke}.")


LATER = "Raise {missing} more by {broke}, or close the funding of {closes} {months} earlier."


def reasons(facts: Facts) -> Iterator[Message]:
    """Yield what the verdict rests on: survival, margin, profit, new customers, and the cash left at the end."""
    yield from _survival(facts)
    yield from _margins(facts)
    yield from _growth(facts)
    yield from _at_the_end(facts)


def _survival(facts: Facts) -> Iterator[Message]:
    if facts.gap is not None:
        yield _of_gap(facts, RUNS_OUT if facts.gap.closes is None else RUNS_OUT_BEFORE_FUNDING)
    elif not facts.from_trials:
        yield Message("In the base case cash never runs out.")
    alone = figure_or_none(runway_unfunded, facts.figures)
    if any(funding_months(facts.figures.ledger)) and alone is not None and facts.figures.broke != alone:
        text = "Without the funding that has not closed yet, cash runs out in {month}."
        yield Message(text, {"month": (alone, "month index")})
    if facts.from_trials:
        values: Values = {**_shares(facts), "trials": (facts.outcomes.trials, "1")}
        yield _says("Cash runs out in {ruin} of {trials} trials.", lambda _: values)(facts)
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
        margin = _margin(facts)
    except Undefined as reason:
        yield Message(reason.text)
    else:
        yield Message(GROSS[margin[0] >= FAIR_MARGIN], {"margin": margin, "fair": (FAIR_MARGIN, "share")})
    if facts.from_trials:
        yield _says("The last year makes an operating profit in {profit} of the trials.", _shares)(facts)
    if (month := figure_or_none(break_even_month, facts.figures)) is None:
        yield Message("In the base case operations do not break even in the months projected.")
    else:
        yield Message("In the base case operations break even in {month}.", {"month": (month, "month index")})


GROSS = {
    True: "Median gross margin is {margin}: {fair} or more is fair for software.",
    False: "Median gross margin is {margin}, below the {fair} that is fair for software.",
}


def _growth(facts: Facts) -> Iterator[Message]:
    if facts.seeks_nobody:
        yield Message("The company spends nothing on winning customers and wins none, so payback does not apply.")
        return
    try:
        values: Values = {**_cost_and_value(facts), "ratio": (facts.figures.won.ratio(), "1")}
    except Undefined as reason:
        yield Message(reason.text)
        return
    months = figure_or_none(payback_months, facts.figures)
    if months is None:
        yield Message(NEVER_PAID_BACK, values)
    else:
        yield Message(PAID_BACK, {**values, "months": (months, "month")})


PAID_BACK = (
    "Winning a customer costs {cost} and is paid back in {months}; its gross profit over 36 months is {value}, {ratio} "
    "times as much."
)
NEVER_PAID_BACK = (
    "Winning a customer costs {cost} and is not paid back; its gross profit over 36 months is {value}, {ratio} times "
    "as much."
)


def _at_the_end(facts: Facts) -> Iterator[Message]:
    """Yield how long cash lasts beyond the projection, where it burns and does not last another year."""
    left = figure_or_none(months_left, facts.figures)
    if facts.gap is None and left is not None and left < YEAR:
        yield Message("At the end cash lasts {left} at the burn of the last quarter.", {"left": (left, "month")})


def among_trials(figures: Figures) -> Message | None:
    """Return the sentence that tells the base case from the median trial; None without trials that differ."""
    if figures.drawn is Drawn.NOTHING or not figures.outcomes.trials:
        return None
    ends, end = figures.outcomes.end_cash, float(figures.total("cash")[-1])
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
