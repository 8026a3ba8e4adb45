"""The library's face: what `import simulator` offers, shown by its own example."""

import doctest
from pathlib import Path

import pytest

import simulator

ROOT = Path(__file__).parents[2]


def test_the_example_runs(monkeypatch: pytest.MonkeyPatch):
    """The example in the docstring prints what it says."""
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(simulator)
    assert (found.failed, found.attempted > 0) == (0, True)


def test_the_example_shows_the_public_names():
    """Every public name exists and is mentioned in the docstring, except the parser of a text already in memory."""
    assert all(hasattr(simulator, name) for name in simulator.__all__)
    assert {name for name in simulator.__all__ if name not in (simulator.__doc__ or "")} <= {"parse", "Scenario"}
