"""Serving in detail: devices by hour of the day, waiting times of requests, and the cheapest source of devices."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from simulator.answers.ledger import Ledger
from simulator.engine.model import Array

# After a second without a response, users lose their flow of thought (Nielsen, Usability Engineering, 1993).
PROMPT_SECONDS = 1.0


def erlang_c(load: float, servers: int) -> float:
    """Return the probability that a request waits, for a load in erlangs; 1 if the servers cannot keep up.

    Uses the recursion of Erlang's B formula, which does not overflow (Erlang 1917; ITU-T E.501).
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
    """Return mean seconds in the queue: P(wait) × service time / (servers − load); infinite if they cannot keep up."""
    return erlang_c(load, servers) * service_seconds / (servers - load) if servers > load else math.inf


def served_within(load: float, servers: int, service_seconds: float, seconds: float) -> float:
    """Return the share of requests whose service begins within a number of seconds."""
    if servers <= load:
        return 0.0
    return 1 - erlang_c(load, servers) * math.exp(-(servers - load) * seconds / service_seconds)


@dataclass(frozen=True)
class Day:
    """A pool over the hours of a mean day in one month, each array of shape (24,).

    `wait` is the probability that a request waits, `seconds` the mean wait, and `prompt` the share that waits less
    than `PROMPT_SECONDS`. All three are None unless the pool states how long a request takes and how many requests a
    device serves at a time.
    """

    pool: str
    devices: Array
    rented: Array
    needed: Array
    wait: Array | None
    seconds: Array | None
    prompt: Array | None


def day(ledger: Ledger, pool: str, month: int = -1) -> Day:
    """Return the devices that each hour of a mean day needs and gets, and the waits that follow."""
    devices = ledger.table("devices_at", pool)[month]
    pull = ledger.table("hour_pull", pool)[month]
    mean_pull = float(ledger.of_member("mean_pull", pool)[month])
    needed = float(ledger.of_member("devices_for_mean", pool)[month]) * pull
    shape = pull / mean_pull if mean_pull > 0 else np.zeros_like(pull)
    places = float(ledger.assumed("places_per_device", pool)[month])
    service = float(ledger.assumed("seconds_per_request", pool)[month])
    # Owned and reserved devices run at every hour, whether needed or not.
    fleet = np.maximum(devices, float(ledger.of_member("fleet", pool)[month]))
    # Parts of a device are billed by the second, and requests meet a whole replica.
    replica = float(ledger.of_member("replica_size", pool)[month])
    working = np.maximum(np.ceil(devices / replica) * replica, fleet)
    waits = seconds = prompt = None
    if places > 0 and service > 0:
        load = float(ledger.of_member("in_service", pool)[month]) * shape
        servers = np.floor(working * places).astype(int)
        pairs = list(zip(load.tolist(), servers.tolist(), strict=True))
        waits = np.array([erlang_c(*pair) for pair in pairs])
        seconds = np.array([mean_wait(*pair, service) for pair in pairs])
        prompt = np.array([served_within(*pair, service, PROMPT_SECONDS) for pair in pairs])
    return Day(pool, fleet, ledger.table("devices_beyond_fleet", pool)[month], needed, waits, seconds, prompt)


@dataclass(frozen=True)
class Source:
    """One source of devices: the cost of a device hour, and the share of hours in use that beats renting on demand.

    `hourly` is None if the scenario states no price for the source. `breakeven` is None if there is no such share, as
    for an hour that costs more than one on demand.
    """

    name: str
    hourly: float | None
    breakeven: float | None


def sources(ledger: Ledger, pool: str, month: int = -1) -> tuple[Source, ...]:
    """Return the sources on demand, spot, reserved and owned, at the month's prices.

    The price of an owned hour is that of any hour, busy or idle: a device that is idle half of the time costs twice as
    much an hour of use. `breakeven` compares it with renting.
    """

    def now(name: str) -> float:
        return float(ledger.assumed(name, pool)[month])

    index = float(ledger.total("device_price_index")[month])
    demand = now("device_price") * index
    # Hours lost to interruptions are paid for again.
    spot = now("spot_price") * index * (1 + now("spot_lost_share"))
    owned = float(ledger.of_member("owned_hour_price", pool)[month]) if now("device_list_price") else 0.0
    # Spot devices are rented by the hour, as those on demand are, so only the other two need a share of hours in use.
    paid_always = {"reserved": now("reserved_price"), "owned": owned}
    return (
        Source("on demand", demand or None, None),
        Source("spot", spot or None, None),
        *(
            Source(name, hourly or None, hourly / demand if 0 < hourly < demand else None)
            for name, hourly in paid_always.items()
        ),
    )


@dataclass(frozen=True)
class VendorBreakeven:
    """Devices on demand against a vendor's API, by the hour, for a mean request of the pool.

    `by_vendor` is the vendor's price of a request. A full device carries `carried` requests an hour, with peaks and
    headroom, at a cost of `full` each. Whole devices cost less than the vendor from `requests` an hour on, served by
    `devices` devices, spares included; both are None if devices never cost less.
    """

    by_vendor: float
    full: float
    carried: float
    requests: float | None
    devices: int | None

    @property
    def why(self) -> str:
        """The reason that `requests` is None; empty otherwise."""
        return "" if self.requests is not None else "Even a full device costs more per request than the vendor."


def vendor_breakeven(ledger: Ledger, pool: str, month: int = -1) -> VendorBreakeven | None:
    """Return the number of requests an hour from which devices on demand cost less than the vendor's API.

    Return None if the scenario lacks the price of a vendor, or the price or the rate of a device, or if the pool serves
    no requests in the month.
    """

    def now(name: str) -> float:
        return float(ledger.assumed(name, pool)[month])

    def line(name: str) -> float:
        return float(ledger.of_member(name, pool)[month])

    asked, bill = _asked_of_vendor(ledger, pool, month)
    hourly = now("device_price") * float(ledger.total("device_price_index")[month])
    # Whoever gives no rate does not mean the one token a second that stands for it.
    has_rate = not ledger.scenario.assumption_of("tokens_per_second", pool).is_default
    if asked <= 0 or bill <= 0 or hourly <= 0 or not has_rate:
        return None
    peaks = now("peak_to_mean") * (1 + now("headroom"))
    work = line("tokens_served") / asked
    carried = line("device_capacity") / now("hours_per_month") / (work * peaks)
    replica = line("replica_size")
    fewest, spares = (math.ceil(now(name) / replica) for name in ("fewest_devices", "spare_devices"))
    found = whole_devices_against(bill / asked, hourly * replica, carried * replica, fewest, spares)
    return replace(found, carried=carried, devices=found.devices and round(found.devices * replica))


@dataclass(frozen=True)
class Bills:
    """What all of a pool's requests would cost in each month, by own devices on demand and by the vendor's API.

    Both have shape (months,) and are NaN in a month without requests. Own devices are whole ones, with peaks, headroom
    and spares.
    """

    own: Array
    vendor: Array

    @property
    def from_month(self) -> int | None:
        """The month from which own devices cost less in every month with requests; None if they never do for good."""
        known = np.flatnonzero(np.isfinite(self.own))
        dearer = known[self.own[known] >= self.vendor[known]]
        later = known if not len(dearer) else known[known > dearer[-1]]
        return int(later[0]) if len(later) else None


def both_bills(ledger: Ledger, pool: str) -> Bills | None:
    """Return both bills by month; None if the scenario lacks a price of either, or the rate of a device, throughout."""
    months = ledger.scenario.months
    bills = np.full((2, months), np.nan)
    for month in range(months):
        if (found := vendor_breakeven(ledger, pool, month)) is not None:
            bills[:, month] = _bills(ledger, pool, month, found)
    return Bills(*bills) if np.isfinite(bills).any() else None


def _bills(ledger: Ledger, pool: str, month: int, found: VendorBreakeven) -> tuple[float, float]:
    """Return the cost of whole devices for a month's requests, and the vendor's bill for them."""
    asked, bill = _asked_of_vendor(ledger, pool, month)
    hours, fewest, spares = (
        float(ledger.assumed(name, pool)[month]) for name in ("hours_per_month", "fewest_devices", "spare_devices")
    )
    replica = float(ledger.of_member("replica_size", pool)[month])
    replicas = max(math.ceil(fewest / replica), math.ceil(asked / hours / (found.carried * replica) - 1e-9))
    devices = (replicas + math.ceil(spares / replica)) * replica
    # A full device costs `full` for each request that it carries.
    return devices * found.full * found.carried * hours, bill


def whole_devices_against(
    by_vendor: float, hourly: float, carried: float, fewest: int = 1, spares: int = 0
) -> VendorBreakeven:
    """Return the lowest number of requests an hour at which whole devices cost less than `by_vendor` a request.

    A device costs `hourly` and carries `carried` requests an hour; at least `fewest` run, and `spares` stand by. With n
    at work, devices pay from (n + spares) × hourly / by_vendor requests on, which n must be able to carry.
    """
    full, per_device = hourly / carried, hourly / by_vendor
    if full > by_vendor or (full == by_vendor and spares):
        return VendorBreakeven(by_vendor, full, carried, None, None)
    # Without the small term, rounding would ask for one device more than a quotient that is whole.
    to_carry_spares = math.ceil(spares * per_device / (carried - per_device) - 1e-9) if spares else 1
    at_work = max(fewest, to_carry_spares, 1)
    return VendorBreakeven(by_vendor, full, carried, (at_work + spares) * per_device, at_work + spares)


def _asked_of_vendor(ledger: Ledger, pool: str, month: int) -> tuple[float, float]:
    """Return a month's requests to the pool's features, and the vendor's price for all of them."""
    members = ledger.scenario.members
    places = np.array(members.pointers["feature", "pool"]) == ledger.names("pool").index(pool)
    asked, bill = (ledger.lines[name][month, places] for name in ("requests_to_feature", "vendor_request_bill"))
    index = ledger.lines["vendor_price_index"][month, ledger.names("pool").index(pool)]
    return float(asked.sum()), float(asked @ bill * index)
