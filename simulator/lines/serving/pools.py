"""Serving, per pool: one model on one kind of device, and what its tokens cost.

The rate of a device falls short of what it reaches at saturation where answers must come in time. Batching n
requests, a step takes a + b n seconds: saturated, a device gives 1 / b tokens a second, and alone a request waits
about a for each token. A limit T on that wait allows the batch (T - a) / b and so the rate (1 - a / T) / b.
"""

import numpy as np

from simulator.engine.quantities import (
    SECONDS_PER_HOUR,
    TOKENS_PER_MILLION,
    Amount,
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
    Months,
    PlacesPerDevice,
    PositiveFactor,
    ResearchCost,
    SecondsPerRequest,
    SecondsPerToken,
    Share,
    TokensPerSecond,
)

PER = "pool"


def tokens_served(total_tokens_used) -> MillionTokens:
    """Tokens that the features on this pool need this month, inputs at their weight."""
    return total_tokens_used


def vendor_tokens(tokens_served, vendor_share: Share = 0.0) -> MillionTokens:
    """What of it a vendor's interface serves instead of own devices."""
    return tokens_served * vendor_share


def own_tokens(tokens_served, vendor_tokens) -> MillionTokens:
    """What of it the pool's own devices serve."""
    return tokens_served - vendor_tokens


def speedup(month, optimised_from: Months = 1_000.0, throughput_factor: PositiveFactor = 1.0) -> PositiveFactor:
    """How much faster devices are once the model was quantised, pruned or distilled."""
    return np.where(month >= optimised_from, throughput_factor, 1)


def optimisation_cost(month, optimised_from, optimisation_price: Amount = 0.0) -> ResearchCost:
    """What that project cost, in the month in which it is done."""
    return np.where(month == np.ceil(optimised_from), optimisation_price, 0)


def optimisation_loss(month, optimised_from, quality_price: Share = 0.0) -> Share:
    """The quality that it cost."""
    return np.where(month >= optimised_from, quality_price, 0)


def rate_in_time(token_latency_alone: SecondsPerToken = 0.0, token_latency_limit: SecondsPerToken = 0.0) -> Share:
    """The part of its saturated rate that a device reaches while every token comes in time; all of it without a limit.

    A limit that even a lone request breaks leaves a hundredth.
    """
    return np.where(token_latency_limit > 0, np.maximum(1 - token_latency_alone / token_latency_limit, 0.01), 1)


def device_capacity(
    tokens_per_second: TokensPerSecond,
    rate_in_time,
    speedup,
    hours_per_month: Hours,
    input_weight,
    benchmark_input_per_output: Factor = 0.0,
) -> MillionTokensPerDevice:
    """Tokens that one device serves in a month of steady load at its measured or published rate.

    Where the rate counts output tokens alone, and each came with so many tokens of input, these are work, too.
    """
    rate = tokens_per_second * (1 + benchmark_input_per_output * input_weight) * rate_in_time * speedup
    return rate * SECONDS_PER_HOUR * hours_per_month / TOKENS_PER_MILLION


def mean_pull(total_hour_pull) -> Factor:
    """The mean over the day of how much each hour pulls."""
    return total_hour_pull / 24


def devices_for_mean(own_tokens, device_capacity, peak_to_mean: Markup, mean_pull, headroom: Share = 0.0) -> Devices:
    """Devices for an hour that pulls like the mean: for its busiest moments, with headroom kept free on top."""
    return own_tokens * peak_to_mean * (1 + headroom) / device_capacity / np.maximum(mean_pull, 0.000001)


def floor_devices(vendor_share, fewest_devices: Devices = 1.0) -> Devices:
    """Devices that keep the service up at any hour; none where a vendor serves everything."""
    return np.where(vendor_share < 1, fewest_devices, 0)


def spares(vendor_share, spare_devices: Devices = 0.0) -> Devices:
    """Whole devices that stand by should one fail."""
    return np.where(vendor_share < 1, np.ceil(spare_devices), 0)


def device_cost(cloud_rent, reserved_rent, power_cost, hosting_cost, device_depreciation) -> Money:
    """What the pool's devices cost this month, rented, reserved or owned, busy or idle."""
    return cloud_rent + reserved_rent + power_cost + hosting_cost + device_depreciation


def vendor_cost(
    total_output_tokens,
    total_input_tokens,
    total_cached_tokens,
    vendor_share,
    token_price_index,
    vendor_output_price: MoneyPerMillionTokens = 0.0,
    vendor_input_price: MoneyPerMillionTokens = 0.0,
    vendor_cache_discount: Share = 0.0,
) -> Money:
    """What the vendor takes for the tokens that are served through its interface."""
    read = total_input_tokens - total_cached_tokens * vendor_cache_discount
    asked = total_output_tokens * vendor_output_price + read * vendor_input_price
    return asked * vendor_share * token_price_index


def serving_cost(device_cost, vendor_cost) -> Money:
    """What serving the pool's tokens costs this month."""
    return device_cost + vendor_cost


def idle_serving(serving_cost, tokens_served) -> DirectCost:
    """What the pool costs in a month in which it serves nobody; otherwise its cost is that of its tokens."""
    return np.where(tokens_served > 0, 0, serving_cost)


def utilisation(own_tokens, device_hours, device_capacity, hours_per_month) -> Share:
    """The busy share of the devices that are paid for."""
    return np.where(device_hours > 0, own_tokens / (device_hours / hours_per_month * device_capacity), 0)


def cost_per_million_tokens(serving_cost, tokens_served) -> MoneyPerMillionTokens:
    """Cost per million tokens on the allocation basis: idle devices are paid for, too. 0 where nothing is served.

    An output token counts as one, an input token at its weight.
    """
    return np.where(tokens_served > 0, serving_cost / tokens_served, 0)


def busy_cost_per_million_tokens(device_cost, own_tokens, utilisation) -> MoneyPerMillionTokens:
    """Device cost per million tokens on the usage basis: the busy share alone, which is what a benchmark shows."""
    return np.where(own_tokens > 0, device_cost * utilisation / own_tokens, 0)


def cost_per_million_input_tokens(cost_per_million_tokens, input_weight) -> MoneyPerMillionTokens:
    """What a million input tokens cost: their weight's part of a million output tokens."""
    return cost_per_million_tokens * input_weight


def serving_energy(device_hours, device_power, power_overhead, utilisation) -> KilowattHours:
    """Electricity of the pool's devices, cooling included, whoever pays for it; idle ones draw a third."""
    return device_hours * device_power * power_overhead * (1 / 3 + 2 / 3 * utilisation)


def carbon(serving_energy, grid_carbon: KilogramsPerKilowattHour = 0.0) -> Kilograms:
    """Carbon dioxide of that electricity."""
    return serving_energy * grid_carbon


def in_service(
    total_requests_to_feature,
    vendor_share,
    hours_per_month,
    peak_to_mean,
    seconds_per_request: SecondsPerRequest = 0.0,
) -> Factor:
    """Requests in service at once on own devices in busy moments of a mean hour, by Little's law."""
    seconds = total_requests_to_feature * (1 - vendor_share) * seconds_per_request
    return seconds / (hours_per_month * SECONDS_PER_HOUR) * peak_to_mean


def places(device_hours, hours_per_month, places_per_device: PlacesPerDevice = 0.0) -> Factor:
    """Requests that a mean hour's devices can serve at once."""
    return device_hours / hours_per_month * places_per_device
