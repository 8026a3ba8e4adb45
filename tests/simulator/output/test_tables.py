"""Numbers in a terminal's tables: different ones read differently, in units that a reader would say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.answers.messages import counted, plain
from simulator.output.tables import told_apart


@given(st.lists(st.integers(1, 10**8), min_size=1, max_size=8), st.sampled_from(["share", "1", "EUR", "EUR/token"]))
def test_different_numbers_read_differently(numbers: list[int], unit: str):
    """Whatever their size; equal ones read alike."""
    texts = told_apart([number / 1e6 for number in numbers], unit)
    assert len(set(texts)) == len(set(numbers))


@pytest.mark.parametrize(
    ("values", "unit", "texts"),
    [
        ((0.0046, 0.0054, 0.009), "share", ["0.46%", "0.54%", "0.9%"]),
        ((0.05, 0.1), "share", ["5.0%", "10%"]),
        ((1e-7, 2e-7), "USD/token", ["0.0000001 USD/token", "0.0000002 USD/token"]),
        ((1.0, 1.5), "head", ["1.00 head", "1.50 heads"]),
    ],
)
def test_numbers_have_as_few_digits_as_tell_them_apart(values: tuple[float, ...], unit: str, texts: list[str]):
    assert told_apart(values, unit) == texts


def test_a_share_reads_as_all_only_where_it_is():
    """A bound of 99.9 % is none of 100 %."""
    assert [plain(one, "share") for one in (0.95, 0.994, 0.999, 0.99995, 1 - 1e-12, 1)] == [
        *("95%", "99.4%", "99.9%", "99.995%", "100%", "100%")
    ]


def test_things_are_counted_in_the_plural():
    """A rate counts what stands first; symbols have no plural."""
    assert [counted(2, unit) for unit in ("head", "request/customer", "USD/token", "kg", "share")] == [
        *("heads", "requests/customer", "USD/token", "kg", "share")
    ]
    assert counted(1, "customer/month") == "customer/month"
