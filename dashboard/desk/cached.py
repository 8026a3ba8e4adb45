"""The cached run: from a frozen scenario to a finished projection, once for everyone who asks.

What is cached is frozen and never changed by a page, so that sessions share it instead of each taking a copy.
"""

import streamlit as st

from simulator.answers.explain import Ledger
from simulator.answers.projection import Projection, project
from simulator.answers.variations.advantage import Advantage, advantage
from simulator.answers.variations.pricing import PriceMap, price_map
from simulator.answers.variations.sensitivity import Swing, tornado
from simulator.scenario.overlays import Overlay
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

# The hash covers the numbers; sources and notes, which pages show too, are in the text and the edits.
HASH = {
    Scenario: lambda scenario: (scenario.hash, scenario.text, repr(scenario.edits)),
    Overlay: lambda overlay: (overlay.title, overlay.text, overlay.file),
}
# Enough for a band that no longer moves to the eye; more would only keep the reader waiting.
MOST_TRIALS = 1000


@st.cache_resource(hash_funcs=HASH, max_entries=64, show_spinner=False)
def projected(scenario: Scenario, trials: int, evidence: bool | None = None) -> Projection:
    """Every line by month, with its band over so many trials; 0 trials give the base plan alone, at once.

    What cost rests on takes longer than the base plan: it is counted with trials, or where `evidence` asks for it.
    """
    return project(scenario, trials, evidence=trials > 0 if evidence is None else evidence)


@st.cache_resource(hash_funcs=HASH, max_entries=8, show_spinner=False)
def ledger(scenario: Scenario) -> Ledger:
    """The base plan in full, for walking down its numbers."""
    return Ledger.of(scenario)


@st.cache_resource(hash_funcs=HASH, max_entries=16, show_spinner=False)
def swings(scenario: Scenario) -> list[Swing]:
    """How far each uncertain assumption moves the answer, the largest first."""
    return list(tornado(scenario))


@st.cache_resource(hash_funcs=HASH, max_entries=16, show_spinner=False)
def mapped(
    scenario: Scenario, plan: str, prices: tuple[float, ...], conversions: tuple[float, ...], name: str
) -> PriceMap:
    """Margin, runway and cash over a grid of one plan's price and conversion."""
    return price_map(scenario, plan, prices, conversions, name)


@st.cache_resource(hash_funcs=HASH, max_entries=16, show_spinner=False)
def learned(scenario: Scenario) -> Advantage | None:
    """The plan with its users' feedback and without; None where it collects none."""
    return advantage(scenario)


@st.cache_resource(max_entries=16, show_spinner=False)
def opened(path: str) -> Scenario:
    """The scenario in a file that does not change; raises ScenarioError."""
    return load(path)


@st.cache_resource(hash_funcs=HASH, max_entries=64, show_spinner=False)
def laid_over(scenario: Scenario, overlays: tuple[Overlay, ...]) -> Scenario:
    """A scenario as it stands, edits included, under overlays; raises ScenarioError where one does not fit."""
    return parse(scenario.to_yaml(), scenario.folder, scenario.file, overlays)
