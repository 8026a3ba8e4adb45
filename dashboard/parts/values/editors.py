"""The editor of one value: a range, a schedule, growth or a ramp is put together and drawn before it is taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts.choices import one_of
from dashboard.parts.explaining.naming import named
from dashboard.parts.explaining.refusals import why
from dashboard.parts.literals import as_text
from dashboard.parts.tiles import small
from dashboard.parts.values.fields import EDITING, old_value
from dashboard.parts.values.preview import preview
from dashboard.parts.values.texts import field_text, label_text, number_text, readable_level, unit_in_words
from dashboard.parts.words import Words
from profiling.errors import Phrase
from simulator.errors import BadValue, BreakevenError
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import Fixed
from simulator.scenario.scaling import rounded, unwalked
from simulator.scenario.typed.amounts import percent_of
from simulator.scenario.typed.entry import (
    check_unit,
    is_calendar,
    is_percent,
    literal_of,
    number_of,
    numbers_of,
    typed_part,
    with_indices,
)
from simulator.scenario.typed.spread import spread
from simulator.scenario.values import Growth, Ramp, Steps, read_number

SHAPES = {
    "number": "One number",
    "range": "Range",
    "pert": "Least, likely, most",
    "steps": "Schedule",
    "growth": "Growth",
    "ramp": "Straight line",
    "file": "As in the file",
}
# A number of months; more digits would be no length of a plan.
WHOLE = re.compile(r"\d{1,4}")
# The shapes that an assumption may have that is the same in all months.
STEADY = ("number", "range", "pert", "file")


def editor(desk: Desk, say: Words) -> None:
    """Open the editor of the assumption whose menu asked for it, if any did."""
    if path := st.session_state.get(EDITING):
        title = label_text(named(say, old_value(desk.scenario, path), desk.scenario))
        st.dialog(title, width="large", on_dismiss=close)(lambda: edit(desk, say, path))()


def close() -> None:
    """Close the editor."""
    st.session_state.pop(EDITING, None)


def edit(desk: Desk, say: Words, path: str) -> None:
    """Draw the fields of the chosen shape, what comes of them over the months, and the button that takes it."""
    found = old_value(desk.scenario, path)
    needed = business().inputs[found.name]
    steady = needed.quantity is not None and needed.quantity.steady
    shapes = {name: title for name, title in SHAPES.items() if not steady or name in STEADY}
    shape = one_of(say, say("Shape"), shapes, f"shape:{path}", default=shape_of(found))
    unit = unit_in_words(needed, found.unit, say)
    if unit:
        small(say("In {unit}.", unit=unit))
    try:
        literal = MAKERS[shape](Draft(desk, say, found, path, shape == shape_of(found)))
        changed = desk.scenario.with_value(path, literal)
    except BreakevenError as error:
        st.error(why(error, desk.scenario, say), icon=":material/error:")
        return
    preview(changed.assumptions[path], needed, changed, say)
    if st.button(say("Take this value"), type="primary", key=f"take:{path}"):
        close()
        desk.change(path, as_text(literal), lambda scenario: scenario.with_value(path, literal))
        st.rerun()


def shape_of(found: Assumption) -> str:
    """Return the shape in which a value is edited first."""
    literal, course = unwalked(found.literal), found.value.course
    if found.value.walk or found.measured or found.on_curve:
        return "file"
    if isinstance(course, Growth | Ramp):
        return "growth" if isinstance(course, Growth) else "ramp"
    if isinstance(course, Steps) and len(course.starts) > 1:
        return "steps"
    if isinstance(literal, dict):
        return "pert" if "pert" in literal else "file"
    return "range" if found.is_uncertain else "number"


class Draft:
    """The value that is being put together: its fields begin with the value that stands.

    A value that `keeps` its shape keeps the digits of what is not typed over; what is proposed for another has four.
    """

    def __init__(self, desk: Desk, say: Words, found: Assumption, path: str, keeps: bool) -> None:
        self.keeps = keeps
        self.desk, self.say, self.found, self.path = desk, say, found, path
        self.needed = business().inputs[found.name]

    def ask(self, title: str, text: str) -> str:
        """Return what stands in a text field that begins with a text."""
        return str(st.text_input(title, text, key=f"edit:{self.path}:{title}")).strip()

    def number(self, title: str, value: float) -> float | str:
        """Return the number in a field as `numbers` does."""
        return self.numbers((title, value))[0]

    def numbers(self, *asked: tuple[str, float]) -> list[float | str]:
        """Return the numbers in fields, read together; each stays as it begins unless it is typed over.

        Raises BadValue.
        """
        shown = [self.text(value) for _, value in asked]
        typed = [self.ask(title, text) for (title, _), text in zip(asked, shown, strict=True)]
        if typed == shown:
            return [self.literal(value) for _, value in asked]
        dated = [with_indices(text, self.desk.scenario.start) if is_calendar(self.needed) else text for text in typed]
        for text in typed:
            check_unit(text, self.found)
        read = numbers_of(dated, self.needed)
        return [
            self.literal(value) if now == text else new
            for (_, value), text, now, new in zip(asked, shown, typed, read, strict=True)
        ]

    def literal(self, value: float) -> float | str:
        """Return a number as the file has it."""
        if not self.keeps and not (value == self.found.central and isinstance(self.found.value.parts[0], Fixed)):
            value = float(f"{value:.4g}")
        return f"{rounded(100 * value)}%" if is_percent(self.needed) else rounded(value)

    def text(self, value: float) -> str:
        """Return a number in the words of the form, to as many digits as people type."""
        return number_text(float(f"{value:.4g}"), self.needed, self.say)


def _number(draft: Draft) -> Any:
    shown = field_text(draft.found, draft.needed, draft.say)
    typed = draft.ask(draft.say("Number"), shown)
    if typed == shown:
        return draft.literal(readable_level(draft.found, draft.found.central))
    check_unit(typed, draft.found)
    return number_of(typed, draft.needed)


def _range(draft: Draft) -> Any:
    say, centre = draft.say, draft.found.central
    low, high = spread(draft.found) or _about(centre)
    with st.container(horizontal=True):
        ends = draft.numbers((say("P5: one in twenty is lower"), low), (say("P95: one in twenty is higher"), high))
    return f"90% between {ends[0]} and {ends[1]}"


def _about(centre: float) -> tuple[float, float]:
    """Return the ends of a range that is proposed for a number, the lower first."""
    low, high = sorted((centre / 1.2, centre * 1.2 or 1.0))
    return low, high


def _pert(draft: Draft) -> Any:
    say, part = draft.say, draft.found.value.parts[0]
    low, high = spread(draft.found) or _about(part.central)
    low, high = getattr(part, "low", low), getattr(part, "high", high)
    with st.container(horizontal=True):
        ends = (say("Least"), low), (say("Most likely"), part.central), (say("Most"), high)
        return {"pert": draft.numbers(*ends)}


def _steps(draft: Draft) -> Any:
    """Return a schedule from a small table of months and values."""
    say, found, scenario = draft.say, draft.found, draft.desk.scenario
    months = [say.month_number(month) for month in range(scenario.months)]
    literal = unwalked(found.literal)
    course = found.value.course
    starts = course.starts if isinstance(course, Steps) else (0,)
    parts = literal if isinstance(literal, Mapping) and len(starts) > 1 else {0: found.central}
    rows = [(months[start], step_text(parts[start], draft)) for start in starts if start < scenario.months]
    head, value = say("From"), say("Value")
    table = st.data_editor(
        pd.DataFrame(rows, columns=[head, value]),
        key=f"edit:{draft.path}:steps",
        num_rows="dynamic",
        hide_index=True,
        column_config={
            head: st.column_config.SelectboxColumn(options=months, required=True),
            value: st.column_config.TextColumn(required=True),
        },
    )
    # A row that nobody has typed over keeps all of its digits.
    kept = {
        (months[start], step_text(parts[start], draft)): parts[start] for start in starts if start < scenario.months
    }
    made: dict[int, Any] = {}
    for name, text in table.itertuples(index=False):
        if name not in months or not text:
            raise BadValue("a row of the schedule is incomplete", "choose a month and type a value")
        if (month := months.index(name)) in made:
            raise BadValue(Phrase("two rows of the schedule begin in {month}", month=name), "remove one of them")
        row = name, text
        made[month] = kept[row] if row in kept else typed_part(str(text), draft.needed)
    return made


def _growth(draft: Draft) -> Any:
    say, course = draft.say, draft.found.value.course
    growth = draft.found.value.parts[1].central if isinstance(course, Growth) else 0.02
    shown = f"{100 * growth:.4g}%"
    with st.container(horizontal=True):
        start = draft.number(say("In the first month"), draft.found.central)
        return {
            "start": start,
            "monthly_growth": _growing(draft.ask(say("Growth per month, %"), shown), shown, growth),
        }


def _ramp(draft: Draft) -> Any:
    say, value = draft.say, draft.found.value
    is_ramp = isinstance(value.course, Ramp)
    last = value.parts[-1].central if is_ramp else draft.found.central
    with st.container(horizontal=True):
        start, end = draft.number(say("In the first month"), draft.found.central), draft.number(say("At the end"), last)
        over = draft.ask(
            say("Over how many months"), str(value.course.months) if isinstance(value.course, Ramp) else "12"
        )
    if not WHOLE.fullmatch(over):
        raise BadValue(Phrase("{over!r} is not a number of months", over=over[:40]), "type a whole number, such as 12")
    return {"from": start, "to": end, "over": int(over)}


def _file(draft: Draft) -> Any:
    return literal_of(draft.ask(draft.say("Value as in the file"), as_text(draft.found.literal)))


MAKERS: dict[str, Callable[[Draft], Any]] = {
    "number": _number,
    "range": _range,
    "pert": _pert,
    "steps": _steps,
    "growth": _growth,
    "ramp": _ramp,
    "file": _file,
}


def step_text(literal: Any, draft: Draft) -> str:
    """Return one value of a schedule as its cell shows it."""
    return draft.text(read_number(literal)) if isinstance(literal, int | float) else as_text(literal)


def _growing(typed: str, shown: str, growth: float) -> str:
    return f"{100 * growth if typed == shown else percent_of(typed):.12g}%"
