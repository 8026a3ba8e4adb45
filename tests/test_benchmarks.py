"""What `make bench` makes of its figures."""

import numpy as np
import pytest
from page_text import charts
from streamlit.testing.v1 import AppTest

from benchmarks import published
from benchmarks.clock import FIRST
from benchmarks.decode import TURNS, interval, verdict
from benchmarks.edits import PAGE
from profiling.estimates.fit import Form, Interval
from profiling.estimates.published_rows import Row
from simulator.scenario.reading import load


@pytest.mark.parametrize(
    ("low", "high", "busy", "found"),
    [
        (0.985, 0.995, False, "within"),
        (0.985, 0.995, True, "within"),
        (0.990, 1.025, False, "within"),
        (0.940, 0.960, False, "beyond"),
        (1.030, 1.050, False, "beyond"),
        (0.940, 0.960, True, "noisy"),
        (0.900, 1.100, False, "noisy"),
        (0.800, 0.900, False, "noisy"),
    ],
)
def test_meters_fail_only_where_the_computer_is_quiet(low: float, high: float, busy: bool, found: str):
    """A wide interval tells nothing, and neither does a shift while other programs run."""
    assert verdict(low, high, busy) == found


def test_the_interval_holds_the_median_in_95_of_100_cases():
    """Of a skewed distribution, whose mean is elsewhere: exp(normal) has the median 1."""
    draws = np.exp(np.random.default_rng(7).normal(0, 0.1, (4000, TURNS)))
    held = np.mean([low <= 1 <= high for low, high in map(interval, draws.tolist())])
    assert held == pytest.approx(0.96, abs=0.02)


def figure(source: str, value: float) -> Row:
    """A published time of one unit of work."""
    return Row(source, "a model", Form(("arithmetic",)), (1.0,), value)


def test_a_figure_is_judged_by_the_other_sources():
    """A source of one figure is judged by the other's two, and what a table's name adds makes no other source."""
    rows = [figure("one (table 1)", 1.0), figure("one (table 2)", 1.2), figure("two", 1.1)]
    found = published.judged(rows)
    assert [one.interval.value for one in found if one.interval] == pytest.approx([1.1, 1.1, np.sqrt(1.2)], rel=1e-3)
    assert published.judged(rows[:2])[0].interval is None


def test_a_figure_of_the_tables_is_refused_for_want_of_its_own_source_alone():
    """Unpacking in a compiled program, offload and gathering are told by one source each; a user asks them all."""
    assert published.refused("fine-tuning").endswith("of   86 refused without their own source, 0 with it")


def test_the_line_tells_all_four_figures():
    """Share inside, error, width and answers stand beside each other."""
    row = figure("one", 1.0)
    found = [published.Judged(row, Interval(1.1, 0.9, 1.8, 0.9)), published.Judged(row, None)]
    assert published.line("serving", found).split(maxsplit=1) == [
        "serving",
        "1 of    2 answered, 100% inside, median error 10.0%, median width 2.00",
    ]


@pytest.mark.parametrize("page", ["overview", "risk"])
def test_a_page_is_drawn_alone_with_its_base_case_and_with_trials(page: str):
    """What `make bench` takes the time of: tiles at once, and charts with the trials."""
    session = AppTest.from_file(str(PAGE), default_timeout=60)
    session.session_state["page"], session.session_state["scenario"] = page, load(FIRST)
    for trials in (0, 50):
        session.session_state["trials"] = trials
        session.run()
        assert not session.exception
        assert bool(charts(session)) == bool(trials)
