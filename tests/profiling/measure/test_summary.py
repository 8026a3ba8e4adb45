"""What the repeats of a case say of the device's state."""

from typing import Any

import pytest

from profiling.measure.summary import beside_metrics
from profiling.results import report
from profiling.results.record import CaseResult


def repeats(measured: dict[str, Any], *differing: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**measured, **one} for one in differing]


@pytest.mark.parametrize(
    ("shares", "throttled"),
    [
        pytest.param([None, None], None, id="no sensor"),
        pytest.param([{}, {}], False, id="nothing"),
        # The normal state of a card of 700 W in a large product.
        pytest.param([{"power cap": 1.0}, {"power cap": 0.8}], False, id="the usual power limit"),
        pytest.param([{"power limit below the default": 1.0}, {}], True, id="a limit that somebody lowered"),
        pytest.param([{"hardware slowdown": 0.01}, {}], False, id="a moment of heat"),
        pytest.param([{"power cap": 1.0, "hardware slowdown": 0.2}, {}], True, id="heat"),
    ],
)
def test_heat_throttles_and_the_usual_power_limit_does_not(
    measured: dict[str, Any], shares: list[Any], throttled: bool | None
) -> None:
    """A throttled case is no evidence for others; one at its power limit is what the device does."""
    fields, extra = beside_metrics(repeats(measured, *({"throttle_reasons": one} for one in shares)))
    assert fields["throttled"] is throttled
    seen = None if throttled is None else sorted({name for one in shares for name in one})
    assert extra["throttle_reasons"] == seen


def test_a_reason_has_its_mean_share_of_the_repeats(measured: dict[str, Any]) -> None:
    """A repeat without the reason counts as none of its time."""
    runs = repeats(measured, {"throttle_reasons": {"power brake": 0.3}}, {"throttle_reasons": {}})
    assert beside_metrics(runs)[1]["throttle_shares"] == {"power brake": pytest.approx(0.15)}


def test_a_device_is_busy_for_its_kernels_time_where_they_were_traced(measured: dict[str, Any]) -> None:
    """Ten steps of 20 ms of kernels in one second, which the driver took for 90 %."""
    runs = repeats(measured, {"busy_share": 0.9, "kernel_seconds_per_step": 0.02}, {"busy_share": 0.9})
    assert beside_metrics(runs)[1]["busy_share"] == pytest.approx(0.2)
    assert beside_metrics(runs[1:])[1]["busy_share"] == 0.9
    assert beside_metrics([measured])[1]["busy_share"] is None


@pytest.mark.parametrize(("busy", "bound"), [(0.35, True), (0.95, False)])
def test_a_host_bound_case_is_named(busy: float, bound: bool) -> None:
    """Where the device mostly waits, a faster one would not help."""
    case = CaseResult("generate", {"batch": 1}, "ok", None, {}, {}, None, None, {}, {"busy_share": busy})
    (said,) = report.findings(case)
    assert ("host-bound" in said, f"{busy:.0%}" in said) == (bound, True)
