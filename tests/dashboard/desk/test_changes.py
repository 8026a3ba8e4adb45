"""Undo says what it undoes, the changes are listed, and all of them can be taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from example import EXAMPLE
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED, scenario_at, shipped
from dashboard.desk.drafts import Shelf, Step
from dashboard.parts.kept.changes import called
from dashboard.parts.words import Words
from simulator.scenario.reading import load
from simulator.scenario.shaping.members import removed
from simulator.scenario.shaping.settings import with_setting

PRICE, CHURN = "lever:plans.team.price", "lever:plans.starter.churn"
App = Callable[..., AppTest]


def test_undo_and_redo_have_the_names_of_the_changes(app: App):
    """A member is called by its title."""
    session = app().number_input(key=PRICE).set_value(777.0).run()
    session = session.number_input(key=CHURN).set_value(7.0).run()
    assert unescaped(session.button(key="undo").label) == "Undo: Churn · Starter: 5% → 7%"
    session = session.button(key="undo").click().run()
    assert unescaped(session.button(key="undo").label) == "Undo: Price · Team: $1,490 → $777"
    assert unescaped(session.button(key="redo").label) == "Redo: Churn · Starter: 5% → 7%"


def test_the_changes_are_listed_the_newest_first(app: App):
    """The list has the changes that stand, and not those that were undone."""
    session = app().number_input(key=PRICE).set_value(777.0).run()
    session = session.number_input(key=CHURN).set_value(7.0).run()
    session = session.number_input(key=PRICE).set_value(778.0).run().button(key="undo").click().run()
    text = next(one.value for one in session.sidebar.markdown if "Churn · Starter" in one.value)
    assert text.index("Churn · Starter") < text.index("Price · Team")
    assert text.count("Price · Team") == 1


def test_a_change_of_a_range_or_a_setting_has_its_values(app: App):
    """The centre may stay while the range changes; a setting is told, too, and in the words of the page."""
    draft = shipped(EXAMPLE)
    now = scenario_at(draft.now, draft.file)
    for path, literal in (("plans.team.price", "90% between 1000 and 2000"), ("plans.team.price", 1490)):
        now = now.with_value(path, literal)
        draft = draft.stepped(Step(now.text, now.folder, now.edits, path))
    now = with_setting(now, "months", 48)
    draft = draft.stepped(Step(now.text, now.folder, now.edits, "months: set"))
    Shelf().save(draft)
    session = app(draft=draft.id, lang="zh")
    listed = unescaped(next(one.value for one in session.sidebar.markdown if "48" in one.value))
    assert "月数" in listed
    assert " → 48" in listed
    assert "价格 · Team：US$1,490 → US$1,410（区间：1,000 至 2,000）" in listed
    assert "价格 · Team：US$1,410（区间：1,000 至 2,000） → US$1,490" in listed


def test_shares_that_are_set_together_have_their_values(app: App):
    draft = shipped(EXAMPLE)
    now = scenario_at(draft.now, draft.file)
    shares = {"plans.starter.share_of_signups": "60%", "plans.team.share_of_signups": "40%"}
    now = now.with_values(shares)
    draft = draft.stepped(Step(now.text, now.folder, now.edits, "share_of_signups"))
    Shelf().save(draft)
    session = app(draft=draft.id)
    listed = unescaped("".join(one.value for one in session.sidebar.markdown))
    assert re.search(r"Share of signups: Starter \S+%, Team .* → Starter 60%, Team 40%", listed)


def test_a_number_that_was_set_is_told_as_its_field_shows_it(app: App):
    """A floor is a number with its thousands apart."""
    draft = shipped(EXAMPLE)
    now = with_setting(scenario_at(draft.now, draft.file), "cash_floor", 20000)
    draft = draft.stepped(Step(now.text, now.folder, now.edits, "cash_floor: set"))
    Shelf().save(draft)
    assert app(draft=draft.id).button(key="undo").label.replace("\\", "") == "Undo: Cash floor changed: 0 → 20,000"


def unescaped(text: str) -> str:
    """Return a text as Markdown shows it."""
    return text.replace("\\", "").replace("\u2060", "")


def test_all_changes_can_be_taken_back_and_brought_back(app: App):
    """Reverting is a change like any other."""
    session = app()
    before = session.number_input(key=PRICE).value
    for value in (777.0, 778.0):
        session = session.number_input(key=PRICE).set_value(value).run()
    session = session.button(key="revert-all").click().run()
    assert session.number_input(key=PRICE).value == before
    assert session.button(key="revert-all").disabled
    assert session.button(key="undo").label == "Undo: Revert all changes"
    session = session.button(key="undo").click().run()
    assert session.number_input(key=PRICE).value == 778


def test_a_member_that_is_gone_keeps_its_title_in_the_list(app: App):
    """Its removal, and what was changed of it before, are told by the title that the file gave it."""
    draft = shipped(EXAMPLE)
    edits = {"pools.large.headroom": 0.5}
    draft = draft.stepped(replace(draft.now, edits=edits, name="pools.large.headroom"))
    rest = removed(scenario_at(draft.now, draft.file), "pool", "large")
    draft = draft.stepped(Step(rest.text, rest.folder, rest.edits, "pools.large: removed"))
    Shelf().save(draft)
    session = app(draft=draft.id)
    assert session.button(key="undo").label == "Undo: Pool · Fine\\-tuned Llama\\-3.1\\-8B removed"
    listed = next(one.value for one in session.sidebar.markdown if "removed" in one.value).replace("\\", "")
    assert "Headroom · Fine-tuned Llama-3.1-8B" in listed
    session = session.button(key="undo").click().run()
    assert session.button(key="redo").label == "Redo: Pool · Fine\\-tuned Llama\\-3.1\\-8B removed"


def test_every_change_has_a_name_that_people_read():
    """Paths become words; texts stay; a member that is gone is called by its name."""
    scenario, say = load(SHIPPED / EXAMPLE), Words()
    names = {
        "plans.team.price": "Price · Team",
        "plans.gone_plan.price": "Price · Gone plan",
        "tax_rate": "Tax rate",
        "what-ifs": "what-ifs",
        "Add the plan Pro": "Add the plan Pro",
        "": "Change",
        "plans.team: removed": "Plan · Team removed",
        "safes.pre-seed: added": "SAFE · Pre-seed added",
        "plans.team.price: origin": "Source of Price · Team changed",
        "plans.team.price: comment": "Comments on Price · Team changed",
        "option_grants.new_grant: added": "Option grant · New grant added",
        "cash_floor: set": "Cash floor changed",
    }
    assert {name: called(scenario, name, say) for name in names} == names
