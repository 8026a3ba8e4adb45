"""Features, per feature: what one request takes of a model, and what it takes beside it."""

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
    """Tokens of one request, retries included, each kind at the weight of the work that it is.

    An output token weighs 1, an input token a quarter of it and a cached one a fortieth, unless the pool says
    otherwise. The quarter is the ratio with which Google's GKE splits a serving cost between the two.
    """
    fresh = input_tokens_per_request * (1 - cached_share) * pool_input_weight
    cached = input_tokens_per_request * cached_share * pool_cached_weight
    return (tokens_per_request + fresh + cached) * (1 + retry_share) / TOKENS_PER_MILLION


def requests_to_feature(total_feature_requests) -> Requests:
    """Requests that reach the feature, over all plans."""
    return total_feature_requests


def output_tokens(requests_to_feature, tokens_per_request, retry_share) -> MillionTokens:
    """Tokens that the feature's model writes, or classifies where it writes none."""
    return requests_to_feature * tokens_per_request * (1 + retry_share) / TOKENS_PER_MILLION


def input_tokens(requests_to_feature, input_tokens_per_request, retry_share) -> MillionTokens:
    """Tokens that it reads, cached ones included."""
    return requests_to_feature * input_tokens_per_request * (1 + retry_share) / TOKENS_PER_MILLION


def cached_tokens(input_tokens, cached_share) -> MillionTokens:
    """What of its input the model has read before, and keeps."""
    return input_tokens * cached_share


def care_per_request(
    moderation_price: MoneyPerRequest = 0.0,
    review_share: Share = 0.0,
    review_price: MoneyPerRequest = 0.0,
    storage_price: MoneyPerRequest = 0.0,
) -> MoneyPerRequest:
    """Moderation calls, people who review answers, storage and traffic, for one request."""
    return moderation_price + review_share * review_price + storage_price
