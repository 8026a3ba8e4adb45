"""Encoders, encoders with a decoder, and models of images, traced: one pass without memory shows every shape.

The lengths of the inputs are varied one at a time, which splits each count of rows into a part for each token and a
fixed part.
"""

# torch types its dispatch modes in part.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from profiling.architecture.model import Architecture, Attention, Cache, Rows
from profiling.errors import WorkloadError
from profiling.models import passage
from profiling.models.passage import Passage

# Tokens that the encoder and the decoder read: some, and one more of either.
_LENGTHS = ((4, 6), (5, 6), (4, 7))
# Transformers' configs of ResNets have no size; ImageNet's images are cropped to 224.
_SIDE = 224
# Frames that Whisper's encoder reads for each of its positions: its second convolution halves them.
_FRAMES = 2


@dataclass(frozen=True)
class _Length:
    """A length: a part for each token of the encoder, one for each of the decoder, and a fixed part."""

    encoder: int
    decoder: int
    fixed: int

    @classmethod
    def of(cls, seen: Sequence[int]) -> _Length:
        """Return the length that was seen with each of `_LENGTHS`."""
        first, longer, written = seen
        slopes, (read, wrote) = (longer - first, written - first), _LENGTHS[0]
        return cls(*slopes, first - slopes[0] * read - slopes[1] * wrote)

    @property
    def tokens(self) -> int:
        """So many for each token where both sides read texts of one length."""
        return self.encoder + self.decoder

    @property
    def apart(self) -> int | None:
        """The length where it does not depend on the text; None where it is the text's."""
        return None if self.tokens else self.fixed


@dataclass
class _Seen(TorchDispatchMode):
    """What one pass showed: rows by module, in order, and the shapes of products of two activations."""

    rows: Counter[str] = field(default_factory=Counter)
    products: list[tuple[int, int, int, int]] = field(default_factory=list)  # copies, rows, inner size, columns

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note a product of batches of matrices."""
        if function in (torch.ops.aten.bmm.default, torch.ops.aten.baddbmm.default):
            left, right = args[-2:]
            self.products.append((*left.shape, right.shape[-1]))
        # A classifier of the BART family picks the state at the last token of its kind, by a mask without values.
        if function is torch.ops.aten.unique_consecutive.default and args[0].is_meta:
            return (args[0].new_empty(1),) * 3
        if function is torch.ops.aten.index.Tensor and _is_mask(args[1][0]):
            return args[0].new_empty(1, *args[0].shape[args[1][0].dim() :])
        # Transformers looks whether any position is hidden, and there are no values: none is.
        if function is torch.ops.aten._local_scalar_dense.default and args[0].is_meta:
            return True if args[0].dtype is torch.bool else 1
        return function(*args, **(kwargs or {}))


def _is_mask(index: Any) -> bool:
    """Return whether an index is a mask without values."""
    return index is not None and index.is_meta and index.dtype is torch.bool


def traced(model: Any) -> Passage:
    """Return how an example passes through a model; raise WorkloadError for products that are no attention."""
    # With this token known, some classes look for it among the tokens, which have no values.
    model.config.pad_token_id = None
    for one in (model.config, model.config.get_text_config(decoder=True)):
        one.use_cache = False
    config, passes = model.config, [_seen(model.eval(), *lengths) for lengths in _LENGTHS]
    lengths = {path: _Length.of([one.rows[path] for one in passes]) for path in passes[0].rows}
    attentions = [_attention(same) for same in zip(*(one.products for one in passes), strict=True)]
    decoder = model.get_decoder() if config.is_encoder_decoder else None
    written = _paths(model, decoder)
    once = frozenset(path for path, one in lengths.items() if decoder is not None and not one.decoder)
    own = [one for one, writes in attentions if writes]
    reads = model.main_input_name == "input_ids"
    weighted = dict(_weighted(model))
    return Passage(
        Architecture(
            config.model_type,
            layers=_layers(model, decoder),
            hidden=getattr(config, "hidden_size", None) or passage.output(model)[1].in_features,
            heads=getattr(config, "num_attention_heads", None) or 0,
            vocab=config.get_text_config(decoder=True).vocab_size if reads or decoder is not None else 0,
            matrices=(),
            attentions=tuple(
                replace(one, layers=count) for one, count in Counter(one for one, _ in attentions).items()
            ),
            caches=(Cache(sum(one.key_width + one.value_width for one in own)),) if own else (),
            cached_per_example=sum(
                lengths[path].fixed * weighted[path].out_features
                for path in once & written & weighted.keys()
                if not lengths[path].tokens
            ),
            fixed_positions=0 if reads else next((one.queries or 1 for one, _ in attentions), 1),
            longest=passage.longest("", decoder or model),
        ),
        rows={path: Rows(one.tokens, one.fixed) for path, one in lengths.items()},
        once=once,
        first=None if reads else next(path for path in lengths if path in weighted),
    )


def _seen(model: Any, read: int, written: int) -> _Seen:
    """Return what one pass shows, with an example of `read` tokens and an answer of `written`."""
    seen = _Seen()

    def note(path: str, module: nn.Module, inputs: Any, options: Any, output: Any) -> None:
        tensors = [one for one in (*inputs, *options.values()) if isinstance(one, torch.Tensor)]
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
            seen.rows[path] += output.numel() // module.out_channels
        elif tensors and tensors[0].dim():
            seen.rows[path] += tensors[0].numel() // tensors[0].shape[-1]
        if isinstance(module, nn.MultiheadAttention):  # which does not call the module of its last product
            seen.rows[f"{path}.out_proj"] = seen.rows[path]

    hooks = [
        module.register_forward_hook(partial(note, path), with_kwargs=True) for path, module in model.named_modules()
    ]
    try:
        with torch.device("meta"), torch.no_grad(), seen:
            model(**_inputs(model, read, written))
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def _inputs(model: Any, read: int, written: int) -> dict[str, Any]:
    """Return an example without content, by the name of the model's input."""
    config, name = model.config, model.main_input_name
    words = torch.ones(1, written, dtype=torch.long)
    # Without this mask transformers looks at the values of positions, and there are none.
    answer = {"decoder_input_ids": words, "decoder_attention_mask": words}
    with_answer = answer if config.is_encoder_decoder else {}
    match name:
        case "input_ids":
            return {name: torch.ones(1, read, dtype=torch.long), **with_answer}
        case "input_features":
            return {name: torch.ones(1, config.num_mel_bins, _FRAMES * config.max_source_positions), **with_answer}
        case "pixel_values":
            side = getattr(config, "image_size", _SIDE)
            height, width = (side, side) if isinstance(side, int) else side
            return {name: torch.ones(1, getattr(config, "num_channels", 3), height, width)}
        case "inputs":
            return {name: torch.ones(1, next(_weighted(model))[1].in_features)}
    raise WorkloadError(f"the model reads {name}", todo="take a model that reads words, images, or features of speech")


def _attention(same: Sequence[tuple[int, int, int, int]]) -> tuple[Attention, bool]:
    """Return one product of activations as half an attention, and whether it is the decoder's own.

    Scores are queries times keys, of the heads' size inside; answers are scores times values, of that size outside.
    """
    copies, queries, inner, outer = (_Length.of(sizes) for sizes in zip(*same, strict=True))
    if not inner.tokens:
        keys, widths = outer, (copies.fixed * inner.fixed, 0)
    elif not outer.tokens:
        keys, widths = inner, (0, copies.fixed * outer.fixed)
    else:
        raise WorkloadError(
            "no rule counts how the model multiplies its activations with one another", todo=passage.TODO
        )
    return Attention(1, *widths, queries.apart, keys.apart), bool(queries.decoder and keys.decoder)


def _layers(model: Any, decoder: Any) -> int:
    """Return the number of layers, of encoder and decoder together."""
    if decoder is not None:
        return len(passage.blocks(model.get_encoder())) + len(passage.blocks(decoder))
    config = model.config
    return getattr(config, "num_hidden_layers", None) or sum(getattr(config, "depths", ())) or len([*_weighted(model)])


def _paths(model: Any, part: Any) -> set[str]:
    """Return the paths of a part's modules; none of no part."""
    inside = set() if part is None else {id(one) for one in part.modules()}
    return {path for path, one in model.named_modules() if id(one) in inside}


def _weighted(model: Any) -> Iterator[tuple[str, Any]]:
    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    return ((path, one) for path, one in model.named_modules() if isinstance(one, kinds))
