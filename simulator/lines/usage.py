"""Demand, per plan and feature: the tokens that customers of a plan make a feature process."""

from simulator.quantities import TOKENS_PER_MILLION, MillionTokens, TokensPerRequest

PER = ("plan", "feature")


def tokens_used(requests, feature_tokens_per_request: TokensPerRequest) -> MillionTokens:
    """Tokens that the feature's model processes for the plan's customers."""
    return requests * feature_tokens_per_request / TOKENS_PER_MILLION
