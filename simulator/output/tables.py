"""Tables for people at a terminal: statements, the cap table, key figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from simulator.answers.investors import Exit, cap_tables, exit_at_end
from simulator.answers.kpis import Kpi
from simulator.answers.ledger import Ledger
from simulator.answers.statements import Period, statement
from simulator.answers.verdict import plain
from simulator.engine.dates import months_from
from simulator.equity.captable import CapTable
from simulator.errors import Undefined

WIDTH = 14


def precise(value: float, unit: str) -> str:
    """A number for a table, with the digits that small prices and multiples need."""
    if abs(value) < 100 and unit not in ("share", "month", "month index"):
        return f"{value:,.2f} {unit}".removesuffix(" 1")
    return plain(value, unit)


def statement_table(ledger: Ledger, name: str, period: Period) -> str:
    """One statement, a row a line and a column a period; what is zero throughout is left out."""
    made = statement(ledger, name, period)
    dates = months_from(ledger.scenario.start, ledger.scenario.months)
    head = [f"{dates[start]:%Y-%m}" for start in made.starts]
    title = f"{name.capitalize()} {'sheet' if name == 'balance' else 'statement'}, {ledger.scenario.currency}"
    lines = [f"{title:<44}" + "".join(f"{text:>{WIDTH}}" for text in head)]
    for row, amounts in zip(made.rows, made.amounts, strict=True):
        if row.total or amounts.any():
            shown = "".join(f"{amount + 0.0:>{WIDTH},.0f}" for amount in np.round(amounts))
            lines.append(f"{row.title if row.total else '  ' + row.title:<44}{shown}")
            lines += [""] if row.total else []
    return "\n".join(lines).rstrip()


def captable_table(ledger: Ledger, exit_value: float | None) -> str:
    """Shares and ownership after each event that issued any, and the exit; or why there is none."""
    try:
        tables = cap_tables(ledger)
        sale = exit_at_end(ledger, tables, exit_value)
    except Undefined as reason:
        return f"— {reason}"
    return "\n\n".join([*(_owners(table) for table in _after_rounds(tables)), _sale(sale, ledger.scenario.currency)])


def _after_rounds(tables: Sequence[CapTable]) -> list[CapTable]:
    """The table at the start, and each that has a new price; the last one in any case."""
    priced = [after for before, after in pairwise(tables) if after.price != before.price or after is tables[-1]]
    first = [table for table in tables if table.price is None and not table.safes][-1:]
    return list(dict.fromkeys([*first, *priced]))


def _owners(table: CapTable) -> str:
    price = "" if table.price is None else f", price {float(table.price):,.4f}"
    lines = [f"Month {table.month}, after {table.event}: {table.shares:,} shares{price}"]
    owned = table.ownership().items()
    lines += [f"  {name:<30}{table.shares_of(name):>16,}{float(share):>9.2%}" for name, share in owned]
    lines += [f"  {safe.name:<30}{'not converted':>16}" for safe in table.safes]
    return "\n".join(lines)


def _sale(sale: Exit, currency: str) -> str:
    lenders = float(sale.split.debt_paid)
    lines = [f"Sold in month {sale.month} for {sale.value:,.0f} {currency}, of which lenders get {lenders:,.0f}"]
    if sale.broke is not None:
        lines.insert(0, f"In the base plan cash runs out in month {sale.broke}: without more money there is no sale.")
    returns = {one.investor: one for one in sale.returns}
    for holder, amount in sale.split.by_holder().items():
        one = returns.get(holder)
        rate = "" if one is None or one.irr is None else f", {one.irr:.1%} a year"
        multiple = f"   {one.moic:.2f} times the money{rate}" if one and one.moic is not None else ""
        lines.append(f"  {holder:<30}{float(amount):>16,.0f}{multiple}")
    return "\n".join(lines)


def kpi_table(kpis: Mapping[str, Kpi]) -> str:
    """Every key figure by topic: its value, its definition, and its value by other definitions."""
    lines: list[str] = []
    topic = ""
    for kpi in kpis.values():
        if kpi.topic != topic:
            topic = kpi.topic
            lines += ["", topic.capitalize()]
        value = f"— {kpi.why}" if kpi.value is None else precise(kpi.value, kpi.unit)
        lines.append(f"  {kpi.name.replace('_', ' '):<26}{value}")
        lines.append(f"      {kpi.definition}{f' ({kpi.source})' if kpi.source else ''}")
        for variant, number in kpi.others.items():
            shown = "—" if number is None else precise(number, kpi.unit)
            lines.append(f"      {variant}: {shown}")
    return "\n".join(lines).strip()
