"""Classifiers of images: ViT (arXiv:2010.11929) and ResNet (arXiv:1512.03385)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from profiling.architecture import blocks
from profiling.architecture.model import ONCE, Architecture, Attention, Matrix, Rows
from profiling.architecture.settings import Settings, shape

DEFAULTS: dict[str, dict[str, Any]] = {
    "vit": shape(768, 12, 12, intermediate_size=3072, image_size=224, patch_size=16, num_channels=3, qkv_bias=True),
    "resnet": {
        "num_channels": 3,
        "embedding_size": 64,
        "hidden_sizes": [256, 512, 1024, 2048],
        "depths": [3, 4, 6, 3],
        "layer_type": "bottleneck",
        "downsample_in_first_stage": False,
        # Transformers has no such setting; ImageNet's images are cropped to 224.
        "image_size": 224,
    },
}
# A bottleneck has a quarter of its outputs inside.
_BOTTLENECK = 4


def build(config: Mapping[str, Any]) -> Architecture:
    """Return the classifier of a `vit` or `resnet` config."""
    return {"vit": _vit, "resnet": _resnet}[str(config["model_type"])](config)


def _vit(config: Mapping[str, Any]) -> Architecture:
    """Return an encoder of patches and a class token, which alone is classified."""
    settings = Settings(config, DEFAULTS["vit"])
    hidden, layers, patch = settings.hidden, settings.layers, settings.size("patch_size")
    patches = (settings.size("image_size") // patch) ** 2
    positions, pixels = patches + 1, settings.size("num_channels") * patch * patch
    names = ("q_proj", "k_proj", "v_proj", "o_proj", "fc1", "fc2")
    encoder = blocks.plain_block(
        hidden, settings.ffn, layers, names, qkv_bias=settings.flag("qkv_bias"), rows=Rows(0, positions)
    )
    return Architecture(
        *(settings.model_type, layers, hidden, settings.heads, 0),
        matrices=(
            Matrix("patch_embeddings.projection", pixels, hidden, bias=True, rows=Rows(0, patches), from_data=True),
            *encoder,
            Matrix("classifier", hidden, settings.labels, bias=True, rows=ONCE, role="classifier"),
        ),
        attentions=(Attention(layers, hidden, hidden, positions, positions),),
        # Two norms a layer and one at the end; the class token and the positions.
        vectors=(2 * layers + 1) * 2 * hidden + (1 + positions) * hidden,
        fixed_positions=positions,
        adapted=("q_proj", "v_proj"),
    )


def _resnet(config: Mapping[str, Any]) -> Architecture:
    """Return a stem, stages of residual blocks, the mean over the image, and the classes."""
    settings = Settings(config, DEFAULTS["resnet"])
    widths, depths = settings.sizes("hidden_sizes"), settings.sizes("depths")
    if len(widths) != len(depths):
        settings.fail("depths", f"has {len(depths)} stages, and hidden_sizes {len(widths)}; give as many")
    convolutions = tuple(_convolutions(settings, widths, depths))
    return Architecture(
        *(settings.model_type, sum(depths), widths[-1], 0, 0),
        matrices=(
            *convolutions,
            Matrix("classifier.1", widths[-1], settings.labels, bias=True, rows=ONCE, role="classifier"),
        ),
        # A norm with weight and bias after each convolution, which has no bias of its own.
        vectors=sum(2 * one.outputs for one in convolutions),
        fixed_positions=1,
    )


def _convolutions(settings: Settings, widths: list[int], depths: list[int]) -> Iterator[Matrix]:
    """Yield every convolution in order; the stem halves the image twice, every further stage once."""
    channels, side = settings.size("embedding_size"), _half(settings.size("image_size"))
    yield _convolution("embedder", (settings.size("num_channels"), channels, 7), side, from_data=True)
    side = _half(side)
    bottleneck = settings.word("layer_type", "basic", "bottleneck") == "bottleneck"
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
    """Yield two convolutions of 3 x 3, or one between two of 1 x 1; the first one of 3 x 3 shrinks the image."""
    if not bottleneck:
        yield _convolution("layer", (channels, width, 3), side)
        yield _convolution("layer", (width, width, 3), side)
        return
    inner = width // _BOTTLENECK
    yield _convolution("layer", (channels, inner, 1), before)
    yield _convolution("layer", (inner, inner, 3), side)
    yield _convolution("layer", (inner, width, 1), side)


def _convolution(name: str, shape: tuple[int, int, int], side: int, from_data: bool = False) -> Matrix:
    """Return a convolution without bias as a matrix; its shape is (channels, outputs, side of the kernel).

    One row passes through the matrix for each of `side` x `side` pixels.
    """
    channels, outputs, kernel = shape
    inputs, rows = channels * kernel * kernel, Rows(0, side * side)
    return Matrix(f"{name}.convolution", inputs, outputs, rows=rows, from_data=from_data)


def _half(side: int) -> int:
    """Return the side after a convolution of stride 2 with padding."""
    return (side + 1) // 2
