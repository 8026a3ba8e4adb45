"""A company whose only cost is an overhead, so that whoever reads a test can work out its cash by hand."""

from __future__ import annotations

from pathlib import Path

from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

# Costs of 10,000 a month and nothing else: cash at the end of a year is that of the start and the round less 120,000.
COMPANY = """\
breakeven: 1
title: Costs and a round
currency: USD
start: 2027-01
months: {months}
trials: {trials}
assumptions: {{opening_cash: {cash}, hours_per_month: 730, tax_rate: 0, fixed_overhead: {cost}}}
channels:
  word: {{budget: 0, cost_per_signup: 1, most_signups: 1, organic_signups: {signups}}}
plans:
  one: {{price: 30, conversion: 10%, share_of_signups: 100%, churn: 5%, requests_per_customer: 1000, {plan}}}
features:
  answers: {{pool: vendor, tokens_per_request: 2000}}
pools:
  vendor: {{tokens_per_second: 1, device_price: 0, peak_to_mean: 1, vendor_share: 100%, vendor_output_price: 5}}
rounds:
  seed: {{close_month: 2, amount: {amount}, pre_money: 5000000}}
"""


def made(**changes: object) -> Scenario:
    """Return the company, with some of its numbers replaced."""
    usual = {"months": 12, "trials": 400, "cash": 30_000, "cost": 10_000, "signups": 0, "plan": "", "amount": 50_000}
    text = COMPANY.format(**(usual | changes)).replace(", }", "}")
    return parse(text, Path(), "company.yaml")
