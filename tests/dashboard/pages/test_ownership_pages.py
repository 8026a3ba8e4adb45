"""The funding page on notes, on a company that runs out of cash, and on ownership over the trials."""

from collections.abc import Callable

import pytest
from page_text import forgotten, texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from dashboard.parts.tables import whole
from dashboard.parts.words import Words
from simulator.answers.ownership.bands import ownership_bands
from simulator.scenario.reading import parse

Page = Callable[..., AppTest]


def company(cost: str) -> str:
    """A company with a note that is due, one that is not, granted options and a round; `cost` a month."""
    return (
        "breakeven: 1\ntitle: Notes\nstart: 2027-01\nmonths: 14\ntrials: 60\n"
        f"assumptions: {{opening_cash: 1000000, tax_rate: 0, fixed_overhead: {cost}}}\n"
        "holders: {founders: {shares: 8000000}, pool: {shares: 1000000, set_aside: 1}}\n"
        "option_grants: {staff: {title: First staff, grant_month: 3, options: 400000, strike: 0.1}}\n"
        "safes:\n"
        "  bridge: {title: Bridge note, signed_month: 0, investment: 200000, note_interest_rate: 8%,"
        " maturity_months: 3}\n"
        "  angel: {signed_month: 9, investment: 100000, valuation_cap: 4000000, note_interest_rate: 6%}\n"
        "rounds: {a: {close_month: 5, amount: 900000, pre_money: {uniform: [3000000, 6000000]}}}\n"
    )


def draft(cost: str) -> Draft:
    """The company as a user's own draft."""
    return Draft.of("notes.yaml", SHIPPED, company(cost))


def test_every_text_of_notes_and_bands_passes_the_catalogue(page: Page):
    """In the pseudo-locale every text stands between two marks, before and after the trials are shown."""
    session = page("funding", "pseudo", draft=draft("{uniform: [10000, 50000]}"))
    assert forgotten(session) == []
    assert forgotten(session.button(key="bands").click().run()) == []


def test_notes_and_grants_are_on_the_page(page: Page):
    """A note is called one; its maturity is an event; granted options are a holder with a title."""
    session = page("funding", trials=0, draft=draft("20000"))
    assert not session.exception
    listed = session.dataframe[0].value
    assert set(listed["Kind"]) == {"Convertible note", "Priced round"}
    assert "cap $4M, interest 6%" in set(listed["Valuation"])
    events = next(box for box in session.selectbox if box.key.startswith("cap-table"))
    assert any(option.startswith("Bridge note due") for option in events.options)
    owners = next(table.value for table in session.dataframe if "Shares" in table.value.columns)
    assert owners.set_index("Holder")["Shares"]["First staff"] == "400,000"


def test_bands_are_those_of_the_trials(page: Page):
    """They come once a reader asks for them, and go when the scenario changes."""
    session = page("funding", draft=draft("{uniform: [10000, 50000]}"))
    assert not any("Owns, P5" in table.value.columns for table in session.dataframe)
    session = session.button(key="bands").click().run()
    shown = next(table.value for table in session.dataframe if "Owns, P5" in table.value.columns)
    found = ownership_bands(parse(company("{uniform: [10000, 50000]}"), SHIPPED), 60)
    assert list(shown["Payout, median"]) == [whole(Words(), band.p50) for band in found.proceeds.values()]
    assert list(shown["Owns, median"])[-1] == "–"
    assert "of all shares in 90 % of the 60 trials" in texts(session)


@pytest.mark.parametrize("cost", ["300000"])
def test_a_dead_company_has_no_sale_until_a_price_is_typed(page: Page, cost: str):
    """The page says so in the place of the payouts, and at events that never come."""
    session = page("funding", trials=0, draft=draft(cost))
    assert any("without more money there is no sale" in box.value for box in session.warning)
    assert not any("Payout" in table.value.columns for table in session.dataframe)
    assert "so this event never comes" in texts(session)
    session = session.number_input(key="exit-value").set_value(5_000_000.0).run()
    assert any("Payout" in table.value.columns for table in session.dataframe)


def test_a_name_that_another_has_as_its_title_is_told_apart(page: Page):
    """Two loans are two rows and two lines of the chart, though one is called as the other is named."""
    loans = "loans: {bank: {principal: 1000, drawn_month: 1}, other: {title: Bank, principal: 2000, drawn_month: 2}}\n"
    session = page("funding", trials=0, draft=Draft.of("loans.yaml", SHIPPED, company("1000") + loans))
    assert {"Bank · bank", "Bank · other"} <= set(session.dataframe[0].value["Name"])


def test_a_valuation_without_a_cap_table_is_that_of_the_month_of_closing(page: Page):
    """The round closes in month 5 at 4M, though a later one would pay 9M."""
    alone = "breakeven: 1\ntitle: A\nstart: 2027-01\nmonths: 14\nassumptions: {opening_cash: 1000000, tax_rate: 0}\n"
    rounds = "rounds: {a: {close_month: 5, amount: 900000, pre_money: {0: 4000000, 8: 9000000}}}\n"
    session = page("funding", trials=0, draft=Draft.of("alone.yaml", SHIPPED, alone + rounds))
    assert list(session.dataframe[0].value["Valuation"]) == ["$4M pre-money"]
