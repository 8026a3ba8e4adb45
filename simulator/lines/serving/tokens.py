"""Demand for tokens, per plan and feature: tokens that a feature's model processes for customers of a plan."""

import numpy as np

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


def feature_use(plan_free, total_leads, feature_use_share: Share = 1.0, feature_free_use_share: Share = 1.0) -> Share:
    """Share of the plan's requests that reach the feature without a detour; 0 if a route leads to the feature.

    A free plan may have a share of its own.
    """
    use = plan_free * feature_free_use_share + (1 - plan_free) * feature_use_share
    return np.where(total_leads > 0, 0, use)


def direct_requests(requests, feature_use) -> Requests:
    """Requests of the plan's customers that reach the feature this month, without those that routes send."""
    return requests * feature_use


def feature_requests(direct_requests, total_escalated_requests) -> Requests:
    """Requests of the plan's customers that reach the feature this month, by themselves or by a route."""
    return direct_requests + total_escalated_requests


def tokens_used(feature_requests, feature_work_per_request) -> MillionTokens:
    """Millions of weighted tokens that the feature's model processes this month for the plan's customers."""
    return feature_requests * feature_work_per_request


def free_tokens(tokens_used, plan_free) -> MillionTokens:
    """Millions of weighted tokens that the feature's model processes for a free plan this month; otherwise 0."""
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
    """Price of the feature's tokens, output and input, per request of the plan, before the price level.

    Averaged over all requests of the plan, including those that do not reach the feature.
    """
    fresh = feature_input_tokens_per_request * (1 - feature_cached_share) * plan_input_price
    cached = feature_input_tokens_per_request * feature_cached_share * plan_cached_price
    return feature_use * (feature_tokens_per_request * plan_output_price + fresh + cached) / TOKENS_PER_MILLION


def token_cost(tokens_used, pool_cost_per_million_tokens) -> Money:
    """Cost of the feature's tokens for the plan this month, idle devices of the pool included."""
    return tokens_used * pool_cost_per_million_tokens


def care_cost(feature_requests, feature_care_per_request) -> Money:
    """Cost this month of the plan's requests to the feature besides tokens: moderation, review, storage and traffic."""
    return feature_requests * feature_care_per_request
