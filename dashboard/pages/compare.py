"""Compare: the scenario beside itself under what-ifs, alone and together, and beside another scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.desk.cached import laid_over, opened, projected
from dashboard.desk.desk import SHIPPED, Desk, problems_of, shipped_files
from dashboard.desk.drafts import Draft
from dashboard.desk.files import LARGEST_UPLOAD_MEGABYTES
from dashboard.pages.overview import awaits_trials
from dashboard.parts import charts
from dashboard.parts.tables import show
from dashboard.parts.tiles import label, small
from dashboard.parts.words import Words, escape
from simulator.answers.projection import Projection
from simulator.errors import BreakevenError, Problem
from simulator.scenario.document import edited
from simulator.scenario.overlays import Overlay, parse_overlay, read_overlay
from simulator.scenario.scenario import Scenario

OVERLAYS = SHIPPED / "overlays"
LONGEST_TITLE = 200
KPIS = ("runway", "probability_of_ruin", "end_cash", "gross_margin", "arr")
# Session keys: uploaded what-ifs, the draft from before what-ifs were applied, and the comparison whose trials ran.
OWN, BEFORE, TRIED = "own-overlays", "before-overlays", "compared"


@dataclass(frozen=True)
class Case:
    """A scenario to compare, with its name in tables and charts."""

    name: str
    scenario: Scenario


@cache
def shipped_overlays() -> tuple[Overlay, ...]:
    """Return the what-ifs that ship with the product, by title."""
    return tuple(sorted(map(read_overlay, OVERLAYS.glob("*.yaml")), key=lambda overlay: overlay.title))


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Let the reader choose what-ifs, compare the outcomes, and apply them to the scenario."""
    overlays = chosen(say)
    other = another(say, desk)
    for overlay in overlays:
        st.markdown(f"**{escape(overlay.title)}** · {escape(overlay.description)}")
    cases = list(cases_of(projection.scenario, overlays, say))
    if other is not None:
        cases += list(other_plan(other))
    made = finished(projection, cases)
    table(made, say)
    courses(made, say)
    take(cases, overlays, say, desk)
    follow(projection, cases)


def chosen(say: Words) -> list[Overlay]:
    """Return the chosen what-ifs, shipped or uploaded."""
    known = {overlay.file: overlay for overlay in (*shipped_overlays(), *own().values())}
    files = st.pills(
        say("What if…"),
        list(known),
        selection_mode="multi",
        format_func=lambda file: escape(known[file].title) if file in known else file,
        key="overlays",
        persist_state="session",
    )
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


def own() -> dict[str, Overlay]:
    """Return the what-ifs uploaded in this session by file name."""
    return st.session_state.setdefault(OWN, {})


def uploaded() -> None:
    """Read uploaded what-ifs and select them; keep the mistakes of files that are not what-ifs."""
    found: list[Problem] = []
    for file in st.session_state["overlay-upload"]:
        try:
            overlay = parse_overlay(file.getvalue().decode("utf-8"), file.name)
        except UnicodeDecodeError:
            found.append(Problem(file.name, 0, "this is not a text file", "choose a what-if file in YAML"))
        except BreakevenError as error:
            found.extend(problems_of(error))
        else:
            if file.name not in own():
                st.session_state["overlays"] = [*st.session_state.get("overlays", []), file.name]
            own()[file.name] = overlay
    st.session_state["overlay-problems"] = tuple(found)


def refusals(problems: Sequence[Problem]) -> None:
    """Draw mistakes in a what-if, or in a scenario under it, each with file, line and what to do."""
    for problem in problems:
        st.error(escape(f"{Path(problem.file).name}:{problem.line}: {problem.what}; {problem.todo}."))


def another(say: Words, desk: Desk) -> Path | None:
    """Return a shipped scenario to compare with, if the reader chooses one."""
    here = desk.draft.folder / desk.draft.file
    return st.selectbox(
        say("Compare with another scenario"),
        [path for path in shipped_files() if path != here],
        index=None,
        format_func=lambda path: path.stem.replace("-", " ").capitalize(),
        placeholder=say("None"),
        key="other-plan",
        persist_state="session",
        width=360,
    )


def cases_of(scenario: Scenario, overlays: Sequence[Overlay], say: Words) -> Iterator[Case]:
    """Yield the scenario alone, with each what-if, and with all; a what-if that does not fit shows its mistakes."""
    yield Case(say("This scenario"), scenario)
    together = [(overlay.title, (overlay,)) for overlay in overlays]
    if len(overlays) > 1:
        together.append((say("All what-ifs together"), tuple(overlays)))
    for name, laid in together:
        try:
            changed = laid_over(scenario, laid)
            projected(changed, 0)
            yield Case(name, changed)
        except BreakevenError as error:
            refusals([replace(one, file=one.file or name) for one in problems_of(error)])


def other_plan(path: Path) -> Iterator[Case]:
    """Yield a shipped scenario unless it cannot be computed."""
    try:
        found = opened(str(path))
        projected(found, 0)
        yield Case(found.title, found)
    except BreakevenError as error:
        refusals(problems_of(error))


def finished(projection: Projection, cases: Sequence[Case]) -> list[tuple[Case, Projection]]:
    """Return each case with its projection: base cases at first, trials once all of them have run."""
    trials = projection.trials if tried(projection, cases) else 0
    made = []
    for case in cases:
        try:
            made.append((case, projected(case.scenario, trials)))
        except BreakevenError:
            made.append((case, projected(case.scenario, 0)))
    return made


def marker(projection: Projection, cases: Sequence[Case]) -> tuple[int, tuple[str, ...]]:
    """Return what identifies a comparison."""
    return projection.trials, tuple(case.scenario.hash for case in cases)


def tried(projection: Projection, cases: Sequence[Case]) -> bool:
    """Return whether the trials of all cases have run."""
    return bool(projection.trials) and st.session_state.get(TRIED) == marker(projection, cases)


def follow(projection: Projection, cases: Sequence[Case]) -> None:
    """Run the trials of all cases after the base cases are drawn, and draw the page again."""
    if not projection.trials or tried(projection, cases):
        return
    for case in cases:
        try:
            projected(case.scenario, projection.trials)
        except BreakevenError:
            continue  # the page keeps its base case
    st.session_state[TRIED] = marker(projection, cases)
    st.rerun()


def table(made: Sequence[tuple[Case, Projection]], say: Words) -> None:
    """Draw the KPIs of each case as a row."""
    first = made[0][1]
    heads = [say("Scenario"), say("Verdict"), *(say(label(first.kpis[name])) for name in KPIS)]
    rows = [
        [
            case.name,
            grade(found, say),
            *(figure(found, name, say) for name in KPIS),
        ]
        for case, found in made
    ]
    show(pd.DataFrame(rows, columns=heads), say("Key figures side by side"), texts=(heads[1],), totals=(0,))
    if not all(found.trials for _, found in made):
        small(say("The chance of running out of cash appears when the trials are done."))


def figure(found: Projection, name: str, say: Words) -> str:
    """Return a KPI for a cell of the table."""
    kpi = found.kpis[name]
    if kpi.value is None:
        return say("beyond the projection") if name == "runway" and kpi.variant == "simulated" else "–"
    return Words(say.language, found.currency, found.scenario.start).quantity(kpi.value, kpi.unit)


def courses(made: Sequence[tuple[Case, Projection]], say: Words) -> None:
    """Draw cash by month of every case in the same currency."""
    st.subheader(say("Cash, side by side"))
    currency = made[0][1].currency
    # Amounts in different currencies have no axis in common.
    alike = [(case, found) for case, found in made if found.currency == currency]
    dates = {case.name: found.dates for case, found in alike}
    curves = {case.name: found.series["cash"].base for case, found in alike}
    chart = charts.curves(say, dates, curves, say("cash, {currency}", currency=currency), "money")
    charts.show(chart, sentence(alike, say), key="compare-chart")
    for case, found in made:
        if found.currency != currency:
            small(say("{name} is in {currency} and is not drawn.", name=case.name, currency=found.currency))


def sentence(made: Sequence[tuple[Case, Projection]], say: Words) -> str:
    """Return the final cash of the scenario, and the lowest and highest of the others."""
    ends = {case.name: float(found.series["cash"].base[-1]) for case, found in made[1:]}
    planned = float(made[0][1].series["cash"].base[-1])
    if not ends:
        return say("Cash ends at {end:money}. Choose a what-if to see what it changes.", end=planned)
    low, high = min(ends, key=lambda name: ends[name]), max(ends, key=lambda name: ends[name])
    if low == high:
        return say(
            "Cash ends at {end:money} in this scenario and at {other:money} in: {name}.",
            end=planned,
            name=low,
            other=ends[low],
        )
    return say(
        "Cash ends at {end:money} in this scenario. Of the others the lowest is {low} with {least:money}, the highest "
        "{high} with {most:money}.",
        end=planned,
        low=low,
        least=ends[low],
        high=high,
        most=ends[high],
    )


def grade(found: Projection, say: Words) -> str:
    """Return the grade, or a dash before the trials have run."""
    return "–" if awaits_trials(found) else say(found.verdict.grade.capitalize())


def take(cases: Sequence[Case], overlays: Sequence[Overlay], say: Words, desk: Desk) -> None:
    """Offer to apply the what-ifs to the scenario, or to go back to the draft from before."""
    laid = next((case.scenario for case in reversed(cases) if len(case.scenario.overlays) == len(overlays)), None)
    before: Draft | None = st.session_state.get(BEFORE)
    with st.container(horizontal=True):
        st.button(
            say("Apply to scenario"),
            icon=":material/layers:",
            key="take-overlays",
            disabled=not overlays or laid is None,
            on_click=taken,
            args=(desk, laid),
        )
        if before is not None:
            st.button(
                say("Undo the what-ifs"),
                icon=":material/undo:",
                key="untake-overlays",
                on_click=put_back,
                args=(desk, before),
            )


def taken(desk: Desk, laid: Scenario) -> None:
    """Open the merged scenario; the earlier draft stays on its shelf."""
    before = desk.draft
    title = " + ".join((laid.title, *laid.overlays))[:LONGEST_TITLE]
    desk.restore(Draft.of(before.file, laid.folder, edited(laid.text, before.file, {("title",): title})))
    if desk.draft is not before:
        st.session_state[BEFORE] = before
        st.session_state["overlays"] = []


def put_back(desk: Desk, before: Draft) -> None:
    """Open the draft from before the what-ifs."""
    desk.restore(before)
    st.session_state.pop(BEFORE, None)
