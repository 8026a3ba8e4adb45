"""Answers as plain values: what `--json` prints, and what `tables` turns into text for a terminal."""

from __future__ import annotations

import math
from typing import Any

from simulator.answers.capacity import day, sources, vendor_breakeven
from simulator.answers.customers.deciles import deciles
from simulator.answers.customers.economics import unit_economics
from simulator.answers.explain import Node, tree
from simulator.answers.kpis import Kpi
from simulator.answers.kpis.measures import Measures
from simulator.answers.ledger import Ledger
from simulator.answers.messages import Message
from simulator.answers.outcomes import broke_in
from simulator.answers.ownership.bands import ownership_bands
from simulator.answers.ownership.investors import Exit, cap_tables, exit_at_end
from simulator.answers.projection import Projection
from simulator.answers.reasons import among_trials
from simulator.answers.statements import STATEMENTS, TITLES, Period, statement
from simulator.answers.trials import Series
from simulator.answers.variations.advantage import advantage
from simulator.answers.verdict import Verdict
from simulator.engine.dates import months_from
from simulator.equity.captable import CapTable
from simulator.errors import Undefined
from simulator.output.tables import YEARLY
from simulator.scenario.scenario import Scenario


def as_json(projection: Projection) -> dict[str, Any]:
    """Return the whole projection; the same scenario gives the same bytes."""
    ledger = projection.ledger
    projection.compute_percentiles()
    return {
        **_head(projection),
        "lines": {key: _series(series) for key, series in projection.series.items()},
        "kpis": kpis_json(projection),
        "ruin": None if math.isnan(projection.ruin[-1]) else projection.ruin.tolist(),
        "verdict": verdict_json(projection.verdict) | {"broke": projection.figures.broke},
        "base_case": _base_case(projection),
        "evidence": None
        if projection.evidence is None
        else {cost: {"all": found.by_kind, "rates": found.rates} for cost, found in projection.evidence.items()},
        "statements": statements_json(ledger, "year")["statements"],
        "plans": {plan: plan_json(ledger, plan) for plan in ledger.names("plan")},
        "pools": {pool: pool_json(ledger, pool) for pool in ledger.names("pool")},
        "captable": captable_json(ledger),
        "advantage": advantage_json(projection),
    }


def summary(projection: Projection) -> dict[str, Any]:
    """Return the part of a projection that its table shows, which takes a fraction of the time of all."""
    return {
        **_head(projection),
        "lines": {name: {"base": projection.series[name].base.tolist()} for name in YEARLY},
        "kpis": {name: _kpi(kpi) for name, kpi in projection.kpis.items()},
        "verdict": verdict_json(projection.verdict) | {"broke": projection.figures.broke},
        "base_case": _base_case(projection),
    }


def _head(projection: Projection) -> dict[str, Any]:
    scenario = projection.scenario
    return {
        "scenario": scenario.title,
        "overlays": list(scenario.overlays),
        "currency": scenario.currency,
        "start": f"{scenario.start:%Y-%m}",
        "months": scenario.months,
        "trials": projection.trials,
        "seed": scenario.seed,
        "hash": scenario.hash,
        "file_hash": scenario.file_hash,
    }


def _base_case(projection: Projection) -> dict[str, Any] | None:
    standing = among_trials(projection.figures)
    return None if standing is None else _message(standing)


def _series(series: Series) -> dict[str, Any]:
    values = {name: getattr(series, name).tolist() for name in ("base", "p05", "p50", "p95")}
    return {"unit": series.unit, **values, "error": None if series.error is None else series.error.tolist()}


def kpis_json(projection: Projection) -> dict[str, Any]:
    """Return every KPI by name, with its months."""
    measured = projection.figures.measured
    return {name: _kpi(kpi) | {"series": _months(kpi, measured)} for name, kpi in projection.kpis.items()}


def _kpi(kpi: Kpi) -> dict[str, Any]:
    """Return one KPI with its variants; an undefined value is null, and `why` gives the reason."""
    fields = ("title", "value", "unit", "definition", "source", "why", "variant", "topic")
    return {
        **{name: getattr(kpi, name) for name in fields},
        "standard_error": kpi.error,
        "others": dict(kpi.others),
        "formula": kpi.formula or None,
    }


def _months(kpi: Kpi, measured: Measures) -> list[float | None] | None:
    return [None if math.isnan(one) else one for one in measured.series(kpi.line)] if kpi.line else None


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Return the grade, its reasons, and what has to change for the next better grade."""
    return {
        "grade": verdict.grade,
        "between": list(verdict.between) or None,
        "trials": verdict.trials,
        "next_grade": verdict.next_grade,
        "sentence": str(verdict.sentence),
        "reasons": list(map(_message, verdict.reasons)),
        "changes": list(map(_message, verdict.changes)),
    }


def _message(message: Message) -> dict[str, Any]:
    return {"text": str(message), "values": {name: value[0] for name, value in message.values.items()}}


def statements_json(ledger: Ledger, period: Period) -> dict[str, Any]:
    """Return the three statements, each as rows of a title, whether it is a total, and amounts by period.

    With them is the month in which cash runs out, since later ones never come.
    """
    made = {name: statement(ledger, name, period) for name in STATEMENTS}
    dates = months_from(ledger.scenario.start, ledger.scenario.months)
    return {
        "currency": ledger.scenario.currency,
        "period": period,
        "broke": broke_in(ledger.total("cash"), ledger.scenario.settings.cash_floor),
        "statements": {
            name: {
                "title": TITLES[name],
                "starts": [f"{dates[start]:%Y-%m}" for start in one.starts],
                "rows": [
                    {"title": row.title, "total": row.total, "amounts": amounts.tolist()}
                    for row, amounts in zip(one.rows, one.amounts, strict=True)
                ],
            }
            for name, one in made.items()
        },
    }


def plan_json(ledger: Ledger, plan: str) -> dict[str, Any]:
    """Return the unit economics of a plan's last year, and its last month by decile of customers."""
    unit, tenths = unit_economics(ledger, plan), deciles(ledger, plan)
    return {
        **{name: value for name, value in vars(unit).items() if name != "plan"},
        "deciles": {name: getattr(tenths, name).tolist() for name in ("requests", "revenue", "cost", "margin")},
        "losing": tenths.losing,
    }


def pool_json(ledger: Ledger, pool: str) -> dict[str, Any]:
    """Return a pool's last month by hour of the day, and the cost of each way to get a device."""
    hours = day(ledger, pool)
    waits = {name: one.tolist() for name in ("wait", "prompt") if (one := getattr(hours, name)) is not None}
    against = vendor_breakeven(ledger, pool)
    return {
        "hours": {name: getattr(hours, name).tolist() for name in ("needed", "devices", "rented")} | waits,
        "sources": {one.name: {"hourly": one.hourly, "breakeven": one.breakeven} for one in sources(ledger, pool)},
        "vendor_breakeven": None if against is None else {**vars(against), "why": against.why},
    }


def captable_json(ledger: Ledger, exit_value: float | None = None) -> dict[str, Any]:
    """Return shares after each event and what an exit in the last month pays; `why` says why one of them is missing."""
    broke = broke_in(ledger.total("cash"), ledger.scenario.settings.cash_floor)
    shown: dict[str, Any] = {"currency": ledger.scenario.currency, "broke": broke, "tables": None, "exit": None}
    try:
        tables = cap_tables(ledger)
        shown["tables"] = [_table(*pair) for pair in zip(tables, (None, *tables), strict=False)]
        shown["exit"] = _exit(exit_at_end(ledger, tables, exit_value))
    except Undefined as reason:
        return {**shown, "why": _why(reason)}
    return {**shown, "why": ""}


def _why(reason: Undefined) -> str:
    return str(Message(reason.text, reason.values))


def bands_json(scenario: Scenario, trials: int, exit_value: float | None = None) -> dict[str, Any]:
    """Return what each holder owns and what a sale pays it in the trials; `why` says why that is unknown."""
    try:
        found = ownership_bands(scenario, trials, exit_value)
    except Undefined as reason:
        return dict.fromkeys(("trials", "broke", "unknown", "ownership", "proceeds")) | {"why": _why(reason)}
    counts = {name: getattr(found, name) for name in ("trials", "broke", "unknown")}
    holders = ("ownership", "proceeds")
    return {
        **counts,
        **{name: {holder: vars(band) for holder, band in getattr(found, name).items()} for name in holders},
        "why": "",
    }


def _table(table: CapTable, before: CapTable | None) -> dict[str, Any]:
    lost = {} if before is None else table.dilution_since(before)
    return {
        "month": table.month,
        "event": table.event,
        "price": None if table.price is None else float(table.price),
        "shares": {name: table.shares_of(name) for name in table.ownership()},
        "ownership": {name: float(share) for name, share in table.ownership().items()},
        "dilution": {name: float(share) for name, share in lost.items()},
        "unconverted": [safe.name for safe in table.safes],
    }


def _exit(sale: Exit) -> dict[str, Any]:
    earned = ("invested", "received", "moic", "irr")
    return {
        **{name: getattr(sale, name) for name in ("month", "value")},
        "debt_paid": float(sale.split.debt_paid),
        "payouts": {holder: float(amount) for holder, amount in sale.split.by_holder().items()},
        "returns": {one.investor: {name: getattr(one, name) for name in earned} for one in sale.returns},
    }


def advantage_json(projection: Projection) -> dict[str, float] | None:
    """Return how much more the last month has with users' feedback than without; None where none is collected."""
    found = advantage(projection.scenario)
    return None if found is None else {name: found.worth(name) for name in found.without}


def explanation_json(root: Node, depth: int) -> dict[str, Any]:
    """Return a number with the numbers it was computed from, nested down to `depth` levels."""
    branch: list[dict[str, Any]] = []
    for level, node in tree(root, depth):
        one = _node(node)
        if level:
            branch[level - 1]["inputs"].append(one)
        branch[level:] = [one]
    return branch[0]


def _node(node: Node) -> dict[str, Any]:
    # Lines have no evidence.
    known = {name: getattr(node.assumption, name, None) for name in ("evidence", "source", "as_of")}
    return {
        **{name: getattr(node, name) for name in ("key", "role", "month")},
        "months": node.span,
        "value": None if math.isnan(node.value) else node.value,
        "why": "" if node.reason is None else str(node.reason),
        **{name: getattr(node, name) for name in ("unit", "formula", "description")},
        **known,
        "alike": list(node.alike),
        "alike_kind": node.kind_alike,
        "inputs": [],
    }
