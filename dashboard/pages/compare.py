"""Compare: the scenario beside itself under what-ifs, as last saved, and beside any other scenarios."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.desk.cached import laid_over, projected
from dashboard.desk.desk import Desk, problems_of
from dashboard.desk.files import LARGEST_UPLOAD_MEGABYTES
from dashboard.desk.whatifs import (
    Variant,
    finished,
    own,
    run_trials,
    taken,
    uploaded,
)
from dashboard.pages.overview import grade as graded
from dashboard.parts import charts
from dashboard.parts.business.comparable import Candidate, comparable
from dashboard.parts.chance import pairs
from dashboard.parts.choices import several, several_from_list
from dashboard.parts.defaults import worded
from dashboard.parts.explaining.refusals import why
from dashboard.parts.moving import causes
from dashboard.parts.tables import show
from dashboard.parts.tiles import small
from dashboard.parts.values.cells import text_of
from dashboard.parts.values.texts import unit_in_words
from dashboard.parts.words import Words, escape
from simulator.answers.comparing.differences import SETTINGS, Difference, differences, lone_members
from simulator.answers.kpis import HEADLINES
from simulator.answers.projection import Projection
from simulator.answers.search import readable
from simulator.errors import BreakevenError, Problem
from simulator.lines import business
from simulator.scenario.overlays import Overlay, shipped
from simulator.scenario.scenario import Scenario

# Columns of the tables beside one for each scenario.
HEADS = ("Assumption", "Unit", "Only in some", "Key figure")


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Let the reader choose what-ifs, compare the outcomes, and apply them to the scenario."""
    overlays = chosen(say, desk)
    beside = others(say, desk)
    for overlay in overlays:
        st.markdown(f"**{escape(say(overlay.title))}** · {escape(say(overlay.description))}")
    variants = distinct([*variants_of(projection.scenario, overlays, say), *beside], say)
    made = finished(projection, variants)
    table(made, say)
    if len(made) > 1:
        pairs.panel(made, say)
        causes.panel(made, say)
        differing(made, say)
    courses(made, say)
    take(variants, overlays, say, desk)
    if run_trials(projection, variants):
        st.rerun()


def chosen(say: Words, desk: Desk) -> list[Overlay]:
    """Return the chosen what-ifs, shipped or uploaded."""
    known = {overlay.file: overlay for overlay in (*shipped(), *own().values())}
    titles = {file: escape(say(overlay.title)) for file, overlay in known.items()}
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
    mistakes(st.session_state.get("overlay-problems", ()), desk.scenario, say)
    if not files:
        small(say("A what-if is a set of changes that fits any scenario, such as a price war. Choose one or more."))
    return [known[file] for file in files if file in known]


def mistakes(problems: Sequence[Problem], scenario: Scenario, say: Words) -> None:
    """Draw mistakes in a what-if, or in a scenario under it, each with file, line and what to do."""
    for problem in problems:
        where = Path(problem.file).name + (f":{problem.line}" if problem.line else "")
        st.error(f"{escape(where)}: {why([problem], scenario, say)}")


def others(say: Words, desk: Desk) -> list[Variant]:
    """Return the other scenarios that the reader chooses: as last saved, own ones, drafts and examples."""
    known = comparable(desk, say)
    chosen = several_from_list(
        say("Compare with other scenarios"),
        list(known),
        "other-scenarios",
        lambda name: known[name].name if name in known else name,
        placeholder=say("None"),
    )
    return [variant for name in chosen if name in known for variant in computable(known[name], say, desk)]


def distinct(variants: Sequence[Variant], say: Words) -> list[Variant]:
    """Return the variants under names of their own, since a table has one column a name besides its own columns."""
    taken, named = {say(head) for head in HEADS}, []
    for one in variants:
        name, count = one.name, 1
        while name in taken:
            count += 1
            name = f"{one.name} ({count})"
        taken.add(name)
        named.append(replace(one, name=name))
    return named


def computable(candidate: Candidate, say: Words, desk: Desk) -> Iterator[Variant]:
    """Yield a scenario unless it cannot be read or computed, and then show its mistakes."""
    try:
        found = candidate.read()
        projected(found, 0)
        yield Variant(candidate.name, found)
    except BreakevenError as error:
        mistakes(problems_of(error), desk.scenario, say)


def variants_of(scenario: Scenario, overlays: Sequence[Overlay], say: Words) -> Iterator[Variant]:
    """Yield the scenario alone, with each what-if, and with all; a what-if that does not fit shows its mistakes."""
    yield Variant(say("This scenario"), scenario)
    together = [(say(overlay.title), (overlay,)) for overlay in overlays]
    if len(overlays) > 1:
        together.append((say("All what-ifs together"), tuple(overlays)))
    for name, laid in together:
        try:
            changed = laid_over(scenario, laid)
            projected(changed, 0)
            yield Variant(name, changed)
        except BreakevenError as error:
            mistakes([replace(one, file=one.file or name) for one in problems_of(error)], scenario, say)


def table(made: Sequence[tuple[Variant, Projection]], say: Words) -> None:
    """Draw the KPIs of each variant as a column: a few scenarios fit a screen, all KPIs side by side do not."""
    first = made[0][1]
    heads = [say(HEADS[3]), *(variant.name for variant, _ in made)]
    rows = [[say("Verdict"), *(grade(found, say) for _, found in made)]]
    rows += [[say(first.kpis[name].title), *(figure(found, name, say) for _, found in made)] for name in HEADLINES]
    show(pd.DataFrame(rows, columns=heads), say("Key figures side by side"), totals=(0,))
    if not all(found.trials for _, found in made):
        small(say("The chance of running out of cash appears when the trials are done."))


def differing(made: Sequence[tuple[Variant, Projection]], say: Words) -> None:
    """List the assumptions that are not the same in all scenarios, and the members that some of them lack."""
    scenarios = [found.scenario for _, found in made]
    names = [variant.name for variant, _ in made]
    found, lone = differences(scenarios), lone_members(scenarios)
    st.header(say("Assumptions that differ"))
    if not found and not lone:
        small(say("All assumptions are the same."))
        return
    count = (
        say("{count} assumptions differ.", count=str(len(found))) if len(found) != 1 else say("1 assumption differs.")
    )
    st.markdown(escape(count))
    if found:
        # The unit comes last: on a phone, only one column fits beside the names.
        heads = [say(HEADS[0]), *names, say(HEADS[1])]
        speakers = [Words(say.language, one.currency, one.start) for one in scenarios]
        rows = [[whose(one, say), *in_words(one, speakers), unit_of(one, say)] for one in found]
        show(pd.DataFrame(rows, columns=heads), say("Assumptions that differ"), texts=heads[1:])
    if lone:
        heads = [say(HEADS[2]), *names]
        rows = [
            [owner(one.kind, one.member, say), *(say("yes") if there else "–" for there in one.present)] for one in lone
        ]
        show(pd.DataFrame(rows, columns=heads), say("Members that some scenarios lack"), texts=heads[1:])


def owner(kind: str, member: str, say: Words) -> str:
    """Return a member with its kind: `Plan · Team`."""
    return f"{say(readable(kind))} · {member}"


def whose(one: Difference, say: Words) -> str:
    """Return the name of an assumption with its member's title, as in the rest of the pages."""
    return f"{say(one.name)} · {one.member}" if one.member else say(one.name)


def unit_of(one: Difference, say: Words) -> str:
    """Return the unit of a row in the words of the forms, without the currency where its values have their own."""
    held = next(filter(None, one.held), None)
    if held is None:
        return ""
    unit = "/".join(["1", *held.unit.split("/")[1:]]) if in_several_currencies(one) else held.unit
    return unit_in_words(business().inputs[held.name], unit, say)


def in_several_currencies(one: Difference) -> bool:
    """Return whether scenarios state the assumption in different units; nothing but the currency ever differs."""
    return len({held.unit for held in one.held if held}) > 1


def in_words(one: Difference, speakers: Sequence[Words]) -> Iterator[str]:
    """Yield what each scenario has in the words of its forms, with its currency where another one has another."""
    if not one.held:
        starts = [say.month(say.start) for say in speakers]
        yield from starts if one.name == SETTINGS["start"] else one.values
    for held, say in zip(one.held, speakers, strict=False):
        if held is None:
            yield "–"
        else:
            text, bare = text_of(held, say), worded(held, say) or not in_several_currencies(one)
            yield text if bare else f"{text} {held.unit.partition('/')[0]}"


def figure(found: Projection, name: str, say: Words) -> str:
    """Return a KPI for a cell of the table."""
    kpi = found.kpis[name]
    if kpi.value is None:
        return say("beyond the projection") if name == "runway" and kpi.variant == "simulated" else "–"
    return Words(say.language, found.currency, found.scenario.start).estimate(kpi.value, kpi.unit, kpi.error)


def courses(made: Sequence[tuple[Variant, Projection]], say: Words) -> None:
    """Draw cash by month of every variant in the same currency."""
    st.header(say("Cash, side by side"))
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
    """Return the grade, or a dash before the trials have run, which may change it."""
    waits = not found.trials and found.scenario.trials > 0
    return "–" if waits else graded(found.verdict, say)


def take(variants: Sequence[Variant], overlays: Sequence[Overlay], say: Words, desk: Desk) -> None:
    """Offer to apply the what-ifs to the scenario."""
    laid = next(
        (variant.scenario for variant in reversed(variants) if len(variant.scenario.overlays) == len(overlays)), None
    )
    label, key, off = say("Apply to scenario"), "take-overlays", not overlays or laid is None
    st.button(label, icon=":material/layers:", key=key, disabled=off, on_click=taken, args=(desk, laid))
