"""Attaching a measurement to a scenario: the reference, the copy of the record, and the effect on the projection."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made import SMALL, case, estimate, measurement

from simulator.__main__ import main
from simulator.answers.draws import draw
from simulator.answers.ledger import Ledger
from simulator.answers.projection import project
from simulator.errors import BreakevenError, PlanError, ScenarioError
from simulator.scenario.numbers import simulation_of
from simulator.scenario.reading import load
from simulator.scenario.records.attach import attach, keep_record

File = Callable[..., Path]
Record = Callable[..., Path]
RATES = [case(800.0, batch=1), case(1500.0, batch=8), case(1400.0, batch=16)]


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a record, by default of three classifying cases, away from the scenario."""

    def written(*cases: dict[str, Any], name: str = "20261120-quick") -> Path:
        path = tmp_path / "runs" / "record.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(measurement(*(cases or RATES), name=name)))
        return path

    return written


@pytest.fixture
def attached(file: File, record: Record) -> Path:
    """Return the path of the small scenario with the record attached to its large pool."""
    path = file()
    attach(record(), path, "large")
    return path


def test_the_reference_is_written_and_resolves(file: File, record: Record):
    """The pool's rate comes from the record, as measured evidence with its device and date."""
    path = file()
    said = attach(record(), path, "large").sentence
    rate = load(path).assumptions["pools.large.tokens_per_second"]
    assert (rate.central, rate.evidence, rate.as_of) == (1500, "measured", "2026-11-20")
    assert rate.source == "CPU · 2 cores · Chip, quick"
    assert "pools.large" in said
    assert "900 → 1,500" in said


@pytest.mark.parametrize("named", ["file", "folder", "id"])
def test_the_command_takes_a_record_a_folder_or_an_id(
    file: File, record: Record, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, named: str
):
    """A profile run is named by its record, by its folder, or by its ID among all runs; --at picks the case."""
    path, kept = file(), record()
    monkeypatch.setenv("BREAKEVEN_HOME", str(kept.parents[1]))
    # The home of all runs holds them in `runs`, so that this record's folder is the run with the ID 20261120.
    run = kept.parents[1] / "runs" / "20261120"
    run.mkdir()
    kept.rename(run / "record.json")
    source = {"file": run / "record.json", "folder": run, "id": "20261120"}[named]
    assert main(["attach", str(source), str(path), "large", "--at", "batch=16"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "batch 16" in out
    assert load(path).assumptions["pools.large.tokens_per_second"].central == 1400


def test_the_command_prints_json(file: File, record: Record, capsys: pytest.CaptureFixture[str]):
    """The sentence is the value of `attached`; nothing that the file says contradicts the record."""
    assert main(["attach", str(record()), str(file()), "large", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "pools.large" in found["attached"]
    assert found["warnings"] == []


def test_a_record_of_something_else_is_attached_with_a_warning(
    file: File, record: Record, capsys: pytest.CaptureFixture[str]
):
    """A CPU's rate is not refused, and what is wrong with it is said on stderr and in the JSON."""
    path = file()
    path.write_text(path.read_text().replace("  small: {", "  small: {device: NVIDIA H100, kind: generate, "))
    assert main(["attach", str(record()), str(path), "small", "--json"]) == 0
    out, err = capsys.readouterr()
    device, kind = json.loads(out)["warnings"]
    assert "is of CPU · 2 cores · Chip, but pools.small uses NVIDIA H100" in device
    assert kind.startswith("This record measured classify, but pools.small is for generate")
    assert err == f"Warning: {device}\nWarning: {kind}\n"
    assert load(path).assumptions["pools.small.tokens_per_second"].central == 1500


def test_training_of_something_else_is_attached_to_a_program_with_warnings(
    file: File, record: Record, capsys: pytest.CaptureFixture[str]
):
    """The terminal says each way in which it is of something else: model, size, method, precision."""
    path, kept = file(), record(case(700.0, "train", "training_tokens_per_second", method="full"))
    written = json.loads(kept.read_text())
    written["workload"] = {"model": {"hub": "Qwen/Qwen2.5-0.5B"}, "parameters": 494e6, "precision": "float32"}
    kept.write_text(json.dumps(written))
    path.write_text(path.read_text().replace("  tune:", "  tune:\n    title: LoRA of Llama-3.1-8B in BF16"))
    assert main(["attach", str(kept), str(path), "tune"]) == 0
    model, size, method, precision = capsys.readouterr().err.splitlines()
    assert "the model Qwen/Qwen2.5-0.5B, but programs.tune runs LoRA of Llama-3.1-8B in BF16" in model
    assert "a model of 494M parameters, but programs.tune runs one of 8B" in size
    assert "measured full, but programs.tune is for lora" in method
    assert "in float32, but programs.tune runs in bfloat16" in precision
    assert load(path).assumptions["programs.tune.training_tokens_per_second"].central == 700


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["r.json", "s.yaml", "pool", "--at", "batch"], "'batch' is no coordinate"),
        (["nowhere", "s.yaml", "pool"], "nowhere is neither a record nor a run"),
        (["{record}", "{scenario}", "lagre"], "choose from pools.large"),
    ],
)
def test_a_wrong_call_attaches_nothing(
    file: File, record: Record, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
):
    """The command exits with 2 and says why on stderr."""
    path, kept = file(), record()
    given = [text.format(record=kept, scenario=path) for text in arguments]
    assert main(["attach", *given]) == 2
    assert says in capsys.readouterr().err
    assert path.read_text() == SMALL


def test_a_metric_that_counts_something_else_is_refused(attached: Path):
    """A metric with another unit than its assumption is an error."""
    reference = "{measured: measurements/20261120-quick.json, metric: tokens_per_second, at: {batch: 8}}"
    attached.write_text(attached.read_text().replace("device_price: 0.1", f"device_price: {reference}"))
    with pytest.raises(ScenarioError, match="the metric is in token/s, but EUR/device/hour is needed"):
        load(attached)


def test_another_record_of_the_same_name_is_refused(attached: Path, record: Record):
    """A record does not overwrite another of the same name."""
    with pytest.raises(PlanError, match="another record of the same name"):
        attach(record(case(9.0)), attached, "large")


def test_a_damaged_record_of_the_same_name_is_refused(attached: Path, record: Record):
    """Its bytes are no text, and it stays as it is."""
    kept = next((attached.parent / "measurements").glob("*.json"))
    kept.write_bytes(b"\xff\xfe")
    with pytest.raises(PlanError, match="another record of the same name"):
        keep_record(record(case(9.0)), attached.parent)
    assert kept.read_bytes() == b"\xff\xfe"


def test_everything_else_in_the_file_stays(file: File, record: Record):
    """Comments, order and all other lines of the file stay."""
    path = file()
    attach(record(), path, "small")
    kept = path.read_text().splitlines()
    gone = [line for line in SMALL.splitlines() if line not in kept]
    assert gone == ["  small: {tokens_per_second: 1200, device_price: 0.1, peak_to_mean: 2.5}"]


def test_the_best_point_is_taken(file: File, record: Record):
    """Without `at`, the fastest finished case is taken; a failed case is ignored."""
    path = file()
    failed = {**case(9000.0, batch=64), "status": "out_of_memory"}
    attach(record(*RATES, failed), path, "pools.large")
    measured = load(path).assumptions["pools.large.tokens_per_second"].literal
    assert measured["at"] == {"kind": "classify", "batch": 8}


def test_a_program_takes_the_training_rate(file: File, record: Record):
    """A training case sets the training rate of a program."""
    path = file()
    attach(record(case(700.0, "train", "training_tokens_per_second", method="lora")), path, "tune")
    assert load(path).assumptions["programs.tune.training_tokens_per_second"].central == 700


def test_the_record_is_copied_beside_the_scenario(attached: Path, record: Record):
    """The record is copied into the folder of measurements beside the scenario."""
    path, source = attached, record()
    kept = path.parent / "measurements" / "20261120-quick.json"
    assert kept.read_bytes() == source.read_bytes()
    assert [one.name for one in kept.parent.iterdir()] == [kept.name]


def test_the_interval_reaches_the_projection(attached: Path):
    """95 % of trials lie in the record's interval, and the devices needed spread as far."""
    scenario = load(attached)
    values = draw(scenario, 4000)
    rate = values["pools.large.tokens_per_second"][0, 1:]
    assert np.mean((rate > 1350) & (rate < 1650)) == pytest.approx(0.95, abs=0.015)
    values = {**values, "features.answers.tokens_per_request": np.array([[1500.0]])}
    need = simulation_of(scenario, values).keep(["device_capacity"])["device_capacity"][0, 0, 1:]
    assert need.std() / need.mean() == pytest.approx(rate.std() / rate.mean())


def test_a_measurement_moves_the_price_of_tokens(file: File, record: Record):
    """At a hundredth of the assumed rate more devices are rented, and a million tokens costs more."""
    path = file()
    before = project(load(path), 0)
    attach(record(case(9.0)), path, "large")
    after = project(load(path), 0)
    for key in ("cost_per_million_tokens", "end_cash"):
        assert before.kpis[key].value != after.kpis[key].value
    assert after.kpis["cost_per_million_tokens"].value > before.kpis["cost_per_million_tokens"].value
    measured = [found.evidence["costs"].by_kind["measured"] for found in (before, after)]
    assert measured[1] > measured[0] == 0


@pytest.mark.parametrize(
    ("target", "at", "says"),
    [
        (
            "huge",
            {},
            "huge is not a pool / program / feature of the scenario; choose from pools.large, pools.small, prog",
        ),
        ("large", {"batch": "99"}, "no finished case measured tokens_per_second at batch=99; it was measured at"),
        ("large", {"kind": "classify"}, "3 cases measured tokens_per_second"),
        ("tune", {}, "no finished case measured training_tokens_per_second; the record has: tokens_per_second"),
    ],
)
def test_a_wrong_target_or_point_is_refused(file: File, record: Record, target: str, at: dict[str, str], says: str):
    """The error lists the choices, and the file does not change."""
    path = file()
    with pytest.raises(BreakevenError) as caught:
        attach(record(), path, target, at)
    assert says in str(caught.value)
    assert path.read_text() == SMALL


@pytest.mark.parametrize("name", ["../../elsewhere", "/tmp/elsewhere", "a/b", "", "a\0b"])
def test_a_record_does_not_choose_where_it_is_written(file: File, record: Record, tmp_path: Path, name: str):
    """The ID of a record must be a file name, not a path."""
    source, path = record(name=name), file()
    with pytest.raises(PlanError):
        keep_record(source, path.parent)
    assert {one.name for one in tmp_path.rglob("*")} == {"runs", "record.json", "small.yaml"}


def test_a_file_that_is_no_record_is_refused(file: File, tmp_path: Path):
    """A file of another format is an error with the file's name."""
    (tmp_path / "other.json").write_text('{"format": "another"}')
    with pytest.raises(PlanError, match=r"other\.json: not a measurement record"):
        attach(tmp_path / "other.json", file(), "large")


def test_a_feature_takes_the_tokens_that_a_prompt_reads(file: File, record: Record):
    """Examples that are shown are read with each request; the tokens depend on no device, so nothing is doubted."""
    path = file()
    prompted = [case(tokens, "prompt", "request_tokens", examples=count) for count, tokens in ((0, 60.0), (8, 412.0))]
    for one in prompted:
        one["metrics"]["request_tokens"]["unit"] = "token/request"
    feature = load(path).entities["feature"][0]
    done = attach(record(*prompted), path, f"features.{feature}", {"examples": "8"})
    assert done.doubts == ()
    assert load(path).assumption_of("input_tokens_per_request", feature).central == 412


def ways(kept: Record) -> Path:
    """Write a record of a prompt, of a whole training, and of the rate of training steps."""
    prompted = [case(share, "prompt", "held_out_accuracy", examples=count) for count, share in ((0, 0.44), (8, 0.52))]
    for one, tokens in zip(prompted, (60.0, 412.0), strict=True):
        one["metrics"]["held_out_accuracy"]["unit"] = "1"
        one["metrics"]["request_tokens"] = estimate(tokens, "token/request")
        one["metrics"]["tokens_per_second"] = estimate(900.0)
    learned = case(0.7, "learn", "held_out_accuracy", method="lora", batch=16)
    learned["metrics"] = {
        "held_out_accuracy": estimate(0.7, "1"),
        "course_seconds": estimate(120.0, "s/run"),
        "labels": estimate(1305.0, "example/run"),
    }
    return kept(*prompted, learned, case(700.0, "train", "training_tokens_per_second", method="lora"))


def test_a_feature_takes_the_share_of_right_answers(file: File, record: Record):
    """Without a place the way with the most right answers is taken; a prompt brings its tokens along."""
    path, kept = file(), ways(record)
    scenario = load(path)
    feature = scenario.entities["feature"][0]
    before = scenario.assumption_of("input_tokens_per_request", feature).central
    attach(kept, path, f"features.{feature}")
    found = load(path)
    assert found.assumption_of("right_share", feature).central == 0.7
    assert found.assumption_of("input_tokens_per_request", feature).central == before
    attach(kept, path, f"features.{feature}", {"examples": "8"})
    found = load(path)
    assert found.assumption_of("right_share", feature).central == 0.52
    assert found.assumption_of("input_tokens_per_request", feature).central == 412


def test_what_a_feature_reads_is_counted_once(file: File, record: Record):
    """A classifier counts what it reads among all its tokens, and a record of other prompts replaces that."""
    path, kept = file(), ways(record)
    attach(kept, path, "features.answers", {"examples": "8"})
    reference = load(path).assumption_of("input_tokens_per_request", "answers").literal
    load(path).with_value("features.sorting.tokens_per_request", reference).save(path, path.read_text())
    attach(kept, path, "features.sorting", {"examples": "0"})
    found = load(path)
    assert found.assumption_of("tokens_per_request", "sorting").central == 60
    assert found.assumption_of("input_tokens_per_request", "sorting").central == 0


def test_a_program_takes_the_time_and_the_labels_of_a_whole_training(file: File, record: Record):
    """A run then takes that time, whatever the rate of its steps."""
    path, kept = file(), ways(record)
    attach(kept, path, "programs.tune", {"kind": "learn", "method": "lora"})
    found = load(path)
    assert found.assumption_of("seconds_per_run", "tune").central == 120
    assert found.assumption_of("examples_per_run", "tune").central == 1305
    ledger = Ledger.of(found)
    started, hours = (ledger.of_member(name, "tune") for name in ("runs_started", "training_device_hours"))
    assert hours == pytest.approx(started * 120 / 3600 * (1 + ledger.assumed("failed_share", "tune")))
    attach(kept, path, "programs.tune")
    assert load(path).assumption_of("training_tokens_per_second", "tune").central == 700


def test_a_pool_takes_the_rate_at_which_prompts_are_read(file: File, record: Record):
    """Each of its tokens then counts in full."""
    path = file()
    attach(ways(record), path, "large", {"kind": "prompt", "examples": "8"})
    found = load(path)
    assert found.assumption_of("tokens_per_second", "large").central == 900
    assert found.assumption_of("input_weight", "large").central == 1


def test_a_scenario_named_before_its_record_is_told(file: File, record: Record, capsys: pytest.CaptureFixture[str]):
    """Read as a scenario, a record would have a mistake in every line."""
    path = file()
    assert main(["attach", str(path), str(record()), "large"]) == 2
    told = f"{path}: no record is a YAML file; name the record first, then the scenario\n"
    assert capsys.readouterr().err == told
