"""The engine against the same lines vectorised by hand: time and memory for 10,000 trials of the shipped plan."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from simulator.draws import draw
from simulator.model import Array
from simulator.numbers import plan_of
from simulator.plan import Plan
from simulator.reading import load

SCENARIO = Path(__file__).parents[1] / "scenarios" / "support-copilot.yaml"
TRIALS = 10_000
ROUNDS = 5
KEPT = ("cash", "revenue", "operating_income")


def by_engine(plan: Plan) -> dict[str, Array]:
    """The plan as the product runs it."""
    return plan.keep(KEPT)


def by_hand(inputs: Mapping[str, Array], months: int, pools: Array, trials: int) -> dict[str, Array]:
    """Every line of the shipped scenario written out, month by month over all trials, without an engine.

    `pools` gives the position of each feature's pool.
    """
    kept = {name: np.empty((months, 1, trials)) for name in KEPT}
    plans = inputs["price"].shape[1]
    arrivals, surviving = (np.empty((plans, trials, months)) for _ in range(2))
    survival, customers = np.ones((plans, 1)), inputs["opening_customers"][0]
    heads_before, losses, cash = (
        inputs["opening_headcount"][0],
        inputs["opening_tax_losses"][0],
        inputs["opening_cash"][0],
    )
    for month in range(months):
        at = {name: values[month if len(values) > 1 else 0] for name, values in inputs.items()}
        signups, marketing = _acquisition(at)
        survival = _survival(at, month, survival)
        conversion = np.minimum(at["conversion"] * (at["price"] / at["reference_price"]) ** -at["price_elasticity"], 1)
        new = signups * at["share_of_signups"] * conversion
        arrivals[..., month], surviving[..., month] = new, survival
        customers_before = customers
        customers = (
            np.vecdot(arrivals[..., : month + 1], surviving[..., month::-1]) + at["opening_customers"] * survival
        )
        _churned = customers_before + new - customers
        income, fees, requests = _sales(at, customers)
        rent = _serving(at, requests, pools)
        training = _training(at)
        pay, recruiting, heads_before = _people(at, month, heads_before)
        support, selling, research = (pay * at[f"{name}_share"] for name in ("support", "selling", "research"))
        general = pay * (1 - at["support_share"] - at["selling_share"] - at["research_share"])
        overhead = heads_before.sum(axis=0) * at["tools_per_head"] + at["fixed_overhead"]
        cost_of_revenue = fees + rent + support.sum(axis=0)
        expenses = (
            (marketing + selling.sum(axis=0))
            + (training + research.sum(axis=0))
            + (overhead + recruiting.sum(axis=0) + general.sum(axis=0))
        )
        operating = (income - cost_of_revenue) - expenses
        _costs = cost_of_revenue + expenses
        used = np.minimum(losses, np.maximum(operating, 0) * at["loss_limit"])
        losses = losses - used + np.maximum(-operating, 0)
        tax = (np.maximum(operating, 0) - used) * at["tax_rate"]
        raised = np.where(month == at["close_month"], at["amount"] * (1 - at["closing_cost"]), 0).sum(axis=0)
        cash = cash + operating - tax + raised
        kept["cash"][month], kept["revenue"][month], kept["operating_income"][month] = cash, income, operating
    return kept


def _acquisition(at: Mapping[str, Array]) -> tuple[Array, Array]:
    paid = at["most_signups"] * (1 - np.exp(-at["budget"] / (at["cost_per_signup"] * at["most_signups"])))
    return (paid + at["organic_signups"]).sum(axis=0), at["budget"].sum(axis=0)


def _survival(at: Mapping[str, Array], month: int, before: Array) -> Array:
    if month == 0:
        return np.ones_like(at["churn"])
    age = at["churn_spread"] * (month - 1)
    return before * (1 - at["churn"] + age) / (1 + age)


def _sales(at: Mapping[str, Array], customers: Array) -> tuple[Array, Array, Array]:
    usage, included, spread = at["requests_per_customer"], at["included_requests"], at["usage_spread"]
    distance = np.log(usage / included) / spread
    over = usage * ndtr(distance + spread / 2) - included * ndtr(distance - spread / 2)
    income = customers * at["price"] + customers * over * at["overage_price"]
    return income.sum(axis=0), (income * at["payment_fee"]).sum(axis=0), customers * usage


def _serving(at: Mapping[str, Array], requests: Array, pools: Array) -> Array:
    tokens = requests[:, None] * at["tokens_per_request"] / 1e6
    capacity = at["tokens_per_second"] * 3600 * at["hours_per_month"] / 1e6
    served = np.stack([tokens[:, pools == pool].sum(axis=(0, 1)) for pool in range(len(capacity))])
    needed = served * at["peak_to_mean"] * (1 + at["headroom"]) / capacity
    devices = np.maximum(at["fewest_devices"], np.ceil(needed))
    rent = devices * at["device_price"] * at["hours_per_month"]
    _utilisation = np.where(devices > 0, served / (devices * capacity), 0)
    _cost_per_million = np.where(served > 0, rent / served, 0)
    return np.asarray(rent.sum(axis=0))


def _training(at: Mapping[str, Array]) -> Array:
    examples = at["runs"] * at["examples_per_run"]
    seconds = examples * at["tokens_per_example"] * at["epochs"] / at["training_tokens_per_second"]
    hours = seconds / 3600 * at["step_to_run_factor"] * (1 + at["failed_share"])
    labels = examples * at["labelled_share"] * at["label_price"]
    return np.asarray((hours * at["training_device_price"] + labels).sum(axis=0))


def _people(at: Mapping[str, Array], month: int, heads_before: Array) -> tuple[Array, Array, Array]:
    yearly = at["salary"] * (1 + at["annual_raise"]) ** (month // 12)
    pay = at["heads"] * yearly / 12 * (1 + at["employer_load"])
    hired = np.maximum(at["heads"] - heads_before, 0)
    return pay, hired * yearly * at["recruiting_fee"], at["heads"]


def best_of(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The shortest seconds of each work, run in turns so that a slow moment of the machine hits all of them."""
    shortest = [float("inf")] * len(works)
    for _ in range(rounds):
        for place, work in enumerate(works):
            before = time.perf_counter()
            work()
            shortest[place] = min(shortest[place], time.perf_counter() - before)
    return shortest


def peak_bytes(work: Callable[[], object]) -> int:
    """The most memory that the work held at once, beyond what was there before."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def main() -> None:
    """Check that both give the same numbers, then print the ratio of their times and their memory."""
    scenario = load(SCENARIO)
    plan = plan_of(scenario, draw(scenario, TRIALS))
    pools = np.array(scenario.members.pointers["feature", "pool"])

    def engine() -> dict[str, Array]:
        return by_engine(plan)

    def hand() -> dict[str, Array]:
        return by_hand(plan.inputs, scenario.months, pools, plan.trials)

    ours, theirs = engine(), hand()
    for name in KEPT:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, atol=1e-6)
    engine_seconds, hand_seconds = best_of(ROUNDS, engine, hand)
    print(f"{TRIALS:,} trials × {scenario.months} months × {len(plan.model.lines)} lines")
    ratio = engine_seconds / hand_seconds
    print(f"  engine {engine_seconds:.3f} s, by hand {hand_seconds:.3f} s: ratio {ratio:.2f} (at most 1.5)")
    print(f"  peak memory: engine {peak_bytes(engine) / 1e6:.0f} MB, by hand {peak_bytes(hand) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
