"""Numbers in messages: one thing is not called by its plural."""

import pytest

from profiling.errors import counted


@pytest.mark.parametrize(
    ("count", "things", "text"),
    [
        (1, "requests at a time", "1 request at a time"),
        (1.0, "sequences at a time", "1 sequence at a time"),
        (2, "requests at a time", "2 requests at a time"),
        (1, "processes", "1 process"),
        (1, "batches", "1 batch"),
        (1, "cases", "1 case"),
        (0, "hosts", "0 hosts"),
        (1200, "requests a minute", "1,200 requests a minute"),
        (0.5, "hours", "0.5 hours"),
    ],
)
def test_things_agree_with_their_number(count: float, things: str, text: str) -> None:
    """Words that end in -sses and -ches lose two letters."""
    assert counted(count, things) == text
