"""Amounts as people type them."""

from contextlib import suppress
from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import BadValue
from simulator.scenario.typed.amounts import Ambiguous, amount_of, percent_of


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
        ("12,5", 12.5),
        ("12,50 €", 12.5),
        ("0,75", 0.75),
        ("0,750", 0.75),
        ("-1,2345", -1.2345),
        ("1.234,56", 1_234.56),
        ("1.234.567", 1_234_567),
        ("1,234,567.89", 1_234_567.89),
        ("1 200,50 zł", 1_200.5),
        ("1 200,500", 1_200.5),
        ("CHF 1’200.50", 1_200.5),
        ("1'200'000", 1_200_000),
        ("12,34,567.8", 1_234_567.8),
        ("1,5 Mio. €", 1_500_000),
        ("2,5 mln zł", 2_500_000),
        ("1.2345", 1.2345),
        ("0.125", 0.125),
        ("1.375", 1.375),
        ("$2.125", 2.125),
        ("1,200", 1_200),
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
        "12,",
        ",",
        "1,234,56",
        "1.234.56",
        "1,200 300",
        "1,200.300,5",
        "12,345,67",
        "1234,567",
        "1.200",
        "1.200 €",
        "1,250M",
        "1.250 Mio.",
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


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("500.000", "write 500 or 500000"),
        ("1.200 €", "write 1.2 € or 1200 €"),
        ("1,250M", "write 1.25M or 1250M"),
        ("1234,567", "write 1234.567 or 1234567"),
        ("-$1.200", "write -$1.2 or -$1200"),
    ],
)
def test_a_sign_that_may_be_either_is_refused(text: str, advice: str):
    """Taking a decimal sign for one of thousands is wrong by a thousand, so the refusal gives both readings."""
    with pytest.raises(Ambiguous) as refused:
        amount_of(text)
    assert refused.value.todo == advice
    first, second = (amount_of(one) for one in advice.removeprefix("write ").split(" or "))
    assert second == 1000 * first


@pytest.mark.parametrize(("text", "value"), [("4", 4), ("2,5 %", 2.5), ("2.375%", 2.375), ("-1.500", -1.5)])
def test_percent_have_a_decimal_point(text: str, value: float):
    """Nobody writes thousands of percent with a point."""
    assert percent_of(text) == value


def test_a_comma_before_three_digits_of_percent_is_refused():
    """2,375% is two percent in Germany, and two thousand in America."""
    with pytest.raises(Ambiguous, match="decimals or thousands") as refused:
        percent_of("-2,375%")
    assert refused.value.todo == "write -2.375% or -2375%"


COUNTRIES = ("de_DE", "pl_PL", "fr_FR", "en_US", "hi_IN", "de_CH", "en_IN", "pt_BR", "ja_JP", "zh_CN")
CENTS = st.integers(-(10**13), 10**13).map(lambda cents: Decimal(cents) / 100)


@given(CENTS, st.sampled_from(COUNTRIES), st.sampled_from(["#,##0.00", "#,##0.##", "0.00", "#,##0.0000"]))
def test_an_amount_of_any_country_is_never_another_number(number: Decimal, country: str, pattern: str):
    """What Babel writes for ten countries is read as that number or refused; whole numbers are tested below."""
    if pattern == "#,##0.##" and number == int(number):
        pattern = "#,##0.00"  # an amount without decimals is the exception, tested below
    text = format_decimal(number, pattern if not country.endswith("IN") else INDIAN[pattern], locale=country)
    with suppress(Ambiguous):
        assert amount_of(text) == float(number)


INDIAN = {one: one.replace("#,##0", "#,##,##0") for one in ("#,##0.00", "#,##0.##", "0.00", "#,##0.0000")}


PRICED = [("EUR", "de_DE"), ("PLN", "pl_PL"), ("EUR", "fr_FR"), ("USD", "en_US"), ("INR", "hi_IN")]


@given(CENTS, st.sampled_from(PRICED))
def test_a_price_with_cents_is_read_as_written(number: Decimal, place: tuple[str, str]):
    """The usual form of a price, with its currency and two decimals, is always read."""
    currency, country = place
    assert amount_of(format_currency(number, currency, locale=country)) == float(number)


@given(st.integers(1, 10**11).map(lambda tens: 10 * tens), st.sampled_from(COUNTRIES))
def test_a_round_amount_is_read_or_refused(number: int, country: str):
    """No country writes a whole amount that is read as a fraction, unless it is as crooked as a fraction."""
    with suppress(Ambiguous):
        assert amount_of(format_decimal(number, locale=country)) == number


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str):
    """Any text is either an amount or refused with a reason."""
    with suppress(BadValue):
        assert abs(amount_of(text)) <= 1e18


@given(st.integers(0, 10**12))
def test_thousands_may_be_set_apart(number: int):
    """A number with commas is the number without."""
    assert amount_of(f"{number:,}") == number
