"""Serving: the cost of a pool's tokens, the use of its devices, and the cheapest way to obtain devices."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.desk.cached import HASH
from dashboard.desk.desk import Desk
from dashboard.parts import charts, charts_devices, members
from dashboard.parts.business import cards
from dashboard.parts.business.instead import instead
from dashboard.parts.business.missing import to_set
from dashboard.parts.business.own_or_vendor import own_or_vendor
from dashboard.parts.choices import month_of
from dashboard.parts.tiles import small, wall
from dashboard.parts.words import Words, escape
from dashboard.profiler import curves
from simulator.answers.capacity import Day, Source, day, sources
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.engine.model import Array
from simulator.lines.serving.pools import rate_in_time
from simulator.scenario.scenario import Scenario

KPIS = ("cost_per_million_tokens", "mean_utilisation", "revenue_per_request", "cost_per_request")
SOURCES = {"on demand": "On demand", "spot": "Spot", "reserved": "Reserved", "owned": "Owned"}
# The latency curve is drawn to this multiple of a lone request's latency, where it reaches 90% of saturation.
PAST_ALONE = 10
MILLISECONDS = 1000.0


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Draw all pools as four KPIs, then one pool by month, by hour and by source of devices."""
    wall(KPIS, projection, say)
    pools = members.known(projection.scenario, "pool", say)
    if not pools:
        return
    pool = members.chosen(pools, "pool", say("Serving pool"), say)
    # A pool that a vendor serves alone has no devices to show.
    has_devices = bool(projection.ledger.of_member("device_hours", pool).any())
    left, right = st.columns(2)
    with left:
        cost(projection, say, pool)
        if has_devices:
            tokens(projection, say, pool)
    with right:
        if has_devices:
            busy(projection, say, pool)
            energy(projection, say, pool)
        else:
            tokens(projection, say, pool)
    st.header(say("One month in depth"))
    months = projection.scenario.months
    month = month_of(say, say("Month"), months, f"serving-month:{months}")
    if has_devices:
        left, right = st.columns(2)
        with left:
            hours(projection, say, pool, month)
        with right:
            st.header(say("Throughput against latency"))
            rate = projection.scenario.assumption_of("tokens_per_second", pool)
            curves.throughput(rate, say, desk) if rate.on_curve else throughput(projection, say, pool, month)
    else:
        st.info(say("This pool has no devices; a vendor serves its tokens."))
    escalations(projection, say, pool, month)
    instead(projection, say, pool, month)
    tasks(projection, say, pool, month)
    left, right = st.columns(2)
    with left:
        own_or_vendor(projection, say, pool, month)
    with right:
        ways(projection, say, pool, month)
        cards.show(projection, say, desk, pool, month)


@st.cache_resource(hash_funcs=HASH, max_entries=64, show_spinner=False)
def hours_of(scenario: Scenario, pool: str, month: int, _ledger: Ledger) -> Day:  # noqa: ARG001  part of the key
    """Return the mean day of a pool; the chance of waiting is slow to compute for thousands of places."""
    return day(_ledger, pool, month)


def _where(amount: Array, there: Array) -> Array:
    """Return the amount where there is any, NaN elsewhere, which a chart draws as a gap."""
    return np.where(there, amount, np.nan)


def cost(projection: Projection, say: Words, pool: str) -> None:
    """Draw the cost of a million tokens with and without idle devices, and of a million input tokens."""
    st.header(say("Cost per million tokens"))
    ledger = projection.ledger
    served, own = ledger.of_member("tokens_served", pool) > 0, ledger.of_member("own_tokens", pool) > 0
    if not served.any():
        st.info(say("This pool serves no tokens in the projection."))
        return
    every, used, reading = (
        ledger.of_member(line, pool)
        for line in ("cost_per_million_tokens", "busy_cost_per_million_tokens", "cost_per_million_input_tokens")
    )
    # A vendor charges per token: idle devices belong only to pools that have devices.
    whole = say("including idle devices") if own.any() else say("all tokens")
    series = {whole: _where(every, served)}
    if own.any():
        series[say("busy devices only")] = _where(used, own)
        series[say("input tokens")] = _where(reading, served)
    y_title = say("per million tokens, {currency}", currency=projection.currency)
    figure = charts.curves(say, projection.dates, series, y_title, "money", wide=True)
    last = int(np.flatnonzero(served)[-1])
    light = float(ledger.assumed("cached_weight", pool)[last])
    values = {"when": projection.dates[last], "every": every[last], "reading": reading[last], "used": used[last]}
    values |= {"light": light, "cached": every[last] * light}
    if own[last]:
        text = say(
            "In {when:month} a million tokens cost {every:money} including idle devices, and {used:money} if only the "
            "busy time of devices is counted, as benchmarks do. A million input tokens cost {reading:money}, and "
            "{cached:money} where they are read from a cache.",
            **values,
        )
    else:
        weighted = float(ledger.of_member("tokens_served", pool)[last])
        values |= {"bill": every[last] * weighted, "weight": reading[last] / every[last] if every[last] else 0.0}
        text = say(
            "In {when:month} the vendor's bill is {bill:money}, which is {every:money} per million tokens if an input "
            "token counts as {weight:number} of an output token, and one read from a cache as {light:number}.",
            **values,
        )
    charts.show(figure, f"{text} {over_all_months(projection, say, pool)}", key="token-cost-chart")


def over_all_months(projection: Projection, say: Words, pool: str) -> str:
    """Return what a million tokens of the pool cost over all months, beside the figure of all pools above."""
    ledger, counted = projection.ledger, ("serving_cost", "tokens_served")
    spent, tokens = (float(ledger.of_member(line, pool).sum()) for line in counted)
    if len(ledger.names("pool")) == 1:
        return say("Over all months it is {mean:money}.", mean=spent / tokens)
    all_spent, all_tokens = (float(ledger.total(line).sum()) for line in counted)
    values = {"mean": spent / tokens, "all": all_spent / all_tokens}
    return say("Over all months it is {mean:money}, and {all:money} with all pools.", **values)


def busy(projection: Projection, say: Words, pool: str) -> None:
    """Draw the busy and the idle share of the paid device-hours."""
    st.header(say("Device utilisation"))
    ledger = projection.ledger
    there = ledger.of_member("device_hours", pool) > 0
    used = _where(ledger.of_member("utilisation", pool), there)
    series = {say("busy"): used, say("idle"): 1 - used}
    figure = charts.curves(say, projection.dates, series, say("share of paid device-hours"), "share")
    last, best = int(np.flatnonzero(there)[-1]), int(np.nanargmax(used))
    values = {"when": projection.dates[last], "busy": used[last], "idle": 1 - used[last]}
    more = {"best": projection.dates[best], "most": used[best]}
    text = say(
        "In {when:month} devices are busy {busy:share} of the paid hours and idle {idle:share}; utilisation peaks at "
        "{most:share} in {best:month}.",
        **values,
        **more,
    )
    charts.show(figure, text, key="busy-chart")


def tokens(projection: Projection, say: Words, pool: str) -> None:
    """Draw the input and output tokens of each feature that uses the pool, unweighted."""
    st.header(say("Tokens by feature"))
    ledger, here = projection.ledger, members.features_of(projection.scenario, pool)
    if not here:
        st.info(say("No feature uses this pool."))
        return
    series, parts = {}, []
    for feature, title in here.items():
        written, read = (ledger.of_member(line, feature) for line in ("output_tokens", "input_tokens"))
        series[say("{feature}, output", feature=title)] = written
        if read.any():
            series[say("{feature}, input", feature=title)] = read
        part = say("{feature} {written:number} output", feature=title, written=written[-1])
        parts.append(part + (" " + say("and {read:number} input", read=read[-1]) if read.any() else ""))
    text = say("Million tokens in {when:month}: {parts}.", when=projection.dates[-1], parts=say.listed(parts))
    figure = charts.stacked(say, projection.dates, series, say("million tokens a month"))
    charts.show(figure, text, key="tokens-chart")


def energy(projection: Projection, say: Words, pool: str) -> None:
    """Draw the electricity and carbon of the pool's devices where the scenario gives their power."""
    st.header(say("Energy and carbon"))
    ledger = projection.ledger
    used, carbon = ledger.of_member("serving_energy", pool), ledger.of_member("carbon", pool)
    if not used.any():
        st.info(say("Not known: this pool states no power of its devices."))
        to_set(projection, say, pool, ("device_power", "grid_carbon"))
        return
    figure = charts.curves(say, projection.dates, {say("electricity"): used}, say("kWh a month"), "number")
    values = {"end": used[-1], "when": projection.dates[-1], "all": float(used.sum())}
    text = say(
        "Devices and their cooling use {end:number} kWh in {when:month} and {all:number} kWh over the projection.",
        **values,
    )
    text += " " + (
        say("The electricity emits {carbon:number} kg of carbon dioxide over the projection.", carbon=carbon.sum())
        if carbon.any()
        else say("Its carbon is not known: this pool states no carbon intensity of its electricity.")
    )
    charts.show(figure, text, key="energy-chart")
    to_set(projection, say, pool, ("grid_carbon",))


def hours(projection: Projection, say: Words, pool: str, month: int) -> None:
    """Draw devices over the hours of the month's mean day, and the chance of waiting."""
    st.header(say("Devices by hour of the day"))
    found = hours_of(projection.scenario, pool, month, projection.ledger)
    if not found.devices.any():
        st.info(say("This pool has no devices in this month."))
        return
    peak, low = int(np.argmax(found.needed)), int(np.argmin(found.needed))
    text = say(
        "The busiest hour begins at {peak}:00. Devices needed: {needed:number}; available: {there:number}, of which "
        "rented by the hour: {rented:number}.",
        peak=str(peak),
        needed=found.needed[peak],
        there=found.devices[peak],
        rented=found.rented[peak],
    )
    if found.needed[low] < found.needed[peak]:
        values = {"low": str(low), "needed": found.needed[low], "there": found.devices[low]}
        text += " " + say(
            "The quietest begins at {low}:00. Devices needed: {needed:number}; available: {there:number}.", **values
        )
    else:
        text += " " + say("All hours are alike, since the scenario gives no daily pattern.")
    charts.show(charts_devices.by_hour(say, found.devices, found.needed, found.rented), text, key="hours-chart")
    waiting(found, projection, say)


def waiting(found: Day, projection: Projection, say: Words) -> None:
    """Draw the chance that a request waits in each hour."""
    if found.wait is None or found.seconds is None or found.prompt is None:
        small(say("Waiting times are not known: they need the time of a request and the requests that a device holds."))
        to_set(projection, say, found.pool, ("seconds_per_request", "places_per_device"))
        return
    worst = int(np.argmax(found.wait))
    if np.isfinite(found.seconds[worst]):
        values = {"hour": str(worst), "next": str(worst + 1), "share": found.wait[worst]}
        more = {"seconds": found.seconds[worst], "prompt": found.prompt[worst]}
        text = say(
            "Between {hour}:00 and {next}:00 {share:share} of requests wait, the most of any hour; the mean wait is "
            "{seconds:number} seconds, and {prompt:share} of requests start within a second.",
            **values,
            **more,
        )
    else:
        text = say(
            "From {hour}:00 more requests arrive than the devices can serve, so the queue grows without limit.",
            hour=str(worst),
        )
    charts.show(charts_devices.waiting(say, found.wait), text, key="waiting-chart")


def throughput(projection: Projection, say: Words, pool: str, month: int) -> None:
    """Draw the modelled rate of a device over the latency limit, with the scenario's own limit marked."""
    ledger = projection.ledger
    rate, alone, limit = (
        float(ledger.assumed(name, pool)[month])
        for name in ("tokens_per_second", "token_latency_alone", "token_latency_limit")
    )
    saturated = rate * float(ledger.of_member("speedup", pool)[month])
    if alone <= 0:
        st.info(say("Not known: it needs the seconds per token of a lone request."))
        to_set(projection, say, pool, ("token_latency_alone",))
        return
    waits = np.linspace(alone, max(PAST_ALONE * alone, 1.5 * limit), 181)
    rates = saturated * rate_in_time(alone, waits)
    reached = saturated * float(rate_in_time(alone, limit))
    here = (MILLISECONDS * limit, reached) if limit > 0 else None
    figure = charts_devices.latency(say, MILLISECONDS * waits, rates, saturated, here)
    text = say(
        "A saturated device serves {rate:number} tokens per second; a lone request gets a token every {alone:number} "
        "ms.",
        rate=saturated,
        alone=MILLISECONDS * alone,
    )
    text += " " + (
        say(
            "At the limit of {limit:number} ms per token it serves {reached:number}, {share:share} of that.",
            limit=MILLISECONDS * limit,
            reached=reached,
            share=reached / saturated,
        )
        if limit > 0
        else say("The scenario sets no latency limit, so it counts on the saturated rate; set a token latency limit.")
    )
    charts.show(figure, text, key="latency-chart")


def escalations(projection: Projection, say: Words, pool: str, month: int) -> None:
    """Say which features answer the pool's requests again, and how many go where."""
    scenario, ledger = projection.scenario, projection.ledger
    for route, title in members.titles(scenario, "route").items():
        ends = members.pointed_at(scenario, "route", route)
        share = float(ledger.assumed("escalated_share", route)[month])
        if not share or ends["pool"] != members.named(scenario, "pool", pool):
            continue
        text = say(
            "{route}: {feature} answers {share:share} of this pool's requests again; both answers are paid.",
            route=title,
            feature=ends["feature"],
            share=share,
        )
        st.markdown(escape(text))


def tasks(projection: Projection, say: Words, pool: str, month: int) -> None:
    """List the pool's features whose tasks take several steps or may fail: steps, success, cost and time of each."""
    ledger = projection.ledger

    def now(line: str, feature: str) -> float:
        return float(ledger.of_member(line, feature)[month])

    agents = {
        feature: title
        for feature, title in members.features_of(projection.scenario, pool).items()
        if float(ledger.assumed("steps", feature)[month]) > 1 or now("task_success", feature) < 1
    }
    if not agents:
        return
    st.header(say("Tasks"))
    seconds = [now("task_seconds", feature) for feature in agents]
    st.table(
        {
            say("Feature"): [escape(title) for title in agents.values()],
            say("Steps begun"): [say.number(now("steps_per_request", feature)) for feature in agents],
            say("Tasks that finish"): [say.share(now("task_success", feature)) for feature in agents],
            say("Cost per finished task"): [escape(say.money(now("cost_per_finished_task", one))) for one in agents],
            say("Seconds to finish"): [say.number(time) if time else "–" for time in seconds],
        },
        hide_index=True,
        border="horizontal",
        alt=say("Tasks of each feature, with the share that finishes and the cost of one that does"),
    )
    brought = {
        title: float(ledger.of_member("price_per_finished_task", plan)[month])
        for plan, title in members.titles(projection.scenario, "plan").items()
    }
    parts = [say("{plan} {price:money}", plan=title, price=price) for title, price in brought.items() if price]
    if parts:
        values = {"when": projection.dates[month], "parts": say.listed(parts)}
        st.markdown(escape(say("Revenue per finished task in {when:month}: {parts}.", **values)))
    if not all(seconds):
        small(say("A dash: the seconds to the first token, and per token, of the feature are not set."))


def ways(projection: Projection, say: Words, pool: str, month: int) -> None:
    """List the ways to obtain a device with the price of an hour and the utilisation from which each is cheaper."""
    st.header(say("Ways to obtain a device"))
    found = sources(projection.ledger, pool, month)
    priced = {source.name: source.hourly for source in found if source.hourly}
    if not priced:
        small(say("This pool gives no price of a device."))
        return
    demand = found[0].hourly or 0.0
    st.table(
        {
            say("Way"): [say(SOURCES[source.name]) for source in found],
            say("Price per device-hour"): [
                "–" if one.hourly is None else escape(say.money(one.hourly)) for one in found
            ],
            say("Cheaper than on demand"): [escape(beats(source, demand, say)) for source in found],
        },
        hide_index=True,
        border="horizontal",
        alt=say("Ways to obtain a device, with the price of an hour"),
    )
    cheapest = min(priced, key=priced.__getitem__)
    values = {"when": projection.dates[month], "way": say(SOURCES[cheapest]).lower(), "price": priced[cheapest]}
    st.markdown(escape(say("In {when:month} the cheapest hour is {way}: {price:money}.", **values)))
    if any(source.hourly is None for source in found):
        small(say("A dash: the scenario gives no price for this way."))


def beats(source: Source, demand: float, say: Words) -> str:
    """Return the utilisation from which a way costs less than renting by the hour; a dash where there is no price."""
    if source.hourly is None or not demand or source.name == "on demand":
        return "–"
    if source.hourly >= demand:
        return say("never")
    if source.breakeven is None:
        return say("always, interruptions included")
    return say("if needed more than {share:share} of hours", share=source.breakeven)
