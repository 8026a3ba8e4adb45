"""The page Capacity: a plan of what to sign when, a button that applies it, and what it says where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from page_text import charts, forgotten, texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.drafts import Draft

Page = Callable[..., AppTest]
# One customer whose requests keep two and a half devices busy, and grow.
COMPANY = """\
breakeven: 1
title: One pool
currency: USD
start: 2027-01
months: 18
trials: 40
assumptions: {opening_cash: 30000, hours_per_month: 730, tax_rate: 0}
plans:
  team:
    price: 100
    churn: 0
    opening_customers: 1
    requests_per_customer: {start: 90% between 1000000 and 2000000, monthly_growth: 4%}
features:
  chat: {pool: large, tokens_per_request: 500}
pools:
  large:
    {tokens_per_second: 100, device_price: 4, peak_to_mean: 1,
    reserved_price: 2.5, reserved_term: 6, vendor_output_price: 90}
"""


@pytest.fixture
def drawn(page: Page, home: Path) -> Callable[..., AppTest]:
    """Return the page of that company, with a part of its text replaced."""

    def opened(language: str = "en", old: str = "", new: str = "", is_first: bool = False) -> AppTest:
        draft = Draft.of("pool.yaml", home, COMPANY.replace(old, new) if old else COMPANY)
        session = page("capacity", language, 40, draft=draft, is_first=is_first)
        assert not session.exception
        return session

    return opened


def answer(session: AppTest) -> str:
    """Return the sentence that the page answers with."""
    return re.sub(r"\\(.)", r"\1", session.info[0].value)


def test_the_button_makes_the_plan_the_scenarios(drawn: Callable[..., AppTest]):
    """As one change, after which there is nothing to apply, and the answer is the same."""
    session = drawn()
    said = answer(session)
    assert re.match(r"Reserve devices for 6 months: \d+ from Jan 2027; renew with", said)
    assert "The vendor's API is never cheaper" in said
    session.button(key="apply-plan").click().run()
    assert not session.exception
    draft = session.session_state["draft"]
    assert draft.position == 1
    assert list(draft.now.edits) == ["pools.large.reserved_devices"]
    assert answer(session) == said
    assert "The scenario has this plan already." in texts(session)


def test_the_page_shows_what_to_sign_and_every_month(drawn: Callable[..., AppTest]):
    """The signings with their last months, two charts with a sentence each, remarks, and a table of the months."""
    session = drawn()
    assert len(charts(session)) == 2
    said = texts(session)
    assert "the busiest hour needs" in said
    assert "In the mean of the trials the plan costs" in said
    assert "The answer rests on" in said
    assert "Jun 2027" in session.table[0].value["Last month"].tolist()
    assert len(session.dataframe[0].value) == 18


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("device_price: 4, ", "device_price: 0, ", "states no price of a device on demand"),
        (
            "reserved_price: 2.5, reserved_term: 6, vendor_output_price: 90",
            "headroom: 0",
            "prices devices on demand alone",
        ),
        ("vendor_output_price: 90", "vendor_output_price: 0.1", "The vendor's API is cheaper throughout."),
        ("opening_customers: 1", "opening_customers: 0", "Nothing uses this pool"),
    ],
)
def test_odd_pools_get_an_answer(drawn: Callable[..., AppTest], old: str, new: str, says: str):
    """A pool without a price, with one way alone, for a vendor alone, and without load."""
    assert says in texts(drawn(old=old, new=new))


def test_a_scenario_without_pools_leads_to_where_one_is_added(drawn: Callable[..., AppTest]):
    """As all pages that look into a member do."""
    assert "no serving pools yet" in texts(drawn(old=COMPANY[COMPANY.index("features:") :], new=""))


def test_it_waits_for_the_trials(drawn: Callable[..., AppTest]):
    """The first pass shows no plan of the base case that the second would replace."""
    assert not drawn(is_first=True).info


def test_every_text_of_the_page_is_translated(drawn: Callable[..., AppTest]):
    """No text bypasses the catalogue."""
    assert forgotten(drawn("pseudo")) == []
    assert forgotten(drawn("pseudo", "reserved_price: 2.5", "device_list_price: 20000, economic_life: 24")) == []
