"""Every kind of company that the questions can begin, with defaults alone: what must hold for any of them.

The suite takes fifteen combinations, in which every pair of answers occurs: an orthogonal array. A soak takes the
other 120, and the sizes, devices and currencies beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from simulator import project
from simulator.answers.customers.economics import unit_economics
from simulator.answers.projection import Projection
from simulator.begin.questions import fields
from simulator.begin.writing import scenario_text
from simulator.scenario.reading import parse

ASKED = ("customer", "model", "free", "checker")
CUSTOMERS, MODELS, FREE, CHECKERS = (tuple(fields()[key].options) for key in ASKED)
# What else changes which defaults hold; each is combined with every customer.
VARIED: tuple[dict[str, str], ...] = (
    *({"model": model, "size": "large"} for model in ("open", "own")),
    *({"model": "open", "size": size, "devices": "bought"} for size in ("small", "large")),
    *({"model": model, "currency": currency} for model in ("vendor", "open") for currency in ("EUR", "CNY", "JPY")),
)
EXAMPLES = Path(__file__).parents[3] / "scenarios"
LAUNCH = 2  # the third month, by default
# Where prices are low and a vendor is paid in dollars, least is left; a small open model costs next to nothing.
LEAST_MARGIN, LARGEST_MARGIN = 0.3, 0.95
# Beyond, a founder would ask why anybody should stop spending on marketing.
MOST_LTV_TO_CAC = 20
# Of a round that the company needs, not more than this part is left when it has least.
MOST_LEFT = 0.7

Answers = tuple[tuple[str, str], ...]


def companies() -> Iterator[Any]:
    """Yield the answers that tell kinds of companies apart, those of the suite and those of a soak."""
    for place in product(*(range(len(fields()[key].options)) for key in ASKED)):
        customer, model, free, checker = place
        answers = tuple((key, list(fields()[key].options)[at]) for key, at in zip(ASKED, place, strict=True))
        sampled = (free, checker) == ((model + customer) % len(FREE), (model + 2 * customer) % len(CHECKERS))
        yield pytest.param(answers, id="-".join(dict(answers).values()), marks=() if sampled else pytest.mark.soak)
    for who, more in product(CUSTOMERS, VARIED):
        answers = (("customer", who), *more.items())
        yield pytest.param(answers, id="-".join(dict(answers).values()), marks=pytest.mark.soak)


every_company = pytest.mark.parametrize("answers", [*companies()])


@cache
def projected(answers: Answers) -> Projection:
    """Return the base case of a company."""
    text = scenario_text({"start": "2027-01", **dict(answers)})
    return project(parse(text, Path()), 0, evidence=False)


@cache
def titles_of_examples() -> frozenset[str]:
    """Return what the companies that ship are called."""
    lines = (line for path in EXAMPLES.glob("*.yaml") for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(line.removeprefix("title:").strip() for line in lines if line.startswith("title:"))


@every_company
def test_the_company_stands_on_its_own(answers: Answers):
    """No mistake and no doubt; the company and each member that people see has a name, none of an example."""
    scenario = projected(answers).scenario
    assert scenario.warnings == ()
    assert scenario.title == "My company"
    unnamed = [
        f"{kind}s.{name}"
        for kind in ("plan", "channel", "feature", "pool", "program", "role", "round", "safe", "holder", "overhead")
        for name in scenario.entities.get(kind, ())
        if not scenario.about[f"{kind}s.{name}"].get("title")
    ]
    assert unnamed == []
    assert titles_of_examples().isdisjoint(one.get("title", "") for one in scenario.about.values())


@every_company
def test_every_value_says_why(answers: Answers):
    """What the file states has a source with its date, or a note that says why it has this magnitude."""
    stated = [one for one in projected(answers).scenario.assumptions.values() if not one.is_default]
    assert len(stated) > 50
    assert [one.path for one in stated if not (one.source and one.as_of) and not one.note] == []
    assert [one.path for one in stated if bool(one.source) != bool(one.as_of)] == []
    assert {one.path: one.evidence for one in stated if (one.evidence == "published") != bool(one.source)} == {}


@every_company
def test_every_member_is_used(answers: Answers):
    """Each pool serves a feature and costs something, and each plan and each role has people."""
    found = projected(answers)
    ledger = found.ledger
    cost = {"pool": "serving_cost", "plan": "customers", "role": "headcount", "program": "program_cost"}
    idle = [
        f"{kind} {name}"
        for kind, line in cost.items()
        for name in found.scenario.entities.get(kind, ())
        if not ledger.of_member(line, name).max() > 0
    ]
    assert idle == []
    pointed = found.scenario.members.pointers["feature", "pool"]
    assert set(pointed) == set(range(len(found.scenario.entities["pool"])))


@every_company
def test_the_company_earns_from_its_launch(answers: Answers):
    """Revenue comes in every month after the launch, its trial included, and a customer pays more than it costs."""
    found = projected(answers)
    revenue = found.ledger.total("revenue")
    assert revenue[:LAUNCH].max() == 0
    assert revenue[LAUNCH + 2 :].min() > 0
    assert revenue[23] > 10_000
    [paid] = [name for name in found.scenario.entities["plan"] if name != "free"]
    economics = unit_economics(found.ledger, paid)
    assert economics.revenue_per_request > economics.cost_per_request
    assert economics.margin > 0


@every_company
def test_no_figure_is_absurd(answers: Answers):
    """A founder would believe the margin, the growth, and what a customer costs."""
    found = projected(answers)
    margin = found.ledger.total("gross_profit")[-1] / found.ledger.total("revenue")[-1]
    assert LEAST_MARGIN < margin < LARGEST_MARGIN
    assert 1 < found.kpis["ltv_to_cac"].value < MOST_LTV_TO_CAC
    customers = found.ledger.total("customers_served")
    assert customers[-1] < found.scenario.assumptions["market_size"].central / 20


@every_company
def test_the_money_lasts_until_something_is_sold(answers: Answers):
    """Cash lasts for half a year after the launch, and no round brings money that is never needed."""
    found = projected(answers)
    broke = found.figures.broke
    assert broke is None or broke >= LAUNCH + 6
    raised = sum(found.ledger.total(name).sum() for name in ("money_raised", "safe_raised"))
    after = found.kpis["lowest_cash_after_funding"].value
    assert after < MOST_LEFT * raised


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_a_trial_brings_customers(customer: str):
    """What may be tried for nothing is bought by more people than what must be paid for unseen."""
    nothing, trial = (
        projected((("customer", customer), ("model", "vendor"), ("free", free), ("checker", checker)))
        for free, checker in zip(FREE[:2], CHECKERS[:2], strict=True)
    )
    assert trial.ledger.total("customers_served")[-1] > nothing.ledger.total("customers_served")[-1]
