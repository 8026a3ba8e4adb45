"""What-ifs: shipped and uploaded overlays, the variants of a scenario to compare, and applying them to the draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.desk.cached import projected
from dashboard.desk.desk import Desk, problems_of
from simulator.answers.projection import Projection
from simulator.errors import BreakevenError, Problem
from simulator.scenario.document import edited
from simulator.scenario.overlays import Overlay, parse_overlay
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

LONGEST_TITLE = 200
# Session keys: uploaded what-ifs, and the comparison whose trials ran.
OWN, TRIED = "own-overlays", "compared"


@dataclass(frozen=True)
class Variant:
    """A scenario to compare, with its name in tables and charts."""

    name: str
    scenario: Scenario


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


def finished(projection: Projection, variants: Sequence[Variant]) -> list[tuple[Variant, Projection]]:
    """Return each variant with its projection: base cases at first, trials once all of them have run."""
    trials = projection.trials if tried(projection, variants) else 0
    made = []
    for variant in variants:
        try:
            made.append((variant, projected(variant.scenario, trials)))
        except BreakevenError:
            made.append((variant, projected(variant.scenario, 0)))
    return made


def marker(projection: Projection, variants: Sequence[Variant]) -> tuple[int, tuple[str, ...]]:
    """Return what identifies a comparison."""
    return projection.trials, tuple(variant.scenario.hash for variant in variants)


def tried(projection: Projection, variants: Sequence[Variant]) -> bool:
    """Return whether the trials of all variants have run."""
    return bool(projection.trials) and st.session_state.get(TRIED) == marker(projection, variants)


def run_trials(projection: Projection, variants: Sequence[Variant]) -> bool:
    """Run the trials of all variants, and return whether there is anything new to draw."""
    if not projection.trials or tried(projection, variants):
        return False
    for variant in variants:
        try:
            projected(variant.scenario, projection.trials)
        except BreakevenError:
            continue  # the page keeps its base case
    st.session_state[TRIED] = marker(projection, variants)
    return True


def taken(desk: Desk, laid: Scenario) -> None:
    """Apply the what-ifs to the scenario, as one step that can be undone."""
    title = " + ".join((laid.title, *laid.overlays))[:LONGEST_TITLE]
    text = edited(laid.text, laid.file, {("title",): title})
    if desk.change("what-ifs", title, lambda _: parse(text, laid.folder, laid.file)):
        st.session_state["overlays"] = []
