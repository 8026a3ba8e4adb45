"""The page Pricing: one sentence first, and no best price where the model cannot name one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from example import EXAMPLE, RECORD
from page_text import charts, forgotten, texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from simulator.scenario.records.attach import keep_record

Page = Callable[..., AppTest]
# A plan with a flat fee and an elasticity of 2: the best price is near today's.
RESPONDING = {"price": "30", "overage_price": "0", "reference_price": "30", "price_elasticity": "2"}

# A search computes hundreds of scenarios, each in as many trials as the page is drawn with.
MONTHS, TRIALS = 24, 40

# What a plan would state, stated once for all plans.
FOR_ALL = (
    "breakeven: 1\ntitle: All\ncurrency: {currency}\nstart: 2027-01\n"
    "assumptions: {{opening_cash: 10000000, tax_rate: 20%, price: {price}, conversion: 10%, churn: 3%}}\n"
    "channels: {{word: {{organic_signups: 100}}}}\n"
    "plans: {{pro: {{share_of_signups: 100%, requests_per_customer: 0}}}}\n"
)


@pytest.fixture
def drawn(page: Page, home: Path) -> Callable[..., AppTest]:
    """Return the page of the shipped scenario after replacing lines of its first plan."""

    def opened(language: str = "en", **lines: str) -> AppTest:
        text = (SHIPPED / EXAMPLE).read_text(encoding="utf-8").replace("months: 60", f"months: {MONTHS}")
        keep_record(RECORD, home)
        head, plan, rest = re.split(r"(?m)(?<=^  starter:\n)((?:    .*\n)+)", text, maxsplit=1)
        for name, literal in lines.items():
            plan = re.sub(rf"(?m)^    {name}:.*\n(?:      .*\n)*", "", plan) + f"    {name}: {literal}\n"
        return page("pricing", language, TRIALS, draft=Draft.of("mine.yaml", home, head + plan + rest))

    return opened


def answer(session: AppTest) -> str:
    """Return the first sentence of the page."""
    assert not session.exception
    return re.sub(r"\\(.)", r"\1", session.info[0].value)


def test_a_best_price_comes_in_one_sentence_first(drawn: Callable[..., AppTest]):
    """With a strong response the best price lies inside, and the sentence names both prices."""
    session = drawn(**RESPONDING)
    assert "Cash at the end is highest at a price of $" in answer(session)
    assert "at today's $30" in answer(session)
    assert "The answer rests on a price elasticity of 2 (assumed)" in texts(session)


def test_no_best_price_is_named_without_a_response(drawn: Callable[..., AppTest]):
    """The page says which losses a rise may cost, and asks for an elasticity with those that studies measured."""
    session = drawn(price_elasticity="0")
    assert "No best price can be named" in answer(session)
    assert "highest at a price" not in texts(session)
    assert "A rise of 50% pays as long as it loses less than" in texts(session)
    assert "New customers it may lose" in session.dataframe[0].value.columns
    assert "Demirer" in texts(session)
    keys = [str(field.key) for field in session.number_input]
    assert {"pricing:plans.starter.price_elasticity", "pricing:plans.starter.churn_elasticity"} <= set(keys)


def test_an_aim_without_a_value_leaves_the_rest_of_the_page(page: Page, home: Path):
    """Nothing is sold within the horizon, so no price has a margin; a sentence says so above levers and map."""
    keep_record(RECORD, home)
    text = (SHIPPED / EXAMPLE).read_text(encoding="utf-8")
    later = re.sub(r"(?m)^(    price:.*\n)", r"\1    launch_month: 70\n", text)
    session = page("pricing", draft=Draft.of("mine.yaml", home, later))
    control = next(one for one in session.selectbox if one.key == "price-aim")
    assert not control.set_value("gross_margin").run().exception
    assert "Gross margin has no value at today's price, or at most others" in session.warning[0].value
    assert not session.error
    keys = [str(field.key) for field in session.number_input]
    assert "pricing:plans.starter.price" in keys
    assert "Two assumptions at once" in [one.value for one in session.header]


def test_a_price_and_a_conversion_may_hold_for_all_plans(page: Page, home: Path):
    """The map begins with both, named by the plan that it moves, though the plan states neither itself."""
    session = page("pricing", draft=Draft.of("all.yaml", home, FOR_ALL.format(currency="USD", price=20)))
    assert not session.exception
    chosen = {one.key: one.options[one.index] for one in session.selectbox if one.key in {"map-x", "map-y"}}
    assert chosen == {"map-x": "Price · Pro", "map-y": "Conversion · Pro"}


def test_prices_in_millions_are_written_for_people(page: Page, home: Path):
    """A currency of small units has such prices."""
    session = page("pricing", draft=Draft.of("all.yaml", home, FOR_ALL.format(currency="IDR", price=3_000_000)))
    ticks = charts(session)["price-curve"]["figure"]["layout"]["xaxis"]["ticktext"]
    assert ticks == ["1.5M", "3M", "6M"]


def test_an_aim_is_chosen(drawn: Callable[..., AppTest]):
    """The sentence is about what the reader wants of the price."""
    session = drawn(**RESPONDING)
    control = next(one for one in session.selectbox if one.key == "price-aim")
    assert not control.set_value("gross_profit").run().exception
    assert "Gross profit of the last year" in answer(session)


def test_a_free_plan_is_asked_for_a_price(drawn: Callable[..., AppTest]):
    """There is nothing to draw, and the price is a lever."""
    session = drawn(price="0", overage_price="0", reference_price="0", price_elasticity="0")
    plan = next(one for one in session.button_group if "chosen-plan" in str(one.key))
    session = plan.set_value("starter").run()
    assert "This plan is free" in answer(session)
    assert "pricing:plans.starter.price" in [str(field.key) for field in session.number_input]


def test_a_schedule_is_drawn_as_a_whole(drawn: Callable[..., AppTest]):
    """The point of the map is the base case, and the reader is told that all values move together."""
    session = drawn(price="{0: 149, 12: 169}")
    answer(session)
    assert "all of its values are scaled together" in texts(session)


@pytest.mark.parametrize("lines", [RESPONDING, {"price_elasticity": "0"}, {"price_elasticity": "0.1"}])
def test_no_text_misses_the_catalogue(drawn: Callable[..., AppTest], lines: dict[str, str]):
    """With a best price, without a response, and with one so weak that the outcome rises all the way."""
    assert forgotten(drawn("pseudo", **lines)) == []


def opened(session: AppTest, part: str, **choices: object) -> AppTest:
    """Return the page with one of its parts open, as chosen there."""
    session.session_state[part] = True
    for key, value in choices.items():
        session.session_state[key] = value
    return session.run()


def test_several_charges_are_found_together_and_applied(drawn: Callable[..., AppTest]):
    """The sentence names both; a click makes them the scenario's, as one change."""
    session = opened(drawn(**RESPONDING), "several-prices")
    said = [one.value for one in session.info if "highest at" in one.value][-1]
    assert "Price · Starter" in re.sub(r"\\(.)", r"\1", said)
    button = next(one for one in session.button if one.key == "several-apply")
    session = button.click().run()
    assert not session.exception
    before, after = RESPONDING["price"], session.session_state.draft.now.edits["plans.starter.price"]
    assert float(before) != after


def test_ways_to_charge_stand_side_by_side(drawn: Callable[..., AppTest]):
    """Today's charges and six others, with who is under water."""
    session = opened(drawn(**RESPONDING), "charging")
    table = next(one.value for one in session.dataframe if "Way to charge" in one.value.columns)
    assert list(table["Way to charge"])[:2] == ["Today's charges", "Flat fee"]
    assert len(table) == 7
    assert "nobody knows it" in texts(session)


def test_any_two_assumptions_make_a_map(drawn: Callable[..., AppTest]):
    """Price and conversion at first, and whatever else the reader chooses."""
    session = drawn(**RESPONDING)
    axis = next(one for one in session.selectbox if one.key == "map-y")
    assert axis.value == "plans.starter.conversion"
    session = axis.set_value("plans.starter.churn").run()
    assert "each point is a complete base case" in texts(session)
    assert not session.exception


def test_a_chance_makes_a_map_of_the_trials(drawn: Callable[..., AppTest]):
    """With its error, on the same trials at all points; in Chinese no text bypasses the catalogue."""
    session = drawn(**RESPONDING)
    shows = next(one for one in session.selectbox if one.key == "map-shows")
    session = shows.set_value("probability_of_ruin").run()
    assert not session.exception
    assert "on this map" in texts(session)
    assert "the same at all points; more trials narrow it" in texts(session)


def test_a_free_plan_is_not_the_first_answer(page: Page, home: Path):
    """Where another plan has a price, that one is looked into first."""
    text = (SHIPPED / "consumer-assistant.yaml").read_text(encoding="utf-8")
    assert "highest at a price of" in answer(page("pricing", draft=Draft.of("mine.yaml", home, text)))


def test_the_best_price_is_applied_by_a_click(drawn: Callable[..., AppTest]):
    """It is then today's price, and no button is left."""
    session = next(one for one in drawn(**RESPONDING).button if one.key == "price-apply").click().run()
    assert "plans.starter.price" in session.session_state.draft.now.edits
    assert not session.exception


@pytest.mark.parametrize("part", ["several-prices", "charging", "rivals"])
def test_no_text_of_a_part_misses_the_catalogue(drawn: Callable[..., AppTest], part: str):
    """Once it is open."""
    assert forgotten(opened(drawn("pseudo", **RESPONDING), part)) == []


def test_an_amount_below_the_map_is_escaped_once(page: Page):
    """Streamlit takes one escape away, and a reader would see the other."""
    said = [one.value for one in page("pricing").markdown if "on this map" in one.value]
    assert said
    assert not any("\\\\" in one for one in said)


def test_ways_to_charge_are_named_in_the_readers_language(page: Page):
    """What each charges stands below the table, with the names that the forms use."""
    session = page("pricing", "zh")
    session.session_state["charging"] = True
    session.run()
    (shown,) = [one.value for one in session.markdown if one.value.startswith("- **")]
    assert not re.search("price|credits", shown)


@pytest.mark.parametrize(("language", "says"), [("en", "Cash at the end (P5 of the trials)"), ("zh", "各次模拟的 P5")])
def test_the_price_is_chosen_over_the_trials_where_the_reader_asks_for_it(
    drawn: Callable[..., AppTest], language: str, says: str
):
    """The first sentence then is about the trials, with what the gain over today's is known to."""
    session = drawn(language, **RESPONDING)
    session = session.selectbox(key="price-over").set_value("p5").run()
    assert says in answer(session)
    assert not session.get("progress")


def searching() -> None:
    """Draw a page with a search that takes no time."""
    import streamlit as st  # the script runs by itself

    from dashboard.parts.moving.waiting import at_once
    from dashboard.parts.words import Words

    st.text(at_once("a-search", lambda tell: tell(0.5) or "found", Words()) or "nothing")


def test_a_search_that_was_cancelled_waits_until_it_is_asked_for_again():
    """It begins by itself otherwise, and its progress is gone when it is done."""
    session = AppTest.from_function(searching)
    session.session_state["stopped:a-search"] = True
    session = session.run()
    assert session.text[0].value == "nothing"
    session = session.button(key="again:a-search").click().run()
    assert session.text[0].value == "found"
    assert not session.get("progress")
    assert not session.button
