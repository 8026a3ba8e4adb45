"""Funding: money raised by month, ownership after each event, the payout of a sale, and debt."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pandas as pd
import streamlit as st
from babel.numbers import format_percent

from dashboard.parts import charts, charts_business, periods
from dashboard.parts.choices import from_list, one_of
from dashboard.parts.tables import show, whole
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape, readable
from simulator.answers.kpis.funding import funding_months
from simulator.answers.ledger import Ledger
from simulator.answers.ownership.investors import Exit, cap_tables, exit_at_end
from simulator.answers.projection import Projection
from simulator.equity.captable import CapTable
from simulator.errors import Undefined
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import CONVENTIONS

# Each kind of funding with the line that holds its money by month.
RAISED = {"round": "money_raised", "safe": "safe_raised", "loan": "loan_drawn"}
RAISED_LABELS = {"round": "Priced rounds", "safe": "SAFEs", "loan": "Loans"}
KIND_LABELS = {"round": "Priced round", "safe": "SAFE", "loan": "Loan"}
TAKES_LABELS = {
    "common": "Common shares",
    "exercises": "Exercises its options",
    "lapses": "Options lapse",
    "preference": "Preference",
    "participates": "Preference plus a share of the rest",
    "converts": "Converts to common",
    "money back": "Money back",
}
RAISED_COLUMNS = ("Name", "Kind", "Month", "Amount", "Valuation", "Share price")
OWNER_COLUMNS = ("Holder", "Shares", "Ownership")
EXIT_COLUMNS = ("Holder", "Payout", "Of the price", "Choice", "Multiple (MOIC)", "IRR")
DEBT_COLUMNS = ("Quarter", "Drawn", "Interest", "Repaid", "Owed at the end")
# Shares are rounded to whole ones, so a full payback may fall just short of a multiple of 1.
NEARLY_ALL = 0.9999
# Prices on the chart of payouts, from zero to twice the chosen price.
PRICES = np.linspace(0.0, 2.0, 41)


def page(projection: Projection, say: Words) -> None:
    """Draw money raised, ownership, the payout of a sale, and debt; where one is undefined, say why."""
    raised(projection, say)
    st.subheader(say("Ownership"))
    try:
        tables = cap_tables(projection.ledger)
        sale = exit_at_end(projection.ledger, tables)
    except Undefined as reason:
        st.info(escape(say(str(reason))))
    else:
        owners(projection, tables, say)
        exits(projection, tables, sale, say)
    debts(projection, say)


def titled(scenario: Scenario, name: str, say: Words) -> str:
    """Return the title of a holder, round, SAFE or loan, else its name; both where two share a title."""
    given = {
        member: title
        for kind in ("holder", *RAISED)
        for member in scenario.entities.get(kind, ())
        if (title := scenario.about.get(f"{kind}s.{member}", {}).get("title"))
    }
    title = given.get(name, say(readable(name)))
    return title if list(given.values()).count(title) < 2 else f"{title} · {name}"


def months_of(ledger: Ledger, kind: str) -> dict[str, list[int]]:
    """Return the months in which each member of a kind brings money."""
    line = RAISED[kind]
    return {name: np.flatnonzero(ledger.of_member(line, name) > 0).tolist() for name in ledger.names(kind)}


def raised(projection: Projection, say: Words) -> None:
    """Draw cash with the months in which money arrives, and list all funding."""
    st.subheader(say("Money raised"))
    ledger = projection.ledger
    came = {kind: sorted({month for one in months_of(ledger, kind).values() for month in one}) for kind in RAISED}
    marks = {say(RAISED_LABELS[kind]): months for kind, months in came.items() if months}
    figure = charts_business.funded(say, projection.dates, ledger.total("cash"), marks)
    charts.show(figure, raised_sentence(projection, say), key="funding-chart")
    rows = [row for kind in RAISED for name in ledger.names(kind) for row in raised_rows(projection, kind, name, say)]
    if rows:
        heads = [say(head) for head in RAISED_COLUMNS]
        show(pd.DataFrame(rows, columns=heads), say("Rounds, SAFEs and loans"), texts=(heads[1], heads[4]))


def raised_sentence(projection: Projection, say: Words) -> str:
    """Return the money raised by kind, and the lowest and final cash."""
    cash = projection.ledger.total("cash")
    equity, safes, loans = (float(projection.ledger.total(line).sum()) for line in RAISED.values())
    values = {"equity": equity, "safes": safes, "loans": loans, "all": equity + safes + loans}
    if not values["all"]:
        text = say("The company raises no money in the projection.")
    else:
        text = say(
            "The company raises {all:money}: {equity:money} in priced rounds, {safes:money} in SAFEs and {loans:money} "
            "in loans.",
            **values,
        )
    low = int(cash.argmin())
    values = {"low": cash[low], "when": projection.dates[low], "end": cash[-1]}
    more = say("Cash is lowest in {when:month} at {low:money} and ends at {end:money}.", **values)
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
    head = [titled(projection.scenario, name, say), say(KIND_LABELS[kind])]
    months = months_of(ledger, kind)[name]
    if not months:
        return [[*head, say("after the projection"), "–", "–", "–"]]
    money = ledger.of_member(RAISED[kind], name)
    valuation, price = valued(ledger, kind, name, say)
    return [[*head, say.month(projection.dates[month]), whole(say, money[month]), valuation, price] for month in months]


def valued(ledger: Ledger, kind: str, name: str, say: Words) -> tuple[str, str]:
    """Return the valuation and the share price: after a priced round, or the terms of a SAFE."""
    if kind == "loan":
        return "–", "–"
    if kind == "safe":
        cap, discount = (float(ledger.assumed(one, name)[0]) for one in ("valuation_cap", "conversion_discount"))
        terms = [say("cap {cap:money}", cap=cap)] if cap else []
        terms += [say("discount {discount:share}", discount=discount)] if discount else []
        return ", ".join(terms) or say("price of the next round"), "–"
    try:
        after = next(table for table in cap_tables(ledger) if table.event == name)
    except Undefined:
        before = float(ledger.of_member("valuation_before", name).max())
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
            names = ", ".join(titled(projection.scenario, safe.name, say) for safe in chosen.safes)
            small(say("Not converted yet: {names}. SAFEs convert in the next priced round.", names=names))
        small(say(CONVENTIONS[projection.scenario.settings.round_pricing]))
    with right:
        parts = ownership_by_month(tables, projection.scenario.months)
        curves = {titled(projection.scenario, name, say): values for name, values in parts.items()}
        figure = charts_business.ownership(say, projection.dates, curves)
        charts.show(figure, ownership_sentence(projection, tables, say), key="ownership-chart")


def percent(share: Fraction, say: Words) -> str:
    """Format a share of the company to a hundredth of a percent."""
    return format_percent(round(float(share), 4), locale=say.locale, decimal_quantization=False)


def event_title(projection: Projection, table: CapTable, say: Words) -> str:
    """Return name and month of an event: `Series A, Sep 2028`."""
    return f"{titled(projection.scenario, table.event, say)}, {say.month(projection.dates[table.month])}"


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


def exits(projection: Projection, tables: tuple[CapTable, ...], planned: Exit, say: Words) -> None:
    """Draw the payout of a sale at the end, at the scenario's valuation or at a typed price."""
    st.subheader(say("Sale at the end of the projection"))
    typed = st.number_input(
        say("Sale price, {currency}", currency=projection.currency),
        min_value=0.0,
        value=None,
        step=max(1.0, 10.0 ** np.floor(np.log10(max(planned.value, 1.0)) - 1)),
        format="%.10g",
        placeholder=say("{value:money}, the scenario's valuation", value=planned.value),
        help=escape(say("An empty field uses the scenario's valuation of the company, including its cash.")),
        key="exit-value",
        persist_state="session",
        width=320,
    )
    if planned.broke is not None:
        values = {"when": projection.dates[planned.broke]}
        st.warning(
            say("Cash runs out in {when:month} in the base case: without more money there is no sale.", **values)
        )
    sale = planned if typed is None else exit_at_end(projection.ledger, tables, typed)
    rows = exit_rows(projection, sale, say)
    heads = [say(head) for head in EXIT_COLUMNS]
    show(pd.DataFrame(rows, columns=heads), say("Payout of the sale"), texts=(heads[3],))
    for one in sale.returns:
        if one.irr is None:
            small(f"{titled(projection.scenario, one.investor, say)}: {say(one.why)}")
    values = (PRICES * (sale.value or 1e6)).tolist()
    figure = charts_business.payouts(say, values, paid_by_price(projection, tables, values, say), sale.value)
    charts.show(figure, exit_sentence(projection, sale, say), key="exit-chart")


def exit_rows(projection: Projection, sale: Exit, say: Words) -> list[list[str]]:
    """Return one row a holder, lenders first."""
    returns = {one.investor: one for one in sale.returns}
    chosen = {payout.name: payout.takes for payout in reversed(sale.split.payouts)}
    rows = [[say("Lenders"), float(sale.split.debt_paid), say("Paid first"), None]] if sale.split.debt_paid else []
    rows += [
        [titled(projection.scenario, name, say), float(paid), say(TAKES_LABELS[chosen[name]]), returns.get(name)]
        for name, paid in sale.split.by_holder().items()
    ]
    return [
        [
            name,
            whole(say, paid),
            say.share(paid / sale.value) if sale.value else "–",
            choice,
            "–" if one is None else f"{say.number(round(one.moic, 2))} ×",
            "–" if one is None or one.irr is None else say.share(round(one.irr, 4)),
        ]
        for name, paid, choice, one in rows
    ]


def paid_by_price(
    projection: Projection, tables: tuple[CapTable, ...], values: list[float], say: Words
) -> dict[str, list[float]]:
    """Return each holder's payout at each price; lenders come last, so that holders keep their colours."""
    sales = [exit_at_end(projection.ledger, tables, value) for value in values]
    paid = [sale.split.by_holder() for sale in sales]
    parts = {titled(projection.scenario, name, say): [float(one[name]) for one in paid] for name in paid[-1]}
    lenders = [float(sale.split.debt_paid) for sale in sales]
    return {**parts, say("Lenders"): lenders} if any(lenders) else parts


def exit_sentence(projection: Projection, sale: Exit, say: Words) -> str:
    """Return the largest payout, and the investors who do not get their money back."""
    paid = sale.split.by_holder()
    most = max(paid, key=lambda holder: paid[holder])
    text = say(
        "A sale in {when:month} for {value:money} pays most to {most}: {paid:money}.",
        when=projection.dates[sale.month],
        value=sale.value,
        most=titled(projection.scenario, most, say),
        paid=float(paid[most]),
    )
    short = [titled(projection.scenario, one.investor, say) for one in sale.returns if one.moic < NEARLY_ALL]
    if short:
        more = say("Investors who do not get their money back: {names}.", names=", ".join(short))
    else:
        more = say("Every investor gets the money back.") if sale.returns else ""
    return f"{text} {more}".strip()


def debts(projection: Projection, say: Words) -> None:
    """Draw debt by loan and month, and the schedule of one loan; nothing where there are no loans."""
    ledger = projection.ledger
    loans = ledger.names("loan")
    if not loans:
        return
    st.subheader(say("Debt"))
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
