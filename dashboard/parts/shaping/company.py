"""The company card: its name, first month, length and all other settings at the head of the file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.whole import unstopped
from dashboard.parts.choices import select
from dashboard.parts.explaining.naming import SETTING_LABELS
from dashboard.parts.shaping.correlations import correlations
from dashboard.parts.shaping.steps import step, stood, told
from dashboard.parts.tiles import VARIANTS, small
from dashboard.parts.values.standing import is_new
from dashboard.parts.words import Words
from simulator.answers.search import readable
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import (
    CONVENTIONS,
    COUNTS,
    KPI_VARIANTS,
    LARGEST_SEED,
    LONGEST_TEXT,
    MOST_MONTHS,
    MOST_TRIALS,
    SETTINGS,
)
from simulator.scenario.shaping.settings import with_currency, with_setting

COUNT_TITLES = ("Drawn as whole numbers", "Expected, as in the base case")
CHOICES: Mapping[str, Mapping[str, str]] = {
    "counts": dict(zip(COUNTS, COUNT_TITLES, strict=True)),
    "round_pricing": CONVENTIONS,
}
WHOLE = {"months": (1, MOST_MONTHS, 12), "trials": (0, MOST_TRIALS, 100), "seed": (0, LARGEST_SEED, 1)}
# Years before and after the first month that the list of months offers.
YEARS_BACK, YEARS_AHEAD = 5, 10


def card(desk: Desk, say: Words) -> None:
    """Draw the settings of the scenario: those that every company sets, and the others and correlations folded."""
    with st.container(border=True):
        st.markdown(f"**{say('Company')}**")
        with st.grid(3, min_column_width=220, gap="medium"):
            for name in ("title", "start", "months", "cash_floor"):
                _field(desk, say, name)
            _currency(desk, say)
        small(say("Months are counted from the first month, so moving it moves every schedule, round and event along."))
        with st.expander(say("More settings"), key="company-more", on_change="rerun") as more:
            if more.open:
                _field(desk, say, "description")
                with st.grid(3, min_column_width=220, gap="medium"):
                    for name in ("trials", "seed", "second_currency", "counts", "round_pricing"):
                        _field(desk, say, name)
                    for figure in KPI_VARIANTS:
                        _definition(desk, say, figure)
        correlations(desk, say)


def _field(desk: Desk, say: Words, name: str) -> None:
    """Draw one setting, whose refused value stays beside the reason."""
    key, label = f"setting:{name}", say(SETTING_LABELS[name])
    look: dict[str, Any] = {
        "key": key, "help": say(SETTINGS[name].meaning), "on_change": _typed, "args": (desk, say, name),
    }  # fmt: skip
    with st.container(gap="xsmall"), stood(desk, key, key, _shown(desk.scenario, name)) as stands:
        if name in WHOLE:
            low, high, step_size = WHOLE[name]
            st.number_input(label, low, high, stands, step=step_size, **look)
        elif name == "cash_floor":
            floor = say.beside(label, desk.scenario.currency)
            st.number_input(floor, value=stands, step=10_000.0, format="%.10g", **look)
        elif name == "start":
            months = _months(desk.scenario.start)
            select(label, months, named=say.month, index=months.index(stands), **look)
        elif name in CHOICES:
            choices = list(CHOICES[name])
            select(label, choices, named=lambda one: say(CHOICES[name][one]), index=choices.index(stands), **look)
        elif name == "description":
            st.text_area(label, stands, max_chars=LONGEST_TEXT, height=100, **look)
        else:
            st.text_input(label, stands, max_chars=3 if name == "second_currency" else 120, **look)
        told(desk, say, key)


def _shown(scenario: Scenario, name: str) -> Any:
    return getattr(scenario.settings, name)


def _months(start: date) -> list[date]:
    """Return the months that a scenario may begin in, as near to its first month as a list can hold."""
    years = range(max(2000, start.year - YEARS_BACK), min(2099, start.year + YEARS_AHEAD) + 1)
    return [date(year, month, 1) for year in years for month in range(1, 13)]


@unstopped
def _typed(desk: Desk, say: Words, name: str) -> None:
    key = f"setting:{name}"
    if not is_new(key) or (typed := st.session_state[key]) == _shown(desk.scenario, name):
        return
    literal = f"{typed:%Y-%m}" if isinstance(typed, date) else typed
    if isinstance(literal, float) and literal.is_integer():
        literal = int(literal)  # people read the file
    if name == "second_currency":
        literal = str(literal).strip().upper()
    step(
        desk,
        f"{name}: set",
        lambda scenario: with_setting(scenario, name, literal.strip() if isinstance(literal, str) else literal),
        lambda _: _done(say, name),
        key,
    )


def _done(say: Words, name: str) -> str:
    """Return what a changed setting brings about, where that is not to be seen."""
    if name == "start":
        return say("Every schedule, round and event has moved along with the first month.")
    if name == "second_currency":
        return say("Amounts may now be given in it. Set the exchange rate below.")
    return ""


def _currency(desk: Desk, say: Words) -> None:
    """Draw the currency as a button that opens a form to change it."""
    old, meaning = desk.scenario.currency, say(SETTINGS["currency"].meaning)
    with st.container(gap="xsmall"):
        small(say("Currency"))
        with st.popover(old, key=f"currency-open:{old}", on_change="rerun", help=meaning) as popover:
            if popover.open:
                _currency_form(desk, say, old)
        told(desk, say, "setting:currency")


def _currency_form(desk: Desk, say: Words, old: str) -> None:
    """Draw a form that renames the currency, or converts all amounts at a rate."""
    with st.form("currency-form", border=False):
        st.text_input(say("New currency, as three letters"), key="currency:code", max_chars=3, placeholder="EUR")
        st.number_input(
            say("What one {old} costs in the new currency", old=old),
            min_value=0.0,
            value=None,
            format="%.10g",
            key="currency:rate",
            placeholder="0.9",
        )
        small(
            say(
                "Without a rate nothing is converted: 49 {old} becomes 49 of the new currency. With a rate, all "
                "amounts in {old} are multiplied by it, in every month.",
                old=old,
            )
        )
        st.form_submit_button(say("Change the currency"), on_click=_renamed, args=(desk, say, old))


@unstopped
def _renamed(desk: Desk, say: Words, old: str) -> None:
    code, rate = str(st.session_state["currency:code"]).strip().upper(), st.session_state["currency:rate"]

    def done(_: Scenario) -> str:
        if rate is None:
            return say("All amounts keep their numbers and are now in {new}; nothing was converted.", new=code)
        return say(
            "All amounts were converted at {rate} {new} for one {old}.", rate=say.number(rate), new=code, old=old
        )

    step(desk, "currency: set", lambda scenario: with_currency(scenario, code, rate), done, "setting:currency")
    # The new currency has a form of its own, which is closed; a refusal is to be read beside the old one.
    st.session_state[f"currency-open:{old}"] = False


def _definition(desk: Desk, say: Words, figure: str) -> None:
    """Draw the choice between the definitions of a key figure."""
    key, chosen = f"definition:{figure}", dict(desk.scenario.settings.definitions)
    variants = KPI_VARIANTS[figure]

    @unstopped
    def typed() -> None:
        if not is_new(key):
            return
        found = {**chosen, figure: st.session_state[key]}
        kept = {name: variant for name, variant in found.items() if variant != KPI_VARIANTS[name][0]}
        step(desk, "definitions: set", lambda scenario: with_setting(scenario, "definitions", kept), lambda _: "", key)

    with stood(desk, key, key, chosen.get(figure, variants[0])) as stands:
        select(
            say("Definition of {figure}", figure=say(readable(figure))),
            variants,
            key,
            lambda one: say(VARIANTS.get(one, one)),
            index=variants.index(stands),
            on_change=typed,
        )
