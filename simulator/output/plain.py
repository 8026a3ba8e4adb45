"""A finished projection in plain values, for `--json` and for whoever reads it with a program of their own."""

from __future__ import annotations

from typing import Any

from simulator.answers.capacity import day, sources, vendor_breakeven
from simulator.answers.customers.deciles import deciles
from simulator.answers.customers.economics import unit_economics
from simulator.answers.investors import Exit, cap_tables, exit_at_end
from simulator.answers.kpis import Kpi
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection, Series
from simulator.answers.statements import STATEMENTS, Period, statement
from simulator.answers.variations.advantage import advantage
from simulator.equity.captable import CapTable
from simulator.errors import Undefined


def as_json(projection: Projection) -> dict[str, Any]:
    """The whole projection; the same scenario gives the same bytes."""
    scenario, ledger = projection.scenario, projection.ledger
    return {
        "scenario": scenario.title,
        "overlays": list(scenario.overlays),
        "currency": scenario.currency,
        "months": scenario.months,
        "trials": projection.trials,
        "seed": scenario.seed,
        "hash": scenario.hash,
        "lines": {key: _series(series) for key, series in projection.series.items()},
        "kpis": {name: kpi_json(kpi) for name, kpi in projection.kpis.items()},
        "ruin": projection.ruin.tolist() if projection.trials else None,
        "verdict": {
            "grade": projection.verdict.grade,
            "sentence": str(projection.verdict.sentence),
            "reasons": [str(reason) for reason in projection.verdict.reasons],
            "changes": [str(change) for change in projection.verdict.changes],
        },
        "evidence": None if projection.evidence is None else dict(projection.evidence),
        "statements": statements_json(ledger, "year"),
        "plans": {plan: plan_json(ledger, plan) for plan in ledger.names("plan")},
        "pools": {pool: pool_json(ledger, pool) for pool in ledger.names("pool")},
        "captable": captable_json(ledger),
        "advantage": advantage_json(projection),
    }


def _series(series: Series) -> dict[str, Any]:
    return {"unit": series.unit, **{name: getattr(series, name).tolist() for name in ("base", "p05", "p50", "p95")}}


def kpi_json(kpi: Kpi) -> dict[str, Any]:
    """One key figure, with its other definitions; what is undefined is null, and `why` says why."""
    fields = ("value", "unit", "definition", "source", "why", "variant", "topic")
    return {**{name: getattr(kpi, name) for name in fields}, "others": dict(kpi.others)}


def statements_json(ledger: Ledger, period: Period) -> dict[str, Any]:
    """The three statements, each as rows of title, whether it is a total, and amounts by period."""
    made = {name: statement(ledger, name, period) for name in STATEMENTS}
    return {
        name: {
            "starts": list(one.starts),
            "rows": [
                {"title": row.title, "total": row.total, "amounts": amounts.tolist()}
                for row, amounts in zip(one.rows, one.amounts, strict=True)
            ],
        }
        for name, one in made.items()
    }


def plan_json(ledger: Ledger, plan: str) -> dict[str, Any]:
    """Unit economics of a plan's last year, and its last month by decile of customers."""
    unit, tenths = unit_economics(ledger, plan), deciles(ledger, plan)
    return {
        **{name: value for name, value in vars(unit).items() if name != "plan"},
        "margin": unit.margin,
        "lifetime": unit.lifetime,
        "deciles": {name: getattr(tenths, name).tolist() for name in ("requests", "revenue", "cost", "margin")},
        "losing": tenths.losing,
    }


def pool_json(ledger: Ledger, pool: str) -> dict[str, Any]:
    """A pool's last month by hour of the day, and what each way to get a device costs."""
    hours = day(ledger, pool)
    waits = {name: one.tolist() for name in ("wait", "prompt") if (one := getattr(hours, name)) is not None}
    against = vendor_breakeven(ledger, pool)
    return {
        "hours": {name: getattr(hours, name).tolist() for name in ("needed", "devices", "rented")} | waits,
        "sources": {one.name: {"hourly": one.hourly, "breakeven": one.breakeven} for one in sources(ledger, pool)},
        "vendor_breakeven": None if against is None else {**vars(against), "why": against.why},
    }


def captable_json(ledger: Ledger, exit_value: float | None = None) -> dict[str, Any]:
    """Shares after each event and what an exit at the plan's end pays; only a reason where nothing can be counted."""
    try:
        tables = cap_tables(ledger)
        shown = [_table(*pair) for pair in zip(tables, (None, *tables), strict=False)]
        return {"tables": shown, "exit": _exit(exit_at_end(ledger, tables, exit_value))}
    except Undefined as reason:
        return {"tables": None, "exit": None, "why": str(reason)}


def _table(table: CapTable, before: CapTable | None) -> dict[str, Any]:
    """A table after an event, and what the event cost each holder of its part."""
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
    paid = {holder: float(amount) for holder, amount in sale.split.by_holder().items()}
    returns = {
        one.investor: {"invested": one.invested, "received": one.received, "moic": one.moic, "irr": one.irr}
        for one in sale.returns
    }
    lenders = float(sale.split.debt_paid)
    return {
        "month": sale.month,
        "broke": sale.broke,
        "value": sale.value,
        "debt_paid": lenders,
        "payouts": paid,
        "returns": returns,
    }


def advantage_json(projection: Projection) -> dict[str, float] | None:
    """How much more the last month has with feedback than without; null where none is collected."""
    found = advantage(projection.scenario)
    return None if found is None else {name: found.worth(name) for name in found.without}
