"""A sale of the company: what it pays each holder, at any price, and who owns and gets what over the trials."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.desk.cached import MOST_TRIALS, owned
from dashboard.parts import charts
from dashboard.parts.business import figures
from dashboard.parts.explaining.refusals import said
from dashboard.parts.tables import show, whole
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.kpis.registry import Drawn
from simulator.answers.ownership.bands import Band, Bands
from simulator.answers.ownership.investors import Exit, company_worth, exit_at_end
from simulator.answers.projection import Projection
from simulator.answers.search import readable
from simulator.equity.captable import CapTable
from simulator.equity.returns import Return
from simulator.errors import Undefined
from simulator.scenario.scenario import Scenario

# What has a title and holds shares, or becomes them.
OWNERS = ("holder", "option_grant", "round", "safe", "loan")
TAKES_LABELS = {
    "common": "Common shares",
    "exercises": "Exercises its options",
    "lapses": "Options lapse",
    "cancelled": "Options cancelled",
    "preference": "Preference",
    "participates": "Preference plus a share of the rest",
    "converts": "Converts to common",
    "money back": "Money back",
}
EXIT_COLUMNS = ("Holder", "Payout", "Of the price", "Choice", "Multiple (MOIC)", "IRR")
BAND_COLUMNS = ("Holder", "Owns, P5", "Owns, median", "Owns, P95", "Payout, P5", "Payout, median", "Payout, P95")
# Shares are rounded to whole ones, so a full payback may fall just short of a multiple of 1.
NEARLY_ALL = 0.9999
# Prices on the chart of payouts, from zero to twice the chosen price.
PRICES = np.linspace(0.0, 2.0, 41)


def titled(scenario: Scenario, name: str, say: Words) -> str:
    """Return the title of a holder, grant, round, SAFE or loan, else its name; both where two share a title."""
    known = {
        member: scenario.about.get(f"{kind}s.{member}", {}).get("title") or say(readable(member))
        for kind in OWNERS
        for member in scenario.entities.get(kind, ())
    }
    title = known.get(name, say(readable(name)))
    return title if list(known.values()).count(title) < 2 else f"{title} · {name}"


def exits(projection: Projection, tables: tuple[CapTable, ...], say: Words) -> None:
    """Draw the payout of a sale at the end, at the scenario's valuation or at a typed price, and over the trials."""
    st.header(say("Sale at the end of the projection"))
    worth = company_worth(projection.ledger)
    typed = st.number_input(
        say("Sale price, {currency}", currency=projection.currency),
        min_value=0.0,
        value=None,
        step=max(1.0, 10.0 ** np.floor(np.log10(max(worth, 1.0)) - 1)),
        format="%.10g",
        placeholder=say("{value:money}, the scenario's valuation", value=worth),
        help=escape(say("An empty field uses the scenario's valuation of the company, including its cash.")),
        key="exit-value",
        persist_state="session",
        width=320,
    )
    if (broke := projection.figures.broke) is not None:
        text = "Cash runs out in {when:month} in the base case: without more money there is no sale."
        more = say("Type a price to see who would get what.") if typed is None else ""
        st.warning(f"{say(text, when=projection.dates[broke])} {more}".strip())
    if broke is None or typed is not None:
        payouts(projection, tables, exit_at_end(projection.ledger, tables, typed), say)
    over_trials(projection, typed, say)


def payouts(projection: Projection, tables: tuple[CapTable, ...], sale: Exit, say: Words) -> None:
    """Draw what a sale pays, and what other prices would."""
    rows = exit_rows(projection, sale, say)
    heads = [say(head) for head in EXIT_COLUMNS]
    show(pd.DataFrame(rows, columns=heads), say("Payout of the sale"), texts=(heads[3],))
    if "cancelled" in {payout.takes for payout in sale.split.payouts}:
        small(
            say(
                "A sale cancels options that nobody holds. List those of staff as option grants, or set the share of "
                "the pool that staff hold by then (options granted at exit)."
            )
        )
    for one in sale.returns:
        if one.irr is None:
            small(f"{titled(projection.scenario, one.investor, say)}: {said(one.why, projection.scenario, say)}")
    values = (PRICES * (sale.value or 1e6)).tolist()
    figure = figures.payouts(say, values, paid_by_price(projection, tables, values, say), sale.value)
    charts.show(figure, exit_sentence(projection, sale, say), key="exit-chart")


def over_trials(projection: Projection, price: float | None, say: Words) -> None:
    """Draw ownership and payouts over the trials once a reader asks for them: they take seconds, and edits do not."""
    scenario, trials = projection.scenario, min(projection.scenario.trials, MOST_TRIALS)
    if projection.figures.drawn is Drawn.NOTHING or not trials:
        return
    if st.session_state.get("bands-of") != scenario.hash:
        label = say("Show ownership and payouts over the trials")
        asked = {"bands-of": scenario.hash}
        st.button(label, icon=":material/casino:", key="bands", on_click=st.session_state.update, args=(asked,))
        return
    try:
        found = owned(scenario, trials, price)
    except Undefined as reason:
        st.info(escape(said(reason.text, scenario, say)))
        return
    rows = [
        [titled(scenario, name, say), *shares_of(found.ownership.get(name), say)]
        + [whole(say, amount) for amount in (paid.p05, paid.p50, paid.p95)]
        for name, paid in found.proceeds.items()
    ]
    st.header(say("Ownership and payouts over the trials"))
    show(pd.DataFrame(rows, columns=[say(head) for head in BAND_COLUMNS]), say("Ownership and payouts over the trials"))
    small(bands_sentence(projection, found, say))


def shares_of(band: Band | None, say: Words) -> list[str]:
    """Return P5, median and P95 of ownership; dashes for a SAFE or note that is not converted."""
    return ["–"] * 3 if band is None else [say.share(round(share, 4)) for share in (band.p05, band.p50, band.p95)]


def bands_sentence(projection: Projection, found: Bands, say: Words) -> str:
    """Return what the first holder owns and gets in nine trials of ten, and how many trials count for what."""
    name = next(iter(found.proceeds))
    share, paid = found.ownership[name], found.proceeds[name]
    text = say(
        "{name}: {low:share} to {high:share} of all shares in 90 % of the {trials} trials, and {least:money} to "
        "{most:money} in a sale.",
        name=titled(projection.scenario, name, say),
        low=share.p05,
        high=share.p95,
        least=paid.p05,
        most=paid.p95,
        trials=say.number(found.trials),
    )
    if found.broke:
        text += " " + say(
            "In {broke:share} of the trials cash runs out: they pay nothing, and their ownership is not counted.",
            broke=found.broke / found.trials,
        )
    if found.unknown:
        count = say.number(found.unknown)
        text += " " + say("Left out: {count} trials in which rounds, grants and SAFEs do not fit.", count=count)
    return text


def exit_rows(projection: Projection, sale: Exit, say: Words) -> list[list[str]]:
    """Return one row a holder, lenders first."""
    returns = {one.investor: one for one in sale.returns}
    chosen = {payout.name: payout.takes for payout in reversed(sale.split.payouts)}
    rows: list[tuple[str, float, str, Return | None]] = [
        (titled(projection.scenario, name, say), float(paid), say(TAKES_LABELS[chosen[name]]), returns.get(name))
        for name, paid in sale.split.by_holder().items()
    ]
    if sale.split.debt_paid:
        rows.insert(0, (say("Lenders"), float(sale.split.debt_paid), say("Paid first"), None))
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
