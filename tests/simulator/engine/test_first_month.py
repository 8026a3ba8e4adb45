"""A parameter named first_x reads the first month's x."""

import numpy as np
from made import by_month, company, model, run, simulation

from simulator.engine.quantities import Number
from simulator.engine.run import CHUNK_CELLS


def doubled(x: Number) -> Number:
    return 2 * x


def grown(first_doubled, doubled) -> Number:
    return doubled - first_doubled


def test_first_reads_a_line_in_the_first_month():
    """Every month reads what the line was in month 0."""
    assert company(run(model(doubled, grown), {"x": by_month(3, 5, 9)})["grown"]) == [0, 4, 12]


def test_first_reads_an_assumption_in_the_first_month():
    """An assumption that changes by month is read as it was in month 0."""

    def moved(first_x, x: Number) -> Number:
        return x - first_x

    made = model(moved)
    assert list(made.inputs) == ["x"]
    assert company(run(made, {"x": by_month(3, 5, 9)})["moved"]) == [0, 2, 6]


def test_an_assumption_may_itself_be_called_first():
    """Where nothing is called `run`, `first_run` is an assumption of that name."""

    def later(first_run: Number) -> Number:
        return first_run + 1

    made = model(later)
    assert list(made.inputs) == ["first_run"]
    assert company(run(made, {"first_run": 4})["later"]) == [5, 5, 5]


def test_first_reads_within_lines_that_go_month_by_month():
    """Of two lines that read each other month by month, one may read what the other was in month 0."""

    def step(last_both, x: Number) -> Number:
        return last_both + x

    def both(step, first_step) -> Number:
        return step + first_step

    assert company(run(model(step, both), {"x": 1, "opening_both": 0})["both"]) == [2, 4, 6]


def test_the_first_month_is_kept_when_months_are_computed_in_parts():
    """With so many trials that each month is a part of its own, every part reads month 0."""
    x = np.arange(4.0)[:, None, None] + np.zeros((4, 1, CHUNK_CELLS))
    kept = simulation(model(doubled, grown), {"x": x}, months=4).keep(["grown"])["grown"]
    assert (kept == 2 * np.arange(4.0)[:, None, None]).all()
