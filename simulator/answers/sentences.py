"""Sentences of the verdict: the one that is true of a projection, and the changes that the next grade needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from simulator.answers.facts import Facts, Gap
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


def currency_of(facts: Facts) -> str:
    """Return the code of the currency."""
    return facts.figures.ledger.scenario.currency


def cost_and_value(facts: Facts) -> Values:
    """Return what a new customer costs and brings."""
    won = facts.figures.won
    return {"cost": (won.cost(), currency_of(facts)), "value": (won.value(), currency_of(facts))}


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
    return of_gap(
        facts,
        "Cash runs out in {broke}, {months} before the next funding closes in {closes}: in the base case {missing} "
        "more by {broke}, or that funding {months} earlier, would carry the company on.",
    )


def of_gap(facts: Facts, text: str) -> Message:
    """Return a message about the money that the base case lacks; the projection must lack some."""
    gap = facts.gap
    assert isinstance(gap, Gap)
    values: Values = {"broke": (gap.month, "month index"), "missing": (gap.missing, currency_of(facts))}
    if gap.closes is not None:
        values |= {"closes": (gap.closes, "month index"), "months": (gap.closes - gap.month, "month")}
    return Message(text, values)


def _broke_at_a_loss(facts: Facts) -> Message:
    found = of_gap(facts, BROKE_AT_A_LOSS[facts.from_trials])
    return replace(found, values={**found.values, "loss": shares_of(facts)["loss"]}) if facts.from_trials else found


# By whether trials were run.
BROKE_AT_A_LOSS = {
    True: "In the base case cash runs out in {broke}, and even without that limit the last year makes a loss in {loss} "
    "of the trials.",
    False: "Cash runs out in {broke}, and even without that limit the business makes no profit in the last year.",
}


def _thin(facts: Facts) -> Message:
    outcomes = facts.outcomes
    cost = np.maximum(outcomes.revenue - outcomes.gross_profit, 1e-9)
    text = (
        "The business makes a profit on thin margins: gross margin is {margin}, and a rise of the cost of revenue by "
        "{rise} would end the profit."
    )
    rise = float(np.median(outcomes.operating_income / cost))
    return Message(text, {"margin": margin_of(facts), "rise": (rise, "share")})


def margin_of(facts: Facts) -> Value:
    """Return the median gross margin, or that of the base case; raise Undefined without revenue."""
    return estimated(facts, facts.outcomes.margin("gross_profit", 0.5))


def shares_of(facts: Facts) -> Values:
    """Return the chances that sentences name."""
    profit = facts.outcomes.profit()
    loss = Estimate(1 - profit.value, profit.error)
    found = {"profit": profit, "loss": loss, "ruin": facts.outcomes.ruin()}
    return {name: estimated(facts, one) for name, one in found.items()}


def says(text: str, values: Callable[[Facts], Values] | None = None) -> Callable[[Facts], Message]:
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
        says("The business wins no new customers; those it has bring a lasting profit, and cash is safe."),
    ),
    (
        ("gold mine",),
        lambda _: True,
        says("On these assumptions customers pay back fast, margins are high and cash is safe."),
    ),
    (
        ("sound",),
        lambda facts: not facts.from_trials,
        says("On these assumptions the business makes a profit, and its cash lasts."),
    ),
    (
        ("sound",),
        lambda _: True,
        says("On these assumptions the business makes a profit in most trials, and most trials stay solvent."),
    ),
    (POOR, lambda facts: facts.is_late, _late),
    (
        POOR,
        lambda facts: not facts.has_revenue and facts.gap is not None,
        lambda facts: of_gap(facts, "Cash runs out in {broke}, before there is any revenue."),
    ),
    (
        POOR,
        lambda facts: not facts.has_revenue and facts.months_left < YEAR,
        says(
            "There is no revenue in the last year, and at its end cash lasts {left}.",
            lambda facts: {"left": (facts.months_left, "month")},
        ),
    ),
    (
        POOR,
        lambda facts: not facts.has_revenue and bool(facts.survives(0.5)),
        says("There is no revenue in the last year: cash lasts, but nothing shows yet what customers will pay."),
    ),
    (
        POOR,
        lambda facts: facts.gap is not None and not facts.profits(0.5),
        _broke_at_a_loss,
    ),
    (
        POOR,
        lambda facts: facts.gap is not None,
        lambda facts: of_gap(
            facts, "The business makes a profit in the end, but cash runs out in {broke}; it needs {missing} more."
        ),
    ),
    (
        POOR,
        lambda facts: _has_winning(facts) and not facts.returns(1),
        says(
            "Growth costs more than it brings: winning a customer costs {cost}, and its gross profit over 36 months is "
            "{value}.",
            cost_and_value,
        ),
    ),
    (POOR, lambda facts: bool(facts.profits(0.5)) and _margin_is_low(facts), _thin),
    (
        POOR,
        lambda facts: bool(facts.profits(0.5)) and facts.survives(0.2) is False,
        says(
            "The business makes a profit in the end in {profit} of the trials, but cash runs out before in {ruin}.",
            shares_of,
        ),
    ),
    (
        POOR,
        lambda facts: not facts.from_trials and not facts.profits(0.5) and _margin_is_low(facts),
        says(
            "Serving customers takes most of what they pay: gross margin is {margin}, and the last year makes a loss.",
            lambda facts: {"margin": margin_of(facts)},
        ),
    ),
    (
        POOR,
        lambda facts: not facts.from_trials and not facts.profits(0.5),
        says("The business still makes a loss in its last year."),
    ),
    (
        POOR,
        lambda facts: facts.survives(0.2) is False,
        says("Cash runs out in {ruin} of the trials, and the last year makes a loss in {loss}.", shares_of),
    ),
    (
        POOR,
        lambda facts: not facts.profits(0.5) and _margin_is_low(facts),
        says(
            "Serving customers takes most of what they pay: gross margin is {margin}, and the last year makes a loss "
            "in {loss} of the trials.",
            lambda facts: {"margin": margin_of(facts), **shares_of(facts)},
        ),
    ),
    (
        POOR,
        lambda facts: not facts.profits(0.5),
        says("The business still makes a loss in its last year in {loss} of the trials.", shares_of),
    ),
    (
        POOR,
        lambda facts: _has_winning(facts) and not facts.pays_back(24),
        says("The business makes a profit, but what it spends on new customers comes back too slowly."),
    ),
    (
        POOR,
        lambda facts: not facts.pays_back(24),
        says("The business spends money on winning customers, and wins none."),
    ),
    (POOR, lambda _: True, says("The business may work, but not as this scenario plans it.")),
)

# What is open, by the name of a condition; `now` is the figure, `bound` the condition's.
OPEN = {
    "ruin": "{trials} trials cannot decide the grade: the chance of running out of cash, {now}, is too close to "
    "{bound}.",
    "profit": "{trials} trials cannot decide the grade: the chance of an operating profit in the last year, {now}, is "
    "too close to {bound}.",
    "gross_margin": "{trials} trials cannot decide the grade: the median gross margin, {now}, is too close to {bound}.",
}
NO_MEDIAN = "{trials} trials cannot decide the grade: about half of them have no revenue in the last year."

UNITS = {"payback": "month", "ltv_to_cac": "1"}


def _now(facts: Facts, name: str) -> Value | None:
    """Return the figure that a condition is about; None if it has no value."""
    try:
        if name == "gross_margin":
            return margin_of(facts)
        if name in {"ruin", "profit"}:
            return shares_of(facts)[name]
        won = facts.figures.won
        return won.payback() if name == "payback" else won.ratio(), UNITS[name]
    except Undefined:
        return None


def open_sentence(facts: Facts, name: str, bound: float) -> Message:
    """Return the sentence of an undecided grade: the figure that lies too close to its bound."""
    trials: Values = {"trials": (facts.outcomes.trials, "1")}
    if (now := _now(facts, name)) is None:  # of these figures only the margin may have no value
        return Message(NO_MEDIAN, trials)
    return Message(OPEN[name], {**trials, "bound": (bound, "share"), "now": now})


# The change that a condition asks for, with the figure now, and for a figure without a value.
CHANGES = {
    "gross_margin": (
        "Raise gross margin from {now} to {bound} or more.",
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

# The same where the figure lies too close to the bound for the trials to tell, perhaps on the right side of it.
CLEAR_CHANGES = {
    "gross_margin": "Raise gross margin from {now} to clearly more than {bound}.",
    "ruin": "Lower the chance of running out of cash from {now} to clearly less than {bound}.",
    "profit": "Raise the chance of an operating profit in the last year from {now} to clearly more than {bound}.",
}


def changed(facts: Facts, name: str, bound: float, *, is_open: bool) -> Iterator[Message]:
    """Yield the changes that fulfil a condition; `is_open` says that the trials cannot tell whether it is fulfilled."""
    now = _now(facts, name)
    known, unknown = CHANGES[name]
    if is_open:
        known = CLEAR_CHANGES[name]
    values: Values = {"bound": (bound, UNITS.get(name, "share"))}
    if facts.from_trials or name not in {"ruin", "profit"}:
        yield Message(unknown, values) if now is None else Message(known, {**values, "now": now})
    elif name == "profit":
        yield Message("Make an operating profit in the last year.")
    if name == "ruin" and facts.gap is not None:
        yield of_gap(
            facts, LATER if facts.gap.closes is not None else "Raise {missing} more by {broke} in the base case."
        )


LATER = "Raise {missing} more by {broke} in the base case, or bring the funding of {closes} forward by {months}."
