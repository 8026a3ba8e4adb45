"""Usage: what customers ask of the product, what it asks of models, and what metered plans take for it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from benchmarks.by_hand.parts import MILLION, Array

NINTH_TENTH = 1.2815515655446004
TINY = 1e-9


def excess(mean: Array, limit: Array, spread: Array) -> Array:
    """What a lognormal quantity has above a limit, in the mean."""
    distance = np.log(mean / limit) / spread
    return np.asarray(mean * ndtr(distance + spread / 2) - limit * ndtr(distance - spread / 2))


def known(given: SimpleNamespace, pool_of: NDArray[np.intp]) -> dict[str, Array]:
    """Requests of a customer, and the tokens and prices of a request."""
    mean, cap, share = given.requests_per_customer, given.requests_cap, given.top_tenth_share
    by_share = np.maximum(ndtri(np.minimum(np.maximum(share, 0.1001), 0.9999)) + NINTH_TENTH, 0.01)
    usage_deviation = np.where(share > 0, by_share, given.usage_spread)
    beyond_cap = excess(mean, cap, usage_deviation)
    above = excess(mean, np.minimum(given.included_requests, cap), usage_deviation)
    fresh_tokens = given.input_tokens_per_request * (1 - given.cached_share)
    cached_tokens = given.input_tokens_per_request * given.cached_share
    weighted = fresh_tokens * given.input_weight[:, pool_of] + cached_tokens * given.cached_weight[:, pool_of]
    tries = (1 + given.retry_share) / MILLION
    asked = given.tokens_per_request[:, None] * given.output_price[:, :, None]
    asked = asked + fresh_tokens[:, None] * given.input_price[:, :, None]
    asked = asked + cached_tokens[:, None] * given.cached_price[:, :, None]
    return {
        "usage_deviation": usage_deviation,
        "capped_requests": mean - beyond_cap,
        "overage_per_customer": np.maximum(above - beyond_cap, 0),
        "work_per_request": (given.tokens_per_request + weighted) * tries,
        "output_per_request": given.tokens_per_request * tries,
        "input_per_request": given.input_tokens_per_request * tries,
        "price_of_request": asked / MILLION,
        "care_per_request": given.moderation_price + given.review_share * given.review_price + given.storage_price,
    }


def month_of(now: SimpleNamespace) -> None:
    """A month of requests, the tokens that they take, and what metered customers pay."""
    now.requests = now.customers * now.capped_requests
    feature_use = now.free[:, None] * now.free_use_share + (1 - now.free)[:, None] * now.use_share
    feature_requests = now.requests[:, None] * feature_use
    now.tokens_used = feature_requests * now.work_per_request
    now.requests_to_feature = feature_requests.sum(axis=0)
    now.output_tokens = now.requests_to_feature * now.output_per_request
    now.input_tokens = now.requests_to_feature * now.input_per_request
    now.cached_tokens = now.input_tokens * now.cached_share
    care_cost = feature_requests * now.care_per_request
    now.request_care = care_cost.sum(axis=1)
    metered_per_request = feature_use * now.price_of_request
    price = metered_per_request.sum(axis=1) * now.signed_level
    metered_value = now.capped_requests * price
    now.metered_fee = _metered_fee(now, metered_value, price)


def _metered_fee(now: SimpleNamespace, metered_value: Array, price: Array) -> Array:
    """The commitment, or more where use is worth more; cheaper beyond the tier, and nothing beyond the cap."""
    if not (metered_value.any() or now.signed_commitment.any()):
        return np.zeros_like(metered_value)
    spread = now.usage_deviation
    worth, most = np.maximum(now.requests_per_customer * price, TINY), np.maximum(now.requests_cap * price, TINY)
    tier, floor = np.maximum(now.tier_starts, TINY), np.maximum(now.signed_commitment, TINY)
    kept = np.maximum(1 - now.tier_discount, 1e-6)
    below = floor <= tier
    capped = excess(worth, most, spread)
    used_up = np.where(below, floor, tier + np.maximum(floor - tier, 0) / kept)
    beyond = np.where(below, 1, kept) * (excess(worth, np.minimum(used_up, most), spread) - capped)
    cheaper = np.where(below, now.tier_discount, 0) * (excess(worth, np.minimum(tier, most), spread) - capped)
    return np.where(metered_value + now.signed_commitment > 0, floor + beyond - cheaper, 0)
