"""Units that a scenario states: another period is converted in the error, and never relabelled."""

import pytest

from simulator.engine.model import Input
from simulator.engine.units import Unit, quantity
from simulator.errors import BadValue
from simulator.lines import business
from simulator.scenario.checks.stated_units import Currencies, check_unit

USD = Currencies("USD")


def refusal(text: str, number: float | None, name: str) -> str:
    """Return what is said of a unit stated for an assumption of the business."""
    needed: Input = business().inputs[name]
    assert needed.quantity is not None
    with pytest.raises(BadValue) as found:
        check_unit(text, number, needed.quantity, USD.of(text))
    return str(found.value)


@pytest.mark.parametrize(
    ("text", "number", "name", "says"),
    [
        ("USD/customer/year", 30, "price", "give it in USD/customer/month: 30 a year is 2.50 a month"),
        ("USD/customer/quarter", 30, "price", "30 a quarter is 10 a month"),
        ("USD/seat/week", 7, "seat_price", "7 a week is 30.42 a month"),
        ("USD/day", 100, "fixed_overhead", "100 a day is 3,041.67 a month"),
        ("USD/hour", 2, "fixed_overhead", "2 an hour is 1,460 a month"),
        ("request/customer/day", 10, "requests_per_customer", "10 a day is 304.17 a month"),
        ("USD/head/month", 5000, "salary", "5,000 a month is 60,000 a year"),
        ("USD/device/month", 1460, "device_price", "1,460 a month is 2 an hour"),
        ("USD/token", 0.000002, "vendor_output_price", "2e-06 USD/token is 2 USD/Mtoken"),
        ("year", 2, "book_life", "give it in month: 2 year is 24 month"),
        ("USD/customer/year", None, "price", "1 a year is 0.0833 a month"),
    ],
)
def test_an_error_names_the_period_and_converts(text: str, number: float | None, name: str, says: str) -> None:
    """A number for another period, or in another size of one unit, comes with its value in the unit that is needed."""
    assert says in refusal(text, number, name)


@pytest.mark.parametrize("name", ["churn", "interest_on_cash", "annual_raise"])
def test_a_rate_of_another_period_is_not_relabelled(name: str) -> None:
    """A share a year is no multiple of a share a month, so no unit is proposed for the same number."""
    text = "share/year" if name == "churn" else "share/month"
    said = refusal(text, 0.3, name)
    assert "no simple multiple" in said
    assert "give it in" not in said


@pytest.mark.parametrize("text", ["USD/customer", "USD/customer/month", "USD / customer / month"])
def test_a_monthly_price_may_leave_its_period_out(text: str) -> None:
    """Files of before the period was shown stay valid."""
    needed = business().inputs["price"].quantity
    assert needed is not None
    check_unit(text, 30, needed, "USD")


def test_units_say_month_where_the_number_is_of_a_month() -> None:
    """The unit of a monthly fee has its period; that of a fee charged once has none."""
    texts = {name: one.quantity.text("USD") for name, one in business().inputs.items() if one.quantity}
    assert texts["price"] == texts["reference_bill"] == texts["commitment"] == "USD/customer/month"
    assert texts["budget"] == texts["fixed_overhead"] == "USD/month"
    assert (texts["setup_fee"], texts["once"], texts["salary"]) == ("USD/customer", "USD", "USD/head/year")


def test_the_size_of_a_unit_is_known_only_for_a_number() -> None:
    """A year is twelve months and an hour 3,600 seconds; a year of money is no number."""
    every = frozenset[str]()
    assert Unit.parse("year/month", without=every).size() == pytest.approx(12)
    assert Unit.parse("hour/s", without=every).size() == pytest.approx(3600)
    assert Unit.parse("year*money", without=every).size() is None


def test_a_quantity_with_a_period_has_the_unit_of_one_without() -> None:
    """A period is for people and files; formulas compute with amounts per month."""
    assert quantity("money", per="month").unit == quantity("money").unit
