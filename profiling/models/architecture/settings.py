"""A config as a family reads it: transformers' names, its defaults where a name is absent, sentences for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.checks import Fields
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
        self.fields = Fields.of({**known, **renamed}, f"config of a {self.model_type}", WorkloadError)

    def size(self, name: str, otherwise: int | None = None) -> int:
        """A whole number from 1; `otherwise` stands for one that is null or absent."""
        if otherwise is not None and name not in self.fields.values:
            return otherwise
        return self.fields.integer(name, least=1, most=LARGEST)

    def count(self, name: str) -> int:
        """A whole number from 0."""
        return self.fields.integer(name, least=0, most=LARGEST)

    def flag(self, name: str) -> bool:
        """True or false."""
        found = self.fields.optional_flag(name)
        if found is None:
            self.fields.fail(name, "is missing; add it")
        return found

    def sizes(self, name: str, least: int = 1) -> list[int]:
        """A list of whole numbers from `least`."""
        found = self.fields.items(name)
        if any(isinstance(one, bool) or not isinstance(one, int) or not least <= one <= LARGEST for one in found):
            self.fields.fail(name, f"is {found!r}; it must hold whole numbers from {least}")
        return found

    def word(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
        return self.fields.one_of(name, allowed)

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
