"""Registries by folder: every object of a type that the modules of a package define is registered by its name.

A new object needs a file of its own and no other change. Code that needs torch is named as text and imported on use.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, TypeVar


class Registered(Protocol):
    """An object with a name and a position in listings."""

    @property
    def name(self) -> str:
        """The name by which files and commands know the object."""

    @property
    def order(self) -> int:
        """The position in listings, lowest first."""


T = TypeVar("T", bound=Registered)


def collect(package: str, path: Iterable[str], kind: type[T]) -> dict[str, T]:
    """Return the objects of type `kind` that the modules of a package define, by name and in their order."""
    modules = [import_module(f"{package}.{module.name}") for module in iter_modules(path)]
    found = {one.name: one for module in modules for one in vars(module).values() if isinstance(one, kind)}
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def load(reference: str) -> Any:
    """Return what a text such as `profiling.making.training:Training` names."""
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)
