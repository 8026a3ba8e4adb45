"""Text as people type it becomes the value that it means, and keeps the doubt of the value that stood before."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from example import EXAMPLE

from dashboard.desk.desk import SHIPPED
from simulator.answers.draws import draw
from simulator.errors import BadValue, BreakevenError
from simulator.lines import business
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import is_calendar, is_choice, is_percent, typed_literal
from simulator.scenario.typed.spread import certain, course, spread

PRICE, CHURN, CONVERSION, CLOSE, PARTICIPATING = (
    "plans.team.price",
    "plans.team.churn",
    "plans.team.conversion",
    "rounds.seed.close_month",
    "rounds.seed.participating",
)
SALARY, HEADS, TOKENS = "roles.founder.salary", "roles.founder.heads", "features.drafting.tokens_per_request"
DEVICE_PRICE, TOKEN_PRICE = "pools.large.device_price", "pools.large.vendor_output_price"
USED = "features.drafting.use_share"
START = date(2027, 1, 1)


@pytest.fixture(scope="module")
def shipped() -> Scenario:
    """The first scenario that ships, with certain values."""
    return load(SHIPPED / EXAMPLE).with_values({PRICE: 1490, CHURN: "3%"})


def typed(scenario: Scenario, path: str, text: str) -> Any:
    """The literal that a text means over an assumption of the scenario."""
    return typed_literal(text, scenario.assumptions[path], START)


@pytest.mark.parametrize(
    "text",
    ["€40", "40 €", "40 EUR", "40 euros", "40k EUR", "-£5", "C$ 40", "40 to 50 €", "40, then 50 EUR from Mar 2028"],
)
def test_an_amount_in_another_currency_is_refused(shipped: Scenario, text: str):
    """Nothing is converted, so that both currencies are named."""
    with pytest.raises(BadValue, match=r"names .*, and this field counts USD.*convert it"):
        typed(shipped, PRICE, text)


@pytest.mark.parametrize(
    ("path", "text", "literal"),
    [
        (PRICE, "500,000", 500_000),
        (PRICE, "500k", 500_000),
        (PRICE, "$0.5M", 500_000),
        (PRICE, "1 200", 1_200),
        (PRICE, "49 US$", 49),
        (PRICE, "49.5", 49.5),
        (PRICE, "44 to 62", "90% between 44 and 62"),
        (PRICE, "44–62", "90% between 44 and 62"),
        (PRICE, "44至62", "90% between 44 and 62"),
        (PRICE, "1.2万 到 1.5万", "90% between 12000 and 15000"),
        (PRICE, "44～62", "90% between 44 and 62"),
        (PRICE, "0.5k to $2k", "90% between 500 and 2000"),
        (PRICE, "80% between 1k and 2k", "80% between 1000 and 2000"),
        (PRICE, "100 ± 25%", "90% between 80 and 125"),
        (PRICE, "100 +/- 20", "90% between 80 and 120"),
        (PRICE, "{0: 20, 12: 25}", {0: 20, 12: 25}),
        (PRICE, "{start: 100, monthly_growth: 4%}", {"start": 100, "monthly_growth": "4%"}),
        (CHURN, "4%", "4%"),
        (CHURN, "4", "4%"),
        (CHURN, "0", 0),
        (CHURN, "2 to 5%", "90% between 2% and 5%"),
        (CHURN, "90% between 2% and 5%", "90% between 2% and 5%"),
        (CHURN, "4 ± 1", "90% between 0.03 and 0.05"),
        (CLOSE, "Mar 2028", 14),
        (CLOSE, "March 2028", 14),
        (CLOSE, "2028-03", 14),
        (CLOSE, "14", 14),
        (PARTICIPATING, "yes", 1),
        (PARTICIPATING, "否", 0),
        (PARTICIPATING, "no", 0),
        (PARTICIPATING, "1", 1),
    ],
)
def test_a_text_is_the_value_that_people_mean(shipped: Scenario, path: str, text: str, literal: Any):
    """Amounts, percentages, ranges and months are read as they are written, and so are the forms of the file."""
    assert typed(shipped, path, text) == literal
    assert shipped.with_value(path, literal)


@pytest.mark.parametrize(
    ("path", "text", "literal"),
    [
        # the ends of a range tell each other what they are
        (CHURN, "0.5 to 2", "90% between 0.5% and 2%"),
        (CHURN, "0.5% to 2", "90% between 0.5% and 2%"),
        (CHURN, "between 3 and 5 percent", "90% between 3% and 5%"),
        (CHURN, "从3%到5%", "90% between 3% and 5%"),
        (PRICE, "500k to 1M", "90% between 500000 and 1000000"),
        (PRICE, "500-800k", "90% between 500000 and 800000"),
        (PRICE, "500 to 1M", "90% between 500 and 1000000"),
        (PRICE, "50-100万", "90% between 500000 and 1000000"),
        (PRICE, "$40–60", "90% between 40 and 60"),
        (PRICE, "from $40 to $60", "90% between 40 and 60"),
        (PRICE, "2.5 ± 0.5M", "90% between 2000000 and 3000000"),
        (CLOSE, "Mar 2028 to Jun 2028", "90% between 14 and 17"),
        (CLOSE, "2028年3月", 14),
        # units
        (CHURN, "3% to 5% a month", "90% between 3% and 5%"),
        (PRICE, "$40–60 per month", "90% between 40 and 60"),
        (PRICE, "49 dollars per customer per month", 49),
        (PRICE, "$480 a year", 40),
        (PRICE, "49美元/月", 49),
        (SALARY, "9k a month", 108_000),
        (HEADS, "2 to 4 people", "90% between 2 and 4"),
        (HEADS, "2人", 2),
        (TOKENS, "0.5k to 2k tokens per request", "90% between 500 and 2000"),
        (DEVICE_PRICE, "$2.49 per GPU per hour", 2.49),
        (TOKEN_PRICE, "$3/M tokens", 3),
        # growth, straight lines and schedules
        (PRICE, "49, +4% a month", {"start": 49, "monthly_growth": "4%"}),
        (PRICE, "49 growing by 4% a month", {"start": 49, "monthly_growth": "4%"}),
        (PRICE, "40–60, -2% a month", {"start": "90% between 40 and 60", "monthly_growth": "-2%"}),
        (PRICE, "49, falling 10% a year", {"start": 49, "monthly_growth": "-0.874161%"}),
        (PRICE, "49 falling by -4% a month", {"start": 49, "monthly_growth": "-4%"}),
        (PRICE, "49，每月增长4%", {"start": 49, "monthly_growth": "4%"}),
        (PRICE, "49 to 62 over 12 months", {"from": 49, "to": 62, "over": 12}),
        (PRICE, "49 to 62 over 2 years", {"from": 49, "to": 62, "over": 24}),
        (PRICE, "49 to 62 by Mar 2028", {"from": 49, "to": 62, "over": 14}),
        (PRICE, "12个月内从49到62", {"from": 49, "to": 62, "over": 12}),
        (PRICE, "1,490, then 1,590 from Mar 2028, 1.7k from 2029-01", {0: 1490, 14: 1590, 24: 1700}),
        (PRICE, "49 from Jan 2027, 59 to 69 from Mar 2028", {0: 49, 14: "90% between 59 and 69"}),
        (PRICE, "49，2028年3月起59", {0: 49, 14: 59}),
        (USED, "20%, then 0.5 to 2% from Mar 2028", {0: "20%", 14: "90% between 0.5% and 2%"}),
        (USED, "20 to 30 over 12 months", {"from": "20%", "to": "30%", "over": 12}),
    ],
)
def test_ranges_units_and_courses_are_read_as_people_write_them(shipped: Scenario, path: str, text: str, literal: Any):
    """In percent as in money and counts."""
    assert typed(shipped.with_values({HEADS: 1, CLOSE: 9, TOKENS: 500, DEVICE_PRICE: 4}), path, text) == literal
    assert shipped.with_value(path, literal)


@pytest.mark.parametrize(
    ("range_", "text", "literal"),
    [
        ([8, 9, 13], "Mar 2028", [13, 14, 18]),  # one month sooner to four later, as before
        ([8, 9, 13], "0", [0, 0, 4]),  # no month before the first
        ([0, 0, 4], "6", [6, 6, 10]),
    ],
)
def test_another_month_moves_the_range_around_it(shipped: Scenario, range_: list[int], text: str, literal: list[int]):
    """A round that may slip by four months still may, whenever it is planned."""
    assert typed(shipped.with_value(CLOSE, {"pert": range_}), CLOSE, text) == {"pert": literal}


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (CHURN, "0.5", "write 0.5% or 50%"),
        (CHURN, "1", "write 1% or 100%"),
        (CHURN, "0.5 to 0.8", "write 0.5% or 50%"),
        (CHURN, "3% ± 10%", "'3% ± 10%' goes beyond 0%; type both ends"),
        (USED, "95 +/- 10", "'95 ± 10' goes beyond 100%; type both ends"),
        (PRICE, "49 ± 60", "'49 ± 60' goes beyond 0; type both ends"),
        (CHURN, "$40 to $60", "a percentage is asked for"),
        (CHURN, "5% a year", "another unit"),
        (CONVERSION, "30% a year", "another unit"),
        (PRICE, "49/seat", "another unit"),
        (PRICE, "12 months", "another unit"),
        (PRICE, "3000 from Mar 2027", "what holds before that month"),
        (PRICE, "49, then 59 from Mar 2026", "2027-01 or later"),
        (PRICE, "49, then 59 from Mar 2028, 69 from 2028-03", "says twice what holds from 2028-03"),
        (PRICE, "49, then 59 from Jan 2027", "says twice what holds from Jan 2027"),
        (PRICE, "49 from Jan 2027, 59", "is not an amount"),
        (PRICE, "1.500", "decimals or thousands"),
        (PRICE, "cheap", "is not an amount"),
        (PRICE, "", "no default"),
        (CLOSE, "Mar 2026", "2027-01 or later"),
        (CLOSE, "Foo 2028", "is not a month"),
        (PRICE, "{0: 20", "not valid YAML"),
    ],
)
def test_what_may_mean_two_things_is_refused_with_what_to_type(shipped: Scenario, path: str, text: str, said: str):
    """No guess is made: the message offers both."""
    with pytest.raises(BreakevenError) as refused:
        typed(shipped, path, text)
    assert said in str(refused.value)


def test_a_percentage_of_money_is_refused(shipped: Scenario):
    """50% is no price."""
    with pytest.raises(BreakevenError, match="is a share"):
        shipped.with_value(PRICE, typed(shipped, PRICE, "50%"))


@pytest.mark.parametrize(
    ("literal", "becomes"),
    [
        ("90% between 40 and 62.5", "90% between 80 and 125"),
        ({"pert": [40, 50, 60]}, {"pert": [80, 100, 120]}),
        ({0: 50, 12: 60}, {0: 100, 12: 120}),
        ({"walk": 50, "monthly_volatility": "6%"}, {"walk": 100, "monthly_volatility": "6%"}),
    ],
    ids=str,
)
def test_a_number_over_a_spread_keeps_it(shipped: Scenario, literal: Any, becomes: Any):
    """The centre moves, and the relative width, the steps and the walk stay."""
    assert typed(shipped.with_value(PRICE, literal), PRICE, "100") == becomes


def test_a_range_over_a_spread_replaces_it(shipped: Scenario):
    """Whoever types both ends means them."""
    wide = shipped.with_value(PRICE, {"pert": [40, 50, 60]})
    assert typed(wide, PRICE, "44 to 62") == "90% between 44 and 62"


@pytest.mark.parametrize(
    ("literal", "becomes"),
    [
        ("90% between 40 and 62.5", 50),
        ({"pert": [40, 50, 60]}, 50),
        ({0: {"uniform": [40, 60]}, 12: 80}, {0: 50, 12: 80}),
        ({"start": 9, "monthly_growth": {"uniform": [0.01, 0.03]}}, {"start": 9, "monthly_growth": 0.02}),
        ({"from": 9, "to": {"uniform": [1, 3]}, "over": 6}, {"from": 9, "to": 2, "over": 6}),
        ({"walk": {"uniform": [1, 3]}, "monthly_volatility": "6%"}, 2),
    ],
    ids=str,
)
def test_a_certain_value_is_that_of_the_base_case(shipped: Scenario, literal: Any, becomes: Any):
    """Chance goes, and the course over the months stays."""
    before = shipped.with_value(PRICE, literal)
    assert certain(before.assumptions[PRICE]) == pytest.approx(becomes)
    after = shipped.with_value(PRICE, certain(before.assumptions[PRICE])).assumptions[PRICE]
    assert not after.is_uncertain
    assert after.base(60) == pytest.approx(before.assumptions[PRICE].base(60))


def test_the_spread_is_what_the_file_says(shipped: Scenario):
    """P5 and P95 of a 90 % range are its ends, and a certain value has none."""
    ranged = shipped.with_value(PRICE, "90% between 44 and 62").assumptions[PRICE]
    assert spread(ranged) == pytest.approx((44, 62))
    assert spread(shipped.assumptions[PRICE]) is None
    low, base, high = course(ranged, 3)
    assert [low[2], base[2], high[2]] == pytest.approx([44, (44 * 62) ** 0.5, 62], rel=0.02)


def test_the_spread_of_a_range_that_is_cut_off_is_that_of_the_trials(shipped: Scenario):
    """A quarter of this range lies below zero: trials never draw it, and P5 and P95 are those of the rest."""
    cut = shipped.with_value(CHURN, {"normal": ["2%", "3%"]})
    drawn = np.percentile(draw(cut, 20_000)[CHURN][0, 1:], [5, 95])
    assert spread(cut.assumptions[CHURN]) == pytest.approx(drawn, rel=0.01)
    low, _, high = course(cut.assumptions[CHURN], 1)
    assert [low[0], high[0]] == pytest.approx(drawn, abs=0.002)


def test_kinds_of_numbers_are_told_by_their_quantities():
    """Months of the calendar, yes or no, and percentages are told from durations, amounts and factors."""
    inputs = business().inputs.values()
    named = lambda kind: {one.name for one in inputs if kind(one) and not one.is_state}  # noqa: E731
    assert named(is_calendar) == {
        *("launch_month", "first_run", "begins", "ends", "not_before", "close_month", "signed_month", "drawn_month"),
        *("grant_month", "starts", "credits_expire", "optimised_from"),
    }
    assert {"participating", "set_aside", "happens", "succeeds", "post_money", "vat_included"} <= named(is_choice)
    assert {"churn", "employer_load", "conversion", "tax_rate", "payment_fee", "interest_on_cash"} <= named(is_percent)
    assert not named(is_percent) & {"price", "preference_multiple", "amount", "participating", "churn_spread"}
