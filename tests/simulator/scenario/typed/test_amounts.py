"""Amounts as people type them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import BadValue
from simulator.scenario.typed.amounts import amount_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500000", 500_000),
        ("500,000", 500_000),
        ("500k", 500_000),
        ("500 K", 500_000),
        ("$0.5M", 500_000),
        ("0.5 million", 500_000),
        ("1 200", 1_200),
        ("1\u202f200", 1_200),
        ("1\u2009200\u2009000", 1_200_000),
        ("€1.2bn", 1.2e9),
        ("USD 49", 49),
        ("49 EUR", 49),
        ("500k USD", 500_000),
        ("2M$", 2e6),
        ("$ 1,200.50", 1_200.5),
        (".5", 0.5),
        ("1e6", 1e6),
        ("-100", -100),
        ("-$100", -100),
        ("$-100", -100),
        ("\u2212100", -100),
        ("0", 0),
        ("50万", 500_000),
        ("3000万円", 3e7),
        ("1.2亿元", 1.2e8),
        ("￥５００，０００", 500_000),
        ("１２．５", 12.5),
        ("5 lakh", 500_000),
        ("₹2 crore", 2e7),
    ],
)
def test_an_amount_is_read_as_people_type_it(text: str, value: float):
    """Thousands may be set apart or shortened, and a currency may stand on either side."""
    assert amount_of(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "lots",
        "50%",
        "1,5",
        "1,20",
        "12,34,567",
        "1.2.3",
        "5 q",
        "--5",
        "-$-5",
        "1e99",
        "inf",
        "nan",
        "9" * 80,
    ],
)
def test_what_is_no_amount_is_refused(text: str):
    """The refusal says what is wrong and what to type."""
    with pytest.raises(BadValue) as refused:
        amount_of(text)
    assert refused.value.what
    assert refused.value.todo


def test_a_decimal_comma_is_explained():
    """Half of Europe types 1,5, which may mean two things here."""
    with pytest.raises(BadValue, match=r"write 1\.5 with a point"):
        amount_of("1,5")


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str):
    """Any text is either an amount or refused with a reason."""
    with suppress(BadValue):
        assert abs(amount_of(text)) <= 1e18


@given(st.integers(0, 10**12))
def test_thousands_may_be_set_apart(number: int):
    """A number with commas is the number without."""
    assert amount_of(f"{number:,}") == number
