"""The business: a room is a part of it, a module a topic, and each public function a line of the monthly model.

A new line or module is found without being registered. Rooms import `simulator.engine` and `simulator.errors` alone.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from simulator.engine.model import Model, lines_of

# Months that a line may read beside its own; windows on several are for key figures.
MONTHS = ("last", "first", "past")
# Kinds of members that a founder lists; a scenario lists each under its plural, such as `plans`.
MEMBERS = {
    "channel": "A way to win sign-ups by spending, such as search ads or conferences.",
    "plan": "A pricing plan that customers buy; it may be free.",
    "feature": "Something that the product does with a model: what one request to it takes.",
    "pool": "One model on one kind of device, or at a vendor, that serves features.",
    "route": "A share of the requests to one pool that another feature answers, again or instead.",
    "program": "A model in the making: training runs, their data and their cost.",
    "role": "People who do the same work, with their pay.",
    "overhead": "A cost of running the company that has a course of its own.",
    "round": "A priced round of funding.",
    "safe": "A SAFE or a convertible note: money now for shares of the next priced round.",
    "loan": "Venture debt.",
    "holder": "A holder of shares before the first month.",
    "option_grant": "Options granted to staff out of the pool.",
    "event": "Something that happens to the company, by date or by chance.",
    "hour": "An hour of the day, h00 to h23, with the relative load of the pools.",
}
KINDS = tuple(MEMBERS)

# Kinds whose members are the same in every scenario, which may only add numbers to them.
FIXED = {"hour": tuple(f"h{hour:02}" for hour in range(24))}

# Shares of one whole, whose sum may not exceed 1: of a role's own time, or of something that all plans divide.
PARTS_OF_EACH = {"role": ("support_share", "selling_share", "research_share")}
PARTS_OF_ALL = {"plan": ("share_of_signups", "share_of_deals", "share_of_upgrades")}

# All that a plan may charge for; the first that it charges counts as its price.
CHARGES = (
    "price", "seat_price", "commitment", "output_price", "input_price", "credits_per_customer", "service_fee",
    "cached_price", "task_price", "overage_price", "tuning_fee", "setup_fee",
)  # fmt: skip

# The prices and the use of a plan at which its conversion and churn hold as stated, each with the line whose value in a
# file's first month it is where the file does not state it.
REFERENCES = {
    "reference_bill": "comparable_bill",
    "reference_request_price": "comparable_request_price",
    "reference_requests": "expected_use",
    "reference_seats": "starting_seats",
}
# The elasticities of a plan without which a reference has no effect.
RESPONSES = {
    "reference_bill": ("price_elasticity", "churn_elasticity"),
    "reference_request_price": ("usage_elasticity",),
    "reference_requests": ("price_elasticity", "churn_elasticity"),
    "reference_seats": ("price_elasticity", "churn_elasticity"),
}


# What a default means, where its number only stands for something.
DEFAULT_WORDS = {
    "requests_cap": "no limit",
    "included_requests": "all requests",
    **dict.fromkeys(("tier_starts", "tier_2_starts", "tier_3_starts"), "no such tier"),
    "opening_deferred_revenue": "derived from opening customers",
    "opening_headcount": "as in the first month",
    "opening_ramped_heads": "all who are there",
    **dict.fromkeys(("credits_expire", "optimised_from", "ends"), "never"),
    "lasts": "to the end",
    "opening_age_spread": "as old as they can be",
    **dict.fromkeys(("valuation_cap", "participation_cap"), "no cap"),
    "token_latency_limit": "no limit",
    "maturity_months": "never due",
    "cash_trigger": "no trigger",
    **dict.fromkeys(REFERENCES, "as in the first month"),
}


@cache
def business() -> Model:
    """Return the model of every line in this package; raise ModelError if lines or their units do not fit."""
    modules = [import_module(found.name) for found in pkgutil.walk_packages(__path__, f"{__name__}.")]
    model = Model([line for module in modules for line in lines_of(module)], KINDS)
    model.check(model.lines, MONTHS)
    return model


@cache
def needed_pointers() -> tuple[tuple[str, str], ...]:
    """Return the pairs of kinds of which the first must point at the second, since a line reads along the pointer."""
    model = business()
    pairs = set()
    for name, reads in model.reads.items():
        per = model.lines[name].per
        for read in reads:
            if read.over == "total" and read.source not in model.groups:
                source = model.per(read.source)
                pairs |= {(source[-1], kind) for kind in per if kind not in source}
            elif read.over in KINDS and read.over not in per:
                pairs.add((per[-1], read.over))
    return tuple(sorted(pairs))
