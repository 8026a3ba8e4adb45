"""Own devices against a vendor's API: both bills by month, and the number of requests from which devices pay."""

from __future__ import annotations

import streamlit as st

from dashboard.parts import charts
from dashboard.parts.business.missing import to_set
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.capacity import Bills, both_bills, vendor_breakeven
from simulator.answers.projection import Projection


def own_or_vendor(projection: Projection, say: Words, pool: str, month: int) -> None:
    """Draw both bills for all of a pool's requests, and say from which month and which volume own devices cost less."""
    found = both_bills(projection.ledger, pool)
    if found is None:
        small(
            say("To compare own devices with a vendor's API, this pool needs the prices of both and a device's rate.")
        )
        to_set(
            projection, say, pool, ("device_price", "tokens_per_second", "vendor_output_price", "vendor_input_price")
        )
        return
    st.header(say("Own devices or the vendor"))
    series = {say("own devices, on demand"): found.own, say("the vendor's API"): found.vendor}
    figure = charts.curves(
        say, projection.dates, series, say("a month, {currency}", currency=projection.currency), "money"
    )
    charts.show(figure, bills_sentence(found, projection, say), key="bills-chart")
    small(
        say(
            "Each line is the bill for all requests of this pool in the base case; devices are whole ones, with peaks, "
            "headroom and spares. Own devices run an open model: the comparison holds only if its quality is enough, "
            "and it leaves out the people who run it."
        )
    )
    volume(projection, say, pool, month)


def bills_sentence(found: Bills, projection: Projection, say: Words) -> str:
    """Return the month from which own devices cost less for good, and both bills at the end."""
    first = found.from_month
    if first is None:
        text = say("Own devices do not become cheaper than the vendor within the projection.")
    elif first == 0:
        text = say("Own devices cost less than the vendor from the first month on.")
    else:
        text = say("From {when:month} own devices cost less than the vendor.", when=projection.dates[first])
    values = {"when": projection.dates[-1], "own": found.own[-1], "vendor": found.vendor[-1]}
    return f"{text} " + say("In {when:month} they cost {own:money}, and the vendor {vendor:money}.", **values)


def volume(projection: Projection, say: Words, pool: str, month: int) -> None:
    """Say from how many requests an hour own devices are cheaper than a vendor's API."""
    found = vendor_breakeven(projection.ledger, pool, month)
    if found is None:
        small(say("The pool serves no requests in this month."))
        return
    if found.requests is None:
        text = say(
            "Devices on demand never cost less than the vendor's API: even a full device, at {carried:number} requests "
            "an hour, costs more per request.",
            carried=found.carried,
        )
    else:
        values = {"requests": found.requests, "devices": found.devices, "carried": found.carried}
        text = say(
            "Devices on demand cost less than the vendor's API from {requests:number} requests an hour, which need "
            "{devices:number} devices, spares included; one device serves {carried:number} requests an hour.",
            **values,
        )
    share = float(projection.ledger.assumed("vendor_share", pool)[month])
    text += " " + say("The vendor now serves {share:share} of this pool's tokens.", share=share)
    st.markdown(escape(text))
