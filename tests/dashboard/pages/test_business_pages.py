"""Customers, serving and people: each page draws any plan, and its sentences hold the numbers of the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from example import EXAMPLE
from page_text import charts, texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from dashboard.pages.devices.serving import beats
from dashboard.parts import members
from dashboard.parts.words import Words
from simulator.answers.capacity import Source, day
from simulator.answers.customers.deciles import deciles
from simulator.answers.customers.economics import unit_economics
from simulator.answers.projection import Projection, project
from simulator.scenario.reading import load, parse

CHARTS = {"customers": 6, "serving": 4, "people": 5}
PAGES = tuple(CHARTS)
Page = Callable[..., AppTest]
BARE = (
    "breakeven: 1\ntitle: Bare\ncurrency: USD\nstart: 2027-01\nmonths: 7\n"
    "assumptions: {opening_cash: 1000, tax_rate: 20%, hours_per_month: 730}\n"
)
# What the plan that ships leaves open about its large pool, and about those who support customers.
POOL = """
    seconds_per_request: 12
    places_per_device: 2
    token_latency_alone: 0.012
    token_latency_limit: 0.03
    spot_price: 2.0
    reserved_price: 2.6
    reserved_devices: 1
    device_list_price: 35000
    device_power: 0.7
    grid_carbon: 0.3
    vendor_output_price: 0.6
"""
ROLE = "    support_share: 100%\n    customers_per_head: 300\n    stock_award: 10000\n"


def told(text: str) -> str:
    """The plan that ships, with what it leaves open."""
    text = text.replace("    fewest_devices: {value: 2, unit: device, note: One may fail.}\n", POOL, 1)
    assert POOL in text
    return text.replace("    support_share: 100%\n", ROLE, 1)


def opened(page: Page, name: str, draft: Draft) -> AppTest:
    """A page of a draft that can be computed; one that cannot would be left for the plan that ships."""
    session = page(name, trials=0, draft=draft)
    assert session.session_state["draft"].opened == draft.opened
    return session


@pytest.fixture(scope="module")
def shipped() -> Projection:
    """The base plan of the scenario that ships."""
    return project(load(SHIPPED / EXAMPLE), 0)


@pytest.fixture
def full() -> Draft:
    """A draft of the plan that ships, with what it leaves open."""
    return Draft.of("full.yaml", SHIPPED, told((SHIPPED / EXAMPLE).read_text(encoding="utf-8")))


@pytest.fixture
def complete(full: Draft) -> Projection:
    """The base plan of that draft."""
    return project(parse(full.opened.text, folder=SHIPPED, file="full.yaml"), 0)


@pytest.mark.parametrize(("name", "count"), CHARTS.items())
def test_a_page_draws_all_of_its_charts_without_trials(page: Page, name: str, count: int):
    """No page waits for trials."""
    assert len(charts(page(name, trials=0))) == count


@pytest.mark.parametrize("name", PAGES)
def test_a_page_draws_a_plan_that_lists_nothing(page: Page, home: Path, name: str):
    """Without plans, pools and roles the page says so, and a button leads to where they are added."""
    session = opened(page, name, Draft.of("bare.yaml", home, BARE))
    assert not session.exception
    assert "This scenario has no" in texts(session)
    assert [button.label for button in session.button if str(button.key).startswith("to-shape:")]


@pytest.mark.parametrize("months", [1, 4, 13])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_draws_a_short_plan(page: Page, full: Draft, name: str, months: int):
    """A plan of a few months has no full year, and may have no full quarter."""
    short = Draft.of("short.yaml", SHIPPED, full.opened.text.replace("months: 60\n", f"months: {months}\n", 1))
    assert "months: 60\n" not in short.opened.text
    assert not opened(page, name, short).exception


@pytest.mark.parametrize(("name", "path"), [*zip(cycle(PAGES), sorted(SHIPPED.glob("*.yaml")), strict=False)])
def test_a_page_draws_every_plan_that_ships(page: Page, name: str, path: Path):
    """Free plans, vendors, contracts and fleets, the pages taking turns; each chart is told in a sentence."""
    session = opened(page, name, Draft.of(path.name, SHIPPED, path.read_text(encoding="utf-8")))
    assert not session.exception
    said = texts(session)
    assert all(chart["sentence"] and chart["sentence"] in said for chart in charts(session).values())


@pytest.mark.parametrize(("name", "kind", "member", "words"), [
    ("customers", "plan", "team", "new customers of Team"),
    ("serving", "pool", "classifier", "Sorting tickets "),
])  # fmt: skip
def test_another_member_can_be_looked_into(page: Page, name: str, kind: str, member: str, words: str):
    """What is chosen is what the lower part of the page is about."""
    session = page(name, trials=0)
    choice = next(group for group in session.get("button_group") if str(group.key).startswith(f"chosen-{kind}"))
    session = choice.set_value(member).run()
    assert not session.exception
    assert words.lower() in texts(session).lower()


def test_customers_are_told_by_plan(page: Page, shipped: Projection):
    """The sentence counts each plan's customers at the end."""
    said, say = texts(page("customers", trials=0)), Words()
    for plan, title in members.titles(shipped.scenario, "plan").items():
        assert f"{title}: {say.number(shipped.ledger.of_member('customers', plan)[-1])}" in said


def test_the_bridge_leads_from_the_first_recurring_revenue_to_the_last(page: Page, shipped: Projection):
    """What is named in the sentence adds up."""
    said = texts(page("customers", trials=0))
    sentence = next(line for line in said.splitlines() if line.startswith("MRR goes"))
    start, end, new, more, less, lost = (float(one.replace(",", "")) for one in re.findall(r"\$([\d,.]*\d)", sentence))
    assert end == round(shipped.ledger.total("mrr")[-1])
    assert start + new + more - less - lost == pytest.approx(end, abs=3)


def test_the_cohorts_sum_to_the_customers_of_the_plan(page: Page, shipped: Projection):
    """The triangle's last column is the plan's customers."""
    found = re.search(r"all cohorts add up to the ([\d,]+) customers", texts(page("customers", trials=0)))
    assert found
    assert found[1] == Words().number(shipped.ledger.of_member("customers", "starter")[-1])


def test_the_table_shows_each_plans_margin(page: Page, shipped: Projection):
    """A column a plan, taken from unit economics."""
    table = page("customers", trials=0).dataframe[0].value
    for plan, column in zip(("starter", "team"), table.columns[-2:], strict=True):
        margin = unit_economics(shipped.ledger, plan).margin
        assert margin is not None
        assert Words().money(margin) in list(table[column])


def test_a_plan_without_customers_is_a_dash_with_a_reason(page: Page, full: Draft):
    """Nothing is divided by nobody."""
    text = full.opened.text.replace(
        "conversion: {value: 90% between 4% and 9%, unit: customer/user}", "conversion: 0", 1
    )
    session = opened(page, "customers", Draft.of("none.yaml", SHIPPED, text))
    assert not session.exception
    assert "–" in list(session.dataframe[0].value.iloc[:, -2])
    assert "A dash: the plan has no customers in the last year." in texts(session)
    assert "This plan has no customers in the projection." in texts(session)


def test_a_cap_shows_what_the_heaviest_tenth_would_cost(page: Page, shipped: Projection):
    """What is typed is what the second chart shows."""
    session = page("customers", trials=0)
    session = session.number_input[0].set_value(700.0).run()
    found, say = deciles(shipped.ledger, "starter", cap=700.0), Words()
    sends = f"the heaviest tenth sends {say.number(found.requests[-1])} requests a month"
    assert f"With a cap of 700: {sends}" in texts(session)
    assert f"pays {say.money(found.revenue[-1])} and costs {say.money(found.cost[-1])}" in texts(session)


def test_a_cap_starts_at_three_times_the_mean(page: Page, shipped: Projection):
    """The plan that ships has none of its own."""
    mean = shipped.ledger.assumed("requests_per_customer", "starter")[-1]
    assert page("customers", trials=0).number_input[0].value == pytest.approx(3 * mean, rel=1e-5)


def test_a_cap_starts_at_the_plans_own(page: Page, full: Draft):
    """A plan with a cap is shown with it."""
    text = full.opened.text.replace(
        "    included_requests: {value: 500,", "    requests_cap: 800\n    included_requests: {value: 500,"
    )
    session = opened(page, "customers", Draft.of("capped.yaml", SHIPPED, text))
    assert session.number_input[0].value == 800
    assert "own cap is 800" in texts(session)


def _switching() -> None:

    import streamlit as st

    from app import MENU
    from dashboard.desk.cached import projected
    from dashboard.desk.desk import Desk
    from dashboard.parts.words import Words

    name = st.session_state.get("where", "customers")
    scenario = Desk().scenario
    modules = [module for entries in MENU.values() for module, _ in entries]
    page = next(module.page for module in modules if module.__name__.rpartition(".")[2] == name)
    page(projected(scenario, 0), Words())


def test_what_was_typed_survives_a_page_switch():
    """A cap is still there when the reader comes back."""
    session = AppTest.from_function(_switching, default_timeout=60).run()
    session = session.number_input[0].set_value(700.0).run()
    for where in ("people", "customers"):
        session.session_state["where"] = where
        session = session.run()
    assert session.number_input[0].value == 700


def test_serving_tells_the_cost_of_a_million_tokens(page: Page, shipped: Projection):
    """With idle devices and without."""
    said, say = texts(page("serving", trials=0)), Words()
    for line in ("cost_per_million_tokens", "busy_cost_per_million_tokens", "cost_per_million_input_tokens"):
        assert say.money(shipped.ledger.of_member(line, "large")[-1]) in said
    cached = 0.025 * float(shipped.ledger.of_member("cost_per_million_tokens", "large")[-1])
    assert f"{say.money(cached)} where they are read from a cache" in said


def test_serving_reads_a_value_that_holds_for_all_pools(page: Page, home: Path):
    """One `cached_weight` under `assumptions` holds for every pool."""
    pools = "pools: {one: {vendor_share: 100%, vendor_input_price: 1, vendor_output_price: 4}}\n"
    feature = "features: {chat: {pool: one, tokens_per_request: 500}}\n"
    plan = "plans: {pro: {price: 20, churn: 3%, opening_customers: 10, requests_per_customer: 100}}\n"
    text = BARE.replace("hours_per_month: 730", "cached_weight: 0.02") + pools + feature + plan
    session = opened(page, "serving", Draft.of("all.yaml", home, text))
    assert not session.exception
    assert "one read from a cache as 0.02" in texts(session)


def test_serving_tells_how_busy_devices_are(page: Page, shipped: Projection):
    """The busy share and the idle one are parts of one whole."""
    used = float(shipped.ledger.of_member("utilisation", "large")[-1])
    said, say = texts(page("serving", trials=0)), Words()
    assert f"busy {say.share(used)} of the paid hours and idle {say.share(1 - used)}" in said


def test_serving_says_what_is_missing(page: Page):
    """What the plan does not state is no zero: a link leads to the field where it is given."""
    session = page("serving", trials=0)
    links = [link.proto for link in session.get("page_link")]
    for name, field in (
        ("Device power", "device_power"),
        ("Token latency alone", "token_latency_alone"),
        ("Seconds per request", "seconds_per_request"),
        ("Vendor output price", "vendor_output_price"),
    ):
        found = [link for link in links if f"Set {name}" in link.label.replace("\\", "")]
        assert len(found) == 1, name
        assert f"number=pools.large.{field}" in found[0].query_string


def test_serving_shows_a_month_by_hour(page: Page, full: Draft, complete: Projection):
    """Devices, waiting, throughput and ways are those of the month that is chosen."""
    session = opened(page, "serving", full)
    session = session.selectbox[0].set_value(20).run()
    assert not session.exception
    said, say, found = texts(session), Words(), day(complete.ledger, "large", 20)
    assert f"needed: {say.number(found.needed.max())}; available: {say.number(found.devices.max())}," in said
    assert found.wait is not None
    assert f"{say.share(found.wait.max())} of requests wait" in said
    assert "limit of 30 ms per token it serves 1,560, 60% of that" in said
    assert "of carbon dioxide" in said
    assert "requests an hour" in said


def test_a_pool_on_a_curve_shows_its_points_and_its_limit(page: Page):
    """The limit on the wait may be tried out: half way between two points of the curve lies half way between rates."""
    curve = "{curve: {1: [100, 0.02], 25: [600, 0.04], 100: [900, 0.1]}, within: 0.07}"
    text = (SHIPPED / EXAMPLE).read_text(encoding="utf-8")
    text = text.replace("value: {pert: [1700, 2600, 3459]}", f"value: {curve}", 1)
    session = page("serving", trials=0, draft=Draft.of(EXAMPLE, SHIPPED, text))
    assert not session.exception
    assert "limit of 70 ms per token a device serves 750 tokens per second" in texts(session)
    limit = next(field for field in session.number_input if "Latency limit" in field.label)
    session = limit.set_value(40.0).run()
    assert not session.exception
    assert "limit of 40 ms per token a device serves 600 tokens per second, at 25 requests at a time" in texts(session)
    assert "above all of them the highest measured rate stays" in texts(limit.set_value(500.0).run())
    assert "limit of 500 ms per token a device serves 900 tokens per second" in texts(session)
    assert "allow a higher latency" in texts(limit.set_value(10.0).run())


def test_ways_to_get_a_device_say_when_they_pay(page: Page, full: Draft):
    """A reserved device at 2.60 beats 3.99 on demand from 65% of hours on."""
    cells = opened(page, "serving", full).table[0].value.astype(str)
    assert "if needed more than 65% of hours" in cells.iloc[2, -1].replace("\\", "")
    assert cells.iloc[1, -1].startswith("always")


def test_people_are_told_by_role(page: Page, shipped: Projection):
    """Heads at the end, everybody's and each role's."""
    said, say = texts(page("people", trials=0)), Words()
    everybody = shipped.ledger.total("headcount")
    assert f"Headcount goes from {say.number(everybody[0])} " in said
    assert f"Engineer: {say.number(shipped.ledger.of_member('headcount', 'engineer')[-1])}" in said


def test_pay_is_told_by_year(page: Page, shipped: Projection):
    """The first year's payroll and the last one's."""
    said, pay = texts(page("people", trials=0)), shipped.ledger.total("payroll")
    assert Words().money(pay[:12].sum()) in said
    assert Words().money(pay[-12:].sum()) in said


def test_hires_are_those_beyond_the_first_day(page: Page, shipped: Projection):
    """Founders who were there were not hired."""
    ledger = shipped.ledger
    counts = [(ledger.of_member("headcount", role), ledger.assumed("opening_headcount", role)[0])
              for role in ledger.names("role")]  # fmt: skip
    joined = sum(np.maximum(np.diff(count, prepend=opening), 0).sum() for count, opening in counts)
    assert f"{Words().number(joined)} people are hired" in texts(page("people", trials=0))


def test_support_heads_are_told_with_what_drives_them(page: Page, full: Draft, complete: Projection):
    """Customers for each head beside the number that the plan asks for."""
    said = texts(opened(page, "people", full))
    each = complete.ledger.total("customers_served")[-1] / complete.ledger.of_member("headcount", "supporter")[-1]
    assert f"Supporter: {Words().number(each)} per person (one is hired per 300 customers)" in said
    assert Words().money(complete.ledger.total("stock_compensation").sum()) in said


def test_nothing_is_cheaper_than_a_price_that_is_not_given():
    """Without a price on demand, a reserved device is not said never to be cheaper."""
    assert beats(Source("reserved", 2.0, None), 0.0, Words()) == "–"
    assert beats(Source("reserved", 2.0, 0.5), 4.0, Words()) == "if needed more than 50% of hours"
