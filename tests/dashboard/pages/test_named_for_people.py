"""Pages name things as people do: titles, defaults in words, warnings without code, amounts in their own currency."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from page_text import forgotten, texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from dashboard.parts.chance.surviving import title
from dashboard.parts.words import Words
from simulator.answers.chance.worst import Unusual
from simulator.scenario.reading import parse

Page = Callable[..., AppTest]
TEXT = """
breakeven: 1
title: Agent
currency: EUR
second_currency: USD
start: 2027-01
months: 14
assumptions: {opening_cash: 500000, tax_rate: 30%, exchange_rate: 0.5, conversion: 10%}
plans:
  solo: {price: 90, churn: 4%, upgrade_rate: 1%, requests_per_customer: 30, opening_customers: 10}
features:
  deep: {title: Deep research, pool: large, tokens_per_request: 900, tool_calls_per_step: 1,
    tool_price: {value: 0.004, unit: USD/call}}
  quick: {pool: small, tokens_per_request: 300}
pools:
  large: {title: Large model, card: anthropic/claude-sonnet-4-5}
  small: {title: Small model, device_price: 1, tokens_per_second: 900, peak_to_mean: 2}
routes:
  hard: {title: Hard questions, feature: deep, pool: small, escalated_share: 15%}
roles:
  founder: {heads: 1, salary: 60000}
holders:
  founders: {shares: 900}
  staff: {shares: 100, set_aside: 1}
option_grants:
  first_hires: {grant_month: 0, options: 20}
"""


@pytest.fixture
def opened(page: Page) -> Callable[..., AppTest]:
    """A page of the company above."""

    def shown(name: str, **more: str) -> AppTest:
        session = page(name, trials=0, draft=Draft.of("agent.yaml", SHIPPED, TEXT), **more)
        assert not session.exception
        return session

    return shown


@pytest.mark.parametrize(
    ("owner", "fields"),
    [
        (("plan", "solo"), {"requests_cap": "no limit", "included_requests": "all requests"}),
        (
            ("plan", "solo"),
            {"tier_starts": "no such tier", "opening_deferred_revenue": "derived from opening customers"},
        ),
        (
            ("role", "founder"),
            {"opening_headcount": "as in the first month", "opening_ramped_heads": "all who are there"},
        ),
        (("pool", "large"), {"optimised_from": "never"}),
    ],
)
def test_a_default_that_stands_for_something_is_told_in_words(
    opened: Callable[..., AppTest], owner: tuple[str, str], fields: dict[str, str]
):
    """No field shows 1e12, a million heads or -1."""
    session = opened("assumptions").selectbox(key="table-owner").set_value(owner).run()
    drawn = [field for field in (*session.text_input, *session.selectbox) if "form:" in field.key]
    shown = {field.key.rpartition(".")[2]: field.placeholder for field in drawn}
    assert fields.items() <= shown.items()
    assert not {"1e+12", "1000000", "1000", "-1"} & set(shown.values())


@pytest.mark.parametrize(
    ("owner", "said"),
    [(("route", "hard"), "Feature: Deep research; Pool: Small model."), (("feature", "quick"), "Pool: Small model.")],
)
def test_a_form_says_what_its_member_points_at(opened: Callable[..., AppTest], owner: tuple[str, str], said: str):
    """A route has a form as others have, and names its feature and its pool by title."""
    session = opened("assumptions").selectbox(key="table-owner").set_value(owner).run()
    assert said in texts(session)
    assert any("form:" in str(field.key) for field in session.text_input)


def test_members_are_chosen_by_title(opened: Callable[..., AppTest]):
    """The list of owners holds no name of the file with its underscores."""
    options = opened("assumptions").selectbox(key="table-owner").options
    assert {"Option grant · First hires", "Route · Hard questions", "Plan · Solo"} <= set(options)
    assert not [option for option in options if "_" in option]


def test_a_warning_names_fields_as_forms_do(opened: Callable[..., AppTest]):
    """Neither paths nor backticks are shown."""
    said = texts(opened("overview"))
    assert "Upgrade rate · Solo" in said
    assert "Let “Share of upgrades” of the plans" in said
    assert "plans.solo" not in said


def test_a_vendors_prices_are_in_its_own_currency(opened: Callable[..., AppTest]):
    """A card in dollars is shown in dollars where the scenario counts in euros, and the bill in euros."""
    said = texts(opened("serving"))
    assert "input cost $3 and of output $15" in said
    assert "This pool has no devices" in said


def test_serving_tells_who_answers_again(opened: Callable[..., AppTest]):
    """The pool that answers first says where its requests go on to."""
    session = opened("serving")
    (choice,) = [one for one in session.segmented_control if one.label == "Serving pool"]
    said = texts(choice.set_value("small").run())
    assert "Hard questions: Deep research answers 15% of this pool's requests again" in said


def test_a_kpi_is_explained_by_its_title(opened: Callable[..., AppTest]):
    """A KPI without a value says so with its title and the month."""
    session = opened("why")
    number = session.selectbox(key="why-line")
    assert {"ARPA (KPI)", "Gross margin (KPI)"} <= set(number.options)
    assert not [option for option in number.options if "kpi_" in option.lower()]
    said = texts(number.set_value("kpi_burn_multiple").run())
    assert "kpi_" not in said


def test_an_explanation_ends_at_the_amount_as_stated(opened: Callable[..., AppTest]):
    """An amount in dollars is converted, and stands beside the stated one and the exchange rate."""
    session = opened("why").selectbox(key="why-line").set_value("tools_per_request").run()
    assert session.selectbox(key="why-member:tools_per_request").options[0] == "Deep research"

    def follow(start: str) -> AppTest:
        (button,) = [one for one in session.button if one.label.replace("\\", "").startswith(start)]
        return button.click().run()

    session = follow("Tool price")
    assert session.metric[0].value == "€0.002 / call"
    assert "0.004 USD / call" in texts(session)
    assert not [one for one in session.button if "as stated" in one.label]


@pytest.mark.parametrize("name", ["overview", "why", "serving", "funding", "assumptions"])
def test_nothing_misses_the_catalogue(opened: Callable[..., AppTest], name: str):
    """Every text that the app wrote passes through the catalogue, warnings included."""
    session = opened(name, language="pseudo")
    assert forgotten(session) == []
    assert all("⟦" in line for line in "\n".join(one.value for one in session.markdown).split("\n") if "- **" in line)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("customers_from_signups[trial]", "Customers from signups · Try first"),
        ("trials_converted", "Trials converted"),
    ],
)
def test_the_luck_of_a_count_has_the_title_of_its_member(key: str, name: str):
    """The file's own key stays in the file."""
    scenario = parse(TEXT.replace("  solo: {", "  trial: {title: Try first, "), SHIPPED)
    assert title(Unusual(key, "share", True, False, 0.4, 0.6, 0.3, 0.001), scenario, Words()) == name
