"""Texts of different lengths in one batch."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import families
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profiling.data import batches, rows
from profiling.data.rows import UNCOUNTED
from profiling.errors import WorkloadError
from profiling.making import methods
from profiling.making.methods import Making
from profiling.making.training import Training
from profiling.measure import metrics
from profiling.workload.kinds.work import Ceiling
from profiling.workload.lengths import Lengths
from profiling.workload.workload import Workload

CPU = torch.device("cpu")


def words(count: int, tokens: int) -> rows.Source:
    """Batches in which every word is its place in the row, from 1."""

    def draw(_count: int, _generator: torch.Generator) -> rows.Batch:
        ids = torch.arange(1, tokens + 1).expand(count, tokens).clone()
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}

    return draw


def generator(seed: int = 1) -> torch.Generator:
    """The same numbers at every call."""
    return torch.Generator().manual_seed(seed)


def test_lengths_are_cut_to_the_row() -> None:
    """Of lengths up to twenty, four in five are longer than four."""
    found = rows.drawn(20_000, Lengths((1, 20), "range"), 4, generator())
    assert found.bincount()[1:].tolist() == pytest.approx([1000, 1000, 1000, 17_000], rel=0.1)


@given(seed=st.integers(0, 2**31), mean=st.integers(1, 40), tokens=st.integers(1, 40), count=st.integers(1, 9))
def test_padded_rows_end_where_their_texts_do(seed: int, mean: int, tokens: int, count: int) -> None:
    """The longest text fills its row; behind the others is padding, which is not attended to and not predicted."""
    mean = min(mean, tokens)
    found = rows.padded(words(count, tokens), Lengths((mean,), "lognormal", 0.8))(count, generator(seed))
    there = found["attention_mask"].bool()
    ends = there.sum(1)
    assert int(ends.min()) >= 1
    assert int(ends.max()) == there.shape[1] <= tokens
    assert torch.equal(there, torch.arange(there.shape[1]) < ends[:, None])
    assert (found["input_ids"][~there] == 0).all()
    assert (found["labels"][~there] == UNCOUNTED).all()
    assert torch.equal(found["labels"][there], found["input_ids"][there])


@given(seed=st.integers(0, 2**31), mean=st.integers(1, 40), tokens=st.integers(1, 40), count=st.integers(1, 9))
def test_packed_rows_are_full_and_positions_begin_anew_with_each_text(
    seed: int, mean: int, tokens: int, count: int
) -> None:
    """No text predicts the first word of the next one."""
    mean = min(mean, tokens)
    found = rows.packed(words(count, tokens), Lengths((mean,), "lognormal", 0.8))(count, generator(seed))
    places = found["position_ids"]
    assert places.shape == (count, tokens)
    assert (places[:, 0] == 0).all()
    steps = places.diff(dim=1)
    assert ((steps == 1) | (places[:, 1:] == 0)).all()
    assert torch.equal(found["labels"] == UNCOUNTED, places == 0)


def causal(**fields: Any) -> Workload:
    """A tiny language model trained on texts of about 5 tokens, 16 at most."""
    return families.workload("llama", text_lengths="lognormal 5 0.8", **fields)


def test_texts_of_a_packed_row_do_not_see_one_another() -> None:
    """The answers within a text are those that it gets alone."""
    torch.manual_seed(2)
    here = replace(causal(packing="yes"), text_lengths="5")
    batch = next(batches.of(here, here.cases[0]))
    model = methods.make(Making(here, here.cases[0], CPU, torch.float32, 1)).model.eval()
    with torch.no_grad():
        row = model(input_ids=batch["input_ids"], position_ids=batch["position_ids"]).logits[0]
        begins = [*(batch["position_ids"][0] == 0).nonzero().flatten().tolist(), 16]
        assert len(begins) > 2
        for first, end in itertools.pairwise(begins):
            alone = model(input_ids=batch["input_ids"][:1, first:end]).logits[0]
            torch.testing.assert_close(row[first:end], alone, atol=1e-5, rtol=1e-4)


CAUSAL = ("llama", "gpt2", "qwen3", "mixtral")


@pytest.mark.parametrize(
    ("family", "packing"),
    [
        *((family, "no") for family in (*CAUSAL, "bert", "encoder", "llama-classifier")),
        *((one, "yes") for one in CAUSAL),
    ],
)
def test_tokens_are_those_that_are_no_padding(family: str, packing: str, tmp_path: Path) -> None:
    """Of a padded batch, the rest is computed too, and the record tells its share."""
    here = families.workload(family, text_lengths="lognormal 5 0.8", packing=packing)
    training = Training(here, here.cases[0], "float32", CPU)
    seen: list[rows.Batch] = []
    stream = training.trainer.stream
    training.trainer.stream = (seen.append(batch) or batch for batch in stream)  # type: ignore[func-returns-value]
    training.run(3)
    told = training.finish(tmp_path)
    # The last one is that whose operations were counted.
    seen_rows = [
        mask for batch in seen[:-1] for mask in batch.get("attention_mask", torch.ones_like(batch["input_ids"]))
    ]
    tokens = sum(float(row.sum()) for row in seen_rows)
    assert told["example_tokens"] * told["row_examples"] == pytest.approx(tokens / len(seen_rows))
    if packing == "yes":
        texts = sum(int((batch["position_ids"] == 0).sum()) for batch in seen[:-1])
        assert told["row_examples"] == texts / len(seen_rows)
    assert (told["row_examples"] > 1) == (packing == "yes")
    assert told["padding_share"] == pytest.approx(
        1 - sum(float(row.sum()) for row in seen_rows) / sum(row.numel() for row in seen_rows)
    )
    assert (told["padding_share"] == 0) == (packing == "yes")


def test_a_packed_step_counts_its_texts_and_not_its_rows(tmp_path: Path) -> None:
    """Rows of 16 tokens hold four texts of four: examples a second, epochs and operations are those of the texts."""
    here = families.workload("llama", text_lengths="4", packing="yes", epoch_examples=80, evaluation_examples=8)
    (case,) = here.cases
    training = Training(here, case, "float32", CPU)
    training.run(1)
    run = {**training.finish(tmp_path), "count": 10, "seconds": 2.0, "warmup_count": 0, "warmup_seconds": 0.0}
    run |= {"arithmetic": "float32", "weight_bytes": 4, "energy": {"joules": 64.0}, "setup_seconds": 0.0}
    run |= {"checkpoint_seconds": 0.0, "evaluation_batch_seconds": 1.0}
    setting = metrics.setting(here, case, Ceiling({"float32": 1e9}, 1.0), run)
    found = metrics.estimates(case, setting, [run, run, run])
    rows = int(case.point["batch"])
    assert found["training_examples_per_second"].value == pytest.approx(10 * rows * 4 / 2)
    assert found["training_tokens_per_second"].value == pytest.approx(10 * rows * 16 / 2)
    assert found["joules_per_example"].value == pytest.approx(64 / (10 * rows * 4))
    assert found["joules_per_token"].value == pytest.approx(64 / (10 * rows * 16))
    steps, batches_asked = math.ceil(80 / (4 * rows)), math.ceil(8 / (4 * rows))
    assert found["step_to_run_factor"].value == pytest.approx(1 + batches_asked / (steps * 0.2))
    assert setting.trained_tokens == 4


@pytest.mark.parametrize(
    ("family", "fields", "what"),
    [
        ("llama", {"text_lengths": "17 to 20"}, "16 at most"),
        ("llama", {"packing": "yes"}, "lengths are drawn"),
        ("bert", {"text_lengths": "5", "packing": "yes"}, "where each continues"),
        ("vit", {"text_lengths": "5"}, "synthetic texts"),
        ("bert", {"text_lengths": "5", "method": "continual"}, "puts rows together itself"),
        ("bert", {"memory_format": "channels_last"}, "that of images"),
    ],
)
def test_lengths_that_mean_nothing_are_refused(family: str, fields: dict[str, Any], what: str) -> None:
    """The message says what to change."""
    with pytest.raises(WorkloadError, match=what):
        Workload.parse(families.workload(family, **fields).to_json(), "here")


def test_channels_last_changes_no_answer() -> None:
    """Only the order of an image's numbers in memory, and those of convolutions, differ."""
    plain = families.workload("resnet")
    turned = replace(plain, memory_format="channels_last")
    found = []
    for here in (plain, turned):
        torch.manual_seed(3)
        training = Training(here, here.cases[0], "float32", CPU)
        batch = training.trainer.batch()
        assert batch["pixel_values"].is_contiguous(memory_format=torch.channels_last) == (here is turned)
        found.append(float(training.trainer.model(**batch).loss.detach()))
    assert found[0] == pytest.approx(found[1], rel=1e-4)
