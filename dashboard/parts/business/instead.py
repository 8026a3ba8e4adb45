"""Moves of a pool's requests to another feature, such as a fine-tuned model: both bills, and from when a move pays."""

from __future__ import annotations

import streamlit as st

from dashboard.desk.cached import HASH
from dashboard.parts import charts, members
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.answers.variations.instead import Move, moves
from simulator.output.instead import MANY, WAYS_LABELS, sentence
from simulator.scenario.scenario import Scenario


@st.cache_resource(hash_funcs=HASH, max_entries=64, show_spinner=False)
def moves_of(scenario: Scenario, _ledger: Ledger) -> list[Move]:  # noqa: ARG001  part of the key
    """Return every move of a scenario; each takes two more runs of the base case."""
    return moves(_ledger)


def instead(projection: Projection, say: Words, pool: str, month: int) -> None:
    """Draw both bills of each move of the pool's requests by month, and both ways at the prices of one month."""
    scenario = projection.scenario
    if not scenario.entities.get("route"):
        return
    for move in moves_of(scenario, projection.ledger):
        if members.pointed_at(scenario, "route", move.route)["pool"] == members.named(scenario, "pool", pool):
            _show(projection, say, move, month)


def _show(projection: Projection, say: Words, move: Move, month: int) -> None:
    scenario = projection.scenario
    feature = members.named(scenario, "feature", move.feature)
    st.header(escape(say("Move requests to {feature}", feature=feature)))
    series = {
        say(WAYS_LABELS[key]): [way.bill(count) for way, count in zip(ways, move.requests, strict=True)]
        for key, ways in (("usual", move.usual), ("other", move.other))
    }
    y_title = say("a month, {currency}", currency=projection.currency)
    figure = charts.curves(say, projection.dates, series, y_title, "money")
    charts.show(figure, sentence(move, month, projection.currency, say), key=f"instead-chart:{move.route}")
    ways = {"usual": move.usual[month], "other": move.other[month]}
    st.table(
        {
            say("Way"): [say(WAYS_LABELS[key]) for key in WAYS_LABELS],
            say("Right answers"): [say.share(ways[key].right) for key in WAYS_LABELS],
            say("Device seconds per request"): [say.number(ways[key].seconds) for key in WAYS_LABELS],
            say("Cost of 1,000 requests"): [escape(say.money(MANY * ways[key].request)) for key in WAYS_LABELS],
            say("Corrections in it"): [escape(say.money(MANY * ways[key].corrections)) for key in WAYS_LABELS],
            say("Fewest devices"): [escape(say.money(ways[key].fewest)) for key in WAYS_LABELS],
            say("Training program"): [escape(say.money(ways[key].program)) for key in WAYS_LABELS],
        },
        hide_index=True,
        border="horizontal",
        alt=say("Both ways to answer these requests, with what each costs in a month"),
    )
    small(
        say(
            "Each line is the bill of all requests that could be moved. The share of right answers is measured or "
            "assumed; what a wrong answer costs, and how it moves customers, is what this scenario assumes."
        )
    )
