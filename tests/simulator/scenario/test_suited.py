"""A record is compared with what the pool or program says that it runs."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made import case, measurement

from profiling.results import record as records
from profiling.results.record import Record
from simulator.scenario.checks.suited import doubts, fits
from simulator.scenario.reading import load
from simulator.scenario.records.attach import METRICS

SCENARIOS = sorted((Path(__file__).parents[3] / "scenarios").glob("*.yaml"))
H100 = {"kind": "cuda", "name": "NVIDIA H100 80GB HBM3", "count": 1}
CPU = {"kind": "cpu", "name": "Testor", "cores": 2}
LLAMA = {"config": {"model_type": "llama"}}
BERT = {"config": {"model_type": "bert"}}


def measured(*, device: dict[str, Any] = H100, **workload: Any) -> Record:
    """A record of classifying, with this workload."""
    return Record.parse({**measurement(case(9.0)), "device": device, "workload": workload}, "record")


@pytest.fixture
def said(file: Callable[..., Path]) -> Callable[..., list[str]]:
    """Return the doubts on a record at the small pool, its feature or the program, with these words in the scenario."""

    def found(record: Record, words: str, place: str = "pool", point: dict[str, Any] | None = None) -> list[str]:
        path = file()
        small = "  small: {"
        members = {"pool": ("small", small), "feature": ("sorting", small), "program": ("tune", "  tune:\n    ")}
        member, beginning = members[place]
        text = path.read_text()
        assert text.count(beginning) == 1
        words = f"{words}\n    " if place == "program" else f"{words}, "
        path.write_text(text.replace(beginning, f"{beginning}{words}" if words.strip(", \n") else beginning))
        one = Record.parse(measurement(case(9.0, **(point or {}))), "record").cases[0]
        return [str(doubt) for doubt in doubts(load(path), place, member, record, one)]

    return found


@pytest.mark.parametrize(
    ("workload", "words", "says"),
    [
        pytest.param(
            {"model": LLAMA, "parameters": 24e6},
            "title: Llama-3.1-8B",
            "a model of 24M parameters.* one of 8B",
            id="size",
        ),
        pytest.param(
            *({"model": LLAMA, "parameters": 135e6}, "title: 'Sorter, BERT-base'"),
            *("the model llama, but pools.small runs Sorter, BERT-base",),
            id="family",
        ),
        pytest.param(
            *({"model": {"hub": "Qwen/Qwen2.5-7B"}}, "model: Llama-3.1-8B"),
            *("the model Qwen/Qwen2.5-7B, but pools.small runs Llama-3.1-8B",),
            id="name",
        ),
        pytest.param(
            {"model": {"hub": "meta-llama/Llama-2-8b"}}, "model: Llama-3.1-8B", "Llama-2-8b, but", id="version"
        ),
        pytest.param(
            {"precision": "bfloat16"}, "precision: fp8", "in bfloat16, but pools.small runs in fp8", id="precision"
        ),
        pytest.param({}, "kind: generate", "measured classify, but pools.small is for generate", id="kind"),
        pytest.param(
            {}, "device: NVIDIA A100 80GB", "NVIDIA H100 80GB HBM3, but pools.small uses NVIDIA A100", id="device"
        ),
    ],
)
def test_a_record_of_something_else_is_named(
    said: Callable[..., list[str]], workload: Any, words: str, says: str
) -> None:
    """One sentence, with what was measured, what runs there, and what to do."""
    (sentence,) = said(measured(**workload), words)
    assert re.search(says, sentence)


@pytest.mark.parametrize(
    ("workload", "words"),
    [
        pytest.param({"model": LLAMA, "parameters": 8_030_261_248}, "title: Fine-tuned Llama-3.1-8B", id="the same"),
        pytest.param(
            {"model": LLAMA, "parameters": 134_515_008}, "title: 'Writer, 135 million parameters'", id="rounded"
        ),
        pytest.param({"model": LLAMA, "parameters": 134_515_008}, "title: SmolLM2-135M", id="of the same layers"),
        pytest.param({"model": BERT, "parameters": 109e6}, "title: 'Ticket classifier, BERT-base'", id="no size"),
        pytest.param({"model": {"hub": "meta-llama/Llama-3.1-8B-Instruct"}}, "model: Llama-3.1-8B", id="a variant"),
        pytest.param(
            {"model": {"config": {"model_type": "mixtral"}}, "parameters": 46.7e9}, "title: Mixtral-8x7B", id="experts"
        ),
        pytest.param({"precision": "bfloat16"}, "precision: BF16", id="a short precision"),
        pytest.param({"model": LLAMA, "parameters": 24e6}, "title: Large", id="nothing said"),
        pytest.param({}, "kind: classify", id="the same kind"),
    ],
)
def test_a_record_of_the_same_is_not_doubted(said: Callable[..., list[str]], workload: Any, words: str) -> None:
    """Rounded sizes, variants of a name and what nobody says raise no doubt."""
    assert said(measured(**workload), words) == []


def test_a_pool_that_was_measured_knows_its_kind(said: Callable[..., list[str]]) -> None:
    """A server under load generates, as a batch of answers does."""
    load_case = {"kind": "load", "batch": 1}
    assert said(measured(), "kind: generate", point=load_case) == []
    assert len(said(measured(), "kind: classify", point=load_case)) == 1


@pytest.mark.parametrize(
    ("workload", "words", "says"),
    [
        ({"model": LLAMA, "parameters": 134e6}, "", ["the model llama, but pools.small runs bert"]),
        ({"model": BERT, "parameters": 335e6}, "", ["a model of 335M parameters, but pools.small runs one of 109M"]),
        ({"model": BERT, "parameters": 110e6}, "", []),
        # What the scenario says comes first.
        ({"model": LLAMA, "parameters": 134e6}, "title: SmolLM2-135M", []),
    ],
)
def test_the_record_in_place_tells_what_runs_there(
    workload: dict[str, Any], words: str, says: list[str], file: Callable[..., Path]
) -> None:
    """Where the scenario names no model; a record that is gone tells nothing."""
    old = {**measurement(case(9.0)), "device": H100, "workload": {"model": BERT, "parameters": 109e6}}
    reference = "{measured: measurements/run.json, metric: tokens_per_second}"
    path = file(
        ("  small: {tokens_per_second: 1200", f"  small: {{{words or 'note: here'}, tokens_per_second: {reference}")
    )
    (path.parent / "measurements").mkdir()
    (path.parent / "measurements" / "run.json").write_text(json.dumps(old))
    scenario, record = load(path), measured(**workload)
    found = [str(doubt) for doubt in doubts(scenario, "pool", "small", record, record.cases[0])]
    assert all(part in sentence for part, sentence in zip(says, found, strict=True))
    (path.parent / "measurements" / "run.json").unlink()
    assert list(doubts(scenario, "pool", "small", record, record.cases[0])) == []


def test_a_program_is_compared_by_its_method(said: Callable[..., list[str]]) -> None:
    """LoRA trains faster than all weights do."""
    full = {"kind": "train", "method": "full", "batch": 4}
    (sentence,) = said(measured(), "kind: lora", "program", full)
    assert sentence.startswith("This record measured full, but programs.tune is for lora")
    assert said(measured(), "kind: full", "program", full) == []


@pytest.mark.parametrize(
    ("title", "method"),
    [
        ("LoRA of the classifier, every month", "lora"),
        ("QLoRA on feedback", "qlora"),
        ("Full fine-tuning of the small model", "full"),
        ("Yearly pre-training of the transaction model", "pretrain"),
        ("Continued pretraining on law", "continual"),
        ("Distillation into the small model", "distil"),
        ("Prompt tuning per customer", "prompt_tuning"),
        ("Fine-tuning of the large model, full of promise", None),
        ("Explorations", None),
    ],
)
def test_a_title_tells_the_method(said: Callable[..., list[str]], title: str, method: str | None) -> None:
    """No title that ships names a method as a field; other words are none."""
    of_its_head = {"kind": "train", "method": "head", "batch": 4}
    found = said(measured(), f'title: "{title}"', "program", of_its_head)
    assert [method is not None and f"measured head, but programs.tune is for {method}:" in one for one in found] == [
        True
    ] * (method is not None)


@pytest.mark.parametrize(
    ("workload", "words", "says"),
    [
        (
            {"model": LLAMA, "parameters": 134e6},
            "model: BERT-base",
            "the model llama, but programs.tune runs BERT-base",
        ),
        (
            {"parameters": 134e6},
            "title: Llama-3.1-8B every month",
            "of 134M parameters, but programs.tune runs one of 8B",
        ),
        ({"parameters": 4e6}, "parameters: 350e6", "of 4M parameters, but programs.tune runs one of 350M"),
        ({"parameters": 345e6}, "parameters: 350e6", None),
        # A program counts the parameters that work on each token, and a record all of them.
        ({"model": {"config": {"num_local_experts": 8}}, "parameters": 46.7e9}, "parameters: 12.9e9", None),
        ({"precision": "float32"}, "precision: bf16", "in float32, but programs.tune runs in bfloat16"),
        ({"precision": "bfloat16"}, "title: Monthly in FP8", "in bfloat16, but programs.tune runs in fp8"),
        ({"precision": "float32"}, "note: bf16", None),
    ],
)
def test_a_program_is_compared_as_a_pool_is(
    said: Callable[..., list[str]], workload: dict[str, Any], words: str, says: str | None
) -> None:
    """By model, size and precision; its size may stand in the parameters that it trains."""
    found = said(measured(**workload), words, "program", {"kind": "train", "batch": 4})
    assert len(found) == (says is not None)
    assert all(says is not None and says in one for one in found)


@pytest.mark.parametrize("rate", ["training_tokens_per_second", "seconds_per_run"])
def test_the_record_in_place_tells_what_a_program_trains(file: Callable[..., Path], rate: str) -> None:
    """Its model, method and precision, whether it gave the rate of steps or the time of a whole training."""
    metric = {"training_tokens_per_second": "training_tokens_per_second", "seconds_per_run": "course_seconds"}[rate]
    old = measurement(case(9.0, "learn", metric, method="lora", precision="bfloat16"))
    old["cases"][0]["metrics"][metric]["unit"] = "s/run" if rate == "seconds_per_run" else "token/s"
    old |= {"id": "old", "device": H100, "workload": {"model": BERT, "parameters": 109e6}}
    bare = "    training_tokens_per_second: 5000"
    reference = f"    {rate}: {{measured: measurements/run.json, metric: {metric}}}"
    path = file((bare, reference if rate == "training_tokens_per_second" else f"{bare}\n{reference}"))
    (path.parent / "measurements").mkdir()
    (path.parent / "measurements" / "run.json").write_text(json.dumps(old))
    record = measured(model=LLAMA, parameters=8e9, precision="float32")
    one = Record.parse(measurement(case(9.0, kind="train", method="full")), "new").cases[0]
    parts = ["model llama, but programs.tune runs bert", "8B", "measured full", "in float32"]
    found = [str(doubt) for doubt in doubts(load(path), "program", "tune", record, one)]
    assert all(part in sentence for part, sentence in zip(parts, found, strict=True)), found


def test_another_case_of_the_record_in_place_may_have_another_precision(file: Callable[..., Path]) -> None:
    """A sweep over precisions is measured to choose from."""
    kept = measurement(case(9.0, precision="float32"), case(12.0, precision="int8")) | {"device": H100}
    reference = "{measured: measurements/run.json, metric: tokens_per_second, at: {precision: float32}}"
    path = file(("  small: {tokens_per_second: 1200", f"  small: {{tokens_per_second: {reference}"))
    (path.parent / "measurements").mkdir()
    (path.parent / "measurements" / "run.json").write_text(json.dumps(kept))
    record = Record.parse(kept, "run")
    assert list(doubts(load(path), "pool", "small", record, record.cases[1])) == []
    (sentence,) = doubts(load(path), "pool", "small", Record.parse(kept | {"id": "new"}, "new"), record.cases[1])
    assert "in int8, but pools.small runs in float32" in str(sentence)


def test_a_feature_is_answered_by_the_model_of_its_pool(said: Callable[..., list[str]]) -> None:
    """Right answers of another model are none of the pool's; device and precision change them little."""
    record, words = measured(model=BERT, parameters=23e6, precision="float32"), "title: Llama-3.1-8B in fp8, device: L4"
    model, size = said(record, words, "feature")
    assert model.startswith("This record is of the model bert, but pools.small runs Llama-3.1-8B in fp8")
    assert size.startswith("This record is of a model of 23M parameters, but pools.small runs one of 8B")
    assert said(measured(model=LLAMA, parameters=8e9), words, "feature") == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_no_record_that_ships_is_doubted(path: Path) -> None:
    """Each measured figure of a shipped scenario is of the device, model and kind that its pool names."""
    scenario = load(path)
    for kind, rate in [(kind, rate) for kind, rates in METRICS.items() for rate in rates]:
        for member in scenario.entities.get(kind, ()):
            literal = scenario.assumption_of(rate, member).literal
            if isinstance(literal, dict) and "measured" in literal:
                record = records.load(path.parent / literal["measured"])
                at = next(one for one in record.cases if one.ok and one.matches(literal["at"]))
                assert list(doubts(scenario, kind, member, record, at)) == []


@pytest.mark.parametrize(
    ("device", "planned", "fit"),
    [
        (CPU, "CPU machine, 2 cores", True),
        (H100, "CPU machine, 2 cores", False),
        (H100, "H100 SXM5", True),
        (H100, "NVIDIA A100 80GB", False),
        (H100, "a rented GPU", True),
        (H100, "", True),
    ],
)
def test_a_device_is_known_by_its_model(device: dict[str, Any], planned: str, fit: bool) -> None:
    """A plan names its device in its own words; the memory alone tells no device."""
    assert fits(measured(device=device), planned) == fit
