"""Funding: money raised by month, ownership after each event, the payout of a sale, and debt."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pandas as pd
import streamlit as st
from babel.numbers import format_percent

from dashboard.parts import charts, periods
from dashboard.parts.business import figures
from dashboard.parts.business.exits import exits, titled
from dashboard.parts.choices import from_list, one_of
from dashboard.parts.explaining.refusals import said
from dashboard.parts.members import to_add
from dashboard.parts.tables import show, whole
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.kpis.funding import funding_months
from simulator.answers.ledger import Ledger
from simulator.answers.ownership.investors import DUE, cap_tables
from simulator.answers.projection import Projection
from simulator.equity.captable import CapTable
from simulator.errors import Undefined
from simulator.scenario.settings import CONVENTIONS

# Each kind of funding with the line that holds its money by month.
RAISED = {"round": "money_raised", "safe": "safe_raised", "loan": "loan_drawn"}
RAISED_LABELS = {"round": "Priced rounds", "safe": "SAFEs and notes", "loan": "Loans"}
CONVERSION = ("valuation_cap", "conversion_discount", "note_interest_rate")
KIND_LABELS = {"round": "Priced round", "safe": "SAFE", "note": "Convertible note", "loan": "Loan"}
RAISED_COLUMNS = ("Name", "Kind", "Month", "Amount", "Valuation", "Share price")
OWNER_COLUMNS = ("Holder", "Shares", "Ownership")
DEBT_COLUMNS = ("Quarter", "Drawn", "Interest", "Repaid", "Owed at the end")


def page(projection: Projection, say: Words) -> None:
    """Draw money raised, ownership, the payout of a sale, and debt; where one is undefined, say why."""
    raised(projection, say)
    st.header(say("Ownership"))
    if not projection.scenario.entities["holder"]:
        st.info(say("The scenario does not say who holds shares, so it has no cap table."))
        to_add("holder", say)
        debts(projection, say)
        return
    try:
        tables = cap_tables(projection.ledger)
    except Undefined as reason:
        st.info(escape(said(reason.text, projection.scenario, say)))
    else:
        owners(projection, tables, say)
        exits(projection, tables, say)
    debts(projection, say)


def months_of(ledger: Ledger, kind: str) -> dict[str, list[int]]:
    """Return the months in which each member of a kind brings money."""
    line = RAISED[kind]
    return {name: np.flatnonzero(ledger.of_member(line, name) > 0).tolist() for name in ledger.names(kind)}


def raised(projection: Projection, say: Words) -> None:
    """Draw cash with the months in which money arrives, and list all funding."""
    st.header(say("Money raised"))
    ledger = projection.ledger
    came = {kind: sorted({month for one in months_of(ledger, kind).values() for month in one}) for kind in RAISED}
    marks = {say(RAISED_LABELS[kind]): months for kind, months in came.items() if months}
    figure = figures.funded(say, projection.dates, ledger.total("cash"), marks)
    charts.show(figure, raised_sentence(projection, say), key="funding-chart")
    rows = [row for kind in RAISED for name in ledger.names(kind) for row in raised_rows(projection, kind, name, say)]
    if rows:
        heads = [say(head) for head in RAISED_COLUMNS]
        show(pd.DataFrame(rows, columns=heads), say("Rounds, SAFEs, notes and loans"), texts=(heads[1], heads[4]))


def raised_sentence(projection: Projection, say: Words) -> str:
    """Return the money raised by kind, and the lowest and final cash."""
    cash = projection.ledger.total("cash")
    equity, safes, loans = (float(projection.ledger.total(line).sum()) for line in RAISED.values())
    values = {"equity": equity, "safes": safes, "loans": loans, "all": equity + safes + loans}
    if not values["all"]:
        text = say("The company raises no money in the projection.")
    else:
        text = say(
            "The company raises {all:money}: {equity:money} in priced rounds, {safes:money} in SAFEs and notes and "
            "{loans:money} in loans.",
            **values,
        )
    low = int(cash.argmin())
    lowest = "Cash is lowest in {when:month} at {low:money} and ends at {end:money}."
    more = say(lowest, low=cash[low], when=projection.dates[low], end=cash[-1])
    return " ".join(filter(None, (text, more, *of_money_to_come(projection, say))))


def of_money_to_come(projection: Projection, say: Words) -> Iterator[str]:
    """Yield when cash runs out without the funding still to come, and the trough after the last of it."""
    months = funding_months(projection.ledger)
    if not any(months):
        return
    if (broke := projection.figures.broke_unfunded) is not None:
        yield say("Without the funding still to come, cash runs out in {when:month}.", when=projection.dates[broke])
    else:
        yield say("Cash would last without the funding still to come.")
    after = projection.ledger.total("cash")[months[-1] :]
    low = months[-1] + int(after.argmin())
    values = {"last": projection.dates[months[-1]], "when": projection.dates[low], "low": float(after.min())}
    yield say("After the last funding in {last:month}, cash is lowest in {when:month} at {low:money}.", **values)


def raised_rows(projection: Projection, kind: str, name: str, say: Words) -> list[list[str]]:
    """Return one row for each month in which a member brings money, or one without a month if it never does."""
    ledger = projection.ledger
    bears_interest = kind == "safe" and ledger.assumed("note_interest_rate", name)[0] > 0
    head = [titled(projection.scenario, name, say), say(KIND_LABELS["note" if bears_interest else kind])]
    months = months_of(ledger, kind)[name]
    if not months:
        return [[*head, say("after the projection"), "–", "–", "–"]]
    money = ledger.of_member(RAISED[kind], name)
    return [
        [*head, say.month(projection.dates[month]), whole(say, money[month]), *valued(ledger, kind, name, month, say)]
        for month in months
    ]


def valued(ledger: Ledger, kind: str, name: str, month: int, say: Words) -> tuple[str, str]:
    """Return the valuation and the share price: after a priced round that closes in a month, or the terms of a SAFE."""
    if kind == "loan":
        return "–", "–"
    if kind == "safe":
        cap, discount, rate = (float(ledger.assumed(term, name)[0]) for term in CONVERSION)
        terms = [say("cap {cap:money}", cap=cap)] if cap else []
        terms += [say("discount {discount:share}", discount=discount)] if discount else []
        terms += [say("interest {rate:share}", rate=rate)] if rate else []
        return ", ".join(terms) or say("price of the next round"), "–"
    try:
        after = next(table for table in cap_tables(ledger) if table.event == name)
    except Undefined:
        before = float(ledger.of_member("valuation_before", name)[month])
        return say("{before:money} pre-money", before=before) if before else "–", "–"
    return say("{after:money} post-money", after=float(after.post_money)), say.money(float(after.price))


def owners(projection: Projection, tables: tuple[CapTable, ...], say: Words) -> None:
    """Draw the cap table after one event, and ownership by month."""
    left, right = st.columns(2)
    with left:
        events, last = [event_title(projection, table, say) for table in tables], len(tables) - 1
        place = from_list(say("After"), range(len(tables)), f"cap-table:{len(tables)}", events.__getitem__, index=last)
        chosen = tables[place]
        rows = [
            [titled(projection.scenario, name, say), whole(say, chosen.shares_of(name)), percent(share, say)]
            for name, share in chosen.ownership().items()
        ]
        rows.append([say("All shares"), whole(say, chosen.shares), percent(Fraction(1), say)])
        heads = [say(head) for head in OWNER_COLUMNS]
        show(pd.DataFrame(rows, columns=heads), say("Cap table"), totals=[len(rows) - 1])
        if chosen.safes:
            names = say.beside(*(titled(projection.scenario, safe.name, say) for safe in chosen.safes))
            small(say("Not converted yet: {names}. They convert in the next priced round.", names=names))
        broke = projection.figures.broke
        if broke is not None and chosen.month > broke:
            when = projection.dates[broke]
            small(say("Cash runs out in {when:month}, so this event never comes without more money.", when=when))
        small(say(CONVENTIONS[projection.scenario.settings.round_pricing]))
    with right:
        parts = ownership_by_month(tables, projection.scenario.months)
        curves = {titled(projection.scenario, name, say): values for name, values in parts.items()}
        figure = figures.ownership(say, projection.dates, curves)
        charts.show(figure, ownership_sentence(projection, tables, say), key="ownership-chart")


def percent(share: Fraction, say: Words) -> str:
    """Format a share of the company to a hundredth of a percent."""
    return format_percent(round(float(share), 4), locale=say.locale, decimal_quantization=False)


def event_title(projection: Projection, table: CapTable, say: Words) -> str:
    """Return name and month of an event: `Series A, Sep 2028`."""
    name = table.event.removesuffix(DUE)
    text = titled(projection.scenario, name, say)
    title = text if name == table.event else say("{name} due", name=text)
    return say.beside(title, say.month(projection.dates[table.month]))


def ownership_by_month(tables: tuple[CapTable, ...], months: int) -> dict[str, list[float]]:
    """Return each holder's share at the end of each month, as left by the last event so far."""
    last = {table.month: table.ownership() for table in tables}
    parts: dict[str, list[float]] = {name: [] for table in tables for name in table.ownership()}
    now: dict[str, Fraction] = {}
    for month in range(months):
        now = last.get(month, now)
        for name, values in parts.items():
            values.append(float(now.get(name, 0)))
    return parts


def ownership_sentence(projection: Projection, tables: tuple[CapTable, ...], say: Words) -> str:
    """Return the dilution of the first holder, and the largest holder at the end."""
    first, last = tables[0].ownership(), tables[-1].ownership()
    name, most = next(iter(first)), max(last, key=lambda holder: last[holder])
    at_start = next(table for table in reversed(tables) if table.month == tables[0].month)
    return say(
        "{name}: {before:share} of all shares in {start:month}, {after:share} at the end. The largest holder is then "
        "{most} with {part:share}.",
        name=titled(projection.scenario, name, say),
        before=float(at_start.ownership()[name]),
        start=projection.dates[at_start.month],
        after=float(last[name]),
        part=float(last[most]),
        most=titled(projection.scenario, most, say),
    )


def debts(projection: Projection, say: Words) -> None:
    """Draw debt by loan and month, and the schedule of one loan; nothing where there are no loans."""
    ledger = projection.ledger
    loans = ledger.names("loan")
    if not loans:
        return
    st.header(say("Debt"))
    owed = {titled(projection.scenario, name, say): ledger.of_member("debt", name) for name in loans}
    figure = charts.curves(say, projection.dates, owed, say("owed, {currency}", currency=projection.currency), "money")
    debt = ledger.total("debt")
    top = int(debt.argmax())
    text = say(
        "Debt peaks at {most:money} in {when:month} and is {end:money} at the end; interest adds up to "
        "{interest:money}.",
        when=projection.dates[top],
        most=debt[top],
        end=debt[-1],
        interest=float(ledger.total("loan_interest").sum()),
    )
    charts.show(figure, text, key="debt-chart")
    names = {name: titled(projection.scenario, name, say) for name in loans}
    name = one_of(say, say("Loan"), names, "loan", translated=False) if len(names) > 1 else loans[0]
    show(schedule(projection, name, say), say("Debt schedule"))


def schedule(projection: Projection, name: str, say: Words) -> pd.DataFrame:
    """Return a loan by quarter, without the quarters in which nothing moves or is owed."""
    ledger, months = projection.ledger, projection.scenario.months
    lines = ("loan_drawn", "loan_interest", "repaid")
    flows = [periods.summed(ledger.of_member(line, name), "quarter") for line in lines]
    owed = ledger.of_member("debt", name)[periods.ends(months, "quarter")]
    rows = [
        [quarter, *(whole(say, value) for value in values)]
        for quarter, *values in zip(periods.labels(months, "quarter", say), *flows, owed, strict=True)
        if any(round(value) for value in values)
    ]
    return pd.DataFrame(rows, columns=[say(head) for head in DEBT_COLUMNS])
