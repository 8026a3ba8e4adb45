"""Only what somebody typed becomes an edit, whatever else a browser sends while the page is being drawn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from dashboard.desk.drafts import Edits
from dashboard.pages.assumptions import COMPANY

Page = Callable[..., AppTest]
TEAM, STARTER, SEED = ("plan", "team"), ("plan", "starter"), ("round", "seed")


@pytest.fixture
def form(page: Page, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The form of the plan Starter, in a browser that may be slow for as long as a test takes."""
    monkeypatch.setattr("dashboard.parts.values.shown.ECHO_SECONDS", 600.0)
    return chosen(page("assumptions", trials=0), STARTER)


def chosen(session: AppTest, owner: tuple[str, str]) -> AppTest:
    """The session after another owner was chosen."""
    return session.selectbox(key="table-owner").set_value(owner).run()


def edits(session: AppTest) -> Edits:
    """What the draft holds beside its file."""
    return session.session_state["draft"].now.edits


def states(session: AppTest) -> WidgetStates:
    """The states of all fields, as a browser would send them: a button has one only when it is clicked."""
    found = WidgetStates()
    found.widgets.extend(
        one for one in session._tree.get_widget_states().widgets if one.WhichOneof("value") != "trigger_value"
    )
    return found


def sent(session: AppTest, *batches: WidgetStates) -> AppTest:
    """The session after one event that carries several states; the first state of a field counts."""
    both = WidgetStates()
    for batch in batches:
        known = {one.id for one in both.widgets}
        both.widgets.extend(one for one in batch.widgets if one.id not in known)
    return session._run(widget_state=both)


def test_fields_of_a_form_that_has_gone_change_nothing(form: AppTest):
    """One edit is one edit, though the browser still repeats the seventy fields of the form before."""
    gone = states(form)
    session = chosen(form, TEAM)
    session.text_input(key="form:plans.team.price").set_value("1234")
    session = sent(session, states(session), gone)
    assert edits(session) == {"plans.team.price": 1234}


def test_an_edit_that_arrives_with_the_choice_of_another_form_is_kept(form: AppTest):
    """Leaving a field by choosing another form sends both at once."""
    form.text_input(key="form:plans.starter.price").set_value("175")
    session = chosen(form, TEAM)
    assert edits(session) == {"plans.starter.price": 175}
    assert session.text_input(key="form:plans.team.price").value == "1,490"


def test_what_is_typed_into_a_form_that_was_chosen_again_is_kept(form: AppTest):
    """A busy browser still shows the fields of that form from before, while the server has drawn another one since."""
    form.text_input(key="form:plans.starter.price").set_value("175")
    late = states(form)
    form.text_input(key="form:plans.starter.price").set_value("149")
    session = chosen(form, TEAM)
    session.selectbox(key="table-owner").set_value(STARTER)
    assert edits(sent(session, states(session), late)) == {"plans.starter.price": 175}


def test_what_is_typed_into_a_form_that_has_gone_is_told(form: AppTest):
    """The form on the screen is about to change, so the value is not taken for either, and a message says so."""
    form.text_input(key="form:plans.starter.price").set_value("175")
    late = states(form)
    form.text_input(key="form:plans.starter.price").set_value("149")
    session = chosen(form, TEAM)
    session = sent(session, states(session), late)
    assert edits(session) == {}
    assert any("175" in toast.value and "not taken" in toast.value for toast in session.toast)
    assert edits(sent(chosen(session, TEAM), late)) == {}


def test_an_emptied_field_that_was_never_given_writes_nothing(form: AppTest):
    """Typing and deleting again leaves the default a default."""
    session = form.text_input(key="form:plans.starter.setup_fee").set_value(" ").run()
    session = session.text_input(key="form:plans.starter.setup_fee").set_value("").run()
    assert "plans.starter.setup_fee" not in edits(session)


def test_a_lever_that_repeats_its_value_changes_nothing(app: Callable[..., AppTest]):
    """The sidebar's fields arrive with every event."""
    session = app()
    before = states(session)
    session = session.number_input(key="lever:plans.team.price").set_value(777.0).run()
    session = session.button(key="undo").click().run()
    assert edits(sent(session, before)) == {}


def test_what_a_slow_browser_still_shows_is_no_edit(app: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch):
    """A lever that undo has moved comes back as it was until the browser shows it anew; later, somebody typed it."""
    session = app().number_input(key="lever:plans.team.price").set_value(777.0).run()
    late = states(session)
    session = session.button(key="undo").click().run()
    for _ in range(3):
        session = sent(session, late)
        assert edits(session) == {}
        assert session.number_input(key="lever:plans.team.price").value == 1490
    monkeypatch.setattr("dashboard.parts.values.shown.ECHO_SECONDS", 0.0)
    assert edits(sent(sent(session, states(session)), late)) == {"plans.team.price": 777}


def test_the_page_s_own_form_of_a_number_does_not_replace_the_number_typed_after_it(form: AppTest):
    """ "1028" is shown as "1,028"; a busy browser may take that in after somebody typed "1029" over it."""
    key = "form:plans.starter.price"
    late = states(form.text_input(key=key).set_value("1028").run())
    assert [one.string_value for one in late.widgets].count("1,028") == 1
    session = form.text_input(key=key).set_value("1029").run()
    session = sent(session, late)
    assert edits(session) == {"plans.starter.price": 1029}
    assert session.text_input(key=key).value == "1,029"
    session = session.text_input(key=key).set_value("1028").run()
    assert edits(session) == {"plans.starter.price": 1028}


def test_a_field_that_is_new_is_not_set_again_over_what_is_typed_into_it(page: Page):
    """Streamlit sets in both passes over a page what the first one set, and a busy browser takes the second in late."""
    session = chosen(page("assumptions"), ("plan", ""))
    session = session.button(key="add:plan").click().run()
    name = session.text_input(key="title:plan:new_plan")
    assert (name.value, name.proto.set_value) == ("New plan", False)
    session = name.set_value("Schools").run()
    assert not session.text_input(key="title:plan:new_plan").proto.set_value


def test_what_is_typed_over_a_value_that_was_just_set_is_told_to_the_browser(form: AppTest):
    """The value that was set may arrive after it was typed over, and would then stand on the screen."""
    key = "form:plans.starter.price"
    field = form.text_input(key=key).set_value("1028").run().text_input(key=key)
    assert (field.value, field.proto.set_value) == ("1,028", True)
    field = field.set_value("950").run().text_input(key=key)
    assert (field.value, field.proto.set_value) == ("950", True)
    assert edits(form) == {"plans.starter.price": 950}


@pytest.mark.parametrize(
    ("owner", "key"), [(STARTER, "title:plan:starter"), (("plan", ""), "title:plan:team"), (COMPANY, "setting:title")]
)
def test_a_name_that_a_slow_browser_still_shows_is_no_edit(form: AppTest, owner: tuple[str, str], key: str):
    """A name that undo has taken back is not given again by the next event."""
    session = chosen(form, owner)
    before = session.text_input(key=key).value
    field = session.text_input(key=key).set_value("Trade fairs").run().text_input(key=key)
    late = WidgetStates(widgets=[field._widget_state])
    draft = session.session_state["draft"]
    session.session_state["draft"] = draft.undone()
    session.run()
    session = sent(session, late, states(session))
    assert session.session_state["draft"].steps == draft.steps
    assert session.text_input(key=key).value == before


def test_a_field_shows_what_stands_in_it_to_a_browser_that_was_not_told(form: AppTest, app: Callable[..., AppTest]):
    """A message that sets a field may be lost with the script that was stopped; its default then says the same."""
    fields = [one for one in form.text_input if one.key and one.key.startswith("form:") and one.value]
    levers = [one for one in app().number_input if one.key and one.key.startswith("lever:")]
    assert len(fields) > 10
    assert len(levers) > 5
    assert all(one.proto.default == one.value for one in [*fields, *levers])


def test_a_lever_turned_back_is_turned_back(app: Callable[..., AppTest]):
    """The number from before counts, too, where somebody typed it."""
    session = app()
    for value in (777.0, 1490.0):
        session = session.number_input(key="lever:plans.team.price").set_value(value).run()
    assert edits(session) == {"plans.team.price": 1490}


def test_every_edit_across_forms_is_kept_and_no_other_is_made(form: AppTest):
    """Eight, each with the states of the form before, come to exactly what was typed; each form is met twice."""
    session, wanted, gone = form, {}, WidgetStates()
    for turn in range(2):
        for owner, name in ((STARTER, "price"), (TEAM, "price"), (SEED, "amount"), (TEAM, "seat_price")):
            session = chosen(session, owner)
            path = f"{owner[0]}s.{owner[1]}.{name}"
            session.text_input(key=f"form:{path}").set_value(str(2000 + turn))
            session = sent(session, states(session), gone)
            gone, wanted[path] = states(session), 2000 + turn
    assert edits(session) == wanted
