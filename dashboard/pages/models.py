"""Models and data: what making models costs, what of it becomes an asset, and what the users' data are worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.desk.cached import learned
from dashboard.parts import charts, charts_finance
from dashboard.parts.members import titles
from dashboard.parts.tables import show, whole
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.answers.variations.advantage import Advantage
from simulator.engine.model import Array

# The line of each kind of cost, in the order in which the chart piles them.
COST_LABELS = {
    "training_rent": "Devices",
    "labelling_cost": "Labels",
    "data_cost": "Data",
    "teacher_cost": "Teacher models",
    "evaluation_cost": "Evaluation",
}
PROGRAM_COLUMNS = ("Program", "Runs", "Device-hours", "Tokens")
SUM_COLUMNS = ("All costs", "Capitalised")
# What of the users' advantage can be looked at, and how it is counted.
WORTH_LABELS = {
    "customers": ("Customers", "number"),
    "revenue": ("Revenue a month", "money"),
    "cash": ("Cash", "money"),
    "quality": ("Quality", "share"),
}


def page(projection: Projection, say: Words) -> None:
    """Programs first, then what they make of the product, then what users add to it."""
    st.subheader(say("Making models"))
    if projection.scenario.entities.get("program"):
        programs(projection, say)
    else:
        st.info(escape(say("This plan makes no models of its own; list programs in the file to see what they cost.")))
    st.subheader(say("How good the product is"))
    left, right = st.columns(2)
    with left:
        quality(projection, say)
    with right:
        own_data(projection, say)
    st.subheader(say("What the users' data are worth"))
    found = learned(projection.scenario)
    if found is None:
        st.info(
            escape(
                say(
                    "This plan collects no feedback that could be learned from: set feedback_share and consent to see "
                    "what users add."
                )
            )
        )
    else:
        worth(projection, found, say)


def of(ledger: Ledger, line: str, program: str) -> Array:
    """A line of one program by month, or of all of them together where none is named."""
    return ledger.of_member(line, program) if program else ledger.total(line)


def programs(projection: Projection, say: Words) -> None:
    """Costs by kind over months for one program or all, and all programs in a table."""
    known = titles(projection.scenario, "program")
    options = ["", *known] if len(known) > 1 else list(known)
    program = options[0]
    if len(options) > 1:
        program = st.selectbox(
            say("Program"),
            options,
            format_func=lambda name: known[name] if name else say("All programs"),
            key=f"program:{','.join(known)}",
            persist_state="session",
            width=320,
        )
    costs(projection, program, say)
    kept(projection, program, say)
    table(projection, known, say)


def costs(projection: Projection, program: str, say: Words) -> None:
    """What is paid for, month by month, cut into kinds."""
    parts = {line: of(projection.ledger, line, program) for line in COST_LABELS}
    moving = {line: values for line, values in parts.items() if values.any()}
    total = sum(float(values.sum()) for values in parts.values())
    if not moving:
        small(say("It costs nothing but the time of those who work on it."))
        return
    curves = {say(COST_LABELS[line]): values for line, values in moving.items()}
    figure = charts_finance.parts_by_month(
        say, projection.dates, curves, say("a month, {currency}", currency=projection.currency)
    )
    most = max(moving, key=lambda line: float(moving[line].sum()))
    by_month = of(projection.ledger, "program_cost", program)
    text = say(
        "Making models costs {total:money} over the plan. The largest part is {kind}, with {share:share}; the dearest "
        "month is {when:month}, with {most:money}.",
        total=total,
        share=float(moving[most].sum()) / total,
        kind=say(COST_LABELS[most]),
        when=projection.dates[int(by_month.argmax())],
        most=float(by_month.max()),
    )
    charts.show(figure, text, key="program-costs")


def kept(projection: Projection, program: str, say: Words) -> None:
    """How much becomes an asset, and how it is written off; one sentence where nothing does."""
    cost, capitalised, written_off, left = (
        of(projection.ledger, line, program) for line in ("program_cost", "capitalised", "amortisation", "model_assets")
    )
    if not (capitalised.any() or left.any()):
        small(say("All of it is a cost of the month in which it is spent; nothing is capitalised."))
        return
    figure = charts_finance.several(
        say,
        charts_finance.same_months(
            projection.dates,
            {
                say("cost of the month"): cost - capitalised,
                say("capitalised"): capitalised,
                say("amortisation"): written_off,
                say("book value of models"): left,
            },
        ),
        say("{currency}", currency=projection.currency),
    )
    text = say(
        "Of {total:money}, {kept:money} is capitalised and {spent:money} is a cost at once; {written:money} is written "
        "off within the plan, and {left:money} stands in the books at its end.",
        total=float(cost.sum()),
        kept=float(capitalised.sum()),
        spent=float((cost - capitalised).sum()),
        written=float(written_off.sum()),
        left=round(float(left[-1]), 2),
    )
    charts.show(figure, text, key="capitalised")


def table(projection: Projection, known: dict[str, str], say: Words) -> None:
    """Each program with its runs, what they take, and what they cost."""
    ledger = projection.ledger
    lines = ("runs_started", "training_device_hours", "training_tokens", *COST_LABELS, "program_cost", "capitalised")
    heads = (*PROGRAM_COLUMNS, *COST_LABELS.values(), *SUM_COLUMNS)
    rows = []
    for name, title in known.items():
        runs, hours, tokens, *money = (float(ledger.of_member(line, name).sum()) for line in lines)
        counted = (say.number(round(amount, 1)) for amount in (runs, hours, tokens))
        rows.append([title, *counted, *(whole(say, amount) for amount in money)])
    show(pd.DataFrame(rows, columns=[say(head) for head in heads]), say("Programs over the whole plan"))
    small(say("Sums over the whole plan; money in {currency}.", currency=projection.currency))


def quality(projection: Projection, say: Words) -> None:
    """The product against the best on the market."""
    product, best = (projection.ledger.total(line) for line in ("quality", "frontier"))
    figure = charts_finance.several(
        say,
        charts_finance.same_months(
            projection.dates, {say("this product"): product, say("the best on the market"): best}
        ),
        say("quality, share of what is wanted"),
        kind="share",
    )
    values = {"first": product[0], "last": product[-1], "best": best[-1], "gap": abs(float(product[-1] - best[-1]))}
    if values["gap"] < 0.0005:
        text = say("Quality goes from {first:share} to {last:share}, level with the best on the market.", **values)
    elif product[-1] > best[-1]:
        text = say(
            "Quality goes from {first:share} to {last:share}; the best of the others reaches {best:share}, {gap:share} "
            "of the whole behind.",
            **values,
        )
    else:
        text = say(
            "Quality goes from {first:share} to {last:share}; the best on the market reaches {best:share}, {gap:share} "
            "of the whole ahead.",
            **values,
        )
    charts.show(figure, text, key="quality-chart")


def own_data(projection: Projection, say: Words) -> None:
    """What the company has collected that others have not, and what of it the model in use has learned."""
    collected, in_use = (projection.ledger.total(line) for line in ("own_data", "learned_data"))
    if not collected.any():
        small(say("No examples of the company's own are collected."))
        return
    curves = {say("collected, and not with rivals"): collected, say("learned by the model in use"): in_use}
    figure = charts_finance.several(
        say,
        charts_finance.same_months(projection.dates, curves),
        say("examples"),
        kind="number",
    )
    text = say(
        "At the end {collected:number} examples of its own are kept, and the model in use has learned from "
        "{learned:number} of them; it is {months:months} old on average.",
        collected=collected[-1],
        learned=in_use[-1],
        months=float(np.mean(projection.ledger.total("staleness"))),
    )
    charts.show(figure, text, key="data-chart")


def worth(projection: Projection, found: Advantage, say: Words) -> None:
    """The plan with what users leave behind, and the same plan without it."""
    text = say(
        "With what users leave behind, quality at the end is {quality:share} instead of {other_quality:share}; revenue "
        "of the last month is {revenue:money} instead of {other_revenue:money}, and cash {cash:money} instead of "
        "{other_cash:money}. In company value that is {value:money}.",
        quality=found.with_feedback["quality"][-1],
        other_quality=found.without["quality"][-1],
        revenue=found.with_feedback["revenue"][-1],
        other_revenue=found.without["revenue"][-1],
        cash=found.with_feedback["cash"][-1],
        other_cash=found.without["cash"][-1],
        value=found.worth("company_value"),
    )
    st.markdown(escape(text))
    name = st.segmented_control(
        say("Show"),
        list(WORTH_LABELS),
        default="customers",
        required=True,
        format_func=lambda name: say(WORTH_LABELS[name][0]),
        key="worth",
        persist_state="session",
    )
    label, kind = WORTH_LABELS[name]
    y_title = say(label) if kind != "money" else f"{say(label)}, {projection.currency}"
    figure = charts_finance.apart(
        say,
        projection.dates,
        (say("with feedback"), found.with_feedback[name]),
        (say("without"), found.without[name]),
        y_title,
        kind,
    )
    charts.show(figure, worth_sentence(found, name, kind, projection, say), key="worth-chart")


def worth_sentence(found: Advantage, name: str, kind: str, projection: Projection, say: Words) -> str:
    """How far the two courses are apart at the end, and from when on."""
    with_it, without = found.with_feedback[name], found.without[name]
    difference = with_it - without
    write = {"money": say.money, "share": say.share, "number": say.number}[kind]
    moved = np.flatnonzero(np.abs(difference) > 0.005 * np.maximum(np.abs(without), 1e-9))
    if not moved.size:
        return say("{name}: feedback makes no difference within the plan.", name=say(WORTH_LABELS[name][0]))
    return say(
        "{name} at the end: {with_it} with feedback, {without} without it; the two part in {when:month}.",
        name=say(WORTH_LABELS[name][0]),
        with_it=write(float(with_it[-1])),
        without=write(float(without[-1])),
        when=projection.dates[int(moved[0])],
    )
