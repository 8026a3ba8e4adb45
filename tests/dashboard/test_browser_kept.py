"""What a founder on a phone met: choices, folds and links that kept nothing, or led elsewhere."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from browsing import PRICE, address, chosen, edit, link, settled, tab, window

pytestmark = pytest.mark.browser
__all__ = ["address", "tab", "window"]

with contextlib.suppress(ModuleNotFoundError):  # the fixture chromium says how to get it
    from playwright.sync_api import Page, expect


def test_what_is_chosen_keeps_its_place_under_a_new_title(tab: Page, address: str):
    """A channel that is renamed is still the one that is shown, and what is done next is done to it."""
    tab.goto(f"{address}/assumptions")
    settled(tab)
    owner = tab.get_by_role("combobox", name="Show assumptions of")
    chosen(tab, "Show assumptions of", "Channel")
    tab.get_by_role("button", name="Add a channel").click()
    expect(owner).to_have_value("Channel · New channel")
    name = tab.get_by_role("textbox", name="Name", exact=True)
    name.fill("Trade fairs")
    name.press("Enter")
    expect(owner).to_have_value("Channel · Trade fairs")
    settled(tab)
    copy = tab.get_by_role("button", name="Duplicate")
    expect(copy).to_have_count(1)
    copy.click()
    expect(owner).to_have_value("Channel · Trade fairs, copy")


def test_answers_survive_another_language(tab: Page, address: str):
    """The choices that were made in English are those of the Chinese form, with nothing refused."""
    tab.goto(address)
    settled(tab)
    answer = "Companies pay per task an agent finishes"
    chosen(tab, "Who buys it, and how", answer)
    tab.get_by_role("radio", name="简体中文").click()
    expect(tab.get_by_role("combobox", name="谁来买，怎么买")).to_have_value("企业按智能体完成的任务付费")
    settled(tab)
    company = tab.get_by_role("textbox", name="公司名称")
    company.fill("青瓷")
    company.press("Enter")
    settled(tab)
    expect(tab.get_by_role("combobox", name="谁来买，怎么买")).to_have_value("企业按智能体完成的任务付费")
    expect(tab.get_by_test_id("stAlert")).to_have_count(0)


def test_a_fold_stays_open_while_what_is_in_it_is_set(tab: Page, address: str):
    """The title of a fold counts what is set in it, and so changes with each value."""
    tab.goto(f"{address}/assumptions")
    settled(tab)
    chosen(tab, "Show assumptions of", "Plan · Agency")
    fold = tab.locator("[data-testid=stMain] details").filter(has=tab.get_by_text("Billing: "))
    before = fold.locator("summary").inner_text()
    fold.locator("summary").click()
    share = tab.get_by_role("textbox", name="Commission share, %")
    share.fill("7")
    share.press("Enter")
    expect(fold.locator("summary")).not_to_have_text(before)
    settled(tab)
    expect(share).to_be_visible()


def test_a_link_leads_to_the_draft_wherever_it_is_opened(tab: Page, address: str):
    """A link of the menu has the draft: opened in another tab, or on a server that has forgotten the session."""
    tab.goto(f"{address}/overview?lang=en")
    settled(tab)
    edit(tab, "1357")
    other = tab.context.new_page()
    other.goto(link(tab, "Risk").evaluate("link => link.href"))
    settled(other)
    expect(other.get_by_role("spinbutton", name=PRICE)).to_have_value("1357")


def test_a_phones_sidebar_has_what_the_page_has_not(tab: Page, address: str):
    """It lies over the page, so that a link to a page would change what nobody sees; the levers are what it is for."""
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(f"{address}/overview")
    settled(tab)
    tab.get_by_test_id("stExpandSidebarButton").click()
    expect(tab.get_by_role("spinbutton", name=PRICE)).to_be_visible()
    expect(tab.get_by_test_id("stSidebar").get_by_role("link").locator("visible=true")).to_have_count(0)


def test_the_tools_of_a_table_cover_no_words(chromium: Any, address: str):
    """Where nothing hovers, tools always stand above their table, and so would hide the end of the sentence there."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = context.new_page()
    tab.goto(f"{address}/statements?lang=en")
    settled(tab)
    words = tab.get_by_text("Choose a cell to explain its number.").bounding_box()
    tools = tab.get_by_test_id("stElementToolbar").first.bounding_box()
    assert words
    assert tools
    assert words["y"] + words["height"] <= tools["y"]
    statement = tab.get_by_role("radio", name="Cash flow statement").bounding_box()
    assert statement
    assert statement["x"] + statement["width"] <= 390
    context.close()
