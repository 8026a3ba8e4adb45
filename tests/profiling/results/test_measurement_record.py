"""The record keeps what was measured, and refuses what it cannot vouch for."""

import contextlib
import copy
import errno
import json
import os
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from profiling import checks
from profiling.errors import RecordError
from profiling.files import write_atomic
from profiling.results import record, report
from profiling.results.record import Estimate
from profiling.results.schema import record_schema

RATE = {"value": 412.0, "low": 403.0, "high": 421.0, "level": 0.95, "unit": "token/s", "runs": 3}


def a_case(batch: int = 4, status: str = "ok", **metrics: Any) -> dict[str, Any]:
    return {
        **{"kind": "train", "point": {"method": "lora", "batch": batch, "tokens": 128}, "status": status, "why": None},
        **{"metrics": metrics or {"training_tokens_per_second": RATE}, "memory": {"resident_peak_bytes": 1}},
        **{"energy": None, "throttled": None, "samples": {"step_seconds": [[0.1]]}},
    }


def a_record(*cases: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        **{"format": "breakeven-measurement", "version": record.VERSION, "id": "20261122T001530-test-ab12"},
        **{"created": "2026-11-22T00:15:30Z", "preset": "test", "workload": {"hash": "abc"}},
        "device": {"kind": "cpu", "name": "Old Faithful", "count": 1, "cores": 2},
        **{"software": {"python": "3.11"}, "ceiling": {}, "others": None},
        "cases": list(cases) or [a_case()],
        **changes,
    }


SCHEMA = Draft202012Validator(record_schema())
TWO_BATCHES = record.Record.parse(a_record(a_case(4), a_case(8)), "test")


def a_full_record() -> dict[str, Any]:
    """Everything that a report shows, as measured on a GPU."""
    energy = {"joules": 12.5, "seconds": 2.5, "source": "energy counter", "warnings": ["sampled power gives 20 J"]}
    case = {
        **a_case(),
        **{"energy": energy, "throttled": True, "throttle_reasons": ["power cap"], "why": "it was warm"},
        **{"largest_batch": 3, "trainable_parameters": 1_000, "within_share": 0.5, "devices": 2},
        **{"stored": {"trained": ["float32"], "frozen": ["bfloat16"]}, "optimiser": "AdamW, fused"},
        **{"notes": ["a neighbour came"], "omitted": {"mbu": "nobody counted"}},
        **{"time_to_first_step_seconds": [1.5, 2.0], "compile_seconds": [0.25, None]},
        "rates_tried": [{"40": 1.0, "1600": None}, {"40": 0.98}],
        "work": {"step": {"flops": 2e9, "bytes": 1e6}},
        "operators": [{"name": "aten::mm", "device": "cuda", "calls": 4, "seconds": 0.5, "share": 0.75}],
    }
    return a_record(
        {**case, "memory": {"allocated_peak_bytes": 2**30, "driver_used_bytes": None}},
        workload={"hash": "abc", "parameters": 22_000_000, "model": {"family": "bert", "layers": 6, "hidden": 384}},
        device={"kind": "cuda", "name": "NVIDIA H100", "count": 2, "memory_capacity_bytes": 80e9},
        resumed=[{"at": 1.0, "kept": [], "changed": ["python was 3.11 and is 3.12"]}],
        ceiling={"copy_bytes_per_second": RATE},
        others=[{"pid": 7, "name": "python"}],
    )


@pytest.fixture
def saved(tmp_path: Path) -> Any:
    def save(data: object) -> Path:
        path = tmp_path / "record.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        return path

    return save


def test_a_record_survives_the_round_trip_with_fields_that_are_not_known(saved: Any, tmp_path: Path) -> None:
    """What a later version adds is kept by this one, in the record and in its cases."""
    data = a_record({**a_case(), "colour": "blue"}, weather="fair")
    record.write(tmp_path / "again.json", record.load(saved(data)))
    assert json.loads((tmp_path / "again.json").read_text()) == data


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "other"}, "not a measurement record"),
        ({"version": record.VERSION + 1}, "update Breakeven"),
        ({"version": 1}, "'version' is 1, and this Breakeven reads 2; measure again"),
        ({"version": True}, "whole number"),
        ({"id": ""}, "'id' is ''; it must be a text"),
        ({"device": {"kind": "cpu"}}, "'name' is missing"),
        ({"workload": {"model": {"config": 7}}}, "'config' is 7; it must be an object"),
        ({"cases": {}}, "'cases' is an object; it must be a list"),
        ({"cases": [{**a_case(), "status": "fine"}]}, "cases\\[0\\].*'status' is 'fine'"),
        ({"cases": [{**a_case(), "point": {"batch": True}}]}, "it must be a whole number from 1"),
        ({"cases": [{**a_case(), "largest_batch": "x"}]}, "'largest_batch' is 'x'; it must be a finite number"),
        ({"cases": [a_case(rate={**RATE, "value": "412"})]}, "finite number"),
        ({"cases": [a_case(rate={**RATE, "runs": 0})]}, "whole number from 1"),
        ({"cases": [a_case(rate={**RATE, "high": 1e31})]}, "it must be a finite number from -1e\\+30 to 1e\\+30"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(saved: Any, change: dict[str, Any], words: str) -> None:
    """Each refusal names the file and what is wrong in it, and the schema refuses it too."""
    assert not SCHEMA.is_valid(a_record(**change))
    path = saved(a_record(**change))
    with pytest.raises(RecordError, match=words) as refusal:
        record.load(path)
    assert str(path) in str(refusal.value)


SHIPPED = sorted((Path(record.__file__).parents[2] / "scenarios").rglob("measurements/*.json"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_record_that_ships_keeps_to_the_schema(path: Path) -> None:
    """A scenario rests on it."""
    SCHEMA.validate(json.loads(path.read_text()))


def test_the_schema_is_one() -> None:
    """By the rules of its own draft; and it lets the full record through."""
    SCHEMA.check_schema(record_schema())
    SCHEMA.validate(a_full_record())


def test_an_end_that_no_schema_can_check_is_refused() -> None:
    """A schema compares no two numbers."""
    data = a_record(a_case(rate={**RATE, "low": 500.0}))
    assert SCHEMA.is_valid(data)
    with pytest.raises(RecordError, match=r"test.*outside of its own interval"):
        record.Record.parse(data, "test")


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '{"value": NaN}', '{"a": 1e999}', r'{"a": "\ud800"}'),
        *("[" * 50 + "]" * 50, "[" * 100_000, "\x00\xff"),
    ],
)
def test_no_damaged_file_raises_anything_but_a_record_error(saved: Any, text: str) -> None:
    """Cut, binary, nested without end: all are reported as unreadable."""
    path = saved(text)
    with pytest.raises(RecordError, match=r"record\.json"):
        record.load(path)


Place = tuple[str | int, ...]


def places(data: Any, here: Place = ()) -> list[Place]:
    """The way to every node below the root."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [way for name, value in parts for way in ((*here, name), *places(value, (*here, name)))]


def well(depth: int) -> list[Any]:
    return [well(depth - 1)] if depth else []


ODD = st.sampled_from([10**400, -(10**400), 1.7e308, -1.7e308, 5e-324, float("inf"), float("nan"), "\ud800", well(500)])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ODD
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)


@settings(max_examples=100)
@given(changes=st.lists(st.tuples(st.sampled_from(places(a_full_record())), VALUES), max_size=3))
def test_a_strangers_record_is_refused_or_shown_and_written(
    changes: list[tuple[Place, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever stands at whatever place: a RecordError, or all goes well, and the schema has no objection."""
    data = copy.deepcopy(a_full_record())
    for (*way, last), value in changes:
        found: Any = data
        with contextlib.suppress(KeyError, IndexError, TypeError):  # an earlier change took the place away
            for name in way:
                found = found[name]
            found[last] = value
    path = tmp_path_factory.getbasetemp() / "strange.json"
    path.write_text(json.dumps(data))
    with contextlib.suppress(RecordError):
        loaded = record.load(path)
        report.text(loaded).encode()
        record.write(path, loaded)
        assert record.load(path) == loaded
        SCHEMA.validate(json.loads(path.read_text()))


def test_the_full_record_is_shown() -> None:
    """Or the test of a stranger's changes to it would say little."""
    text = report.text(record.Record.parse(a_full_record(), "test"))
    for part in ("22.0M parameters", "python (7)", "1.00 GiB", "12.5 J", "gives 20 J", "THROTTLED by power cap"):
        assert part in text
    for part in ("2.00 s at most", "a neighbour came", "mbu: left out", "aten::mm: 75%", "largest batch that fits: 3"):
        assert part in text
    assert "requests a minute tried, with the share of requests that kept the limits: 40: 100%, 98%; 1600: –" in text
    assert "compiling: 0.25 s at most over 1 run, by how much longer the first step took" in text


def test_a_small_model_has_its_parameters() -> None:
    """Rounded to millions, it would have none."""
    told = [report.model(record.Record.parse(a_record(a_case(), workload={"parameters": n}), "t")) for n in (4801, 2e5)]
    assert told[0].endswith(" 4,801 parameters")
    assert told[1].endswith(" 0.2M parameters")


def test_a_run_that_went_on_elsewhere_says_which_cases_that_concerns() -> None:
    """The head of a record describes the machine that it began on."""
    resumed = [{"at": 1.0, "kept": [0], "changed": ["python was 3.11 and is 3.12"]}]
    text = report.text(record.Record.parse(a_record(a_case(1), a_case(2), a_case(4), resumed=resumed), "test"))
    assert "resumed: cases 2, 3 were measured after a stop (python was 3.11 and is 3.12)" in text


@pytest.mark.parametrize(
    "change",
    [
        {"others": ["x"]},
        {"workload": {"model": []}},
        {"workload": {"parameters": "many"}},
        {"workload": {"precision": ["fp32"]}},
        {"workload": {"precision": "q" * 20_000}},
        {"workload": {"engine": {"name": "vllm"}}},
        {"workload": {"epoch_examples": "all"}},
        {"cases": [{**a_case(), "memory": {"a": "x"}}]},
        {"cases": [{**a_case(), "energy": {"joules": "x", "source": "counter"}}]},
        {"cases": [{**a_case(), "energy": {"joules": 1.0, "source": "counter", "warnings": [1]}}]},
        {"cases": [{**a_case(), "throttle_reasons": [1]}]},
        {"cases": [{**a_case(), "energy": {"joules": 1.0, "source": "counter", "seconds": "2"}}]},
        {"cases": [{**a_case(), "notes": "x"}]},
        {"cases": [{**a_case(), "omitted": ["mbu"]}]},
        {"cases": [{**a_case(), "time_to_first_step_seconds": 2.0}]},
        {"cases": [{**a_case(), "time_to_first_step_seconds": ["2"]}]},
        {"cases": [{**a_case(), "compile_seconds": ["2"]}]},
        {"cases": [{**a_case(), "rates_tried": [{"40": "1"}]}]},
        {"cases": [{**a_case(), "work": {"step": 3}}]},
        {"cases": [{**a_case(), "work": {"step": {"flops": 1.0}}}]},
        {"cases": [{**a_case(), "work": {"leap": {"flops": 1.0, "bytes": 1.0}}}]},
        {"cases": [{**a_case(), "operators": [{"name": "mm"}]}]},
        {"cases": [{**a_case(), "operators": {"name": "mm"}}]},
        {"cases": [{**a_case(), "trainable_parameters": "all"}]},
        {"cases": [{**a_case(), "stored": ["float32"]}]},
        {"cases": [{**a_case(), "stored": {"trained": "float32"}}]},
        {"cases": [{**a_case(), "optimiser": 1}]},
        {"cases": [{**a_case(), "devices": 0}]},
        {"device": {"kind": "cpu", "name": "x", "count": "two"}},
        {"device": {"kind": "cpu", "name": "x", "memory_capacity_bytes": "80 GB"}},
        {"resumed": [{"kept": ["first"]}]},
        {"cases": [a_case(rate={**RATE, "level": 1})]},
    ],
)
def test_what_a_report_would_stumble_over_is_refused(change: dict[str, Any]) -> None:
    """Also in a record that comes from no file, and by the schema too."""
    assert not SCHEMA.is_valid(a_record(**change))
    with pytest.raises(RecordError):
        record.Record.parse(a_record(**change), "test")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    """A file beyond 10 MB was not written by this product."""
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(record.LARGEST_RECORD_BYTES + 1)
    with pytest.raises(RecordError, match="larger than 10 MB"):
        record.load(path)


def test_a_missing_file_is_reported_with_its_path(tmp_path: Path) -> None:
    """The message says which file."""
    with pytest.raises(RecordError, match=r"gone\.json: cannot be read"):
        record.load(tmp_path / "gone.json")


def test_an_estimate_is_found_by_its_coordinates_written_as_text() -> None:
    """A command line knows texts only."""
    assert TWO_BATCHES.estimate("training_tokens_per_second", {"batch": "8"}).value == 412.0


def test_several_matching_cases_are_listed_and_none_is_taken() -> None:
    """Which operating point a plan rests on is for its owner to say."""
    with pytest.raises(RecordError, match=r"2 cases.*batch 4.*batch 8"):
        TWO_BATCHES.estimate("training_tokens_per_second")


@pytest.mark.parametrize("status", ["too_noisy", "no_steady_state", "out_of_memory", "failed", "cancelled"])
def test_only_finished_cases_reach_a_plan(status: str) -> None:
    """A case that did not end well gives no number, and the refusal says how it ended."""
    found = record.Record.parse(a_record(a_case(status=status) | {"why": "the machine was busy"}), "test")
    told = f"no finished case .*batch 4.* is {status.replace('_', ' ')}: the machine was busy"
    with pytest.raises(RecordError, match=told):
        found.estimate("training_tokens_per_second")
    with pytest.raises(RecordError, match=told):
        found.best("training_tokens_per_second")


def test_the_best_case_has_the_largest_value() -> None:
    """Capacity is what the best operating point gives."""
    faster = a_case(8, training_tokens_per_second={**RATE, "value": 420.0})
    found = record.Record.parse(a_record(a_case(4), faster), "test")
    assert found.best("training_tokens_per_second").point["batch"] == 8


def test_a_device_is_called_by_its_drivers_name() -> None:
    """A CPU's record also says that it is one."""
    gpu = record.Record.parse(a_record(device={"kind": "cuda", "name": "NVIDIA H100", "count": 2}), "test")
    cpu = record.Record.parse(a_record(), "test")
    assert (cpu.on_cpu, cpu.label, gpu.label) == (True, "CPU · 2 cores · Old Faithful", "2 × NVIDIA H100")


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(412, 403, 421, 0.95, "token/s", 3), "412 ± 9 token/s, 95 %, 3 runs"),
        (Estimate(0.0123, 0.0119, 0.0127, 0.95, "s", 4), "0.0123 ± 0.0004 s, 95 %, 4 runs"),
        (Estimate(1.97e11, 1.9e11, 2.04e11, 0.95, "FLOP/s", 3), "197 ± 7 GFLOP/s, 95 %, 3 runs"),
        (Estimate(10, 0, 35, 0.9, "token/s", 3), "10 (0 to 35) token/s, 90 %, 3 runs"),
        (Estimate(0.5, 0.5, 0.5, 0.95, "1", 3), "0.5 ± 0.0, 95 %, 3 runs"),
    ],
)
def test_an_estimate_is_written_for_people(estimate: Estimate, text: str) -> None:
    """Digits end where the interval begins; an interval askew is shown by its ends."""
    assert str(estimate) == text


def test_a_full_disk_leaves_the_earlier_record_whole(saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half way replaces nothing and leaves no litter."""
    path = saved(a_record())
    before = path.read_text()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        record.write(path, record.Record.parse(a_record(a_case(8)), "test"))
    assert path.read_text() == before
    assert [file.name for file in path.parent.iterdir() if file.is_file()] == ["record.json"]


def test_two_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    """Each has a temporary file of its own; the last to finish is what stays."""
    texts = [letter * 100_000 for letter in "ab"]
    writers = [Thread(target=write_atomic, args=(tmp_path / "file", text)) for text in texts * 5]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (tmp_path / "file").read_text() in texts
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("level", [1e-20, 0.0, 1.0, 0.99999])
def test_a_confidence_that_no_interval_has_is_refused(level: float) -> None:
    """A scenario draws from an interval by its confidence, which has to leave it a width."""
    plain = {"value": 1.0, "low": 0.5, "high": 1.5, "level": level, "unit": "s", "runs": 3}
    with pytest.raises(RecordError, match="'level' is"):
        checks.check(plain, record.ESTIMATE, "x.json", RecordError)


def test_an_error_about_a_long_name_is_short() -> None:
    """A stranger's record may hold a name of a megabyte."""
    metrics = {"n" * 1_000_000: {"value": 1.0}}
    with pytest.raises(RecordError) as caught:
        checks.check(metrics, checks.mapping(record.ESTIMATE), "x.json", RecordError)
    assert len(str(caught.value).encode()) < 5_000


def test_a_record_that_calls_prompt_tuning_prompt_is_read_by_either_name() -> None:
    """The method had the name that a kind of case has, too."""
    old = a_case() | {"point": {"method": "prompt", "batch": 4, "tokens": 128}}
    found = record.Record.parse(a_record(old), "test")
    assert found.cases[0].where == "train, method prompt_tuning, batch 4, tokens 128"
    for name in ("prompt", "prompt_tuning"):
        assert found.estimate("training_tokens_per_second", {"method": name}).value == 412
