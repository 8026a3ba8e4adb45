"""The assumptions of each kind of member that matter first, twelve at most, in the order in which a form shows them.

All others follow by topic, so a new line's assumption appears there by itself. The empty kind is the company.
"""

from simulator.lines import CHARGES

# The most that stand first, and how many of those below always do, whatever else a member states.
MOST, ALWAYS = 12, 4
ESSENTIALS = {
    "": (
        "opening_cash", "fixed_overhead", "tools_per_head", "grants", "tax_rate", "interest_on_cash", "market_size",
        "demand_level", "device_price_growth", "token_price_follows", "opening_cloud_credits", "revenue_multiple",
    ),
    "channel": ("budget", "cost_per_signup", "most_signups", "organic_signups"),
    "plan": (
        "price", "conversion", "share_of_signups", "churn", "launch_month", "requests_per_customer",
        "included_requests", "overage_price", "price_elasticity", "contract_months", "opening_customers", "payment_fee",
    ),
    "feature": (
        "tokens_per_request", "input_tokens_per_request", "cached_share", "reasoning_tokens", "steps", "step_failure",
        "use_share", "free_use_share", "tool_calls_per_step", "tool_price", "review_share", "review_price",
    ),
    "pool": (
        "vendor_share", "vendor_input_price", "vendor_output_price", "vendor_cache_discount", "device_price",
        "tokens_per_second", "peak_to_mean", "headroom", "fewest_devices", "reserved_devices", "device_power",
        "hours_per_month",
    ),
    "route": ("escalated_share", "moved_share"),
    "program": (
        "run_every", "first_run", "examples_per_run", "tokens_per_example", "epochs", "training_tokens_per_second",
        "training_device_price", "labelled_share", "label_price", "data_licence", "evaluation_price", "staff_price",
    ),
    "role": (
        "heads", "salary", "employer_load", "annual_raise", "customers_per_head", "quota", "ramp_months",
        "recruiting_fee", "support_share", "selling_share", "research_share", "bonus",
    ),
    "overhead": ("begins", "once", "monthly", "ends"),
    "round": (
        "amount", "close_month", "pre_money", "succeeds", "closing_cost", "options_after", "cash_trigger",
        "preference_multiple", "participating",
    ),
    "safe": (
        "investment", "signed_month", "valuation_cap", "conversion_discount", "post_money", "note_interest_rate",
        "maturity_months", "converts_at_maturity",
    ),
    "loan": (
        "principal", "drawn_month", "interest_rate", "interest_only", "months", "arrangement_fee", "warrant_coverage",
    ),
    "holder": ("shares", "set_aside"),
    "option_grant": ("options", "grant_month", "strike"),
    "event": (
        "starts", "lasts", "happens", "demand_factor", "conversion_factor", "price_factor", "token_price_factor",
        "device_price_factor", "funding_factor", "customers_lost", "cost_once", "cost_per_month",
    ),
    "hour": ("load",),
}  # fmt: skip
# What comes first as well where the member states it: all that a plan may charge for.
WHERE_STATED = {"plan": ("seat_price", "seats_per_customer", "requests_per_seat", *CHARGES)}
# What is asked for at once where that is stated: a price of seats says nothing without their number.
GOES_WITH = {"seat_price": ("seats_per_customer", "requests_per_seat")}
