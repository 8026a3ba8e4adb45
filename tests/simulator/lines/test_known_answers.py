"""Lines of the business against answers from the literature and from independent computation."""

from pathlib import Path

import numpy as np
import pytest
from companies import alone, written
from scipy import integrate, optimize, special, stats

from simulator.answers.outcomes import first_month_below
from simulator.answers.projection import project
from simulator.engine.model import Array
from simulator.lines.company.company import interest_income
from simulator.lines.product.usage import reference_overage
from simulator.scenario.reading import parse

ALPHA, BETA = 0.668, 3.806  # Fader and Hardie (2007), the high-end segment
OBSERVED = (1, 0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491)


# Retention


def staying(churn: float, spread: float, months: int) -> list[float]:
    """Return the survival line by month."""
    inputs = {"churn": churn, "churn_spread": spread, "opening_survival": 1}
    return alone(("survival",), inputs, months)["survival"]


def beta_geometric(age: int) -> float:
    """Return survival by the beta function itself, not by the recursion."""
    return float(special.beta(ALPHA, BETA + age) / special.beta(ALPHA, BETA))


def test_survival_is_the_shifted_beta_geometric():
    """The line's recursion gives B(a, b + t) / B(a, b)."""
    found = staying(ALPHA / (ALPHA + BETA), 1 / (ALPHA + BETA), 13)
    assert found == pytest.approx([beta_geometric(age) for age in range(13)], rel=1e-12)


def test_survival_forecasts_what_the_paper_prints():
    """Years 8 to 12 of Fader and Hardie's forecast: .460 .436 .414 .395 .378."""
    found = staying(ALPHA / (ALPHA + BETA), 1 / (ALPHA + BETA), 13)
    assert found[8:] == pytest.approx([0.460, 0.436, 0.414, 0.395, 0.378], abs=6e-4)


def test_the_papers_parameters_fit_its_data():
    """Fitting the line to the seven observed years by maximum likelihood gives back alpha and beta."""
    lost = -np.diff(OBSERVED)

    def unlikeliness(logs: Array) -> float:
        alpha, beta = np.exp(logs)
        stays = np.array(staying(alpha / (alpha + beta), 1 / (alpha + beta), 8))
        return -float(lost @ np.log(-np.diff(stays)) + OBSERVED[-1] * np.log(stays[-1]))

    assert unlikeliness(np.zeros(2)) == pytest.approx(2.1155, abs=1e-4)
    fitted = np.exp(optimize.minimize(unlikeliness, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6}).x)
    assert fitted == pytest.approx([ALPHA, BETA], abs=2e-3)


def test_survival_without_spread_is_geometric():
    """Equal customers leave at the same rate at any age."""
    assert staying(0.05, 0, 24) == pytest.approx(0.95 ** np.arange(24))


def test_spread_lets_the_loyal_remain():
    """With the same first month, customers who differ leave more slowly later."""
    even, mixed = staying(0.05, 0, 24), staying(0.05, 0.5, 24)
    assert mixed[1] == even[1]
    assert mixed[23] > even[23]


# Usage above an allowance

NO_CAP = 1e12
USAGE = [(400, 500, 1.1), (5500, 7000, 0.9), (100, 1000, 0.3), (1000, 10, 2.0)]


@pytest.mark.parametrize(("mean", "allowance", "spread"), USAGE)
def test_overage_is_the_integral_of_what_exceeds(mean: float, allowance: float, spread: float):
    """The closed form equals E[max(X - a, 0)], integrated over the normal quantile."""
    middle = np.log(mean) - spread**2 / 2
    edge = (np.log(allowance) - middle) / spread

    def exceeding(z: float) -> float:
        return float((np.exp(middle + spread * z) - allowance) * stats.norm.pdf(z))

    points = [spread] if spread > edge else None
    beyond, _ = integrate.quad(exceeding, edge, edge + 40, points=points, epsabs=1e-13, epsrel=1e-12, limit=200)
    assert reference_overage(mean, spread, NO_CAP, allowance) == pytest.approx(beyond, rel=1e-8)


@pytest.mark.parametrize(("mean", "allowance", "spread"), USAGE[:2])
def test_overage_is_what_drawn_customers_exceed(mean: float, allowance: float, spread: float):
    """A sample of a million customers has the same mean overage, within five standard errors."""
    usage = np.random.default_rng(1).lognormal(np.log(mean) - spread**2 / 2, spread, 1_000_000)
    beyond = np.maximum(usage - allowance, 0)
    error = beyond.std() / np.sqrt(len(beyond))
    assert reference_overage(mean, spread, NO_CAP, allowance) == pytest.approx(beyond.mean(), abs=5 * error)


@pytest.mark.parametrize(("spread", "share"), [(1.1, 0.428), (1.956, 0.75)])
def test_heavy_users_have_their_share(spread: float, share: float):
    """The top tenth of lognormal customers has the share Phi(sigma - 1.28155) of all usage."""
    mean = 100.0
    tenth = np.exp(np.log(mean) - spread**2 / 2 + stats.norm.ppf(0.9) * spread)
    top = (reference_overage(mean, spread, NO_CAP, tenth) + 0.1 * tenth) / mean
    assert top == pytest.approx(stats.norm.cdf(spread - 1.2815515655), rel=1e-9)
    assert top == pytest.approx(share, abs=5e-4)


# Funding, training


def raised(close_month: float) -> list[float]:
    """Return the cash by month from a round of a million that costs 2 %, in a company that has enough cash."""
    inputs = {
        "close_month": close_month, "amount": 1_000_000, "closing_cost": 0.02, "funding_index": 1, "cash_trigger": 0,
        "cash_flow": 0, "opening_closed": 0, "opening_cash": 1, "not_before": 0, "succeeds": 1,
    }  # fmt: skip
    return alone(("cash", "triggered", "closed", "money_raised", "equity_raised"), inputs, 4)["equity_raised"]


@pytest.mark.parametrize("close_month", [2, 1.2])
def test_a_round_comes_in_its_month(close_month: float):
    """The amount less its cost arrives once, in month 2: a round that closes within a month is paid in the next."""
    assert raised(close_month) == pytest.approx([0, 0, 980_000, 0])


def test_fine_tuning_takes_the_hours_that_its_tokens_need():
    """20,000 examples × 128 tokens × 3 passes at 700 token/s, with 15 % around the steps and 20 % failed."""
    inputs = {
        "runs": 1, "examples_per_run": 20_000, "tokens_per_example": 128, "epochs": 3, "failed_share": 0.2,
        "training_tokens_per_second": 700, "step_to_run_factor": 1.15, "training_device_price": 0.10,
        "run_every": 0, "first_run": 0, "augmentation": 0, "replay_share": 0, "pretraining_flops": 0,
        "device_flops": 1, "model_flops_utilisation": 1, "device_price_index": 1, "trained_on_fleet": 0,
        "seconds_per_run": 0,
    }  # fmt: skip
    names = ("runs_started", "examples_trained", "training_tokens", "training_device_hours", "training_rent")
    result = alone(names, inputs)
    hours = 20_000 * 128 * 3 / 700 / 3600 * 1.15 * 1.2
    assert result["training_device_hours"] == [pytest.approx(hours)]
    assert hours == pytest.approx(4.2057, abs=1e-4)
    assert result["training_rent"] == [pytest.approx(0.42057, abs=1e-5)]


def test_the_price_of_a_million_tokens():
    """A device at $2.5 an hour that serves 2,000 tokens a second, always busy, costs $.3472 per million."""
    requests = 0.999999 * 2000 * 3600 * 730 / 1000
    customer = {"price": 1, "conversion": 0, "churn": 0, "opening_customers": 1, "requests_per_customer": requests}
    members = {
        "plan": {"one": customer},
        "feature": {"one": {"pool": "one", "tokens_per_request": 1000}},
        "pool": {"one": {"tokens_per_second": 2000, "device_price": 2.5, "peak_to_mean": 1}},
    }
    text = written(members, {"opening_cash": 0, "tax_rate": 0, "hours_per_month": 730}, months=1)
    series = project(parse(text, Path()), 0).series
    assert series["owned_devices[one]"].base == [0]
    assert series["utilisation[one]"].base == [pytest.approx(0.999999)]
    assert series["cost_per_million_tokens[one]"].base == [pytest.approx(2.5 / 7.2, rel=2e-6)]


# Ruin

BROWNIAN = """\
breakeven: 1
title: A purse that shrinks by a half a month, give or take one
start: 2027-01
months: 24
seed: 5
assumptions:
  opening_cash: 10
  tax_rate: 0
  hours_per_month: 730
  fixed_overhead: {{{overheads}}}
plans:
  steady: {{price: 1, reference_bill: 1, conversion: 0, share_of_signups: 0, churn: 0, opening_customers: 100,
    requests_per_customer: 1, included_requests: 1000000, usage_spread: 0.1}}
"""
DRIFT, OPENING = -0.5, 10.0
PURSES = 40_000


def exact_monthly_ruin(months: int) -> Array:
    """Return the exact ruin by month: the density of solvent companies, integrated on 400 Gauss-Legendre points."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    cash, width = (nodes + 1) * 20, weights * 20
    solvent = stats.norm.pdf(cash - OPENING - DRIFT)
    step = stats.norm.pdf(cash[:, None] - cash[None, :] - DRIFT) * width
    alive = []
    for _ in range(months):
        alive.append(solvent @ width)
        solvent = step @ solvent
    return np.clip(1 - np.array(alive), 0, 1)  # rounding leaves a little beyond


def test_ruin_is_that_of_a_random_walk():
    """With an income of 100 and costs of 100.5 ± 1 a month, ruin lies within four standard errors of the exact one."""
    overheads = ", ".join(f"{month}: {{normal: [100.5, 1]}}" for month in range(24))
    found = project(parse(BROWNIAN.format(overheads=overheads), Path()), PURSES, evidence=False).ruin
    exact = exact_monthly_ruin(24)
    error = np.sqrt(exact * (1 - exact) / PURSES)
    assert (np.abs(found - exact) <= 4 * error + 2e-4).all()


def test_the_first_month_below_is_counted_from_zero():
    """One column falls below in month 1, one never; a floor that is touched is not crossed."""
    cash = np.array([[5.0, 5.0], [-1.0, 0.0], [3.0, 2.0]])
    assert first_month_below(cash, 0.0)[0] == 1
    assert np.isnan(first_month_below(cash, 0.0)[1])


@pytest.mark.parametrize(("rate", "monthly"), [(0.06, 600), (0, 0), (-0.005, -50)])
def test_a_bank_pays_or_asks_interest_on_what_it_holds(rate: float, monthly: float):
    """Of 120,000 a twelfth of the yearly rate, which has been below zero; an overdraft is no deposit."""
    assert interest_income(120_000, rate) == pytest.approx(monthly)
    assert interest_income(-120_000, rate) == 0
