"""What the answers, files and the form of a run refuse is told in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from page_text import english_in

from dashboard.parts.explaining.refusals import said, why
from dashboard.parts.words import Words
from profiling.results import curve
from profiling.results.record import load as load_record
from profiling.workload import sweep
from profiling.workload.presets import PRESETS
from profiling.workload.sweep import Axis
from profiling.workload.workload import Workload
from simulator import load, parse, project
from simulator.answers.chance.dependence import dependence
from simulator.answers.chance.replay import replay
from simulator.answers.committing.commitments import commitments
from simulator.answers.committing.quotes import read_quotes
from simulator.answers.ledger import Ledger
from simulator.answers.moving.attribution import attribution
from simulator.answers.moving.indices import explained
from simulator.answers.moving.options import committed
from simulator.answers.moving.worth import worth
from simulator.answers.ownership.investors import cap_tables
from simulator.answers.pricing.best import best_price
from simulator.answers.pricing.charging import ways_to_charge
from simulator.answers.pricing.lever_map import lever_map
from simulator.answers.pricing.priced import only_priced
from simulator.answers.pricing.several import best_of
from simulator.answers.solving.frontier import frontier
from simulator.answers.solving.search import solve
from simulator.answers.solving.target import Target
from simulator.answers.solving.target_map import target_map
from simulator.errors import BreakevenError, Undefined
from simulator.scenario.overlays import parse_overlay
from simulator.scenario.scenario import Scenario

ROOT = Path(__file__).parents[3]
SCENARIOS = ROOT / "scenarios"
# Costs, a round and a free plan; nothing is drawn, and no device has a price.
SMALL = """\
breakeven: 1
title: Small
currency: USD
start: 2027-01
months: 12
trials: 100
assumptions: {opening_cash: 30000, tax_rate: 0}
plans:
  free: {title: 免费, price: 0, churn: 0, opening_customers: 1, requests_per_customer: 10}
features:
  chat: {pool: large, tokens_per_request: 500}
pools:
  large: {vendor_share: 1, vendor_output_price: 9}
holders: {founders: {shares: 100}}
safes:
  angels: {signed_month: 0, investment: 100000, valuation_cap: 110000}
  others: {signed_month: 0, investment: 100000, valuation_cap: 110000}
rounds:
  seed: {close_month: 2, amount: 50000, pre_money: 5000000}
"""


@cache
def example() -> Scenario:
    """Return a scenario with ranges, two plans, devices and rounds."""
    return load(SCENARIOS / "support-copilot.yaml")


@cache
def small() -> Scenario:
    """Return the small company."""
    return parse(SMALL, Path())


def target(text: str) -> Target:
    """Return a target."""
    return Target.read(text)


REFUSED: dict[str, tuple[Callable[[], Scenario], Callable[[Scenario], object]]] = {
    "no target": (example, lambda it: target("尽量多")),
    "no KPI": (example, lambda it: target("跑道 >= 12")),
    "no comparison": (example, lambda it: target("现金 ~ 12")),
    "no number": (example, lambda it: target("runway >= 很快")),
    "a share as a number": (example, lambda it: target("gross_margin >= 70")),
    "no share of the trials": (example, lambda it: target("runway >= 12 in 300% of trials")),
    "a target of no single trial": (example, lambda it: solve(it, "opening_cash", target("nrr >= 1 in 95% of trials"))),
    "a target of trials that are not run": (
        example,
        lambda it: solve(it, "opening_cash", target("runway >= 12 in 95% of trials"), trials=0),
    ),
    "a target of trials that are all alike": (
        small,
        lambda it: solve(it, "opening_cash", target("runway >= 12 in 95% of trials")),
    ),
    "a level of zero": (small, lambda it: solve(it, "fixed_overhead", target("runway >= 12"))),
    "bounds that are reversed": (example, lambda it: solve(it, "opening_cash", target("runway >= 12"), (9.0, 3.0))),
    "no such assumption": (example, lambda it: solve(it, "期初", target("runway >= 12"))),
    "one assumption twice": (
        example,
        lambda it: frontier(it, ("opening_cash", "opening_cash"), target("runway >= 12")),
    ),
    "a second assumption of zero": (
        small,
        lambda it: frontier(it, ("opening_cash", "tax_rate"), target("runway >= 12")),
    ),
    "a map of one assumption": (example, lambda it: lever_map(it, "opening_cash", "opening_cash", "end_cash", 3)),
    "a map of one value": (example, lambda it: lever_map(it, "opening_cash", "tax_rate", "end_cash", 1)),
    "a map of no aim": (example, lambda it: lever_map(it, "opening_cash", "tax_rate", "名声", 3)),
    "a map that takes too long": (
        small,
        lambda it: lever_map(it, "opening_cash", "rounds.seed.amount", "end_cash", 900),
    ),
    "a map over trials that takes too long": (
        example,
        lambda it: target_map(
            it, "opening_cash", "tax_rate", target("probability_of_ruin <= 5%"), points=200, trials=100
        ),
    ),
    "a map without a value": (small, lambda it: lever_map(it, "opening_cash", "rounds.seed.amount", "gross_margin", 3)),
    "bounds in the wrong order": (example, lambda it: best_of(it, ["plans.team.price=80..20"])),
    "bounds of a default": (example, lambda it: best_of(it, ["plans.team.requests_cap"])),
    "bounds of zero": (small, lambda it: best_of(it, ["tax_rate=0..0"])),
    "one assumption twice in a search": (example, lambda it: best_of(it, ["plans.team.price", "plans.team.price"])),
    "too many assumptions": (
        example,
        lambda it: best_of(it, [f"plans.{plan}.{name}" for plan in ("team", "starter") for name in PRICES]),
    ),
    "no aim": (example, lambda it: best_of(it, ["plans.team.price"], aim="名声")),
    "few trials": (example, lambda it: best_of(it, ["plans.team.price"], over="p5", trials=3)),
    "no trials": (example, lambda it: best_of(it, ["plans.team.price"], over="p5", trials=0)),
    "a free plan": (small, lambda it: best_price(it, "free")),
    "no plan": (example, lambda it: best_price(it, "团队")),
    "no plan with a price": (small, only_priced),
    "no aim of a price": (example, lambda it: ways_to_charge(it, "team", "名声")),
    "no price of devices": (small, lambda it: commitments(it, "large", 0)),
    "too many trials for a plan": (example, lambda it: commitments(it, "large", 10_000_000)),
    "no quote": (example, lambda it: read_quotes("一阵子")),
    "a quote for a century": (example, lambda it: read_quotes("1200=3")),
    "a term twice": (example, lambda it: read_quotes("12=3, 12=4")),
    "a sample of two": (example, lambda it: explained(it, "end_cash", 2)),
    "a spread of nothing": (small, lambda it: explained(it, "end_cash")),
    "a KPI of no single trial": (example, lambda it: explained(it, "nrr")),
    "options on two trials": (example, lambda it: worth(it, (), "end_cash", 2)),
    "commitments of nothing": (small, committed),
    "two currencies": (example, lambda it: attribution(it, euros(), ["end_cash"])),
    "a dependence of ten trials": (example, lambda it: dependence(it, "end_cash", "opening_cash", 10)),
    "a dependence on what is certain": (example, lambda it: dependence(it, "end_cash", "opening_cash", 200)),
    "a dependence on nothing": (example, lambda it: dependence(it, "end_cash", "期初", 200)),
    "no such trial": (example, lambda it: replay(it, 10**12)),
    "no such line": (example, lambda it: project(it, 0, keep=["现金线"])),
}
PRICES = ("price", "overage_price", "included_requests", "churn")


def euros() -> Scenario:
    """Return the small company in another currency."""
    return parse(SMALL.replace("USD", "EUR"), Path())


def told(name: str, language: str) -> str:
    """Return what a page says of a refusal."""
    made, ask = REFUSED[name]
    scenario = made()
    with pytest.raises(BreakevenError) as refused:
        ask(scenario)
    return why(refused.value, scenario, Words(language, scenario.currency, scenario.start))


@pytest.mark.parametrize("name", REFUSED)
def test_an_answer_is_refused_in_chinese(name: str):
    """Whatever an answer cannot tell, and what to do instead, is said in the reader's language."""
    sentence = told(name, "zh")
    assert sentence.endswith(("。", "？"))
    assert english_in(sentence) == [], sentence


def test_names_in_a_refusal_are_those_of_the_page():
    """A KPI, an assumption and a plan are called as the tiles and forms call them, and not by their codes."""
    assert told("a KPI of no single trial", "en").startswith("NRR has no value in a single trial")
    assert told("bounds in the wrong order", "en").startswith(
        "Price · Team would be searched from 80 to 20; give the lower bound first"
    )


def test_a_cap_table_that_does_not_add_up_is_told_in_chinese():
    """Two SAFEs that sell more than the company: who, what, and what to do."""
    with pytest.raises(Undefined) as reason:
        cap_tables(Ledger.of(small()))
    sentence = said(reason.value.text, small(), Words("zh"))
    assert "180%" in sentence or "182%" in sentence
    assert re.findall(r"[A-Za-z]{2,}", re.sub(r"SAFE|Angels|Others", "", sentence)) == []


FILES = [
    "title: x\n",
    SMALL.replace("plans:\n", "plons:\n"),
    SMALL.replace("price: 0", "prize: 0"),
    SMALL.replace("price: 0", "salary: 0"),
    SMALL.replace("price: 0", "tax_rate: 0"),
    SMALL.replace("price: 0, ", ""),
    SMALL.replace("pool: large", "pool: huge"),
    SMALL.replace("pool: large, ", ""),
    SMALL.replace("free: {", "fr ee: {"),
    SMALL.replace("  large: {vendor_share: 1, vendor_output_price: 9}", "  large: 3"),
    SMALL + "correlations: 3\n",
    SMALL + "correlations: [[a, b]]\n",
    SMALL + "comments: 3\n",
]
OVERLAYS = [
    "title: x\n",
    "overlay: 9\ntitle: x\n",
    "overlay: 1\n",
    "overlay: 1\ntitle: [x]\n",
    "overlay: 1\ntitle: x\nplons: {}\n",
    "overlay: 1\ntitle: x\nplans: 3\n",
    "overlay: 1\ntitle: x\nplans: {team: 3}\n",
    "overlay: 1\ntitle: x\nplans: {free: {churn: {times: x}}}\n",
    "overlay: 1\ntitle: x\nplans: {free: {churn: {measured: x.json}}}\n",
]
# Keys of the file, which stay as the file has them.
KEYS = re.compile(
    r"\b(plons|plans?|pools?|roles?|assumptions|programs|correlations|comments|overlay|title|free)\b|[“'\"].*?[”'\"]"
)


def read(text: str) -> Scenario:
    """Return the scenario in a text, or the small one under the what-if in it."""
    return parse(text, Path()) if text in FILES else parse(SMALL, Path(), "small.yaml", [parse_overlay(text)])


@pytest.mark.parametrize("text", [*FILES, *OVERLAYS], ids=lambda text: text[-60:])
def test_a_mistake_in_a_file_is_told_in_chinese(text: str):
    """The list of mistakes, on Compare and where a file is opened, has no English sentence; keys stay."""
    with pytest.raises(BreakevenError) as refused:
        read(text)
    sentence = KEYS.sub("", why(refused.value, small(), Words("zh")).replace("\\", ""))
    # A list of all sections or fields is one of keys.
    assert english_in(re.sub(r"(?<=可用：)[\w, ]+", "", sentence)) == [], sentence


def record() -> object:
    """Return the record of the tests."""
    return load_record(next((SCENARIOS / "measurements").glob("*classifier-full-fcb2.json")))


WORKLOAD = PRESETS["classifier-quick"].workload
RUNS: dict[str, Callable[[], object]] = {
    "no number": lambda: sweep.change(WORKLOAD, "repeats=many"),
    "no repeats": lambda: sweep.change(WORKLOAD, "repeats=0"),
    "no such precision": lambda: sweep.change(WORKLOAD, "precision=int3"),
    "no such field": lambda: sweep.change(WORKLOAD, "colour=red"),
    "one step": lambda: sweep.change(WORKLOAD, "steps=2"),
    "processes": lambda: sweep.change(WORKLOAD, "processes=2"),
    "lengths": lambda: sweep.change(WORKLOAD, "text_lengths=long"),
    "a sweep twice": lambda: sweep.expand(WORKLOAD, [Axis("batch", (1,)), Axis("batch", (2,))]),
    "a sweep over the device": lambda: sweep.expand(WORKLOAD, [Axis("device", ("cpu",))]),
    "a sweep without values": lambda: Axis.parse("batch="),
    "a sweep of thousands": lambda: sweep.expand(WORKLOAD, [Axis("batch", tuple(range(1, 5000)))]),
    "nothing": lambda: Workload.parse({}, "mine.json"),
    "no cases": lambda: Workload.parse({**WORKLOAD.to_json(), "cases": []}, "mine.json"),
    "a list": lambda: Workload.parse([1], "mine.json"),
    "no load": lambda: curve.of(record(), "colour"),
    "no curve": lambda: curve.of(record(), "concurrency"),
    "no metric": lambda: record().estimate("joy"),
    "several points": lambda: record().estimate("tokens_per_second"),
}
# Fields, words and names of a workload's file, which the form shows as they are.
WORDS = re.compile(
    r"'[^']*'|\b[a-z0-9.]+[_\-=\[][\w.\-=\[\]]*|(?<=：)[\w, .\-=]+"
    r"|\b(half|bfloat|float|mine|record|ddp|fsdp|none|repeats|steps|batch|parallel|cases)\w*\b"
)
