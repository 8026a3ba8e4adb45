"""Each metric is the quotient that its definition says."""

from typing import Any

import pytest

from profiling import architecture
from profiling.measure import metrics, summary
from profiling.results import report
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult, Record
from profiling.workload.kinds.work import Ceiling, Setting
from profiling.workload.workload import Case, Workload

CEILING = Ceiling({"float32": 1e9}, bytes_per_second=1e8)
ENERGY = {"joules": 64.0, "seconds": 1.0, "source": "energy counter", "warning": None}


def setting(workload: Workload, plan: Case) -> Setting:
    return metrics.setting(workload, plan, CEILING, {"arithmetic": "float32", "weight_bytes": 4.0})


def trained(classifier: Workload, runs: list[Any]) -> CaseResult:
    """Return the workload's training case by its repeats."""
    return summary.case(classifier.cases[0], setting(classifier, classifier.cases[0]), runs)


def test_generation_obeys_the_identity_of_closed_loop(generator: Workload, measured: Any) -> None:
    """Tokens a second are batch x new / (TTFT + (new - 1) x TPOT), which is Little's law for one batch."""
    plan = Case("generate", {"batch": 4, "prompt_tokens": 8, "new_tokens": 16})
    found = metrics.estimates(plan, setting(generator, plan), [measured] * 3)
    request_seconds = found["ttft_seconds"].value + 15 * found["tpot_seconds"].value
    assert found["tokens_per_second"].value == pytest.approx(4 * 16 / request_seconds)


def test_bandwidth_use_counts_weights_and_cache(generator: Workload, measured: Any) -> None:
    """(Parameter bytes + cache bytes) / TPOT / bandwidth, the cache at its mean length."""
    plan = Case("generate", {"batch": 4, "prompt_tokens": 8, "new_tokens": 16})
    found = metrics.estimates(plan, setting(generator, plan), [measured] * 3)
    weights = 4 * architecture.of(generator.model["config"]).parameters
    cache = 4 * (8 + 8) * (2 * 2 * 2 * 8 * 4)  # batch, mean context, and 2·layers·heads·width·bytes
    assert found["mbu"].value == pytest.approx((weights + cache) / found["tpot_seconds"].value / 1e8)


def test_training_is_read_over_its_steps(classifier: Workload, measured: Any) -> None:
    """Ten steps of 4 x 16 tokens in a second."""
    found = trained(classifier, [measured] * 3).metrics
    flops = 40 * architecture.of(classifier.model["config"]).training_flops(16, "full")
    assert found["training_tokens_per_second"].value == 640
    assert found["step_seconds"].value == pytest.approx(0.1)
    assert found["mfu"].value == pytest.approx(flops / 1e9)


def test_the_run_factor_adds_what_an_epoch_needs_beside_its_steps(classifier: Workload, measured: Any) -> None:
    """2,500 steps of 0.1 s; set-up 1, warm-up 0.3 beyond two steps, 250 batches of 0.05 s, checkpoint 2."""
    found = trained(classifier, [measured] * 3).metrics
    assert found["step_to_run_factor"].value == pytest.approx((250 + 1 + 0.3 + 12.5 + 2) / 250)


def test_the_ceiling_is_the_best_of_the_repeats() -> None:
    """A neighbour that slows one repeat does not lower what the device can do."""
    slow = {"matmul_flops": 10.0, "matmul_seconds": {"float32": 1.0}, "copy_bytes": 10.0, "copy_seconds": 1.0}
    quick = {**slow, "matmul_seconds": {"float32": 0.5}}
    assert Ceiling.best([slow, quick]) == Ceiling({"float32": 20.0}, 10.0)


def test_a_share_of_answers_ends_at_one(classifier: Workload, measured: Any) -> None:
    """No more than all first choices can agree, however far the repeats lie apart."""
    plan, runs = classifier.cases[1], []
    for same in (128, 128, 100):
        runs.append({**measured, "quality": {"answers": 128, "same_first_choice": same, "top1_agreement": same / 128}})
    share = metrics.estimates(plan, setting(classifier, plan), runs)["top1_agreement"]
    assert share.low < share.value < share.high == 1


def test_a_case_without_a_steady_state_gives_no_estimate(classifier: Workload, measured: Any) -> None:
    """One repeat that drifts is enough; the samples stay to be looked at."""
    found = trained(classifier, [measured, measured, {**measured, "steady": False}])
    assert (found.status, found.metrics, len(found.samples["step_seconds"])) == ("no_steady_state", {}, 3)


def test_energy_of_one_blind_repeat_is_not_known(classifier: Workload, measured: Any) -> None:
    """A sum with an unknown part is unknown, and no joules a token are reported."""
    sighted = {**measured, "energy": ENERGY}
    found = trained(classifier, [sighted, sighted, measured])
    assert found.energy is None
    assert "joules_per_token" not in found.metrics


def test_energy_is_divided_by_the_tokens_of_the_run(classifier: Workload, measured: Any) -> None:
    """64 joules over 640 tokens."""
    found = trained(classifier, [{**measured, "energy": ENERGY}] * 3)
    assert found.metrics["joules_per_token"].value == pytest.approx(0.1)


def test_the_report_defines_every_metric_that_it_shows(
    classifier: Workload, generator: Workload, measured: Any
) -> None:
    """Nobody has to guess whose TPOT is meant; and a CPU is called one."""
    for workload in (classifier, generator):
        cases = tuple(summary.case(plan, setting(workload, plan), [measured] * 3) for plan in workload.cases)
        device = {"kind": "cpu", "name": "Test"}
        record = Record("id", "2026", "test", workload.to_json(), device, {}, {}, None, cases)
        text = report.text(record)
        assert all(f"{name}: {METRICS[name].definition}" in text for case in cases for name in case.metrics)
        assert report.CPU_WARNING in text


def test_a_neighbour_seen_once_is_named() -> None:
    """Three looks, of which one saw somebody; with no driver to ask, nobody knows."""
    neighbour = {"pid": 7, "name": "other"}
    looks: list[dict[str, Any]] = [{"others": []}, {"others": [neighbour]}, {"others": [neighbour]}]
    assert summary.others(looks) == (neighbour,)
    assert summary.others([{"others": None}]) is None
