"""The field of one assumption: what was typed becomes an edit, and a menu says how sure its number is."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.desk.desk import Desk, Refusal
from dashboard.desk.whole import unstopped, whole
from dashboard.parts.choices import select
from dashboard.parts.defaults import in_words, shown, worded
from dashboard.parts.explaining.naming import in_words_of_forms
from dashboard.parts.explaining.refusals import why
from dashboard.parts.literals import as_text
from dashboard.parts.shaping.origin import origin_form
from dashboard.parts.tiles import small
from dashboard.parts.values.standing import is_new, is_open, standing
from dashboard.parts.values.texts import field_text, label, label_text, number_text, range_text, shape_text
from dashboard.parts.words import Words, escape, first_paragraph
from simulator.answers.search import readable
from simulator.engine.model import Input
from simulator.lines import DEFAULT_WORDS, business
from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import YesOrNo
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import around, is_calendar, typed_literal
from simulator.scenario.typed.spread import certain

# How far a number may be off, in percent of it, as the menu of a field offers it.
DOUBTS = ("5", "10", "20", "50")
# Entries of the menu beside a doubt.
CERTAIN, EDIT, DEFAULT = "certain", "edit", "default"
# Session state: the path of the assumption whose editor is open, and of the one whose spread was just kept.
EDITING, KEPT = "editing", "spread-kept"


def is_set(desk: Desk, assumption: Assumption) -> bool:
    """Return whether the file or an edit sets an assumption; all others are defaults."""
    return assumption.line > 0 or assumption.path in desk.scenario.edits


def old_value(scenario: Scenario, path: str) -> Assumption:
    """Return the assumption that holds at a path, which may be the one for all members."""
    owner, _, name = path.rpartition(".")
    return scenario.assumption_of(name, owner.partition(".")[2] or None)


@whole
def change(desk: Desk, path: str, typed: str, default: str = "") -> bool:
    """Set one assumption to what was typed, or to its default where nothing was; return whether it was taken."""
    before = old_value(desk.scenario, path)

    def edit(scenario: Scenario) -> Scenario:
        literal = typed_literal(typed, before, scenario.start) if typed or not default else _default(default)
        return scenario.with_value(path, literal)

    done = desk.change(path, typed, edit)
    st.session_state[KEPT] = path if done and shown_kept(before, old_value(desk.scenario, path)) else ""
    return done


def _default(default: str) -> float:
    number = float(default)
    return int(number) if number.is_integer() else number


def shown_kept(before: Assumption, after: Assumption) -> bool:
    """Return whether a change kept the spread or the course of a value, so that the page should say so."""
    if isinstance(after.value.parts[0], YesOrNo):  # a chance has neither
        return False
    return not before.is_plain and not after.is_plain and before.literal != after.literal


@dataclass(frozen=True)
class Field:
    """The place of one assumption in a form; one that comes `first` says what it means without hovering."""

    desk: Desk
    say: Words
    needed: Input
    member: str | None
    form: object
    first: bool = False

    @property
    def path(self) -> str:
        """The path of the member's own value."""
        return self.needed.path(self.member)

    @property
    def key(self) -> str:
        """The key of the widget."""
        return f"form:{self.path}"

    @property
    def assumption(self) -> Assumption:
        """The assumption that holds now."""
        return self.desk.scenario.assumption_of(self.needed.name, self.member)

    @property
    def is_own(self) -> bool:
        """Whether the file or an edit states the value for this very member."""
        found = self.assumption
        return found.path == self.path and is_set(self.desk, found)

    @property
    def refusal(self) -> Refusal | None:
        """The value that was refused here last, or None."""
        return self.desk.refused.get(self.path)

    @property
    def label(self) -> str:
        """The name of the assumption with its unit."""
        return label(self.needed, self.assumption.unit, self.say)


def field(place: Field) -> None:
    """Draw the field of one assumption; a refused value stays in it beside the reason."""
    found = place.assumption
    if is_calendar(place.needed) and found.is_plain and not place.refusal:
        _months(place, found)
    else:
        _text(place, found)
    if place.refusal:
        st.error(why(place.refusal.problems, place.desk.scenario, place.say), icon=":material/error:")
    small(below(place, found))
    if place.first or place.is_own:
        menu(place, found)


def _text(place: Field, found: Assumption) -> None:
    say, default = place.say, worded(found, place.say)
    text = field_text(found, place.needed, say)
    with standing(
        place.key, str(place.refusal.typed) if place.refusal else text if place.is_own and not default else ""
    ) as stands:
        st.text_input(
            place.label,
            stands,
            key=place.key,
            placeholder=default or text,
            help=escape(meaning(place.needed, say)),
            on_change=_typed,
            args=(place,),
        )


def _months(place: Field, found: Assumption) -> None:
    """Draw the list of months for an assumption that says when something happens."""
    say, default = place.say, worded(found, place.say)
    known = int(found.central) if place.is_own and not default else None
    months = sorted({*range(place.desk.scenario.months), *(() if known is None else (known,))})
    with standing(place.key, known):
        select(
            place.label,
            months,
            place.key,
            say.month_number,
            # Without an empty choice, no state that is missing for a moment can be taken for one.
            index=None if known is None else months.index(known),
            placeholder=default or say.month_number(int(found.central)),
            help=escape(meaning(place.needed, say)),
            on_change=_typed,
            args=(place,),
        )


@unstopped
def _typed(place: Field) -> None:
    """Take what somebody typed; what belongs to a form that has gone meanwhile is named instead."""
    if not is_new(place.key):
        return
    given, needed, say = st.session_state[place.key], place.needed, place.say
    typed = "" if given is None else str(given).strip()
    if not typed and not place.is_own and not place.refusal:
        return
    if is_open(place.form):
        change(place.desk, place.path, typed, "" if needed.default is None else as_text(needed.default))
        return
    text = "“{typed}” was not taken for {name}, since another form was being drawn. Open its form again to type it."
    st.toast(say(text, typed=escape(typed), name=escape(say(readable(needed.name)))), icon=":material/info:")


def menu(place: Field, found: Assumption) -> None:
    """Draw the menu that says how sure a number is: it offers doubts, certainty, the editor and the default."""
    say, needed = place.say, place.needed
    shape = shape_text(found, needed, say)
    doubtful = found.is_plain and found.central > 0 and not is_calendar(needed)
    options = [*(DOUBTS if doubtful else ()), *(() if found.is_plain else (CERTAIN,)), EDIT]
    if place.is_own and needed.default is not None:
        options.append(DEFAULT)
    key = f"menu:{place.path}"
    with st.container(horizontal=True, gap="small"):
        st.menu_button(
            label_text(shape) if shape else say("± how sure?"),
            options,
            key=key,
            type="tertiary",
            format_func=lambda code: said(code, needed, say),
            help=say("Range, schedule, growth, certainty or default of this value"),
            on_click=_chosen,
            args=(place, key),
        )
        if place.is_own:  # a default has no source but ours
            origin_form(place.desk, say, found)


def said(code: str, needed: Input, say: Words) -> str:
    """Return an entry of the menu of a field in words."""
    if code == DEFAULT:
        return default_text(needed, say)
    if code in DOUBTS:
        return say("± {percent}%, as a 90% interval", percent=code)
    return say("Make it certain") if code == CERTAIN else say("Range, schedule, growth …")


@unstopped
def _chosen(place: Field, key: str) -> None:
    code = st.session_state[key]
    if code is None or not is_open(place.form):
        return
    if code == EDIT:
        st.session_state[EDITING] = place.path
        return
    before = place.assumption
    literal = place.needed.default if code == DEFAULT else certain(before) if code == CERTAIN else None
    if code in DOUBTS:
        literal = around(before.central, float(code) / 100)
    st.session_state[KEPT] = ""
    place.desk.change(place.path, as_text(literal), lambda scenario: scenario.with_value(place.path, literal))


def below(place: Field, found: Assumption) -> str:
    """Return the line below a field: the spread that was just kept, what the field means, or its default."""
    say, needed = place.say, place.needed
    if st.session_state.get(KEPT) == place.path:
        ends = range_text(found, needed, say)
        return say("Range kept: {range}.", range=ends) if ends else say("Course kept, in proportion.")
    if found.line and found.path == needed.name and needed.home:
        return say("Company-wide value: {value}", value=field_text(found, needed, say))
    return in_words_of_forms(say(needed.meaning), say) if place.first else default_text(needed, say)


def default_text(needed: Input, say: Words) -> str:
    """Return the default of an assumption as a remark."""
    if needed.default is None:
        return say("Needed: it has no default.")
    worded_default = needed.name in DEFAULT_WORDS
    value = in_words(needed, say) if worded_default else number_text(needed.default, needed, say)
    return say("Default: {value}", value=value)


def meaning(needed: Input, say: Words) -> str:
    """Return what an assumption means, its range and default, and the definitions of the lines that read it."""
    model = business()
    lines = (model.lines[name] for name in dict.fromkeys(needed.readers))
    read = " ".join(say.valued(say(readable(line.name)), say(first_paragraph(line.description))) for line in lines)
    meant, default = in_words_of_forms(say(needed.meaning), say), default_text(needed, say)
    if needed.default is not None:
        default = say.sentence(default)
    return " ".join(filter(None, (meant, limits(needed, say), default, read)))


def limits(needed: Input, say: Words) -> str:
    """Return the allowed range as a sentence; empty where any number is allowed."""
    low, high = (needed.quantity.low, needed.quantity.high) if needed.quantity else (None, None)
    if low is None and high is None:
        return ""
    if high is None:
        return say("{low} or more.", low=shown(low, ""))
    return say("From {low} to {high}.", low=number_text(low or 0, needed, say), high=number_text(high, needed, say))
