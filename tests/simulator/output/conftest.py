"""A workbook that the tests of the workbook share."""

from pathlib import Path

import pytest
from recalculated import written

from simulator.scenario.scenario import Scenario


@pytest.fixture(scope="session")
def sent(small: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workbook of the small scenario; tests change copies of it."""
    file = tmp_path_factory.mktemp("sent") / "plan.xlsx"
    written(small, file)
    return file
