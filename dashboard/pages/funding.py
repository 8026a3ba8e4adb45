"""Funding: what came in and when, who owns the company afterwards, what a sale pays them, and what lenders are owed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import streamlit as st
from babel.numbers import format_percent

from dashboard.parts import charts, charts_finance
from dashboard.parts.tables import show, whole
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape, readable
from simulator.answers.investors import Exit, cap_tables, exit_at_end
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.engine.dates import QUARTER
from simulator.equity.captable import CapTable
from simulator.errors import Undefined
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import CONVENTIONS

# Each kind of funding with the line that says when its money came.
RAISED = {"round": "money_raised", "safe": "safe_raised", "loan": "loan_drawn"}
RAISED_LABELS = {"round": "Priced rounds", "safe": "SAFEs", "loan": "Loans"}
KIND_LABELS = {"round": "Priced round", "safe": "SAFE", "loan": "Loan"}
TAKES_LABELS = {
    "common": "Common shares",
    "exercises": "Exercises its options",
    "lapses": "Options lapse",
    "preference": "Preference",
    "participates": "Preference and a part of the rest",
    "converts": "Converts into common",
    "money back": "Money back",
}
RAISED_COLUMNS = ("Name", "Kind", "Month", "Money", "Valuation", "Price a share")
OWNER_COLUMNS = ("Holder", "Shares", "Part")
EXIT_COLUMNS = ("Holder", "Paid", "Of the price", "Choice", "Times the money", "Return a year")
DEBT_COLUMNS = ("Quarter", "Drawn", "Interest", "Repaid", "Owed at its end")
# Money back but for the rounding of shares to whole ones.
NEARLY_ALL = 0.9999
# Prices on the chart of payouts, from nothing to twice the price that was asked about.
PRICES = np.linspace(0.0, 2.0, 41)


def page(projection: Projection, say: Words) -> None:
    """Money in, then who owns what, then what they get; where nothing can be counted the page says why."""
    raised(projection, say)
    st.subheader(say("Who owns the company"))
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
    """The title that a file gives a holder, a round, a SAFE or a loan, else its name; both where a title is shared."""
    given = {
        member: title
        for kind in ("holder", *RAISED)
        for member in scenario.entities.get(kind, ())
        if (title := scenario.about.get(f"{kind}s.{member}", {}).get("title"))
    }
    title = given.get(name, say(readable(name)))
    return title if list(given.values()).count(title) < 2 else f"{title} · {name}"


def months_of(ledger: Ledger, kind: str) -> dict[str, list[int]]:
    """The months in which each member of a kind brought money."""
    line = RAISED[kind]
    return {name: np.flatnonzero(ledger.of_member(line, name) > 0).tolist() for name in ledger.names(kind)}


def raised(projection: Projection, say: Words) -> None:
    """Cash with the months in which money came, and all of it in a table."""
    st.subheader(say("Money raised"))
    ledger = projection.ledger
    came = {kind: sorted({month for one in months_of(ledger, kind).values() for month in one}) for kind in RAISED}
    marks = {say(RAISED_LABELS[kind]): months for kind, months in came.items() if months}
    figure = charts_finance.marked(say, projection.dates, ledger.total("cash"), marks)
    charts.show(figure, raised_sentence(projection, say), key="funding-chart")
    rows = [row for kind in RAISED for name in ledger.names(kind) for row in raised_rows(projection, kind, name, say)]
    if rows:
        heads = [say(head) for head in RAISED_COLUMNS]
        show(pd.DataFrame(rows, columns=heads), say("Rounds, SAFEs and loans"), texts=(heads[1], heads[4]))


def raised_sentence(projection: Projection, say: Words) -> str:
    """How much came from whom, and where cash is lowest."""
    cash = projection.ledger.total("cash")
    equity, safes, loans = (float(projection.ledger.total(line).sum()) for line in RAISED.values())
    values = {"equity": equity, "safes": safes, "loans": loans, "all": equity + safes + loans}
    if not values["all"]:
        text = say("Nothing is raised within the plan.")
    else:
        text = say(
            "The plan raises {all:money}: {equity:money} in priced rounds, {safes:money} in SAFEs, {loans:money} in "
            "loans.",
            **values,
        )
    low = int(cash.argmin())
    values = {"low": cash[low], "when": projection.dates[low], "end": cash[-1]}
    more = say("Cash is lowest in {when:month} at {low:money} and ends at {end:money}.", **values)
    return f"{text} {more}"


def raised_rows(projection: Projection, kind: str, name: str, say: Words) -> list[list[str]]:
    """One row for each month in which it brings money; one without a month where it never does."""
    ledger = projection.ledger
    head = [titled(projection.scenario, name, say), say(KIND_LABELS[kind])]
    months = months_of(ledger, kind)[name]
    if not months:
        return [[*head, say("not within the plan"), "–", "–", "–"]]
    money = ledger.of_member(RAISED[kind], name)
    valuation, price = valued(ledger, kind, name, say)
    return [[*head, say.month(projection.dates[month]), whole(say, money[month]), valuation, price] for month in months]


def valued(ledger: Ledger, kind: str, name: str, say: Words) -> tuple[str, str]:
    """What the company is taken to be worth, and a share: after a round, or at a SAFE's cap."""
    if kind == "loan":
        return "–", "–"
    if kind == "safe":
        cap, discount = (float(ledger.assumed(one, name)[0]) for one in ("valuation_cap", "conversion_discount"))
        terms = [say("cap {cap:money}", cap=cap)] if cap else []
        terms += [say("discount {discount:share}", discount=discount)] if discount else []
        return ", ".join(terms) or say("the round's price"), "–"
    try:
        after = next(table for table in cap_tables(ledger) if table.event == name)
    except Undefined:
        before = float(ledger.of_member("valuation_before", name).max())
        return say("{before:money} before", before=before) if before else "–", "–"
    return say("{after:money} after", after=float(after.post_money)), say.money(float(after.price))


def owners(projection: Projection, tables: tuple[CapTable, ...], say: Words) -> None:
    """Shares after one event, and ownership month by month."""
    left, right = st.columns(2)
    with left:
        place = st.selectbox(
            say("After"),
            range(len(tables)),
            index=len(tables) - 1,
            format_func=lambda place: event_title(projection, tables[place], say),
            key=f"cap-table:{len(tables)}",
            persist_state="session",
        )
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
            small(say("Not yet shares: {names}. They convert in the next priced round.", names=names))
        small(say(CONVENTIONS[projection.scenario.settings.round_pricing]))
    with right:
        parts = ownership_by_month(tables, projection.scenario.months)
        curves = {titled(projection.scenario, name, say): values for name, values in parts.items()}
        figure = charts_finance.ownership(say, projection.dates, curves)
        charts.show(figure, ownership_sentence(projection, tables, say), key="ownership-chart")


def percent(share: Fraction, say: Words) -> str:
    """A part of the company to a hundredth of a per cent."""
    return format_percent(round(float(share), 4), locale=say.locale, decimal_quantization=False)


def event_title(projection: Projection, table: CapTable, say: Words) -> str:
    """What happened, and when: `Series A, Sep 2028`."""
    return f"{titled(projection.scenario, table.event, say)}, {say.month(projection.dates[table.month])}"


def ownership_by_month(tables: tuple[CapTable, ...], months: int) -> dict[str, list[float]]:
    """Each holder's part at the end of each month, as the last event up to then left it."""
    last = {table.month: table.ownership() for table in tables}
    parts: dict[str, list[float]] = {name: [] for table in tables for name in table.ownership()}
    now: dict[str, Fraction] = {}
    for month in range(months):
        now = last.get(month, now)
        for name, values in parts.items():
            values.append(float(now.get(name, 0)))
    return parts


def ownership_sentence(projection: Projection, tables: tuple[CapTable, ...], say: Words) -> str:
    """What the first holder keeps, and who owns most at the end."""
    first, last = tables[0].ownership(), tables[-1].ownership()
    name, most = next(iter(first)), max(last, key=lambda holder: last[holder])
    at_start = next(table for table in reversed(tables) if table.month == tables[0].month)
    return say(
        "{name}: {before:share} of all shares in {start:month}, and {after:share} at the end. The largest part then, "
        "{part:share}, belongs to {most}.",
        name=titled(projection.scenario, name, say),
        before=float(at_start.ownership()[name]),
        start=projection.dates[at_start.month],
        after=float(last[name]),
        part=float(last[most]),
        most=titled(projection.scenario, most, say),
    )


def exits(projection: Projection, tables: tuple[CapTable, ...], planned: Exit, say: Words) -> None:
    """What a sale at the plan's end pays, for the price that the plan says or one that is typed."""
    st.subheader(say("A sale at the end of the plan"))
    typed = st.number_input(
        say("Sale price, {currency}", currency=projection.currency),
        min_value=0.0,
        value=None,
        step=max(1.0, 10.0 ** np.floor(np.log10(max(planned.value, 1.0)) - 1)),
        format="%.10g",
        placeholder=say("{value:money}, as the plan says", value=planned.value),
        help=escape(say("Leave it empty for what the plan says the company is worth, with its cash.")),
        key="exit-value",
        persist_state="session",
        width=320,
    )
    sale = planned if typed is None else exit_at_end(projection.ledger, tables, typed)
    rows = exit_rows(projection, sale, say)
    heads = [say(head) for head in EXIT_COLUMNS]
    show(pd.DataFrame(rows, columns=heads), say("What the sale pays"), texts=(heads[3],))
    for one in sale.returns:
        if one.irr is None:
            small(f"{titled(projection.scenario, one.investor, say)}: {say(one.why)}")
    values = (PRICES * (sale.value or 1e6)).tolist()
    figure = charts_finance.payouts(say, values, paid_by_price(projection, tables, values, say), sale.value)
    charts.show(figure, exit_sentence(projection, sale, say), key="exit-chart")


def exit_rows(projection: Projection, sale: Exit, say: Words) -> list[list[str]]:
    """One row a holder, lenders first."""
    returns = {one.investor: one for one in sale.returns}
    chosen = {payout.name: payout.takes for payout in reversed(sale.split.payouts)}
    rows = [[say("Lenders"), float(sale.split.debt_paid), say("First in line"), None]] if sale.split.debt_paid else []
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
    """What each holder is paid at each price; lenders come last, so that colours are those of the shares above."""
    sales = [exit_at_end(projection.ledger, tables, value) for value in values]
    paid = [sale.split.by_holder() for sale in sales]
    parts = {titled(projection.scenario, name, say): [float(one[name]) for one in paid] for name in paid[-1]}
    lenders = [float(sale.split.debt_paid) for sale in sales]
    return {**parts, say("Lenders"): lenders} if any(lenders) else parts


def exit_sentence(projection: Projection, sale: Exit, say: Words) -> str:
    """Who gets most of the price, and whether every investor has the money back."""
    paid = sale.split.by_holder()
    most = max(paid, key=lambda holder: paid[holder])
    text = say(
        "Sold in {when:month} for {value:money}, the company pays {most} the most: {paid:money}.",
        when=projection.dates[sale.month],
        value=sale.value,
        most=titled(projection.scenario, most, say),
        paid=float(paid[most]),
    )
    short = [titled(projection.scenario, one.investor, say) for one in sale.returns if one.moic < NEARLY_ALL]
    if short:
        more = say("At this price these do not get their money back: {names}.", names=", ".join(short))
    else:
        more = say("At this price every investor gets the money back.") if sale.returns else ""
    return f"{text} {more}".strip()


def debts(projection: Projection, say: Words) -> None:
    """What lenders are owed, loan by loan and quarter by quarter; nothing where there are no loans."""
    ledger = projection.ledger
    loans = ledger.names("loan")
    if not loans:
        return
    st.subheader(say("What lenders are owed"))
    owed = {titled(projection.scenario, name, say): ledger.of_member("debt", name) for name in loans}
    figure = charts_finance.several(
        say, charts_finance.same_months(projection.dates, owed), say("owed, {currency}", currency=projection.currency)
    )
    debt = ledger.total("debt")
    top = int(debt.argmax())
    text = say(
        "Debt is highest in {when:month} at {most:money} and {end:money} of it is left at the end; interest comes to "
        "{interest:money} over the plan.",
        when=projection.dates[top],
        most=debt[top],
        end=debt[-1],
        interest=float(ledger.total("loan_interest").sum()),
    )
    charts.show(figure, text, key="debt-chart")
    name = loans[0]
    if len(loans) > 1:
        name = st.segmented_control(
            say("Loan"),
            loans,
            default=loans[0],
            required=True,
            format_func=lambda name: escape(titled(projection.scenario, name, say)),
            key="loan",
            persist_state="session",
        )
    show(schedule(projection, name, say), say("Debt schedule"))


def schedule(projection: Projection, name: str, say: Words) -> pd.DataFrame:
    """A loan by quarter, as long as anything moves or is owed."""
    ledger = projection.ledger
    starts = np.arange(0, projection.scenario.months, QUARTER)
    ends = np.minimum(starts + QUARTER, projection.scenario.months) - 1
    flows = [
        np.add.reduceat(ledger.of_member(line, name), starts) for line in ("loan_drawn", "loan_interest", "repaid")
    ]
    owed = ledger.of_member("debt", name)[ends]
    rows = [
        [say("from {when:month}", when=projection.dates[start]), *(whole(say, value) for value in values)]
        for start, *values in zip(starts, *flows, owed, strict=True)
        if any(round(value) for value in values)
    ]
    return pd.DataFrame(rows, columns=[say(head) for head in DEBT_COLUMNS])
