"""Material for the tests of warnings: a company with one of everything that a company needs, and what is told of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from companies import written

from simulator.scenario.reading import parse

TOP = {"hours_per_month": 730, "opening_cash": 1_000_000, "tax_rate": 0}
CHANNEL = {"budget": 1000, "cost_per_signup": 10, "most_signups": 1_000_000}
PLAN = {"price": 100, "conversion": 0.5, "share_of_signups": 1, "churn": 0.02, "requests_per_customer": 100}
FEATURE = {"pool": "large", "tokens_per_request": 1000}
POOL = {"tokens_per_second": 1000, "device_price": 2, "peak_to_mean": 2}
SELLER = {"heads": 1, "salary": 90_000, "opening_headcount": 1, "quota": 1}


def warned(top: Mapping[str, Any] | None = None, head: str = "", **sections: Mapping[str, Any]) -> list[str]:
    """Return the warnings about a company with one plan, channel, feature and pool, or with these instead."""
    usual = {"channel": {"ads": CHANNEL}, "plan": {"pro": PLAN}, "feature": {"chat": FEATURE}, "pool": {"large": POOL}}
    text = written({**usual, **sections}, {**TOP, **(top or {})}, months=24) + head
    return [warning.what for warning in parse(text, Path()).warnings]


def plan(**changes: Any) -> dict[str, Any]:
    """Return the plan with changes."""
    return {"pro": {**PLAN, **changes}}
