"""Features, per feature: work of the model that one request takes, the month's tokens, and other costs of a request."""

import numpy as np

from simulator.engine.quantities import (
    TOKENS_PER_MILLION,
    Calls,
    Factor,
    MillionTokens,
    MillionTokensPerRequest,
    MoneyPerRequest,
    Requests,
    Share,
)

PER = "feature"


def work_per_request(
    output_per_request,
    input_per_request,
    cached_per_request,
    pool_input_weight: Factor = 0.25,
    pool_cached_weight: Factor = 0.025,
) -> MillionTokensPerRequest:
    """Millions of weighted tokens that one request to the feature takes, over all steps and tries.

    An output token weighs 1, an input token a quarter and a cached input token a fortieth, unless the pool says
    otherwise. The quarter is the ratio by which Google's GKE splits a serving cost between output and input.

    input_weight: Work of reading an input token that is not cached, relative to writing an output token.
    cached_weight: Work of reading a cached input token, relative to writing an output token.
    """
    fresh = (input_per_request - cached_per_request) * pool_input_weight
    return (output_per_request + fresh + cached_per_request * pool_cached_weight) / TOKENS_PER_MILLION


def requests_to_feature(total_feature_requests) -> Requests:
    """Requests that reach the feature this month, over all plans."""
    return total_feature_requests


def model_calls(requests_to_feature, calls_per_request) -> Calls:
    """Calls of the feature's model this month, over all steps and tries of all requests."""
    return requests_to_feature * calls_per_request


def output_tokens(requests_to_feature, output_per_request) -> MillionTokens:
    """Millions of output tokens that the feature's model writes this month, reasoning and retries included.

    For a feature that classifies and writes nothing, the tokens that it classifies.
    """
    return requests_to_feature * output_per_request / TOKENS_PER_MILLION


def input_tokens(requests_to_feature, input_per_request) -> MillionTokens:
    """Millions of input tokens that the feature's model reads this month, with retries; cached tokens are included."""
    return requests_to_feature * input_per_request / TOKENS_PER_MILLION


def cached_tokens(requests_to_feature, cached_per_request) -> MillionTokens:
    """Millions of input tokens of the feature this month that the model takes from its cache."""
    return requests_to_feature * cached_per_request / TOKENS_PER_MILLION


def written_tokens(requests_to_feature, written_per_request) -> MillionTokens:
    """Millions of input tokens of the feature this month that are written into the model's cache."""
    return requests_to_feature * written_per_request / TOKENS_PER_MILLION


def wrong_share(right_share: Share = 1.0) -> Share:
    """Share of the feature's answers that are wrong.

    right_share: Share of the feature's answers that are right, as measured on examples that the model never saw.
    """
    return 1 - right_share


def correction_per_request(
    wrong_share, corrected_share: Share = 0.0, correction_price: MoneyPerRequest = 0.0
) -> MoneyPerRequest:
    """Cost of correcting wrong answers by people, per request to the feature.

    corrected_share: Share of the feature's wrong answers that people find and correct before they do harm.
    correction_price: Cost of finding and correcting one wrong answer by people.
    """
    return wrong_share * corrected_share * correction_price


def errors_left(requests_to_feature, wrong_share, corrected_share) -> Requests:
    """Requests to the feature this month whose answer is wrong and stays so."""
    return requests_to_feature * wrong_share * (1 - corrected_share)


def care_per_request(
    tools_per_request,
    correction_per_request,
    moderation_price: MoneyPerRequest = 0.0,
    review_share: Share = 0.0,
    review_price: MoneyPerRequest = 0.0,
    storage_price: MoneyPerRequest = 0.0,
) -> MoneyPerRequest:
    """Cost of one request to the feature besides tokens: moderation, review, corrections, storage, traffic and tools.

    moderation_price: Cost of moderating one request to the feature.
    review_share: Share of requests to the feature that people review.
    review_price: Cost of reviewing one request by people.
    storage_price: Cost of storage and traffic of one request to the feature.
    """
    return moderation_price + review_share * review_price + correction_per_request + storage_price + tools_per_request


def cost_per_finished_task(total_token_cost, total_care_cost, total_finished_tasks) -> MoneyPerRequest:
    """Cost of the feature this month, tokens and all else, per task that finishes; tasks that fail are included."""
    return np.where(total_finished_tasks > 0, (total_token_cost + total_care_cost) / total_finished_tasks, 0)
