"""The serving page of a company whose feature works in steps."""

from collections.abc import Callable

import pytest
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from dashboard.parts.words import Words
from simulator.answers.ledger import Ledger
from simulator.scenario.reading import parse

Page = Callable[..., AppTest]
AGENT = """\
breakeven: 1
title: Agent
currency: USD
start: 2027-01
months: 6
assumptions: {opening_cash: 1000000, hours_per_month: 730, tax_rate: 0}
plans:
  solo: {title: Solo, price: 0, task_price: 0.9, conversion: 0, churn: 0, requests_per_customer: 40,
    opening_customers: 50}
features:
  coder: {title: Coder, pool: vendor, tokens_per_request: 300, input_tokens_per_request: 4000, context_growth: 1200,
    steps: 10, step_failure: 5%, most_tries: 2, seconds_per_token: 0.02}
  chat: {title: Chat, pool: vendor, tokens_per_request: 300}
pools:
  vendor: {tokens_per_second: 1, device_price: 0, peak_to_mean: 1, vendor_share: 100%, vendor_output_price: 15}
"""


@pytest.fixture
def draft() -> Draft:
    """Return the company as the dashboard opens it."""
    return Draft.of("agent.yaml", SHIPPED, AGENT)


def test_serving_lists_what_a_finished_task_costs_and_brings(page: Page, draft: Draft):
    """Only the feature with steps is listed, with the base case's figures in each column."""
    session = page("serving", trials=0, draft=draft)
    assert not session.exception
    ledger, say = Ledger.of(parse(AGENT, SHIPPED, "agent.yaml")), Words()
    figures = [
        say.number(float(ledger.of_member("steps_per_request", "coder")[0])),
        say.share(0.9975**10),
        say.money(float(ledger.of_member("cost_per_finished_task", "coder")[0])).replace("$", "\\$"),
    ]
    table = session.table[0].value.astype(str)
    assert table.shape == (1, 5)
    assert table.iloc[0, 0] == "Coder"
    assert [cell.replace("\\.", ".") for cell in table.iloc[0, 1:4]] == figures
    assert "Revenue per finished task" in texts(session)
    assert "Solo $0.9" in texts(session).replace("\\", "")


def test_a_task_price_is_per_finished_task_on_every_page(page: Page, draft: Draft):
    """As in its field: a request that does not finish its task is not paid for."""
    said = texts(page("pricing", trials=0, draft=draft)).replace("\\", "")
    assert "/ finished task" in said
    assert "/ request" not in said


def test_the_form_of_a_feature_asks_for_its_steps(page: Page, draft: Draft):
    """Each assumption of a task is a field of the feature."""
    session = page("assumptions", trials=0, draft=draft)
    session = next(box for box in session.selectbox if "assumptions of" in box.label).select(("feature", "coder")).run()
    assert not session.exception
    fields = {field.label.split(",")[0] for field in session.text_input}
    assert {"Steps", "Steps spread", "Step failure", "Most tries", "Context growth", "Reasoning tokens"} <= fields
    assert {"Cache lifetime", "Cache write share", "Tool price", "Tool calls per step", "Tool seconds"} <= fields


def test_a_vendors_bill_is_told_with_the_weight_of_input(page: Page, draft: Draft):
    """A mean over weighted tokens is no price of a vendor's list, so the bill and the weight stand beside it."""
    ledger, say = Ledger.of(parse(AGENT, SHIPPED, "agent.yaml")), Words()
    every, reading, served = (
        float(ledger.of_member(line, "vendor")[-1])
        for line in ("cost_per_million_tokens", "cost_per_million_input_tokens", "tokens_served")
    )
    said = texts(page("serving", trials=0, draft=draft))
    assert f"the vendor's bill is {say.money(every * served)}, which is {say.money(every)} per million tokens" in said
    assert f"an input token counts as {say.number(reading / every)} of an output token" in said
    assert "and one read from a cache as 0.025." in said
