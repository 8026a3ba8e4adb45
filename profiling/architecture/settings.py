"""A config as a family reads it: transformers' field names and defaults, and errors for what is no size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from profiling.checks import FLAG, Fields, integer, items, one_of
from profiling.errors import WorkloadError

# No size of a model is larger, and products of larger numbers would overflow.
LARGEST = 10**9


def shape(hidden: int, layers: int, heads: int, **further: Any) -> dict[str, Any]:
    """Return a model type's defaults: width, layers and heads by their common names, and the further fields."""
    return {"hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads, **further}


class Settings:
    """The settings of one config; each reader raises WorkloadError where a value is missing or is no such value."""

    def __init__(
        self, config: Mapping[str, Any], defaults: Mapping[str, Any], aliases: Mapping[str, str] | None = None
    ) -> None:
        """Take the model type's defaults, and `aliases` from a common name to the family's (its `attribute_map`)."""
        self._aliases = aliases or {}
        given = ((name, value) for name, value in (*defaults.items(), *config.items()) if value is not None)
        self.model_type = str(config.get("model_type"))
        values = {self._aliases.get(name, name): value for name, value in given}
        self.fields = Fields(values, f"config of a {self.model_type}", WorkloadError)

    def size(self, name: str, otherwise: int | None = None) -> int:
        """Return a whole number from 1; `otherwise` stands for one that is null or absent."""
        name = self._aliases.get(name, name)
        if otherwise is not None and name not in self.fields.values:
            return otherwise
        return int(self.fields.read(name, integer(1, LARGEST)))

    def count(self, name: str) -> int:
        """Return a whole number from 0."""
        return int(self.fields.read(name, integer(0, LARGEST)))

    def flag(self, name: str) -> bool:
        """Return true or false."""
        return bool(self.fields.read(name, FLAG))

    def sizes(self, name: str, least: int = 1) -> list[int]:
        """Return a list of whole numbers from `least`."""
        return list(self.fields.read(name, items(integer(least, LARGEST))))

    def word(self, name: str, *allowed: str) -> str:
        """Return one of a few words."""
        return str(self.fields.read(name, one_of(*allowed)))

    def fail(self, name: str, what: str) -> NoReturn:
        """Raise WorkloadError about one field."""
        self.fields.fail(name, what)

    @property
    def hidden(self) -> int:
        """Width of the hidden states."""
        return self.size("hidden_size")

    @property
    def layers(self) -> int:
        """Number of layers."""
        return self.size("num_hidden_layers")

    @property
    def heads(self) -> int:
        """Number of attention heads."""
        return self.size("num_attention_heads")

    @property
    def vocab(self) -> int:
        """Number of words."""
        return self.size("vocab_size")

    @property
    def ffn(self) -> int:
        """Width of the feed-forward layers."""
        return self.size("intermediate_size")

    @property
    def frame(self) -> tuple[str, int, int, int, int]:
        """Model type, layers, hidden size, heads and vocabulary: the first fields of an `Architecture`."""
        return self.model_type, self.layers, self.hidden, self.heads, self.vocab

    @property
    def kv_heads(self) -> int:
        """Number of heads of keys and values: those of the queries, unless the config groups them."""
        return self.size("num_key_value_heads", otherwise=self.heads)

    @property
    def head_size(self) -> int:
        """Width of one head: `head_dim`, or the hidden size divided among the heads."""
        return self.size("head_dim", otherwise=max(1, self.hidden // self.heads))

    @property
    def labels(self) -> int:
        """Classes of a classifier: `num_labels`, or the number of names in `id2label`; transformers' default is 2."""
        names = self.fields.values.get("id2label")
        return self.size("num_labels", otherwise=len(names) if names else 2)

    @property
    def classifies(self) -> bool:
        """Whether the config names a class that turns a language model into a classifier of sequences."""
        classes = self.fields.values.get("architectures") or []
        return any(str(name).endswith("ForSequenceClassification") for name in classes)
