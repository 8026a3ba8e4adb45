"""`python -m profiling estimate`: an answer for people and for programs, and a sentence where there is none."""

import json
from pathlib import Path
from typing import Any

import made_records as made
import pytest
from example import RECORD

from profiling.__main__ import main
from profiling.results.record import write

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = main(["estimate", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture
def sweep(tmp_path: Path) -> list[str]:
    """Files of records of three sizes at three batches."""
    records = {str(tmp_path / f"{one.id}.json"): one for one in made.record("train", made.TRAIN)}
    for path, one in records.items():
        write(Path(path), one)
    return list(records)


@pytest.fixture
def config(tmp_path: Path) -> str:
    """A model that was not measured."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(made.llama(12, 1024)), encoding="utf-8")
    return str(path)


def test_without_records_the_answer_is_published(capsys: Capture):
    """Figures, evidence, and the definitions of what is shown."""
    code, out, _ = run(capsys, "Llama-3.1-8B", "--method", "lora", "--batch", "8", "--device", "H100-SXM")
    assert code == 0
    assert "published (from data sheets and figures that others published" in out
    assert "Definitions" in out
    assert "TDP bounds it" in out


def test_records_that_are_named_are_what_it_stands_on(capsys: Capture, sweep: list[str], config: str):
    """A config of one's own, by its file, from a sweep's records; the answer names them."""
    code, out, _ = run(capsys, config, "--batch", "8", "--record", *sweep, "--price-per-hour", "2.5", "--json")
    answer: dict[str, Any] = json.loads(out)
    assert code == 0
    assert answer["seconds"]["evidence"] == "calibrated"
    assert "run-1-0, run-1-1, run-1-2" in answer["seconds"]["basis"]
    assert answer["seconds"]["low"] <= answer["seconds"]["value"] <= answer["seconds"]["high"]
    assert answer["fits"] is True
    assert answer["joules"]["value"] == pytest.approx(600 * answer["seconds"]["value"])
    assert answer["cost"]["value"] > 0


def test_a_device_is_known_by_the_drivers_name_and_the_sheets(capsys: Capture, sweep: list[str], config: str):
    """Records of an `NVIDIA H100 80GB HBM3` answer for an H100-SXM, and not for another device."""
    asked = (config, "--batch", "8", "--record", *sweep, "--evidence", "calibrated", "--device")
    assert run(capsys, *asked, "H100-SXM")[0] == 0
    code, _, error = run(capsys, *asked, "A100-SXM-80GB")
    assert code == 2
    assert "no record measured" in error


def test_a_refusal_says_what_each_evidence_lacks(capsys: Capture):
    """And which command would measure it."""
    code, _, error = run(capsys, "BERT-base", "--device", "H100-SXM")
    assert code == 2
    assert "calibrated: no record measured" in error
    assert "python -m profiling run --workload" in error
    assert "published: the published figures are of language models" in error


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("No-such-model",), "neither a file nor a known model"),
        (("GPT-2", "--batch", "0"), "--batch is 0; it must be at least 1"),
        (("GPT-2", "--devices", "0"), "--devices is 0"),
        (("Llama-3.1-8B", "--device", "H100-SXM", "--price-per-hour", "-1"), "a price of -1"),
    ],
)
def test_a_wrong_command_is_a_sentence(capsys: Capture, arguments: tuple[str, ...], words: str):
    """Exit code 2, and what to put instead."""
    code, _, error = run(capsys, *arguments)
    assert code == 2
    assert words in error


def test_the_shipped_measurement_answers_for_its_own_case(capsys: Capture):
    """BERT-base by its name is the model of the record, whatever defaults are written out there."""
    shipped = str(RECORD)
    asked = ("BERT-base", "--kind", "classify", "--batch", "8", "--tokens", "128", "--device", "cpu")
    code, out, _ = run(capsys, *asked, "--record", shipped, "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["seconds"]["evidence"] == "measured"
    assert answer["joules"] is None
    assert "no sensor" in answer["why"]["joules"]


def test_what_is_assumed_is_said(capsys: Capture):
    """The engine, lengths, optimiser, activations and offload of a training; the engine and load of a server."""
    ask = ["Llama-3.1-8B", "--device", "H100-SXM"]
    _, trained, _ = run(capsys, *ask, "--method", "lora", "--engine", "compiled", "--weights", "pure")
    for words in ("compiler fused", "nothing is padded", "8 bytes", "computed again", "Offload: none"):
        assert words in trained
    _, served, _ = run(capsys, *ask, "--kind", "generate", "--json")
    assert [one.partition(":")[0] for one in json.loads(served)["assumptions"]] == ["Engine", "Load"]


def test_more_tokens_than_the_config_has_positions_are_told(capsys: Capture, tmp_path: Path):
    """The estimate is of a length for which the model was not trained."""
    layers = {"num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32, "intermediate_size": 11008}
    model = {"model_type": "llama", **layers, "vocab_size": 32000, "max_position_embeddings": 4096}
    (tmp_path / "config.json").write_text(json.dumps(model), encoding="utf-8")
    ask = [str(tmp_path), "--kind", "generate", "--device", "H100-SXM", "--new-tokens", "96", "--json"]
    for prompt, told in (("4001", True), ("4000", False)):
        _, out, _ = run(capsys, *ask, "--prompt-tokens", prompt)
        assert any("than the positions" in one for one in json.loads(out)["assumptions"]) == told


def test_the_batch_that_the_memory_holds(capsys: Capture):
    """72 GB less the weights of an 8B model, in sequences of 640 tokens."""
    ask = ["Llama-3.1-8B", "--kind", "generate", "--batch", "max", "--device", "H100-SXM", "--json"]
    code, out, _ = run(capsys, *ask)
    assert code == 0
    assert json.loads(out)["point"]["batch"] == 666


def test_a_batch_beyond_counting_does_not_fit(capsys: Capture):
    """Among 10^18 texts, the longest has the full length."""
    huge = ("--batch", str(10**18), "--text-lengths", "lognormal 300 0.8")
    code, _, err = run(capsys, "Llama-3.1-8B", "--device", "H100-SXM", *huge)
    assert (code, "does not fit" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--engine", "server"], "a server does not train"),
        (["--packing", "yes"], "nothing to pack"),
        (["--text-lengths", "many"], "'many' gives no lengths"),
        (["--batch", "max"], "is for generate"),
        (["--prompt-tokens", "128"], "--prompt-tokens has no meaning for --kind train; leave it out, or choose --kind"),
        (["--kind", "generate", "--packing", "yes"], "--packing has no meaning for --kind generate"),
        (["--kind", "generate", "--tokens", "128"], "--tokens has no meaning for --kind generate"),
        (["--kind", "generate", "--batch", "max", "--device", "cpu"], "no data sheet of cpu"),
    ],
)
def test_settings_that_make_no_case_are_refused(capsys: Capture, arguments: list[str], words: str):
    """A sentence says which, and what to do."""
    code, out, err = run(capsys, "Llama-3.1-8B", "--device", "H100-SXM", *arguments)
    assert code != 0
    assert out == ""
    assert words in err
    assert "Traceback" not in err
