"""A vendor's bill of a pool: what a request costs by feature, what is reserved, and the prices of a price card."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts import members
from dashboard.parts.choices import from_list
from dashboard.parts.explaining.refusals import why
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.projection import Projection
from simulator.scenario.cards.card import Card
from simulator.scenario.cards.catalogue import cards
from simulator.scenario.cards.pool import CARD, CURRENCY, assumptions_of
from simulator.scenario.scenario import Scenario


def show(projection: Projection, say: Words, desk: Desk, pool: str, month: int) -> None:
    """Draw a vendor's bill of a request to each feature of the pool, and offer the price cards."""
    st.header(say("A vendor's bill"))
    requests(projection, say, pool, month)
    reserved(projection, say, pool, month)
    choose(projection.scenario, say, desk, pool)


def requests(projection: Projection, say: Words, pool: str, month: int) -> None:
    """List what a mean request to each feature of the pool costs at the vendor in a month."""
    ledger, features = projection.ledger, members.features_of(projection.scenario, pool)
    index = float(ledger.of_member("vendor_price_index", pool)[month])
    bills = [index * float(ledger.of_member("vendor_request_bill", name)[month]) for name in features]
    if not any(bills):
        small(say("No vendor's price is known for this pool: choose a price card, or set the vendor's output price."))
        return
    long = [float(ledger.of_member("long_call_share", name)[month]) for name in features]
    st.table(
        {
            say("Feature"): [escape(title) for title in features.values()],
            say("Bill of a thousand requests"): [escape(say.money(1_000 * bill)) for bill in bills],
            say("Calls above the threshold"): [say.share(share) for share in long],
        },
        hide_index=True,
        border="horizontal",
        alt=say("A vendor's bill of a thousand requests to each feature"),
    )


def reserved(projection: Projection, say: Words, pool: str, month: int) -> None:
    """Say what reserved throughput costs, and the share of the vendor's tokens that spills over."""
    bill, spilled = (
        float(projection.ledger.of_member(line, pool)[month]) for line in ("reserved_bill", "spilled_share")
    )
    if bill or spilled < 1:
        text = say(
            "In {when:month} reserved throughput costs {bill:money}; {spilled:share} of the vendor's tokens exceed it.",
            **{"when": projection.dates[month], "bill": bill, "spilled": spilled},
        )
        st.markdown(escape(text))


def choose(scenario: Scenario, say: Words, desk: Desk, pool: str) -> None:
    """Offer to take the prices of a price card into the scenario."""
    if CURRENCY not in (scenario.currencies.own, scenario.currencies.second):
        small(say("Price cards are in USD: name USD as the scenario's second currency to use them."))
        members.to_shape("company", say("Set the second currency"))
        return
    named = scenario.about[f"pools.{pool}"].get(CARD)
    names = list(cards())
    first = names.index(named) if named in names else None
    name = from_list(say("Price card"), names, f"price-card:{pool}", index=first, placeholder=say("vendor/model"))
    if name is None:
        return
    small(priced(cards()[name], scenario.start, say))
    place = f"pools.{pool}"
    edit = (place, name, lambda scenario: with_card(scenario, pool, name))
    label = say("Take these prices into the scenario")
    st.button(label, icon=":material/sell:", key=f"take-card:{pool}", on_click=desk.change, args=edit)
    if place in desk.refused:
        st.error(why(desk.refused[place].problems, scenario, say))


def priced(card: Card, day: date, say: Words) -> str:
    """Return a sentence with the prices of a card on a day, in the currency of the card."""
    (base, *_) = card.tiers(day)
    priced_in = Words(say.language, CURRENCY, say.start)
    return say(
        "A million tokens of input cost {input} and of output {output}; checked {day}, {source}",
        input=priced_in.money(float(base.input)),
        output=priced_in.money(float(base.output or 0)),
        day=card.as_of.isoformat(),
        source=card.source,
    )


def with_card(scenario: Scenario, pool: str, name: str) -> Scenario:
    """Return the scenario with a card's prices as values of the pool, each with its source."""
    found = assumptions_of(name, scenario.start, scenario.currencies)
    return scenario.with_values({f"pools.{pool}.{key}": literal for key, literal in found.items()})
