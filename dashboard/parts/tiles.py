"""Tiles with one KPI each, its definition or why it has no value; small print; and downloads."""

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from dashboard.parts.explaining.links import Step, link
from dashboard.parts.explaining.naming import name_of
from dashboard.parts.explaining.refusals import parted, said
from dashboard.parts.words import Words, escape, with_code
from simulator.answers.kpis import Kpi
from simulator.answers.projection import Projection
from simulator.errors import Problem, fitting
from simulator.scenario.scenario import Scenario


def tile(kpi: Kpi, projection: Projection, say: Words) -> None:
    """Draw a KPI with its value, or a dash and the reason, what follows it, and a link to its explanation."""
    amount, counted = ("–", "") if kpi.value is None else in_two(kpi.value, kpi.unit, say)
    if kpi.value is not None and kpi.error is not None:
        amount = say.estimate(kpi.value, kpi.unit, kpi.error)
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(say(kpi.title), escape(amount), help=escape(meaning(kpi, say)))
        if kpi.reason is not None:
            small(say.message(kpi.reason))
        for below in filter(None, (counted, variant(kpi, say), aside(kpi, projection, say))):
            small(below)
        link(say("Explain"), Step(kpi.key, len(projection.dates) - 1), say)


def aside(kpi: Kpi, projection: Projection, say: Words) -> str:
    """Return what a KPI hides: the lowest cash after the last funding, where cash is lowest before any has come."""
    after, when = (projection.kpis[f"lowest_cash_after_funding{end}"].value for end in ("", "_month"))
    if kpi.name != "lowest_cash" or after is None or when is None or kpi.value == after:
        return ""
    month = projection.dates[int(when)]
    return say("After the last funding: {cash:money} in {month:month}.", cash=after, month=month)


# What the names of definitions mean, where the name alone does not say it.
VARIANTS = {
    "policy": "policy: free plans are a selling cost",
    "simulated": "the base case month by month, with all funding",
    "fees": "fees and commitments alone",
    "fees or else usage": "fees and commitments; of a plan without any, its usage",
    "closed cohort": "same customers a year later",
    "bridge": "by the movements of MRR",
    "allocation": "allocation: idle devices included",
    "usage": "usage: the busy time of devices alone",
}


def variant(kpi: Kpi, say: Words) -> str:
    """Return the definition in use; empty where there is only one."""
    return say(VARIANTS.get(kpi.variant, kpi.variant)) if kpi.variant else ""


def meaning(kpi: Kpi, say: Words) -> str:
    """Return the definition of a KPI, its source, its value by other definitions, and whether it has a formula."""
    source = f"{kpi.source.rstrip('.')}." if kpi.source else ""
    formula = "" if kpi.line else say("It has no formula over the months: it is computed from the finished projection.")
    return " ".join(filter(None, (say(kpi.definition), source, others(kpi, say), formula)))


def others(kpi: Kpi, say: Words) -> str:
    """Return the value by each other definition; empty where there is only one."""
    values = (
        say.valued(say(VARIANTS.get(name, name)), "–" if value is None else say.quantity(value, kpi.unit))
        for name, value in kpi.others.items()
    )
    return say("Other definitions: {values}.", values=say.listed(values)) if kpi.others else ""


def in_two(value: float, unit: str, say: Words) -> tuple[str, str]:
    """Split a quantity into amount and unit: a tile is too narrow for both on one line."""
    first, *per = unit.split("/")
    if first == say.currency:
        return say.money(value), say("per {unit}", unit=say.unit("/".join(per))) if per else ""
    if unit in {"share", "month", "month index"}:
        return say.quantity(value, unit), ""
    return say.number(value), say.unit_after(value, unit)


def small(text: str) -> None:
    """Write a remark in small print. Streamlit's own caption has too little contrast."""
    st.markdown(f":small[{escape(text)}]")


def doubts(scenario: Scenario, say: Words) -> None:
    """List what is in range and probably not meant, folded; nothing where there is none."""
    if not (found := scenario.warnings):
        return
    title = (
        say("To check: 1 entry is probably not meant")
        if len(found) == 1
        else say("To check: {count} entries are probably not meant", count=str(len(found)))
    )
    with st.expander(title, icon=":material/warning:", key="doubts"):
        st.markdown("\n".join(doubt(one, scenario, say) for one in fitting(found)))


def doubt(problem: Problem, scenario: Scenario, say: Words) -> str:
    """Return a doubtful entry as an item of a list: whose it is, what is odd, and what to do."""
    path, what = parted(problem.what)
    name = escape(name_of(scenario, path, say))
    todo = said(problem.todo, scenario, say)
    told = say.sentence(said(what, scenario, say)), say.sentence(f"{todo[:1].upper()}{todo[1:]}")
    return f"- **{name}**: {' '.join(map(with_code, told))}"


def download(
    label: str, data: Callable[[], str | bytes], file: str, mime: str, icon: str = "download", **more: Any
) -> None:
    """Offer a file that is made only when the reader takes it; `more` goes to the button."""
    look = {"icon": f":material/{icon}:", "on_click": "ignore", **more}
    st.download_button(label, data=data, file_name=file, mime=mime, **look)


def wall(names: Iterable[str], projection: Projection, say: Words) -> None:
    """Draw several KPIs side by side, fewer to a row on a narrow screen."""
    with st.grid(4, min_column_width=160):
        for name in names:
            if name in projection.kpis:
                tile(projection.kpis[name], projection, say)
