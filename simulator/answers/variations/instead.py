"""Instead: a route that moves requests to another feature, such as from a prompted model to a fine-tuned one.

Each of the two ways has a bill for any number of requests a month: devices in proportion to the requests, with their
peaks and headroom but never fewer than its pool must run; a vendor's tokens; and review, corrections and tools. The
fewest devices of a pool count where it serves nothing else. The way that a training program makes also has to pay for
the program, whose cost is spread evenly over the months from its first run on. What wrong answers do to customers is in
the projection, and not in these bills.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.answers.ledger import Ledger
from simulator.answers.variations.inputs import vary
from simulator.engine.quantities import SECONDS_PER_HOUR
from simulator.scenario.reading import PROGRAM
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Way:
    """One way to answer a request in one month. Money is in the scenario's currency.

    `device` and `rest` are the cost of a request on busy devices, and besides; `fewest` what the pool's devices cost a
    month without any request. `program` is a month's share of the training program.
    """

    device: float
    rest: float
    fewest: float
    program: float
    right: float  # share of answers
    corrections: float  # part of `rest`
    seconds: float  # of a device for one request

    @property
    def request(self) -> float:
        """Cost of one more request where the devices are busy."""
        return self.device + self.rest

    def bill(self, requests: float) -> float:
        """Return the cost of a month with this number of requests."""
        return self.program + max(self.fewest, requests * self.device) + requests * self.rest

    @property
    def kink(self) -> float:
        """The requests a month from which the fewest devices are not enough; 0 without any to pay for."""
        return self.fewest / self.device if self.device > 0 else 0.0


def pays_from(other: Way, usual: Way) -> float | None:
    """Return the requests a month above which the other way costs less than the usual one; None where it never does.

    Bills are straight lines between the numbers of requests at which a pool outgrows its fewest devices.
    """
    if other.request >= usual.request:
        return None
    last = max(other.kink, usual.kink)
    for low in sorted({0.0, other.kink, usual.kink} - {last}, reverse=True):
        if other.bill(last) > usual.bill(last):
            break
        if other.bill(low) > usual.bill(low):
            more, less = other.bill(low) - usual.bill(low), usual.bill(last) - other.bill(last)
            return low + (last - low) * more / (more + less)
        last = low
    return last + max(0.0, (other.bill(last) - usual.bill(last)) / (usual.request - other.request))


@dataclass(frozen=True)
class Move:
    """A route that moves requests, or might: both ways by month, and the requests that it could move.

    `requests` and `moved` (the share that it does move) have shape (months,); `program` is the training program that
    the route names, empty for none. `cash_moved` and `cash_unmoved` are the cash at the end if all requests are moved
    in every month, or none, with all that follows for customers.
    """

    route: str
    feature: str
    program: str
    usual: Sequence[Way]
    other: Sequence[Way]
    requests: Any
    moved: Any
    cash_moved: float
    cash_unmoved: float

    def pays_from(self, month: int) -> float | None:
        """Return the requests a month from which the move pays, at the prices of a month; None where it never does."""
        return pays_from(self.other[month], self.usual[month])

    @property
    def from_month(self) -> int | None:
        """The first month from which the move pays at the scenario's own requests to the end; None without one."""
        pays = [other.bill(count) < usual.bill(count) for other, usual, count in self._months]
        last = max((month for month, paid in enumerate(pays) if not paid), default=-1)
        return last + 1 if last + 1 < len(pays) else None

    @property
    def _months(self) -> list[tuple[Way, Way, float]]:
        return list(zip(self.other, self.usual, self.requests.tolist(), strict=True))

    def to_json(self) -> dict[str, Any]:
        """Return both ways and the answer by month as plain values."""
        return {
            "route": self.route,
            "feature": self.feature,
            "program": self.program or None,
            "requests": self.requests.tolist(),
            "moved_share": self.moved.tolist(),
            "pays_from": [self.pays_from(month) for month in range(len(self.usual))],
            "from_month": self.from_month,
            "usual": [_plain(way, count) for _, way, count in self._months],
            "other": [_plain(way, count) for way, _, count in self._months],
            "end_cash_all_moved": self.cash_moved,
            "end_cash_none_moved": self.cash_unmoved,
        }


def _plain(way: Way, requests: float) -> dict[str, float]:
    return {
        "right_share": way.right,
        "device_seconds": way.seconds,
        "request_cost": way.request,
        "correction_cost": way.corrections,
        "fewest_devices_cost": way.fewest,
        "program_cost": way.program,
        "bill": way.bill(requests),
    }


def moves(ledger: Ledger) -> list[Move]:
    """Return every route that moves requests in any month, or names a training program that would let it."""
    scenario = ledger.scenario
    about = scenario.about
    return [
        _move(ledger, place, route, about[f"routes.{route}"].get(PROGRAM, ""))
        for place, route in enumerate(ledger.names("route"))
        if ledger.assumed("moved_share", route).any() or PROGRAM in about[f"routes.{route}"]
    ]


def _move(ledger: Ledger, place: int, route: str, program: str) -> Move:
    pointers = ledger.scenario.members.pointers
    led, pools = set(pointers["route", "feature"]), pointers["feature", "pool"]
    pool, target = pointers["route", "pool"][place], pointers["route", "feature"][place]
    sources = [feature for feature, own in enumerate(pools) if own == pool and feature not in led]
    asked = _asked(ledger)
    shared = pools[target] == pool
    made = _spread(ledger.of_member("program_cost", program)) if program else np.zeros(len(asked))
    alone = [not shared and {one for one, own in enumerate(pools) if own == pool} == set(sources)]
    alone.append(not shared and [one for one, own in enumerate(pools) if own == pools[target]] == [target])
    months = range(len(asked))
    return Move(
        route,
        ledger.names("feature")[target],
        program,
        [_way(ledger, month, sources, asked[month, sources], alone[0], 0.0) for month in months],
        [_way(ledger, month, [target], np.ones(1), alone[1], float(made[month])) for month in months],
        asked[:, sources].sum(axis=1),
        ledger.assumed("moved_share", route),
        *_ends(ledger.scenario, route),
    )


def _asked(ledger: Ledger) -> Any:
    """Return the requests that are meant for each feature, of shape (months, features)."""
    requests, features = ledger.lines["requests"], len(ledger.names("feature"))
    use = ledger.lines["asked_use"].reshape(len(requests), -1, features)
    return np.einsum("mp,mpf->mf", requests, use)


def _spread(cost: Any) -> Any:
    """Return a program's cost spread evenly over the months from its first on; months before it bear the same."""
    paid = np.flatnonzero(cost)
    return np.full(len(cost), cost.sum() / (len(cost) - paid[0]) if len(paid) else 0.0)


def _way(ledger: Ledger, month: int, features: Sequence[int], weights: Any, alone: bool, program: float) -> Way:  # noqa: PLR0917
    """Return the way of features on one pool in a month, a mean over them by weight."""
    pool = ledger.names("pool")[ledger.scenario.members.pointers["feature", "pool"][features[0]]] if features else ""

    def now(name: str) -> float:
        return float(ledger.assumed(name, pool)[month])

    def line(name: str) -> float:
        return float(ledger.of_member(name, pool)[month])

    def mean(name: str) -> float:
        values = ledger.lines[name][month, list(features)]
        return float(np.average(values, weights=weights if weights.any() else None))

    if not features:
        return Way(0, 0, 0, program, 1, 0, 0)
    hours = now("hours_per_month")
    # What the pool pays for an hour of its devices, rented, reserved and owned; before any run, the price on demand.
    paid, on_demand = line("device_hours"), now("device_price") * float(ledger.total("device_price_index")[month])
    hourly = line("device_cost") / paid if paid > 0 else on_demand
    own = mean("work_per_request") * (1 - now("vendor_share")) / line("device_capacity")
    peaks = (1 if now("billed_by_second") > 0 else now("peak_to_mean")) * (1 + now("headroom"))
    replica = line("replica_size")
    fewest = np.ceil(line("floor_devices") / replica) * replica + line("spares")
    return Way(
        device=own * peaks * hours * hourly,
        rest=mean("vendor_request_cost") + mean("care_per_request"),
        fewest=float(fewest) * hours * hourly if alone else 0.0,
        program=program,
        right=1 - mean("wrong_share"),
        corrections=mean("correction_per_request"),
        seconds=own * hours * float(SECONDS_PER_HOUR),
    )


def _ends(scenario: Scenario, route: str) -> tuple[float, float]:
    """Return the cash at the end if the route moves all requests in every month, and if it moves none."""
    path = f"routes.{route}.moved_share"
    found = vary(scenario, [{path: np.array([share])} for share in (1.0, 0.0)], ["cash"])["cash"][-1, 0]
    return float(found[1]), float(found[2])
