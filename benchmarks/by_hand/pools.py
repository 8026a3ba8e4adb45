"""Serving: whole devices for each hour's load, what they cost, and whose cost it is."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import MILLION, SECONDS_PER_HOUR, Array, by_pool, total


def known(given: SimpleNamespace) -> dict[str, Array]:
    """How much each hour pulls, what a device serves before any speed-up, and what is bought by the device."""
    hour_pull = given.load[:, None] ** given.day_swing[:, :, None]
    mean_pull = hour_pull.sum(axis=2) / 24
    in_time = np.maximum(1 - given.token_latency_alone / given.token_latency_limit, 0.01)
    rate_in_time = np.where(given.token_latency_limit > 0, in_time, 1)
    rate = given.tokens_per_second * (1 + given.benchmark_input_per_output * given.input_weight) * rate_in_time
    return {
        "hour_pull": hour_pull,
        "capacity_before": rate * SECONDS_PER_HOUR * given.hours_per_month / MILLION,
        "load_factor": given.peak_to_mean * (1 + given.headroom) / np.maximum(mean_pull, 0.000001),
        "on_demand_price": (1 - given.spot_share) * given.device_price,
        "spot_factor": given.spot_share * (1 + given.spot_lost_share),
        "power_per_device": given.hours_per_month * given.device_power * given.power_overhead * given.power_price,
        "busy_seconds": (1 - given.vendor_share)
        * given.seconds_per_request
        / (given.hours_per_month * SECONDS_PER_HOUR)
        * given.peak_to_mean,
    }


def optimisation(now: SimpleNamespace, month: int) -> None:
    """What making the models faster costs, gains and loses."""
    optimised = month >= now.optimised_from
    now.speedup = np.where(optimised, now.throughput_factor, 1)
    now.optimisation_cost = np.where(month == np.ceil(now.optimised_from), now.optimisation_price, 0)
    now.optimisation_loss = total(np.where(optimised, now.quality_price, 0))


def month_of(now: SimpleNamespace) -> None:
    """A month of serving."""
    pools = len(now.fleet)
    tokens_served = by_pool(now.tokens_used.sum(axis=0), now.pool_of, pools)
    vendor_tokens = tokens_served * now.vendor_share
    own_tokens = tokens_served - vendor_tokens
    device_capacity = now.capacity_before * now.speedup
    devices_for_mean = own_tokens * now.load_factor / device_capacity
    rented_hours = _rented_each_hour(now, devices_for_mean) * now.hours_per_month / 24
    device_hours = rented_hours + now.fleet * now.hours_per_month
    device_cost = _device_cost(now, rented_hours)
    served_free = (now.tokens_used * now.free[:, None]).sum(axis=0)
    read_before = by_pool(now.cached_tokens, now.pool_of, pools) * now.vendor_cache_discount
    read = by_pool(now.input_tokens, now.pool_of, pools) - read_before
    asked = by_pool(now.output_tokens, now.pool_of, pools) * now.vendor_output_price + read * now.vendor_input_price
    vendor_cost = asked * now.vendor_share * now.token_price_index
    now.serving_cost = device_cost + vendor_cost
    serves = tokens_served > 0
    cloud_bill = now.rent + vendor_cost * now.credits_pay_vendor
    free_tokens = by_pool(served_free, now.pool_of, pools)
    free_cloud_bill = np.where(serves, cloud_bill * free_tokens / tokens_served, 0)
    now.clouds_for_serving, now.clouds_for_free_plans = total(cloud_bill), total(free_cloud_bill)
    now.idle_serving = np.where(serves, 0, now.serving_cost)
    cost_per_million_tokens = np.where(serves, now.serving_cost / tokens_served, 0)
    _cost_per_million_input_tokens = cost_per_million_tokens * now.input_weight
    mean_devices = device_hours / now.hours_per_month
    utilisation = np.where(device_hours > 0, own_tokens / (mean_devices * device_capacity), 0)
    _busy_cost_per_million_tokens = np.where(own_tokens > 0, device_cost * utilisation / own_tokens, 0)
    serving_energy = device_hours * now.device_power * now.power_overhead * (1 / 3 + 2 / 3 * utilisation)
    _carbon = serving_energy * now.grid_carbon
    _in_service = by_pool(now.requests_to_feature, now.pool_of, pools) * now.busy_seconds
    _places = mean_devices * now.places_per_device
    _plans(now, cost_per_million_tokens)


def _rented_each_hour(now: SimpleNamespace, devices_for_mean: Array) -> Array:
    """Devices rented beyond the fleet, summed over the hours of a day."""
    floor_devices = np.where(now.vendor_share < 1, now.fewest_devices, 0)
    spares = np.where(now.vendor_share < 1, np.ceil(now.spare_devices), 0)
    devices_at = np.maximum(floor_devices[:, None], devices_for_mean[:, None] * now.hour_pull)
    devices_at = np.ceil(devices_at, out=devices_at)
    devices_at += spares[:, None]
    devices_beyond_fleet = np.maximum(devices_at - now.fleet[:, None], 0)
    return devices_beyond_fleet.sum(axis=1)


def _device_cost(now: SimpleNamespace, rented_hours: Array) -> Array:
    spot_hours = rented_hours * now.spot_factor
    cloud_rent = (rented_hours * now.on_demand_price + spot_hours * now.spot_price) * now.device_price_index
    reserved_rent = now.reserved_devices * now.hours_per_month * now.reserved_price
    now.rent = cloud_rent + reserved_rent
    power_cost = now.owned_devices * now.power_per_device
    hosting_cost = now.owned_devices * now.hosting_price
    return np.asarray(now.rent + power_cost + hosting_cost + now.device_depreciation)


def _plans(now: SimpleNamespace, cost_per_million_tokens: Array) -> None:
    """Whose cost it is: that of paying customers, or of free plans."""
    token_cost = now.tokens_used * cost_per_million_tokens[now.pool_of]
    inference_cost = token_cost.sum(axis=1)
    paid_inference = inference_cost * (1 - now.free)
    free_inference = inference_cost * now.free
    now.free_inference = total(free_inference)
    paid_care, free_care = now.request_care * (1 - now.free), now.request_care * now.free
    now.free_care = total(free_care)
    only_theirs = now.payment_fees + now.service_cost + now.royalty
    _plan_margin = now.plan_revenue - inference_cost - now.request_care - only_theirs
    now.direct_by_plan = total(paid_inference + paid_care + only_theirs)
