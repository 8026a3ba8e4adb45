"""Serving, per pool: one model on one kind of device, and the cost of its tokens.

A limit on latency keeps a device below its saturated rate. With n requests in a batch, a step takes a + b n seconds:
a saturated device gives 1 / b tokens a second, and a lone request waits about a seconds for each token. A limit of T
seconds allows a batch of (T - a) / b, and so a rate of (1 - a / T) / b.
"""

from typing import Annotated

import numpy as np

from simulator.engine.choice import where
from simulator.engine.quantities import (
    ONE_DEVICE,
    SECONDS_PER_HOUR,
    TOKENS_PER_MILLION,
    Amount,
    CalendarMonth,
    Devices,
    DirectCost,
    Factor,
    Hours,
    Kilograms,
    KilogramsPerKilowattHour,
    KilowattHours,
    Markup,
    MillionTokens,
    MillionTokensPerDevice,
    Money,
    MoneyPerMillionTokens,
    Numbers,
    PlacesPerDevice,
    PositiveFactor,
    Requests,
    ResearchCost,
    SecondsPerRequest,
    SecondsPerToken,
    Share,
    Switch,
    TokensPerSecond,
)
from simulator.engine.units import quantity

PER = "pool"

DevicesPerReplica = Annotated[Numbers, quantity("device", 1)]


def tokens_served(total_tokens_used) -> MillionTokens:
    """Millions of weighted tokens that the features on the pool need this month.

    An output token counts as one, an input token at its weight.
    """
    return total_tokens_used


def sent_on(total_escalation) -> Share:
    """Share of the requests that the pool answers first which routes send on to other features."""
    return total_escalation


def moved_on(total_moving) -> Share:
    """Share of the requests to the pool's features that routes move to other features, which answer in their place."""
    return total_moving


def own_tokens(tokens_served, vendor_tokens) -> MillionTokens:
    """Part of the pool's tokens this month that its own devices serve, rented or owned."""
    return tokens_served - vendor_tokens


def speedup(month, optimised_from: CalendarMonth = 1_000.0, throughput_factor: PositiveFactor = 1.0) -> PositiveFactor:
    """Factor on the throughput of the pool's devices once the model is quantised, pruned or distilled; 1 before.

    optimised_from: Month from which the model runs quantised, pruned or distilled.
    throughput_factor: Throughput of the optimised model relative to the one before.
    """
    return np.where(month >= optimised_from, throughput_factor, 1)


def optimisation_cost(month, optimised_from, optimisation_price: Amount = 0.0) -> ResearchCost:
    """Cost of making the pool's model faster, in the month in which that is done.

    optimisation_price: Cost of optimising the model once, in work and computing.
    """
    return np.where(month == np.ceil(optimised_from), optimisation_price, 0)


def optimisation_loss(month, optimised_from, quality_price: Share = 0.0) -> Share:
    """Quality that the pool's model loses by being made faster, from that month on.

    quality_price: Quality that the optimised model loses.
    """
    return np.where(month >= optimised_from, quality_price, 0)


def rate_in_time(token_latency_alone: SecondsPerToken = 0.0, token_latency_limit: SecondsPerToken = 0.0) -> Share:
    """Share of its saturated rate at which a device of the pool can run while every token meets the latency limit.

    Without a limit the share is 1. A limit that even a lone request breaks leaves a hundredth.

    token_latency_alone: Seconds from one token to the next for a request that is alone on the device.
    token_latency_limit: Longest time from one token to the next that users accept; 0 sets no limit.
    """
    # 1 - a / T of the module's head.
    return np.where(token_latency_limit > 0, np.maximum(1 - token_latency_alone / token_latency_limit, 0.01), 1)


def device_capacity(
    rate_in_time,
    speedup,
    input_weight,
    tokens_per_second: TokensPerSecond = 1.0,
    hours_per_month: Hours = 730.0,
    benchmark_input_per_output: Factor = 0.0,
) -> MillionTokensPerDevice:
    """Millions of weighted tokens that one device of the pool can serve in a month of steady load.

    Where the rate counts output tokens alone, and each came with some tokens of input, the input counts as work, too.

    tokens_per_second: Tokens that one device serves at full load: a replica's rate divided by its devices.
    hours_per_month: Hours in a month, a twelfth of a year.
    benchmark_input_per_output: Input tokens that came with each output token when the rate was measured.
    """
    # A benchmark's input tokens are work of the same device, at their weight.
    rate = tokens_per_second * (1 + benchmark_input_per_output * input_weight) * rate_in_time * speedup
    return rate * SECONDS_PER_HOUR * hours_per_month / TOKENS_PER_MILLION


def mean_pull(total_hour_pull) -> Factor:
    """Mean over the hours of the day of the pool's relative load."""
    return total_hour_pull / 24


def devices_for_mean(
    own_tokens,
    device_capacity,
    mean_pull,
    peak_to_mean: Markup = 1.0,
    headroom: Share = 0.0,
    billed_by_second: Switch = 0.0,
) -> Devices:
    """Devices, as a fraction, that the pool needs in an hour of mean load, with its peaks and headroom.

    peak_to_mean: Load in the busiest moments of an hour relative to that hour's mean.
    headroom: Capacity kept free on top of the peaks, as a share of them.
    billed_by_second: Billing by the second of load beyond `fewest_devices` (1), or of whole devices by the hour (0).
    """
    # Devices that are paid by the second are paid for during a peak alone.
    peaks = np.where(billed_by_second > 0, 1, peak_to_mean)
    # The floor on the mean pull keeps a day without load from dividing by zero.
    return own_tokens * peaks * (1 + headroom) / device_capacity / np.maximum(mean_pull, 0.000001)


def replica_size(devices_per_replica: DevicesPerReplica = 1.0) -> DevicesPerReplica:
    """Whole devices that one copy of the pool's model takes.

    devices_per_replica: Devices that one copy of the model runs on; the pool runs whole copies.
    """
    return np.ceil(devices_per_replica)


def floor_devices(vendor_share, fewest_devices: Devices = 1.0) -> Devices:
    """Devices that the pool runs at any hour to stay available; 0 if a vendor serves everything.

    fewest_devices: Devices that run at any hour, load or not; 0 lets a pool that is billed by the second stop.
    """
    return np.where(vendor_share < 1, fewest_devices, 0)


def spares(vendor_share, replica_size, spare_devices: Devices = 0.0) -> Devices:
    """Devices that the pool keeps ready in case one fails, in whole replicas; 0 if a vendor serves everything.

    spare_devices: Devices that stand by at any hour, beyond those at work.
    """
    return np.where(vendor_share < 1, np.ceil(spare_devices / replica_size) * replica_size, 0)


def fleet_in_replicas(fleet, replica_size) -> Devices:
    """Owned and reserved devices of the pool that make up whole replicas; the rest cannot serve."""
    return np.where(replica_size > ONE_DEVICE, np.floor(fleet / replica_size) * replica_size, fleet)


def own_requests(total_requests_to_feature, vendor_share) -> Requests:
    """Requests this month that the pool's own devices serve."""
    return total_requests_to_feature * (1 - vendor_share)


def requests_awake(
    own_requests,
    mean_pull,
    billed_by_second,
    hours_per_month,
    seconds_per_request: SecondsPerRequest = 0.0,
    idle_seconds: SecondsPerRequest = 0.0,
) -> Factor:
    """Mean number of requests that keep a replica of the pool up at any time, if it is billed by the second.

    Each keeps it up for its own time and for the idle seconds around it.

    seconds_per_request: Seconds from the start of a request's service to its last token.
    idle_seconds: Seconds paid besides a request, to load the model before it or to wait for the next one.
    """
    return where(
        billed_by_second > 0, _awake, 0.0, own_requests, seconds_per_request + idle_seconds, hours_per_month, mean_pull
    )


def _awake(requests, seconds, hours, mean_pull):
    return requests * seconds / (hours * SECONDS_PER_HOUR) / np.maximum(mean_pull, 0.000001)


def device_cost(cloud_rent, reserved_rent, power_cost, hosting_cost, device_depreciation) -> Money:
    """Cost of the pool's devices this month: rented, reserved and owned, busy or idle."""
    return cloud_rent + reserved_rent + power_cost + hosting_cost + device_depreciation


def serving_cost(device_cost, vendor_cost) -> Money:
    """Total cost of serving the pool's tokens this month, by devices and by a vendor."""
    return device_cost + vendor_cost


def capacity_cost(device_cost, reserved_bill) -> Money:
    """Cost of the pool's devices and of its reserved throughput at a vendor this month, busy or idle."""
    return device_cost + reserved_bill


def capacity_cost_per_million_tokens(capacity_cost, tokens_served) -> MoneyPerMillionTokens:
    """Cost of the pool's devices and reserved throughput per million tokens that the pool serves this month.

    An output token counts as one, an input token at its weight. Where nothing is served, the cost is 0.
    """
    return np.where(tokens_served > 0, capacity_cost / tokens_served, 0)


def idle_serving(capacity_cost, tokens_served) -> DirectCost:
    """Cost of the pool in a month in which it serves no tokens; otherwise 0, as plans bear the cost by their tokens."""
    return np.where(tokens_served > 0, 0, capacity_cost)


def utilisation(own_tokens, device_hours, device_capacity, hours_per_month) -> Share:
    """Share of the pool's paid device-hours this month that are busy serving tokens."""
    # Device-hours over the hours of a month are the mean number of devices.
    return np.where(device_hours > 0, own_tokens / (device_hours / hours_per_month * device_capacity), 0)


def cost_per_million_tokens(serving_cost, tokens_served) -> MoneyPerMillionTokens:
    """Cost per million tokens of the pool this month on the allocation basis, idle devices included.

    An output token counts as one, an input token at its weight. Where nothing is served, the cost is 0.
    """
    return np.where(tokens_served > 0, serving_cost / tokens_served, 0)


def busy_cost_per_million_tokens(device_cost, own_tokens, utilisation) -> MoneyPerMillionTokens:
    """Device cost per million tokens of the pool this month on the usage basis: the busy share alone.

    A benchmark shows the same cost.
    """
    return np.where(own_tokens > 0, device_cost * utilisation / own_tokens, 0)


def cost_per_million_input_tokens(cost_per_million_tokens, input_weight) -> MoneyPerMillionTokens:
    """Cost per million input tokens of the pool this month: the cost of output tokens, times the input weight."""
    return cost_per_million_tokens * input_weight


def serving_energy(device_hours, mean_power) -> KilowattHours:
    """Electricity of all the pool's devices this month, cooling included, whoever pays for it."""
    return device_hours * mean_power


def carbon(serving_energy, grid_carbon: KilogramsPerKilowattHour = 0.0) -> Kilograms:
    """Carbon dioxide emitted this month by the electricity of the pool's devices.

    grid_carbon: Carbon dioxide that the grid emits for each kilowatt-hour.
    """
    return serving_energy * grid_carbon


def in_service(own_requests, hours_per_month, peak_to_mean, seconds_per_request) -> Factor:
    """Requests that the pool's own devices serve at once in the busy moments of a mean hour, by Little's law."""
    # Little's law: requests in service are the arrival rate times the time each takes.
    seconds = own_requests * seconds_per_request
    return seconds / (hours_per_month * SECONDS_PER_HOUR) * peak_to_mean


def places(device_hours, hours_per_month, places_per_device: PlacesPerDevice = 0.0) -> Factor:
    """Requests that the pool's devices can serve at once in a mean hour.

    places_per_device: Requests that one device serves at once.
    """
    return device_hours / hours_per_month * places_per_device
