"""Models and data: the cost of training programs, capitalised models, quality, and the value of user feedback."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.desk.cached import learned
from dashboard.parts import charts, charts_results
from dashboard.parts.business.missing import to_set
from dashboard.parts.choices import from_list, one_of
from dashboard.parts.members import titles, to_add
from dashboard.parts.tables import show, whole
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.answers.variations.advantage import Advantage
from simulator.engine.model import Array

# The line of each kind of cost, in the order of the chart.
COST_LABELS = {
    "training_rent": "Devices",
    "labelling_cost": "Labels",
    "data_cost": "Data",
    "teacher_cost": "Teacher models",
    "evaluation_cost": "Evaluation",
}
PROGRAM_COLUMNS = ("Program", "Runs", "Device-hours", "Tokens")
SUM_COLUMNS = ("All costs", "Capitalised")
# Line → its label and kind of value.
WORTH_LABELS: dict[str, tuple[str, charts.Kind]] = {
    "customers": ("Customers", "number"),
    "revenue": ("Revenue a month", "money"),
    "cash": ("Cash", "money"),
    "quality": ("Quality", "share"),
}


# Differences in quality that round to no tenth of a percentage point.
SAME_QUALITY = 0.0005


def page(projection: Projection, say: Words) -> None:
    """Draw training programs, the quality that they give the product, and the value of feedback."""
    st.header(say("Training programs"))
    if projection.scenario.entities.get("program"):
        programs(projection, say)
    else:
        st.info(say("This scenario trains no models."))
        to_add("program", say)
    st.header(say("Quality of the product"))
    left, right = st.columns(2)
    with left:
        quality(projection, say)
    with right:
        own_data(projection, say)
    st.header(say("Value of user feedback"))
    found = learned(projection.scenario)
    if found is None:
        st.info(say("This scenario collects no feedback, so there is no value to show."))
        to_set(projection, say, None, ("feedback_share", "consent"))
    else:
        worth(projection, found, say)


def of(ledger: Ledger, line: str, program: str) -> Array:
    """Return a line of one program by month, or of all programs if `program` is empty."""
    return ledger.of_member(line, program) if program else ledger.total(line)


def programs(projection: Projection, say: Words) -> None:
    """Draw the costs of one program or all by month, and list all programs."""
    known = titles(projection.scenario, "program")
    options = ["", *known] if len(known) > 1 else list(known)
    program = options[0]
    if len(options) > 1:
        called = {"": say("All programs"), **known}
        program = from_list(say("Program"), options, f"program:{','.join(known)}", called.__getitem__, width=320)
    costs(projection, program, say)
    kept(projection, program, say)
    table(projection, known, say)


def costs(projection: Projection, program: str, say: Words) -> None:
    """Draw costs by month and kind."""
    parts = {line: of(projection.ledger, line, program) for line in COST_LABELS}
    moving = {line: values for line, values in parts.items() if values.any()}
    total = sum(float(values.sum()) for values in parts.values())
    if not moving:
        small(say("Training costs only the time of the people who work on it."))
        return
    curves = {say(COST_LABELS[line]): values for line, values in moving.items()}
    y_title = say("a month, {currency}", currency=projection.currency)
    figure = charts.bars(say, projection.dates, curves, y_title, "money")
    most = max(moving, key=lambda line: float(moving[line].sum()))
    by_month = of(projection.ledger, "program_cost", program)
    facts = {"total": total, "share": float(moving[most].sum()) / total, "kind": say(COST_LABELS[most])}
    more = {"when": projection.dates[int(by_month.argmax())], "most": float(by_month.max())}
    text = say(
        "Training costs {total:money} over the projection. The largest part is {kind} with {share:share}; the most "
        "expensive month is {when:month} with {most:money}.",
        **facts,
        **more,
    )
    charts.show(figure, text, key="program-costs")


def kept(projection: Projection, program: str, say: Words) -> None:
    """Draw capitalised training costs and their amortisation; one sentence where nothing is capitalised."""
    cost, capitalised, written_off, left = (
        of(projection.ledger, line, program) for line in ("program_cost", "capitalised", "amortisation", "model_assets")
    )
    if not (capitalised.any() or left.any()):
        small(say("All training costs are expensed in the month they arise; nothing is capitalised."))
        return
    series = {
        say("expensed"): cost - capitalised,
        say("capitalised"): capitalised,
        say("amortisation"): written_off,
        say("book value of models"): left,
    }
    figure = charts.curves(say, projection.dates, series, projection.currency, "money")
    values = {"total": float(cost.sum()), "kept": float(capitalised.sum()), "spent": float((cost - capitalised).sum())}
    more = {"written": float(written_off.sum()), "left": round(float(left[-1]), 2)}
    text = say(
        "Of {total:money}, {kept:money} is capitalised and {spent:money} expensed at once. In the projection "
        "{written:money} is amortised, which leaves a book value of {left:money}.",
        **values,
        **more,
    )
    charts.show(figure, text, key="capitalised")


def table(projection: Projection, known: dict[str, str], say: Words) -> None:
    """List each program with its training runs, device-hours, tokens and costs."""
    ledger = projection.ledger
    lines = ("runs_started", "training_device_hours", "training_tokens", *COST_LABELS, "program_cost", "capitalised")
    heads = (*PROGRAM_COLUMNS, *COST_LABELS.values(), *SUM_COLUMNS)
    rows = []
    for name, title in known.items():
        runs, hours, tokens, *money = (float(ledger.of_member(line, name).sum()) for line in lines)
        counted = (say.number(round(amount, 1)) for amount in (runs, hours, tokens))
        rows.append([title, *counted, *(whole(say, amount) for amount in money)])
    show(pd.DataFrame(rows, columns=[say(head) for head in heads]), say("Programs over the whole projection"))
    small(say("Sums over the whole projection; amounts in {currency}.", currency=projection.currency))


def quality(projection: Projection, say: Words) -> None:
    """Draw the quality of the product against the best on the market."""
    product, best = (projection.ledger.total(line) for line in ("quality", "frontier"))
    series = {say("this product"): product, say("best on the market"): best}
    figure = charts.curves(say, projection.dates, series, say("quality, share of tasks done well"), "share")
    points = say.number(100 * abs(float(product[-1] - best[-1])), 2)
    values = {"first": product[0], "last": product[-1], "best": best[-1], "gap": abs(float(product[-1] - best[-1]))}
    if say.share(product[0]) == say.share(product[-1]):
        text = say("Quality stays at {last:share}", **values)
    else:
        text = say("Quality goes from {first:share} to {last:share}", **values)
    if values["gap"] < SAME_QUALITY:
        text += say(", equal to the best on the market.")
    elif product[-1] > best[-1]:
        text += say("; the best competitor ends at {best:share}, {points} points behind.", points=points, **values)
    else:
        text += say("; the market's best ends at {best:share}, {points} points ahead.", points=points, **values)
    charts.show(figure, text, key="quality-chart")


def own_data(projection: Projection, say: Words) -> None:
    """Draw the examples that the company has collected, and those that the model in use has learned from."""
    collected, in_use = (projection.ledger.total(line) for line in ("own_data", "learned_data"))
    if not collected.any():
        small(say("The company collects no examples of its own."))
        return
    series = {say("own examples"): collected, say("learned by the model in use"): in_use}
    figure = charts.curves(say, projection.dates, series, say("examples"), "number")
    text = say(
        "At the end the company has {collected:number} examples of its own, and the model in use has learned from "
        "{learned:number} of them; the model is {months:months} old on average.",
        collected=collected[-1],
        learned=in_use[-1],
        months=float(np.mean(projection.ledger.total("staleness"))),
    )
    charts.show(figure, text, key="data-chart")


def worth(projection: Projection, found: Advantage, say: Words) -> None:
    """Draw the projection with user feedback against the same projection without."""
    text = say(
        "User feedback is worth {value:money} of company value: quality at the end is {quality:share} instead of "
        "{other_quality:share}, revenue of the last month {revenue:money} instead of {other_revenue:money}, and cash "
        "{cash:money} instead of {other_cash:money}.",
        quality=found.with_feedback["quality"][-1],
        other_quality=found.without["quality"][-1],
        revenue=found.with_feedback["revenue"][-1],
        other_revenue=found.without["revenue"][-1],
        cash=found.with_feedback["cash"][-1],
        other_cash=found.without["cash"][-1],
        value=found.worth("company_value"),
    )
    st.markdown(escape(text))
    name = one_of(say, say("Show"), {line: label for line, (label, _) in WORTH_LABELS.items()}, "worth")
    label, kind = WORTH_LABELS[name]
    y_title = say(label) if kind != "money" else f"{say(label)}, {projection.currency}"
    figure = charts_results.apart(
        say,
        projection.dates,
        (say("with feedback"), found.with_feedback[name]),
        (say("without"), found.without[name]),
        y_title=y_title,
        kind=kind,
    )
    charts.show(figure, worth_sentence(found, name, kind, projection, say), key="worth-chart")


def worth_sentence(found: Advantage, name: str, kind: str, projection: Projection, say: Words) -> str:
    """Return the two values at the end, and the month from which they differ."""
    with_it, without = found.with_feedback[name], found.without[name]
    difference = with_it - without
    write = {"money": say.money, "share": say.share, "number": say.number}[kind]
    moved = np.flatnonzero(np.abs(difference) > 0.005 * np.maximum(np.abs(without), 1e-9))
    if not moved.size:
        return say("{name}: feedback makes no difference in the projection.", name=say(WORTH_LABELS[name][0]))
    return say(
        "{name} at the end: {with_it} with feedback, {without} without; the two differ from {when:month}.",
        name=say(WORTH_LABELS[name][0]),
        with_it=write(float(with_it[-1])),
        without=write(float(without[-1])),
        when=projection.dates[int(moved[0])],
    )
