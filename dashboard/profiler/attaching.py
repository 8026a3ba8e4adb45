"""Attaching a record to the scenario: what takes it, a case or a whole curve, and the effect on costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import streamlit as st

from dashboard.desk.cached import projected
from dashboard.desk.desk import SHIPPED, Desk
from dashboard.desk.files import own_folder
from dashboard.desk.permission import may_write
from dashboard.parts.charts_devices import MILLISECONDS
from dashboard.parts.choices import from_list, one_of, select
from dashboard.parts.explaining.refusals import of_run, why
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from dashboard.profiler.curves import curves_of
from dashboard.profiler.told import case_named
from profiling.errors import RecordError
from profiling.results import curve
from profiling.results.curve import LOADS, Curve
from profiling.results.record import CaseResult, Record
from simulator.answers.projection import Projection
from simulator.answers.search import readable
from simulator.errors import BreakevenError, PlanError
from simulator.scenario.checks.suited import doubts, fits
from simulator.scenario.records.attach import (
    METRICS,
    curve_reference,
    keep_record,
    leading,
    metrics_for,
    references,
)
from simulator.scenario.records.carrying import carried
from simulator.scenario.scenario import Scenario

HOW_TITLES = {"point": "One case", "curve": "Curve over load, within a latency limit"}
# The cost that a record affects, by kind: its line and title.
COSTS_TITLES = {
    "pool": ("cost_per_million_tokens", "Cost per million tokens"),
    "program": ("training_rent", "Training rent a month"),
    "feature": ("cost_per_finished_task", "Cost per finished task"),
}

Target = tuple[str, str]


@dataclass(frozen=True)
class Choice:
    """Values that a record would give to assumptions, for the preview, and the references to write."""

    case: CaseResult  # of a curve its first
    values: Mapping[str, float]
    references: Callable[[], Mapping[str, Mapping[str, Any]]]


def show(path: Path, record: Record, projection: Projection, say: Words, desk: Desk) -> None:
    """Let the reader choose a member and a case, preview the effect, and attach the record as an edit."""
    scenario = projection.scenario
    known = targets(record, scenario)
    if not known:
        st.info(say("This scenario has no pool, program or feature that could use this record."))
        return
    fitting = [target for target in known if fits(record, device_of(scenario, target))]
    columns = st.columns(2)
    with columns[0]:
        first = known.index(fitting[0]) if fitting else 0
        kind, member = from_list(say("Attach to"), known, f"target:{record.id}", partial(called, say), index=first)
    with columns[1]:
        choice = chosen(path, record, metrics_for(scenario, kind, member), say)
    if choice is None:
        return
    effect(projection, kind, member, choice, say)
    suits(record, scenario, (kind, member), choice.case, say)
    place = f"{kind}s.{member}"
    edit = (place, record.id, lambda scenario: attached(scenario, path, place, choice))
    look = {"icon": ":material/link:", "disabled": not may_write(), "key": "attach"}
    st.button(say("Attach to scenario"), on_click=desk.change, args=edit, **look)
    if not may_write():
        small(say("This server is read-only: attach the record on a server of your own."))
    if place in desk.refused:
        st.error(why(desk.refused[place].problems, scenario, say))
    elif uses(scenario, (kind, member), record):
        text = say("Attached: {place} of this scenario uses this record.", place=called(say, (kind, member)))
        st.success(escape(text), icon=":material/link:")


def called(say: Words, target: Target) -> str:
    """Return a member with its kind: `Pool · large`."""
    return f"{say(target[0].capitalize())} · {target[1]}"


def targets(record: Record, scenario: Scenario) -> list[Target]:
    """Return the members that could use a metric of a finished case."""
    measured = {metric for case in record.cases if case.ok for metric in case.metrics}
    return [
        (kind, member)
        for kind in METRICS
        if measured & set(METRICS[kind].values())
        for member in scenario.entities.get(kind, ())
    ]


def uses(scenario: Scenario, target: Target, record: Record) -> bool:
    """Return whether an assumption of a member refers to a record."""
    kind, member = target
    literals = (scenario.assumption_of(name, member).literal for name in metrics_for(scenario, kind, member))
    named = (str(one["measured"]) for one in literals if isinstance(one, Mapping) and "measured" in one)
    return any(PurePath(name).stem == record.id for name in named)


def device_of(scenario: Scenario, target: Target) -> str:
    """Return the device that the scenario names for a pool or program; empty where it names none."""
    return str(scenario.about[f"{target[0]}s.{target[1]}"].get("device", ""))


def suits(record: Record, scenario: Scenario, target: Target, case: CaseResult, say: Words) -> None:
    """Warn of each way in which the record is of something else than runs at that place."""
    found = [say(doubt.template, **doubt.values) for doubt in doubts(scenario, *target, record, case)]
    on_device = target[0] != "feature"  # what a request reads does not depend on it
    if on_device and not any(fits(record, device_of(scenario, one)) for one in targets(record, scenario)):
        found.insert(0, say("No pool or program of this scenario uses the device of this record."))
    if found:
        st.warning(escape(" ".join(found)), icon=":material/memory:")
    if on_device and record.on_cpu and fits(record, device_of(scenario, target)):
        small(say("This is the rate of a CPU: set the price of that CPU in the scenario, or measure on your GPU."))


def chosen(path: Path, record: Record, metrics: Mapping[str, str], say: Words) -> Choice | None:
    """Return one case of the record or, for a pool, its curve within a limit; None where the limit cannot hold."""
    curves = curves_of(record) if "tokens_per_second" in metrics else {}
    how = one_of(say, say("Use"), HOW_TITLES, f"how:{record.id}") if curves else "point"
    return along(path, record, curves, say) if how == "curve" else at_point(path, record, metrics, say)


def at_point(path: Path, record: Record, metrics: Mapping[str, str], say: Words) -> Choice:
    """Return the chosen case; the fastest, or the one with the most right answers, comes first."""
    rate = leading(record, metrics, {})
    measured = [case for case in record.cases if case.ok and case.metrics.keys() & set(metrics.values())]
    case = select(
        say("Case"),
        sorted(measured, key=lambda case: -case.metrics[rate].value if rate in case.metrics else 0.0),
        f"point:{record.id}:{next(iter(metrics))}",
        lambda case: case_named(case.where, say),
    )
    at = {"kind": case.kind, **{name: str(value) for name, value in case.point.items()}}
    values = {name: case.metrics[metric].value for name, metric in metrics.items() if metric in case.metrics}
    return Choice(case, values, lambda: references(path, metrics, at))


def along(path: Path, record: Record, curves: Mapping[tuple[str, str], Curve], say: Words) -> Choice | None:
    """Return the rate that a curve gives within a latency limit."""
    kind, over = select(
        say("Load"), list(curves), f"over:{record.id}", lambda one: say.beside(one[0], say(LOADS[one[1]]))
    )
    points = curves[kind, over].points
    limit = st.number_input(
        say("Latency limit per token, ms"),
        min_value=0.001,
        value=max(point.tpot_seconds.value for point in points) * MILLISECONDS,
        key=f"within:{record.id}:{over}",
        persist_state="session",
    )
    try:
        rate = curve.rate_within(curves[kind, over], limit / MILLISECONDS)
    except RecordError as error:
        st.error(of_run(error, say))
        return None
    load = say.counted(rate.load, LOADS[over])
    small(say("Gives {rate:number} tokens per second at {load}.", rate=rate.value, load=load))
    within = {"over": over, "tpot_seconds": f"{limit / MILLISECONDS:g}"}
    first = next(case for case in record.cases if case.ok and case.kind == kind and over in case.point)
    return Choice(first, {"tokens_per_second": rate.value}, lambda: curve_reference(path, {"kind": kind}, within))


def attached(scenario: Scenario, path: Path, place: str, choice: Choice) -> Scenario:
    """Return the scenario with a pool or program that refers to a record, which is copied beside the scenario.

    A shipped scenario first moves to the user's own folder, since the product's folder is read-only. Raises PlanError
    on a read-only server.
    """
    if not may_write():
        raise PlanError("this server is read-only", "attach the record on a server of your own")
    if scenario.folder == SHIPPED:
        scenario = carried(scenario, own_folder())
    keep_record(path, scenario.folder)
    for name, reference in choice.references().items():
        scenario = scenario.with_value(f"{place}.{name}", reference)
    return scenario


def effect(projection: Projection, kind: str, member: str, choice: Choice, say: Words) -> None:
    """Draw the cost that the record affects, before and after."""
    changed = projection.scenario
    try:
        for name, value in choice.values.items():
            changed = changed.with_value(f"{kind}s.{member}.{name}", value)
        would_be = projected(changed, 0)
    except BreakevenError as error:
        st.error(why(error, projection.scenario, say))
        return
    for name, value in choice.values.items():
        now = projection.scenario.assumption_of(name, member)
        ends = {"before": say.quantity(now.central, now.unit), "after": say.quantity(value, now.unit)}
        small(say("{name}: {before} now, {after} with this record.", name=say(readable(name)), **ends))
    line, title = COSTS_TITLES[kind]
    key, name = f"{line}[{member}]", say(title)
    before, after = (float(found.series[key].base[-1]) for found in (projection, would_be))
    with st.grid(2, min_column_width=200):
        look: dict[str, Any] = {"border": True, "height": "stretch", "delta_color": "inverse"}
        change = say.share(after / before - 1) if before and after != before else None
        st.metric(say("{name}, now", name=name), escape(say.money(before)), **look)
        st.metric(say("{name}, with this record", name=name), escape(say.money(after)), delta=change, **look)
