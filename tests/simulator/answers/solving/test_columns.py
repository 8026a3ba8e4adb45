"""Variants that run side by side give what each gives alone, for every KPI that has a formula."""

from __future__ import annotations

import numpy as np
import pytest
from companies import everything

from simulator.answers.draws import trials_of
from simulator.answers.kpis import DEFINITIONS
from simulator.answers.kpis.registry import Figures
from simulator.answers.kpis.tried import lines_behind
from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import LINES, Outcomes
from simulator.answers.projection import project
from simulator.answers.solving.columns import SideBySide
from simulator.answers.solving.lever import Lever
from simulator.answers.solving.outcome import Judge
from simulator.answers.solving.target import Target
from simulator.errors import Undefined
from simulator.scenario.scenario import Scenario

TRACED = [(name, label) for name, one in DEFINITIONS.items() for label, variant in one.variants.items() if variant.line]
OF_TRIALS = [name for name, one in DEFINITIONS.items() if next(iter(one.variants.values())).of_trials]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """A company that has something of every kind, for two years."""
    return everything(tmp_path_factory.mktemp("scenario"), months=24)


@pytest.fixture(scope="module")
def variants(company: Scenario) -> list[Scenario]:
    """Three values of an uncertain assumption, the middle one today's."""
    lever = Lever.of(company, "channels.search.cost_per_signup")
    return [lever.at(lever.level * factor) for factor in (0.5, 1, 2)]


def alone(figures: Figures, kpi: str, label: str) -> float:
    """Return a KPI of one variant as a projection has it, NaN where it has no value."""
    try:
        return figures.estimate(DEFINITIONS[kpi].variants[label])
    except Undefined:
        return float("nan")


def test_every_traced_kpi_of_a_variant_is_that_of_its_own_base_case(company: Scenario, variants: list[Scenario]):
    """The formula over columns gives what it gives for one."""
    columns = next(SideBySide(company, 0).run(variants))
    nothing = Outcomes.of({name: np.empty((24, 0)) for name in LINES}, 0.0)
    figures = [Figures(Ledger.of(one), nothing) for one in variants]
    for kpi, label in TRACED:
        line = DEFINITIONS[kpi].variants[label].line
        assert columns.figure(line)[:, 0] == pytest.approx(
            [alone(one, kpi, label) for one in figures], rel=1e-9, abs=1e-9, nan_ok=True
        ), (kpi, label)


def test_the_trials_of_a_variant_are_its_own(company: Scenario, variants: list[Scenario]):
    """Each trial of a variant has the cash that it has in a projection of the variant alone."""
    columns = next(SideBySide(company, 30).run(variants, ["cash"]))
    for one, cash in zip(variants, columns.by_variant(columns.lines["cash"]), strict=True):
        assert np.array_equal(cash[:, 0], trials_of(one, 30).keep(["cash"])["cash"][:, 0, 1:])


def test_a_kpi_trial_by_trial_is_that_of_a_company_with_these_numbers(company: Scenario):
    """Runway over the trials, from the outcomes of the same trials."""
    found = project(company, 30, evidence=False).figures.outcomes.broke
    columns = next(SideBySide(company, 30).run([company], lines_behind(["kpi_runway"])))
    assert np.array_equal(np.nan_to_num(columns.figure("kpi_runway")[0], nan=np.inf), found)


def test_blocks_of_trials_make_no_difference(
    company: Scenario, variants: list[Scenario], monkeypatch: pytest.MonkeyPatch
):
    """What does not fit in memory at once runs in parts."""
    judge = Judge(Target.read("end_cash > 100000 in 50% of trials"), company, 30)
    whole = judge.outcomes(variants)
    monkeypatch.setattr("simulator.answers.solving.columns.block_of", lambda _: 13)
    assert Judge(judge.target, company, 30).outcomes(variants) == whole


@pytest.mark.parametrize("kpi", OF_TRIALS)
def test_figures_of_the_trials_are_those_of_a_projection(kpi: str, company: Scenario, variants: list[Scenario]):
    """With their standard error."""
    found = Judge(Target(kpi, ">=", 0.5), company, 40).outcomes(variants[:1])[0]
    expected = project(variants[0], 40, evidence=False).kpis[kpi]
    if expected.value is None:
        assert np.isnan(found.value)
    else:
        assert found == pytest.approx((expected.value, expected.error))


def test_a_yes_or_no_moves_by_its_probability(company: Scenario):
    """From never to always."""
    lever = Lever.of(company, "events.outage.happens")
    assert (lever.level, lever.low, lever.high) == (0.4, 0.0, 1.0)
    assert lever.literal(0.7) == {"chance": 0.7}
