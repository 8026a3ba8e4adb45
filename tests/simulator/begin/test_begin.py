"""A company begun with eight questions: whatever is answered, its file is complete and can be projected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator import project
from simulator.answers.ledger import Ledger
from simulator.answers.ownership.investors import cap_tables
from simulator.answers.projection import Projection
from simulator.begin.answers import read, understood
from simulator.begin.questions import Field, fields, next_month, texts
from simulator.begin.writing import file_name, scenario_text, titles
from simulator.errors import AnswersError
from simulator.output.translations import messages_of
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

CHINESE = messages_of("zh")
START = {"start": "2027-01"}
CUSTOMERS = tuple(fields()["customer"].options)


def begun(**typed: Any) -> Scenario:
    """Return the scenario that answers lead to."""
    return parse(scenario_text({**START, **typed}), Path())


def numbers(one: Field) -> st.SearchStrategy[Any]:
    """Return answers within the usual: the default times a factor, or an end that is allowed."""
    default = one.default_for(understood({})[0])
    centre = default if isinstance(default, int | float) and default else 1.0
    low, high = max(one.least, centre / 4), min(one.most, centre * 4)
    if one.kind in {"whole", "month"}:
        return st.integers(int(max(one.least, 0)), int(min(one.most, max(4, high))))
    return st.floats(low, max(low, high)) | st.just(one.least)


def typed(one: Field) -> st.SearchStrategy[Any]:
    """Return answers to a field, or nothing for its default."""
    answers = {
        "choice": st.sampled_from(list(one.options) or [""]),
        "text": st.text(max_size=one.longest or 1),
        "card": st.sampled_from(["anthropic/claude-sonnet-5", "anthropic/claude-haiku-5-5", "anthropic/claude-opus-5"]),
        "currency": st.sampled_from(["USD", "EUR", "CNY", "GBP", "JPY"]),
        "start": st.sampled_from(["2027-01", "2026-12", "2030-06"]),
    }
    return st.none() | (answers[one.kind] if one.kind in answers else numbers(one))


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({key: typed(one) for key, one in fields().items()}))
def test_any_answers_make_a_file_that_can_be_projected(answers: dict[str, Any]):
    """The file parses and runs; where it warns, an answer of nobody, nothing or next to nothing is the reason."""
    try:
        read(answers)
    except AnswersError as error:
        # Hypothesis answers what is not asked, and types texts of which nothing can be shown.
        unfit = {fault.key for fault in error.faults}
        answers = {key: one for key, one in answers.items() if key not in unfit}
    scenario = parse(scenario_text(answers), Path())
    project(scenario, 0, evidence=False)
    caused = ("little for a salary", "less than one sign-up", "it costs nothing", "comes after the projection")
    assert [one for one in scenario.warnings if not any(part in one.what for part in caused)] == []


def test_every_mistake_is_found_at_once_with_its_question():
    """An error names the question, what is wrong, and what to do."""
    with pytest.raises(AnswersError) as refused:
        read({"price": "lots", "launch": "99", "right": "120", "customer": "cats", "nope": 1})
    told = {fault.key: str(fault) for fault in refused.value.faults}
    assert set(told) == {"price", "launch", "right", "customer", "nope"}
    assert told["price"].startswith("question 5, Price (price): 'lots' is not an amount; type")


def test_what_is_not_asked_is_refused():
    """A size has no meaning for a vendor's model."""
    with pytest.raises(AnswersError, match="not asked"):
        read({"model": "vendor", "size": "large"})


@pytest.mark.parametrize(
    ("text", "value"), [("500k", 500_000), ("$0.5M", 500_000), ("1 200", 1_200), ("500,000", 500_000)]
)
def test_amounts_are_typed_as_people_write_them(text: str, value: float):
    """All amounts of the questions are read alike."""
    assert read({"preseed": text})["preseed"] == value


def test_a_month_is_a_number_from_one_or_a_date():
    """Month 3 of a scenario from January is March."""
    assert read({**START, "launch": "3"})["launch"] == read({**START, "launch": "2027-03"})["launch"] == 2


def test_an_answer_keeps_its_centre_and_gets_a_range():
    """Use and market size are uncertain, whatever is answered; a price is a decision and is not."""
    scenario = begun(price=49, requests=900)
    use = scenario.assumptions["plans.assistant.requests_per_seat"]
    assert use.central == 900
    assert use.is_uncertain
    assert scenario.assumptions["plans.assistant.seat_price"].is_plain


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("requests", "plans.assistant.requests_per_seat"),
        ("market", "market_size"),
        ("engineer_pay", "roles.engineer.salary"),
        ("seed", "rounds.seed-round.amount"),
    ],
)
def test_an_answer_is_not_rounded(key: str, path: str):
    """Whatever range is put around it, the middle is what was typed, to the last digit."""
    assert begun(**{key: "1,234,567"}).assumptions[path].central == 1_234_567


def test_a_note_tells_an_answer_from_a_default():
    """Whoever reads the file knows what nobody has answered."""
    found = begun(market="70000").assumptions
    assert found["market_size"].note == "Answered; the range around it is assumed."
    assert found["opening_cash"].note == "Default answer."
    assert found["plans.assistant.requests_per_seat"].note.startswith("Default answer; ")


@pytest.mark.parametrize(("steps", "right"), [(1, 20), (1, 99), (3, 50), (12, 80), (200, 20), (200, 99)])
def test_as_many_tasks_finish_as_answered(steps: int, right: int):
    """The failure of a step is such that the whole task finishes so often, long tasks included."""
    found = project(begun(customer="agents", steps=steps, right=right), 0, evidence=False)
    assert found.series["task_success[tasks]"].base[0] == pytest.approx(right / 100, abs=2e-3)


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_how_often_it_is_right_is_uncertain(customer: str):
    """How good the model turns out to be is not known before it is tried."""
    name = "tasks.step_failure" if customer == "agents" else "retry_share"
    [found] = [one for path, one in begun(customer=customer).assumptions.items() if path.endswith(name)]
    assert found.is_uncertain


def test_an_agent_learns_from_whole_tasks():
    """An example has all steps of a task, and not the first alone."""
    example = "programs.tuning.tokens_per_example"
    one, many = (begun(customer="agents", model="open", steps=steps).assumptions[example].central for steps in (1, 12))
    assert many > 3 * one


def test_what_sells_waits_for_the_launch():
    """Nothing is spent, sold or paid in fees before it, and a later launch moves what follows it along."""
    for customer in CUSTOMERS:
        late = Ledger.of(begun(customer=customer, launch=19))
        for name in ("marketing_spend", "signups", "revenue", "payment_fees"):
            assert late.total(name)[:18].max() == 0, (customer, name)
            assert late.total(name)[18:].max() > 0 or name == "payment_fees", (customer, name)
    fees = begun(customer="consumers", launch=19).assumptions["plans.companion.payment_fee"].base(60)
    assert fees[41] < fees[42]


@pytest.mark.parametrize("amount", ["100k", "2M", "50M"])
def test_a_round_never_sells_most_of_the_company(amount: str):
    """The valuation grows with the money that is asked for: two rounds leave half to founders and to options."""
    for customer, currency in (("developers", "USD"), ("companies", "JPY")):
        factor = {"USD": "", "JPY": "00"}[currency]
        typed = amount.replace("k", f"{factor}k").replace("M", f"{factor}M")
        ledger = Ledger.of(begun(customer=customer, currency=currency, preseed=typed, seed=typed))
        owned = cap_tables(ledger)[-1].ownership()
        assert owned["founders"] >= Fraction(2, 5)
        assert float(owned["founders"] + owned["options"]) >= 0.5 - 1e-6


def test_rounds_follow_each_other():
    """A Series A comes after the seed round; its default counts from there, and an earlier answer is refused."""
    rounds = {"seed": "3M", "series_a": "15M"}
    assert read({**START, **rounds, "seed_month": 20})["series_a_month"] == 37
    assert read({**START, **rounds, "seed_month": 48})["series_a_month"] == 59
    with pytest.raises(AnswersError, match="does not come after “Month of the seed round”; give 21 or later"):
        read({**START, **rounds, "seed_month": 20, "series_a_month": 12})


def test_a_month_before_the_first_is_refused_as_it_was_typed():
    """The error repeats the date, and no negative number that nobody typed."""
    with pytest.raises(AnswersError, match="2026-10 is not among the first 48 months, which begin with 2027-01"):
        read({**START, "launch": "2026-10"})


def test_titles_are_in_the_readers_language_and_answers_stay():
    """A product is called as its founder calls it, even where its name is a word that has a translation."""
    shouted = scenario_text({**START, "product": "Support"}, lambda text: text if "{" in text else text.upper())
    scenario = parse(shouted, Path())
    assert scenario.about["roles.founder"]["title"] == "FOUNDERS"
    assert [one["title"] for place, one in scenario.about.items() if place.startswith("plans.")] == ["Support"]
    assert {"Founders", "Two founders", "Free", "Series A", "Check by a second call"} <= titles()


@pytest.mark.parametrize(
    ("text", "ends"),
    [("500k to 1M", (5e5, 1e6)), ("500-800k", (5e5, 8e5)), ("between 1k and 2k", (1e3, 2e3)), ("1万至2万", (1e4, 2e4))],
)
def test_an_uncertain_answer_may_be_a_range(text: str, ends: tuple[float, float]):
    """As in every form; the file has the range itself, and not another one around its centre."""
    stands = parse(scenario_text({**START, "market": text}), Path()).assumptions["market_size"]
    assert stands.value.parts[0].quantile(np.array([0.05, 0.95])) == pytest.approx(ends, rel=0.001)
    assert stands.note == "Answered."


def test_a_decision_takes_no_range_and_a_range_its_lower_end_first():
    """A price is what the founder decides."""
    for typed in ({"price": "20 to 30"}, {"market": "1M to 500k"}):
        with pytest.raises(AnswersError):
            scenario_text({**START, **typed})


@pytest.mark.parametrize(
    "typed",
    [
        {"engineer_pay": "150k to 180k"},
        {"right": "90 to 95"},
        {"engineers": "2 to 4"},
        {"launch": "3-5"},
        {"price": "30到20"},
    ],
)
def test_a_range_where_one_number_is_wanted_is_called_a_range(typed: Mapping[str, str]):
    """The form offers ranges, so that its error does not claim that one is no amount."""
    with pytest.raises(AnswersError, match="is a range, and this answer is one number; type one number"):
        read({**START, **typed})


@pytest.mark.parametrize("name", ["Acme Inc.", "Yahoo!", "阿尔法。"])
def test_the_head_of_the_file_has_one_full_stop(name: str):
    """A name that ends a sentence is left as it is."""
    apart = "" if name.endswith("。") else " "  # a wide stop has its own space
    assert scenario_text({**START, "name": name}).startswith(f"# {name}{apart}Small")


@pytest.mark.parametrize("words", [{}, CHINESE], ids=["English", "Chinese"])
def test_an_option_fits_a_list_on_a_phone(words: Mapping[str, str]):
    """At 390 pixels a list shows some 45 letters, or half as many Chinese ones, and cuts off the rest."""
    titles = [words.get(title, title) for one in fields().values() for title in one.options.values()]
    assert [one for one in titles if len(one) + sum(east_asian_width(letter) == "W" for letter in one) > 46] == []


def test_what_pages_say_of_the_company_is_in_the_readers_language():
    """The description of a Chinese company, of which a founder typed the problem alone, has no English sentence."""
    typed = START | {"name": "青瓷", "problem": "质检报告靠人工填写。"}
    description = parse(scenario_text(typed, lambda text: CHINESE.get(text, text)), Path()).settings.description
    assert description == "质检报告靠人工填写。小团队自助注册，按席位付费。供应商的模型，按词元付费。"


@pytest.mark.parametrize(
    ("typed", "place", "title"),
    [
        ({"card": "deepseek/deepseek-v4-pro"}, "pools.deepseek-v4-pro", "DeepSeek 的 deepseek-v4-pro"),
        ({"founders": 7}, "holders.founders", "7 位创始人"),
        ({"model": "own", "generations": 24}, "programs.pretraining", "预训练，每 24 个月"),
    ],
)
def test_a_title_made_of_an_answer_is_in_the_readers_language(typed: Mapping[str, Any], place: str, title: str):
    """Pages show it; names of models and vendors alone stay."""
    made = parse(scenario_text({**START, **typed}, lambda text: CHINESE.get(text) or text), Path())
    assert made.about[place]["title"] == title


@pytest.mark.parametrize("customer", fields()["customer"].options)
@pytest.mark.parametrize("model", fields()["model"].options)
def test_a_value_says_where_it_comes_from_in_the_readers_language(customer: str, model: str):
    """Notes and sources of a company that was begun in Chinese have no English sentence, nor has a comment."""
    typed = {**START, "customer": customer, "model": model, "right": "83", "currency": "CNY", "grants": "20000"}
    text = scenario_text(typed, lambda text: CHINESE.get(text) or text)
    stated = [one for one in parse(text, Path()).assumptions.values() if not one.note.startswith(("Price", "Value in"))]
    origins = {told for one in stated for told in (one.source, one.note) if told}
    assert len(origins) > 40
    comments = [line for line in text.splitlines() if re.match(r" *# *\S", line)]
    assert len(comments) > 12
    assert [one for one in (*origins, *comments) if not re.search("[\u4e00-\u9fff]", one)] == []


def test_serving_costs_what_the_vendors_list_says():
    """Tokens times the prices of the card, added up here by hand, are the cost of a request."""
    found = project(begun(card="anthropic/claude-sonnet-5", cached=70, right=92), 0, evidence=False)
    fresh, read_again, written = 15_000 * 0.3, 15_000 * 0.7, 15_000 * 0.3 * 0.6
    million = 1 / 1_000_000
    one = (fresh * 2 + read_again * 0.2 + written * 0.5 + 800 * 10) * million * 1.08
    bill = found.series["vendor_request_bill[answers]"].base[3]
    assert bill == pytest.approx(one, rel=1e-6)


def test_members_bear_the_names_that_were_answered():
    """Title, plan and pool are the company's own."""
    scenario = begun(name="Ostrich: fast & true", product="Coding buddy")
    assert scenario.title == "Ostrich: fast & true"
    assert scenario.members.names["plan"] == ("coding-buddy",)
    assert scenario.members.names["pool"] == ("claude-sonnet-5",)
    assert file_name(read({"name": "Ostrich: fast & true"})) == "ostrich-fast-true"


def test_dollars_are_converted_to_the_currency_of_the_company():
    """A company in yuan has prices and pay in yuan, and pays its vendor in dollars."""
    scenario = begun(currency="CNY", rate=7, price=280)
    assert scenario.currency == "CNY"
    assert scenario.assumptions["plans.assistant.seat_price"].central == 280
    assert scenario.assumptions["exchange_rate"].central == 7
    assert scenario.assumptions["pools.deepseek-v4-pro.vendor_input_price"].is_foreign


@cache
def in_dollars(customer: str) -> Projection:
    """Return the projection of a kind of company, which every other currency is held against."""
    return project(begun(customer=customer), 0, evidence=False)


CURRENCIES = ("EUR", "GBP", "CNY", "JPY", "INR", "CHF", "KRW", "BRL", "PLN")
# Two kinds of companies take turns in the suite; a soak takes every kind in every currency.
IN_TURN = {(CUSTOMERS[place % 2], currency) for place, currency in enumerate(CURRENCIES)}


@pytest.mark.parametrize(
    ("customer", "currency"),
    [pytest.param(*one, marks=() if one in IN_TURN else pytest.mark.soak) for one in product(CUSTOMERS, CURRENCIES)],
)
def test_a_company_is_the_same_in_every_currency(customer: str, currency: str):
    """At the suggested rate and with the same pay, all amounts are those in dollars, up to rounding."""
    rate = read({"currency": currency})["rate"]
    same = {key: fields()[key].default * rate for key in ("founder_pay", "engineer_pay")}
    same |= {"card": read({"customer": customer})["card"], "price": read({"customer": customer})["price"] * rate}
    dollars, found = in_dollars(customer), begun(customer=customer, currency=currency, **same)
    found = project(found, 0, evidence=False)
    for line in ("revenue", "cost_of_revenue", "operating_expenses"):
        own, usual = (one.series[line].base.sum() for one in (found, dollars))
        assert own / rate == pytest.approx(usual, rel=0.05), line


def test_pay_is_that_of_the_country():
    """A yuan company pays and charges less by default; support and sellers follow the pay of engineers."""
    in_yuan = {"currency": "CNY", "rate": 7}
    assert read({"customer": "consumers", **in_yuan})["price"] == pytest.approx(12 * 7 * 0.45, rel=0.02)
    assert read({"customer": "api", **in_yuan})["price"] == 70
    here, there = (begun(customer="companies", **more).assumptions for more in (in_yuan, {}))
    for role in ("engineer", "supporter", "seller"):
        pay = here[f"roles.{role}.salary"]
        assert not pay.is_foreign
        assert pay.central / 7 / there[f"roles.{role}.salary"].central == pytest.approx(0.45, rel=0.02)
    twice = begun(customer="companies", currency="CNY", rate=7, engineer_pay="882,000").assumptions
    support = "roles.supporter.salary"
    assert twice[support].central == pytest.approx(2 * here[support].central, rel=0.01)


def test_devices_that_are_bought_replace_rented_ones():
    """Four devices cost their price at the launch, and what they carry is no longer rented."""
    rented, bought = (
        project(begun(model="open", customer="companies", launch=3, **more), 0, evidence=False).series
        for more in ({}, {"devices": "bought", "bought": 4})
    )
    paid, bill = "capex_paid[llama-3-1-8b]", "cloud_bill[llama-3-1-8b]"
    assert bought[paid].base[:3] == pytest.approx([0, 0, -4 * 41_000])
    assert rented[bill].base[2:24].min() > bought[bill].base[2:24].max() == 0


def test_grants_are_paid_for_two_years():
    """A laboratory's grant is income from the first month to the twenty-fourth."""
    received = project(begun(model="own", grants="40k"), 0, evidence=False).series["grant_income"].base
    assert received[:24] == pytest.approx(40_000)
    assert received[24:] == pytest.approx(0)


def test_every_value_says_where_it_comes_from():
    """A published default has a source and a date, and an assumed one of the company's own has a note."""
    for one in begun().assumptions.values():
        assert bool(one.source) == bool(one.as_of) or one.is_default, one.path


def test_texts_are_listed_for_translators():
    """Titles, labels, units and options are all there."""
    found = set(texts())
    assert {"Product and price", "Price", "per seat per month", "An open model that you serve yourself"} <= found


@pytest.mark.parametrize("today", [date(1970, 1, 1), date(2099, 12, 31), date(9999, 12, 31)])
def test_a_clock_that_is_not_set_stops_nobody(today: date):
    """The first month that it suggests can be answered."""
    assert understood({"start": next_month(today)})[1] == []
