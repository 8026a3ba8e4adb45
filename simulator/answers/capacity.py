"""Serving in detail: devices by hour of the day, how long requests wait, and where devices are best had."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulator.answers.ledger import Ledger
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.lines.serving.fleet import power_cost
from simulator.lines.serving.pools import vendor_cost

HOURS_PER_YEAR = 8760
# Beyond a second without a sign, people lose their flow of thought (Nielsen, Usability Engineering, 1993).
PROMPT_SECONDS = 1.0


def erlang_c(load: float, servers: int) -> float:
    """The chance that a request has to wait, for `load` in erlangs on so many servers; 1 where they cannot keep up.

    By the recursion of Erlang's B formula, which does not overflow (Erlang 1917; ITU-T E.501).
    """
    if load <= 0:
        return 0.0
    if servers <= load:
        return 1.0
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait(load: float, servers: int, service_seconds: float) -> float:
    """Mean seconds in the queue: P(wait) × service time / free servers; infinite where they cannot keep up."""
    return erlang_c(load, servers) * service_seconds / (servers - load) if servers > load else math.inf


def served_within(load: float, servers: int, service_seconds: float, seconds: float) -> float:
    """The share of requests that begin to be served within so many seconds."""
    if servers <= load:
        return 0.0
    return 1 - erlang_c(load, servers) * math.exp(-(servers - load) * seconds / service_seconds)


@dataclass(frozen=True)
class Day:
    """A pool over the hours of a day in one month, each of shape (24,).

    `wait` is the chance that a request waits, `seconds` how long on average, and `prompt` the share that waits less
    than `PROMPT_SECONDS`; None where the pool does not say how long a request takes or how many a device serves.
    """

    pool: str
    devices: Array
    rented: Array
    needed: Array
    wait: Array | None
    seconds: Array | None
    prompt: Array | None


def day(ledger: Ledger, pool: str, month: int = -1) -> Day:
    """What each hour of a mean day needs and gets."""
    devices = ledger.table("devices_at", pool)[month]
    pull = ledger.table("hour_pull", pool)[month]
    mean_pull = float(ledger.of_member("mean_pull", pool)[month])
    needed = float(ledger.of_member("devices_for_mean", pool)[month]) * pull
    shape = pull / mean_pull if mean_pull > 0 else np.zeros_like(pull)
    places = float(ledger.assumed("places_per_device", pool)[month])
    service = float(ledger.assumed("seconds_per_request", pool)[month])
    fleet = np.maximum(devices, float(ledger.of_member("fleet", pool)[month]))
    waits = seconds = prompt = None
    if places > 0 and service > 0:
        load = float(ledger.of_member("in_service", pool)[month]) * shape
        servers = np.floor(fleet * places).astype(int)
        pairs = list(zip(load.tolist(), servers.tolist(), strict=True))
        waits = np.array([erlang_c(*pair) for pair in pairs])
        seconds = np.array([mean_wait(*pair, service) for pair in pairs])
        prompt = np.array([served_within(*pair, service, PROMPT_SECONDS) for pair in pairs])
    return Day(pool, fleet, ledger.table("devices_beyond_fleet", pool)[month], needed, waits, seconds, prompt)


@dataclass(frozen=True)
class Source:
    """One way to get a device: what an hour of it costs, and how much of the time it must be busy to beat on demand.

    `hourly` is None where the plan states no price for it; `breakeven` is a share of hours, None where there is none.
    """

    name: str
    hourly: float | None
    breakeven: float | None


def sources(ledger: Ledger, pool: str, month: int = -1) -> tuple[Source, ...]:
    """On demand, spot, reserved and owned, at the month's prices.

    An owned hour is capex (1 − residual) / life / 8760 + power × PUE × price + hosting, as if it were always there.
    """

    def now(name: str) -> float:
        return float(ledger.assumed(name, pool)[month])

    index = float(ledger.total("device_price_index")[month])
    demand = now("device_price") * index
    spot = now("spot_price") * index * (1 + now("spot_lost_share"))
    life_hours = now("economic_life") / YEAR * HOURS_PER_YEAR
    bought = now("device_list_price")
    power = float(power_cost(1, 1, now("device_power"), now("power_overhead"), now("power_price")))
    hosting = now("hosting_price") * YEAR / HOURS_PER_YEAR
    owned = bought * (1 - now("residual_share")) / life_hours + power + hosting
    priced = (("spot", spot), ("reserved", now("reserved_price")), ("owned", owned if bought else 0.0))
    return (
        Source("on demand", demand, None),
        *(
            Source(name, cost or None, cost / demand if cost and demand and name != "spot" else None)
            for name, cost in priced
        ),
    )


@dataclass(frozen=True)
class VendorBreakeven:
    """Devices on demand against a vendor's interface, by the hour, for a mean request of the pool.

    `carried` is what one device carries an hour when full, with its peaks and headroom, and `full` what a request then
    costs on it. Whole devices cost less from `requests` an hour on, which take `devices` of them, spares included;
    both are None where that is never so.
    """

    by_vendor: float
    full: float
    carried: float
    requests: float | None
    devices: int | None

    @property
    def why(self) -> str:
        """Why there is no such number of requests; empty where there is one."""
        return "" if self.requests is not None else "A device, even full, costs more a request than the vendor."


def vendor_breakeven(ledger: Ledger, pool: str, month: int = -1) -> VendorBreakeven | None:
    """From how many requests an hour on devices on demand are cheaper than the vendor's interface.

    None where the plan states no vendor's price, or the pool serves nobody in the month.
    """

    def now(name: str) -> float:
        return float(ledger.assumed(name, pool)[month])

    def line(name: str) -> float:
        return float(ledger.of_member(name, pool)[month])

    asked, bill = _asked_of_vendor(ledger, pool, month)
    if asked <= 0 or bill <= 0:
        return None
    hourly = now("device_price") * float(ledger.total("device_price_index")[month])
    peaks = now("peak_to_mean") * (1 + now("headroom"))
    work = line("tokens_served") / asked
    carried = line("device_capacity") / float(ledger.assumed("hours_per_month")[month]) / (work * peaks)
    spares = math.ceil(now("spare_devices"))
    return whole_devices_against(bill / asked, hourly, carried, math.ceil(now("fewest_devices")), spares)


def whole_devices_against(
    by_vendor: float, hourly: float, carried: float, fewest: int = 1, spares: int = 0
) -> VendorBreakeven:
    """The first requests an hour at which whole devices cost less than `by_vendor` a request.

    A device costs `hourly` and carries `carried` requests an hour; `fewest` run at any hour, and `spares` stand by.
    With n at work, devices pay from (n + spares) hourly / by_vendor requests on, which n must be able to carry.
    """
    full, per_device = hourly / carried, hourly / by_vendor
    if full > by_vendor or (full == by_vendor and spares):
        return VendorBreakeven(by_vendor, full, carried, None, None)
    # Rounding must not ask for one device more where the quotient is whole.
    to_carry_spares = math.ceil(spares * per_device / (carried - per_device) - 1e-9) if spares else 1
    at_work = max(fewest, to_carry_spares, 1)
    return VendorBreakeven(by_vendor, full, carried, (at_work + spares) * per_device, at_work + spares)


def _asked_of_vendor(ledger: Ledger, pool: str, month: int) -> tuple[float, float]:
    """Requests of a month to the pool's features, and what the vendor would take for all of them."""
    output = float(ledger.assumed("vendor_output_price", pool)[month])
    input_price = float(ledger.assumed("vendor_input_price", pool)[month])
    members = ledger.scenario.members
    places = np.array(members.pointers["feature", "pool"]) == ledger.names("pool").index(pool)
    lines = ("requests_to_feature", "output_tokens", "input_tokens", "cached_tokens")
    asked, written, read, cached = (float(ledger.lines[name][month, places].sum()) for name in lines)
    index, discount = float(ledger.total("token_price_index")[month]), ledger.assumed("vendor_cache_discount", pool)
    return asked, float(vendor_cost(written, read, cached, 1, index, output, input_price, float(discount[month])))
