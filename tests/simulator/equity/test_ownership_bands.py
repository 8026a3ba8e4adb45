"""Ownership and payouts over the trials, against ownership that follows from the drawn terms by hand."""

from pathlib import Path

import numpy as np
import pytest
from commanded import both

from simulator.answers.draws import draw
from simulator.answers.ledger import Ledger
from simulator.answers.ownership.bands import ledgers, ownership_bands
from simulator.answers.ownership.investors import cap_tables, exit_at_end
from simulator.errors import Undefined
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[3] / "scenarios"
TRIALS = 200


def company(round_terms: str, cost: str = "0", more: str = "") -> Scenario:
    """Return a company of founders and one round of 5M, which sells nothing."""
    return parse(
        "breakeven: 1\ntitle: T\nstart: 2027-01\nmonths: 6\n"
        f"assumptions: {{hours_per_month: 730, opening_cash: 1000000, tax_rate: 0, fixed_overhead: {cost}}}\n"
        "holders: {founders: {shares: 8000000}}\n"
        f"rounds: {{a: {{close_month: 3, amount: 5000000, {round_terms}}}}}\n{more}",
        Path(),
    )


def test_bands_of_ownership_are_those_of_the_drawn_valuation():
    """Investors own 5M over pre-money plus 5M, in each trial with its own pre-money."""
    scenario = company("pre_money: {uniform: [10000000, 40000000]}")
    before = draw(scenario, TRIALS)["rounds.a.pre_money"][0, 1:]
    found = ownership_bands(scenario, TRIALS).ownership
    part = np.percentile(5e6 / (before + 5e6), (5, 50, 95))
    assert list(vars(found["a"]).values()) == pytest.approx(part.tolist(), abs=1e-6)
    assert found["founders"].p05 == pytest.approx(1 - found["a"].p95)


def test_bands_of_payouts_count_a_trial_without_cash_as_nothing():
    """A sale for 20M pays the round its 5M or its shares; where costs exceed the opening cash, it pays nothing."""
    scenario = company("pre_money: {uniform: [10000000, 40000000]}", cost="{uniform: [100000, 500000]}")
    values = draw(scenario, TRIALS)
    before, cost = values["rounds.a.pre_money"][0, 1:], values["fixed_overhead"][0, 1:]
    # Three months pass before the round closes.
    broke = 3 * cost > 1e6
    paid = np.where(broke, 0, np.maximum(5e6, 20e6 * 5e6 / (before + 5e6)))
    found = ownership_bands(scenario, TRIALS, 20e6)
    assert (found.trials, found.broke, found.unknown) == (TRIALS, broke.sum(), 0)
    assert list(vars(found.proceeds["a"]).values()) == pytest.approx(np.percentile(paid, (5, 50, 95)), abs=10)


def test_a_trial_without_a_cap_table_is_left_out():
    """A SAFE whose money would buy all of the company at its drawn cap fits no cap table."""
    more = "safes: {s: {signed_month: 0, investment: 1000000, valuation_cap: {uniform: [500000, 2500000]}}}\n"
    scenario = company("pre_money: 20000000", more=more)
    cap = draw(scenario, TRIALS)["safes.s.valuation_cap"][0, 1:]
    found = ownership_bands(scenario, TRIALS)
    assert found.unknown == (cap <= 1e6).sum() > 0
    sold = 0.8 * 1e6 / cap[cap > 1e6]
    assert found.ownership["s"].p50 == pytest.approx(np.median(sold), abs=1e-6)


def test_a_trial_is_the_base_case_of_its_numbers():
    """Its ledger gives the cap table and the sale of a scenario that states the drawn numbers."""
    scenario = company("pre_money: {uniform: [10000000, 40000000]}", cost="{uniform: [1000, 5000]}")
    values = draw(scenario, 3)
    for trial, ledger in enumerate(ledgers(scenario, 3), start=1):
        drawn = {path: float(values[path][0, trial]) for path in ("rounds.a.pre_money", "fixed_overhead")}
        alike = Ledger.of(scenario.with_values(drawn))
        assert cap_tables(ledger) == cap_tables(alike)
        ours, theirs = (exit_at_end(one, cap_tables(one)) for one in (ledger, alike))
        assert ours.split == theirs.split


@pytest.mark.parametrize(
    ("scenario", "trials", "why"),
    [
        (lambda: company("pre_money: 10000000"), 0, "No trials were run"),
        (lambda: company("pre_money: 10000000", cost="500000"), 20, "Cash runs out in every trial"),
        (lambda: company("seniority: 1"), 20, "add `pre_money`"),
    ],
)
def test_bands_say_why_they_are_unknown(scenario, trials: int, why: str):
    """Each reason names what is missing."""
    with pytest.raises(Undefined, match=why):
        ownership_bands(scenario(), trials)


@pytest.mark.parametrize("name", ["support-copilot", "foundation-lab"])
def test_bands_of_a_shipped_scenario_are_in_order(name: str):
    """P5, median and P95 rise; shares lie between 0 and 1, and no holder gains by rounding."""
    found = ownership_bands(load(SHIPPED / f"{name}.yaml"), 40)
    assert found.ownership.keys() <= found.proceeds.keys()
    for band in (*found.ownership.values(), *found.proceeds.values()):
        assert 0 <= band.p05 <= band.p50 <= band.p95
    assert all(band.p95 <= 1 for band in found.ownership.values())


def test_the_command_prints_bands():
    """Text and JSON show the same trials; a dead base case says so in the place of the sale."""
    shown, text = both("captable", SHIPPED / "consumer-assistant.yaml", "--trials", "60")
    assert "— Cash runs out in month 48, so there is no sale." in text
    assert (shown["exit"], shown["broke"]) == (None, 48)
    assert f"{shown['bands']['ownership']['founders']['p50']:.2%}" in text
