"""Companies for the tests: one that has everything at once, others drawn at random, and single lines by themselves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from made import company, run

from simulator.engine.model import Input, Model
from simulator.engine.wiring import Members
from simulator.lines import FIXED, KINDS, PARTS_OF_ALL, PARTS_OF_EACH, business
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

LISTED = tuple(kind for kind in KINDS if kind not in FIXED)
MOST = {"plan": 3, "pool": 2, "feature": 2, "channel": 2, "program": 2, "role": 3}
PARTS = {name for names in (*PARTS_OF_EACH.values(), *PARTS_OF_ALL.values()) for name in names}
# Highest drawn values of assumptions without an upper limit, by unit; other units stay at or below two.
TYPICAL = {
    "EUR": 1e5, "EUR/user": 60, "EUR/customer": 200, "EUR/seat": 30, "EUR/request": 0.05, "EUR/Mtoken": 5,
    "EUR/device/hour": 4, "EUR/device": 30_000, "EUR/hour/kW": 0.2, "EUR/example": 1, "EUR/run": 5_000,
    "EUR/head": 800, "EUR/head/year": 120_000, "user": 2_000, "customer": 100, "customer/head": 10,
    "seat/customer": 6, "request/customer": 500, "token/request": 3_000, "device": 4, "token/device/s": 3_000,
    "token/run": 1e9, "parameter": 1e9, "FLOP/device/s": 1e15, "example": 1e5, "example/run": 1e4,
    "token/example": 500, "head": 5, "stock": 1e6, "month": 20, "s/token": 0.05, "s/request": 5, "s": 60,
    "EUR/call": 0.02, "token/call": 2_000, "token/s/unit": 100, "EUR/hour/unit": 5,
}  # fmt: skip
# States whose opening value the lines give: no scenario starts elsewhere.
STATES = {
    f"opening_{name}"
    for name in (
        *("stay_index", "contracts_signed", "survival", "contract_survival", "closed", "months_ahead"),
        *("device_price_trend", "pay_level", "devices_signed", "tax_written_off"),
    )
}


# Starts of tiers that must not lie below another's, so a drawn number would often be refused.
RISING = {"tier_2_starts", "tier_3_starts"}


def yaml(literal: Any) -> str:
    """Return a literal as a scenario writes it."""
    if isinstance(literal, Mapping):
        return "{" + ", ".join(f"{key}: {yaml(value)}" for key, value in literal.items()) + "}"
    return "[" + ", ".join(map(yaml, literal)) + "]" if isinstance(literal, list) else str(literal)


def written(members: Mapping[str, Mapping[str, Mapping[str, Any]]], top: Mapping[str, Any], **head: Any) -> str:
    """Return the text of a scenario: `members` by kind and name, `top` for all, `head` as settings."""
    settings = {"breakeven": 1, "title": "Drawn", "currency": "EUR", "start": "2027-01", **head}
    lines = [f"{key}: {value}" for key, value in settings.items()]
    sections = {"assumptions": top} | {f"{kind}s": named for kind, named in members.items() if named}
    for section, entries in sections.items():
        lines.append(f"{section}:")
        lines += [f"  {name}: {yaml(entry)}" for name, entry in entries.items()]
    return "\n".join(lines) + "\n"


@st.composite
def company_texts(draw: st.DrawFn, fewest: int = 10, most: int = 60) -> str:
    """Return a scenario of random members, with random numbers for all that is required and some of the rest.

    Between `fewest` and `most` optional assumptions are given.
    """
    members: dict[str, dict[str, dict[str, Any]]] = {
        kind: {f"{kind}{place}": {} for place in range(draw(st.integers(0, MOST.get(kind, 1))))} for kind in LISTED
    }
    if not members["pool"]:
        members["feature"] = {}
    if not members["feature"]:
        members["route"] = {}
    for pointing in (*members["feature"].values(), *members["route"].values()):
        pointing["pool"] = draw(st.sampled_from(sorted(members["pool"])))
    for route in members["route"].values():
        route["feature"] = draw(st.sampled_from(sorted(members["feature"])))
    top: dict[str, Any] = {"hours_per_month": 730}
    places = [(top, needed, 1) for needed in business().inputs.values() if not needed.home]
    places += [
        (member, needed, len(members[needed.home[0]]))
        for needed in business().inputs.values()
        for member in members.get("".join(needed.home), {}).values()
        if needed.name not in top
    ]
    places = [place for place in places if place[1].name not in STATES | RISING]
    chosen = draw(st.sets(st.integers(0, len(places) - 1), min_size=min(fewest, len(places)), max_size=most))
    for number, (holder, needed, parts) in enumerate(places):
        if needed.default is None or needed.name in EXPECTED or number in chosen:
            holder[needed.name] = literal(needed, parts, draw(CHOICES))
    _agree(members)
    months, seed = draw(st.integers(14, 26)), draw(st.integers(0, 99))
    return written(members, top, second_currency="USD", months=months, seed=seed)


def _agree(members: Mapping[str, Mapping[str, dict[str, Any]]]) -> None:
    """Remove routes that lead nowhere and terms of rounds that may rule each other out; cap notes that convert."""
    for name, route in list(members["route"].items()):
        if members["feature"][route["feature"]]["pool"] == route["pool"]:
            del members["route"][name]
    for terms in members["round"].values():
        for name in ("options_added", "participation_cap"):
            terms.pop(name, None)
    for terms in members["safe"].values():
        if "converts_at_maturity" in terms:
            terms["valuation_cap"] = 1_000_000


# What a member must say although it has a default: how much a plan is used, how many sign-ups buy it, who stays when a
# price goes from 0 to more, and who buys after a free trial; the price of a channel's sign-ups; the rate, price and
# peaks of a pool's devices.
EXPECTED = (
    *("requests_per_customer", "conversion", "stay_when_charged", "trial_conversion", "cost_per_signup"),
    *("most_signups", "tokens_per_second", "device_price", "peak_to_mean", "training_tokens_per_second"),
)
# The form of a literal, two places between the lowest and the highest number, and a month.
CHOICES = st.tuples(st.sampled_from(("number", "range", "steps")), *[st.integers(0, 40)] * 2, st.integers(1, 12))


def literal(needed: Input, parts: int, choice: tuple[str, int, int, int]) -> Any:
    """Return a legal value of an assumption: a number, a range, or a step if it may change by month."""
    quantity = needed.quantity
    assert quantity is not None
    low = 0.0 if quantity.low is None else quantity.low
    high = quantity.high if quantity.high is not None else TYPICAL.get(quantity.text("EUR").removesuffix("/month"), 2.0)
    if needed.name in PARTS:
        high = 1 / max(3, parts)
    form, *places, month = choice
    one, other = (round(low + (high - low) * place / 40, 9) for place in places)
    # An opening value is one number.
    if form == "steps" and not quantity.steady and not needed.name.startswith("opening_"):
        return {0: one, month: other}
    return {"uniform": sorted((one, other))} if form == "range" and one != other else one


def everything(folder: Path, **head: Any) -> Scenario:
    """Return a company that has something of every kind, and most of what a scenario can say."""
    text = EVERYTHING
    for key, value in head.items():
        text = f"{key}: {value}\n{text}"
    return parse(text, folder, "everything.yaml")


EVERYTHING = """\
breakeven: 1
title: Everything at once
start: 2027-01
second_currency: EUR
assumptions:
  exchange_rate: {value: {walk: 1.1, monthly_volatility: 3%}, unit: USD/EUR}
  opening_cash: 800000
  hours_per_month: 730
  tax_rate: 21%
  loss_limit: 80%
  loss_threshold: 20000
  first_year_months: 8
  tax_life: 36
  input_vat_rate: 15%
  vat_every: 3
  opening_vat_payable: 400
  research_credit_rate: 6%
  bonus_depreciation: 40%
  interest_on_cash: 3%
  days_payable: 30
  fixed_overhead: {value: 8000, unit: EUR/month}
  grants: {0: 0, 6: 20000, 7: 0}
  dividends: {0: 0, 20: 5000}
  credits_granted: {0: 100000, 1: 0}
  credits_expire: 12
  market_size: 200000
  innovation: 0.1%
  imitation: 0.15
  opening_receivables: 7000
  opening_payables: 5000
  opening_tax_payable: 3000
  feedback_share: 5%
  consent: 60%
  conversion_sensitivity: 1
  churn_sensitivity: 0.1
  quality_at_start: 70%
  device_price_growth: -1%
  token_price_follows: 60%
channels:
  search: {budget: 20000, cost_per_signup: {uniform: [30, 50]}, most_signups: 900, organic_signups: 30}
  press: {budget: {0: 0, 5: 8000}, cost_per_signup: 80, most_signups: 200}
plans:
  free: {price: 0, conversion: 30%, share_of_signups: 60%, churn: 20%, requests_per_customer: 20, requests_cap: 50,
    upgrade_rate: 2%, opening_customers: 300}
  team: {price: 40, seat_price: 15, seats_per_customer: 4, seat_growth: 1%, reference_bill: 100,
    price_elasticity: 0.8, conversion: 6%, share_of_signups: 30%, share_of_upgrades: 80%, churn: {uniform: [3%, 6%]},
    churn_spread: 0.2, contract_months: 12, prepaid_months: 12, requests_per_customer: 300, included_requests: 400,
    overage_price: 0.05, discount: 5%, refund_share: 2%, payment_fee: 3%, bad_debt_share: 1%, days_to_pay: 20,
    payment_fee_fixed: 0.3, refund_on_leaving: 60%, trial_months: 2, trial_conversion: 40%, opening_trial_users: 6,
    setup_fee: 50, vat_rate: 19%, opening_customers: 20, opening_deferred_revenue: 4000}
  api: {price: 0, conversion: 2%, share_of_signups: 10%, share_of_deals: 70%, share_of_upgrades: 20%, churn: 2%,
    requests_per_customer: 6000, top_tenth_share: 70%, commitment: 200, tier_starts: 500, tier_discount: 30%,
    launch_month: 2, tier_2_starts: 900, tier_2_discount: 45%, tier_3_starts: 2000, tier_3_discount: 60%,
    output_price: 8, input_price: 2, cached_price: 0.5, task_price: 0.001, credits_per_customer: 30,
    credit_use: 40%, breakage: 10%, follows_tokens: 50%, days_to_pay: 45, royalty_share: 2%, commission_share: 10%,
    service_fee: 20, tuning_fee: 10, vat_rate: 7%, vat_included: 1, opening_credit_balance: 1000}
features:
  answers: {pool: large, tokens_per_request: {pert: [400, 700, 1500]}, input_tokens_per_request: 3000,
    cached_share: 50%, retry_share: 4%, moderation_price: 0.0001, review_share: 1%, review_price: 0.2}
  sorting: {pool: small, tokens_per_request: 300, use_share: 80%, free_use_share: 20%, input_tokens_per_request: 900,
    steps: 3, steps_spread: 0.7, step_failure: {uniform: [2%, 6%]}, most_tries: 2, context_growth: 200,
    reasoning_tokens: 100, cached_share: 40%, cache_write_share: 30%, cache_lifetime: 20, first_token_seconds: 0.5,
    seconds_per_token: 0.02, tool_calls_per_step: 1, tool_seconds: 3, tool_price: 0.00002, length_spread: 0.8}
  sorting-again: {pool: large, tokens_per_request: 500}
routes:
  doubtful: {pool: small, feature: sorting-again, escalated_share: 10%}
pools:
  large: {tokens_per_second: 900, device_price: 3, spot_share: 30%, spot_price: 1.2, spot_lost_share: 10%,
    reserved_devices: {0: 1, 2: 3, 5: 1}, reserved_term: 4, reserved_price: 1.9,
    wanted_devices: {0: 0, 3: 2, 15: 4}, device_list_price: 30000,
    economic_life: 10, book_life: 14, residual_share: 15%, opening_owned_devices: 1, opening_equipment: 9000,
    device_power: 1, power_price: 0.15, hosting_price: 120, peak_to_mean: 2.5, headroom: 20%, grid_carbon: 0.3,
    lent_to_training: 50%, opening_device_age: 3, devices_per_replica: 2, cost_of_capital: 12%,
    token_latency_alone: 0.01, token_latency_limit: 0.05, seconds_per_request: 4, benchmark_input_per_output: 1}
  small: {tokens_per_second: 1200, device_price: 0.1, peak_to_mean: 2.5, vendor_share: 40%, vendor_output_price: 0.6,
    vendor_input_price: 0.1, optimised_from: 8, throughput_factor: 1.5, optimisation_price: 9000, quality_price: 1%,
    vendor_batch_share: 30%, vendor_batch_discount: 50%, vendor_threshold: 800, vendor_long_input: 2,
    vendor_long_output: 1.5, vendor_call_fee: 0.0001, vendor_write_premium: 25%, vendor_hour_premium: 1,
    vendor_hour_share: 20%, vendor_reserved_units: 1, vendor_unit_rate: 4, vendor_unit_price: 0.01}
programs:
  tune: {run_every: 3, examples_per_run: 20000, tokens_per_example: 600, epochs: 3, training_tokens_per_second: 5000,
    step_to_run_factor: 1.2, failed_share: 30%, training_device_price: 3, labelled_share: 5%, label_price: 1,
    refreshes_model: 1, capitalised_share: 40%, model_life: 6, opening_model_assets: 6000, teacher_tokens: 1e8,
    teacher_price: 4, evaluation_price: 800, data_licence: 500}
  base: {runs: {0: 0, 4: 1, 5: 0}, parameters: 1e9, pretraining_tokens: 2e10, training_device_price: 2.5}
roles:
  engineer: {heads: {0: 2, 5: 3}, opening_headcount: 2, salary: 120000, annual_raise: 4%, employer_load: 20%,
    bonus: 5%, recruiting_fee: 10%, research_share: 90%, stock_award: 20000}
  seller: {heads: 1, opening_headcount: 1, salary: 90000, selling_share: 100%, quota: 1.5, ramp_months: 3}
  supporter: {heads: 0, opening_headcount: 0, salary: 50000, support_share: 100%, customers_per_head: 150}
overheads:
  audit: {begins: 3, once: 12000, monthly: 900, ends: 30}
rounds:
  seed: {close_month: 5, amount: 900000, closing_cost: 2%, pre_money: 5000000}
  bridge: {close_month: 1000, cash_trigger: 200000, amount: 400000}
safes:
  angel: {signed_month: 1, investment: 100000, valuation_cap: 4000000, opening_safe_balance: 50000}
  bridge: {signed_month: 6, investment: 80000, note_interest_rate: 8%, compound_interest: 1, maturity_months: 5}
loans:
  venture: {drawn_month: 6, principal: 300000, interest_rate: 11%, interest_only: 3, months: 15, arrangement_fee: 1%,
    warrant_coverage: 5%, opening_debt: 20000}
holders:
  founders: {shares: 8000000}
  pool: {shares: 1000000, set_aside: 1}
option_grants:
  staff: {grant_month: 2, options: 300000, strike: 0.1}
events:
  outage: {starts: 9, lasts: 1, happens: {chance: 40%}, customers_lost: 8%, cost_once: 15000}
  rival: {starts: {uniform: [8, 16]}, frontier_gain: 0.1, price_factor: 0.9, demand_factor: 0.8, credits_lost: 20%}
"""


def alone(names: tuple[str, ...], inputs: Mapping[str, Any], months: int = 1) -> dict[str, list[float]]:
    """Return these lines of the business by month, run without the others, for one member of every kind."""
    made = Model([business().lines[name] for name in names], KINDS)
    result = run(made, inputs, Members(dict.fromkeys(KINDS, ("one",))), months)
    return {name: company(values) for name, values in result.items()}
