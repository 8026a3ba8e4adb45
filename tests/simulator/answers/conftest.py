"""A base case that the tests of answers share."""

from pathlib import Path

import pytest
from companies import everything

from simulator.answers.ledger import Ledger


@pytest.fixture(scope="session")
def whole() -> Ledger:
    """The base case of a company that has everything."""
    return Ledger.of(everything(Path(), months=30, seed=4))
