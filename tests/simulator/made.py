"""Material for the simulator's tests: models of a few lines, and a small scenario with every form of value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from simulator.engine.model import Array, Line, Model, lines_of
from simulator.engine.run import Simulation
from simulator.engine.wiring import Members
from simulator.scenario.scenario import Scenario

KINDS = ("plan", "feature", "pool")


def lines(*functions: Callable[..., Any], per: str | tuple[str, ...] = (), topic: str = "made") -> list[Line]:
    """Return the lines of a module of these functions; a missing docstring is filled in."""
    module = ModuleType(topic)
    vars(module)["PER"] = per
    for function in functions:
        function.__module__ = topic
        function.__doc__ = function.__doc__ or f"The {function.__name__}."
        setattr(module, function.__name__, function)
    return lines_of(module)


def model(*functions: Callable[..., Any], per: str | tuple[str, ...] = ()) -> Model:
    """Return a model of these functions alone."""
    return joined(lines(*functions, per=per))


def joined(*groups: list[Line]) -> Model:
    """Return one model of the lines of several modules."""
    return Model([line for group in groups for line in group], KINDS)


def echo(name: str, first: str, returns: Any, second: str = "", kind: Any = None) -> Callable[..., Any]:
    """Return a line `name` that gives what it reads as `first`, times `second` of type `kind` if there is one."""
    scope: dict[str, Any] = {}
    signature, body = (f"{first}, {second}", f"{first} * {second}") if second else (first, first)
    exec(f"def {name}({signature}):\n    return {body}", scope)
    function = scope[name]
    function.__annotations__ = {"return": returns} | ({second: kind} if second else {})
    return function


def typed(name: str, parameter: str, unit: Any, returns: Any) -> Callable[..., Any]:
    """Return a line like `echo`, whose parameter declares a unit."""
    function = echo(name, parameter, returns)
    function.__annotations__[parameter] = unit
    return function


def simulation(made: Model, inputs: Mapping[str, Any], members: Members | None = None, months: int = 3) -> Simulation:
    """Return the model with numbers: a number for all, a list by member, or an array (months, members, trials)."""
    return Simulation(made, members or Members({}), {name: _stacked(value) for name, value in inputs.items()}, months)


def run(
    made: Model, inputs: Mapping[str, Any], members: Members | None = None, months: int = 3
) -> dict[str, list[list[float]]]:
    """Return every line as a list of months, each a list of members."""
    kept = simulation(made, inputs, members, months).keep()
    return {name: values[:, :, 0].tolist() for name, values in kept.items()}


def by_month(*numbers: float) -> Array:
    """Return an assumption of the company that differs by month."""
    return np.array(numbers, dtype=float)[:, None, None]


def company(values: Sequence[Sequence[float]]) -> list[float]:
    """Return the months of a company line, which has one member."""
    return [one for (one,) in values]


def _stacked(value: Any) -> Array:
    array = np.asarray(value, dtype=float)
    return array if array.ndim == 3 else array.reshape(1, -1, 1)


def shortened(scenario: Scenario, months: int) -> Scenario:
    """Return a scenario with fewer months, so that many runs of it stay quick."""
    return replace(scenario, settings=replace(scenario.settings, months=months))


def estimate(value: float, unit: str = "token/s") -> dict[str, Any]:
    """Return a metric of a record, known to within a tenth."""
    return {"value": value, "low": 0.9 * value, "high": 1.1 * value, "level": 0.95, "unit": unit, "runs": 3}


def case(rate: float, kind: str = "classify", metric: str = "tokens_per_second", **point: Any) -> dict[str, Any]:
    """Return one case of a record, with batch 8 unless said otherwise."""
    return {
        "kind": kind, "point": point or {"batch": 8}, "status": "ok", "why": None, "metrics": {metric: estimate(rate)},
        "memory": {}, "energy": None, "throttled": None, "samples": {},
    }  # fmt: skip


def measurement(*cases: dict[str, Any], name: str = "run") -> dict[str, Any]:
    """Return a record as its JSON holds it, measured on a CPU."""
    return {
        "format": "breakeven-measurement", "version": 2, "id": name, "created": "2026-11-20T10:00:00Z",
        "preset": "quick", "workload": {}, "device": {"kind": "cpu", "name": "Chip", "cores": 2}, "software": {},
        "ceiling": {}, "others": None, "cases": list(cases),
    }  # fmt: skip


SMALL = """\
# A company that fits on one screen, with every form that a value may take.
breakeven: 1
title: Small
currency: EUR
start: 2027-01
months: 14
trials: 50
seed: 3
cash_floor: 0

assumptions:
  # What the founders put in.
  opening_cash: 500000
  fixed_overhead: {value: {0: 3000, 6: 90% between 2000 and 5000}, unit: EUR}  # rent moves in month 6
  tax_rate:
    value: 20%
    unit: share
    source: the law
    as_of: 2026-11-09  # checked
  # A comment before the next one.
  loss_limit: {value: 100%}
  hours_per_month: {value: 730, unit: hour}
  # usage is the same for all plans
  usage_spread: 1.0

channels:
  search:
    title: Search
    budget: {value: {from: 2000, to: 8000, over: 6}}
    cost_per_signup: {value: {uniform: [40, 60]}}
    most_signups: 500
    organic_signups: {value: {start: 10, monthly_growth: 90% between 1% and 4%}, unit: user}

plans:
  basic:
    title: Basic
    price: {value: 50, unit: EUR/customer}
    reference_bill: 50
    price_elasticity: {lognormal: [0.8, 0.3]}
    conversion: {value: 90% between 5% and 10%, unit: customer/user}
    share_of_signups: 80%
    churn: {value: {pert: [3%, 5%, 9%]}}
    churn_spread: 0.1
    opening_customers: 40
    requests_per_customer: {value: {normal: [200, 30]}}
    included_requests: 250
    overage_price: 0.1
    payment_fee: 3%
  team:
    price: 400
    reference_bill: 400
    conversion: 5%
    share_of_signups: 20%
    churn: {value: {samples: [2%, 2%, 3%, 4%]}}
    requests_per_customer: 2000
    included_requests: 2500
    overage_price: 0.1

features:
  answers: {pool: large, tokens_per_request: {pert: [900, 1500, 3000]}}
  sorting: {pool: small, tokens_per_request: 800}

pools:
  large: {tokens_per_second: 900, device_price: 3, peak_to_mean: 2.5, headroom: 20%}
  small: {tokens_per_second: 1200, device_price: 0.1, peak_to_mean: 2.5}

programs:
  tune:
    runs: 1
    examples_per_run: 10000
    tokens_per_example: 500
    epochs: 3
    training_tokens_per_second: 5000
    step_to_run_factor: 1.2
    training_device_price: 3

roles:
  engineer: {heads: {0: 2, 5: 3}, opening_headcount: 2, salary: 90000, recruiting_fee: 10%, research_share: 100%}

rounds:
  seed: {close_month: 4, amount: 300000, closing_cost: 2%}

correlations:
  - [channels.search.cost_per_signup, plans.basic.conversion, 0.5]
"""


def changed(*replacements: tuple[str, str]) -> str:
    """Return the small scenario's text with replacements, each of which must be found."""
    text = SMALL
    for old, new in replacements:
        assert old in text, f"the small scenario does not contain {old!r}"
        text = text.replace(old, new, 1)
    return text
