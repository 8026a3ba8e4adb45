"""Quotes: terms and prices as a founder types them, and what is none."""

from __future__ import annotations

import pytest

from simulator.answers.committing.quotes import read_quotes
from simulator.errors import PlanError


def test_quotes_are_months_and_prices():
    """In any order, with spaces or without."""
    assert read_quotes("") == read_quotes(" , ") == {}
    assert read_quotes("36 = 1.90,12=2.40") == {36: 1.9, 12: 2.4}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("36", "'36' is no quote; write MONTHS=PRICE"),
        ("36=", "is no quote"),
        ("three years=2", "is no quote"),
        ("36=nan", "is no quote"),
        ("0=2", "a term has 1 to 120 months"),
        ("1.5=2", "a term has 1 to 120 months"),
        ("12=0", "and a price"),
        ("12=-1", "and a price"),
        ("12=1e400", "is no quote"),
        ("12=2, 12=3", "12 months are quoted twice"),
    ],
)
def test_nonsense_is_refused_as_a_quote(text: str, says: str):
    """In a sentence that shows the form."""
    with pytest.raises(PlanError, match=says):
        read_quotes(text)
