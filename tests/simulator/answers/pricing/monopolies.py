"""Companies that pay a vendor by the token and nothing else, so that the best prices of a monopoly are known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

# A thousand requests of 2,000 tokens at 5 USD a million: each customer costs 10 USD a month.
COST = 10.0
COMPANY = """\
breakeven: 1
title: Monopoly
currency: USD
start: 2027-01
{head}
assumptions: {{opening_cash: 1000000, hours_per_month: 730, tax_rate: 0}}
channels:
  word: {{budget: 0, cost_per_signup: 1, most_signups: 1, organic_signups: {signups}}}
plans:
{plans}
features:
  answers: {{pool: vendor, tokens_per_request: 2000}}
pools:
  vendor: {{tokens_per_second: 1, device_price: 0, peak_to_mean: 1, vendor_share: 100%, {vendor}}}
"""
ELASTIC = "price: 30, price_elasticity: 2"


def text_of(
    plans: Mapping[str, str],
    signups: str = "100000",
    requests: str = "1000",
    vendor: str = "vendor_output_price: 5",
    head: str = "months: 6",
) -> str:
    """Return a company with these plans, which share the sign-ups, each with what its text says."""
    usual = f"conversion: 0.1%, share_of_signups: {1 / len(plans)}, requests_per_customer: {requests}"
    written = "\n".join(f"  {name}: {{{usual}, {plan}}}" for name, plan in plans.items())
    return COMPANY.format(plans=written, signups=signups, vendor=vendor, head=head)


def two_plans(one: str = ELASTIC, two: str = "price: 30, price_elasticity: 4", vendor: str = "5") -> str:
    """Return a company with two plans, each of which loses 5 % of its customers a month."""
    plans = {name: f"churn: 5%, {plan}" for name, plan in (("one", one), ("two", two))}
    return text_of(plans, vendor=f"vendor_output_price: {vendor}")


def made(*texts: str, **more: str) -> Scenario:
    """Return the scenario of a company with two plans."""
    return parse(two_plans(*texts, **more), Path(), "two.yaml")
