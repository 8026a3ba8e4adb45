"""Breakeven's own model types: a Transformer encoder from scratch, an MLP and a linear regression.

Importing this module registers them with transformers, so that they are built, saved and read like any other.
"""

# transformers types its base classes in part.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

_DEFAULTS: dict[str, dict[str, Any]] = {
    "encoder": {
        **{"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024},
        **{"vocab_size": 30522, "max_position_embeddings": 512},
    },
    "mlp": {"sizes": [8, 64, 64], "num_labels": 1},
    "linear": {"features": 16, "num_labels": 1},
}


class _OwnConfig(PreTrainedConfig):
    """Base of the configs, with the defaults of each type."""

    def __post_init__(self, **given: Any) -> None:
        super().__post_init__(**{**_DEFAULTS.get(self.model_type, {}), **given})


class EncoderConfig(_OwnConfig):
    """Shape of a `torch.nn.TransformerEncoder` between embeddings and a head over classes."""

    model_type = "encoder"
    dropout: float = 0.1


class MlpConfig(_OwnConfig):
    """Widths of a multi-layer perceptron, the inputs first; the outputs are `num_labels`."""

    model_type = "mlp"

    def to_diff_dict(self) -> dict[str, Any]:
        """Return the config with `num_labels`, which transformers leaves out where it is 2, its own default."""
        return {**super().to_diff_dict(), "num_labels": self.num_labels}


class LinearConfig(_OwnConfig):
    """A linear regression of one number on `features`."""

    model_type = "linear"


class _Own(PreTrainedModel):
    """Base of Breakeven's models: each module has torch's own initialisation."""

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        for reset in ("reset_parameters", "_reset_parameters"):
            if callable(draw := getattr(module, reset, None)):
                draw()


class Encoder(_Own):
    """Embeddings of words and positions, a post-norm `torch.nn.TransformerEncoder`, the mean, and a linear head."""

    config_class = EncoderConfig
    base_model_prefix = "encoder"
    _supports_sdpa = True

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        width = config.hidden_size
        self.words = nn.Embedding(config.vocab_size, width)
        self.positions = nn.Embedding(config.max_position_embeddings, width)
        layer = nn.TransformerEncoderLayer(
            width, config.num_attention_heads, config.intermediate_size, config.dropout, "gelu", batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, config.num_hidden_layers, enable_nested_tensor=False)
        self.classifier = nn.Linear(width, config.num_labels)
        self.post_init()

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None, labels: torch.Tensor | None = None
    ) -> SequenceClassifierOutput:
        """Return logits of shape (batch, num_labels) for texts of shape (batch, tokens), and the cross-entropy."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        with _attention(self.config._attn_implementation):
            hidden = self.encoder(self.words(input_ids) + self.positions(places), src_key_padding_mask=mask == 0)
        share = (mask / mask.sum(1, keepdim=True)).to(hidden.dtype)
        logits = self.classifier((hidden * share[:, :, None]).sum(1))
        loss = None if labels is None else nn.functional.cross_entropy(logits.float(), labels)
        return SequenceClassifierOutput(loss=loss, logits=logits)


@contextmanager
def _attention(implementation: str) -> Iterator[None]:
    """Compute `eager` attention as plain products, which torch counts; on a CPU torch does not count fused kernels."""
    if implementation != "eager":
        yield
        return
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)


class _Regression(_Own):
    """A regression with the mean squared error as loss."""

    main_input_name = "inputs"
    _supports_sdpa = True  # the model has no attention, so either choice will do
    layers: nn.Module

    def forward(self, inputs: torch.Tensor, labels: torch.Tensor | None = None) -> SequenceClassifierOutput:
        """Return predictions as logits of shape (batch, num_labels) for inputs of shape (batch, features)."""
        answers = self.layers(inputs.to(next(self.parameters()).dtype))
        loss = None if labels is None else nn.functional.mse_loss(answers.float(), labels)
        return SequenceClassifierOutput(loss=loss, logits=answers)


class Mlp(_Regression):
    """Linear layers with ReLU between them."""

    config_class = MlpConfig
    base_model_prefix = "layers"

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        widths = [*config.sizes, config.num_labels]
        pairs = [(nn.Linear(wide, next_wide), nn.ReLU()) for wide, next_wide in pairwise(widths)]
        self.layers = nn.Sequential(*[module for pair in pairs for module in pair][:-1])
        self.post_init()


class Linear(_Regression):
    """One linear layer, for which the solution of gradient descent is known."""

    config_class = LinearConfig
    base_model_prefix = "layers"

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.layers = nn.Linear(config.features, config.num_labels)
        self.post_init()


TYPES: tuple[tuple[type[PreTrainedConfig], type[PreTrainedModel]], ...] = (
    (EncoderConfig, Encoder),
    (MlpConfig, Mlp),
    (LinearConfig, Linear),
)
for _config, _model in TYPES:
    AutoConfig.register(_config.model_type, _config)
    AutoModelForSequenceClassification.register(_config, _model)
