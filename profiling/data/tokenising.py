"""From texts to numbers: the tokenizer that lies beside a saved model, or one made from the texts at hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from profiling.errors import WorkloadError
from profiling.workload.workload import Workload

PADDING, END = "[PAD]", "[EOS]"
# All 256 bytes are words, so that no text is unknown; the fewest merges beyond them that still shorten one.
SMALLEST_VOCABULARY = 512
# A corpus of a few megabytes has no more words than this worth a place of their own, and merging takes time.
LARGEST_VOCABULARY = 8192
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "tokenizer.model")


def tokenizer(workload: Workload, texts: Iterable[str], vocabulary: int, padding: int | None) -> Any:
    """The saved model's own tokenizer; for a model without one, byte-level BPE merged from `texts` (arXiv:1508.07909).

    `texts` must be those to learn from, never those held out.  Raises WorkloadError where the model's vocabulary,
    of so many words, is too small.
    """
    found = _saved(workload) or _merged(texts, vocabulary)
    if len(found) > vocabulary:
        raise WorkloadError(
            f"data: its tokenizer knows {len(found)} words, and the model {vocabulary}; "
            f"take the tokenizer that belongs to the model"
        )
    if found.pad_token_id is None and padding is not None:
        found.pad_token = found.convert_ids_to_tokens(padding)
    found.padding_side = "right"
    return found


def _saved(workload: Workload) -> Any:
    """The tokenizer of the model's folder or of its page on the hub; None where it has none."""
    folder = workload.model.get("path")
    if folder is not None and not any((Path(folder) / name).is_file() for name in TOKENIZER_FILES):
        return None
    place = folder or workload.model.get("hub")
    if place is None:
        return None
    try:
        return AutoTokenizer.from_pretrained(place, local_files_only=folder is not None, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise WorkloadError(f"{place}: its tokenizer cannot be read ({error!s:.200}); save it again") from error


def _merged(texts: Iterable[str], vocabulary: int) -> Any:
    """A tokenizer of our own; 0 is padding, 1 ends a text."""
    if vocabulary < SMALLEST_VOCABULARY:
        raise WorkloadError(
            f"model: vocab_size {vocabulary} is too small for texts; give at least {SMALLEST_VOCABULARY}, or keep to "
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
