"""Hardware: what was measured, beside what the device can give at most, and what it does to the plan."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import charts, runs
from dashboard.desk import SHIPPED, Desk, sentence_of
from dashboard.files import carried, own_folder
from dashboard.plans import projected
from dashboard.tiles import small
from dashboard.words import Words, escape
from profiling.errors import RecordError
from profiling.record import Case, Record, load
from simulator.attach import keep_record, metrics_for, references
from simulator.errors import BreakevenError
from simulator.measured import MEASUREMENTS
from simulator.projection import Projection
from simulator.scenario import Scenario

# The rate that each kind of case is about, and its share of the ceiling measured beside it.
RATES = {
    "train": ("training_tokens_per_second", "mfu"),
    "classify": ("tokens_per_second", "mfu"),
    "generate": ("tokens_per_second", "mbu"),
}

CPU = re.compile(r"\bCPU\b", re.IGNORECASE)
# What tells one device from another in its name: H100, MI300X, 4090, T4; not how much memory it has.
MODEL = re.compile(r"\b(?!\d+GI?B\b)(?:[A-Z]+\d\w*|\d{3,}\w*)\b")


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Runs, records, and the way from a record into the plan."""
    runs.bench(say)
    st.subheader(say("Measurements"))
    records = found(desk.draft.folder)
    if not records:
        st.info(say("Nothing was measured yet. Start a run above; a quick one takes about a minute."))
        return
    path = st.selectbox(
        say("Record"),
        list(records),
        format_func=lambda path: record_title(records[path]),
        key="record",
        persist_state="session",
    )
    show(records[path], say)
    attach(path, records[path], projection, say, desk)


def found(folder: Path) -> dict[Path, Record]:
    """The records beside the plan, those that ship, and those of the user's finished runs, the newest first."""
    paths = {*folder.glob(f"{MEASUREMENTS}/*.json"), *SHIPPED.glob(f"{MEASUREMENTS}/*.json"), *runs.results()}
    records: dict[str, tuple[Path, Record]] = {}
    for path in sorted(paths):
        try:
            record = load(path)
            records[record.id] = (path, record)
        except RecordError as error:
            st.warning(escape(str(error)))
    return dict(sorted(records.values(), key=lambda pair: pair[1].created, reverse=True))


def record_title(record: Record) -> str:
    """What was measured, on what, and when; a CPU is named as one."""
    return f"{record.label} · {record.preset} · {record.created[:10]}"


def show(record: Record, say: Words) -> None:
    """A record: the device, its ceiling, and each case beside it."""
    if record.on_cpu:
        st.warning(
            escape(say("Measured on a CPU. These numbers hold for this CPU and say nothing about a GPU.")),
            icon=":material/memory:",
        )
    ceiling = ", ".join(str(estimate) for estimate in record.ceiling.values())
    small(say("{device}; measured ceiling: {ceiling}", device=record.label, ceiling=ceiling or "–"))
    done = [case for case in record.cases if case.ok and RATES[case.kind][1] in case.metrics]
    if done:
        shares = [case.metrics[RATES[case.kind][1]] for case in done]
        figure = charts.against_ceiling(say, [case.where for case in done], shares)
        best = max(range(len(done)), key=lambda position: shares[position].value)
        text = say(
            "The best use of the device is {share:share} of its measured ceiling, at {point}.",
            share=shares[best].value,
            point=done[best].where,
        )
        charts.show(figure, f"{text} {cpu_mark(record, say)}".strip(), key=f"ceiling:{record.id}")
    st.dataframe(table(record, say), hide_index=True, alt=say("Cases of the record"))


def cpu_mark(record: Record, say: Words) -> str:
    """The word that goes with every number from a CPU."""
    return say("(measured on a CPU)") if record.on_cpu else ""


def table(record: Record, say: Words) -> pd.DataFrame:
    """One row a case: where, how it ended, its rate with the interval, and its share of the ceiling."""
    rows = []
    for case in record.cases:
        rate, share = (case.metrics.get(name) for name in RATES[case.kind])
        rows.append(
            {
                say("Case"): case.where,
                say("Result"): say(case.status.replace("_", " ")),
                say("Rate"): f"{rate} {cpu_mark(record, say)}".strip() if rate else case.why or "–",
                say("Share of the ceiling"): say.share(share.value) if share else "–",
            }
        )
    return pd.DataFrame(rows)


def attach(path: Path, record: Record, projection: Projection, say: Words, desk: Desk) -> None:
    """Choose a pool or a program and a point, see what the plan becomes, and take it over as an edit."""
    targets = [
        (kind, member)
        for kind in ("pool", "program")
        for member in projection.scenario.entities.get(kind, ())
        if any(metric in case.metrics for metric in metrics_for(kind).values() for case in record.cases if case.ok)
    ]
    if not targets:
        return
    st.subheader(say("Use in the plan"))
    columns = st.columns(2)
    with columns[0]:
        kind, member = st.selectbox(
            say("For"), targets, format_func=lambda target: f"{say(target[0].capitalize())} · {target[1]}", key="target"
        )
    rate = next(iter(metrics_for(kind).values()))
    measured = [case for case in record.cases if case.ok and rate in case.metrics]
    points = sorted(measured, key=lambda case: -case.metrics[rate].value)
    with columns[1]:
        case = st.selectbox(say("At"), points, format_func=lambda case: case.where, key=f"point:{record.id}:{kind}")
    effect(projection, kind, member, case, say)
    place = f"{kind}s.{member}"
    planned = projection.scenario.about[place].get("device", "")
    if not fits(record, planned):
        text = say(
            "This was measured on {measured}, but {place} is planned on {planned}: choose a measurement of that "
            "device, or change the plan's device and its price.",
            measured=record.label,
            place=place,
            planned=planned,
        )
        st.warning(escape(text), icon=":material/memory:")
    elif record.on_cpu:
        small(say("The rate is a CPU's: the plan must rent such a machine for it, or you measure on your GPU."))
    st.button(
        say("Use this measurement"),
        icon=":material/link:",
        key="attach",
        on_click=desk.change,
        args=(place, record.id, lambda scenario: attached(scenario, path, kind, member, case)),
    )
    if place in desk.refused:
        st.error(escape(desk.refused[place].why))


def fits(record: Record, planned: str) -> bool:
    """Whether a record may be of the device that a plan names in its own words; they may also name none."""
    if not planned:
        return True
    on_cpu = bool(CPU.search(planned))
    if on_cpu or record.on_cpu:
        return on_cpu and record.on_cpu
    models = set(MODEL.findall(planned.upper()))
    return not models or bool(models & set(MODEL.findall(record.label.upper())))


def attached(scenario: Scenario, path: Path, kind: str, member: str, case: Case) -> Scenario:
    """The scenario with a pool or program resting on a record's case; the record is copied beside the plan.

    A plan that ships first moves to the user's own folder: the product's is not written to.
    """
    if scenario.folder == SHIPPED:
        scenario = carried(scenario, own_folder())
    at = {"kind": case.kind, **{name: str(value) for name, value in case.point.items()}}
    keep_record(path, scenario.folder)
    for name, reference in references(path, metrics_for(kind), at).items():
        scenario = scenario.with_value(f"{kind}s.{member}.{name}", reference)
    return scenario


def effect(projection: Projection, kind: str, member: str, case: Case, say: Words) -> None:
    """The cost that the measurement decides, as it is and as it would be."""
    changed = projection.scenario
    try:
        for name, metric in metrics_for(kind).items():
            if metric in case.metrics:
                changed = changed.with_value(f"{kind}s.{member}.{name}", case.metrics[metric].value)
        would_be = projected(changed, 0)
    except BreakevenError as error:
        st.error(escape(sentence_of(error)))
        return
    line, name = (
        ("cost_per_million_tokens", say("Cost per million tokens"))
        if kind == "pool"
        else ("training_rent", say("Training rent a month"))
    )
    key = f"{line}[{member}]"
    before, after = (float(found.series[key].base[-1]) for found in (projection, would_be))
    with st.grid(2, min_column_width=200):
        st.metric(say("{name}, now", name=name), escape(say.money(before)), border=True, height="stretch")
        st.metric(
            say("{name}, with this measurement", name=name),
            escape(say.money(after)),
            border=True,
            height="stretch",
            delta=say.share(after / before - 1) if before and after != before else None,
            delta_color="inverse",
        )
