"""The device price behind a record's costs: a listed one, or the reader's own with source and date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from dashboard.parts.choices import from_list
from dashboard.parts.explaining.refusals import of_run
from dashboard.parts.tiles import small
from dashboard.parts.words import Words
from profiling.errors import TableError
from profiling.reference import datasheets, rentals
from profiling.results.costs import Priced, typical
from profiling.results.record import Record

OWN, NO_PRICE = "own", "none"
MOST_LISTED = 20


def choose(record: Record, say: Words) -> Priced | None:
    """Return a dated price of the whole device; None if the reader chooses none or gives no source."""
    offers = {str(price): price for price in listed(record, say)}
    names = [*offers, OWN, NO_PRICE]
    words = {OWN: say("another price with its source"), NO_PRICE: say("no price")}
    with st.expander(say("Price for costs"), key="price-for-costs"):
        label, key, first = say("Price per device-hour"), f"price:{record.label}", 0 if offers else len(names) - 1
        name = from_list(label, names, key, lambda name: words.get(name, name), index=first)
        if not offers:
            small(say("No price of this device is listed. Enter one to see costs."))
        return own(record, say) if name == OWN else offers.get(name)


def listed(record: Record, say: Words) -> list[Priced]:
    """Return the usual price of the record's device, and the listed offers, newest first."""
    try:
        sheets = () if record.on_cpu else datasheets.candidates(str(record.device["name"]))
        usual = [price for sheet in sheets if (price := typical(sheet)) is not None]
        offers = [offer for sheet in sheets for offer in rentals.prices(sheet)][:MOST_LISTED]
    except TableError as error:
        st.warning(of_run(error, say))
        return []
    count = int(record.device.get("count") or 1)
    each = [
        *usual,
        *(
            Priced(offer.usd_per_device_hour, "USD", f"{offer.provider} {offer.kind}, {offer.source}", offer.date)
            for offer in offers
        ),
    ]
    return [replace(price, per_hour=price.per_hour * count) for price in each]


def own(record: Record, say: Words) -> Priced | None:
    """Return the price that the reader types; None without a source."""
    key = f"own-price:{record.label}"
    with st.grid(3, min_column_width=180, gap="small"):
        label = say("{currency} an hour", currency=say.currency)
        per_hour = st.number_input(label, 0.0, value=0.0, step=0.1, key=f"{key}:hour", persist_state="session")
        source = st.text_input(say("Source"), key=f"{key}:source", persist_state="session").strip()
        day = st.date_input(say("As of"), value="today", key=f"{key}:day", persist_state="session")
    if per_hour > 0 and source:
        return Priced(per_hour, say.currency, source, (day or date.today()).isoformat())
    small(say("Enter a price above zero and its source."))
    return None
