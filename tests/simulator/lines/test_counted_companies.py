"""Companies whose customers are counted: the trials against companies rebuilt in NumPy, and against exact chances."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from rebuilt import Company, Counts, Tariff, cash, customers, ran_out, written
from scipy import stats

from simulator.answers.draws import trials_of
from simulator.answers.projection import project
from simulator.scenario.reading import parse

# Trials of a company, and of its rebuild.
TRIALS = 6_000
# Differences of more standard errors than this are no accident.
ERRORS = 3.5

TWO_SELLERS = Company({"big": Tariff(20_000, deals=0.6, churn=0.02)}, 600_000, 100_000)
COMPANIES = {
    "few sign-ups buy": Company({"team": Tariff(300, buyers=1.4, churn=0.05)}, 80_000, 6_800),
    "a dozen who only leave": Company({"team": Tariff(1_000, churn=0.06, opening=12)}, 30_500, 4_800),
    "three who only leave": Company({"team": Tariff(10_000, churn=0.03, opening=3)}, 65_000, 20_000),
    "forty who only leave": Company({"team": Tariff(500, churn=0.04, opening=40)}, 10_250, 10_100),
    "contracts of a year": Company({"big": Tariff(5_000, deals=0.4, churn=0.04, term=12, opening=6)}, 12_000, 34_000),
    "a few loyal customers": Company(
        {"team": Tariff(400, buyers=0.5, churn=0.15, spread=0.6, opening=30)}, 20_000, 9_000
    ),
    "loyal on contracts": Company(
        {"team": Tariff(400, buyers=0.9, churn=0.08, spread=0.5, opening=30, term=6)}, 20_000, 13_500
    ),
    "events take many": Company(
        {"team": Tariff(1_000, deals=0.5, churn=0.02, opening=15)}, 20_500, 15_000, lost={10: 0.3, 20: 0.1}
    ),
    "free and paid": Company(
        {"free": Tariff(0, buyers=15, churn=0.1, opening=80, upgrade=0.02, better="paid"),
         "paid": Tariff(900, deals=0.2, churn=0.01, opening=2)}, 12_500, 9_000,
    ),
    "two plans lead to a third": Company(
        {"free": Tariff(0, buyers=15, churn=0.1, opening=80, upgrade=0.02, better="big"),
         "team": Tariff(100, buyers=1, churn=0.04, opening=8, upgrade=0.03, better="big"),
         "big": Tariff(700, deals=0.2, churn=0.01, opening=2)}, 12_030, 9_000,
    ),
    "thousands": Company({"team": Tariff(10, buyers=360, churn=0.03, opening=12_000)}, 10_000, 122_400),
    "all leave, and some come again": Company({"team": Tariff(9_000, deals=0.25, churn=0.3)}, 104_000, 8_000),
}  # fmt: skip


def trials(company: Company, folder: Path, count: int = TRIALS, **settings: object) -> tuple[dict[str, Counts], Counts]:
    """Return the product's customers by plan and its cash, each of shape (months, 1 + trials), the base case first."""
    scenario = parse(written(company, count, **settings), folder, "rebuilt.yaml")
    found = trials_of(scenario, count).keep(("customers", "cash"))
    by_plan = {name: found["customers"][:, place] for place, name in enumerate(company.plans)}
    return by_plan, found["cash"][:, 0]


@cache
def listed(name: str) -> tuple[dict[str, Counts], Counts]:
    """Return the customers and the cash of a company of the list, made once for all tests."""
    return trials(COMPANIES[name], Path())


def chance_to_run_out(company: Company, folder: Path, count: int = TRIALS, **settings: object) -> float:
    """Return the product's own answer."""
    scenario = parse(written(company, count, **settings), folder, "rebuilt.yaml")
    return float(project(scenario, evidence=False).ruin[-1])


def share_apart(one: float, other: float, count: int, others: float = np.inf) -> float:
    """Return how many standard errors lie between shares of `count` and `others` trials."""
    middle = (one + other) / 2
    return abs(one - other) / np.sqrt(max(middle * (1 - middle), 1e-9) * (1 / count + 1 / others))


def means_apart(one: Counts, other: Counts) -> float:
    """Return how many standard errors lie between two means by month, in the worst month."""
    variance = one.var(axis=1) / one.shape[1] + other.var(axis=1) / other.shape[1]
    return float((np.abs(one.mean(axis=1) - other.mean(axis=1)) / np.sqrt(np.maximum(variance, 1e-12))).max())


def chance_by_states(tariff: Tariff, cost: int, cash_at_start: int, months: int, most: int) -> float:
    """Return the exact chance to run out, by adding up the probabilities of all states of customers and cash.

    Money is counted in months of one customer's fee; more than `most` customers never occur.
    """
    there = np.arange(most + 1)
    win = np.array([stats.poisson(tariff.deals).pmf(there - before) for before in there])
    stay = np.array([stats.binom(before, 1 - tariff.churn).pmf(there) for before in there])
    richest = cash_at_start + months * cost
    states = np.zeros((most + 1, richest + 1))
    states[tariff.opening, cash_at_start] = 1
    for month in range(months):
        # Those who were there before are new in month 0, and nobody leaves before a month has passed.
        moved = (win if month == 0 else stay @ win).T @ states
        states = np.zeros_like(moved)
        for customers_now, row in enumerate(moved):
            left = np.arange(richest + 1) + customers_now - cost
            solvent = left >= 0
            np.add.at(states[customers_now], np.minimum(left[solvent], richest), row[solvent])
    return float(1 - states.sum())


# The chance to run out of cash


def test_two_sellers_run_out_in_27_percent_of_trials(tmp_path: Path):
    """Deals of .6 a month and churn of 2 %: all states of customers and cash add up to 27.46 %, and trials agree."""
    exact = chance_by_states(TWO_SELLERS.plans["big"], 5, 30, 36, 60)
    assert exact == pytest.approx(0.2746, abs=5e-5)
    assert share_apart(chance_to_run_out(TWO_SELLERS, tmp_path, 20_000, seed=1), exact, 20_000) < 3


@pytest.mark.parametrize("name", ["deals and churn", "three who leave", "busy"])
def test_small_companies_run_out_as_often_as_their_states_say(name: str, tmp_path: Path):
    """Where all money is a multiple of one fee, cash of exactly zero has not run out."""
    tariff, cost, money, most = {
        "deals and churn": (Tariff(1_000, deals=0.5, churn=0.1), 4, 60, 40),
        "three who leave": (Tariff(1_000, churn=0.03, opening=3), 2, 6, 3),
        "busy": (Tariff(1_000, deals=2.0, churn=0.2, opening=20), 11, 20, 60),
    }[name]
    company = Company({"one": tariff}, money * 1_000, cost * 1_000, months=24)
    exact = chance_by_states(tariff, cost, money, 24, most)
    assert 0.05 < exact < 0.95
    assert share_apart(chance_to_run_out(company, tmp_path, seed=3), exact, TRIALS) < 3


def test_a_driftless_company_is_ruined_as_a_gambler_is(tmp_path: Path):
    """A hundred buyers a month who stay for one, and costs of what they pay: cash is a random walk without drift.

    By the reflection principle it runs out within n months with the chance 2 Φ(-(c + 0.583 σ) / (σ √n)), where c is the
    cash at the start, σ = 10 fees, and 0.583 σ is how far a step overshoots (Siegmund, 1979).
    """
    fee, buyers, cash = 1_000.0, 100.0, 60_000.0
    company = Company({"team": Tariff(fee, deals=buyers, churn=1.0)}, cash, fee * buyers, months=60)
    spread = fee * np.sqrt(buyers)
    for months in (12, 24, 60):
        known = 2 * stats.norm.cdf(-(cash + 0.583 * spread) / (spread * np.sqrt(months)))
        scenario = parse(written(company, TRIALS), tmp_path, "walk.yaml")
        found = project(scenario, evidence=False).figures.trials.ruin_by_month(months)[-1]
        assert found == pytest.approx(known, abs=0.01 + ERRORS * np.sqrt(known * (1 - known) / TRIALS))


def test_expected_counts_run_out_in_no_trial(tmp_path: Path):
    """With `counts: expected` every trial is the base case, which never runs out."""
    _, by_month = trials(TWO_SELLERS, tmp_path, 50, counts="expected")
    assert not ran_out(by_month).any()
    assert (by_month == by_month[:, :1]).all()


# Whole companies, rebuilt


@pytest.mark.parametrize("name", COMPANIES)
def test_counted_companies_are_those_rebuilt(name: str):
    """Trials and rebuild agree on the chance to run out, on means in every month, and on the spread of customers."""
    company = COMPANIES[name]
    by_plan, by_month = listed(name)
    rebuilt = customers(company, TRIALS, seed=5)
    expected = float(ran_out(cash(company, rebuilt)).mean())
    assert 0.1 < expected < 0.9
    found = ran_out(np.round(by_month[:, 1:], 2))  # sums of fees are rounded, and nothing is less than a cent
    assert share_apart(float(found.mean()), expected, TRIALS, TRIALS) < ERRORS
    for plan, there in by_plan.items():
        assert means_apart(there[:, 1:], rebuilt[plan]) < ERRORS + 0.5  # the worst of 36 months
        # Cohorts share their luck, so where they differ the spread may be off by a tenth.
        assert there[-1, 1:].var() == pytest.approx(rebuilt[plan][-1].var(), rel=0.15)


@pytest.mark.parametrize("name", COMPANIES)
def test_trials_have_the_mean_of_the_base_case(name: str):
    """Counting adds chance and moves no mean."""
    for there in listed(name)[0].values():
        error = np.maximum(there[:, 1:].std(axis=1) / np.sqrt(TRIALS), 1e-9)
        assert (np.abs(there[:, 1:].mean(axis=1) - there[:, 0]) / error).max() < ERRORS + 0.5


@pytest.mark.parametrize("name", COMPANIES)
def test_customers_are_whole_and_never_negative(name: str):
    """From a whole number of customers, only whole numbers follow, and nobody at all is exactly none."""
    for there in listed(name)[0].values():
        assert (there[:, 1:] == np.round(there[:, 1:])).all()
        assert (there >= 0).all()


def test_upgrades_lose_nobody(tmp_path: Path):
    """Without churn, all who ever joined are in one plan or another, in every trial."""
    plans = {
        "free": Tariff(0, opening=500, upgrade=0.03, better="paid"),
        "paid": Tariff(900, opening=2),
    }
    by_plan, _ = trials(Company(plans, 1e6, 0), tmp_path, 500)
    assert sum(by_plan.values()) == pytest.approx(np.full((36, 501), 502), rel=1e-12)
    assert by_plan["paid"][-1, 1:].std() > 5


def test_of_yearly_contracts_a_twelfth_ends_each_month(tmp_path: Path):
    """Of 600 customers on contracts of a year, the 50 whose term ends leave as a binomial count, from month 0 on."""
    company = Company({"big": Tariff(1, churn=0.05, term=12, opening=600)}, 1e6, 0)
    there = trials(company, tmp_path, 400)[0]["big"][:, 1:]
    leaving = -np.diff(there, axis=0, prepend=600)
    chance = 1 - 0.95**12
    assert leaving[:12].mean() == pytest.approx(50 * chance, rel=0.01)
    assert leaving[:12].var(axis=1).mean() == pytest.approx(50 * chance * (1 - chance), rel=0.1)


def test_more_trials_leave_the_first_ones_as_they_are(tmp_path: Path):
    """A trial has the same counts however many others run."""
    few = trials(TWO_SELLERS, tmp_path, 50)[0]["big"]
    many = trials(TWO_SELLERS, tmp_path, 300)[0]["big"]
    assert (many[:, :51] == few).all()


@pytest.mark.parametrize("churn", [0.8, 1.0])
def test_a_plan_that_dies_for_twenty_years_is_reborn_each_time(churn: float, tmp_path: Path):
    """Where all leave again and again, new customers still count in full, up to the last month."""
    company = Company({"one": Tariff(1, deals=1.0, churn=churn)}, 1e6, 0, months=240)
    there = trials(company, tmp_path, 1_000)[0]["one"][:, 1:]
    assert (there == np.round(there)).all()
    error = there[-60:].std() / np.sqrt(there[-60:].size)
    assert there[-60:].mean() == pytest.approx(1 / churn, abs=6 * error)
    assert there[-1].var() == pytest.approx(1 / churn, rel=0.15)
