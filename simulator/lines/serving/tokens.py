"""Demand for tokens, per plan and feature: tokens that a feature's model processes for customers of a plan."""

import numpy as np

from simulator.engine.quantities import (
    TOKENS_PER_MILLION,
    Factor,
    MillionTokens,
    Money,
    MoneyPerMillionTokens,
    MoneyPerRequest,
    Requests,
    Share,
)

PER = ("plan", "feature")


def asked_use(plan_free, total_leads, feature_use_share: Share = 1.0, feature_free_use_share: Share = 1.0) -> Share:
    """Share of the plan's requests that are meant for the feature; 0 if a route leads to the feature.

    A free plan may have a share of its own.

    use_share: Share of the requests of plans that charge that reach the feature; unused where a route leads to it.
    free_use_share: Share of the requests of free plans that reach the feature.
    """
    use = plan_free * feature_free_use_share + (1 - plan_free) * feature_use_share
    return np.where(total_leads > 0, 0, use)


def feature_use(asked_use, pool_moved_on, total_moved_use) -> Factor:
    """Share of the plan's requests that the feature answers first: those meant for it that stay, and those moved to it.

    Above 1 only where routes move requests that are meant for several features.
    """
    return asked_use * (1 - pool_moved_on) + total_moved_use


def direct_requests(requests, feature_use) -> Requests:
    """Requests of the plan's customers that the feature answers first this month, without escalated ones."""
    return requests * feature_use


def feature_requests(direct_requests, total_escalated_requests) -> Requests:
    """Requests of the plan's customers that reach the feature this month, by themselves or by a route."""
    return direct_requests + total_escalated_requests


def finished_tasks(feature_requests, direct_requests, pool_sent_on, feature_task_success) -> Requests:
    """Requests of the plan's customers to the feature this month whose task finishes.

    One that a route sends on finishes in another feature.
    """
    return (feature_requests - direct_requests * pool_sent_on) * feature_task_success


def tokens_used(feature_requests, feature_work_per_request) -> MillionTokens:
    """Millions of weighted tokens that the feature's model processes this month for the plan's customers."""
    return feature_requests * feature_work_per_request


def free_tokens(tokens_used, plan_unpaid_share) -> MillionTokens:
    """Millions of weighted tokens that the feature's model processes this month for a free plan or a free trial."""
    return tokens_used * plan_unpaid_share


def finished_use(feature_use, total_escalated_use, pool_sent_on, feature_task_success) -> Factor:
    """Tasks that finish in the feature, by themselves or after a route, per request of the plan."""
    return (feature_use * (1 - pool_sent_on) + total_escalated_use) * feature_task_success


def metered_per_request(
    feature_use,
    feature_answer_per_request,
    feature_context_per_request,
    feature_cache_hits,
    finished_use,
    plan_output_price: MoneyPerMillionTokens = 0.0,
    plan_input_price: MoneyPerMillionTokens = 0.0,
    plan_cached_price: MoneyPerMillionTokens = 0.0,
    plan_task_price: MoneyPerRequest = 0.0,
    feature_charged_share: Share = 1.0,
) -> MoneyPerRequest:
    """Price of the feature's tokens and finished tasks, per request of the plan, before the price level.

    Averaged over all requests of the plan, including those that do not reach the feature. Tokens of further tries are
    free, and so are those of an answer after a route.

    output_price: Price to customers of the plan of a million output tokens, reasoning included.
    input_price: Price to customers of the plan of a million input tokens that are not read from the cache.
    cached_price: Price to customers of the plan of a million input tokens that are read from the cache.
    task_price: Price to customers of the plan of each task that finishes; a task that fails is free.
    charged_share: Share of the feature's finished tasks that a plan with a price per task charges for.
    """
    fresh = feature_context_per_request * (1 - feature_cache_hits) * plan_input_price
    cached = feature_context_per_request * feature_cache_hits * plan_cached_price
    tokens = feature_use * (feature_answer_per_request * plan_output_price + fresh + cached) / TOKENS_PER_MILLION
    return tokens + finished_use * feature_charged_share * plan_task_price


def token_cost(tokens_used, pool_capacity_cost_per_million_tokens, vendor_bill) -> Money:
    """Cost of the feature's tokens for the plan this month: of the pool's devices, idle ones included, and a vendor."""
    return tokens_used * pool_capacity_cost_per_million_tokens + vendor_bill


def care_cost(feature_requests, feature_care_per_request) -> Money:
    """Cost this month of the plan's requests to the feature besides tokens: moderation, review, storage and tools."""
    return feature_requests * feature_care_per_request
