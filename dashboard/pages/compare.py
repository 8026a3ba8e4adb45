"""Compare: the plan as it is beside the same plan under overlays, alone and together, and beside other plans."""

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
from dashboard.parts import charts, charts_finance
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
# What the reader brought and chose, and the plan that stood before overlays were taken into it; both in the session.
OWN, BEFORE, TRIED = "own-overlays", "before-overlays", "compared"


@dataclass(frozen=True)
class Case:
    """One plan to be compared, with the name that it goes by."""

    name: str
    scenario: Scenario


@cache
def shipped_overlays() -> tuple[Overlay, ...]:
    """The overlays that come with the product, in the order of their titles."""
    return tuple(sorted(map(read_overlay, OVERLAYS.glob("*.yaml")), key=lambda overlay: overlay.title))


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Choose what happens, see what becomes of the plan, and take it over where it is to stay."""
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
    """The overlays to be looked at: some that ship, and the reader's own."""
    known = {overlay.file: overlay for overlay in (*shipped_overlays(), *own().values())}
    files = st.pills(
        say("What happens to the plan"),
        list(known),
        selection_mode="multi",
        format_func=lambda file: escape(known[file].title) if file in known else file,
        key="overlays",
        persist_state="session",
    )
    with st.popover(say("Add overlays of your own"), icon=":material/upload_file:"):
        st.file_uploader(
            say("Overlays, as YAML"),
            type=["yaml", "yml"],
            accept_multiple_files=True,
            key="overlay-upload",
            on_change=uploaded,
            max_upload_size=LARGEST_UPLOAD_MEGABYTES,
        )
    refusals(st.session_state.get("overlay-problems", ()))
    if not files:
        small(say("An overlay is a small file of changes that fits any plan, such as a price war."))
    return [known[file] for file in files if file in known]


def own() -> dict[str, Overlay]:
    """The overlays that this session was given, by file name."""
    return st.session_state.setdefault(OWN, {})


def uploaded() -> None:
    """Take in what was sent and choose it; what is no overlay is answered with its mistakes."""
    found: list[Problem] = []
    for file in st.session_state["overlay-upload"]:
        try:
            overlay = parse_overlay(file.getvalue().decode("utf-8"), file.name)
        except UnicodeDecodeError:
            found.append(Problem(file.name, 0, "this is not a text file", "choose an overlay in YAML"))
        except BreakevenError as error:
            found.extend(problems_of(error))
        else:
            if file.name not in own():
                st.session_state["overlays"] = [*st.session_state.get("overlays", []), file.name]
            own()[file.name] = overlay
    st.session_state["overlay-problems"] = tuple(found)


def refusals(problems: Sequence[Problem]) -> None:
    """What is wrong with an overlay, or with a plan under it, each with its file, its line and what to do."""
    for problem in problems:
        st.error(escape(f"{Path(problem.file).name}:{problem.line}: {problem.what}; {problem.todo}."))


def another(say: Words, desk: Desk) -> Path | None:
    """Another plan that comes with the product, to stand beside this one."""
    here = desk.draft.folder / desk.draft.file
    return st.selectbox(
        say("Another plan beside it"),
        [path for path in shipped_files() if path != here],
        index=None,
        format_func=lambda path: path.stem.replace("-", " ").capitalize(),
        placeholder=say("None"),
        key="other-plan",
        persist_state="session",
        width=360,
    )


def cases_of(scenario: Scenario, overlays: Sequence[Overlay], say: Words) -> Iterator[Case]:
    """The plan as it is, with each overlay alone, and with all of them; one that does not fit is answered."""
    yield Case(say("The plan as it is"), scenario)
    together = [(overlay.title, (overlay,)) for overlay in overlays]
    if len(overlays) > 1:
        together.append((say("All of it together"), tuple(overlays)))
    for name, laid in together:
        try:
            changed = laid_over(scenario, laid)
            projected(changed, 0)
            yield Case(name, changed)
        except BreakevenError as error:
            refusals([replace(one, file=one.file or name) for one in problems_of(error)])


def other_plan(path: Path) -> Iterator[Case]:
    """A shipped plan, where it can be computed."""
    try:
        found = opened(str(path))
        projected(found, 0)
        yield Case(found.title, found)
    except BreakevenError as error:
        refusals(problems_of(error))


def finished(projection: Projection, cases: Sequence[Case]) -> list[tuple[Case, Projection]]:
    """Each case with its projection: the base plans at once, those with trials when all of them have been run."""
    trials = projection.trials if tried(projection, cases) else 0
    made = []
    for case in cases:
        try:
            made.append((case, projected(case.scenario, trials)))
        except BreakevenError:
            made.append((case, projected(case.scenario, 0)))
    return made


def marker(projection: Projection, cases: Sequence[Case]) -> tuple[int, tuple[str, ...]]:
    """What tells one comparison from another."""
    return projection.trials, tuple(case.scenario.hash for case in cases)


def tried(projection: Projection, cases: Sequence[Case]) -> bool:
    """Whether the trials of all cases have been run."""
    return bool(projection.trials) and st.session_state.get(TRIED) == marker(projection, cases)


def follow(projection: Projection, cases: Sequence[Case]) -> None:
    """Once the base plans are on the page, run the trials of all cases, and draw the page again."""
    if not projection.trials or tried(projection, cases):
        return
    for case in cases:
        try:
            projected(case.scenario, projection.trials)
        except BreakevenError:
            continue  # its base plan stands
    st.session_state[TRIED] = marker(projection, cases)
    st.rerun()


def table(made: Sequence[tuple[Case, Projection]], say: Words) -> None:
    """Key figures side by side, a row for each case."""
    first = made[0][1]
    heads = [say("Plan"), say("Verdict"), *(say(label(first.kpis[name])) for name in KPIS)]
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
        small(say("The chance of ruin is counted with the trials, which follow the base plan."))


def figure(found: Projection, name: str, say: Words) -> str:
    """A key figure in a cell; for runway, that cash lasts the plan."""
    kpi = found.kpis[name]
    if kpi.value is None:
        return say("beyond the plan") if name == "runway" and kpi.variant == "simulated" else "–"
    return Words(say.language, found.currency, found.scenario.start).quantity(kpi.value, kpi.unit)


def courses(made: Sequence[tuple[Case, Projection]], say: Words) -> None:
    """Cash by month of every case, and which of them costs most."""
    st.subheader(say("Cash, side by side"))
    currency = made[0][1].currency
    # Amounts in different currencies have no axis in common.
    alike = [(case, found) for case, found in made if found.currency == currency]
    curves = {case.name: (found.dates, found.series["cash"].base) for case, found in alike}
    chart = charts_finance.several(say, curves, say("cash, {currency}", currency=currency))
    charts.show(chart, sentence(alike, say), key="compare-chart")
    for case, found in made:
        if found.currency != currency:
            small(say("{name} is in {currency}, and is not drawn.", name=case.name, currency=found.currency))


def sentence(made: Sequence[tuple[Case, Projection]], say: Words) -> str:
    """Where cash ends as planned, and where it ends lowest and highest of the others."""
    ends = {case.name: float(found.series["cash"].base[-1]) for case, found in made[1:]}
    planned = float(made[0][1].series["cash"].base[-1])
    if not ends:
        return say("The plan as it is ends with {end:money}; choose an overlay to see what it does.", end=planned)
    low, high = min(ends, key=lambda name: ends[name]), max(ends, key=lambda name: ends[name])
    if low == high:
        return say(
            "The plan as it is ends with {end:money}; {name}: {other:money}.", end=planned, name=low, other=ends[low]
        )
    return say(
        "The plan as it is ends with {end:money}. The lowest of the others is {low}, with {least:money}; the highest "
        "is {high}, with {most:money}.",
        end=planned,
        low=low,
        least=ends[low],
        high=high,
        most=ends[high],
    )


def grade(found: Projection, say: Words) -> str:
    """The verdict in a word, once its trials have been run."""
    return "–" if awaits_trials(found) else say(found.verdict.grade.capitalize())


def take(cases: Sequence[Case], overlays: Sequence[Overlay], say: Words, desk: Desk) -> None:
    """Take the overlays into the plan, or go back to the plan that stood before."""
    laid = next((case.scenario for case in reversed(cases) if len(case.scenario.overlays) == len(overlays)), None)
    before: Draft | None = st.session_state.get(BEFORE)
    with st.container(horizontal=True):
        st.button(
            say("Take them into the plan"),
            icon=":material/layers:",
            key="take-overlays",
            disabled=not overlays or laid is None,
            on_click=taken,
            args=(desk, laid),
        )
        if before is not None:
            st.button(
                say("Put back the plan from before"),
                icon=":material/undo:",
                key="untake-overlays",
                on_click=put_back,
                args=(desk, before),
            )


def taken(desk: Desk, laid: Scenario) -> None:
    """Work on the merged plan; the draft that stood before stays on its shelf, and can be put back."""
    before = desk.draft
    title = " + ".join((laid.title, *laid.overlays))[:LONGEST_TITLE]
    desk.restore(Draft.of(before.file, laid.folder, edited(laid.text, before.file, {("title",): title})))
    if desk.draft is not before:
        st.session_state[BEFORE] = before
        st.session_state["overlays"] = []


def put_back(desk: Desk, before: Draft) -> None:
    """Go on with the draft from before the overlays."""
    desk.restore(before)
    st.session_state.pop(BEFORE, None)
