"""Scenarios that the tests of the simulator share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from made import SMALL, changed, shortened

from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def shipped() -> Scenario:
    """Return the scenario that ships, over a year and a half."""
    return shortened(load(ROOT / "scenarios" / "support-copilot.yaml"), 18)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Scenario]:
    """Return a function that reads the small scenario after replacing pieces of its text."""

    def parsed(*replacements: tuple[str, str]) -> Scenario:
        return parse(changed(*replacements), tmp_path, "small.yaml")

    return parsed


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the small scenario, with pieces of its text replaced, to a file."""

    def written(*replacements: tuple[str, str]) -> Path:
        path = tmp_path / "small.yaml"
        path.write_text(changed(*replacements), encoding="utf-8")
        return path

    return written


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """Return the small scenario without changes."""
    return parse(SMALL, tmp_path_factory.mktemp("scenario"), "small.yaml")
