"""A vendor's bill on the page of serving, and the price card whose prices go into the scenario."""

from collections.abc import Callable

import pytest
from page_text import forgotten, texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from simulator import parse

Page = Callable[..., AppTest]
TEXT = """
breakeven: 1
title: Bought
start: 2026-11
months: 4
assumptions: {opening_cash: 100000, tax_rate: 20%, churn: 3%, conversion: 10%, hours_per_month: 730}
plans:
  team: {price: 50, requests_per_customer: 100, opening_customers: 10}
features:
  chat: {pool: large, tokens_per_request: 500, input_tokens_per_request: 2000}
pools:
  large: {tokens_per_second: 1000, device_price: 2, peak_to_mean: 2}
"""


def opened(page: Page, text: str, **more: str) -> AppTest:
    """The serving page of a scenario."""
    assert parse(text, SHIPPED)
    session = page("serving", trials=0, draft=Draft.of("bought.yaml", SHIPPED, text), **more)
    assert not session.exception
    return session


def test_a_card_gives_its_prices_to_the_pool(page: Page):
    """Before, no vendor's price is known; then the bill of a thousand requests is that of the card."""
    session = opened(page, TEXT)
    assert "No vendor's price is known" in texts(session)
    session = session.selectbox(key="price-card:large").set_value("anthropic/claude-sonnet-4-6").run()
    assert "input cost $3 and of output $15; checked 2026-11-04" in texts(session)
    session = session.button(key="take-card:large").click().run()
    assert not session.exception
    edits = session.session_state["draft"].now.edits
    assert edits["pools.large.vendor_output_price"]["value"] == 15
    assert edits["pools.large.vendor_output_price"]["source"].startswith("Anthropic, https://")
    # A thousand requests read 2 million tokens at 3 dollars, and write half a million at 15.
    (bills,) = [table.value.iloc[0] for table in session.table if "Feature" in table.value]
    assert list(bills) == ["Chat", r"\$13.50", "0%"]


def test_the_bill_is_at_the_prices_of_the_month_that_is_shown(page: Page):
    """After a year in which the vendor's prices halve, a thousand requests cost half of what the card says."""
    pool = "{card: anthropic/claude-sonnet-4-6, vendor_price_change: -50%}"
    text = TEXT.replace("{tokens_per_second: 1000, device_price: 2, peak_to_mean: 2}", pool)
    session = opened(page, text.replace("months: 4", "months: 13"))
    (bills,) = [table.value.iloc[0] for table in session.table if "Feature" in table.value]
    assert list(bills) == ["Chat", r"\$6.75", "0%"]


def test_a_pool_with_a_card_says_what_is_reserved(page: Page):
    """The card that the file names is chosen, and reserved throughput is told with its spillover."""
    pool = "{card: openai/gpt-5, vendor_reserved_units: 1, vendor_unit_rate: 0.2, vendor_unit_price: 1}"
    session = opened(page, TEXT.replace("{tokens_per_second: 1000, device_price: 2, peak_to_mean: 2}", pool))
    assert session.selectbox(key="price-card:large").value == "openai/gpt-5"
    assert "reserved throughput costs $730" in texts(session)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_every_word_can_be_translated(page: Page, currency: str):
    """No text of the panel bypasses the catalogue, in a scenario of either currency."""
    session = opened(page, f"currency: {currency}\n{TEXT}", language="pseudo")
    assert forgotten(session) == []
