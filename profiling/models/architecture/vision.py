"""Classifiers of images: ViT (arXiv:2010.11929) and ResNet (arXiv:1512.03385)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from profiling.models.architecture.model import ONCE, Architecture, Attention, Matrix, Rows
from profiling.models.architecture.settings import Settings

DEFAULTS: dict[str, dict[str, Any]] = {
    "vit": {
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "image_size": 224,
        "patch_size": 16,
        "num_channels": 3,
        "qkv_bias": True,
    },
    "resnet": {
        "num_channels": 3,
        "embedding_size": 64,
        "hidden_sizes": [256, 512, 1024, 2048],
        "depths": [3, 4, 6, 3],
        "layer_type": "bottleneck",
        "downsample_in_first_stage": False,
        # Not a setting of transformers': what ImageNet's images are cut to.
        "image_size": 224,
    },
}
# A bottleneck works on a quarter of its outputs.
_BOTTLENECK = 4


def build(config: Mapping[str, Any]) -> Architecture:
    """The classifier of a `vit` or `resnet` config."""
    return {"vit": _vit, "resnet": _resnet}[str(config["model_type"])](config)


def _vit(config: Mapping[str, Any]) -> Architecture:
    """Patches and a class token through an encoder; the class token alone is classified."""
    settings = Settings(config, DEFAULTS["vit"])
    hidden, layers, heads, ffn, image, patch, channels = (
        settings.size(name)
        for name in (
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "intermediate_size",
            "image_size",
            "patch_size",
            "num_channels",
        )
    )
    patches = (image // patch) ** 2
    positions, bias = patches + 1, settings.flag("qkv_bias")
    every = Rows(0, positions)
    return Architecture(
        settings.model_type,
        layers,
        hidden,
        heads,
        vocab=0,
        matrices=(
            Matrix(
                "patch_embeddings.projection",
                channels * patch * patch,
                hidden,
                bias=True,
                rows=Rows(0, patches),
                from_data=True,
            ),
            *(Matrix(name, hidden, hidden, layers, bias=bias, rows=every) for name in ("q_proj", "k_proj", "v_proj")),
            Matrix("o_proj", hidden, hidden, layers, bias=True, rows=every),
            Matrix("fc1", hidden, ffn, layers, bias=True, rows=every),
            Matrix("fc2", ffn, hidden, layers, bias=True, rows=every),
            Matrix("classifier", hidden, settings.labels, bias=True, rows=ONCE, role="classifier"),
        ),
        attentions=(Attention(layers, hidden, hidden, positions, positions),),
        # Two norms a layer and one at the end; the class token and the positions.
        vectors=(2 * layers + 1) * 2 * hidden + (1 + positions) * hidden,
        fixed_positions=positions,
        adapted=("q_proj", "v_proj"),
    )


def _resnet(config: Mapping[str, Any]) -> Architecture:
    """A stem, four stages of residual blocks, the mean over the image, and the classes."""
    settings = Settings(config, DEFAULTS["resnet"])
    widths, depths = settings.sizes("hidden_sizes"), settings.sizes("depths")
    if len(widths) != len(depths):
        settings.fields.fail("depths", f"has {len(depths)} stages, and hidden_sizes {len(widths)}; give as many")
    convolutions = tuple(_convolutions(settings, widths, depths))
    return Architecture(
        settings.model_type,
        sum(depths),
        widths[-1],
        0,
        vocab=0,
        matrices=(
            *convolutions,
            Matrix("classifier.1", widths[-1], settings.labels, bias=True, rows=ONCE, role="classifier"),
        ),
        # A norm with weight and bias after each convolution, which has no bias of its own.
        vectors=sum(2 * one.outputs for one in convolutions),
        fixed_positions=1,
    )


def _convolutions(settings: Settings, widths: list[int], depths: list[int]) -> Iterator[Matrix]:
    """Every convolution in its order; the stem halves the image twice, every further stage once."""
    channels, side = settings.size("embedding_size"), _half(settings.size("image_size"))
    yield _convolution("embedder", (settings.size("num_channels"), channels, 7), side, from_data=True)
    side = _half(side)
    bottleneck = settings.word("layer_type", ("basic", "bottleneck")) == "bottleneck"
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        shrinks = stage > 0 or settings.flag("downsample_in_first_stage")
        for block in range(depth):
            before, first = side, block == 0
            side = _half(side) if first and shrinks else side
            yield from _block(channels, width, before, side, bottleneck)
            if channels != width or (first and shrinks):
                yield _convolution("shortcut", (channels, width, 1), side)
            channels = width


def _block(channels: int, width: int, before: int, side: int, bottleneck: bool) -> Iterator[Matrix]:
    """Two convolutions of 3 x 3, or one between two of 1 x 1; the image shrinks in the first one of 3 x 3."""
    if not bottleneck:
        yield _convolution("layer", (channels, width, 3), side)
        yield _convolution("layer", (width, width, 3), side)
        return
    inner = width // _BOTTLENECK
    yield _convolution("layer", (channels, inner, 1), before)
    yield _convolution("layer", (inner, inner, 3), side)
    yield _convolution("layer", (inner, width, 1), side)


def _convolution(name: str, shape: tuple[int, int, int], side: int, from_data: bool = False) -> Matrix:
    """A convolution without bias as the matrix that it is; its shape is (channels, outputs, kernel's side).

    It meets a row for each of `side` x `side` places.
    """
    channels, outputs, kernel = shape
    inputs, rows = channels * kernel * kernel, Rows(0, side * side)
    return Matrix(f"{name}.convolution", inputs, outputs, rows=rows, from_data=from_data)


def _half(side: int) -> int:
    """A side after a convolution of stride 2 that pads to keep the edge."""
    return (side + 1) // 2
