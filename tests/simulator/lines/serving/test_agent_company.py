"""A company that sells an agent by the finished task, rebuilt from single tasks."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from simulated_tasks import Agent, near, simulate

from simulator.answers.customers.deciles import deciles
from simulator.answers.draws import trials_of
from simulator.answers.ledger import Ledger
from simulator.answers.pricing.priced import price_of
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

AGENT = Agent(
    steps=10, steps_spread=0.6, step_failure=0.12, most_tries=2, tokens_per_request=300, reasoning_tokens=700,
    input_tokens_per_request=4000, context_growth=1200, tool_calls_per_step=2, tool_price=0.004,
)  # fmt: skip
CUSTOMERS, REQUESTS = 50, 40
NONE: Mapping[str, Any] = {}
TASK_PRICE, OUTPUT, INPUT = 2.5, 12.0, 3.0


def company(agent: Agent = AGENT, *, ranges: Mapping[str, Any] = NONE, **plan: Any) -> Scenario:
    """Return a company with fifty customers who each ask an agent for forty tasks a month; a vendor serves them.

    `ranges` replace fields of the agent.
    """
    sold = {"price": 0, "conversion": 0, "churn": 0, "requests_per_customer": REQUESTS, "opening_customers": CUSTOMERS}
    vendor = {"vendor_share": 1, "vendor_output_price": OUTPUT, "vendor_input_price": INPUT}
    members = {
        "plan": {"one": {**sold, "task_price": TASK_PRICE, **plan}},
        "feature": {
            "agent": {"pool": "vendor", "tokens_per_request": agent.tokens_per_request, **agent.given(), **ranges}
        },
        "pool": {"vendor": {"tokens_per_second": 1, "device_price": 0, "peak_to_mean": 1, **vendor}},
    }
    top = {"opening_cash": 1e6, "hours_per_month": 730, "tax_rate": 0}
    return parse(written(members, top, months=3), Path(), "agent.yaml")


def first_month(scenario: Scenario) -> dict[str, float]:
    """Return each line of the first month, summed over its members."""
    return {name: float(values[0].sum()) for name, values in Ledger.of(scenario).lines.items()}


def test_a_plan_with_a_ten_step_agent_is_the_sum_of_its_tasks():
    """300,000 tasks give tokens, calls, tools, what the vendor bills, what customers pay, and the margin."""
    found, tasks = first_month(company()), simulate(AGENT, 300_000)
    cost = (tasks.output * OUTPUT + tasks.input * INPUT) / 1e6
    simulated = {
        "output_tokens": tasks.output / 1e6, "input_tokens": tasks.input / 1e6, "model_calls": tasks.calls,
        "finished_tasks": tasks.finished, "vendor_cost": cost, "inference_cost": cost, "request_care": tasks.tools,
        "revenue": TASK_PRICE * tasks.finished, "plan_margin": TASK_PRICE * tasks.finished - cost - tasks.tools,
        "gross_profit": TASK_PRICE * tasks.finished - cost - tasks.tools,
    }  # fmt: skip
    asked = CUSTOMERS * REQUESTS
    assert found["requests"] == pytest.approx(asked)
    assert [name for name, one in simulated.items() if not near(found[name] / asked, one)] == []
    share = tasks.finished.mean()
    assert found["cost_per_finished_task"] == pytest.approx((cost + tasks.tools).mean() / share, rel=0.005)
    assert found["price_per_finished_task"] == pytest.approx(TASK_PRICE)


def test_a_fee_counts_in_what_a_finished_task_brings():
    """Fees and finished tasks together, over all tasks that finish."""
    found = first_month(company(price=100))
    assert found["price_per_finished_task"] == pytest.approx(
        TASK_PRICE + 100 * CUSTOMERS / found["finished_tasks"], rel=1e-12
    )


def test_resolutions_at_99_cents():
    """Of 2,000 conversations at 0.99 a resolution, half of which are resolved, 990 are due; a failed one is free."""
    support = Agent(tokens_per_request=400, step_failure=0.5)
    found = first_month(company(support, task_price=0.99))
    assert found["finished_tasks"] == pytest.approx(1000)
    assert found["revenue"] == pytest.approx(990)
    spent = found["inference_cost"] + found["request_care"]
    assert found["margin_per_finished_task"] == pytest.approx((990 - spent) / 1000)


def test_a_plan_may_charge_for_some_finished_tasks():
    """A feature whose tasks come free brings nothing, and costs the same."""
    paid, some = (first_month(company().with_value("features.agent.charged_share", share)) for share in (1.0, 0.4))
    assert some["revenue"] == pytest.approx(0.4 * paid["revenue"])
    assert some["inference_cost"] == paid["inference_cost"]


def test_uncertain_failures_and_steps_run_through_to_the_chance_of_success():
    """Each trial has the success of its own steps and failures, by the closed form for that trial."""
    ranges = {"steps": {"pert": [4, 10, 20]}, "step_failure": {"uniform": [0.02, 0.2]}}
    drawn = trials_of(company(Agent(tokens_per_request=300), ranges=ranges), 200)
    lines = drawn.keep(("task_success",))["task_success"][0, 0]
    steps, failure = (drawn.inputs[name][0, 0] for name in ("steps", "step_failure"))
    assert lines == pytest.approx((1 - failure) ** steps)
    assert lines.std() > 0.05


def test_customers_pay_for_the_tokens_of_each_step_once():
    """A price by the token bills reasoning and the growing context, but no second try of a step."""
    agent = replace(AGENT, steps_spread=0, retry_share=0.5)
    found = first_month(company(agent, task_price=0, output_price=20, input_price=5))
    tasks = simulate(agent, 200_000)
    assert near(found["revenue"] / (CUSTOMERS * REQUESTS), (tasks.billed_output * 20 + tasks.billed_input * 5) / 1e6)


def test_a_plan_that_charges_for_finished_tasks_alone_is_not_free():
    """Its customers pay, so serving them is a cost of revenue, and the price of a task is the plan's price."""
    scenario = company()
    found = first_month(scenario)
    assert (found["free"], found["free_inference"]) == (0, 0)
    assert found["paid_inference"] > 0
    assert price_of(scenario, "one") == "task_price"


def test_heavy_users_pay_for_their_finished_tasks():
    """Each tenth of customers pays for its requests, times the share that finishes, times the price of a task."""
    scenario = company(usage_spread=1.2)
    tenths = deciles(Ledger.of(scenario), "one", 0)
    success = first_month(scenario)["finished_tasks"] / (CUSTOMERS * REQUESTS)
    assert tenths.revenue == pytest.approx(tenths.requests * success * TASK_PRICE)
    assert np.mean(tenths.revenue) == pytest.approx(REQUESTS * success * TASK_PRICE)


def test_a_discount_lowers_the_price_of_a_task():
    """The price level applies to outcomes as to all prices."""
    assert first_month(company(discount=0.2))["revenue"] == pytest.approx(0.8 * first_month(company())["revenue"])
