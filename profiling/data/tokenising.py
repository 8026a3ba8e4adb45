"""Tokenizers: the one of a saved model, or one trained on the texts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from profiling.errors import WorkloadError
from profiling.workload.workload import Workload

PADDING, END = "[PAD]", "[EOS]"
# All 256 bytes are words, so that no text is unknown; fewer merges besides them would hardly shorten a text.
SMALLEST_VOCABULARY = 512
# A corpus of a few megabytes gains nothing from more words, and merging takes time.
LARGEST_VOCABULARY = 8192
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "tokenizer.model")


def tokenizer(workload: Workload, texts: Iterable[str], vocabulary: int, padding: int | None) -> Any:
    """Return the saved model's tokenizer, or byte-level BPE merged from `texts` (arXiv:1508.07909).

    `texts` must be those to learn from, never those held out.  Raise WorkloadError where the model's `vocabulary` is
    too small.
    """
    found = _saved(workload) or _merged(texts, vocabulary)
    if len(found) > vocabulary:
        raise WorkloadError(
            f"data: the tokenizer has {len(found)} words, and the model {vocabulary}",
            todo="use the model's own tokenizer",
        )
    if found.pad_token_id is None and padding is not None:
        found.pad_token = found.convert_ids_to_tokens(padding)
    found.padding_side = "right"
    return found


def _saved(workload: Workload) -> Any:
    """Return the tokenizer of the model's folder or hub page; None without one."""
    folder = workload.model.get("path")
    if folder is not None and not any((Path(folder) / name).is_file() for name in TOKENIZER_FILES):
        return None
    place = folder or workload.model.get("hub")
    if place is None:
        return None
    try:
        return AutoTokenizer.from_pretrained(place, local_files_only=folder is not None, trust_remote_code=False)
    except Exception as error:  # of every class: those of tokenizers have none of their own
        raise WorkloadError(f"{place}: the tokenizer cannot be read ({error!s:.200})", todo="save it again") from error


def _merged(texts: Iterable[str], vocabulary: int) -> Any:
    """Return a tokenizer trained on `texts`; 0 is padding, 1 ends a text."""
    if vocabulary < SMALLEST_VOCABULARY:
        raise WorkloadError(
            f"model: vocab_size {vocabulary} is too small for texts; give at least {SMALLEST_VOCABULARY}, or use "
            f"synthetic data"
        )
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=min(vocabulary, LARGEST_VOCABULARY),
        special_tokens=[PADDING, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    made.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, 1)])
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token=PADDING, eos_token=END)  # type: ignore[no-untyped-call]
