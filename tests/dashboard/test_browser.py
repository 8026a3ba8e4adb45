"""One journey through the real thing: a server, Chromium, and a person who edits, reloads, measures and cancels."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path

import pytest
from browsing import PATIENCE_MS, PRICE, address, edit, link, settled, tab, window

from app import MENU

pytestmark = pytest.mark.browser
__all__ = ["address", "tab", "window"]

NAMES = [module.__name__.rpartition(".")[2] for entries in MENU.values() for module, *_ in entries]
# The first page of the menu has no path of its own.
PAGES = ["", *NAMES[1:]]
TITLES = [title for entries in MENU.values() for _, title in entries]

# Streamlit's place to drop a file is a region with a name and the role of none.
UPSTREAM = ["presentation-role-conflict"]

try:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import Page, expect
except ModuleNotFoundError:
    pass  # the fixture chromium says how to get it


def test_a_lever_of_play_answers_at_once_and_becomes_an_edit(tab: Page, address: str):
    """The figures follow the lever in the browser; where it is let go stands a change of the draft with its name."""
    tab.goto(f"{address}/overview")
    settled(tab)
    tab.get_by_text("Play", exact=True).click()
    lever = tab.get_by_role("slider", name=PRICE)
    expect(lever).to_be_visible()
    figures = tab.locator(".play .figures")
    before = figures.inner_text()
    lever.evaluate("lever => { lever.value = 1.5 * lever.value; lever.dispatchEvent(new Event('input')); }")
    assert figures.inner_text() != before
    expect(figures).to_contain_text("was ")
    lever.dispatch_event("change")
    expect(tab.get_by_role("button", name=f"Undo: {PRICE}")).to_be_visible()


def test_play_counts_months(tab: Page, address: str):
    """A runway has its unit, as on the tile above."""
    tab.goto(f"{address}/overview?example=consumer-assistant")
    settled(tab)
    tab.get_by_text("Play", exact=True).click()
    expect(tab.locator(".play .figures > div").first).to_have_text("Runway48 months")


def test_a_chart_changes_in_place(tab: Page, address: str):
    """An edit moves its line, the theme its colours and the screen its width; the library is fetched once."""
    fetched: list[str] = []
    tab.on("request", lambda request: fetched.append(request.url) if "plotly" in request.url else None)
    tab.goto(f"{address}/overview")
    settled(tab)
    chart = tab.get_by_role("figure", name="In the base case cash is lowest")
    line, tick = chart.locator(".scatterlayer path.js-line").last, chart.locator(".xtick text").first
    before, told = line.get_attribute("d"), chart.get_attribute("aria-label")
    line.evaluate("line => { line.kept = true; }")
    edit(tab, "777")
    expect(chart).not_to_have_attribute("aria-label", told)
    expect(line).not_to_have_attribute("d", before)
    assert line.evaluate("line => line.kept")
    for scheme in ("dark", "light"):
        tab.emulate_media(color_scheme=scheme)
        colour = tab.locator("h1").evaluate("title => getComputedStyle(title).color")
        expect(tick).to_have_css("fill", colour)
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.wait_for_function("chart => chart.scrollWidth <= 390 && chart.querySelector('svg').clientWidth <= 390",
                          arg=chart.element_handle())  # fmt: skip
    assert len(fetched) == 1


def test_an_edit_survives_a_reload_and_can_be_undone(tab: Page, address: str):
    """What is typed stays through a reload; undo brings back the number from the file."""
    tab.goto(f"{address}/overview")
    settled(tab)
    price = tab.get_by_role("spinbutton", name=PRICE)
    before = price.input_value()
    price.fill("777")
    price.press("Enter")
    settled(tab)
    expect(tab.get_by_role("button", name="Undo")).to_be_enabled()
    tab.reload()
    settled(tab)
    expect(tab.get_by_text("Page not found")).to_have_count(0)
    expect(tab.get_by_role("spinbutton", name=PRICE)).to_have_value("777")
    tab.get_by_role("button", name="Undo").click()
    settled(tab)
    expect(tab.get_by_role("spinbutton", name=PRICE)).to_have_value(before)


def test_a_run_goes_on_through_a_reload_and_can_be_cancelled(tab: Page, address: str):
    """The run belongs to its folder, not to the page."""
    tab.goto(f"{address}/hardware")
    settled(tab)
    tab.get_by_role("button", name="Start the run").click()
    expect(tab.get_by_role("button", name="Cancel the run")).to_be_visible()
    tab.reload()
    tab.get_by_role("button", name="Cancel the run").click()
    expect(tab.get_by_text("This run was cancelled.")).to_be_visible()
    expect(tab.get_by_role("button", name="Start the run")).to_be_visible()


TINY = {
    "name": "tiny-perceptron",
    "model": {"config": {"model_type": "mlp", "sizes": [4, 8], "num_labels": 1}},
    "task": "regress",
    "cases": [{"kind": "train", "point": {"method": "full", "batch": 4}}],
    "effort": {"repeats": 3, "warmup_steps": 1, "warmup_seconds": 0, "steps": 8, "seconds": 0},
}
# Four processes that each load torch, on two cores that others may use, too.
RUN_PATIENCE_MS = 300_000


def test_a_run_from_a_file_is_watched_and_its_record_compared(tab: Page, address: str):
    """A workload of one's own is uploaded, measured, found, and held against another record."""
    tab.goto(f"{address}/hardware")
    settled(tab)
    tab.get_by_text("Upload a workload").click()
    content = json.dumps(TINY).encode()
    tab.locator("[data-testid=stMain] input[type=file]").set_input_files(
        [{"name": "tiny.json", "mimeType": "application/json", "buffer": content}]
    )
    expect(tab.get_by_role("combobox", name="Workload")).to_have_value("tiny-perceptron, from your file")
    settled(tab)
    tab.get_by_role("button", name="Start the run").click()
    expect(tab.get_by_role("button", name="Cancel the run")).to_be_visible()
    expect(tab.get_by_text("This run is done")).to_be_visible(timeout=RUN_PATIENCE_MS)
    tab.goto(f"{address}/measurements")
    settled(tab)
    expect(tab.get_by_role("combobox", name="Record")).to_have_value(re.compile("^tiny-perceptron"))
    tab.get_by_role("radio", name="Compare").click()
    expect(tab.get_by_role("combobox", name="Compare with")).to_be_visible()
    expect(tab.get_by_text("Not compared")).to_be_visible()


def test_a_long_search_shows_progress_and_can_be_cancelled(tab: Page, address: str):
    """The search stops where it stands, and begins again only when it is asked to."""
    tab.goto(f"{address}/pricing")
    settled(tab)
    tab.get_by_label("Read off").click()
    tab.get_by_role("option", name="mean of the trials").click()
    tab.get_by_role("button", name="Cancel").click()
    expect(tab.get_by_role("button", name="Search again")).to_be_visible()
    settled(tab)
    expect(tab.get_by_role("progressbar")).to_have_count(0)


def test_what_is_chosen_for_a_run_survives_another_page(tab: Page, address: str):
    """The kind and the workload stay while another page of the menu is read."""
    tab.goto(f"{address}/hardware")
    settled(tab)
    tab.get_by_role("radio", name="Generating").click()
    expect(tab.get_by_text("Generates with a language model of 135M")).to_be_visible()
    settled(tab)
    for name in ("Measurements", "Hardware"):
        link(tab, name).click()
        expect(tab.get_by_role("heading", level=1)).to_have_text(name)
        settled(tab)
    expect(tab.get_by_role("combobox", name="Workload")).to_have_value("Generation, a quick look")


def test_what_is_downloaded_can_be_opened_by_somebody_else(tab: Page, chromium: object, address: str, tmp_path: Path):
    """The plan with its edit and the record that it rests on travel in one bundle, and read the same elsewhere."""
    tab.goto(f"{address}/overview")
    settled(tab)
    edit(tab, "990")
    tab.get_by_role("button", name="Send", exact=True).click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download to share").click()
    download.value.save_as(tmp_path / "shared.zip")
    other = chromium.new_context(locale="en-US").new_page()
    other.goto(f"{address}/overview")
    settled(other)
    other.get_by_role("button", name="File").click()
    other.locator("input[type=file]").set_input_files(tmp_path / "shared.zip")
    expect(other.get_by_role("spinbutton", name=PRICE)).to_have_value("990")
    other.context.close()


def test_two_browsers_never_see_each_others_drafts(tab: Page, chromium: object, address: str):
    """Another browser is offered and told nothing; by the address it gets a copy of its own."""
    tab.goto(f"{address}/overview")
    settled(tab)
    edit(tab, "4321")
    draft = tab.url
    other = chromium.new_context(locale="en-US").new_page()
    other.goto(f"{address}/overview")
    settled(other)
    expect(other.get_by_role("button", name="Continue")).to_have_count(0)
    other.get_by_role("button", name="File").click()
    other.get_by_role("button", name="Drafts and bin").click()
    expect(other.get_by_role("dialog").get_by_text("No drafts yet")).to_be_visible()
    other.goto(draft)
    settled(other)
    expect(other.get_by_role("spinbutton", name=PRICE)).to_have_value("4321")
    edit(other, "1234")
    assert other.url != draft
    other.context.close()
    tab.reload()
    settled(tab)
    expect(tab.get_by_role("spinbutton", name=PRICE)).to_have_value("4321")


def test_a_draft_goes_to_the_bin_and_comes_back(tab: Page, address: str):
    """A new tab of the same browser continues, discards and restores what another left, in the list of drafts."""
    tab.goto(f"{address}/overview")
    settled(tab)
    edit(tab, "4444")
    tab.goto(f"{address}/overview")
    settled(tab)
    expect(tab.get_by_role("button", name="Continue")).to_be_visible()
    tab.get_by_role("button", name="File").click()
    tab.get_by_role("button", name="Drafts and bin").click()
    over = tab.get_by_role("dialog")
    over.get_by_role("button", name="Discard").first.click()
    expect(over.get_by_text("Bin: 1 draft")).to_be_visible()
    over.get_by_text("Bin: 1 draft").click()
    over.get_by_role("button", name="Restore").click()
    expect(over.get_by_text("Bin: 1 draft")).to_have_count(0)
    over.get_by_role("button", name="Open").first.click()
    expect(tab.get_by_role("spinbutton", name=PRICE)).to_have_value("4444")
    expect(tab.get_by_role("button", name="Undo: Price · Agency")).to_be_enabled()


def test_a_page_can_be_walked_by_keyboard(tab: Page, address: str):
    """Tab reaches the levers, and the arrow keys turn them."""
    tab.goto(f"{address}/overview")
    settled(tab)
    price = tab.get_by_role("spinbutton", name=PRICE)
    price.focus()
    before = float(price.input_value())
    price.press("ArrowUp")
    price.press("Tab")
    settled(tab)
    assert float(price.input_value()) > before


# Each page once, every third in Chinese and every other one in the dark; `make soak` tries all else.
LOOKS = [(path, "zh" if place % 3 == 1 else "en", "dark" if place % 2 else "light") for place, path in enumerate(PAGES)]
OTHERS = [
    pytest.param(*look, marks=pytest.mark.soak)
    for look in product(PAGES, ("en", "zh"), ("light", "dark"))
    if look not in LOOKS
]


@pytest.mark.parametrize(("path", "tongue", "scheme"), LOOKS + OTHERS)
def test_a_page_has_no_barrier(tab: Page, address: str, path: str, tongue: str, scheme: str):
    """axe finds nothing, and at 390 pixels nothing has to be scrolled sideways."""
    tab.emulate_media(color_scheme=scheme)
    tab.goto(f"{address}/{path}?lang={tongue}")
    settled(tab)
    expect(tab.get_by_text({"en": "Language", "zh": "语言"}[tongue], exact=True)).to_be_visible()
    expect(tab.get_by_test_id("stApp")).to_have_css("color-scheme", scheme)
    assert _barriers(tab) == {}
    _fits_a_phone(tab)


def _barriers(tab: Page) -> dict[str, list[str]]:
    """The rules that a page breaks, each with the beginnings of its elements."""
    found = Axe().run(tab, options={"resultTypes": ["violations"]}).response["violations"]
    return {rule["id"]: [node["html"][:200] for node in rule["nodes"]] for rule in found if rule["id"] not in UPSTREAM}


def _fits_a_phone(tab: Page) -> None:
    """Wait until the page is laid out for 390 pixels, with nothing to be scrolled sideways."""
    tab.set_viewport_size({"width": 390, "height": 844})
    # The document is as wide as the screen whatever is in it; what a reader scrolls is this part of it.
    main = tab.get_by_test_id("stMain").element_handle()
    tab.wait_for_function("main => main.clientWidth <= 390 && main.scrollWidth <= main.clientWidth", arg=main)


# A desktop, the same at 200 % zoom, and a phone.
@pytest.mark.parametrize("width", [1280, 640, 390])
def test_every_page_is_one_click_away(tab: Page, address: str, width: int):
    """A link to each page is in sight, and the first five tab stops reach the menu."""
    tab.set_viewport_size({"width": width, "height": 844})
    tab.goto(address)
    settled(tab)
    stops = []
    for _ in range(5):
        tab.keyboard.press("Tab")
        stops.append(
            tab.evaluate("[document.activeElement.innerText, document.activeElement.getBoundingClientRect().x]")
        )
    assert [name for name, x in stops if x >= 0 and name in TITLES] != [], stops
    for title in TITLES:
        link(tab, title).click(trial=True)
    link(tab, "Funding").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Funding")


def test_the_browsers_language_is_the_pages(chromium: object, address: str):
    """Someone whose browser asks for Chinese gets it, and keeps a language chosen instead on the next page."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    tab = context.new_page()
    tab.goto(f"{address}/overview")
    expect(tab.get_by_role("heading", level=1)).to_have_text("概览", timeout=PATIENCE_MS)
    expect(tab.locator(".ytick").filter(has_text="万").first).to_be_attached(timeout=PATIENCE_MS)
    tab.get_by_role("radio", name="English").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Overview", timeout=PATIENCE_MS)
    link(tab, "Risk").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Risk", timeout=PATIENCE_MS)
    assert "lang=en" in tab.url
    context.close()
