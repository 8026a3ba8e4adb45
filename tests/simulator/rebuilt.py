"""Companies rebuilt in plain NumPy, customer by customer, from the words of the documentation alone.

Nothing of the product is imported here. Each month loses customers before it wins any, and a customer who joins pays at
once. Every cohort is drawn by itself: some of its customers move to a better plan; of the others, those whose contract
ends leave with the chance that their age gives, by the shifted-beta-geometric model; of the rest, events take a share.
Contracts from before end evenly over the months of a term; a monthly one runs through the first month.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Tariff:
    """A plan as its customers meet it: what a month costs, how many come on average, and what makes them leave."""

    price: float = 0.0
    deals: float = 0.0  # customers that sellers win, a month
    buyers: float = 0.0  # sign-ups who buy, a month
    churn: float = 0.0
    spread: float = 0.0
    term: int = 1
    opening: int = 0
    upgrade: float = 0.0  # share who move to `better` in a month
    better: str = ""


@dataclass(frozen=True)
class Company:
    """A company that lives on fees: its plans, and what it has and spends."""

    plans: Mapping[str, Tariff]
    cash: float = 0.0
    cost: float = 0.0
    months: int = 36
    lost: Mapping[int, float] = field(default_factory=dict)  # share of all customers that an event takes, by month


def opened(chance: np.random.Generator, tariff: Tariff, trials: int) -> list[tuple[int, NDArray[np.int64]]]:
    """Return customers from before the scenario by the month in which they signed; each stands in one at random."""
    if tariff.term == 1:
        return [(0, np.full(trials, tariff.opening, dtype=np.int64))]
    each, rest = divmod(tariff.opening, tariff.term)
    parts = each + chance.permuted(np.tile(np.arange(tariff.term) < rest, (trials, 1)), axis=1)
    return [(ends - tariff.term, parts[:, ends]) for ends in range(tariff.term)]


def survivors(tariff: Tariff, months: int) -> NDArray[np.float64]:
    """Return the share of a cohort still there at each age, if customers could leave in any month."""
    ages = np.arange(1, months + 1)
    stays = 1 - tariff.churn / (1 + tariff.spread * (ages - 1))
    return np.concatenate([[1.0], np.cumprod(stays)])


def leaving(tariff: Tariff, age: int, survival: NDArray[np.float64]) -> float:
    """Return the chance that a customer of this age leaves: 0 unless a contract ends."""
    if age == 0 or age % tariff.term or survival[age - tariff.term] == 0:
        return 0.0
    return float(1 - survival[age] / survival[age - tariff.term])


def hit(chance: np.random.Generator, customers: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    """Return how many of the customers are hit, each with the same chance."""
    return chance.binomial(customers, share) if share else np.zeros_like(customers)


def customers(company: Company, trials: int, seed: int = 0) -> dict[str, Counts]:
    """Return the customers of each plan, of shape (months, trials)."""
    chance = np.random.default_rng(seed)
    survival = {name: survivors(tariff, company.months + tariff.term) for name, tariff in company.plans.items()}
    cohorts = {name: opened(chance, tariff, trials) for name, tariff in company.plans.items()}
    kept = {name: np.zeros((company.months, trials)) for name in company.plans}
    for month in range(company.months):
        moved = {name: np.zeros(trials, dtype=np.int64) for name in company.plans}
        for name, tariff in company.plans.items():
            for place, (joined, cohort) in enumerate(cohorts[name]):
                upgraded = hit(chance, cohort, tariff.upgrade)
                stayed = cohort - upgraded
                stayed = stayed - hit(chance, stayed, leaving(tariff, month - joined, survival[name]))
                cohorts[name][place] = joined, stayed - hit(chance, stayed, company.lost.get(month, 0.0))
                if tariff.better:
                    moved[tariff.better] += upgraded
        for name, tariff in company.plans.items():
            won = chance.poisson(tariff.deals, trials) + chance.poisson(tariff.buyers, trials)
            cohorts[name].append((month, moved[name] + won))
            kept[name][month] = sum(cohort for _, cohort in cohorts[name])
    return kept


def cash(company: Company, there: Mapping[str, Counts]) -> Counts:
    """Return the cash at the end of each month, of shape (months, trials)."""
    fees = sum(tariff.price * there[name] for name, tariff in company.plans.items())
    return company.cash + np.cumsum(fees - company.cost, axis=0)


def ran_out(cash_by_month: Counts) -> NDArray[np.bool_]:
    """Return whether cash fell below zero at the end of any month, by trial."""
    return np.asarray((cash_by_month < 0).any(axis=0))


def written(company: Company, trials: int, **settings: object) -> str:
    """Return the company as a scenario: sellers win deals, a channel brings sign-ups, of whom one in fifty buys."""
    sold, bought = (sum(getattr(one, by) for one in company.plans.values()) for by in ("deals", "buyers"))
    lines = [
        "breakeven: 1", "title: Rebuilt", "currency: EUR", "start: 2027-01", f"months: {company.months}",
        f"trials: {trials}", *(f"{name}: {value}" for name, value in settings.items()),
        "assumptions:", f"  opening_cash: {company.cash}", f"  fixed_overhead: {company.cost}",
        "  tax_rate: 0", "  hours_per_month: 730",
        "plans:",
    ]  # fmt: skip
    lines += [f"  {name}: {{{_plan(company, one, sold, bought)}}}" for name, one in company.plans.items()]
    lines += ["roles:", f"  seller: {{heads: 1, opening_headcount: 1, salary: 0, selling_share: 1, quota: {sold}}}"]
    channel = f"budget: 0, cost_per_signup: 1, most_signups: 1, organic_signups: {50 * bought}"
    lines += ["channels:", f"  search: {{{channel}}}"]
    if company.lost:
        lines.append("events:")
    lines += [
        f"  event{month}: {{starts: {month}, lasts: 1, customers_lost: {lost}}}" for month, lost in company.lost.items()
    ]
    return "\n".join(lines) + "\n"


def _plan(company: Company, one: Tariff, sold: float, bought: float) -> str:
    """Return the fields of a plan; each upgrade leads to the one plan that others name as the better."""
    better = {other.better for other in company.plans.values()} - {""}
    fields = {
        "price": one.price, "churn": one.churn, "churn_spread": one.spread, "contract_months": one.term,
        "opening_customers": one.opening, "upgrade_rate": one.upgrade, "conversion": 0.02, "requests_per_customer": 1,
        "share_of_deals": one.deals / sold if sold else 0, "share_of_signups": one.buyers / bought if bought else 0,
        "share_of_upgrades": int(any(company.plans[name] is one for name in better)),
    }  # fmt: skip
    return ", ".join(f"{name}: {value}" for name, value in fields.items())
