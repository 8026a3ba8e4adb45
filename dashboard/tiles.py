"""Tiles: one number each, with its definition a tap away and the reason where there is none; and small print."""

from collections.abc import Iterable

import streamlit as st

from dashboard.words import Words, escape, readable
from simulator.kpis import Kpi
from simulator.projection import Projection

# Names that the field writes otherwise than underscores and capitals would.
LABELS = {"break_even_month": "Break-even", "end_cash": "Cash at the end", "mrr": "MRR", "arr": "ARR", "cac": "CAC"}


def tile(kpi: Kpi, say: Words) -> None:
    """A KPI with its value, or a dash and why there is no value."""
    meaning = " ".join(part for part in (say(kpi.definition), kpi.source) if part)
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(
            say(label(kpi)),
            escape("–" if kpi.value is None else say.quantity(kpi.value, kpi.unit)),
            help=escape(meaning),
        )
        if kpi.value is None:
            small(say(kpi.why))


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
    return LABELS.get(kpi.name, readable(kpi.name))
