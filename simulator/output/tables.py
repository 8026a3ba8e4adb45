"""Tables for a terminal, made from the plain values that `--json` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np

from simulator.answers.messages import counted, give_or_take, plain
from simulator.engine.dates import YEAR

WIDTH = 14
# Numbers that agree in this many digits may read alike.
MOST_DIGITS = 12
# A larger number is written with a power of ten.
UNREADABLE = 1e15
# Digits of a file's hash that people are shown; JSON has all of them.
SHORT = 12
Values = Mapping[str, Any]
# The lines of a projection's table of years, and how a year follows from its months: flows sum, cash is a balance.
YEARLY: Mapping[str, Callable[[list[float]], float]] = {
    "revenue": sum,
    "gross_profit": sum,
    "operating_income": sum,
    "cash": lambda months: months[-1],
}


def precise(value: float, unit: str) -> str:
    """Return a number with the digits that small prices and multiples need."""
    if abs(value) < 100 and unit not in ("share", "month", "month index"):
        # Small prices would read as 0.00.
        small = 0 < abs(value) < 0.1
        digits = np.format_float_positional(value, 2, fractional=False, trim="-") if small else f"{value:,.2f}"
        return f"{digits} {counted(value, unit)}".removesuffix(" 1")
    return plain(value, unit)


def told_apart(values: Sequence[float], unit: str) -> list[str]:
    """Return numbers with the digits that it takes for different ones to read differently, such as 0.45% and 0.54%."""
    texts, digits = [precise(value, unit) for value in values], 2
    while len(set(texts)) < len(set(values)) and digits < MOST_DIGITS:
        shown = [100 * value if unit == "share" else value for value in values]
        end = "%" if unit == "share" else f" {counted(0, unit)}".removesuffix(" 1")
        texts = [np.format_float_positional(one, digits, fractional=False, trim="-") + end for one in shown]
        digits += 1
    return texts


def projection_table(shown: Values) -> str:
    """Return a projection's verdict, its KPIs and its years."""
    title = " + ".join((shown["scenario"], *shown["overlays"]))
    start, verdict = date.fromisoformat(f"{shown['start']}-01"), shown["verdict"]
    lines = [
        f"{title} · {shown['months']} months from {start:%B %Y} · {shown['trials']:,} trials, seed {shown['seed']}",
        hashes(shown),
        "",
        f"{_grade(verdict)}. {verdict['sentence']}",
        *(f"  - {reason['text']}" for reason in verdict["reasons"]),
    ]
    if verdict["changes"]:
        lines += [f"To reach {verdict['next_grade'].capitalize()}:"]
        lines += [f"  - {change['text']}" for change in verdict["changes"]]
    if shown["base_case"] is not None:
        lines += ["", shown["base_case"]["text"]]
    lines += ["", *(f"{kpi['title']:44} {kpi_value(kpi)}" for kpi in shown["kpis"].values())]
    return "\n".join([*lines, "", *_years(shown, start)])


def hashes(shown: Values) -> str:
    """Return the two hashes of a scenario, the first digits of each: of its numbers, and of its file."""
    return f"Numbers {shown['hash']} · file {shown['file_hash'][:SHORT]}"


def _grade(verdict: Values) -> str:
    """Return the grade for people: `Sound`, or `Undecided between sound and fragile`."""
    between = f" between {' and '.join(verdict['between'])}" if verdict["between"] else ""
    return f"{verdict['grade']}{between}".capitalize()


def _years(shown: Values, start: date) -> Iterator[str]:
    """Yield the base case by year; a year in which cash has run out is marked, since it never comes."""
    yield f"{'year':>6} " + " ".join(f"{name.replace('_', ' '):>18}" for name in YEARLY)
    broke = shown["verdict"]["broke"]
    for first in range(0, shown["months"], YEAR):
        amounts = [of(shown["lines"][name]["base"][first : first + YEAR]) for name, of in YEARLY.items()]
        year = start.year + (start.month - 1 + first) // YEAR
        dead = " *" if broke is not None and first + YEAR > broke else ""
        yield f"{year:>6} " + " ".join(f"{amount:>18,.0f}" for amount in amounts) + dead
    if broke is not None:
        yield f"* {_never(broke)}"


def kpi_value(kpi: Values) -> str:
    """Return a KPI with its unit and its standard error, or why it has no value."""
    if kpi["value"] is None:
        return f"— {kpi['why']}"
    value, unit, error = (kpi[name] for name in ("value", "unit", "standard_error"))
    if error is not None and unit == "share":
        return give_or_take(value, error)
    return precise(value, unit) + ("" if error is None else f" ± {precise(error, unit)}")


def kpi_table(kpis: Mapping[str, Values]) -> str:
    """Return every KPI by topic: its value, its definition, and its value by other definitions."""
    lines: list[str] = []
    topic = ""
    for kpi in kpis.values():
        if kpi["topic"] != topic:
            topic = kpi["topic"]
            lines += ["", topic.capitalize()]
        variant = f" ({kpi['variant']})" if kpi["variant"] else ""
        source = f" Source: {kpi['source']}." if kpi["source"] else ""
        lines += [f"  {kpi['title']:<44}{kpi_value(kpi)}{variant}", f"      {kpi['definition']}{source}"]
        lines.append(f"      = {kpi['formula'] or 'computed from the finished projection, without a formula'}")
        for other, number in kpi["others"].items():
            lines.append(f"      {other}: {'—' if number is None else precise(number, kpi['unit'])}")
    return "\n".join(lines).strip()


def statement_tables(shown: Values) -> str:
    """Return the three statements, a row a line and a column a period; rows of zeros are left out."""
    tables = [_statement(one, shown["currency"]) for one in shown["statements"].values()]
    return "\n\n".join(tables if shown["broke"] is None else [*tables, _never(shown["broke"])])


def _never(broke: int) -> str:
    return f"Cash runs out in month {broke}: later months never come unless more money is found by then."


def _statement(made: Values, currency: str) -> str:
    lines = [f"{made['title'] + ', ' + currency:<44}" + "".join(f"{start:>{WIDTH}}" for start in made["starts"])]
    for row in made["rows"]:
        if row["total"] or any(row["amounts"]):
            shown = "".join(f"{round(amount):>{WIDTH},}" for amount in row["amounts"])
            lines.append(f"{row['title'] if row['total'] else '  ' + row['title']:<44}{shown}")
            lines += [""] if row["total"] else []
    return "\n".join(lines).rstrip()


def captable_table(shown: Values) -> str:
    """Return shares and ownership after each event that issued any, the exit, and both in the trials; or why not."""
    if shown["tables"] is None:
        return f"— {shown['why']}"
    tables = [_owners(table, shown["broke"]) for table in _after_rounds(shown["tables"])]
    sale = f"— {shown['why']}" if shown["exit"] is None else _sale(shown["exit"], shown["currency"], shown["broke"])
    return "\n\n".join([*tables, sale, _in_trials(shown["bands"], shown["currency"])])


def _after_rounds(tables: list[Values]) -> list[Values]:
    """Return the table at the start, each with a new price, and the last one in any case."""
    priced = [after for before, after in pairwise(tables) if after["price"] != before["price"] or after is tables[-1]]
    first = [table for table in tables if table["price"] is None and not table["unconverted"]][-1:]
    return [*first, *(table for table in priced if table not in first)]


def _owners(table: Values, broke: int | None) -> str:
    price = "" if table["price"] is None else f", price {table['price']:,.4f}"
    shares = table["shares"]
    lines = [f"Month {table['month']}, after {table['event']}: {sum(shares.values()):,} shares{price}"]
    lines += [f"  {name:<30}{shares[name]:>16,}{part:>9.2%}" for name, part in table["ownership"].items()]
    lines += [f"  {name:<30}{'not converted':>16}" for name in table["unconverted"]]
    if broke is not None and table["month"] > broke:
        lines.append(f"  Cash runs out before, in month {broke}: this never comes unless more money is found by then.")
    return "\n".join(lines)


def _sale(sale: Values, currency: str, broke: int | None) -> str:
    price = f"{sale['value']:,.0f} {currency}"
    lines = [f"Sold in month {sale['month']} for {price}; lenders get {sale['debt_paid']:,.0f}"]
    if broke is not None:
        lines.insert(0, f"In the base case cash runs out in month {broke}: without more money there is no sale.")
    for holder, amount in sale["payouts"].items():
        one = sale["returns"].get(holder, {"moic": None, "irr": None})
        multiple = "" if one["moic"] is None else f"   {one['moic']:.2f}x"
        rate = "" if one["irr"] is None else f", {one['irr']:.1%} a year"
        lines.append(f"  {holder:<30}{amount:>16,.0f}{multiple}{rate}")
    return "\n".join(lines)


def _in_trials(bands: Values, currency: str) -> str:
    """Return ownership and payouts by holder as P5, median and P95 of the trials."""
    if bands["why"]:
        return f"— {bands['why']}"
    left_out = f", {bands['unknown']:,} without a cap table left out" if bands["unknown"] else ""
    lines = [
        f"In {bands['trials']:,} trials, P5, median and P95{left_out}: ownership where cash lasts, and payouts in "
        f"{currency}, 0 in the {bands['broke']:,} where cash runs out"
    ]
    for holder, paid in bands["proceeds"].items():
        shares = bands["ownership"].get(holder)
        owned = "".join(f"{share:>9.2%}" for share in shares.values()) if shares else f"{'not converted':>27}"
        lines.append(f"  {holder:<30}{owned}" + "".join(f"{amount:>16,.0f}" for amount in paid.values()))
    return "\n".join(lines)


def explanation_table(node: Values) -> str:
    """Return the tree under a number, a line a node, indented by level."""
    return "\n".join(_branches(node, 0))


def found_table(shown: Values) -> str:
    """Return the numbers that words mean, a line each, with what to write to explain one."""
    if not shown["found"]:
        return "No number is called so; try one word, or `python -m simulator lines`."
    return "\n".join(f"{one['key']:<44}{one['title']} ({one['kind']})" for one in shown["found"])


def _branches(node: Values, level: int) -> Iterator[str]:
    role = f"{node['role']}: " if node["role"] != node["key"].partition("[")[0] and node["evidence"] is None else ""
    value = f"— {node['why']}" if node["value"] is None else _digits(node["value"], node["unit"])
    head = f"{'  ' * level}{role}{node['key']}{_alike(node)} {_when(node)} = {value}"
    if node["evidence"] is None:
        yield head + (f"   = {node['formula']}" if node["formula"] else "")
    else:
        origin = ", ".join(text for text in (node["source"], node["as_of"]) if text)
        yield f"{head}   [{node['evidence']}{': ' + origin if origin else ''}]"
    for one in node["inputs"]:
        yield from _branches(one, level + 1)


def _digits(value: float, unit: str) -> str:
    """Return a number with six digits and its unit; large ones are whole, as far as people read them."""
    shown = 100 * value if unit == "share" else value
    text = f"{shown:,.0f}" if 1e5 <= abs(shown) < UNREADABLE else f"{shown:,.6g}"
    return f"{text}%" if unit == "share" else f"{text} {unit}".removesuffix(" 1")


def _alike(node: Values) -> str:
    """Return how many members say the same: ` and so in each of 24 hours`."""
    if not node["alike"]:
        return ""
    kind = node["alike_kind"].replace("_", " ") or "member"
    return f" and the same in each of {len(node['alike'])} {kind}s,"


def _when(node: Values) -> str:
    if node["months"] == 1:
        return f"in month {node['month']}"
    return f"in months {node['month'] - node['months'] + 1} to {node['month']}"
