"""A workload says what is measured, and nothing that cannot be."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from profiling.errors import WorkloadError
from profiling.workload import presets, sweep, workload
from profiling.workload.workload import Case, Effort, Workload


def a_generation(**coordinates: int) -> dict[str, Any]:
    return {"kind": "generate", "point": {"batch": 1, "prompt_tokens": 1, **coordinates}}


def a_classification(**coordinates: int | str) -> dict[str, Any]:
    return {"kind": "classify", "point": {"batch": 1, "tokens": 8, **coordinates}}


def a_training(**coordinates: int | str) -> dict[str, Any]:
    return {"kind": "train", "point": {"method": "full", "batch": 1, "tokens": 8, **coordinates}}


def a_course(method: str, **coordinates: int) -> dict[str, Any]:
    return {"kind": "learn", "point": {"method": method, "batch": 1, "tokens": 8, "steps": 8, **coordinates}}


@pytest.mark.parametrize("name", list(presets.PRESETS))
def test_every_preset_is_a_valid_workload_file(name: str, tmp_path: Path) -> None:
    """What ships passes the checks that a file of one's own must pass."""
    path = tmp_path / "workload.json"
    path.write_text(json.dumps(presets.PRESETS[name].workload.to_json()))
    assert workload.load(path) == presets.PRESETS[name].workload


@pytest.mark.parametrize("preset", presets.PRESETS.values())
def test_every_preset_repeats_until_its_figures_are_sure_enough(preset: presets.Preset) -> None:
    """To a tenth of the value either way, in five processes at least."""
    effort = preset.workload.effort
    assert (effort.half_width_percent, effort.repeats) == (10, 5)


def test_a_file_that_names_no_width_asks_for_exactly_its_repeats() -> None:
    """As those did that were written before a width could be named."""
    plain = {"repeats": 3, "warmup_steps": 1, "warmup_seconds": 0, "steps": 8, "seconds": 1}
    assert Effort.parse(plain, "mine.json").half_width_percent == 0


def test_too_few_repeats_to_stop_by_are_refused_with_the_way_on() -> None:
    """Three runs agree by chance too often."""
    plain = {"repeats": 3, "warmup_steps": 1, "warmup_seconds": 0, "steps": 8, "seconds": 1, "half_width_percent": 10}
    with pytest.raises(WorkloadError, match=r"too few repeats .3. to stop.*at least 5, or set half_width_percent to 0"):
        Effort.parse(plain, "mine.json")


def test_an_unknown_preset_is_answered_with_those_there_are() -> None:
    """The message is the list."""
    with pytest.raises(WorkloadError, match="classifier-quick, generation-quick, gpt2-quick"):
        presets.find("quick")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cases": []}, "'cases' is empty"),
        ({"name": "../up"}, "names a folder"),
        ({"name": "ä" * 101}, "names a folder; use .* at most 200 bytes"),
        ({"cases": [a_course("continual", replay_percent=101)]}, "it must be a whole number from 0 to 100"),
        ({"cases": [a_course("lora", replay_percent=25)]}, "'replay_percent' has no meaning for lora"),
        ({"speed": 1}, "'speed' is not known"),
        ({"precision": "float8"}, "must be one of auto, float32"),
        ({"cases": [a_generation(new_tokens=9)]}, "a model for text cannot generate; it can train, learn, classify"),
        ({"cases": [{"kind": "classify", "point": {"batch": 1, "tokens": 65}}]}, "65 tokens exceed"),
        (
            {"cases": [{"kind": "classify", "point": {"batch": 1, "tokens": 8, "speed": 1}}]},
            "'speed' is not a coordinate",
        ),
        ({"cases": [{"kind": "classify", "point": {"batch": 1, "tokens": 8, "precision": "float8"}}]}, "one of auto"),
        ({"cases": [{"kind": "classify", "point": {"batch": 1, "tokens": 8, "method": "lora"}}]}, "has no meaning"),
        ({"cases": [{"kind": "classify", "point": {"batch": 1.5, "tokens": 8}}]}, "must be a text or a whole number"),
        ({"model": {"config": {"model_type": "bert"}, "path": "here"}}, "names config and path"),
        ({"data": {"kind": "csv"}}, "'path' is missing"),
        ({"model": {"config": presets.SMOL_135M}, "cases": [a_generation(new_tokens=1)]}, "ask for at least 2"),
        ({"cases": [{"kind": "train", "point": {"batch": 1, "tokens": 8}}]}, "'method' is missing"),
        ({"cases": [a_classification(device="cuda")]}, "'device' is the whole run's"),
        ({"cases": [a_classification(task="causal")]}, "'task' is the whole run's"),
        (
            {"cases": [a_classification(batch=10**7)]},
            "'batch' is 10000000; it must be a whole number from 1 to 1000000",
        ),
        ({"cases": [a_classification(num_hidden_layers=10**9)]}, "num_hidden_layers is 1,000,000,000; 10,000 is"),
        ({"cases": [a_classification(vocab_size=10**9)]}, "vocab_size is 1,000,000,000"),
        ({"cases": [a_classification(hidden_size=10**6, num_hidden_layers=10)]}, "billion parameters; 10,000 are"),
        ({"cases": [a_classification(tokens=513)], "model": {"config": {"model_type": "bert"}}}, "512 positions"),
        (
            {"cases": [a_generation(new_tokens=16)], "model": {"config": {"model_type": "gpt2", "n_positions": 16}}},
            "17 tokens exceed the model's 16 positions",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(classifier: Workload, change: dict[str, Any], words: str) -> None:
    """The sentence says where, and what to do."""
    with pytest.raises(WorkloadError, match=words):
        Workload.parse({**classifier.to_json(), **change}, "mine.json")


@pytest.mark.parametrize(
    ("case", "fields"),
    [
        (a_training, {"compile": "yes"}),
        (a_training, {"pruned_percent": 50}),
        (a_training, {"cache": "static"}),
        (a_classification, {"cache": "static"}),
        (a_classification, {"parallel": "ddp", "processes": 2}),
        (a_training, {"processes": 2}),
    ],
)
def test_a_field_that_would_change_nothing_is_refused(classifier: Workload, case: Any, fields: dict[str, Any]) -> None:
    """Set for the whole workload or for the case alone, it would label figures that it has no part in."""
    whole = {**classifier.to_json(), "cases": [case()], **fields}
    alone = {**classifier.to_json(), "cases": [case(**fields)]}
    for data in (whole, alone):
        with pytest.raises(WorkloadError, match=r"cases\[0\].*(changes nothing for|2 processes, and parallel)"):
            Workload.parse(data, "mine.json")


def test_a_field_of_some_cases_is_written_as_their_coordinate(classifier: Workload) -> None:
    """Which a sweep over it does by itself: the other cases stay as they are."""
    both = {**classifier.to_json(), "cases": [a_training(), a_classification()], "compile": "yes"}
    with pytest.raises(WorkloadError, match="write it as a coordinate of the cases to classify or generate"):
        Workload.parse(both, "mine.json")
    swept = sweep.expand(classifier, [sweep.Axis("compile", ("no", "yes"))])
    assert [case.point.get("compile") for case in swept.cases] == [None, "no", "yes"]


def test_the_longest_name_is_that_of_a_run(classifier: Workload, tmp_path: Path) -> None:
    """With the time, its part and random digits it still names a folder, and a file in the queue."""
    longest = Workload.parse({**classifier.to_json(), "name": "n" * 200}, "mine.json")
    (tmp_path / f"20261129T192930-{longest.name}-1000of1000-5e2e.json").touch()


def test_a_method_keeps_its_earlier_name(classifier: Workload) -> None:
    """In the files and runs of an earlier version."""
    earlier = {**classifier.to_json(), "cases": [a_training(method="prompt")]}
    assert Workload.parse(earlier, "mine.json").cases[0].point["method"] == "prompt_tuning"


@pytest.mark.parametrize(("name", "value"), [("repeats", 2), ("steps", 3), ("seconds", -1)])
def test_too_little_effort_is_refused(classifier: Workload, name: str, value: float) -> None:
    """Two processes have no useful interval, and three steps no trend."""
    data = classifier.to_json()
    data["effort"][name] = value
    with pytest.raises(WorkloadError, match=r"effort|too few steps"):
        Workload.parse(data, "mine.json")


def test_a_coordinate_may_replace_a_field_of_the_model_or_the_workload(classifier: Workload) -> None:
    """A sweep over any of them is a list of cases."""
    plan = Case("classify", {"batch": 2, "tokens": 16, "num_hidden_layers": 5, "precision": "bfloat16"})
    here = classifier.at(plan)
    assert (here.model["config"]["num_hidden_layers"], here.precision) == (5, "bfloat16")
    assert classifier.model["config"]["num_hidden_layers"] == 2


def test_the_hash_changes_with_whatever_decides_the_measurement(classifier: Workload) -> None:
    """Two records with one hash measured the same thing."""
    assert classifier.hash == replace(classifier).hash
    others = {replace(classifier, seed=21).hash, replace(classifier, precision="bfloat16").hash}
    assert len({classifier.hash, *others}) == 3


def test_a_record_says_what_was_measured_and_not_where_it_lay(tmp_path: Path, classifier: Workload) -> None:
    """Two hosts with folders of their own measured one workload, and a record tells nobody the way to a home folder."""
    config, kept = {"model_type": "bert", "hidden_size": 32}, []
    for home in ("alice", "bob"):
        model, data = tmp_path / home / "encoder", tmp_path / home / "tickets.jsonl"
        model.mkdir(parents=True)
        (model / "config.json").write_text(json.dumps(config), encoding="utf-8")
        asked = replace(classifier, model={"path": str(model)}, data=replace(classifier.data, path=str(data)))
        kept.append((asked.hash, asked.to_record()))
    assert kept[0] == kept[1]
    assert kept[0][1]["model"] == {"path": "encoder", "config": config}
    assert kept[0][1]["data"]["path"] == "tickets.jsonl"
    (tmp_path / "bob" / "encoder" / "config.json").write_text(json.dumps({**config, "hidden_size": 64}))
    assert asked.hash != kept[1][0]
