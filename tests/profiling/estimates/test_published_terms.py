"""What the engine, the optimiser, lengths, offload and a full device change in an estimate."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiling import estimates
from profiling.architecture import Architecture, of
from profiling.errors import PredictionError
from profiling.estimates import assumptions, footprint, hardware, published, published_rows
from profiling.estimates.calibrated import check_ground
from profiling.estimates.fit import Fit, Form, coefficients, fitted
from profiling.estimates.footprint import RECIPES
from profiling.estimates.prediction import Answer
from profiling.estimates.published_terms import (
    EAGER,
    TRAINING,
    Rates,
    Served,
    Trained,
    memory,
    serving,
    training,
    update_bytes,
)
from profiling.estimates.question import Question
from profiling.reference import datasheets
from profiling.workload.lengths import Lengths

LLAMA = "Llama-3.1-8B"


def asked(kind: str = "train", model: str = LLAMA, offload: str = "no", **more: Any) -> Question:
    """A question on an H100, by default LoRA of an 8B model; fields of a workload are options."""
    usual: dict[str, Any] = {"method": "lora", "batch": 8, "tokens": 1024}
    if kind == "generate":
        usual = {"batch": 1, "prompt_tokens": 128, "new_tokens": 256}
    point = {name: more.pop(name, value) for name, value in usual.items()}
    known = datasheets.model(model)
    assert known is not None
    return Question(known.config, kind, point, "H100-SXM", options=more, offload=offload)


def answer(question: Question) -> Answer:
    """The answer of published figures alone."""
    return estimates.estimate(question, records=[])


def sizes() -> Architecture:
    """The sizes of an 8B model."""
    known = datasheets.model(LLAMA)
    assert known is not None
    return of(known.config)


def term(name: str, **settings: Any) -> float:
    """One term of a pass over one example of 256 tokens on an A100."""
    sheet = datasheets.device("A100-SXM-80GB")
    assert sheet is not None
    trained = Trained(**{"method": "full", "examples": 1, "tokens": 256, **settings})
    found = training(sizes(), trained, hardware.rates(sheet, "bfloat16"))
    return dict(zip(TRAINING.terms, found, strict=True))[name]


def test_one_sequence_is_bound_by_the_engine():
    """A loop of graphs answers first, then a server, which schedules, and then transformers, which launch."""
    bare, server, eager = (
        answer(asked("generate", **options)).seconds.value for options in ({"compile": "graphs"}, {}, {"compile": "no"})
    )
    assert bare < server < eager
    assert eager > 2 * server


def test_an_eager_engine_is_as_slow_for_a_few_sequences():
    """Launches take the time of a step, whatever its batch; a device that waits is filled for nothing."""
    one, eight = (answer(asked("generate", compile="no", batch=batch)).seconds.value for batch in (1, 8))
    assert eight == pytest.approx(one, rel=0.1)


def test_a_fuller_server_is_faster_up_to_its_arithmetic():
    """Each doubling of the batch gains less than the one before."""
    rates = [answer(asked("generate", batch=batch)).tokens_per_second for batch in (1, 4, 16, 64, 256)]
    gains = [np.log(after.value / before.value) for before, after in pairwise(rates)]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] > 0


def test_as_many_sequences_as_the_memory_holds():
    """Beside 16 GB of weights, 72 GB hold 666 sequences of 640 tokens in 16 bits."""
    assert published.held(asked("generate", prompt_tokens=512, new_tokens=128)) == 666
    with pytest.raises(PredictionError, match="is for generate"):
        published.held(asked())


def test_an_eager_step_repeats_what_heads_share():
    """Llama 3.1 8B caches keys and values of 8 heads and multiplies those of 32: 32 layers × 2 × 32 × 128 a token."""
    rates = Rates(1.0, 1e12, 1.0, 1.0, 1.0)
    served = Served("bfloat16", 1000, 200, 3, eager=True)
    repeated = dict(zip(EAGER.terms, serving(sizes(), served, rates), strict=True))["repeated cache"]
    assert repeated == pytest.approx(3 * 1100 * 32 * 2 * 32 * 128 * 2 / 1e12)
    assert repeated == pytest.approx(4 * 3 * sizes().cached_numbers(1100) * 2 / 1e12)


def test_compiled_training_is_faster_than_eager():
    """Fused kernels spare the traffic between them, and the host its launches."""
    eager, compiled = (answer(asked(tokens=512, batch=1, compile=how)).seconds.value for how in ("no", "yes"))
    assert 1.2 < eager / compiled < 5


def test_an_update_is_shared_by_the_batches_that_it_waits_for():
    """28 bytes of a weight are moved by an update in mixed precision, and eight batches move them once."""
    assert update_bytes(RECIPES["adamw-mixed"]) == 28
    once, shared = term("optimiser"), term("optimiser", accumulation=8)
    assert once == pytest.approx(28 * sizes().parameters / 2039e9)
    assert shared == pytest.approx(once / 8)


def test_adapters_have_a_small_update():
    """LoRA updates less than a thousandth of the weights."""
    assert term("optimiser", method="lora") < term("optimiser") / 1000


def test_a_step_takes_all_of_its_accumulated_batches():
    """Four batches take four times the pass, and read four times the tokens."""
    one, four = (answer(asked(accumulation=count)) for count in (1, 4))
    assert four.seconds.value == pytest.approx(4 * one.seconds.value, rel=0.01)
    assert four.tokens_per_second.value == pytest.approx(one.tokens_per_second.value, rel=0.01)


def test_pure_16_bits_take_half_the_state():
    """8 bytes for each weight instead of 16."""
    mixed, pure = (answer(asked(method="full", batch=1, weights=how)) for how in ("mixed", "pure"))
    assert pure.memory_bytes.value < 0.65 * mixed.memory_bytes.value
    assert (pure.fits, mixed.fits) == (None, False)


def test_padding_costs_what_was_published():
    """LoRA on articles of 3234 ± 2548 tokens, those above 2048 left out: 4.31 examples/s alone, 2.77 eight together.

    A lognormal distribution of that mean and spread tells the loss within an eighth.  The source is
    modelscope/ms-swift, docs/source_en/LLM/Benchmark.md, batch size.
    """
    every = Lengths((2540,), "lognormal", 0.695)
    short = Lengths(tuple(one for place in range(400) if (one := every.at((place + 0.5) / 400)) <= 2048))
    alone, together = (short.mean_of_longest(count, 2048) for count in (1, 8))
    assert alone / together == pytest.approx(2.77 / 4.31, rel=0.125)


def test_padded_and_packed_texts_read_their_own_tokens():
    """Of texts of 128 or 1024 tokens, padding reads 576 of each, and packed rows are full."""
    lengths = {"text_lengths": "128 1024"}
    full, padded, packed = (asked(**options) for options in ({}, lengths, {**lengths, "packing": "yes"}))
    assert (full.tokens_per_step, padded.tokens_per_step, packed.tokens_per_step) == (8192, 8 * 576, 8192)
    assert padded.width == pytest.approx(1024 - 896 / 2**8, abs=5)
    assert answer(padded).tokens_per_second.value < 0.6 * answer(packed).tokens_per_second.value


def test_offloaded_activations_leave_the_device():
    """They take memory and, as published, no time that could be told from none."""
    here, there = (answer(asked(offload=offload, compile="yes")) for offload in ("no", "activations"))
    assert there.memory_bytes.value < here.memory_bytes.value
    assert there.seconds.value == pytest.approx(here.seconds.value)


def test_offloaded_state_waits_for_the_link():
    """A 70B model on eight devices takes more time than without, and less memory."""
    known = datasheets.model("Llama-3.1-70B")
    assert known is not None
    point = {"method": "full", "batch": 16, "tokens": 2048}
    here, there = (
        answer(Question(known.config, "train", point, "A100-SXM-80GB", 8, None, {"compile": "yes"}, offload=offload))
        for offload in ("no", "state")
    )
    assert there.seconds.value > 1.3 * here.seconds.value
    assert there.memory_bytes.value < 0.3 * here.memory_bytes.value


def test_no_record_answers_for_what_is_offloaded():
    """A profile run keeps everything on its device."""
    with pytest.raises(PredictionError, match="measured"):
        estimates.estimate(asked(offload="activations"), [], evidence="calibrated")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            asked(),
            ("launches each kernel", "nothing is padded", "16 bytes", "rank 8", "computed again", "Offload: none"),
        ),
        (
            asked(compile="yes", weights="pure", checkpointing="no", text_lengths="9 90", offload="activations"),
            ("compiler fused", "padded to its longest", "8 bytes", "kept for the backward", "activations are in"),
        ),
        (asked(text_lengths="9 90", packing="yes", offload="state"), ("packed into full rows", "optimiser's state")),
        (asked("generate"), ("such as vLLM", "all sequences run at once")),
        (asked("generate", compile="no"), ("launches each kernel",)),
    ],
)
def test_every_assumption_is_said(question: Question, words: tuple[str, ...]):
    """Each is one of the sentences that pages translate."""
    said = assumptions.of(question)
    assert all(any(part in one for one in said) for part in words)
    assert set(said) <= set(assumptions.SENTENCES)
    assert any(one.startswith("Adapters") for one in said) == (question.method == "lora")


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(1e-3, 1e3), min_size=3, max_size=3))
def test_resources_overlap_in_part(parts: list[float]):
    """The time lies between that of the busiest resource and the sum of all."""
    form, whole = Form(("a", "b", "c"), (0, 1, 2)), np.array([parts])
    value = float(fitted(whole, np.ones(3), form)[0])
    assert max(parts) * (1 - 1e-9) <= value <= sum(parts) * (1 + 1e-9)


def test_a_fit_finds_overlapping_resources_again():
    """Seconds that the form made give its coefficients back, and no coefficient falls below its bound."""
    rows = np.random.default_rng(3).uniform(0.1, 10, (40, 3))
    form, true = Form(("work", "moves", "launches"), (0, 0, 1), (1.0, 0.0, 0.0)), np.array([1.5, 0.4, 2.5])
    assert coefficients(rows, fitted(rows, true, form), form, np.ones(40)) == pytest.approx(true, rel=1e-4)
    low = coefficients(rows, fitted(rows, np.array([0.3, 0.4, 2.5]), form), form, np.ones(40))
    assert low[0] == pytest.approx(1.0)


def test_a_group_of_many_rows_counts_as_one():
    """A hundred rows of one publication do not outvote the one of another."""
    rows, values, groups = np.ones((101, 1)), np.array([1.0] * 100 + [4.0]), ("many",) * 100 + ("one",)
    alike, balanced = (Fit(Form(("work",)), rows, values, groups, balanced=how).at([1.0]) for how in (False, True))
    assert alike == pytest.approx(1.0, rel=0.02)
    assert balanced == pytest.approx(1.8, rel=0.15)


def test_adapters_of_a_rank_go_to_all_matrices_of_the_layers():
    """At rank 64 on Llama-2-7B, peft counts 159,907,840 trainable parameters (QLoRA's usual place)."""
    known = datasheets.model("Llama-2-7B")
    assert known is not None
    model = of(known.config)
    states = [memory(model, Trained("lora", 1, 512, rank=rank))[0] for rank in (64, 32)]
    assert states[0] - states[1] == footprint.training_state(159_907_840 // 2).state
    half = footprint.weight_bytes(model, "bfloat16")
    assert states[0] == half + footprint.training_state(159_907_840).state


def test_the_rank_of_a_source_is_in_its_rows():
    """Qwen's script trains adapters of rank 64: of the peak of its 7B, 2.5 GB more than the usual adapters take."""
    (row,) = (row for row in published_rows.of("memory") if row.model == "Qwen-7B" and row.value == 20.1e9)
    known = datasheets.model("Qwen-7B")
    assert known is not None
    usual = memory(of(known.config), Trained("lora", 1, 256))[0]
    assert row.terms[0] - usual == pytest.approx(2.5e9, rel=0.05)


@pytest.mark.parametrize("counts", [False, True])
def test_less_of_a_count_is_no_new_ground(counts: bool):
    """Bytes add up, however few of a kind there are; a smaller task may take other kernels.  More is new to both."""
    rows = np.array([[4.0, 1.0], [8.0, 1.0], [4.0, 2.0]])
    fit = Fit(Form(("a", "b"), counts=counts), rows, rows.sum(axis=1), ("x", "y", "z"))
    if counts:
        check_ground(fit, (1.0, 1.0), "it")
    else:
        with pytest.raises(
            PredictionError, match=r"it: a takes 0\.25 times as long .* 0\.5 times at least; ask for a larger batch"
        ):
            check_ground(fit, (1.0, 1.0), "it")
    with pytest.raises(
        PredictionError, match=r"it: a takes 2\.12 times as long .* 2 times at most; ask for a smaller batch"
    ):
        check_ground(fit, (17.0, 1.0), "it")
