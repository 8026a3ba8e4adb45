"""Features, per feature: tokens of the model that one request takes, and its other costs."""

from simulator.engine.quantities import (
    TOKENS_PER_MILLION,
    Factor,
    MillionTokens,
    MillionTokensPerRequest,
    MoneyPerRequest,
    Requests,
    Share,
    TokensPerRequest,
)

PER = "feature"


def work_per_request(
    tokens_per_request: TokensPerRequest,
    input_tokens_per_request: TokensPerRequest,
    cached_share: Share,
    pool_input_weight: Factor = 0.25,
    pool_cached_weight: Factor = 0.025,
    retry_share: Share = 0.0,
) -> MillionTokensPerRequest:
    """Millions of weighted tokens that one request to the feature takes, including retries.

    An output token weighs 1, an input token a quarter and a cached input token a fortieth, unless the pool says
    otherwise. The quarter is the ratio by which Google's GKE splits a serving cost between output and input.
    """
    fresh = input_tokens_per_request * (1 - cached_share) * pool_input_weight
    cached = input_tokens_per_request * cached_share * pool_cached_weight
    # A retry repeats the whole request.
    return (tokens_per_request + fresh + cached) * (1 + retry_share) / TOKENS_PER_MILLION


def requests_to_feature(total_feature_requests) -> Requests:
    """Requests that reach the feature this month, over all plans."""
    return total_feature_requests


def output_tokens(requests_to_feature, tokens_per_request, retry_share) -> MillionTokens:
    """Millions of output tokens that the feature's model writes this month, with retries.

    For a feature that classifies and writes nothing, the tokens that it classifies.
    """
    return requests_to_feature * tokens_per_request * (1 + retry_share) / TOKENS_PER_MILLION


def input_tokens(requests_to_feature, input_tokens_per_request, retry_share) -> MillionTokens:
    """Millions of input tokens that the feature's model reads this month, with retries; cached tokens are included."""
    return requests_to_feature * input_tokens_per_request * (1 + retry_share) / TOKENS_PER_MILLION


def cached_tokens(input_tokens, cached_share) -> MillionTokens:
    """Millions of input tokens of the feature this month that the model takes from its cache."""
    return input_tokens * cached_share


def care_per_request(
    moderation_price: MoneyPerRequest = 0.0,
    review_share: Share = 0.0,
    review_price: MoneyPerRequest = 0.0,
    storage_price: MoneyPerRequest = 0.0,
) -> MoneyPerRequest:
    """Cost of one request to the feature besides tokens: moderation, human review, storage and traffic."""
    return moderation_price + review_share * review_price + storage_price
