"""Names that a file gets wrong: the field that its writer meant, or none where that is a guess."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

# Two names that differ in a letter or two are this much alike; less alike ones mean different things.
ALIKE = 0.8

# What people write, and the field that says it, by kind of member; "" is the company.
SECTIONS = "sections"
MEANT: Mapping[str, Mapping[str, str]] = {
    SECTIONS: {
        "pricing": "plans",
        "tiers": "plans",
        "team": "roles",
        "staff": "roles",
        "people": "roles",
        "funding": "rounds",
        "investors": "rounds",
        "marketing": "channels",
        "models": "pools",
        "gpus": "pools",
        "devices": "pools",
        "products": "features",
        "training": "programs",
        "debt": "loans",
        "shareholders": "holders",
        "founders": "holders",
        "settings": "assumptions",
        "costs": "overheads",
        "notes": "safes",
        "convertible_notes": "safes",
        "grants": "option_grants",
        "options": "option_grants",
    },
    "": {
        "cash": "opening_cash",
        "tax": "tax_rate",
        "rent": "fixed_overhead",
        "overhead": "fixed_overhead",
        "opex": "fixed_overhead",
        "tam": "market_size",
        "initial_cash": "opening_cash",
        "starting_cash": "opening_cash",
        "corporate_tax": "tax_rate",
        "corporate_tax_rate": "tax_rate",
        "fiscal_year_start": "first_year_months",
        "fiscal_year": "first_year_months",
        "loss_carryforward": "opening_tax_losses",
        "fx_rate": "exchange_rate",
        "fx": "exchange_rate",
    },
    "channel": {
        "cac": "cost_per_signup",
        "cpa": "cost_per_signup",
        "spend": "budget",
        "signups": "organic_signups",
        "max_signups": "most_signups",
    },
    "plan": {
        "seats": "seats_per_customer",
        "customers": "opening_customers",
        "fee": "price",
        "monthly_price": "price",
        "requests": "requests_per_customer",
        "usage": "requests_per_customer",
        "churn_rate": "churn",
        "monthly_churn": "churn",
        "conversion_rate": "conversion",
        "elasticity": "price_elasticity",
        "annual": "prepaid_months",
        "term": "contract_months",
        "setup": "setup_fee",
        "price_per_seat": "seat_price",
        "price_per_task": "task_price",
        "free_trial": "trial_months",
        "trial_length": "trial_months",
        "trial_to_paid": "trial_conversion",
        "initial_customers": "opening_customers",
        "transaction_fee": "payment_fee_fixed",
        "stripe_fee": "payment_fee",
        "refund_rate": "refund_share",
        "launch": "launch_month",
        "starts": "launch_month",
        "prepaid": "prepaid_months",
        "billing": "prepaid_months",
        "payment_terms": "days_to_pay",
        "dso": "days_to_pay",
        "expansion": "seat_growth",
        "setup_price": "setup_fee",
        "upgrade_to": "share_of_upgrades",
        "vat": "vat_rate",
    },
    "feature": {
        "tokens": "tokens_per_request",
        "output_tokens": "tokens_per_request",
        "input_tokens": "input_tokens_per_request",
        "prompt_tokens": "input_tokens_per_request",
        "output_tokens_per_request": "tokens_per_request",
        "cache_hit_rate": "cached_share",
        "failure_rate": "step_failure",
        "retries": "most_tries",
        "max_retries": "most_tries",
        "tool_cost": "tool_price",
        "thinking_tokens": "reasoning_tokens",
        "accuracy": "right_share",
        "quality": "right_share",
        "tokens_per_step": "tokens_per_request",
    },
    "pool": {
        "price": "device_price",
        "gpu_price": "device_price",
        "throughput": "tokens_per_second",
        "power": "device_power",
        "devices": "fewest_devices",
        "gpus": "fewest_devices",
        "price_per_hour": "device_price",
        "gpus_per_replica": "devices_per_replica",
        "tensor_parallel": "devices_per_replica",
        "owned_gpus": "opening_owned_devices",
        "electricity_price": "power_price",
        "pue": "power_overhead",
        "purchase_price": "device_list_price",
    },
    "role": {
        "count": "heads",
        "headcount": "heads",
        "pay": "salary",
        "start": "heads",
        "wage": "salary",
        "payroll_tax": "employer_load",
        "social_security": "employer_load",
        "deals_per_month": "quota",
    },
    "round": {
        "month": "close_month",
        "valuation": "pre_money",
        "money": "amount",
        "raise": "amount",
        "option_pool": "options_after",
        "probability": "succeeds",
        "date": "close_month",
        "post_money": "pre_money",
    },
    "safe": {
        "month": "signed_month",
        "cap": "valuation_cap",
        "amount": "investment",
        "discount": "conversion_discount",
        "interest_rate": "note_interest_rate",
        "interest": "note_interest_rate",
        "maturity": "maturity_months",
    },
    "route": {"share": "escalated_share", "escalation_rate": "escalated_share", "moved": "moved_share"},
    "option_grant": {"month": "grant_month", "shares": "options"},
    "loan": {"month": "drawn_month", "term": "months", "amount": "principal", "rate": "interest_rate"},
    "event": {"month": "starts", "start": "starts", "duration": "lasts", "months": "lasts", "probability": "happens"},
    "program": {"tokens": "tokens_per_example", "every": "run_every", "mfu": "model_flops_utilisation"},
}


def meant_by(name: str, known: Collection[str], kind: str = "") -> str | None:
    """Return the known name that a wrong one stands for; None where nothing fits well.

    A common term stands for its field, a name with its kind for the one without, a name of several words for the only
    longer one that contains them all, and a misspelt name for the one that it nearly is.
    """
    meant = MEANT.get(kind, {}).get(name, name.removeprefix(f"{kind}_"))
    if meant in known:
        return meant
    words = set(name.split("_"))
    longer = [one for one in known if words < set(one.split("_"))]
    if len(longer) == 1 and len(words) > 1:
        return longer[0]
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=ALIKE)), None)
