"""The live file as its reader meets it: from the disk, in Chromium, with the network off."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from simulator import load, project
from simulator.__main__ import main
from simulator.output.live.page import page
from simulator.scenario.comments import Comment
from simulator.scenario.overlays import read_overlay
from simulator.scenario.reading import parse
from simulator.scenario.scaling import moved
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping.comments import with_comment

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[4]
FILE = ROOT / "scenarios" / "support-copilot.yaml"
LARGEST_BYTES = 500_000
PRICE, CHURN = "plans.team.price", "plans.team.churn"
# Twenty years, two currencies, a vendor whose prices fall, and names that every object of JavaScript has.
LONG = """
breakeven: 1
title: Support copilot
start: 2027-01
months: 240
second_currency: EUR
assumptions: {opening_cash: 5000000, tax_rate: 21%, exchange_rate: {0: 1.1, 6: 1.3}}
channels: {ads: {budget: 3000, cost_per_signup: 30, most_signups: 1000}}
plans: {pro: {price: 20, share_of_signups: 100%, conversion: 10%, churn: 3%, requests_per_customer: 100}}
features: {chat: {pool: model, tokens_per_request: 500, input_tokens_per_request: 2000}}
pools: {model: {card: anthropic/claude-haiku-4-5, vendor_price_change: -40%}}
roles: {founder: {heads: 2, salary: {value: 90000, unit: EUR/head/year}}}
rounds: {constructor: {close_month: 3, amount: 100000, pre_money: 900000}}
holders: {founders: {shares: 900000}}
"""

try:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import Page, expect
except ModuleNotFoundError:
    pass  # the fixture chromium says how to get it


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """The plan that is sent."""
    return load(FILE)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The live file, as the command writes it."""
    path = tmp_path_factory.mktemp("live") / "plan.html"
    assert main(["live", str(FILE), "--out", str(path), "--trials", "400"]) == 0
    return path


def opened(chromium: Any, file: Path, **look: Any) -> Iterator[Page]:
    """Open the file where no request can leave; nothing may be asked for, and nothing may go wrong."""
    context = chromium.new_context(
        offline=True, **{"viewport": {"width": 1280, "height": 900}, "locale": "en-US", **look}
    )
    tab, faults, asked = context.new_page(), [], []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(file.as_uri())
    expect(tab.get_by_role("heading", level=1)).to_have_text("Support copilot")
    yield tab
    assert faults == []
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
    context.close()


@pytest.fixture
def long(chromium: Any, tmp_path: Path) -> Iterator[Page]:
    """The file of a plan over twenty years, with two what-ifs, of which one ships."""
    own = "overlay: 1\ntitle: constructor\nassumptions: {tax_rate: 25%}\n"
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    whatifs = [ROOT / "scenarios" / "overlays" / "price-war.yaml", tmp_path / "own.yaml"]
    projection = project(parse(LONG, tmp_path), 0)
    (tmp_path / "plan.html").write_text(page(projection, list(map(read_overlay, whatifs))), encoding="utf-8")
    yield from opened(chromium, tmp_path / "plan.html")


@pytest.fixture
def tab(chromium: Any, file: Path) -> Iterator[Page]:
    """The file in a wide window, in English."""
    yield from opened(chromium, file)


def amounts(tab: Page, row: str) -> list[str | None]:
    """Return the amounts of a row of a statement to the cent, as they stand in the titles of its cells."""
    cells = tab.get_by_role("row").filter(has=tab.get_by_role("cell", name=row, exact=True)).first.locator("td[title]")
    return [cell.get_attribute("title") for cell in cells.all()]


def test_it_is_small_and_names_no_place(file: Path):
    """At most half a megabyte, without a path of this machine."""
    text = file.read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST_BYTES
    packed = re.findall(r'id="sent">(.*?)</script>', text, re.DOTALL)[0]
    assert str(ROOT) not in text + zlib.decompress(base64.b64decode(packed)).decode()


def test_a_lever_moves_all_figures_and_back(tab: Page, scenario: Scenario):
    """Statements are the engine's to the cent, before a move, after it, and after it was taken back."""
    before = amounts(tab, "Revenue")
    level = scenario.assumptions[PRICE].central
    field = tab.get_by_label("Price · Team").and_(tab.get_by_role("spinbutton"))
    field.fill(str(level * 1.25))
    field.press("Enter")
    expect(tab.get_by_role("button", name="Back to what was sent")).to_be_enabled()
    tab.wait_for_timeout(400)  # the table follows when the reader pauses
    changed = project(scenario.with_value(PRICE, level * 1.25), 0).ledger.total("revenue")
    years = [changed[start : start + 12].sum() for start in range(0, len(changed), 12)]
    found = [float(one.strip("$").replace(",", "")) for one in amounts(tab, "Revenue") if one]
    assert found == pytest.approx(years, abs=0.005)
    expect(
        tab.get_by_text("Changed: Price · Team: $1,490 / customer per month → $1,863 / customer per month")
    ).to_be_visible()
    tab.get_by_role("button", name="Back to what was sent").click()
    assert amounts(tab, "Revenue") == before
    expect(tab.get_by_text("Changed:")).to_be_hidden()


def test_a_level_beyond_what_makes_sense_is_the_last_that_does(tab: Page):
    """The table of assumptions says the level that is computed with, as a lever does."""
    tab.get_by_role("tab", name="Assumptions").click()
    field = tab.get_by_role("region").get_by_label("Churn · Team")
    field.fill("150")
    field.press("Enter")
    expect(tab.get_by_text("Changed: Churn · Team: 2.5% → 100%")).to_be_visible()
    expect(field).to_have_value("100")


def test_a_server_without_https_shows_it_too(chromium: Any, file: Path):
    """Such a browser computes no hash of the page, and the rest of the page works."""
    tab = chromium.new_page(offline=True)
    tab.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    tab.goto(file.as_uri())
    expect(tab.locator("footer")).to_contain_text("this page –.")
    tab.context.close()


def test_a_lever_shows_what_the_table_of_assumptions_changed(tab: Page):
    """Both fields of a number have the same value; one that is emptied or no number gets it back."""
    lever = tab.get_by_label("Churn · Team (%)")
    tab.get_by_role("tab", name="Assumptions").click()
    field = tab.get_by_role("region").get_by_label("Churn · Team")
    field.fill("4")
    field.press("Enter")
    expect(lever).to_have_value("4")
    for emptied in (lever, field):
        emptied.fill("")
        emptied.press("Enter")
        expect(emptied).to_have_value("4")


def test_a_number_is_at_most_what_a_scenario_may_have(tab: Page):
    """Beyond it, sums would be infinite."""
    tab.get_by_label("Price · Team").and_(tab.get_by_role("spinbutton")).fill("1e300")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("Changed: Price · Team: $1,490 / customer per month → $1,000,000T")).to_be_visible()


def test_what_ifs_stay_at_hand_and_speak_the_readers_language(long: Page):
    """The list stays open, and its box keeps the focus; a title that names what every object has is text."""
    long.get_by_text("What if", exact=True).click()
    long.get_by_label("Price war").check()
    expect(long.get_by_text("Changed: Price war")).to_be_visible()
    expect(long.get_by_label("Price war")).to_be_focused()
    long.get_by_role("checkbox", name="constructor").check()
    long.get_by_role("button", name="简体中文").click()
    expect(long.get_by_text("已更改：价格战; constructor")).to_be_visible()


def test_a_holder_has_a_share_from_its_first_event_on(long: Page):
    """Whatever it is called, and nothing before."""
    long.get_by_role("tab", name="Ownership").click()
    row = long.get_by_role("row").filter(has=long.get_by_role("cell", name="constructor")).first
    assert row.locator("td").all_inner_texts() == ["constructor", "", "10%"]


def test_an_amount_in_the_second_currency_is_explained_in_both(long: Page):
    """What a formula reads is in the scenario's currency, beside what was stated and the rate of its month."""
    long.evaluate("explain('Pay', [['annual_pay', 7, 0]])")
    said = "Salary · Founder: $117K / head per year = 90,000 EUR per head per year × $1.3 / EUR"
    expect(long.get_by_role("dialog")).to_contain_text(said)


def test_a_lever_of_a_number_below_zero_begins_where_it_stands(long: Page):
    """Its range runs from twice the number to nothing."""
    lever = long.get_by_role("slider", name="Vendor price change · Model", include_hidden=True)
    assert [lever.get_attribute(end) for end in ("min", "max")] == ["-80", "0"]
    expect(lever).to_have_value("-40")


def test_years_below_a_chart_never_overlap(long: Page):
    """Of twenty years, those that have room are named."""
    years = long.locator("#charts text[text-anchor=middle]")
    boxes = years.evaluate_all("years => years.map(year => year.getBoundingClientRect())")
    boxes.sort(key=lambda box: box["left"])
    assert len(boxes) > 4
    assert all(one["right"] < other["left"] for one, other in pairwise(boxes))


def test_where_a_number_comes_from(tab: Page):
    """A figure opens its formula and what it reads, down to an assumption with its evidence."""
    tab.get_by_role("button", name="Cash at the end").click()
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("Cash at the end")
    dialog.locator("summary", has_text=re.compile("^Cash, ")).click()
    expect(dialog).to_contain_text("last_cash + cash_flow")
    reads = dialog.locator("details details").first.locator(":scope > .reads > .read > details > summary")
    assert [one.partition(",")[0] for one in reads.all_inner_texts()] == ["Cash flow", "Cash"]
    tab.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_trials_of_a_changed_plan(tab: Page, scenario: Scenario):
    """A worker runs them: the chances are the engine's for the same trials, and the page stays at hand."""
    tab.get_by_text("Churn · Team (%)").scroll_into_view_if_needed()
    field = tab.get_by_label("Churn · Team (%)").and_(tab.get_by_role("spinbutton"))
    field.fill("6")
    field.press("Enter")
    expect(tab.get_by_text("are not known before its trials have run")).to_be_visible()
    tab.get_by_role("button", name="Run 1,000 trials of this plan").click()
    told = tab.get_by_text("Of 1,000 trials, ")
    expect(told).to_be_visible(timeout=60_000)
    other = scenario.with_value(CHURN, moved(scenario.assumptions[CHURN], 0.06))
    outcomes = project(other, 1000, evidence=False).figures.outcomes
    assert f"{100 * outcomes.ruin().value:.3g}%" in (told.text_content() or "")


def test_what_readers_said_stands_beside_what_they_meant(chromium: Any, scenario: Scenario, tmp_path: Path):
    """A comment is on the plan or on an assumption, whose unit is in words; what it holds is text and nothing else."""
    said = with_comment(scenario, Comment(PRICE, "A. Investor", "2026-11-28", "<b>Why not 60?</b>"))
    said = with_comment(said, Comment("", "", "", "Looks good"))
    (tmp_path / "plan.html").write_text(page(project(said, 0)), encoding="utf-8")
    for tab in opened(chromium, tmp_path / "plan.html"):
        expect(tab.get_by_text("Looks good")).to_be_visible()
        tab.get_by_role("tab", name="Assumptions").click()
        row = tab.get_by_role("row").filter(has_text=re.compile("^Price · Team"))
        expect(row).to_contain_text("A. Investor, 2026-11-28: <b>Why not 60?</b>")
        expect(row).to_contain_text("USD per customer per month")


def test_what_was_sent_comes_with_its_chinese(file: Path):
    """The grade, units of figures, evidence, and a reason for no value that a lever may bring."""
    sent = base64.b64decode(re.search(r'id="sent">([^<]+)', file.read_text(encoding="utf-8"))[1])
    words = json.loads(zlib.decompress(sent))["words"]
    assert {"Fragile", "million tokens", "kWh", "assumed", "Cash never falls below the floor."} <= words.keys()
    assert not words["Fragile"].isascii()


def test_shares_are_given_in_percent_and_months_by_name(tab: Page):
    """A conversion is a share of users in percent, and a launch has its month beside its number."""
    tab.get_by_role("tab", name="Assumptions", exact=True).click()
    row = tab.get_by_role("row").filter(has_text="Conversion · Team")
    expect(row.get_by_role("spinbutton")).not_to_have_value(re.compile(r"^0\."))
    expect(row).to_contain_text("%")


def test_on_a_phone_in_the_dark_in_chinese(chromium: Any, file: Path):
    """Nothing is wider than the phone, axe finds nothing serious, and no English sentence is left of the page's own."""
    look = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "locale": "zh-CN"}
    for tab in opened(chromium, file, **look):
        expect(tab.get_by_role("heading", name="杠杆")).to_be_visible()
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = [one["id"] for one in Axe().run(tab).response["violations"] if one["impact"] in ("serious", "critical")]
        assert found == []
        expect(tab.get_by_role("button", name="对此方案运行 1,000 次模拟")).to_be_visible()
        labels = "[...document.querySelectorAll('svg[role=img] text')].map(text => text.getBBox().x)"
        assert min(tab.evaluate(labels)) >= 0
        tab.get_by_role("tab", name="假设", exact=True).click()
        assert tab.locator(".wide").first.evaluate("table => table.scrollWidth <= table.clientWidth")
        tab.locator(".lever").first.scroll_into_view_if_needed()
        expect(tab.locator("#tiles")).to_be_in_viewport()


def test_paper_has_every_year(tab: Page):
    """Whichever period the reader chose, statements are printed by year, within the margins of an A4 sheet."""
    tab.get_by_label("Period").select_option("month")
    tab.set_viewport_size({"width": 700, "height": 1000})
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    sizes = "tables => tables.map(one => [one.rows[0].cells.length, one.scrollWidth])"
    printed = tab.locator("table").evaluate_all(sizes)
    assert [columns for columns, _ in printed] == [6, 6, 6]
    assert max(width for _, width in printed) <= 700
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(tab.get_by_label("Period")).to_have_value("month")
