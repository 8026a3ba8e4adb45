"""A sentence with gaps: said of a record, translated by whoever shows it. Imports nothing that is slow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from profiling.errors import counted

# Fills a template with named values, perhaps in another language.
Say = Callable[..., str]


@dataclass(frozen=True)
class Counted:
    """A number of things, named in the plural, whose words can be translated."""

    count: float
    things: str

    def __str__(self) -> str:
        return counted(self.count, self.things)


@dataclass(frozen=True)
class Sentence:
    """A sentence with gaps, so that it can be translated, and the values that fill them."""

    template: str
    values: Mapping[str, str | Counted | Sentence] = field(default_factory=dict)

    def with_values(self, **more: str | Sentence) -> Sentence:
        """Return the sentence with further gaps filled."""
        return replace(self, values={**self.values, **more})

    def said(self, say: Say = str.format) -> str:
        """Return the sentence as `say` fills its template with the values."""
        return say(self.template, **self.values)

    def __str__(self) -> str:
        return self.said()
