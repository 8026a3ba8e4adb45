"""The page Assumptions shapes a company: members, settings and origins, each change one step that can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from example import EXAMPLE
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED, scenario_at
from dashboard.desk.drafts import Draft
from dashboard.parts.shaping.controls import ADD, NEW_POOL, SHAPED
from simulator.scenario.reading import load, parse
from simulator.scenario.shaping.members import variants_of

Opened = Callable[..., AppTest]


def draft_of(session: AppTest) -> Draft:
    """Return the draft that a session works on."""
    return session.session_state["draft"]


def text_of(session: AppTest) -> str:
    """Return the text of the scenario that a session works on."""
    return draft_of(session).now.text


def shown(page: Opened, *owner: str, **options: Any) -> AppTest:
    """Return a session of the page that shows the assumptions of an owner."""
    session = page("assumptions", trials=0, **options)
    session.session_state["table-owner"] = owner
    return session.run()


def opened(session: AppTest, key: str) -> AppTest:
    """Return the session with a popover open, as a click on its button opens it."""
    session.session_state[key] = True
    return session.run()


def typed(session: AppTest, key: str, text: str) -> AppTest:
    """Return the session after a text was typed into a field."""
    return session.text_input(key).input(text).run()


def test_every_kind_has_a_button_that_adds_to_it(page: Opened):
    """A kind that the scenario does not list yet can be given its first member."""
    assert set(ADD) == {variant for kind in SHAPED for variant in variants_of(kind)}
    session = shown(page, "loan", "")
    session.button("add:loan").click().run()
    assert not session.exception
    assert session.session_state["table-owner"] == ("loan", "new_loan")
    assert "loans:\n  new_loan:\n    title: New loan\n" in text_of(session)
    assert [button.label for button in session.button if button.label.startswith("Undo")] == []
    assert draft_of(session).now.name == "loans.new_loan: added"


def test_an_added_plan_is_shown_and_the_shares_are_told(page: Opened):
    """One click adds a plan, its form appears, and the page says whose shares gave way."""
    session = shown(page, "plan", "")
    session.button("add:plan").click().run()
    assert session.text_input("form:plans.new_plan.price").value == "49"
    assert "75% → 67.5%" in session.success[0].value.replace("\\", "")
    typed(session, "title:plan:new_plan", "Enterprise 企业")
    assert "title: Enterprise 企业" in text_of(session)
    assert len(draft_of(session).steps) == 3


def test_a_name_typed_over_is_refused_beside_its_field(page: Opened):
    """An empty name stays in the field with the reason, and nothing is changed."""
    session = typed(shown(page, "plan", "team"), "title:plan:team", " ")
    assert "the name is empty" in session.error[0].value
    assert not draft_of(session).is_changed
    typed(session, "title:plan:team", "Crew")
    assert not session.error
    assert "title: Crew" in text_of(session)


def test_removing_a_pool_says_what_goes_along(page: Opened):
    """The features on it and correlations with its values are named before; undo brings all of it back."""
    session = opened(shown(page, "pool", ""), "remove-open:pool:large")
    told = " ".join(one.value for one in session.markdown).replace("\\", "")
    assert "Feature Drafted answers goes as well" in told
    assert "The correlation of Device price" in told
    before = text_of(session)
    session.button("remove:pool:large").click().run()
    assert not session.exception
    assert "drafting:\n    title: Drafted answers" not in text_of(session)
    assert "Drafted answers goes as well" in session.success[0].value
    assert draft_of(session).steps[0].text == before
    assert draft_of(session).undone().now.text == before


def test_a_copy_is_shown_with_a_name_of_its_own(page: Opened):
    """The copy of a role has the same salary."""
    session = shown(page, "role", "engineer")
    session.button("copy:role:engineer").click().run()
    kind, key = session.session_state["table-owner"]
    assert (kind, key) == ("role", "engineer_copy")
    assert session.text_input("title:role:engineer_copy").value == "Engineer, copy"
    assert text_of(session).count("{pert: [135000, 155000, 190000]}") == 2


@pytest.mark.parametrize(("kind", "name", "left_out"), [("role", "engineer", True), ("round", "seed", False)])
def test_a_copy_says_what_it_leaves_out(page: Opened, kind: str, name: str, left_out: bool):
    """Staff at the start exist once; a round has nothing at the start, and its copy is a copy."""
    session = shown(page, kind, name)
    session.button(f"copy:{kind}:{name}").click().run()
    assert ("without opening customers" in session.success[0].value) == left_out


def test_a_title_that_another_has_stands_in_its_field_as_it_was_typed(page: Opened):
    """Lists tell the two apart by their keys, which are part of neither title, nor of a copy's."""
    session = shown(page, "plan", "")
    session = typed(session, "title:plan:starter", "Team")
    assert session.text_input("title:plan:team").value == "Team"
    assert session.text_input("title:plan:starter").value == "Team"
    session.button("copy:plan:team").click().run()
    assert "title: Team, copy\n" in text_of(session)


def test_a_feature_may_bring_its_own_pool(page: Opened):
    """Feature and pool are added in one step."""
    session = opened(shown(page, "feature", ""), "add-open:feature:2")
    session.selectbox[-1].select(NEW_POOL)
    session.button("add:feature").click().run()
    assert not session.exception
    assert "  new_feature:\n    title: New feature\n    pool: new_pool\n" in text_of(session)
    assert len(draft_of(session).steps) == 2


def test_a_route_leads_between_pools(page: Opened):
    """The pool of the chosen feature is not offered, so that what is proposed can be added as it stands."""
    session = opened(shown(page, "route", ""), "add-open:route:0")
    assert "Llama" not in " ".join(session.selectbox[-1].options)
    session.selectbox("add:route:feature:drafting,triage").select("triage").run()
    session.button("add:route").click().run()
    assert not session.error
    assert "routes:\n  new_route:\n    title: New route\n    feature: triage\n    pool: large\n" in text_of(session)


def test_a_company_of_one_pool_is_told_what_a_route_needs(page: Opened):
    """Without a second pool there is nothing to choose from, and the page says what to add first."""
    session = opened(shown(page, "pool", "classifier"), "remove-open:pool:classifier")
    session.button("remove:pool:classifier").click().run()
    session.session_state["table-owner"] = ("route", "")
    opened(session.run(), "add-open:route:0")
    assert any("add a second pool first" in one.value for one in session.markdown)
    assert not [one for one in session.button if one.key == "add:route"]


def test_another_key_is_shown_at_once(page: Opened):
    """The list follows the member to its new key."""
    session = opened(shown(page, "plan", "team"), "key-open:plan:team")
    session.text_input("key:plan:team").input("crew")
    next(button for button in session.button if button.label == "Change the key").click().run()
    assert session.session_state["table-owner"] == ("plan", "crew")
    assert "\n  crew:\n    title: Team" in text_of(session)


def test_the_company_card_sets_the_head_of_the_file(page: Opened):
    """Name, length, first month and cash floor each are one step; nothing else changes."""
    session = shown(page, "company", "")
    typed(session, "setting:title", "Code companion 49")
    session.number_input("setting:months").set_value(48).run()
    session.number_input("setting:cash_floor").set_value(50_000).run()
    session.selectbox("setting:start").select(date(2027, 3, 1)).run()
    assert "moved along" in session.success[0].value
    text = text_of(session)
    assert "title: Code companion 49\n" in text
    assert "\nmonths: 48\n" in text
    assert "\ncash_floor: 50000\n" in text
    assert "\nstart: 2027-03\n" in text
    assert [step.name for step in draft_of(session).steps[1:]] == [
        f"{name}: set" for name in ("title", "months", "cash_floor", "start")
    ]


def test_the_currency_is_renamed_or_converted_as_said(page: Opened):
    """Without a rate the page says that nothing was converted; with one, prices are multiplied."""
    session = opened(shown(page, "company", ""), "currency-open:USD")
    session.text_input("currency:code").input("eur")
    next(button for button in session.button if button.label == "Change the currency").click().run()
    assert "nothing was converted" in session.success[0].value
    assert "price: {value: 149, unit: EUR/customer/month}" in text_of(session)
    opened(session, "currency-open:EUR")
    session.text_input("currency:code").input("GBP")
    session.number_input("currency:rate").set_value(0.5)
    next(button for button in session.button if button.label == "Change the currency").click().run()
    assert "price: {value: 74.5, unit: GBP/customer/month}" in text_of(session)


def test_an_impossible_currency_stays_refused(page: Opened):
    """The reason stands at the currency."""
    session = opened(shown(page, "company", ""), "currency-open:USD")
    session.text_input("currency:code").input("€")
    next(button for button in session.button if button.label == "Change the currency").click().run()
    assert "not a currency code" in session.error[0].value
    assert not draft_of(session).is_changed


def test_a_correlation_is_removed_and_added(page: Opened):
    """The pairs are listed by name; one is removed, and another added."""
    session = opened(shown(page, "company", ""), "correlations-open")
    assert any("Cost per signup" in one.value and "0.4" in one.value for one in session.markdown)
    session.button("uncorrelate:channels.search.cost_per_signup:plans.starter.conversion").click().run()
    assert "channels.search.cost_per_signup, plans" not in text_of(session)
    opened(session, "correlations-open")
    session.selectbox("correlated:one").select("plans.team.churn")
    session.selectbox("correlated:other").select("plans.starter.churn")
    next(button for button in session.button if button.label == "Add the correlation").click().run()
    assert "  - [plans.team.churn, plans.starter.churn, 0.5]\n" in text_of(session)


def test_a_correlation_of_nothing_is_refused_in_words(page: Opened):
    """Both values have to be chosen."""
    session = opened(shown(page, "company", ""), "correlations-open")
    session.selectbox("correlated:one").select("plans.team.churn")
    next(button for button in session.button if button.label == "Add the correlation").click().run()
    opened(session, "correlations-open")
    assert "choose one in each list" in session.error[0].value.lower()


def test_correlations_that_contradict_each_other_are_refused_with_the_nearest(page: Opened):
    """The pair is not taken; a click sets all three to the nearest that fit, and the offer is gone."""
    session = opened(shown(page, "company", ""), "correlations-open")
    for other, rank in (("channels.search.cost_per_signup", 0.9), ("plans.starter.conversion", -0.9)):
        session.selectbox("correlated:one").select("plans.team.churn")
        session.selectbox("correlated:other").select(other)
        session.number_input("correlated:rank").set_value(rank)
        next(button for button in session.button if button.label == "Add the correlation").click().run()
        opened(session, "correlations-open")
    assert "the pairs contradict each other" in session.error[0].value
    assert "plans.starter.conversion, -0.9]" not in text_of(session)
    session.button("nearest-correlations").click().run()
    opened(session, "correlations-open")
    assert not [button for button in session.button if button.key == "nearest-correlations"]
    ranks = {tuple(pair[:2]): pair[2] for pair in correlations_of(session)}
    assert -0.9 < ranks["plans.team.churn", "plans.starter.conversion"] < 0
    assert 0 < ranks["plans.team.churn", "channels.search.cost_per_signup"] < 0.9


def correlations_of(session: AppTest) -> list[tuple[str, str, float]]:
    """Return the correlations of the scenario that a session works on."""
    return list(parse(text_of(session), SHIPPED).correlations)


def _origin_page() -> None:
    from dashboard.desk.desk import Desk
    from dashboard.parts.shaping.origin import origin_form
    from dashboard.parts.words import Words

    desk = Desk()
    origin_form(desk, Words(), desk.scenario.assumptions["plans.team.conversion"])


def test_a_comment_is_added_beside_the_source_and_removed():
    """It is in the file, by its author, and no number changes; an empty one is refused in words."""
    path = "plans.team.conversion"
    session = opened(AppTest.from_function(_origin_page, default_timeout=60).run(), f"origin-open:{path}")
    numbers = load(SHIPPED / EXAMPLE).hash

    def say_it(text: str) -> None:
        session.text_input(f"comment-by:{path}").input("A. Investor")
        next(one for one in session.text_area if one.key.startswith("comment-text")).input(text)
        next(button for button in session.button if button.label == "Add the comment").click().run()

    say_it(" ")
    assert "a comment has no text" in session.error[0].value
    say_it("Why <b>not</b> 3%?")
    (comment,) = scenario_at(draft_of(session).now, EXAMPLE).comments
    assert (comment.on, comment.by, comment.text) == (path, "A. Investor", "Why <b>not</b> 3%?")
    assert scenario_at(draft_of(session).now, EXAMPLE).hash == numbers
    assert "\\<b\\>" in " ".join(one.value for one in session.markdown)
    session.button(f"uncomment:{path}:0").click().run()
    assert not session.exception
    assert scenario_at(draft_of(session).now, EXAMPLE).comments == ()


def test_a_source_makes_a_value_published():
    """Source and date are typed without touching the range; a source without a date is refused with the reason."""
    session = opened(AppTest.from_function(_origin_page, default_timeout=60).run(), "origin-open:plans.team.conversion")
    session.text_input[0].input("Own trial, 412 accounts")
    session.button[0].click().run()
    assert "published evidence needs source" in session.error[0].value
    session.text_input[1].input("2026-11")
    session.button[0].click().run()
    edit = draft_of(session).now.edits["plans.team.conversion"]
    assert edit["value"] == "90% between 2.5% and 7%"
    assert (edit["source"], edit["as_of"]) == ("Own trial, 412 accounts", "2026-11")
    assert session.session_state["origin-open:plans.team.conversion"] is False
