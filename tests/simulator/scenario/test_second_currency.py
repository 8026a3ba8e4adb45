"""Amounts in a second currency: one rate converts them all, month by month and trial by trial."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.__main__ import main
from simulator.answers.draws import draw, trials_of
from simulator.answers.explain import explain
from simulator.answers.ledger import Ledger
from simulator.answers.variations.sensitivity import tornado
from simulator.errors import ScenarioError
from simulator.scenario.overlays import parse_overlay
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

# A company in Berlin that sells in EUR and rents in USD, at 1 EUR = 1.15 USD.
TEXT = """\
breakeven: 1
title: Berlin
currency: EUR
second_currency: USD
start: 2027-01
months: 6
trials: 20
counts: expected
assumptions:
  hours_per_month: 730
  peak_to_mean: 1
  opening_cash: {value: 115000, unit: USD}
  tax_rate: 30%
  fixed_overhead: {value: 1000, unit: USD/month}
  exchange_rate: {value: 0.8695652173913043, unit: EUR/USD}
channels: {ads: {budget: 3000, cost_per_signup: 30, most_signups: 1000}}
plans: {pro: {price: 20, conversion: 10%, share_of_signups: 100%, churn: 3%, requests_per_customer: 10000}}
features: {chat: {pool: gpu, tokens_per_request: 500}}
pools:
  gpu: {tokens_per_second: 2000, device_price: {value: 2.5, unit: USD/device/hour}}
"""
RATE = "{value: 0.8695652173913043, unit: EUR/USD}"
WALK = "{value: {walk: 90% between 0.8 and 0.95, monthly_volatility: 4%}, unit: EUR/USD}"


def read(*changes: tuple[str, str], overlay: str = "") -> Scenario:
    """Return the company with parts of its text replaced, under a what-if."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text, Path(), overlays=[parse_overlay(overlay)] if overlay else [])


def rent(scenario: Scenario) -> list[float]:
    """Return the base case's rent by month."""
    return Ledger.of(scenario).total("cloud_rent").tolist()


def test_a_dollar_price_costs_its_euros() -> None:
    """A device-hour at 2.50 USD is 2.50 / 1.15 EUR, and so are all amounts in USD."""
    ledger = Ledger.of(read())
    assert rent(read()) == pytest.approx([2.5 / 1.15 * 730] * 6)
    assert ledger.assumed("device_price", "gpu")[0] == pytest.approx(2.5 / 1.15)
    assert ledger.total("office_and_tools") == pytest.approx([1000 / 1.15] * 6)
    assert ledger.total("cash")[0] - ledger.total("cash_flow")[0] == pytest.approx(115_000 / 1.15)


def test_converting_by_hand_changes_no_line() -> None:
    """A file with each amount converted beforehand has the same projection."""
    by_hand = read(
        ("{value: 115000, unit: USD}", "100000"),
        ("{value: 1000, unit: USD/month}", "869.5652173913043"),
        ("{value: 2.5, unit: USD/device/hour}", "2.1739130434782608"),
    )
    one, other = Ledger.of(read()).lines, Ledger.of(by_hand).lines
    for name, line in one.items():
        np.testing.assert_allclose(line, other[name], rtol=1e-12, err_msg=name)


def test_the_rate_may_follow_a_schedule() -> None:
    """Each month takes its own rate; what is the same in all months takes that of the first."""
    scenario = read((RATE, "{value: {0: 0.8, 3: 0.9}, unit: EUR/USD}"))
    assert rent(scenario) == pytest.approx([2.5 * 730 * rate for rate in (0.8, 0.8, 0.8, 0.9, 0.9, 0.9)])
    ledger = Ledger.of(scenario)
    assert ledger.total("cash")[0] - ledger.total("cash_flow")[0] == pytest.approx(115_000 * 0.8)


def test_a_walking_rate_moves_all_dollar_prices_alike() -> None:
    """In each trial and month, rent and overhead in USD are the base case's times one factor, that of the rate."""
    scenario = read((RATE, WALK))
    rate = draw(scenario, 20)["exchange_rate"]
    lines = trials_of(scenario, 20).keep(["cloud_rent", "office_and_tools"])
    assert len(np.unique(rate[3])) == 21
    np.testing.assert_allclose(lines["cloud_rent"][:, 0], rate * 2.5 * 730)
    np.testing.assert_allclose(lines["office_and_tools"][:, 0], rate * 1000)


def test_an_edit_stays_in_dollars() -> None:
    """A new bare number keeps the unit of the one before, in the scenario and in its file."""
    edited = read().with_value("pools.gpu.device_price", 3)
    assert edited.assumptions["pools.gpu.device_price"].unit == "USD/device/hour"
    assert rent(edited) == pytest.approx([3 / 1.15 * 730] * 6)
    again = parse(edited.to_yaml(), Path())
    assert again.hash == edited.hash != read().hash
    assert rent(again) == rent(edited)


def test_a_members_own_value_inherits_the_currency() -> None:
    """An edit of one pool, where the file has a price for all pools, stays in the currency of that price."""
    scenario = read(
        (", device_price: {value: 2.5, unit: USD/device/hour}", ""),
        ("  tax_rate", "  device_price: {value: 2.5, unit: USD/device/hour}\n  tax_rate"),
    ).with_value("pools.gpu.device_price", 5)
    assert rent(scenario) == pytest.approx([5 / 1.15 * 730] * 6)
    assert rent(parse(scenario.to_yaml(), Path())) == rent(scenario)


@pytest.mark.parametrize(
    "asked",
    [
        ["map", "--x", "plans.pro.price", "--y", "pools.gpu.device_price", "--points", "3"],
        ["price", "--plan", "pro", "--trials", "0"],
        ["charging", "--plan", "pro", "--trials", "0"],
    ],
    ids=" ".join,
)
def test_a_member_is_varied_in_the_currency_of_the_value_for_all(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A price in USD has the same answers as the price of its only plan or pool, and as that of all."""
    device, price = "device_price: {value: 2.5, unit: USD/device/hour}", "price: {value: 20, unit: USD/customer/month}"
    own = TEXT.replace("price: 20", price)
    for_all = (
        TEXT.replace(f", {device}", "").replace("price: 20, ", "").replace("  tax", f"  {device}\n  {price}\n  tax")
    )
    told = []
    for text in (own, for_all):
        (tmp_path / "berlin.yaml").write_text(text, encoding="utf-8")
        assert main([asked[0], str(tmp_path / "berlin.yaml"), *asked[1:], "--json"]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]


@pytest.mark.parametrize("name", ['"*"', "gpu"])
@pytest.mark.parametrize("at_top", [False, True])
@pytest.mark.parametrize("change", ["{times: 1.5}", "3.75"])
def test_a_what_if_changes_dollars(name: str, at_top: bool, change: str) -> None:
    """A price times 1.5, or a new price, stays in USD, whether the pool or all pools have it."""
    moved = (
        (", device_price: {value: 2.5, unit: USD/device/hour}", ""),
        ("  tax_rate", "  device_price: {value: 2.5, unit: USD/device/hour}\n  tax_rate"),
    )
    overlay = f"overlay: 1\ntitle: Short\npools:\n  {name}: {{device_price: {change}}}\n"
    scenario = read(*(moved if at_top else ()), overlay=overlay)
    assert rent(scenario) == pytest.approx([3.75 / 1.15 * 730] * 6)


def test_the_explanation_shows_amount_rate_and_product() -> None:
    """Under the rent stands the price in EUR, and under it the price in USD and the rate."""
    price = next(one for one in explain(read(), "cloud_rent[gpu]", 2).inputs if one.role == "device_price")
    assert (price.value, price.unit) == (pytest.approx(2.5 / 1.15), "EUR/device/hour")
    assert [(one.value, one.unit) for one in price.inputs] == [
        (2.5, "USD/device/hour"),
        (pytest.approx(1 / 1.15), "EUR/USD"),
    ]


def test_an_uncertain_rate_is_one_of_the_uncertainties() -> None:
    """The sensitivity of cash lists the rate, and a weaker euro costs money."""
    found = tornado(read((RATE, "{value: 90% between 0.8 and 0.95, unit: EUR/USD}")))
    assert "exchange_rate" in {one.path for one in found}


@settings(max_examples=8)
@given(st.floats(0.01, 100))
def test_a_rate_and_its_prices_move_against_each_other(factor: float) -> None:
    """A currency of which one unit is worth k times as much has prices that are k times lower."""
    scenario = read().with_values(
        {
            "exchange_rate": factor / 1.15,
            "pools.gpu.device_price": 2.5 / factor,
            "opening_cash": 115_000 / factor,
            "fixed_overhead": 1000 / factor,
        }
    )
    np.testing.assert_allclose(Ledger.of(scenario).total("cash"), Ledger.of(read()).total("cash"), rtol=1e-9)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ((("second_currency: USD\n", ""),), "add `second_currency: USD` at the top and `exchange_rate:`"),
        ((("unit: EUR/USD", "unit: USD/EUR"),), "give it in EUR/USD: the EUR that one USD costs, here 1.15"),
        (((f"  exchange_rate: {RATE}\n", ""),), "the file gives no exchange rate; add `exchange_rate:` in EUR/USD"),
        ((("unit: USD/month", "unit: GBP/month"),), "the file's currencies are EUR and USD, not GBP"),
        ((("unit: USD/month", "unit: USD/year"),), "give it in USD/month: 1,000 a year is 83.33 a month"),
        ((("second_currency: USD", "second_currency: EUR"),), "the second currency is the scenario's own, EUR"),
    ],
)
def test_a_currency_is_never_relabelled(changes: tuple[tuple[str, str], ...], says: str) -> None:
    """Each mistake is told with the way to convert, and never with another label for the same number."""
    with pytest.raises(ScenarioError) as found:
        read(*changes)
    assert says in str(found.value)
    assert "give it in EUR/device" not in str(found.value)
