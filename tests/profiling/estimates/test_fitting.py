"""What arithmetic alone needs is a bound: beyond it nothing fits, and no interval lies below."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from profiling.__main__ import main
from profiling.errors import PredictionError
from profiling.estimates import Answer, Prediction, Question, estimate, fitting, published
from profiling.reference import datasheets


def config(name: str) -> dict[str, Any]:
    """The config of a well-known model."""
    found = datasheets.model(name)
    assert found is not None
    return dict(found.config)


def generating(name: str, device: str, devices: int = 1, precision: str | None = None) -> Question:
    """Sixteen answers of 500 tokens to prompts of 1,000."""
    point = {"batch": 16, "prompt_tokens": 1000, "new_tokens": 500}
    return Question(config(name), "generate", point, device, devices, precision)


@pytest.mark.parametrize(
    ("question", "gigabytes"),
    [
        # 141.1 GB of weights, and 16 x 1,500 tokens of 327,680 bytes.
        (generating("Llama-3.1-70B", "H100-SXM"), 149.0),
        # 1,342 GB of weights over eight devices, and a cache of 70,272 bytes a token.
        (generating("DeepSeek-V3", "H200-SXM", 8), 168.0),
        # Sixteen bytes for each of 70.6 billion weights, and activations.
        (
            Question(config("Llama-3.1-70B"), "train", {"method": "pretrain", "batch": 1, "tokens": 2048}, "L4"),
            1133.0,
        ),
    ],
)
def test_what_cannot_be_loaded_has_no_price(question: Question, gigabytes: float) -> None:
    """The answer is no, and where it would fit."""
    found = estimate(question, [])
    assert found.fits is False
    assert (found.tokens_per_second, found.cost) == (None, None)
    assert "does not fit" in found.why["cost"]
    assert found.least_bytes == pytest.approx(gigabytes * 1e9, rel=0.01)
    assert found.fits_on
    for place in found.fits_on:
        sheet = datasheets.device(place.device)
        assert sheet is not None
        here = Question(question.config, question.kind, question.point, place.device, place.devices)
        assert fitting.least_bytes(here) <= 0.9 * (sheet.memory_bytes or 0)


@pytest.mark.parametrize(
    ("kind", "point"),
    [("train", {"method": "adalora", "batch": 1, "tokens": 512}), ("classify", {"batch": 1, "tokens": 512})],
)
def test_a_refusal_says_first_that_it_does_not_fit(kind: str, point: dict[str, Any]) -> None:
    """Nothing comparable is published for either, and still 141 GB of weights fit into no 24 GB."""
    with pytest.raises(PredictionError, match=r"^it does not fit: it takes 14\d\.\d GB .* of 24 GB .* would on 8 x L4"):
        estimate(Question(config("Llama-3.1-70B"), kind, point, "L4"), [])
    with pytest.raises(PredictionError, match=r"^by arithmetic it takes \d+\.\d GB at least, of 24 GB on each device"):
        estimate(Question(config("Llama-3.1-70B"), kind, point, "L4", 16), [])


def test_a_refusal_tells_what_arithmetic_knows_of_the_memory() -> None:
    """No time is published of a L40S that unpacks 70B, and it holds the 41.1 GB all the same."""
    point = {"method": "qlora", "batch": 1, "tokens": 512}
    with pytest.raises(PredictionError, match=r"^by arithmetic it takes 41\.1 GB at least, of 48 GB on each device; "):
        estimate(Question(config("Llama-3.1-70B"), "train", point, "L40S"), [])


def test_a_device_is_offered_once() -> None:
    """QLoRA of 70B fits on four T4: eight are no further answer."""
    point = {"method": "qlora", "batch": 1, "tokens": 512}
    found = fitting.places(Question(config("Llama-3.1-70B"), "train", point, "RTX4090"))
    assert [place for place in found if place.device == "T4"] == [fitting.Place("T4", 4)]
    assert found[0] == fitting.Place("RTX4090", 2)


@pytest.mark.parametrize(("model", "tokens"), [("Llama-3.1-70B", 2048), ("Llama-3.1-70B", 512), ("Llama-2-13B", 2048)])
def test_both_commands_offer_the_same_device(capsys: pytest.CaptureFixture[str], model: str, tokens: int) -> None:
    """The smallest single device on which `size` says that QLoRA fits is the one that `estimate` offers."""
    assert main(["size", model, "--sequence", str(tokens), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["memory"]
    named = next(row["fits"][0] for row in rows if row["way"] == "train, qlora")
    point = {"method": "qlora", "batch": 1, "tokens": tokens}
    offered = fitting.places(Question(config(model), "train", point, "RTX4090"))
    assert named in [place.device for place in offered if place.devices == 1]


def test_half_the_bits_fit_where_all_do_not() -> None:
    """DeepSeek-V3 as it was published, in FP8, on eight H200: 84 GB each."""
    found = estimate(generating("DeepSeek-V3", "H200-SXM", 8, "fp8"), [])
    assert found.fits is not False
    assert found.least_bytes == pytest.approx(84e9, rel=0.01)


@pytest.mark.parametrize(
    ("model", "method", "batch", "tokens"),
    [
        ("Llama-2-7B", "qlora", 1, 2048),
        ("Llama-2-7B", "lora", 1, 2048),
        ("Llama-3.1-8B", "qlora", 8, 512),
        ("Llama-3.1-8B", "lora", 8, 512),
        ("Mixtral-8x7B", "qlora", 8, 2048),
        ("Llama-3.1-8B", "full", 1, 512),
    ],
)
def test_both_commands_have_one_memory(
    capsys: pytest.CaptureFixture[str], model: str, method: str, batch: int, tokens: int
) -> None:
    """The floor of `size` is that of `estimate` at the same setting, and no interval begins below it."""
    shape = ["--batch", str(batch)]
    assert main(["size", model, "--sequence", str(tokens), *shape, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["memory"]
    floor = next(row["total_bytes"] for row in rows if row["way"] == f"train, {method}")
    asked = ["--method", method, "--tokens", str(tokens), "--device", "A100-SXM-80GB"]
    assert main(["estimate", model, *asked, *shape, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["least_bytes"] == pytest.approx(floor)
    assert floor <= told["memory_bytes"]["low"]


def test_kept_activations_take_more() -> None:
    """Both ways have published peaks."""
    point = {"method": "lora", "batch": 2, "tokens": 2048}
    again, kept = (
        estimate(Question(config("Llama-3.1-8B"), "train", point, "H100-SXM", options=options), [])
        for options in ({}, {"checkpointing": "no"})
    )
    assert (kept.least_bytes or 0) > 1.2 * (again.least_bytes or 0)
    assert again.memory_bytes is not None
    assert kept.memory_bytes is not None
    assert kept.memory_bytes.value > 1.2 * again.memory_bytes.value


@settings(max_examples=40, deadline=None)
@given(
    batch=st.integers(1, 64),
    tokens=st.sampled_from([128, 512, 2048]),
    method=st.sampled_from(["full", "lora", "qlora"]),
    model=st.sampled_from(["Llama-3.1-8B", "Llama-2-7B", "Mixtral-8x7B", "Qwen2.5-7B"]),
)
def test_no_interval_begins_below_the_floor(batch: int, tokens: int, method: str, model: str) -> None:
    """Whatever was published, weights and their state have to be somewhere."""
    point = {"method": method, "batch": batch, "tokens": tokens}
    try:
        found = estimate(Question(config(model), "train", point, "H100-SXM"), [])
    except PredictionError:
        reject()  # beyond what was published; of fewer than a tenth that is answered, hypothesis complains
    assert found.memory_bytes is not None
    assert found.memory_bytes.low >= (found.least_bytes or 0)
    assert found.memory_bytes.low <= found.memory_bytes.value <= found.memory_bytes.high


def verdict(question: Question) -> bool | None:
    """Whether an estimate says that it fits; a refusal begins with it."""
    try:
        return estimate(question, []).fits
    except PredictionError as error:
        return "it does not fit" not in str(error)


def fitting_by_size(capsys: pytest.CaptureFixture[str], model: str, way: str, *asked: str) -> list[str]:
    """Devices on which `size` says that one way of using a model fits."""
    assert main(["size", model, *asked, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["memory"]
    return next(row["fits"] for row in rows if row["way"] == way)


@pytest.mark.parametrize("model", ["Llama-3.1-8B", "Llama-3.1-70B"])
@pytest.mark.parametrize("precision", ["bfloat16", "int4"])
def test_a_model_is_served_where_its_size_fits(capsys: pytest.CaptureFixture[str], model: str, precision: str) -> None:
    """Nobody publishes peaks of serving, and arithmetic says yes or no for each device."""
    named = fitting_by_size(capsys, model, f"serve, {precision}", "--batch", "16", "--sequence", "1500")
    for sheet in datasheets.rows(datasheets.Device):
        told = verdict(generating(model, sheet.name, precision=precision))
        assert told is (sheet.name in named), sheet.name


@pytest.mark.parametrize(("model", "batch"), [("Llama-3.1-8B", 8), ("Qwen2.5-0.5B", 8), ("Mixtral-8x7B", 1)])
@pytest.mark.parametrize("method", ["full", "lora", "qlora"])
def test_no_estimate_denies_a_device_that_size_names(
    capsys: pytest.CaptureFixture[str], model: str, batch: int, method: str
) -> None:
    """The published peaks of a training may leave it open, and never contradict the floor."""
    named = fitting_by_size(capsys, model, f"train, {method}", "--batch", str(batch), "--sequence", "2048")
    for sheet in datasheets.rows(datasheets.Device):
        question = Question(config(model), "train", {"method": method, "batch": batch, "tokens": 2048}, sheet.name)
        try:
            found = estimate(question, [])
        except PredictionError:
            continue
        assert (found.fits is False) == (sheet.name not in named), sheet.name


def test_as_many_sequences_as_fit_do_fit() -> None:
    """In FP8 the cache is kept in FP8, for the count and for the verdict on it."""
    asked = generating("Llama-3.1-8B", "H100-SXM", precision="fp8")
    most = replace(asked, point={**asked.point, "batch": published.held(asked)})
    found = estimate(most, [])
    assert found.fits is True
    assert "Cache: in FP8, like the weights; in 16 bits it takes twice as much." in found.assumptions
    assert estimate(replace(most, point={**most.point, "batch": most.batch + 1}), []).fits is False


def test_what_was_measured_fitted() -> None:
    """Whether or not that measurement counted its memory."""
    unknown = Prediction(1.0, 1.0, 1.0, None, "s", "measured", "", None)
    assert Answer(unknown, None, None, None, None, None, {}).fits is True
