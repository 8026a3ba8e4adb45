"""Forms speak in words and units, keep the doubt of what is typed over, and edit ranges and schedules as such."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from example import EXAMPLE
from page_text import texts
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft, Edits, Shelf
from dashboard.parts.forms import essentials
from dashboard.parts.levers import label, levers_of
from dashboard.parts.values.cells import frame
from dashboard.parts.values.fields import shown_kept
from dashboard.parts.values.texts import cell_text, unit_in_words
from dashboard.parts.words import Words
from profiling.errors import Phrase
from simulator.lines import KINDS, business
from simulator.lines.essentials import ESSENTIALS
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import typed_literal

Page = Callable[..., AppTest]
CHURN, PRICE = "plans.starter.churn", "plans.starter.price"
SCHEDULED = """
breakeven: 1
title: Coding assistant
start: 2027-01
months: 24
assumptions: {opening_cash: 500000, tax_rate: 0, hours_per_month: 730}
channels:
  search: {title: Search ads, budget: {0: 0, 5: 3000, 12: 8000}, cost_per_signup: 30, most_signups: 500}
plans:
  pro: {title: Pro, price: 49, churn: 4%, conversion: 5%, requests_per_customer: 100}
features:
  code: {pool: api, tokens_per_request: 500}
pools:
  api: {title: Vendor, vendor_share: 1, vendor_output_price: 15}
rounds:
  series_a: {title: Series A, close_month: 6, amount: 1000000}
"""


@pytest.fixture
def starter(page: Page) -> AppTest:
    """The form of the plan Starter."""
    session = page("assumptions", trials=0)
    return session.selectbox(key="table-owner").set_value(("plan", "starter")).run()


def edits(session: AppTest) -> Edits:
    """What the draft holds beside its file."""
    return session.session_state["draft"].now.edits


def put(session: AppTest, path: str, text: Any) -> AppTest:
    """The session after a text was typed into a field."""
    return session.text_input(key=f"form:{path}").set_value(text).run()


def test_every_kind_has_its_essentials():
    """Each kind names up to twelve assumptions of its own, and more than half of all where it has few."""
    inputs = business().inputs
    assert set(ESSENTIALS) == {"", *KINDS}
    for kind, names in ESSENTIALS.items():
        own = [name for name, one in inputs.items() if one.home == ((kind,) if kind else ()) and not one.is_state]
        assert set(names) <= set(own)
        assert min(8, len(own)) <= len(names) <= 12 or len(own) <= 2 * len(names)


def test_a_centre_typed_over_a_range_keeps_it(starter: AppTest):
    """The form says which range is left, and the menu can make the value certain."""
    assert starter.text_input(key=f"form:{CHURN}").value == "5%"
    session = put(starter, CHURN, "6")
    assert edits(session) == {CHURN: {"pert": ["4.2%", "6%", "9.6%"]}}
    assert session.text_input(key=f"form:{CHURN}").value == "6%"
    assert "Range kept: 4.79% to 8.05%." in texts(session)
    session = session.menu_button(key=f"menu:{CHURN}").click("certain").run()
    assert edits(session) == {CHURN: 0.06}


def test_a_plain_number_can_be_doubted(starter: AppTest):
    """The menu turns it into a range around the same centre."""
    session = starter.menu_button(key=f"menu:{PRICE}").click("20").run()
    assert edits(session) == {PRICE: "90% between 124.1666667 and 178.8"}
    assert session.text_input(key=f"form:{PRICE}").value == "149"


@pytest.mark.parametrize("typed", ["500,000", "500k", "$0.5M", "500 000", "500000 US$"])
def test_amounts_are_taken_as_people_type_them(starter: AppTest, typed: str):
    """The field then shows the number with its thousands apart."""
    session = put(starter, PRICE, typed)
    assert edits(session) == {PRICE: 500_000}
    assert session.text_input(key=f"form:{PRICE}").value == "500,000"


def test_a_value_typed_with_its_date_is_kept_as_a_draft(starter: AppTest):
    """YAML reads a date where a person writes one, and a draft on disk is JSON, which has none."""
    session = put(starter, PRICE, "{value: 40, source: price list, as_of: 2026-11-09}")
    assert not session.exception
    assert json.loads(json.dumps(edits(session)))[PRICE]["as_of"] == "2026-11-09"


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        (PRICE, "50%", "amount"),
        (CHURN, "0.5", "write 0.5% or 50%"),
        (CHURN, "120%", "120% is too large; give 0% to 100%"),
        (CHURN, "", "this value has no default; type a number"),
    ],
)
def test_what_makes_no_sense_or_two_is_refused(starter: AppTest, path: str, typed: str, said: str):
    """Half of a price is no price, and half a percent is not a half."""
    session = put(starter, path, typed)
    assert edits(session) == {}
    assert any(said in box.value.replace("\\", "") for box in session.error)


def test_a_month_is_chosen_from_the_calendar(starter: AppTest):
    """The plan is launched in a month of a year, not in month 2."""
    months = starter.selectbox(key="form:plans.starter.launch_month")
    assert months.options[:3] == ["Jan 2027", "Feb 2027", "Mar 2027"]
    assert edits(months.set_value(2).run()) == {"plans.starter.launch_month": 2}


def test_labels_are_in_words():
    """Units are read aloud, and neither a key nor a backslash is."""
    scenario = parse(SCHEDULED, SHIPPED)
    say = Words("en", "USD", scenario.start)
    inputs = business().inputs
    unit = {name: unit_in_words(inputs[name], inputs[name].quantity.text("USD"), say) for name in inputs}
    assert unit["price"] == "$ per customer per month"
    assert (unit["churn"], unit["interest_on_cash"], unit["salary"]) == ("%", "% a year", "$ per person per year")
    assert (unit["power_price"], unit["vendor_output_price"]) == ("$ per kWh", "$ per million tokens")
    # A name says what a number belongs to, and not what it is counted per.
    assert (unit["seat_price"], unit["device_price"]) == ("$ per seat per month", "$ per device per hour")
    assert (unit["task_price"], unit["requests_per_customer"]) == ("$ per finished task", "per month")
    assert (unit["employer_load"], unit["failed_share"]) == ("%", "%")
    chinese = Words("zh", "CNY", scenario.start)
    counted = [unit_in_words(inputs[name], inputs[name].quantity.text("CNY"), chinese) for name in ("quota", "salary")]
    assert counted == ["客户/人/月", "¥/人/年"]
    labels = [label(say, one, scenario) for _, group in levers_of(scenario, scenario) for one in group]
    assert "Amount · Series A, $" in labels
    assert not [text for text in labels if "\\" in text or "_" in text]


def test_a_price_of_seats_asks_for_their_number(starter: AppTest):
    """Once a plan has a price for each seat, how many a customer has stands beside it, and no longer in a fold."""

    def place(name: str) -> int:
        return [one.key for one in starter.text_input].index(f"form:plans.starter.{name}")

    assert place("seats_per_customer") > place("churn")
    put(starter, "plans.starter.seat_price", "29")
    assert place("seats_per_customer") == place("seat_price") + 1


@pytest.mark.parametrize("name", [path.name for path in sorted(SHIPPED.glob("*.yaml"))])
def test_a_form_begins_with_at_most_twelve_fields(name: str):
    """Also that of a plan which charges for seats and for what they use; the rest is folded by topic."""
    scenario = load(SHIPPED / name)
    desk: Any = SimpleNamespace(scenario=scenario)
    for kind in KINDS:
        for member in scenario.entities[kind]:
            assert len(essentials(desk, kind, member)) <= 12
            if kind == "plan":
                names = [one.name for one in essentials(desk, kind, member)]
                assert {"price", "conversion", "churn", "share_of_signups"} <= {*names}


def test_a_chance_typed_over_another_keeps_nothing_of_it():
    """It has neither a range nor a course, so that the field goes on to say what it means."""
    slump = "events: {slump: {starts: 12, lasts: 6, happens: {chance: 50%}, demand_factor: 0.7}}\n"
    scenario = parse(SCHEDULED + slump, SHIPPED)
    often = scenario.with_value("events.slump.happens", {"chance": "80%"})
    before, after = (one.assumption_of("happens", "slump") for one in (scenario, often))
    assert not shown_kept(before, after)


def test_levers_are_what_the_company_has():
    """A company without devices has levers for its vendor's prices, and a budget that begins at zero has one."""
    scenario = parse(SCHEDULED, SHIPPED)
    paths = [one.path for _, group in levers_of(scenario, scenario) for one in group]
    assert "pools.api.vendor_output_price" in paths
    assert "pools.api.device_price" not in paths
    assert "channels.search.budget" in paths


def test_a_value_for_all_members_is_a_lever_of_them_all():
    """One price for all plans moves as the price of a plan does; a device's only where some pool has devices."""
    for_all = SCHEDULED.replace("price: 49,", "").replace("opening_cash", "price: 49, device_price: 2, opening_cash")
    own = for_all.replace("vendor_share: 1", "vendor_share: 0, tokens_per_second: 50, peak_to_mean: 2")
    for text, devices in ((for_all, []), (own, ["device_price"])):
        scenario = parse(text, SHIPPED)
        paths = [one.path for _, group in levers_of(scenario, scenario) for one in group]
        assert "price" in paths
        assert [path for path in paths if path.endswith("device_price")] == devices


def test_the_price_of_a_free_plan_is_no_lever_beside_one_that_is_paid():
    """Where nothing is charged at all, the price is where a founder begins."""
    pro = "pro: {title: Pro, price: 49,"
    free = "free: {price: 0, share_of_signups: 40%, churn: 4%, conversion: 5%, requests_per_customer: 10}"
    both = SCHEDULED.replace(pro, f"{free}\n  {pro} share_of_signups: 60%,")
    for text, prices in ((both, ["pro"]), (both.replace("price: 49", "price: 0"), ["free", "pro"])):
        scenario = parse(text, SHIPPED)
        paths = [one.path for _, group in levers_of(scenario, scenario) for one in group]
        assert [path for path in paths if path.endswith(".price")] == [f"plans.{plan}.price" for plan in prices]


def test_a_lever_halves_the_prices_of_a_vendor_every_year(app: Callable[..., AppTest]):
    """What a vendor's prices do is a lever though the file does not state it; own devices have none."""
    draft = Draft.of("mine.yaml", SHIPPED, SCHEDULED)
    Shelf().save(draft)
    lever = app(draft=draft.id).number_input(key="lever:pools.api.vendor_price_change")
    assert lever.label == "Vendor price change · Vendor, % a year"
    assert edits(lever.set_value(-50).run()) == {"pools.api.vendor_price_change": -0.5}
    own = "vendor_share: 0, device_price: 2, tokens_per_second: 50, peak_to_mean: 2"
    scenario = parse(SCHEDULED.replace("vendor_share: 1", own), SHIPPED)
    paths = [one.path for _, group in levers_of(scenario, scenario) for one in group]
    assert "pools.api.device_price" in paths
    assert "pools.api.vendor_price_change" not in paths


def test_a_lever_moves_a_schedule_that_begins_at_zero(app: Callable[..., AppTest]):
    """The first month stays free, and all later months move in proportion."""
    draft = Draft.of("mine.yaml", SHIPPED, SCHEDULED)
    Shelf().save(draft)
    session = app(draft=draft.id)
    lever = session.number_input(key="lever:channels.search.budget")
    assert (lever.value, lever.label) == (3000, "Budget · Search ads, $ per month, from Jun 2027")
    session = lever.set_value(6000.0).run()
    assert edits(session) == {"channels.search.budget": {0: 0, 5: 6000, 12: 16000}}


def test_shares_of_a_whole_are_set_together(starter: AppTest):
    """Raising one before lowering the other would be refused; together they fit."""
    shares = {"plans.starter.share_of_signups": "60%", "plans.team.share_of_signups": "40%"}
    for path, text in shares.items():
        starter.text_input(key=f"together:{path}").set_value(text)
    session = next(one for one in starter.button if one.label == "Set together").click().run()
    assert edits(session) == shares
    for path in shares:
        session.text_input(key=f"together:{path}").set_value("70%")
    session = next(one for one in session.button if one.label == "Set together").click().run()
    assert edits(session) == shares
    assert any("add up to 140%" in box.value.replace("\\", "") for box in session.error)


def test_the_editor_makes_a_range_a_schedule_and_growth(starter: AppTest):
    """What is put together is drawn with a sentence, and taken when it is said so."""
    session = starter.menu_button(key=f"menu:{PRICE}").click("edit").run()
    session = session.segmented_control(key=f"shape:{PRICE}").set_value("pert").run()
    session = session.text_input(key=f"edit:{PRICE}:Most").set_value("300").run()
    assert "90% of the trials lie from" in texts(session)
    session = session.button(key=f"take:{PRICE}").click().run()
    assert edits(session) == {PRICE: {"pert": [124.2, 149, 300]}}
    session = session.menu_button(key=f"menu:{PRICE}").click("edit").run()
    session = session.segmented_control(key=f"shape:{PRICE}").set_value("growth").run()
    session = session.button(key=f"take:{PRICE}").click().run()
    assert edits(session) == {PRICE: {"start": 149, "monthly_growth": "2%"}}
    session = session.menu_button(key=f"menu:{PRICE}").click("edit").run()
    assert "From 149 in the first month to 479.3 in the last" in texts(session)


def test_the_ends_of_a_range_in_percent_are_read_together(starter: AppTest):
    """0.5 beside 2 is half a percent, in the field and in its editor."""
    assert edits(put(starter, CHURN, "0.5 to 2")) == {CHURN: "90% between 0.5% and 2%"}
    starter.menu_button(key=f"menu:{CHURN}").click("edit").run()
    starter.text_input(key=f"edit:{CHURN}:P5: one in twenty is lower").set_value("0.7").run()
    session = starter.button(key=f"take:{CHURN}").click().run()
    assert edits(session) == {CHURN: "90% between 0.7% and 2%"}


def test_the_table_keeps_a_range_and_reads_amounts(page: Page):
    """A number over a range moves it, the page says what became of it, and a cell that is sent again is no edit."""
    session = page("assumptions", trials=0)
    session = session.text_input(key="table-search").set_value("starter").run()
    names = list(session.data_editor[0].value["Assumption"])
    assert not [name for name in names if "." in name or "_" in name]
    rows = {
        str(names.index(f"{name} · Starter")): {"Value": text} for name, text in (("Churn", "6"), ("Price", "$0.2k"))
    }
    states = WidgetStates()
    cells = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    states.widgets.add(id=session.data_editor[0].proto.id, string_value=json.dumps(cells))
    session = session._run(widget_state=states)
    assert edits(session) == {CHURN: {"pert": ["4.2%", "6%", "9.6%"]}, PRICE: 200}
    assert "Churn · Starter: kept in proportion" in texts(session)
    assert len(session._run(widget_state=states).session_state["draft"].steps) == 3


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", [path.name for path in sorted(SHIPPED.glob("*.yaml"))])
def test_what_a_cell_shows_means_what_stands(name: str, language: str):
    """Ranges, schedules and growth are shown as people type them, and typed they are the same value."""
    scenario = load(SHIPPED / name)
    say = Words(language, scenario.currency, scenario.start)
    for path, one in scenario.assumptions.items():
        text = cell_text(one, business().inputs[one.name], say)
        if one.is_plain or "{" in text or "between" in text:
            continue
        taken = scenario.with_value(path, typed_literal(text, one, scenario.start)).assumptions[path]
        assert (path, text, str(taken.value)) == (path, text, str(one.value))


def test_the_table_tells_our_notes_in_the_readers_language():
    """What a price card or the product itself wrote is translated; what an author wrote stays."""
    scenario = parse(SCHEDULED, SHIPPED).with_value("plans.pro.price", {"value": 49, "note": "Ask Kim."})
    card = replace(scenario.assumptions["plans.pro.churn"], note=Phrase("Price card {card}.", card="acme/one"))
    own = replace(scenario.assumptions["plans.pro.conversion"], note="A money-market fund.")
    shown = frame([scenario.assumptions["plans.pro.price"], card, own], scenario, Words("zh", "USD", scenario.start))
    assert [*shown["备注"]] == ["Ask Kim.", "价目卡 acme/one。", "货币市场基金。"]


def test_a_fee_of_zero_beside_a_price_per_seat_is_no_lever():
    """A company that is paid by the seat has no fee to move, unless it had one before."""
    fee, shipped = "plans.team.price", load(SHIPPED / "support-copilot.yaml")
    by_the_seat = shipped.with_value("plans.team.seat_price", 49).with_value(fee, 0)

    def paths(scenario: Scenario, original: Scenario) -> list[str]:
        return [one.path for _, group in levers_of(scenario, original) for one in group]

    assert fee not in paths(by_the_seat, by_the_seat)
    assert fee in paths(by_the_seat, shipped)
    assert fee in paths(by_the_seat.with_value(fee, 5), by_the_seat)


def test_a_form_takes_the_source_of_a_value(starter: AppTest):
    """Source and date are typed where the value stands; a default has no source to type."""
    assert "origin-open:plans.starter.churn_elasticity" not in starter.session_state
    starter.session_state[f"origin-open:{CHURN}"] = True
    session = starter.run()
    for name, text in (("Source", "Own trial, 412 accounts"), ("As of", "2026-11")):
        next(one for one in session.text_input if one.label == name).set_value(text)
    session = next(one for one in session.button if one.label == "Save the source").click().run()
    assert not session.exception
    edit = edits(session)[CHURN]
    assert (edit["source"], edit["as_of"]) == ("Own trial, 412 accounts", "2026-11")
    assert "The source of Churn" in session.toast[0].value


def test_an_explained_assumption_takes_its_source(page: Page):
    """The table of where it comes from can be filled in on the spot."""
    session = page("why", trials=0)
    session.query_params["number"] = CHURN
    session.session_state[f"origin-open:{CHURN}"] = True
    session = session.run()
    next(one for one in session.text_input if one.label == "Source").set_value("Own trial")
    next(one for one in session.text_input if one.label == "As of").set_value("2026-11")
    session = next(one for one in session.button if one.label == "Save the source").click().run()
    assert session.table[0].value.loc["Source"].iloc[0] == "Own trial"


def test_what_nobody_types_over_in_the_editor_keeps_its_digits(starter: AppTest):
    """A field shows four digits of 1.23456, and a number such as 1.230 is refused only where somebody types it."""
    session = put(starter, PRICE, "{0: 1.23456, 3: 1.23461, 6: 1234567.8}")
    session = session.menu_button(key=f"menu:{PRICE}").click("edit").run()
    session = session.button(key=f"take:{PRICE}").click().run()
    assert edits(session) == {PRICE: {0: 1.23456, 3: 1.23461, 6: 1234567.8}}
    session = put(session, PRICE, "1.230")
    assert any("decimals or thousands" in box.value for box in session.error)


def test_a_lever_shows_the_centre_of_a_range_to_three_digits(app: Callable[..., AppTest]):
    """Six digits of a centre that follows from two ends say more than anybody knows; turning it shows what was set."""
    draft, path = Draft.of(EXAMPLE, SHIPPED, (SHIPPED / EXAMPLE).read_text("utf-8")), "plans.team.price"
    draft = draft.stepped(replace(draft.now, edits={path: "90% between 300 and 400"}, name=path))
    Shelf().save(draft)
    session = app(draft=draft.id)
    assert session.number_input(key=f"lever:{path}").value == 346
    assert edits(session) == {path: "90% between 300 and 400"}
    session = session.number_input(key=f"lever:{path}").set_value(350.0).run()
    assert session.number_input(key=f"lever:{path}").value == 350
