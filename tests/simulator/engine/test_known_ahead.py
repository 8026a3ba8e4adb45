"""A line that makes no use of another month is known before the months, and so are those that wait for it alone."""

import numpy as np
import pytest
from made import by_month, company, model, run

from simulator.engine.choice import where
from simulator.engine.quantities import Number
from simulator.engine.steps import PENDING, NotKnown


def bonus(last_total, rate: Number) -> Number:
    calls.append(rate)
    return where(rate > 0, lambda before, share: before * share, 0, last_total, rate)


def total(bonus, x: Number, last_total=0.0) -> Number:
    return last_total + x + bonus


# The rates with which the bonus has been computed.
calls: list[object] = []


@pytest.mark.parametrize(("rate", "wanted"), [(0, [1, 3, 7]), (0.5, [1, 3.5, 9.25])])
def test_a_circle_gives_the_same_whether_it_is_cut_or_not(rate: float, wanted: list[float]):
    """Month by month, the total is the last one, x and the bonus; without a rate there is no bonus."""
    found = run(model(bonus, total), {"x": by_month(1, 2, 4), "rate": rate, "opening_total": 0})
    assert company(found["total"]) == wanted


def test_a_feature_that_is_not_used_is_computed_once():
    """Without a rate, the bonus is computed once for all months."""
    made = model(bonus, total)
    calls.clear()
    run(made, {"x": by_month(1, 2, 4), "rate": 0, "opening_total": 0})
    assert len(calls) == 1


def test_a_rate_that_comes_later_is_used_from_then_on():
    """A condition that holds in some months alone is met month by month."""
    found = run(model(bonus, total), {"x": 1, "rate": by_month(0, 0, 0.5), "opening_total": 0})
    assert company(found["total"]) == [1, 2, 4]


@pytest.mark.parametrize(
    "use",
    [np.exp, np.ndim, np.asarray, lambda one: one[0], lambda one: 1 - one, lambda one: one > 0],
)
def test_any_use_of_what_is_not_known_is_noticed(use):
    """A formula cannot compute with a value that is pending."""
    with pytest.raises(NotKnown):
        use(PENDING)
