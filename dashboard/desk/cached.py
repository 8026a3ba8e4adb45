"""Cached answers: a frozen scenario in, a finished projection or variation out, computed once for all sessions.

Cached values are frozen, so that sessions can share them without copies.
"""

import threading
from hashlib import sha256

import streamlit as st

from dashboard.desk import ahead
from simulator.answers.ownership.bands import Bands, ownership_bands
from simulator.answers.pricing.best import PriceAnswer, best_price
from simulator.answers.projection import (
    BLOCK,
    MOST_JUDGED,
    Projection,
    is_settled,
    next_block,
    project,
    with_block,
    with_evidence,
    with_more_trials,
    with_trials,
    with_tried,
)
from simulator.answers.trials import kept_of, tried
from simulator.answers.variations.advantage import Advantage, advantage
from simulator.answers.variations.sensitivity import Swing, tornado
from simulator.errors import BreakevenError
from simulator.output.book import workbook
from simulator.scenario.overlays import Overlay
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

# The scenario's hash covers numbers only; pages also show sources and notes, which are in the text and the edits.
HASH = {
    Scenario: lambda scenario: (scenario.hash, scenario.text, repr(scenario.edits)),
    Overlay: lambda overlay: (overlay.title, overlay.text, overlay.file),
}


def identity(scenario: Scenario) -> str:
    """Return a text that tells this scenario from others in any number, source or note."""
    return sha256(repr((scenario.hash, scenario.text, scenario.edits)).encode()).hexdigest()


# Beyond this, more trials move the 90% interval by less than a line's width and only take longer.
MOST_TRIALS = 1000
# Trials need some 100 MB while they run, and more than two at once are no faster: other sessions wait for their turn.
TURN = threading.BoundedSemaphore(2)


def most_of(scenario: Scenario) -> int:
    """Return how many trials the pages show."""
    return min(scenario.trials, MOST_TRIALS)


def wait_for_trials(scenario: Scenario) -> None:
    """Wait for the trials that were begun, until something newer happens in this session."""
    ahead.wait_for((scenario.hash, most_of(scenario), 0))


def projected(scenario: Scenario, trials: int, evidence: bool | None = None) -> Projection:
    """Return the projection of a scenario over `trials` trials; 0 gives the base case alone.

    Trials are added to the base case that the page has shown. By default evidence comes with trials; it is counted when
    it is first looked at.
    """
    found = _with_trials(scenario, trials) if trials else _base_case(scenario)
    return with_evidence(found) if (trials > 0 if evidence is None else evidence) else found


@st.cache_resource(hash_funcs=HASH, max_entries=64, show_spinner=False)
def _base_case(scenario: Scenario) -> Projection:
    return project(scenario, 0, evidence=False)


def begin(scenario: Scenario) -> None:
    """Begin the trials that the pages will show."""
    most = most_of(scenario)
    ahead.begin((scenario.hash, most, 0), tried, scenario, most, ["cash"])


@st.cache_resource(hash_funcs=HASH, max_entries=64, show_spinner=False)
def _with_trials(scenario: Scenario, trials: int) -> Projection:
    base = _base_case(scenario)
    if (begun := ahead.begun((scenario.hash, trials, 0))) is not None:
        return with_tried(base, begun.result())
    with TURN:
        return with_trials(base, trials)


@st.cache_resource(hash_funcs=HASH, max_entries=64, show_spinner=False)
def judged(scenario: Scenario, trials: int, blocks: int) -> Projection:
    """Return the projection with up to `blocks` more blocks of trials behind its verdict, as far as it needs them."""
    if not blocks:
        return projected(scenario, trials, evidence=True)
    found = judged(scenario, trials, blocks - 1)
    if is_settled(found):
        return found
    if (begun := ahead.begun((scenario.hash, trials, blocks))) is not None:
        return with_block(found, *begun.result())
    with TURN:
        return with_more_trials(found)


def is_running(found: Projection, block: int) -> bool:
    """Return whether a block of trials, the next behind a verdict, is being computed; begin it if it is not there."""
    which = (found.scenario.hash, found.trials, block)
    ahead.begin(which, kept_of, *next_block(found))
    return ahead.is_running(which)


@st.cache_resource(hash_funcs=HASH, max_entries=4, show_spinner=False)
def workbook_of(scenario: Scenario) -> bytes:
    """Return the scenario as an Excel workbook, with as many trials as its verdict needs.

    If a trial has no outcome, the workbook has the base case alone, as the page has.
    """
    try:
        found = judged(scenario, min(scenario.trials, MOST_TRIALS), MOST_JUDGED // BLOCK)
    except BreakevenError:
        found = projected(scenario, 0)
    return workbook(found)[0]


@st.cache_resource(hash_funcs=HASH, max_entries=32, show_spinner=False)
def swings(scenario: Scenario, kpi: str) -> list[Swing]:
    """Return how far each assumption alone moves a KPI, largest first."""
    return tornado(scenario, kpi)


@st.cache_resource(hash_funcs=HASH, max_entries=16, show_spinner=False)
def best_priced(scenario: Scenario, plan: str, aim: str) -> PriceAnswer:
    """Return the best price of a plan for an aim, or the losses that a rise may cost."""
    return best_price(scenario, plan, aim)


@st.cache_resource(hash_funcs=HASH, max_entries=16, show_spinner=False)
def learned(scenario: Scenario) -> Advantage | None:
    """Return the projection with and without user feedback; None if the scenario collects none."""
    return advantage(scenario)


@st.cache_resource(hash_funcs=HASH, max_entries=16, show_spinner=False)
def owned(scenario: Scenario, trials: int, price: float | None) -> Bands:
    """Return ownership and payouts over the trials, of a sale for a price or for what each trial is worth."""
    return ownership_bands(scenario, trials, price)


@st.cache_resource(max_entries=16, show_spinner=False)
def opened(path: str) -> Scenario:
    """Return the scenario in a file that does not change; raises ScenarioError."""
    return load(path)


@st.cache_resource(hash_funcs=HASH, max_entries=64, show_spinner=False)
def laid_over(scenario: Scenario, overlays: tuple[Overlay, ...]) -> Scenario:
    """Return a scenario, edits included, under overlays; raises ScenarioError if one does not fit."""
    return parse(scenario.to_yaml(), scenario.folder, scenario.file, overlays)
