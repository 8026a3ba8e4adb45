"""Settings, the currency and the origin of a value: changed without touching anything else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from simulator import load, project
from simulator.errors import BreakevenError
from simulator.lines import business
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import SETTINGS
from simulator.scenario.shaping.origins import with_origin
from simulator.scenario.shaping.settings import with_currency, with_setting

SCENARIOS = Path(__file__).parents[4] / "scenarios"
SET = {
    "title": "我的公司",
    "description": "What it does: everything.",
    "second_currency": "EUR",
    "start": "2028-03",
    "months": 24,
    "trials": 10,
    "seed": 3,
    "cash_floor": 50_000,
    "counts": "expected",
    "round_pricing": "pre-money",
    "definitions": {"gross_margin": "all inference"},
}


@cache
def shipped(name: str) -> Scenario:
    """Return a scenario that ships; scenarios are frozen, so tests share it."""
    return load(SCENARIOS / f"{name}.yaml")


def copilot() -> Scenario:
    """Return the scenario of the support copilot."""
    return shipped("support-copilot")


def knowledge() -> Scenario:
    """Return a scenario that buys by a price card in dollars."""
    return shipped("knowledge-copilot")


def lines_changed(before: Scenario, after: Scenario) -> set[str]:
    """Return the lines of the new text that the old one lacks."""
    return set(after.text.splitlines()) - set(before.text.splitlines())


def money(scenario: Scenario) -> dict[str, float]:
    """Return the KPIs in the scenario's currency."""
    kpis = project(scenario, 0).kpis.items()
    return {name: kpi.value for name, kpi in kpis if kpi.value and kpi.unit.split("/")[0] == scenario.currency}


def test_every_setting_can_be_changed():
    """The table above has all of them but the version and the currency, which has a function of its own."""
    assert set(SET) == set(SETTINGS) - {"breakeven", "currency"}


@pytest.mark.parametrize("name", SET)
def test_a_setting_changes_its_lines_alone(name: str):
    """Comments, order and all other values stay; a new setting stands at the head."""
    found = with_setting(copilot(), name, SET[name])
    assert getattr(found.settings, name) == SETTINGS[name].read(SET[name])
    assert len(lines_changed(copilot(), found)) <= 2
    assert found.text.index(f"\n{name}: ".rstrip()) < found.text.index("\nassumptions:")
    assert {path: one.literal for path, one in found.assumptions.items()} == {
        path: one.literal for path, one in copilot().assumptions.items()
    }


@pytest.mark.parametrize("name", ["description", "cash_floor", "months"])
def test_an_empty_setting_is_the_default(name: str):
    """The line goes; what has no default is refused."""
    found = with_setting(copilot(), name, None)
    assert getattr(found.settings, name) == SETTINGS[name].default
    assert f"\n{name}:" not in found.text


@pytest.mark.parametrize(
    ("name", "literal"),
    [("title", ""), ("months", 241), ("months", "60"), ("start", "soon"), ("currency", "euro"),
     ("second_currency", "USD"), ("breakeven", 1), ("colour", "red"),
     ("definitions", {"mrr": "mine"}), ("cash_floor", "3%")],
)  # fmt: skip
def test_an_impossible_setting_is_refused(name: str, literal: object):
    """The error says what to give instead."""
    with pytest.raises(BreakevenError) as refusal:
        with_setting(copilot(), name, literal)
    assert refusal.value.args


def test_the_first_month_moves_everything_along():
    """Months are counted from it, so a round closes in the same month of the scenario, a year later."""
    found = with_setting(copilot(), "start", "2028-01")
    assert found.assumption_of("close_month", "series_a").central == 19
    assert project(found, 0).kpis["lowest_cash"].value == project(copilot(), 0).kpis["lowest_cash"].value


def test_another_currency_keeps_every_number():
    """Without a rate, units are renamed and nothing is converted."""
    found = with_setting(copilot(), "currency", "EUR")
    assert "USD" not in found.text
    assert money(found) == money(copilot())


@pytest.mark.parametrize("name", ["support-copilot", "knowledge-copilot", "credit-risk"])
def test_a_rate_converts_every_amount(name: str):
    """All KPIs in money are multiplied by the rate, and all others stay: nothing was left out, nothing else touched."""
    scenario = shipped(name)
    found, rate = with_currency(scenario, "JPY", 150.0), 150.0
    before, after = money(scenario), money(found)
    assert after == pytest.approx({name: rate * value for name, value in before.items()})
    assert project(found, 0).kpis["runway"].value == project(scenario, 0).kpis["runway"].value


@pytest.mark.parametrize("place", ["plans:\n  starter:\n", "assumptions:\n"], ids=["of a plan", "of all plans"])
def test_a_rate_converts_the_reference_price_of_old_files(place: str):
    """The older name of the reference bill is an amount, too: else every price would seem to have risen by the rate."""
    indent = " " * (2 if place.startswith("assumptions") else 4)
    scenario = parse(copilot().text.replace(place, f"{place}{indent}reference_price: 200\n"), copilot().folder)
    bill = scenario.assumption_of("reference_bill", "starter").central
    found = with_currency(scenario, "JPY", 150.0)
    assert found.assumption_of("reference_bill", "starter").central == pytest.approx(150 * bill)
    assert money(found)["end_cash"] == pytest.approx(150 * money(scenario)["end_cash"])


def test_a_price_card_in_dollars_needs_a_rate():
    """With one, the dollar becomes the second currency; without one, the change is refused."""
    assert with_currency(knowledge(), "EUR", 0.9).settings.second_currency == "USD"
    with pytest.raises(BreakevenError, match="price card"):
        with_currency(knowledge(), "EUR")


def test_a_second_currency_in_use_stays():
    """Amounts that are stated in it would lose their meaning."""
    text = copilot().text.replace("currency: USD\n", "currency: USD\nsecond_currency: EUR\n")
    text = text.replace("assumptions:\n", "assumptions:\n  exchange_rate: {value: 1.1, unit: USD/EUR}\n")
    text = text.replace("price: {value: 149, unit: USD/", "price: {value: 149, unit: EUR/")
    scenario = parse(text, copilot().folder)
    with pytest.raises(BreakevenError, match="stated in EUR"):
        with_setting(scenario, "second_currency", "")
    found = with_currency(scenario, "GBP", 0.8)
    assert found.assumption_of("price", "starter").literal == 149
    assert found.assumptions["exchange_rate"].central == pytest.approx(0.88)
    assert money(found)["end_cash"] == pytest.approx(0.8 * money(scenario)["end_cash"])


def test_the_second_currency_may_become_the_only_one():
    """Amounts in it stay as they are stated, all others are converted, and no rate is left over."""
    euros = with_currency(knowledge(), "EUR", 0.8)
    text = euros.text + "  - [exchange_rate, plans.team.churn, 0.2]\n"
    found = with_currency(parse(text, euros.folder), "USD", 1.25)
    assert (found.currency, found.settings.second_currency) == ("USD", "")
    assert "exchange_rate" not in found.text
    assert money(found) == pytest.approx(money(knowledge()))


def test_an_origin_changes_nothing_but_the_evidence():
    """The value, its spread and its unit stay; with a source and a date it is published."""
    found = with_origin(copilot(), "plans.team.conversion", source="Own trial, 412 accounts", as_of="2026-11")
    one, before = found.assumptions["plans.team.conversion"], copilot().assumptions["plans.team.conversion"]
    assert (one.literal, one.unit, one.evidence) == (before.literal, before.unit, "published")
    assert project(found, 20).kpis["end_cash"].value == project(copilot(), 20).kpis["end_cash"].value
    assert "source: Own trial, 412 accounts" in found.to_yaml()


def test_an_origin_can_be_taken_back():
    """Without a source the value is assumed."""
    found = with_origin(copilot(), "plans.team.price_elasticity", note="A guess.")
    assert found.assumptions["plans.team.price_elasticity"].evidence == "assumed"


@pytest.mark.parametrize(
    "origin", [{"source": "a study"}, {"evidence": "calibrated"}, {"evidence": "measured"}, {"note": "x" * 3_000}]
)
def test_an_origin_that_does_not_carry_its_evidence_is_refused(origin: dict[str, str]):
    """A source needs a date, a calibration its measurements, and only a record is measured."""
    with pytest.raises(BreakevenError):
        with_origin(copilot(), "plans.team.conversion", **origin)


def test_a_measured_value_stays_measured():
    """The record carries the evidence, whatever source is typed."""
    found = with_origin(copilot(), "pools.classifier.tokens_per_second", source="Ours", evidence="assumed")
    assert found.assumptions["pools.classifier.tokens_per_second"].evidence == "measured"


def test_every_value_may_have_an_origin():
    """The unit that is written beside the value is one that the file takes, for every assumption."""
    scenario = copilot()
    paths = [path for path, one in scenario.assumptions.items() if business().inputs[one.name].quantity]
    for path in paths[::7]:
        assert with_origin(scenario, path, note="Checked.").assumptions[path].note == "Checked."
