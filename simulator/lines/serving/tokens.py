"""Demand for tokens, per plan and feature: what customers of a plan make a feature's model process."""

from simulator.engine.quantities import (
    TOKENS_PER_MILLION,
    MillionTokens,
    Money,
    MoneyPerMillionTokens,
    MoneyPerRequest,
    Requests,
    Share,
    TokensPerRequest,
)

PER = ("plan", "feature")


def feature_use(plan_free, feature_use_share: Share = 1.0, feature_free_use_share: Share = 1.0) -> Share:
    """The share of the plan's requests that reach the feature; free plans may be sent elsewhere."""
    return plan_free * feature_free_use_share + (1 - plan_free) * feature_use_share


def feature_requests(requests, feature_use) -> Requests:
    """Requests of the plan's customers that reach the feature."""
    return requests * feature_use


def tokens_used(feature_requests, feature_work_per_request) -> MillionTokens:
    """Tokens that the feature's model processes for the plan's customers, inputs at their weight."""
    return feature_requests * feature_work_per_request


def free_tokens(tokens_used, plan_free) -> MillionTokens:
    """What of them nobody pays for."""
    return tokens_used * plan_free


def metered_per_request(
    feature_use,
    feature_tokens_per_request: TokensPerRequest,
    feature_input_tokens_per_request: TokensPerRequest = 0.0,
    feature_cached_share: Share = 0.0,
    plan_output_price: MoneyPerMillionTokens = 0.0,
    plan_input_price: MoneyPerMillionTokens = 0.0,
    plan_cached_price: MoneyPerMillionTokens = 0.0,
) -> MoneyPerRequest:
    """What a request's tokens cost the customer at the plan's prices: output, fresh input and cached input."""
    fresh = feature_input_tokens_per_request * (1 - feature_cached_share) * plan_input_price
    cached = feature_input_tokens_per_request * feature_cached_share * plan_cached_price
    return feature_use * (feature_tokens_per_request * plan_output_price + fresh + cached) / TOKENS_PER_MILLION


def token_cost(tokens_used, pool_cost_per_million_tokens) -> Money:
    """The plan's part of what its features' pools cost, idle devices included."""
    return tokens_used * pool_cost_per_million_tokens


def care_cost(feature_requests, feature_care_per_request) -> Money:
    """What the plan's requests to the feature take beside tokens."""
    return feature_requests * feature_care_per_request
