"""A config as a family reads it: transformers' names, its defaults where a name is absent, sentences for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.checks import FLAG, Fields, integer, items, one_of
from profiling.errors import WorkloadError

# Beyond this no number of a config is a size of a model, and a product of them could not be reckoned with.
LARGEST = 10**9


class Settings:
    """The settings of one config; every reader raises WorkloadError for what is missing or no such value."""

    def __init__(
        self, config: Mapping[str, Any], defaults: Mapping[str, Any], aliases: Mapping[str, str] | None = None
    ) -> None:
        """`defaults` are the model type's own; `aliases` are further names, as in transformers' `attribute_map`."""
        renamed = {(aliases or {}).get(name, name): value for name, value in config.items() if value is not None}
        known = {name: value for name, value in defaults.items() if value is not None}
        self.model_type = str(config.get("model_type"))
        self.fields = Fields({**known, **renamed}, f"config of a {self.model_type}", WorkloadError)

    def size(self, name: str, otherwise: int | None = None) -> int:
        """A whole number from 1; `otherwise` stands for one that is null or absent."""
        if otherwise is not None and name not in self.fields.values:
            return otherwise
        return int(self.fields.read(name, integer(1, LARGEST)))

    def count(self, name: str) -> int:
        """A whole number from 0."""
        return int(self.fields.read(name, integer(0, LARGEST)))

    def flag(self, name: str) -> bool:
        """True or false."""
        return bool(self.fields.read(name, FLAG))

    def sizes(self, name: str, least: int = 1) -> list[int]:
        """A list of whole numbers from `least`."""
        return list(self.fields.read(name, items(integer(least, LARGEST))))

    def word(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
        return str(self.fields.read(name, one_of(*allowed)))

    def head_size(self, heads: int, hidden: int) -> int:
        """`head_dim`, or the hidden size shared among the heads."""
        return self.size("head_dim", otherwise=max(1, hidden // heads))

    @property
    def labels(self) -> int:
        """Classes of a classifier: `num_labels`, or as many as `id2label` names; transformers' default is 2."""
        names = self.fields.values.get("id2label")
        return self.size("num_labels", otherwise=len(names) if names else 2)

    @property
    def classifies(self) -> bool:
        """Whether the config says that a language model was turned into a classifier of sequences."""
        classes = self.fields.values.get("architectures") or []
        return any(str(name).endswith("ForSequenceClassification") for name in classes)
