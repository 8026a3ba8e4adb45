"""A plan beside list prices of others in words, and as plain values: what `rivals --json` prints and a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from simulator.answers.pricing.rivals import FARTHEST, Rivals
from simulator.output.prices import Plain, Speaker


def sentence(found: Rivals, say: Speaker) -> str:
    """Return where the plan stands: among the list prices, among vendors' tokens, or that nothing can be compared."""
    currency = found.priced.scenario.currency
    if found.tokens is not None:
        tokens = found.tokens
        return say(
            "A million output tokens cost {own}: {cheaper} of {count} models of vendors cost less, and the median "
            "costs {median}.",
            own=say.quantity(tokens.own, currency),
            cheaper=say.quantity(tokens.cheaper, "1"),
            count=say.quantity(tokens.count, "1"),
            median=say.quantity(tokens.median, currency),
        )
    if not found.rows:
        return say("No list price is in a unit and currency in which this plan can be compared.")
    ratios = [row.ratio for row in found.rows]
    if len(ratios) == 1:
        share = say.quantity(ratios[0], "share")
        return say("The plan costs {share} of the list price of {name}.", share=share, name=found.rows[0].listed.name)
    return say(
        "The plan costs {low} to {high} of {count} list prices, each compared in the other's own unit.",
        low=say.quantity(float(np.min(ratios)), "share"),
        high=say.quantity(float(np.max(ratios)), "share"),
        count=say.quantity(len(ratios), "1"),
    )


def remarks(found: Rivals, say: Speaker) -> Iterator[str]:
    """Yield what a reader should know beside the comparison."""
    if found.rows:
        yield say(
            "A plan that charges otherwise is compared by its whole bill per seat, request or finished task. The "
            "products differ, and articles report these prices: check the vendor's own list."
        )
    if found.left_out:
        yield say(
            "Not compared, for their currency, their unit, or a price {times} times as high or as low: {names}.",
            times=say.quantity(FARTHEST, "1"),
            names=", ".join(one.name for one in found.left_out),
        )


def rivals_json(found: Rivals) -> dict[str, Any]:
    """Return the comparison as plain values; tokens are null for a plan that sells none."""
    tokens, say = found.tokens, Plain()
    return {
        "scenario": found.priced.scenario.title,
        "currency": found.priced.scenario.currency,
        "plan": found.priced.plan,
        "rows": [
            {"name": row.listed.name, "charge": row.listed.charge, "price": row.listed.price, "own": row.own,
             "ratio": row.ratio, "source": row.listed.source, "as_of": row.listed.as_of.isoformat()}
            for row in found.rows
        ],
        "tokens": None if tokens is None else {
            "own": tokens.own, "cheaper": tokens.cheaper, "count": tokens.count, "median": tokens.median,
            "as_of": tokens.as_of.isoformat(),
        },
        "left_out": [one.name for one in found.left_out],
        "sentence": sentence(found, say),
        "remarks": list(remarks(found, say)),
    }  # fmt: skip
