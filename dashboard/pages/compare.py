"""Compare: the scenario beside itself under what-ifs, alone and together, and beside another scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.desk.cached import laid_over, opened, projected
from dashboard.desk.desk import Desk, problems_of, shipped_files
from dashboard.desk.files import LARGEST_UPLOAD_MEGABYTES
from dashboard.desk.whatifs import (
    Variant,
    finished,
    own,
    run_trials,
    shipped_overlays,
    taken,
    uploaded,
)
from dashboard.pages.overview import awaits_trials
from dashboard.pages.overview import grade as graded
from dashboard.parts import charts
from dashboard.parts.choices import from_list, several
from dashboard.parts.tables import show
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.projection import Projection
from simulator.errors import BreakevenError, Problem
from simulator.scenario.overlays import Overlay
from simulator.scenario.scenario import Scenario

KPIS = ("runway", "probability_of_ruin", "chance_of_profit", "end_cash", "gross_margin", "arr")


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Let the reader choose what-ifs, compare the outcomes, and apply them to the scenario."""
    overlays = chosen(say)
    other = another(say, desk)
    for overlay in overlays:
        st.markdown(f"**{escape(overlay.title)}** · {escape(overlay.description)}")
    variants = list(variants_of(projection.scenario, overlays, say))
    if other is not None:
        variants += list(other_plan(other))
    made = finished(projection, variants)
    table(made, say)
    courses(made, say)
    take(variants, overlays, say, desk)
    if run_trials(projection, variants):
        st.rerun()


def chosen(say: Words) -> list[Overlay]:
    """Return the chosen what-ifs, shipped or uploaded."""
    known = {overlay.file: overlay for overlay in (*shipped_overlays(), *own().values())}
    titles = {file: escape(overlay.title) for file, overlay in known.items()}
    files = several(say("What if…"), list(known), "overlays", lambda file: titles.get(file, file))
    with st.popover(say("Upload a what-if"), icon=":material/upload_file:"):
        st.file_uploader(
            say("What-if files (YAML)"),
            type=["yaml", "yml"],
            accept_multiple_files=True,
            key="overlay-upload",
            on_change=uploaded,
            max_upload_size=LARGEST_UPLOAD_MEGABYTES,
        )
    refusals(st.session_state.get("overlay-problems", ()))
    if not files:
        small(say("A what-if is a set of changes that fits any scenario, such as a price war. Choose one or more."))
    return [known[file] for file in files if file in known]


def refusals(problems: Sequence[Problem]) -> None:
    """Draw mistakes in a what-if, or in a scenario under it, each with file, line and what to do."""
    for problem in problems:
        where = Path(problem.file).name + (f":{problem.line}" if problem.line else "")
        st.error(escape(f"{where}: {problem.what}; {problem.todo}."))


def another(say: Words, desk: Desk) -> Path | None:
    """Return a shipped scenario to compare with, if the reader chooses one."""
    others = [path for path in shipped_files() if path != desk.path]
    label, more = say("Compare with another scenario"), {"index": None, "placeholder": say("None"), "width": 360}
    return from_list(label, others, "other-plan", lambda path: path.stem.replace("-", " ").capitalize(), **more)


def variants_of(scenario: Scenario, overlays: Sequence[Overlay], say: Words) -> Iterator[Variant]:
    """Yield the scenario alone, with each what-if, and with all; a what-if that does not fit shows its mistakes."""
    yield Variant(say("This scenario"), scenario)
    together = [(overlay.title, (overlay,)) for overlay in overlays]
    if len(overlays) > 1:
        together.append((say("All what-ifs together"), tuple(overlays)))
    for name, laid in together:
        try:
            changed = laid_over(scenario, laid)
            projected(changed, 0)
            yield Variant(name, changed)
        except BreakevenError as error:
            refusals([replace(one, file=one.file or name) for one in problems_of(error)])


def other_plan(path: Path) -> Iterator[Variant]:
    """Yield a shipped scenario unless it cannot be computed."""
    try:
        found = opened(str(path))
        projected(found, 0)
        yield Variant(found.title, found)
    except BreakevenError as error:
        refusals(problems_of(error))


def table(made: Sequence[tuple[Variant, Projection]], say: Words) -> None:
    """Draw the KPIs of each variant as a row."""
    first = made[0][1]
    heads = [say("Scenario"), say("Verdict"), *(say(first.kpis[name].title) for name in KPIS)]
    rows = [[variant.name, grade(found, say), *(figure(found, name, say) for name in KPIS)] for variant, found in made]
    show(pd.DataFrame(rows, columns=heads), say("Key figures side by side"), texts=(heads[1],), totals=(0,))
    if not all(found.trials for _, found in made):
        small(say("The chance of running out of cash appears when the trials are done."))


def figure(found: Projection, name: str, say: Words) -> str:
    """Return a KPI for a cell of the table."""
    kpi = found.kpis[name]
    if kpi.value is None:
        return say("beyond the projection") if name == "runway" and kpi.variant == "simulated" else "–"
    return Words(say.language, found.currency, found.scenario.start).estimate(kpi.value, kpi.unit, kpi.error)


def courses(made: Sequence[tuple[Variant, Projection]], say: Words) -> None:
    """Draw cash by month of every variant in the same currency."""
    st.subheader(say("Cash, side by side"))
    currency = made[0][1].currency
    # Amounts in different currencies have no axis in common.
    alike = [(variant, found) for variant, found in made if found.currency == currency]
    dates = {variant.name: found.dates for variant, found in alike}
    curves = {variant.name: found.series["cash"].base for variant, found in alike}
    chart = charts.curves(say, dates, curves, say("cash, {currency}", currency=currency), "money")
    charts.show(chart, sentence(alike, say), key="compare-chart")
    for variant, found in made:
        if found.currency != currency:
            small(say("{name} is in {currency} and is not drawn.", name=variant.name, currency=found.currency))


def sentence(made: Sequence[tuple[Variant, Projection]], say: Words) -> str:
    """Return the final cash of the scenario, and the lowest and highest of the others."""
    ends = {variant.name: float(found.series["cash"].base[-1]) for variant, found in made[1:]}
    planned = float(made[0][1].series["cash"].base[-1])
    if not ends:
        return say("Cash ends at {end:money}. Choose a what-if to see what it changes.", end=planned)
    low, high = min(ends, key=lambda name: ends[name]), max(ends, key=lambda name: ends[name])
    if low == high:
        facts = {"end": planned, "name": low, "other": ends[low]}
        return say("Cash ends at {end:money} in this scenario and at {other:money} in: {name}.", **facts)
    values = {"end": planned, "low": low, "least": ends[low], "high": high, "most": ends[high]}
    return say(
        "Cash ends at {end:money} in this scenario. Of the others the lowest is {low} with {least:money}, the highest "
        "{high} with {most:money}.",
        **values,
    )


def grade(found: Projection, say: Words) -> str:
    """Return the grade, or a dash before the trials have run."""
    return "–" if awaits_trials(found) else graded(found.verdict, say)


def take(variants: Sequence[Variant], overlays: Sequence[Overlay], say: Words, desk: Desk) -> None:
    """Offer to apply the what-ifs to the scenario."""
    laid = next(
        (variant.scenario for variant in reversed(variants) if len(variant.scenario.overlays) == len(overlays)), None
    )
    label, key, off = say("Apply to scenario"), "take-overlays", not overlays or laid is None
    st.button(label, icon=":material/layers:", key=key, disabled=off, on_click=taken, args=(desk, laid))
