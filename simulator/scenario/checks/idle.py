"""Values that change nothing, and use that costs nothing, because of another value of the same member."""

from __future__ import annotations

from collections.abc import Iterator

from profiling.errors import Phrase
from simulator.scenario.checks.contradictions import Contradiction
from simulator.scenario.checks.said import Said

# What has no effect while another value of the same kind of member stays at a number; "" is the company.
IDLE = (
    ("plan", "opening_age", "opening_customers", 0),
    *(("plan", name, "trial_months", 0) for name in ("trial_conversion", "opening_trial_users")),
    ("plan", "refund_on_leaving", "prepaid_months", 1),
    ("plan", "vat_included", "vat_rate", 0),
    ("plan", "overage_price", "included_requests", 1e12),
    *(("plan", name, "credits_per_customer", 0) for name in ("credit_use", "breakage")),
    *(("plan", f"{tier}_discount", f"{tier}_starts", 1e12) for tier in ("tier", "tier_2", "tier_3")),
    *(("feature", name, "steps", 1) for name in ("context_growth", "steps_spread")),
    ("feature", "most_tries", "step_failure", 0),
    *(("feature", name, "tool_calls_per_step", 0) for name in ("tool_price", "tool_seconds")),
    ("feature", "review_price", "review_share", 0),
    ("feature", "correction_price", "corrected_share", 0),
    ("feature", "corrected_share", "right_share", 1),
    ("pool", "vendor_batch_share", "vendor_batch_discount", 0),
    *(("pool", name, "vendor_reserved_units", 0) for name in ("vendor_unit_rate", "vendor_unit_price")),
    ("safe", "compound_interest", "note_interest_rate", 0),
    ("safe", "converts_at_maturity", "maturity_months", 0),
    ("round", "not_before", "cash_trigger", 0),
    ("role", "ramp_months", "quota", 0),
    ("", "loss_threshold", "loss_limit", 1),
)
# What is used for nothing while none of these has a price.
UNPRICED = (
    ("plan", "seats_per_customer", 1, ("seat_price", "requests_per_seat")),
    ("pool", "vendor_share", 0, ("vendor_input_price", "vendor_output_price", "vendor_call_fee")),
    ("pool", "spot_share", 0, ("spot_price",)),
    ("pool", "reserved_devices", 0, ("reserved_price",)),
    ("pool", "wanted_devices", 0, ("device_list_price",)),
    ("pool", "vendor_reserved_units", 0, ("vendor_unit_price",)),
    ("feature", "review_share", 0, ("review_price",)),
    ("feature", "corrected_share", 0, ("correction_price",)),
    ("feature", "tool_calls_per_step", 0, ("tool_price",)),
    ("program", "tokens_per_example", 0, ("training_device_price",)),
)


def idle(said: Said) -> Iterator[Contradiction]:
    """Yield stated values that change nothing, because what they belong to is not used."""
    for kind, name, decides, off in IDLE:
        for member in said.names(kind) if kind else (None,):
            one = said.of(name, member)
            if not one.is_default and one.line and not said.may_differ(decides, member, off):
                what = Phrase("it has no effect while {decides} is {off:g}", decides=decides, off=off)
                missing = "add `{decides}:` to {place}, or remove it" if member else "add `{decides}:`, or remove it"
                yield one.path, what, Phrase(missing, decides=decides, place=f"{kind}s.{member}")


def unpriced(said: Said) -> Iterator[Contradiction]:
    """Yield what is used and costs, or earns, nothing."""
    for kind, name, off, prices in UNPRICED:
        for member in said.names(kind):
            if said.most(name, member) > off and not any(said.may_differ(price, member, 0) for price in prices):
                free = (
                    "it costs nothing, since {named} is 0"
                    if len(prices) == 1
                    else "it costs nothing, since {named} are 0"
                )
                what = Phrase(free, named=" and ".join(prices))
                yield said.of(name, member).path, what, Phrase("add `{name}:`", name=prices[0])
