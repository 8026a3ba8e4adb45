"""The response of customers that prices rest on, and other responses that it might really be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.answers.variations.sensitivity import HIGH_SHARE, LOW_SHARE, ends_of
from simulator.engine.model import Array
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

# How customers respond to a price, each as an elasticity.
RESPONSES = ("price_elasticity", "churn_elasticity", "usage_elasticity")
# An elasticity that is given without a range is tried lower and higher by these factors.
WRONG = (0.75, 1.25)


def responses_of(scenario: Scenario, plans: Sequence[str]) -> dict[str, Assumption]:
    """Return the elasticities of some plans by path."""
    return {f"plans.{plan}.{name}": scenario.assumption_of(name, plan) for plan in plans for name in RESPONSES}


def other_responses(scenario: Scenario, plans: Sequence[str]) -> list[tuple[float | None, Mapping[str, Array]]]:
    """Return the changes that set the elasticities of some plans otherwise, each with its quantile or None.

    Every uncertain elasticity is at P5 and at P95. Without any, all are lower and higher by a quarter; none where no
    response is assumed.
    """
    known = responses_of(scenario, plans)
    uncertain = {path: one for path, one in known.items() if one.is_uncertain}
    if uncertain:
        quantiles = LOW_SHARE, HIGH_SHARE
        return [(at, {path: ends_of(scenario, one, at) for path, one in uncertain.items()}) for at in quantiles]
    plain = {path: one for path, one in known.items() if one.base(scenario.months).any()}
    wrong = [{path: one.within(one.base(scenario.months) * by) for path, one in plain.items()} for by in WRONG]
    return [(None, case) for case in wrong if plain]
