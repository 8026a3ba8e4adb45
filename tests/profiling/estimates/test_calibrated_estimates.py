"""Unmeasured cases are estimated from measured ones, with an interval, or refused with advice what to measure."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import made_records as made
import numpy as np
import pytest

from profiling import estimates
from profiling.errors import PredictionError
from profiling.estimates import calibrated, measured, observations
from profiling.estimates.fit import Interval
from profiling.estimates.question import Question
from profiling.results import record as records

BETWEEN = made.llama(12, 1024)
SHIPPED = Path(__file__).parents[3] / "scenarios" / "measurements"


def asked(kind: str = "train", config: dict[str, Any] = BETWEEN, **point: Any) -> Question:
    usual = {"method": "full", "batch": 8, "tokens": 512} if kind == "train" else {"batch": 8, "tokens": 512}
    generate = {"batch": 16, "prompt_tokens": 128, "new_tokens": 64}
    return Question(config, kind, {**(generate if kind == "generate" else usual), **point})


def seen(kind: str = "train", points: Any = made.TRAIN, **how: Any) -> list[observations.Observation]:
    return observations.of_records(made.record(kind, points, **how))


@pytest.mark.parametrize("kind", ["train", "classify"])
def test_a_size_between_lies_in_its_interval(kind: str):
    """The interval contains the synthetic device's time, and is narrow where the noise is small."""
    points = [
        {name: value for name, value in point.items() if kind == "train" or name != "method"} for point in made.TRAIN
    ]
    question = asked(kind)
    found = calibrated.calibrate(question, seen(kind, points)).seconds()
    truth = made.seconds(BETWEEN, kind, dict(question.point))["step"]
    assert found.low <= truth <= found.high
    assert found.high / found.low < 1.2


def test_a_whole_answer_is_its_prefill_and_its_decoding_steps():
    """An answer takes the time to first token, and one step for each further token."""
    question = asked("generate")
    found = calibrated.calibrate(question, seen("generate", made.GENERATE, spread=0)).seconds()
    stages = made.seconds(BETWEEN, "generate", dict(question.point))
    assert found.value == pytest.approx(stages["prefill"] + 63 * stages["decode"], rel=1e-6)


def test_intervals_of_unseen_models_cover_as_often_as_their_level():
    """Intervals of many noisy sweeps contain 90 % of new measurements."""
    question, covered = asked(), []
    for seed in range(60):
        found = calibrated.calibrate(question, seen(seed=seed, spread=0.08)).seconds()
        truth = made.record("train", [dict(question.point)], [BETWEEN], spread=0.08, seed=seed + 1000)
        covered.append(found.low <= truth[0].cases[0].metrics["step_seconds"].value <= found.high)
    assert sum(covered) / len(covered) >= 0.85


def scattered(seed: int, configs: list[dict[str, Any]]) -> list[records.Record]:
    """Return sweeps in which each model is faster or slower than the form by a tenth, at all points."""
    draw, sweeps = np.random.default_rng(seed), made.record("train", made.TRAIN, configs, seed=seed)
    return [_slower(one, float(np.exp(draw.normal(0, 0.1)))) for one in sweeps]


def _slower(one: records.Record, factor: float) -> records.Record:
    def times(found: records.Estimate) -> records.Estimate:
        return replace(found, value=found.value * factor, low=found.low * factor, high=found.high * factor)

    cases = [replace(case, metrics={name: times(found) for name, found in case.metrics.items()}) for case in one.cases]
    return replace(one, cases=tuple(cases))


def test_intervals_of_unseen_sizes_contain_the_scatter_between_sizes():
    """Points of one size share an error of the form, so a new size errs by more than a new batch."""
    question, covered = asked(batch=4), []
    for seed in range(100):
        *known, new = scattered(seed, [*made.SIZES, BETWEEN])
        found = calibrated.calibrate(question, observations.of_records(known)).seconds()
        covered.append(found.low <= new.cases[1].metrics["step_seconds"].value <= found.high)
    assert 0.83 <= np.mean(covered) <= 0.97


def test_a_new_batch_of_a_measured_size_has_a_narrower_interval_than_a_new_size():
    """The other points of a measured size contain its particular error."""
    known = observations.of_records(scattered(3, made.SIZES))
    old, new = (calibrated.calibrate(asked(config=config), known).seconds() for config in (made.SIZES[1], BETWEEN))
    assert old.high / old.value < new.high / new.value


def test_the_leave_one_out_error_is_of_the_noise_put_in():
    """The error is close to the noise, and reported with the estimate."""
    assert 0.02 < calibrated.calibrate(asked(), seen(spread=0.05)).seconds().leave_one_out_error < 0.15


def test_memory_is_told_from_parameters_and_tokens():
    """The fit finds the synthetic device's peak."""
    question = asked()
    found = calibrated.calibrate(question, seen()).memory()
    assert found.value == pytest.approx(made.memory_bytes(BETWEEN, "train", dict(question.point)), rel=1e-6)


def test_energy_is_time_at_the_measured_power():
    """Joules come from a sensor's mean power, never from a data sheet."""
    calibration = calibrated.calibrate(asked(), seen())
    found = calibration.joules(seconds := calibration.seconds())
    assert found.value == pytest.approx(seconds.value * made.WATTS)


def test_energy_without_a_sensor_is_unknown():
    """Without a measured power there is no energy."""
    calibration = calibrated.calibrate(asked(), seen(watts=None))
    assert calibration.joules(calibration.seconds()) is None


@pytest.mark.parametrize(
    ("how", "words"),
    [({"configs": made.SIZES[:2]}, "2 sizes of models"), ({"points": made.TRAIN[:2]}, "2 sizes of batches")],
)
def test_too_few_sizes_or_batches_are_refused(how: dict[str, Any], words: str):
    """The error has the counts, and the command that measures more."""
    with pytest.raises(PredictionError, match=words) as refusal:
        calibrated.calibrate(asked(), seen(**how))
    assert "python -m profiling run --workload" in str(refusal.value)


def test_sizes_and_batches_on_one_diagonal_are_refused():
    """Three sizes at one batch each cannot separate size from batch."""
    diagonal = [made.record("train", [point], [size])[0] for size, point in zip(made.SIZES, made.TRAIN, strict=True)]
    with pytest.raises(PredictionError, match="3 cases"):
        calibrated.calibrate(asked(), observations.of_records(diagonal))


@pytest.mark.parametrize(
    "question",
    [
        asked(method="lora"),
        Question(BETWEEN, "train", made.TRAIN[0], device="NVIDIA A100-SXM4-80GB"),
        Question(BETWEEN, "train", made.TRAIN[0], precision="float32"),
        Question(BETWEEN, "train", made.TRAIN[0], devices=8),
        asked("classify"),
        asked(config={"model_type": "bert"}),
    ],
)
def test_measurements_of_another_setting_are_refused(question: Question):
    """Refused are another method, device, precision, number of devices, kind and family."""
    with pytest.raises(PredictionError, match="no record measured"):
        calibrated.calibrate(question, seen())


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (asked(config=made.llama(80, 1536)), "layers"),
        (asked(batch=512), r"its arithmetic takes 11\.6 times"),
        (asked(config=made.llama(8, 4096)), "reading and writing memory takes"),
    ],
)
def test_a_point_far_outside_is_refused(question: Question, words: str):
    """The error says which quantity is outside, and by how much."""
    with pytest.raises(PredictionError, match=words):
        calibrated.calibrate(question, seen()).seconds()


def test_a_case_measured_before_answers_for_itself():
    """The newest measurement of the same point is the answer."""
    found = measured.answer(asked(config=made.SIZES[1], batch=4), seen(spread=0)).seconds
    assert found.evidence == "measured"
    assert found.value == pytest.approx(made.seconds(made.SIZES[1], "train", made.TRAIN[1])["step"])


def test_a_measured_answer_has_the_interval_of_the_next_run():
    """The interval goes from s/√n to s·√(1 + 1/n), twice as wide for the mean of three runs."""
    found = measured.answer(asked(config=made.SIZES[1], batch=4), seen(spread=0)).seconds
    assert found.high - found.value == pytest.approx(2 * 0.01 * found.value)
    assert found.value - found.low == pytest.approx(2 * 0.01 * found.value)


def test_a_mean_with_a_wide_interval_still_has_a_rate():
    """The lower bound of scattered repeats stays above 0, so that the rate is finite."""
    assert Interval(1.0, 0.0, 2.0, 0.95).for_one_more(3).reciprocal(1.0).high == pytest.approx(100)


def test_a_measured_peak_is_an_upper_figure_without_a_level():
    """The spread of peaks is not measured, so there is no interval."""
    found = measured.answer(asked(config=made.SIZES[1], batch=4), seen()).memory_bytes
    assert found.level is None
    assert "without an interval" in found.basis
    with pytest.raises(PredictionError, match="upper bound"):
        _ = found.interval


def test_what_the_process_reserved_goes_before_what_the_driver_sees():
    """The driver also counts other processes."""
    (one, *_) = made.record("train", made.TRAIN)
    held = {"driver_used_bytes": 9e9, "reserved_peak_bytes": 5e9, "resident_peak_bytes": 1e9}
    (found,) = observations.of_records([replace(one, cases=(replace(one.cases[0], memory=held),))])
    assert found.memory_bytes == 5e9


def test_the_context_of_the_driver_is_part_of_what_a_run_needs():
    """Where nobody else was on the device, it is known."""
    (one, *_) = made.record("train", made.TRAIN)
    held = {"reserved_peak_bytes": 5e9, "driver_used_bytes": 5.6e9, "context_bytes": 6e8}
    (found,) = observations.of_records([replace(one, cases=(replace(one.cases[0], memory=held),))])
    assert found.memory_bytes == 5.6e9


def second_long(**fields: Any) -> records.Record:
    """Return a record with a step of one second at batch 4 of 128 tokens in each of two processes."""
    point = {"method": "full", "batch": 4, "tokens": 128}
    (one,) = made.record("train", [point], [BETWEEN], processes=2, parallel="ddp")
    second = {"step_seconds": records.Estimate(1.0, 0.99, 1.01, 0.95, "s", 3)}
    return replace(one, cases=(replace(one.cases[0], metrics=second),), **fields)


def test_the_tokens_of_all_processes_count():
    """Two devices that each train 4 x 128 tokens in a second make 1024 token/s."""
    whole = {"method": "full", "batch": 8, "tokens": 128}
    found = estimates.estimate(Question(BETWEEN, "train", whole, devices=2), [second_long()], evidence="measured")
    assert found.tokens_per_second.value == pytest.approx(1024)


def test_processes_on_a_cpu_share_one_device():
    """Two processes on a CPU count as one device."""
    (found,) = observations.of_records([second_long(device={"kind": "cpu", "name": "Xeon", "count": 1, "cores": 2})])
    assert (found.setting.devices, found.setting.cores, found.point["batch"]) == (1, 2, 8)


def test_images_have_no_tokens_a_second():
    """Neither a record nor an estimate counts patches as tokens."""
    vit = {"model_type": "vit", "num_hidden_layers": 4, "hidden_size": 192}
    (one,) = made.record("train", [{"method": "full", "batch": 4}], [vit])
    asked_with_tokens = Question(vit, "train", {"method": "full", "batch": 4, "tokens": 512})
    found = estimates.estimate(asked_with_tokens, [one], price_per_hour=1.0)
    assert (found.tokens_per_second, found.cost) == (None, None)
    assert "no tokens" in found.why["tokens_per_second"]


@pytest.mark.parametrize("changed", [{"workload": {"task": "recommend"}}, {"device": {"cores": 64}}])
def test_another_task_and_other_cores_are_other_measurements(changed: dict[str, dict[str, Any]]):
    """Another task or another number of cores is no evidence."""
    cpu = [replace(one, device={**one.device, "kind": "cpu", "cores": 2}) for one in made.record("train", made.TRAIN)]
    question = replace(asked(), cores=2)
    assert calibrated.calibrate(question, observations.of_records(cpu))
    others = [replace(one, **{name: {**getattr(one, name), **new} for name, new in changed.items()}) for one in cpu]
    with pytest.raises(PredictionError, match="no record measured"):
        calibrated.calibrate(question, observations.of_records(others))


@pytest.mark.parametrize(
    "damage",
    [
        {"energy": {"joules": 1.0, "seconds": "ten", "source": "counter"}},
        {"energy": ["joules"]},
        {"point": {"method": "full", "batch": None}},
        {"memory": {"reserved_peak_bytes": [1]}},
    ],
)
def test_a_damaged_record_is_skipped(damage: dict[str, Any]):
    """A damaged record does not hide the others."""
    first, *others = made.record("train", made.TRAIN)
    bad = replace(first, cases=(replace(first.cases[0], **damage), *first.cases[1:]))
    assert {one.record_id for one in observations.of_records([bad, *others])} == {one.id for one in others}


def test_cases_that_did_not_settle_or_were_throttled_are_not_read():
    """Unsettled and throttled cases describe the moment, not the device."""
    (one, *_) = made.record("train", made.TRAIN)
    unfit = replace(one, cases=(replace(one.cases[0], throttled=True), replace(one.cases[1], status="no_steady_state")))
    assert observations.of_records([unfit]) == []


def test_a_replaced_field_belongs_to_the_setting_or_the_model():
    """A sweep over layers and precision in one run gives observations of different models and settings."""
    points = [{**made.TRAIN[0], "num_hidden_layers": 2}, {**made.TRAIN[0], "precision": "float32"}]
    (one,) = made.record("train", made.TRAIN[:1], made.SIZES[:1])
    swept = replace(one, cases=tuple(replace(one.cases[0], point=point) for point in points))
    first, second = observations.of_records([swept])
    assert (first.config["num_hidden_layers"], first.setting.precision) == (2, "bfloat16")
    assert (second.config["num_hidden_layers"], second.setting.precision) == (4, "float32")
    assert dict(first.point) == dict(second.point) == made.TRAIN[0]


def test_the_shipped_record_is_read():
    """Training and classifying of the shipped record count as observations."""
    shipped = [records.load(path) for path in sorted(SHIPPED.glob("*classifier-full*.json"))]
    found = observations.of_records(shipped)
    assert {one.architecture.parameters for one in found} == {109_483_778}
    assert {one.kind for one in found} == {"train", "classify"}


def test_each_process_has_a_device_of_its_own():
    """A run of two processes answers for two devices, and not for one."""
    found = seen(processes=2, parallel="ddp")
    assert {one.setting.devices for one in found} == {2}
    two = Question(BETWEEN, "train", {"method": "full", "batch": 8, "tokens": 512}, devices=2)
    assert {one.point["batch"] for one in found} == {2, 8, 32}
    assert calibrated.calibrate(two, found).setting.devices == 2
    with pytest.raises(PredictionError, match="no record measured"):
        calibrated.calibrate(asked(), found)
