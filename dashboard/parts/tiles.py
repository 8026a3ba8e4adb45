"""Tiles: one number each, with its definition a tap away and the reason where there is none; and small print."""

from collections.abc import Iterable

import streamlit as st

from dashboard.parts.words import Words, escape
from simulator.answers.kpis import Kpi
from simulator.answers.projection import Projection


def tile(kpi: Kpi, say: Words) -> None:
    """A KPI with its value, or a dash and why there is no value; where the field has several, which definition."""
    amount, counted = ("–", "") if kpi.value is None else in_two(kpi.value, kpi.unit, say)
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(say(label(kpi)), escape(amount), help=escape(meaning(kpi, say)))
        if kpi.value is None:
            small(say(kpi.why))
        variant = say("definition: {variant}", variant=say(kpi.variant)) if kpi.variant else ""
        if below := " · ".join(filter(None, (counted, variant))):
            small(below)


def meaning(kpi: Kpi, say: Words) -> str:
    """What a figure is, where that comes from, and what it would be by other definitions."""
    source = f"{kpi.source.rstrip('.')}." if kpi.source else ""
    return " ".join(filter(None, (say(kpi.definition), source, others(kpi, say))))


def others(kpi: Kpi, say: Words) -> str:
    """What the figure is by its other definitions; empty where everyone agrees."""
    values = (
        f"{say(variant)}: {'–' if value is None else say.quantity(value, kpi.unit)}"
        for variant, value in kpi.others.items()
    )
    return say("By other definitions: {values}.", values="; ".join(values)) if kpi.others else ""


def in_two(value: float, unit: str, say: Words) -> tuple[str, str]:
    """An amount, and what is counted, which stands below it: a tile is too narrow for both."""
    first, *per = unit.split("/")
    if first == say.currency:
        return say.money(value), say("per {unit}", unit=say.unit("/".join(per))) if per else ""
    if unit in {"share", "month", "month index"}:
        return say.quantity(value, unit), ""
    return say.number(value), say.unit(unit)


def small(text: str) -> None:
    """A remark in small print. Streamlit's own caption is too pale for everyone to read."""
    st.markdown(f":small[{escape(text)}]")


def wall(names: Iterable[str], projection: Projection, say: Words) -> None:
    """Several KPIs side by side, fewer to a row on a narrow screen."""
    with st.grid(4, min_column_width=160):
        for name in names:
            if name in projection.kpis:
                tile(projection.kpis[name], say)


def label(kpi: Kpi) -> str:
    """The KPI's name for people."""
    return kpi.title
