"""A pool that names a price card: the vendor's prices with their source, by month, under edits and what-ifs."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from companies import written

from simulator.answers.ledger import Ledger
from simulator.errors import ScenarioError
from simulator.scenario.cards.card import Counts, bill, total
from simulator.scenario.cards.catalogue import cards, find_card
from simulator.scenario.overlays import parse_overlay
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

PLAN = {"price": 100, "conversion": 0, "churn": 0, "opening_customers": 1_000, "requests_per_customer": 1_000}
CHANGES = "google/gemini-3.8-flash"  # its prices double on 1 January 2027


def text(card: str, feature: dict[str, Any] | None = None, pool: dict[str, Any] | None = None, **head: Any) -> str:
    """Return a scenario from November 2026 whose only pool names a card and makes a million requests a month."""
    members = {
        "plan": {"team": PLAN},
        "feature": {"chat": {"pool": "large", "tokens_per_request": 500} | (feature or {})},
        "pool": {"large": {"card": card} | (pool or {})},
    }
    top = {"opening_cash": 0, "tax_rate": 0, "hours_per_month": 730}
    return written(members, top, **{"currency": "USD", "start": "2026-11", "months": 4, **head})


def scenario(*arguments: Any, **head: Any) -> Scenario:
    """Return that scenario."""
    return parse(text(*arguments, **head), Path())


@pytest.mark.parametrize("seed", range(25))
def test_a_request_of_the_plan_costs_what_the_card_bills(seed: int):
    """The line's bill for a request of given counts is the card's, below and above a threshold, to twelve digits."""
    rng = random.Random(seed)
    card = cards()[rng.choice([name for name, card in cards().items() if len(card.tiers(date(2026, 11, 1))) < 3])]
    tokens, output, cached = rng.randint(1_000, 600_000), rng.randint(0, 9_000), rng.choice([0, 0.25, 0.5])
    asked = Counts(tokens // 4 * 4, output, int(tokens // 4 * 4 * cached))
    feature = {"tokens_per_request": output, "input_tokens_per_request": asked.input, "cached_share": cached}
    found = Ledger.of(scenario(card.name, feature)).of_member("vendor_request_bill", "chat")
    expected = [total(bill(card, asked, day)) for day in (date(2026, 11, 1), date(2027, 1, 1))]
    assert [found[0], found[2]] == [pytest.approx(float(one), rel=1e-12) for one in expected]


def test_a_batch_of_the_plan_costs_what_the_card_bills():
    """Where all requests go in batches, the bill of a request is the card's batch bill, cached tokens included."""
    day, feature = date(2026, 11, 1), {"input_tokens_per_request": 4_000, "cached_share": 0.5}
    for name in sorted(name for name, card in cards().items() if card.tiers(day, batch=True))[::8]:
        found = Ledger.of(scenario(name, feature, {"vendor_batch_share": 1}))
        expected = float(total(bill(cards()[name], Counts(4_000, 500, 2_000), day, batch=True)))
        assert found.of_member("vendor_request_bill", "chat")[0] == pytest.approx(expected, rel=1e-12), name


def test_writes_to_the_cache_cost_what_the_card_bills():
    """Half of the input is written for an hour, and half of that for five minutes only."""
    card = find_card("anthropic/claude-sonnet-4-6")
    feature = {"tokens_per_request": 0, "input_tokens_per_request": 8_000, "cache_write_share": 1}
    found = Ledger.of(scenario(card.name, feature, {"vendor_hour_share": 0.5}))
    expected = total(bill(card, Counts(8_000, written=4_000, written_hour=4_000), date(2026, 11, 1)))
    assert found.of_member("vendor_request_bill", "chat")[0] == pytest.approx(float(expected), rel=1e-12)


def test_a_price_changes_in_the_month_after_its_day():
    """Prices that double on 1 January 2027 double in the third month from November 2026."""
    cost = Ledger.of(scenario(CHANGES)).of_member("vendor_cost", "large")
    assert list(cost) == pytest.approx([500 * 3.75, 500 * 3.75, 500 * 7.5, 500 * 7.5])
    later = scenario(CHANGES, start="2027-03").assumptions["pools.large.vendor_output_price"]
    assert (later.central, later.is_plain) == (7.5, True)


def test_each_price_says_where_it_comes_from():
    """A price of a card is published, with the vendor's page, the day of the last check, and the card's name."""
    found = scenario("openai/gpt-5").assumptions["pools.large.vendor_input_price"]
    assert (found.central, found.evidence, found.as_of) == (1.25, "published", "2026-11-04")
    assert found.source.startswith("OpenAI, https://")
    assert found.note == "Price card openai/gpt-5."
    assert found.line == 15


def test_what_the_file_states_comes_before_the_card():
    """A price in the pool, or at the top for all pools, replaces that of the card."""
    own = scenario("openai/gpt-5", {}, {"vendor_input_price": 1}).assumptions
    assert own["pools.large.vendor_input_price"].central == 1
    assert own["pools.large.vendor_output_price"].central == 10
    top = text("openai/gpt-5").replace("  tax_rate", "  vendor_input_price: 2\n  tax_rate")
    assert parse(top, Path()).assumption_of("vendor_input_price", "large").central == 2


def test_an_edit_is_saved_beside_the_card(tmp_path: Path):
    """A changed price is written into the pool; the card stays and gives the others."""
    edited = scenario("openai/gpt-5").with_value("pools.large.vendor_input_price", 2)
    edited.save(tmp_path / "edited.yaml")
    again = load(tmp_path / "edited.yaml")
    assert again.about["pools.large"]["card"] == "openai/gpt-5"
    assert {path: one.central for path, one in again.assumptions.items()} == {
        path: one.central for path, one in edited.assumptions.items()
    }
    assert again.hash == edited.hash


def test_a_what_if_scales_the_prices_of_a_card():
    """Half the price is half of each step, for a pool by name, for every pool and for the whole company."""
    for changes in ("pools: {large: {A: B}}", 'pools: {"*": {A: B}}', "assumptions: {A: B}"):
        body = changes.replace("A", "vendor_output_price").replace("B", "{times: 0.5}")
        halved = parse(text(CHANGES), Path(), overlays=[parse_overlay(f"overlay: 1\ntitle: Half\n{body}\n")])
        found = halved.assumption_of("vendor_output_price", "large")
        assert list(found.base(4)) == [1.875, 1.875, 3.75, 3.75], changes


@pytest.mark.parametrize("changes", ['pools: {"*": C}', "pools: {large: C}", "assumptions: C"])
def test_a_what_if_scales_the_share_that_a_card_gives_its_vendor(changes: str):
    """A pool with a card leaves everything to the vendor: a quarter less is 75 %, and not a share of the usual none."""
    devices = {"tokens_per_second": 1000, "device_price": 2, "peak_to_mean": 2}
    what_if = parse_overlay(f"overlay: 1\ntitle: X\n{changes.replace('C', '{vendor_share: {times: 0.75}}')}\n")
    found = parse(text("openai/gpt-4o", pool=devices), Path(), overlays=[what_if])
    assert found.assumption_of("vendor_share", "large").central == 0.75


@pytest.mark.parametrize(
    ("changed", "line", "what"),
    [
        (text("openai/gpt5"), 15, "'openai/gpt5' is not a price card; did you mean openai/gpt-5"),
        (text("openai/gpt-5", currency="EUR"), 15, "the card's prices are in USD, and the scenario's money in EUR"),
        (text("openai/gpt-5", {"card": "openai/gpt-5"}), 13, "'card' is not an assumption per feature"),
        (text("openai/gpt-5", {}, {"vendor_share": 0.5}), 15, "the pool needs it unless vendor_share is 1; add `tok"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(changed: str, line: int, what: str):
    """Each mistake says where it is and what to do."""
    with pytest.raises(ScenarioError) as error:
        parse(changed, Path())
    assert what in str(error.value)
    assert {problem.line for problem in error.value.problems} == {line}


def test_devices_beside_a_card_have_to_be_described():
    """A share of 50 % is refused until the pool says what its own devices can do and cost."""
    with pytest.raises(ScenarioError, match="the pool needs it unless vendor_share is 1"):
        scenario("openai/gpt-5").with_value("pools.large.vendor_share", 0.5)
    devices = {"tokens_per_second": 1_000, "device_price": 2, "peak_to_mean": 2}
    assert scenario("openai/gpt-5", {}, {"vendor_share": 0.5, **devices})
