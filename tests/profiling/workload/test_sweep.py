"""A sweep is every combination of some values, over the cases that they mean something to, in one workload."""

from dataclasses import replace
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling.errors import WorkloadError
from profiling.workload import presets
from profiling.workload.sweep import Axis, change, expand
from profiling.workload.workload import Case, Workload

CLASSIFIER = presets.find("classifier-quick").workload
GENERATOR = presets.find("generation-quick").workload


def swept(workload: Workload, *texts: str) -> Workload:
    return expand(workload, [Axis.parse(text) for text in texts])


def test_every_case_is_measured_at_every_combination() -> None:
    """A coordinate, a field of the model and one of the workload: three kinds of cases times 3 x 2 x 2."""
    found = swept(CLASSIFIER, "batch=1,2,4", "num_hidden_layers=2,4", "precision=float32,bfloat16")
    kinds = {(case.kind, case.point.get("method")) for case in CLASSIFIER.cases}
    assert len(found.cases) == len(kinds) * 3 * 2 * 2
    first = {"batch": 1, "num_hidden_layers": 2, "precision": "float32"}
    assert found.cases[0].point == {**CLASSIFIER.cases[0].point, **first}
    assert found.at(found.cases[0]).model["config"]["num_hidden_layers"] == 2


def test_cases_that_become_the_same_are_measured_once() -> None:
    """Generation at batch 1 and 4, swept over batch, is one case a value."""
    assert [case.point["batch"] for case in swept(GENERATOR, "batch=2,8").cases] == [2, 8]


def test_a_value_that_is_named_twice_counts_once() -> None:
    """Also where the first spelling differs by spaces."""
    assert Axis.parse("batch=1, 2,1") == Axis("batch", (1, 2))


def test_a_case_that_does_not_know_the_coordinate_stays_as_it_is() -> None:
    """Methods belong to training; the classifying case is there once, and has none."""
    found = swept(CLASSIFIER, "method=full,head,lora")
    assert [case.point.get("method") for case in found.cases] == ["full", "head", "lora", None]


@given(
    batches=st.sets(st.integers(1, 500), min_size=1, max_size=5),
    layers=st.sets(st.integers(1, 40), min_size=1, max_size=4),
)
def test_the_number_of_cases_is_the_product(batches: set[int], layers: set[int]) -> None:
    """All different, all of the one kind, and each within what was asked."""
    found = expand(GENERATOR, [Axis("batch", tuple(batches)), Axis("num_hidden_layers", tuple(layers))])
    points = {(case.point["batch"], case.point["num_hidden_layers"]) for case in found.cases}
    assert points == {(batch, depth) for batch in batches for depth in layers}
    assert len(found.cases) == prod((len(batches), len(layers)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("batch", "write it as batch=1,2,4"),
        ("batch=1,,2", "write it as batch=1,2,4"),
        ("colour=1,2", "means nothing to any case of classifier-quick; there are method, batch"),
        ("prompt_tokens=8", "means nothing to any case"),
        ("device=cpu,cuda", "a run has one device"),
        ("repeats=3,5", "a run has one repeats"),
        ("batch=0,1", "whole number from 1"),
        ("batch=many", "'batch' is 'many'"),
        ("tokens=1024", "exceed the model's 512 positions"),
        ("precision=float99", "'precision' is 'float99'; it must be one of"),
        ("method=magic", "'method' is 'magic'"),
        ("num_hidden_layers=few", "for which 'few' cannot stand"),
        ("batch=" + ",".join(map(str, range(1, 700))), "more than 1,000 cases"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(text: str, words: str) -> None:
    """What the field is, and what could stand there."""
    with pytest.raises(WorkloadError, match=words):
        swept(CLASSIFIER, text)


def test_a_sweep_far_too_large_is_refused_at_once() -> None:
    """A hundred billion cases, of which nobody waits for the last."""
    with pytest.raises(WorkloadError, match="more than 1,000 cases"):
        swept(CLASSIFIER, *(f"{name}={','.join(map(str, range(1, 10_001)))}" for name in ("batch", "seed", "tokens")))


def test_a_field_is_swept_over_once() -> None:
    """Two lists for one field leave open which is meant."""
    with pytest.raises(WorkloadError, match="twice"):
        swept(CLASSIFIER, "batch=1", "batch=2")


def test_a_model_whose_config_is_elsewhere_has_no_fields_to_sweep() -> None:
    """A folder of weights has the layers that it has; a batch is another matter."""
    saved = replace(CLASSIFIER, model={"hub": "org/name"}, task="text")
    with pytest.raises(WorkloadError, match="means nothing to any case"):
        swept(saved, "num_hidden_layers=2")
    assert len(swept(saved, "batch=1,2").cases) == 6


def test_one_field_can_be_set() -> None:
    """Of the effort, the workload, the model, or every case that has it."""
    assert change(CLASSIFIER, "seconds=0.5").effort.seconds == 0.5
    assert change(CLASSIFIER, "device=cpu").device == "cpu"
    assert change(CLASSIFIER, "seed=7").seed == 7
    assert change(CLASSIFIER, "num_hidden_layers=3").model["config"]["num_hidden_layers"] == 3
    assert {case.point["batch"] for case in change(CLASSIFIER, "batch=9").cases} == {9}


@pytest.mark.parametrize("turn", [1, -1])
def test_settings_are_judged_together(turn: int) -> None:
    """Three repeats are enough where no width of an interval is asked for, in whatever order the two are written."""
    stopping = replace(CLASSIFIER, effort=replace(CLASSIFIER.effort, repeats=5, half_width_percent=10))
    texts = ["repeats=3", "half_width_percent=0", "batch=4"]
    found = change(stopping, *texts[::turn])
    assert (found.effort.repeats, found.effort.half_width_percent, found.cases[0].point["batch"]) == (3, 0, 4)
    with pytest.raises(WorkloadError, match="too few repeats"):
        change(stopping, "repeats=3")
    assert change(stopping) == stopping


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("batch=1,2", "use --sweep"),
        ("repeats=2", "whole number from 3"),
        ("seconds=long", "'seconds' is 'long'; it must be a finite number"),
        ("num_hidden_layers=few", "cannot stand"),
        ("cases=1", "means nothing"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(text: str, words: str) -> None:
    """With the words that a workload's file would get."""
    with pytest.raises(WorkloadError, match=words):
        change(CLASSIFIER, text)


def test_a_sweep_reads_back_as_a_workload() -> None:
    """It is a workload like any other, for the request's file."""
    found = swept(CLASSIFIER, "batch=1,2", "precision=float32,bfloat16")
    assert Workload.parse(found.to_json(), "again") == found
    assert found.hash != CLASSIFIER.hash
    assert isinstance(found.cases[0], Case)
