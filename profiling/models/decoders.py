"""Decoders by rule: each token passes every layer once, and the config says what attention sees and what is cached.

The rules for layers and their caches are transformers' own (`get_layer_types_and_kwargs`); the widths are read off the
built modules.  The products inside state-space layers and linear attention are not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn
from transformers import PreTrainedModel
from transformers.cache_utils import get_layer_types_and_kwargs
from transformers.pytorch_utils import Conv1D

from profiling.architecture.model import PER_TOKEN, Architecture, Attention, Cache, Rows
from profiling.errors import WorkloadError
from profiling.models import passage
from profiling.models.passage import Passage

# Kinds of layers as transformers names them, by what they cache.
_KEYS = ("full_attention", "sliding_attention", "chunked_attention", "indexed_attention", "hybrid", "hybrid_sliding")
_MIXING = "rwkv"  # mixes a token with what came before, and attends to nothing
_STATES = ("linear_attention", "conv", "hybrid", "hybrid_sliding", _MIXING)
_NOTHING = ("dummy",)  # no attention, or the keys and values of an earlier layer
_COMPRESSED = ("compressed_sparse_attention", "heavily_compressed_attention")
# Modules that are called attention and are not the product of queries with keys.
_OTHER_ATTENTION = ("Linear", "Delta", "Lightning", "Cross", "LSH")
# Modules that convolve and keep no state beside their inputs.
_SHORT = ("ShortConvolution", "PLELayer")
# Types whose attention multiplies otherwise, by comparison with what torch counts, or is none.
_UNLIKE = ("cpmant", "diffllama", "git")
# Names of the experts that one token meets.
_MET = ("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "top_k_experts", "moe_top_k")


@dataclass(frozen=True)
class _Layer:
    """Attention and cache of one layer."""

    key_width: int
    value_width: int
    cached: int
    window: int | None  # tokens that are kept
    seen: int | None  # keys that a query sees at most
    each: int = 1  # tokens that one key stands for


def ruled(model: Any) -> Passage:
    """Return how a token passes through a decoder; raise WorkloadError for layers that no rule describes."""
    text = model.config.get_text_config(decoder=True)
    decoder = model.get_decoder()
    path = next(path for path, module in model.named_modules() if module is decoder)
    layers = passage.blocks(decoder, text.num_hidden_layers)
    kinds = [*zip(*get_layer_types_and_kwargs(text), strict=True)]
    if model.config.model_type == _MIXING:
        kinds = [(_MIXING, {})] * len(layers)
    if len(layers) != len(kinds) or model.config.model_type in _UNLIKE:
        raise WorkloadError(f"no rule counts the layers of a {model.config.model_type}", todo=passage.TODO)
    found = [one for pair in zip(layers, kinds, strict=True) for one in _attentions(text, *pair)]
    widths = Counter((one.key_width, one.value_width, one.seen, one.each) for one in found if one.key_width)
    cached = Counter[tuple[int | None, int | None, int]]()
    for one in found:
        read = None if one.seen is None or one.seen == one.window else one.seen * one.each
        cached[one.window, read, one.each] += one.cached
    return Passage(
        Architecture(
            model.config.model_type,
            layers=len(layers),
            hidden=text.hidden_size,
            heads=getattr(text, "num_attention_heads", None) or 0,
            vocab=text.vocab_size,
            matrices=(),
            attentions=tuple(
                Attention(count, key, value, window=seen, each=each)
                for (key, value, seen, each), count in widths.items()
            ),
            caches=tuple(Cache(numbers, *kept) for kept, numbers in cached.items() if numbers),
            cached_per_example=sum(_states(*pair) for pair in zip(layers, kinds, strict=True)),
            longest=passage.longest(path, decoder),
        ),
        rows=_rows(model, path, decoder, layers),
        experts_met=_met(
            next((met for part in (text, model) for name in _MET if (met := getattr(part, name, None))), None)
        ),
    )


def _met(told: Any) -> int | None:
    """Return how many experts a token meets, told once or for each layer; None where it is not one number."""
    numbers = {*told} if isinstance(told, list) else {told}
    return numbers.pop() if len(numbers) == 1 else None


def _rows(model: Any, path: str, decoder: Any, layers: Sequence[Any]) -> dict[str, Rows]:
    """Return one row a token for each place in which the decoder has a module, and for the output.

    A part that holds another model reads images or sound, and no token of text; a text passes by layers that look at
    images alone, and by experts for images (ERNIE-4.5-VL).
    """
    places = Counter(id(module) for _, module in decoder.named_modules(remove_duplicate=False))
    for part in (*decoder.children(), *layers):
        inside = set(part.modules())
        others = layers[0] not in inside and any(isinstance(one, PreTrainedModel) for one in inside)
        if others or _looks_elsewhere(part):
            places.subtract(map(id, inside))
    for layer in layers:
        places.subtract(id(one) for name, part in layer.named_modules() if _sees(name) for one in part.modules())
    rows = {name: Rows(max(0, places[id(module)])) for name, module in decoder.named_modules(prefix=path)}
    return {**rows, passage.output(model)[0]: PER_TOKEN}


def _attentions(text: Any, layer: Any, kind: tuple[str, dict[str, Any]]) -> Iterator[_Layer]:
    """Yield the attention of a layer of a kind, with its cache."""
    name, options = kind
    if name not in (*_KEYS, *_STATES, *_NOTHING, *_COMPRESSED):
        raise WorkloadError(f"no rule counts layers of the kind {name}", todo=passage.TODO)
    if _looks_elsewhere(layer):
        return
    found = (
        []
        if name in ("linear_attention", "conv", _MIXING)
        else [one for one in layer.modules() if _is_attention(one, text)]
    )
    if name in (*_KEYS, *_COMPRESSED) and len(found) != 1:
        what = f"no rule counts the attention of a {text.model_type} in its layers of the kind {name}"
        raise WorkloadError(what, todo=passage.TODO)
    for one in found:
        # EXAONE-4 notes the window in every layer, and whether a layer heeds it beside.
        own = getattr(one, "sliding_window", None) if getattr(one, "is_sliding", True) else None
        window = options.get("sliding_window", own) or None
        if window is not None and window < 0:
            raise WorkloadError(f"the window is {window} tokens", todo="name a number of tokens, or none")
        indexer = getattr(one, "indexer", None)
        picked = getattr(indexer, "token_budget", None) or getattr(text, "index_topk", None)
        seen = picked if name == "indexed_attention" else window
        yield _layer(text, one, window, seen, caches=name in (*_KEYS, *_COMPRESSED))
        if indexer:
            yield from _indexer(indexer)
        if compressor := getattr(one, "compressor", None):
            yield from _compressed(one, compressor)


def _sees(name: str) -> bool:
    """Return whether a module of a layer is for images, by its path."""
    return name.rpartition(".")[2].startswith("vision_")


def _looks_elsewhere(layer: Any) -> bool:
    """Return whether a layer attends to what an image's encoder gives, and to nothing else (Mllama)."""
    return hasattr(layer, "cross_attn") and not hasattr(layer, "self_attn")


def _indexer(indexer: Any) -> Iterator[_Layer]:
    """Yield what picks the keys that a query sees: a product of its own with every token's one key (arXiv:2512.02556).

    Scores of its heads are weighted and added, which is as a value of one number for each head. Qwen4's are added
    alone, and its query meets the mean key of each block of tokens.
    """
    if hasattr(indexer, "compress_ratio"):
        yield _Layer(indexer.index_n_heads * indexer.index_head_dim, 0, 0, None, None, indexer.compress_ratio)
        yield _Layer(0, 0, indexer.index_head_dim, None, None)
        return
    yield _Layer(indexer.n_heads * indexer.head_dim, indexer.n_heads, indexer.head_dim, None, None)


def _compressed(attention: Any, compressor: Any) -> Iterator[_Layer]:
    """Yield the entries that each stand for a few tokens, and the keys that pick among them where there are such.

    An entry is key and value at once.
    """
    width, each = attention.num_heads * attention.head_dim, compressor.compress_rate
    indexer = getattr(compressor, "indexer", None)
    yield _Layer(width, width, attention.head_dim, None, indexer and indexer.index_topk, each)
    if indexer:
        yield _Layer(indexer.num_heads * indexer.head_dim, 0, indexer.head_dim, None, None, each)


def _is_attention(module: Any, text: Any) -> bool:
    name = type(module).__name__.removeprefix(type(text).__name__.removesuffix("Config").removesuffix("Text"))
    named = "Attention" in name and not any(word in name for word in _OTHER_ATTENTION)
    return named and any(isinstance(child, nn.Linear | Conv1D) for child in module.children())


def _layer(text: Any, attention: Any, window: int | None, seen: int | None, *, caches: bool) -> _Layer:
    """Return the widths over all heads; latent attention caches the latent and the rotated key."""
    # Layers with a window may have heads of their own number, which the module knows.
    heads = getattr(attention, "num_heads", None) or text.num_attention_heads
    if hasattr(attention, "kv_lora_rank"):
        key, value = attention.qk_nope_head_dim + attention.qk_rope_head_dim, attention.v_head_dim
        cached = attention.kv_lora_rank + attention.qk_rope_head_dim
    else:
        key = getattr(attention, "head_dim", None) or getattr(attention, "head_size", None) or text.hidden_size // heads
        keys = getattr(getattr(attention, "k_proj", None), "out_features", None) or _kv_heads(text, attention) * key
        values = getattr(getattr(attention, "v_proj", None), "out_features", None) or keys
        value, cached = values * key // keys, keys + values
        if getattr(getattr(attention, "kv_proj", None), "out_features", None) == keys:  # key and value at once
            cached = keys
    return _Layer(heads * key, heads * value, cached if caches else 0, window, seen)


def _kv_heads(text: Any, attention: Any) -> int:
    """Return the heads of keys and values where they come from one matrix with the queries."""
    names = ((attention, "num_kv_heads"), (attention, "kv_heads"), (attention, "num_key_value_heads"))
    found = (getattr(part, name, None) for part, name in (*names, (text, "num_key_value_heads")))
    return int(next((heads for heads in found if heads), text.num_attention_heads))


def _states(layer: Any, kind: tuple[str, dict[str, Any]]) -> int:
    """Return the numbers that a layer keeps of a sequence of any length: its convolution's inputs, and its state."""
    if kind[0] not in _STATES:
        return sum(_unfinished(one) for one in layer.modules() if hasattr(one, "compress_rate"))
    if kind[0] == _MIXING:  # the last inputs of both halves; numerator, denominator and maximum of the mean
        return int(2 * layer.attention.key.in_features + 3 * layer.attention.key.out_features)
    convolving = [one for one in layer.modules() if isinstance(_convolution(one), nn.Conv1d)]
    short = [one for one in convolving if type(one).__name__.endswith(_SHORT)]
    mixers = [one for one in convolving if one not in short]
    lightning = [one for one in layer.modules() if "Lightning" in type(one).__name__]
    if not convolving and len(lightning) == 1:  # no convolution, and a matrix for each head (arXiv:2401.04658)
        return int(lightning[0].num_attention_heads * lightning[0].head_dim ** 2)
    if len(mixers) > 1 or not convolving:
        raise WorkloadError(f"no rule counts what layers of the kind {kind[0]} keep of a text", todo=passage.TODO)
    return sum(map(_inputs_kept, convolving)) + sum(map(_state, mixers))


def _inputs_kept(mixer: Any) -> int:
    """Return the numbers that a convolution keeps of its inputs: one with gaps leaves out the newest."""
    convolution = _convolution(mixer)
    size, gap = convolution.kernel_size[0], convolution.dilation[0]
    return int(convolution.out_channels * (size if gap == 1 else (size - 1) * gap))


def _state(mixer: Any) -> int:
    """Return the numbers of a layer's state beside its convolution's inputs."""
    if hasattr(mixer, "head_k_dim"):
        return int(mixer.num_v_heads * mixer.head_k_dim * mixer.head_v_dim)
    if "Delta" in type(mixer).__name__:  # keys are as wide as values (arXiv:2510.26692)
        return int(mixer.num_heads * mixer.head_dim**2)
    if not hasattr(mixer, "ssm_state_size"):  # RecurrentGemma's state takes the place of the convolution's newest input
        return 0
    width = mixer.num_heads * mixer.head_dim if hasattr(mixer, "head_dim") else mixer.intermediate_size
    return int(width * mixer.ssm_state_size)


def _unfinished(compressor: Any) -> int:
    """Return the numbers of tokens that make no entry yet, at most, and of the last entry's where entries overlap."""
    numbers = compressor.kv_proj.out_features
    return int(compressor.compress_rate * numbers * (3 if numbers > compressor.head_dim else 2))


def _convolution(module: Any) -> Any:
    return next((one for name in ("conv1d", "conv", "conv_1d") if (one := getattr(module, name, None))), None)
