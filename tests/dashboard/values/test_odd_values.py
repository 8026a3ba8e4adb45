"""Odd values in a form: negative numbers, months beyond any calendar, and entries that are no numbers at all."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from dashboard.parts.levers import hint
from dashboard.parts.values.fields import default_text, meaning
from dashboard.parts.words import Words
from simulator.lines import business
from simulator.scenario.reading import parse

Page = Callable[..., AppTest]
PRICE = "plans.starter.price"
VENDOR = """
breakeven: 1
title: Coding assistant
start: 2027-01
months: 24
assumptions: {opening_cash: 500000, tax_rate: 0, hours_per_month: 730}
channels: {search: {budget: 3000, cost_per_signup: 30, most_signups: 500}}
plans: {pro: {price: 49, churn: 4%, conversion: 5%, requests_per_customer: 100}}
features: {code: {pool: api, tokens_per_request: 500}}
pools: {api: {vendor_share: 1, vendor_output_price: 15}}
"""


@pytest.fixture
def starter(page: Page) -> AppTest:
    """The form of the plan Starter."""
    session = page("assumptions", trials=0)
    return session.selectbox(key="table-owner").set_value(("plan", "starter")).run()


@pytest.mark.parametrize("typed", ["²", "9" * 5_000, "1.5"])
def test_a_straight_line_takes_a_whole_number_of_months(starter: AppTest, typed: str):
    """Anything else is named, and nothing is taken."""
    starter.menu_button(key=f"menu:{PRICE}").click("edit").run()
    starter.segmented_control(key=f"shape:{PRICE}").set_value("ramp").run()
    session = starter.text_input(key=f"edit:{PRICE}:Over how many months").set_value(typed).run()
    assert not session.exception
    assert "is not a number of months" in " ".join(box.value for box in session.error)


@pytest.mark.parametrize(
    ("change", "shape", "ends"),
    [
        ("-20%", "range", ["-24%", "-16.67%"]),
        ("-20%", "pert", ["-24%", "-20%", "-16.67%"]),
        ("0", "range", ["0%", "100%"]),
    ],
)
def test_a_range_that_is_proposed_for_a_number_can_be_taken(page: Page, change: str, shape: str, ends: list[str]):
    """The lower end comes first: prices that fall by 16 % to 24 % a year; and the ends of a range differ."""
    path = "pools.api.vendor_price_change"
    text = VENDOR.replace("vendor_output_price: 15", f"vendor_output_price: 15, vendor_price_change: {change}")
    session = page("assumptions", trials=0, draft=Draft.of("mine.yaml", SHIPPED, text))
    session.selectbox(key="table-owner").set_value(("pool", "api")).run()
    session.menu_button(key=f"menu:{path}").click("edit").run()
    session = session.segmented_control(key=f"shape:{path}").set_value(shape).run()
    assert not session.error
    assert [one.value for one in session.text_input if str(one.key).startswith("edit:")] == ends


def test_two_rows_of_a_schedule_in_one_month_are_refused(starter: AppTest):
    """One of them would be lost without a word."""
    starter.menu_button(key=f"menu:{PRICE}").click("edit").run()
    session = starter.segmented_control(key=f"shape:{PRICE}").set_value("steps").run()
    rows = [{"From": "Mar 2027", "Value": value} for value in ("10", "20")]
    states = WidgetStates()
    cells = {"edited_rows": {}, "added_rows": rows, "deleted_rows": []}
    states.widgets.add(id=session.data_editor[-1].proto.id, string_value=json.dumps(cells))
    session = session._run(widget_state=states)
    assert "two rows of the schedule begin in Mar 2027" in " ".join(box.value for box in session.error)


def test_a_month_that_no_calendar_has_is_shown(page: Page):
    """Whoever means never may type any number; it is doubtful, and the page shows it."""
    text = VENDOR.replace("price: 49", "launch_month: 120000, price: 49")
    session = page("assumptions", trials=0, draft=Draft.of("mine.yaml", SHIPPED, text))
    assert not session.exception
    session = session.selectbox(key="table-owner").set_value(("plan", "pro")).run()
    assert not session.exception
    assert Words("en", "USD", parse(VENDOR, SHIPPED).start).month_number(10**12) == "83333335360-05"


@pytest.mark.parametrize(("language", "stop"), [("en", "."), ("zh", "。")])
def test_the_help_of_a_field_ends_in_the_readers_way(language: str, stop: str):
    """A remark on the default and one on the evidence are sentences, each with the stop of its language."""
    scenario = parse(VENDOR, SHIPPED)
    say, churn = Words(language, "USD", scenario.start), business().inputs["churn"]
    usual = next(one for one in business().inputs.values() if one.default == 0)
    assert f"{default_text(usual, say)}{stop}" in meaning(usual, say)
    assert ".." not in meaning(churn, say)
    price = scenario.assumptions["plans.pro.price"]
    assert hint(say, price).replace("\\", "").endswith(stop)
