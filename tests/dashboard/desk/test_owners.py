"""A draft belongs to the browser that made it: others neither see nor change it, and their address gives a copy."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from example import EXAMPLE
from streamlit.testing.v1 import AppTest

from dashboard.desk.ageing import BIN_DAYS, DAY, DRAFT_DAYS, MOST_AT_ONCE, aged, tidy
from dashboard.desk.desk import shipped
from dashboard.desk.drafts import Draft, Edits, Shelf
from dashboard.desk.owner import COOKIE, cookie_of, new_token
from dashboard.parts.kept.drafts import MOST_LISTED
from simulator.scenario.records.measured import MEASUREMENTS

PRICE = "lever:plans.team.price"
App = Callable[..., AppTest]
Browser = Callable[[str], Path]


def edited(edits: Edits) -> Draft:
    """A draft of the scenario that opens first, with edits."""
    draft = shipped(EXAMPLE)
    return draft.stepped(replace(draft.now, edits=edits, name="plans.team.price"))


def turned(session: AppTest, value: float) -> AppTest:
    """The session after the price was changed."""
    return session.number_input(key=PRICE).set_value(value).run()


def keys(session: AppTest) -> list[str]:
    """The keys of all buttons of a session."""
    return [button.key for button in session.button]


def listed(session: AppTest) -> AppTest:
    """The session with the list of drafts open."""
    return session.button(key="drafts").click().run()


def test_an_edit_is_on_disk_before_the_page_is_drawn(app: App, browser: Browser):
    """Nothing waits for a save button."""
    folder = browser("mine")
    session = turned(app(), 777.0)
    assert (folder / f"{session.query_params['draft']}.json").exists()


def test_a_new_session_is_offered_what_an_earlier_one_left(app: App, browser: Browser):
    """A closed tab loses nothing; the draft itself goes on, under its own address."""
    browser("mine")
    first = turned(app(), 777.0)
    session = app().button(key="restore").click().run()
    assert session.number_input(key=PRICE).value == 777
    assert session.query_params["draft"] == first.query_params["draft"]


def test_an_offer_can_be_dismissed_and_the_draft_stays(app: App, browser: Browser):
    """The line goes away for this session; the list still has the draft."""
    browser("mine")
    name = turned(app(), 777.0).query_params["draft"]
    session = app().button(key="dismiss").click().run()
    assert "restore" not in keys(session)
    assert f"over:draft:{name}" in keys(listed(session))


def test_another_browser_sees_no_draft(app: App, browser: Browser):
    """Nothing of one browser is offered or listed to another."""
    browser("mine")
    name = turned(app(), 777.0).query_params["draft"]
    browser("theirs")
    session = listed(app())
    assert "restore" not in keys(session)
    assert [key for key in keys(session) if key and name in key] == []


def test_another_browser_gets_a_copy_by_the_address(app: App, browser: Browser):
    """Whoever is sent an address sees the draft; what they change is theirs."""
    mine = Shelf(browser("mine"))
    name = turned(app(), 777.0).query_params["draft"]
    theirs = Shelf(browser("theirs"))
    session = app(draft=name)
    assert any("a copy of the draft" in text.value for text in session.main.markdown)
    session = turned(session, 900.0)
    assert not any("a copy of the draft" in text.value for text in session.main.markdown)
    other = session.query_params["draft"]
    assert other != name
    assert mine.load(name).now.edits["plans.team.price"] == 777
    assert theirs.load(other).now.edits["plans.team.price"] == 900
    assert theirs.load(name) is None


def test_a_browser_without_cookies_keeps_its_draft_by_the_address(app: App):
    """Each session has a token of its own then; a reload by the address shows the same numbers."""
    session = turned(app(), 777.0)
    again = app(draft=session.query_params["draft"])
    assert again.number_input(key=PRICE).value == 777
    again = turned(again, 778.0)
    assert app(draft=again.query_params["draft"]).number_input(key=PRICE).value == 778


def test_drafts_of_earlier_versions_go_to_the_first_browser(app: App, browser: Browser):
    """They had no owner; they are offered to the first browser of this computer, and to no other."""
    draft = edited({"plans.team.price": 777.0})
    Shelf().save(draft)
    browser("mine")
    assert app().button(key="restore").click().run().number_input(key=PRICE).value == 777
    browser("theirs")
    assert "restore" not in keys(app())


def test_a_browser_without_cookies_adopts_nothing(app: App, browser: Browser):
    """It would lose what it took."""
    draft = edited({"plans.team.price": 777.0})
    Shelf().save(draft)
    app()
    assert Shelf().load(draft.id) == draft


def test_two_tabs_on_one_draft_do_not_write_over_one_another(app: App, browser: Browser):
    """The second to write goes on with a copy, which its address names."""
    shelf = Shelf(browser("mine"))
    first = turned(app(), 777.0)
    name = first.query_params["draft"]
    second = app(draft=name)
    first, second = turned(first, 800.0), turned(second, 900.0)
    other = second.query_params["draft"]
    assert [shelf.load(one).now.edits["plans.team.price"] for one in (name, other)] == [800.0, 900.0]
    assert first.query_params["draft"] == name


def test_saving_in_one_tab_leaves_what_another_tab_went_on_with(app: App, browser: Browser):
    """Only the draft that was saved goes to the bin."""
    shelf = Shelf(browser("mine"))
    first = turned(app(), 777.0)
    name = first.query_params["draft"]
    turned(app(draft=name), 900.0)
    first = first.button(key="save").click().run()
    assert first.session_state["draft"].now.folder.name == "scenarios"
    assert shelf.load(name).now.edits["plans.team.price"] == 900.0


def test_the_way_back_of_the_browser_leaves_the_draft_and_its_address(app: App, browser: Browser):
    """A reload would open the draft of an earlier page otherwise."""
    browser("mine")
    session = turned(app(), 777.0)
    name = session.query_params["draft"]
    session.query_params["draft"] = "earlier-one"
    session = session.run()
    assert session.query_params["draft"] == name


def test_a_draft_that_is_opened_closes_the_mistakes_of_another_file(app: App, browser: Browser):
    """They are said of a file that could not be opened."""
    browser("mine")
    turned(app(), 777.0)
    session = app().file_uploader(key="upload:0").upload("mine.yaml", b"title: x").run()
    assert session.button(key="close-problems")
    session = session.button(key="restore").click().run()
    assert session.number_input(key=PRICE).value == 777
    assert "close-problems" not in keys(session)


def test_a_discarded_draft_comes_back_from_the_bin(app: App, browser: Browser):
    """Discarding is undone in the list."""
    browser("mine")
    name = turned(app(), 777.0).query_params["draft"]
    session = listed(app()).button(key=f"over:discard:{name}").click().run()
    assert f"over:draft:{name}" not in keys(session)
    session = session.button(key=f"over:from-bin:{name}").click().run()
    session = session.button(key=f"over:draft:{name}").click().run()
    assert session.number_input(key=PRICE).value == 777


def test_the_bin_says_what_it_does_not_show(app: App, browser: Browser):
    """Of more drafts than fit into the list, the reader learns how many follow."""
    shelf = Shelf(browser("mine"))
    for price in range(MOST_LISTED + 3):
        draft = edited({"plans.team.price": float(price)})
        shelf.save(draft)
        shelf.discard(draft.id)
    session = listed(app())
    assert f"Bin: {MOST_LISTED + 3} drafts" in [one.label for one in session.expander]
    assert "3 older drafts are not shown." in " ".join(one.value for one in session.markdown)


def test_a_draft_from_the_bin_replaces_none(tmp_path: Path):
    """Where another tab has saved the draft again, the one from the bin gets another name."""
    shelf, draft = Shelf(tmp_path), edited({"plans.team.price": 1.0})
    shelf.save(draft)
    shelf.discard(draft.id)
    later = draft.stepped(replace(draft.now, edits={"plans.team.price": 2.0}))
    shelf.save(later)
    shelf.restore(draft.id)
    assert shelf.load(draft.id) == later
    assert sorted(one.changes for one in shelf.listed()) == [1, 2]
    shelf.restore(draft.id)  # by a tab that still shows it in the bin
    assert sorted(one.changes for one in shelf.listed()) == [1, 2]


def test_a_saved_scenario_leaves_its_draft_in_the_bin(app: App, browser: Browser, home: Path):
    """The desk goes on in the file; the steps before can be brought back."""
    shelf = Shelf(browser("mine"))
    session = turned(app(), 777.0)
    draft = session.query_params["draft"]
    session = session.button(key="save").click().run()
    assert session.session_state["draft"].now.folder == home / "scenarios"
    assert session.session_state["draft"].now.edits == {}
    assert shelf.load(draft) is None
    assert [one.id for one in shelf.binned()] == [draft]
    assert "restore" not in keys(app())


def test_drafts_age_by_way_of_the_bin(tmp_path: Path):
    """A draft that nobody changed for half a year goes to the bin, and leaves it a month later."""
    shelf, now = Shelf(tmp_path / "mine"), time.time()
    old, young = edited({"plans.team.price": 1.0}), edited({"plans.team.price": 2.0})
    for draft, days in ((old, DRAFT_DAYS + 1), (young, DRAFT_DAYS - 1)):
        shelf.save(draft)
        os.utime(shelf.folder / f"{draft.id}.json", (now - days * DAY,) * 2)
    tidy(shelf, now)
    assert [[one.id for one in found] for found in (shelf.listed(), shelf.binned())] == [[young.id], [old.id]]
    tidy(shelf, now + (BIN_DAYS - 1) * DAY)
    assert old.id in [one.id for one in shelf.binned()]
    tidy(shelf, now + (BIN_DAYS + 1) * DAY)
    assert old.id not in [one.id for one in shelf.binned()]


def test_a_clock_that_jumps_lets_drafts_age_by_two_days_at_once(home: Path, monkeypatch: pytest.MonkeyPatch):
    """A year forward and back again, as before a computer has asked for the time, deletes nothing."""
    clock = [1.8e9]
    monkeypatch.setattr("dashboard.desk.ageing.time.time", lambda: clock[0])
    start = clock[0]
    assert aged(home) == start
    clock[0] += 365 * DAY
    assert aged(home) == pytest.approx(start + MOST_AT_ONCE)
    assert aged(home) == pytest.approx(start + 2 * MOST_AT_ONCE)
    clock[0] = start + DAY
    assert aged(home) == start + DAY


def test_a_draft_that_no_longer_stands_is_answered_with_its_mistake(app: App, browser: Browser):
    """What was left may refer to a record that is gone; the scenario on the page stays."""
    gone = {"measured": f"{MEASUREMENTS}/gone.json", "metric": "tokens_per_second"}
    Shelf(browser("mine")).save(edited({"pools.large.tokens_per_second": gone}))
    session = app().button(key="restore").click().run()
    assert not session.exception
    assert "gone.json" in session.table[0].value["What is wrong"].iloc[0].replace("\\", "")


def test_damaged_drafts_take_no_page_down(app: App, browser: Browser):
    """A draft without time zone, with half a position, with numbers for texts, or folded deeply, counts as missing."""
    folder, draft = browser("mine"), edited({"plans.team.price": 777.0})
    Shelf(folder).save(draft)
    whole = json.loads((folder / f"{draft.id}.json").read_text(encoding="utf-8"))
    broken = [
        {**whole, "updated": "2026-11-22T10:00:00"},
        {**whole, "updated": "9999-12-31T23:59:59-12:00"},
        {**whole, "position": 0.5},
        {**whole, "position": True},
        {**whole, "texts": [5]},
        {**whole, "file": None},
        {**whole, "file": "\ud800"},
        {**whole, "steps": [{**whole["steps"][0], "text": -1}]},
        {**whole, "steps": [{**whole["steps"][0], "edits": "[[1, 2]]"}]},
        {**whole, "steps": [{**whole["steps"][0], "edits": f'[["tax_rate", {"[" * 800}{"]" * 800}]]'}]},
    ]
    for place, fields in enumerate(broken):
        (folder / f"damaged{place}.json").write_text(json.dumps(fields), encoding="utf-8")
    (folder / "deepdeep.json").write_text("[" * 100_000, encoding="utf-8")
    session = app()
    assert not session.exception
    assert session.button(key="restore").click().run().number_input(key=PRICE).value == 777
    for path in folder.glob("d*.json"):
        assert not app(draft=path.stem).exception
        assert Shelf(folder).load(path.stem) is None


def test_a_token_is_128_random_bits_and_told_from_anything_else():
    """A cookie that is not a token is no owner, so nobody chooses a folder."""
    token = new_token()
    assert cookie_of(f"other=1; {COOKIE}={token}") == token
    assert len({new_token() for _ in range(100)}) == 100
    for odd in ("", "x", "../../etc", token + "x", "a" * 1000):
        assert cookie_of(f"{COOKIE}={odd}") == ""
