"""The serving page of a company that may move requests from a prompt to a fine-tuned model."""

from collections.abc import Callable

import pytest
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from dashboard.parts.words import Words
from simulator.answers.ledger import Ledger
from simulator.answers.variations.instead import moves
from simulator.scenario.reading import parse

Page = Callable[..., AppTest]
COMPANY = """\
breakeven: 1
title: Tickets
currency: USD
start: 2027-01
months: 6
assumptions: {opening_cash: 1000000, tax_rate: 0}
plans:
  desk: {price: 900, conversion: 0, churn: 0, requests_per_customer: 4000, opening_customers: 50}
features:
  prompted: {pool: vendor, tokens_per_request: 5, input_tokens_per_request: 2000, right_share: 80%}
  tuned: {title: Tuned model, pool: own, tokens_per_request: 100, right_share: 90%}
pools:
  vendor: {vendor_share: 100%, vendor_input_price: 2}
  own: {tokens_per_second: 1000, device_price: 0.4, peak_to_mean: 2}
programs:
  lora: {run_every: 3, examples_per_run: 500, labelled_share: 100%, label_price: 0.5}
routes:
  tuning: {pool: vendor, feature: tuned, program: lora, moved_share: "{0: 0%, 3: 100%}"}
""".replace('"{', "{").replace('}"', "}")


@pytest.fixture
def session(page: Page) -> AppTest:
    """Return the page of the pool that answers by a prompt."""
    return page("serving", trials=0, draft=Draft.of("tickets.yaml", SHIPPED, COMPANY))


def test_serving_says_from_how_many_requests_a_move_pays(session: AppTest):
    """Both ways stand side by side, and the sentence has the number that the command has."""
    assert not session.exception
    (move,) = moves(Ledger.of(parse(COMPANY, SHIPPED, "tickets.yaml")))
    say, least = Words(), move.pays_from(5)
    assert least is not None
    assert f"the move pays from {say.number(round(least))} requests a month on" in texts(session)
    assert "90% of the answers are right instead of 80%." in texts(session)
    table = next(one.value for one in session.table if "Right answers" in one.value.columns).astype(str)
    assert list(table["Right answers"]) == ["80%", "90%"]


def test_a_route_that_only_moves_escalates_nothing(session: AppTest):
    """No answer is paid twice."""
    assert "both answers are paid" not in texts(session)
