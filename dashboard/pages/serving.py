"""Serving: what a pool's tokens cost, how busy its devices are, and where devices are best had."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.desk.cached import HASH
from dashboard.desk.desk import Desk
from dashboard.parts import charts, charts_business, members
from dashboard.parts.tiles import small, wall
from dashboard.parts.words import Words, escape
from dashboard.profiler import curves
from simulator.answers.capacity import Day, Source, day, sources, vendor_breakeven
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.engine.model import Array
from simulator.lines.serving.pools import rate_in_time
from simulator.scenario.scenario import Scenario

KPIS = ("cost_per_million_tokens", "mean_utilisation", "revenue_per_request", "cost_per_request")
LABELS = {"on demand": "On demand", "spot": "Spot", "reserved": "Reserved", "owned": "Owned"}
# How far past a lone request's pace the curve of throughput is drawn: there nine tenths are reached.
PAST_ALONE = 10


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """All pools in four numbers, then one pool by month, by hour and by price."""
    wall(KPIS, projection, say)
    pools = members.titles(projection.scenario, "pool")
    if not pools:
        st.info(say("This file lists no serving pools yet; add one under pools."))
        return
    pool = members.chosen(projection, "pool", say("Pool to look into"))
    left, right = st.columns(2)
    with left:
        st.subheader(say("Cost per million tokens"))
        cost(projection, say, pool)
        st.subheader(say("Tokens by feature"))
        tokens(projection, say, pool)
    with right:
        st.subheader(say("How busy devices are"))
        busy(projection, say, pool)
        st.subheader(say("Energy and carbon"))
        energy(projection, say, pool)
    st.subheader(say("One month in depth"))
    month = chosen_month(projection, say)
    left, right = st.columns(2)
    with left:
        st.subheader(say("Devices by hour of the day"))
        hours(projection, say, pool, month)
    with right:
        st.subheader(say("Throughput against latency"))
        rate = projection.scenario.assumption_of("tokens_per_second", pool)
        curves.throughput(rate, say, desk) if rate.on_curve else throughput(projection, say, pool, month)
    st.subheader(say("Ways to get a device"))
    ways(projection, say, pool, month)


def chosen_month(projection: Projection, say: Words) -> int:
    """The month that the rest of the page is about; the last one unless the reader says otherwise."""
    months = projection.scenario.months
    return st.selectbox(
        say("Month to look into"),
        range(months),
        index=months - 1,
        format_func=say.month_number,
        key=f"serving-month:{months}",
        persist_state="session",
    )


@st.cache_resource(hash_funcs=HASH, max_entries=64, show_spinner=False)
def hours_of(scenario: Scenario, pool: str, month: int, _ledger: Ledger) -> Day:  # noqa: ARG001  the key
    """A pool's day; the chance of waiting takes a while where there are thousands of places."""
    return day(_ledger, pool, month)


def _where(amount: Array, there: Array) -> Array:
    """The amount in the months in which there is any; a gap in the others."""
    return np.where(there, amount, np.nan)


def cost(projection: Projection, say: Words, pool: str) -> None:
    """What a million tokens cost with idle devices and without, and what a million tokens of input cost."""
    ledger = projection.ledger
    served, own = ledger.of_member("tokens_served", pool) > 0, ledger.of_member("own_tokens", pool) > 0
    if not served.any():
        st.info(say("This pool serves nobody within the plan."))
        return
    every = ledger.of_member("cost_per_million_tokens", pool)
    used = ledger.of_member("busy_cost_per_million_tokens", pool)
    reading = ledger.of_member("cost_per_million_input_tokens", pool)
    series = {say("idle devices included"): _where(every, served)}
    if own.any():
        series[say("the busy share alone")] = _where(used, own)
    series[say("tokens of input")] = _where(reading, served)
    figure = charts_business.curves(
        say,
        projection.dates,
        series,
        x_title=say("Month"),
        y_title=say("per million tokens, {currency}", currency=projection.currency),
        kind="money",
        far=True,
    )
    last = int(np.flatnonzero(served)[-1])
    text = say(
        "In {when:month} a million tokens cost {every:money}, idle devices included, and a million tokens of input "
        "{reading:money}.",
        when=projection.dates[last],
        every=every[last],
        reading=reading[last],
    )
    if own[last]:
        text += " " + say(
            "Devices cost {used:money} for a million of their tokens if only their busy share is counted, which is "
            "what a benchmark shows.",
            used=used[last],
        )
    charts.show(figure, text, key="token-cost-chart")


def busy(projection: Projection, say: Words, pool: str) -> None:
    """The busy share of the device-hours that are paid for."""
    ledger = projection.ledger
    there = ledger.of_member("device_hours", pool) > 0
    if not there.any():
        st.info(say("This pool has no devices: a vendor serves its tokens."))
        return
    used = _where(ledger.of_member("utilisation", pool), there)
    series = {say("busy"): used, say("idle"): 1 - used}
    figure = charts_business.curves(
        say,
        projection.dates,
        series,
        x_title=say("Month"),
        y_title=say("share of paid device-hours"),
        kind="share",
    )
    last, best = int(np.flatnonzero(there)[-1]), int(np.nanargmax(used))
    text = say(
        "In {when:month} devices are busy {busy:share} of the hours that are paid for and idle {idle:share}; they are "
        "busiest in {best:month}, at {most:share}.",
        when=projection.dates[last],
        busy=used[last],
        idle=1 - used[last],
        best=projection.dates[best],
        most=used[best],
    )
    charts.show(figure, text, key="busy-chart")


def tokens(projection: Projection, say: Words, pool: str) -> None:
    """What the pool's features write and read each month, in tokens as they are, without weights."""
    ledger = projection.ledger
    features = members.titles(projection.scenario, "feature")
    at = projection.scenario.members.pointers.get(("feature", "pool"), ())
    here = {
        feature: title
        for (feature, title), place in zip(features.items(), at, strict=True)
        if ledger.names("pool")[place] == pool
    }
    if not here:
        st.info(say("No feature uses this pool."))
        return
    series, parts = {}, []
    for feature, title in here.items():
        written, read = (ledger.of_member(line, feature) for line in ("output_tokens", "input_tokens"))
        series[say("{feature}, written", feature=title)] = written
        if read.any():
            series[say("{feature}, read", feature=title)] = read
        part = say("{written:number} written by {feature}", feature=title, written=written[-1])
        parts.append(part + (" " + say("and {read:number} read", read=read[-1]) if read.any() else ""))
    text = say("Million tokens in {when:month}: {parts}.", when=projection.dates[-1], parts=members.listed(parts))
    figure = charts_business.stacked(say, projection.dates, series, say("million tokens a month"))
    charts.show(figure, text, key="tokens-chart")


def energy(projection: Projection, say: Words, pool: str) -> None:
    """Electricity of the pool's devices, and its carbon, where the plan says enough to know them."""
    ledger = projection.ledger
    used, carbon = ledger.of_member("serving_energy", pool), ledger.of_member("carbon", pool)
    if not used.any():
        st.info(say("Unknown: give the pool device_power, in kilowatts, and grid_carbon to see both."))
        return
    figure = charts_business.curves(
        say,
        projection.dates,
        {say("electricity"): used},
        x_title=say("Month"),
        y_title=say("kilowatt-hours a month"),
        kind="number",
    )
    text = say(
        "Devices and their cooling take {end:number} kWh in {when:month} and {all:number} kWh over the whole plan.",
        end=used[-1],
        when=projection.dates[-1],
        all=float(used.sum()),
    )
    text += " " + (
        say("That is {carbon:number} kg of carbon dioxide over the whole plan.", carbon=float(carbon.sum()))
        if carbon.any()
        else say("How much carbon that is, is unknown: give the pool grid_carbon.")
    )
    charts.show(figure, text, key="energy-chart")


def hours(projection: Projection, say: Words, pool: str, month: int) -> None:
    """Devices over the hours of a mean day of the month, and how likely a request is to wait."""
    found = hours_of(projection.scenario, pool, month, projection.ledger)
    if not found.devices.any():
        st.info(say("This pool has no devices in this month."))
        return
    peak, low = int(np.argmax(found.needed)), int(np.argmin(found.needed))
    text = say(
        "The busiest hour begins at {peak}:00: it needs {needed:number} devices and has {there:number}, "
        "{rented:number} of them rented by the hour.",
        peak=str(peak),
        needed=found.needed[peak],
        there=found.devices[peak],
        rented=found.rented[peak],
    )
    if found.needed[low] < found.needed[peak]:
        text += " " + say(
            "The quietest begins at {low}:00: it needs {needed:number} and has {there:number}.",
            low=str(low),
            needed=found.needed[low],
            there=found.devices[low],
        )
    else:
        text += " " + say("Every hour is like it, since the plan says nothing of the day.")
    charts.show(charts_business.by_hour(say, found.devices, found.needed, found.rented), text, key="hours-chart")
    waiting(found, say)


def waiting(found: Day, say: Words) -> None:
    """How likely a request is to wait in each hour, and how long."""
    if found.wait is None or found.seconds is None or found.prompt is None:
        small(
            say(
                "How long requests wait is unknown: give the pool seconds_per_request, and places_per_device, the "
                "requests that a device serves at once."
            )
        )
        return
    worst = int(np.argmax(found.wait))
    if np.isfinite(found.seconds[worst]):
        text = say(
            "Requests are likeliest to wait between {hour}:00 and {next}:00: {share:share} of them do, and the mean "
            "request waits {seconds:number} seconds.",
            hour=str(worst),
            next=str(worst + 1),
            share=found.wait[worst],
            seconds=found.seconds[worst],
        )
        text += " " + say("Within a second {prompt:share} of them are begun.", prompt=found.prompt[worst])
    else:
        text = say(
            "From {hour}:00 on more requests come than devices can serve at once, and the queue grows without end.",
            hour=str(worst),
        )
    charts.show(charts_business.waiting(say, found.wait), text, key="waiting-chart")


def throughput(projection: Projection, say: Words, pool: str, month: int) -> None:
    """The rate that a device reaches under a limit on the wait for each token, the plan's own marked."""
    ledger = projection.ledger
    rate, alone, limit = (
        float(ledger.assumed(name, pool)[month])
        for name in ("tokens_per_second", "token_latency_alone", "token_latency_limit")
    )
    saturated = rate * float(ledger.of_member("speedup", pool)[month])
    if alone <= 0:
        st.info(say("Unknown: give the pool token_latency_alone, the seconds that a lone request waits for a token."))
        return
    waits = np.linspace(alone, max(PAST_ALONE * alone, 1.5 * limit), 181)
    rates = saturated * rate_in_time(alone, waits)
    reached = saturated * float(rate_in_time(alone, limit))
    here = (1000 * limit, reached) if limit > 0 else None
    figure = charts_business.latency(say, 1000 * waits, rates, saturated, here)
    text = say(
        "A device gives {rate:number} tokens per second when nothing hurries, and a lone request waits {alone:number} "
        "ms for each of its tokens.",
        rate=saturated,
        alone=1000 * alone,
    )
    text += " " + (
        say(
            "With no token later than {limit:number} ms it gives {reached:number}, {share:share} of that.",
            limit=1000 * limit,
            reached=reached,
            share=reached / saturated,
        )
        if limit > 0
        else say("The plan sets no limit, and so counts on all of it: give token_latency_limit to set one.")
    )
    charts.show(figure, text, key="latency-chart")


def ways(projection: Projection, say: Words, pool: str, month: int) -> None:
    """What an hour of a device costs in each way to get one, and from which use on it is the cheaper way."""
    found = sources(projection.ledger, pool, month)
    demand = found[0].hourly or 0.0
    st.table(
        {
            say("Way"): [say(LABELS[source.name]) for source in found],
            say("Price per device-hour"): [
                "–" if one.hourly is None else escape(say.money(one.hourly)) for one in found
            ],
            say("Cheaper than on demand"): [escape(beats(source, demand, say)) for source in found],
        },
        hide_index=True,
        border="horizontal",
        alt=say("Ways to get a device, with the price of an hour"),
    )
    priced = {source.name: source.hourly for source in found if source.hourly}
    if not priced:
        small(say("This pool states no price of a device."))
    else:
        cheapest = min(priced, key=priced.__getitem__)
        text = say(
            "In {when:month} an hour costs least {way}: {price:money}.",
            when=projection.dates[month],
            way=say(LABELS[cheapest]).lower(),
            price=priced[cheapest],
        )
        st.markdown(escape(text))
    if any(source.hourly is None for source in found):
        small(say("A dash: the plan states no price for this way."))
    vendor(projection, say, pool, month)


def beats(source: Source, demand: float, say: Words) -> str:
    """From which busy share on this way costs less than renting by the hour."""
    if source.hourly is None or source.name == "on demand":
        return "–"
    if source.hourly >= demand:
        return say("never")
    if source.breakeven is None:
        return say("always; what interruptions waste is counted")
    return say("when needed more than {share:share} of hours", share=source.breakeven)


def vendor(projection: Projection, say: Words, pool: str, month: int) -> None:
    """From how many requests on a device of one's own is cheaper than the vendor's interface."""
    ledger = projection.ledger
    found = vendor_breakeven(ledger, pool, month)
    if found is None:
        small(say("Against a vendor's interface: give the pool vendor_output_price and vendor_input_price to compare."))
        return
    if found.requests is None:
        text = say(
            "Devices on demand never cost less than the vendor's interface: a device carries {carried:number} requests "
            "an hour, and even full costs more a request than the vendor.",
            carried=found.carried,
        )
    else:
        text = say(
            "Devices on demand cost less than the vendor's interface from {requests:number} requests an hour on, which "
            "take {devices:number}, spares included; each carries {carried:number}.",
            requests=found.requests,
            devices=found.devices,
            carried=found.carried,
        )
    share = float(ledger.assumed("vendor_share", pool)[month])
    text += " " + say("The vendor now serves {share:share} of this pool's tokens.", share=share)
    st.markdown(escape(text))
