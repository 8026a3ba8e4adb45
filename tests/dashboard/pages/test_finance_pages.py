"""Statements, funding, models and comparisons show the ledger's own numbers, and say so where there are none."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from example import EXAMPLE
from page_text import charts, forgotten, texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.cached import projected
from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from dashboard.pages.assumptions import COMPANY, belongs
from dashboard.pages.funding import ownership_by_month
from dashboard.pages.statements import behind, headings
from dashboard.parts.forms import inputs_of
from dashboard.parts.tables import as_csv, defused, whole
from dashboard.parts.words import Words
from simulator.answers.explain import explain
from simulator.answers.ownership.investors import cap_tables, exit_at_end
from simulator.answers.projection import Projection, project
from simulator.answers.statements import statement
from simulator.begin.writing import scenario_text
from simulator.lines import business
from simulator.scenario.overlays import shipped
from simulator.scenario.reading import load, parse

NEW = ("statements", "funding", "models", "compare")
RICH = "foundation-lab.yaml"
LARGE = "opening_cash: 323456789012345.67, fixed_overhead: 1234567890123.21, interest_on_cash: 3%"
Page = Callable[..., AppTest]


def draft_of(file: str, folder: Path = SHIPPED) -> Draft:
    """A draft of a shipped plan."""
    return Draft.of(file, folder, (SHIPPED / file).read_text(encoding="utf-8"))


def bare() -> Draft:
    """A plan with cash, and nothing to sell, finance, train or own."""
    text = "breakeven: 1\ntitle: Bare\nstart: 2027-01\nmonths: 14\nassumptions: {opening_cash: 100000, tax_rate: 20%}\n"
    return Draft.of("bare.yaml", SHIPPED, text)


@pytest.fixture(scope="module")
def rich() -> Projection:
    """A plan with rounds, SAFEs, a loan, holders and programs."""
    return project(load(SHIPPED / RICH), 0, evidence=False)


@pytest.mark.parametrize("name", NEW)
def test_no_text_of_a_page_misses_the_catalogue(page: Page, name: str):
    """In the pseudo-locale every text stands between two marks; what stands outside was forgotten."""
    assert forgotten(page(name, "pseudo", trials=0, draft=draft_of(RICH))) == []


@pytest.mark.parametrize("name", [*NEW, "overview", "assumptions"])
def test_a_page_draws_a_plan_that_lists_nothing(page: Page, name: str):
    """No holders, no rounds, no programs: the page says so instead of failing."""
    assert not page(name, trials=0, draft=bare()).exception


@pytest.mark.parametrize("name", NEW)
def test_every_chart_has_its_sentence_on_the_page(page: Page, name: str):
    """What a screen reader is told, everybody can read, with rounds, SAFEs, loans, holders and programs."""
    session = page(name, trials=0, draft=draft_of(RICH))
    assert not session.exception
    said = texts(session)
    assert all(chart["sentence"] and chart["sentence"] in said for chart in charts(session).values())


def test_amounts_of_a_statement_are_those_of_the_plan(page: Page, rich: Projection):
    """A year's revenue is the sum of its months, to the unit."""
    session = page("statements", trials=0, draft=draft_of(RICH))
    table = session.dataframe[0].value
    revenue = table[table.iloc[:, 0] == "Revenue"].iloc[0, 1:]
    by_year = rich.ledger.total("revenue").reshape(-1, 12).sum(axis=1)
    assert list(revenue) == [whole(Words(), amount) for amount in by_year]


def test_a_statement_hides_what_is_zero_until_asked(page: Page):
    """Rows without amounts come with a switch."""
    session = page("statements", trials=0, draft=bare())
    few = len(session.dataframe[0].value)
    session = session.toggle(key="statement-empty").set_value(True).run()
    assert len(session.dataframe[0].value) > few


def test_a_statement_says_that_it_balances(page: Page):
    """The sentence is made from every month."""
    assert "Checked: in each of 60 months" in texts(page("statements", trials=0, draft=draft_of(RICH)))


def test_a_statement_says_where_its_last_column_is_short(page: Page):
    """Fourteen months are a year and two months, which the column named after the second year does not tell."""
    session = page("statements", trials=0, draft=bare())
    assert "The last year has only 2 months." in texts(session)
    columns = next(one for one in session.get("button_group") if one.key == "statement-period")
    assert "The last quarter has only 2 months." in texts(columns.set_value("quarter").run())
    assert "has only" not in texts(columns.set_value("month").run())


def test_rounding_of_large_amounts_is_no_imbalance(page: Page):
    """A company with hundreds of trillions of dong has amounts of which a computer cannot tell the cents."""
    text = bare().opened.text.replace("opening_cash: 100000", LARGE)
    session = page("statements", trials=0, draft=Draft.of("large.yaml", SHIPPED, text))
    assert "Checked: in each of 14 months" in texts(session)
    assert not session.warning


@pytest.mark.parametrize("name", ["income", "balance", "cash flow"])
@pytest.mark.parametrize("period", ["month", "quarter", "year"])
def test_every_period_has_a_heading_of_its_own(rich: Projection, name: str, period: Any):
    """Columns are told apart by their headings."""
    made = statement(rich.ledger, name, period)
    heads = headings(made, name, period, rich, Words(start=rich.scenario.start))
    assert len(set(heads)) == len(heads) == len(made.starts)


def test_a_file_holds_no_formulas():
    """A title that begins like a formula is text; a negative amount is a number."""
    read = list(csv.reader(io.StringIO(as_csv(["=1+1", "a"], [["@SUM(A1)", -3.5]]).decode("utf-8-sig"))))
    assert read == [["'=1+1", "a"], ["'@SUM(A1)", "-3.50"]]
    assert defused("Revenue") == "Revenue"


def test_an_amount_of_a_statement_leads_to_its_explanation(page: Page, rich: Projection):
    """A cell is the row's lines over the months of its period; of a balance sheet, at the end of it."""
    income, balance = (statement(rich.ledger, name, "year") for name in ("income", "balance"))
    months = rich.scenario.months
    for row in range(len(income.rows)):
        step = behind(income, "income", row, 1, months)
        node = explain(rich.scenario, step.key, step.month, rich.ledger, span=step.span)
        assert node.value == pytest.approx(income.amounts[row, 1])
    step = behind(balance, "balance", 0, 0, months)
    assert (step.key, step.span) == ("cash", 1)
    assert "Choose a cell to explain its number" in texts(page("statements", trials=0))


def test_the_cap_table_of_a_page_is_the_plans(page: Page, rich: Projection):
    """Whole shares, holder by holder, and their sum."""
    session = page("funding", trials=0, draft=draft_of(RICH))
    last = cap_tables(rich.ledger)[-1]
    shown = next(table.value for table in session.dataframe if "Shares" in table.value.columns)
    assert list(shown["Shares"])[:-1] == [f"{last.shares_of(name):,}" for name in last.ownership()]
    assert list(shown["Shares"])[-1] == f"{last.shares:,}"


def test_ownership_by_month_is_all_of_the_company(rich: Projection):
    """In each month from the first event on the parts come to one."""
    parts = ownership_by_month(cap_tables(rich.ledger), rich.scenario.months)
    assert np.allclose(np.sum(list(parts.values()), axis=0), 1)


def test_a_sale_pays_what_the_waterfall_says(page: Page, rich: Projection):
    """A price that is typed is shared out, and stays."""
    session = page("funding", trials=0, draft=draft_of(RICH))
    session = session.number_input(key="exit-value").set_value(50_000_000.0).run()
    sale = exit_at_end(rich.ledger, cap_tables(rich.ledger), 50_000_000.0)
    shown = next(table.value for table in session.dataframe if "Payout" in table.value.columns)
    paid = [sale.split.debt_paid, *sale.split.by_holder().values()]
    assert list(shown["Payout"]) == [whole(Words(), float(amount)) for amount in paid]
    assert session.number_input(key="exit-value").value == 50_000_000


def test_funding_says_why_nothing_can_be_counted(page: Page):
    """A plan without holders has no cap table, and a button leads to where they are added."""
    session = page("funding", trials=0, draft=bare())
    assert any("who holds shares" in box.value for box in session.info)
    assert "`" not in "".join(box.value for box in session.info)
    assert session.button(key="to-shape:holder")


def test_models_say_where_there_are_none(page: Page):
    """A plan without programs and feedback gets two plain sentences, each with the way to change that."""
    session = page("models", trials=0, draft=bare())
    said = texts(session)
    assert "trains no models" in said
    assert "collects no feedback" in said
    assert session.button(key="to-shape:program")
    assert {"Set Feedback share", "Set Consent"} <= {one.proto.label for one in session.get("page_link")}


def test_programs_cost_what_the_plan_says(page: Page, rich: Projection):
    """The table's sums are the ledger's."""
    session = page("models", trials=0, draft=draft_of(RICH))
    shown = next(table.value for table in session.dataframe if "All costs" in table.value.columns)
    costs = rich.ledger.lines["program_cost"].sum(axis=0)
    assert list(shown["All costs"]) == [whole(Words(), cost) for cost in costs]


def test_the_users_advantage_is_told_where_feedback_is_collected(page: Page):
    """With and without, in words and as a chart."""
    session = page("models", trials=0, draft=draft_of("education-tutor.yaml"))
    assert not session.exception
    assert "User feedback is worth" in texts(session)


def two() -> list[str]:
    """The files of two overlays that ship."""
    return [overlay.file for overlay in shipped()[:2]]


def test_overlays_stand_alone_and_together(page: Page):
    """The plan, each overlay, and all of them: the numbers are those of a plan read under overlays."""
    session = page("compare", trials=0)
    session = session.pills(key="overlays").set_value(two()).run()
    shown = session.dataframe[0].value
    text = (SHIPPED / EXAMPLE).read_text(encoding="utf-8")
    wanted = [(), shipped()[:1], shipped()[1:2], shipped()[:2]]
    ends = [project(parse(text, SHIPPED, EXAMPLE, laid), 0, evidence=False).kpis["end_cash"] for laid in wanted]
    row = shown.set_index("Key figure").loc["Cash at the end"]
    assert list(row) == [Words().quantity(end.value, "USD") for end in ends]


def test_a_comparison_is_run_with_trials_in_the_end(page: Page):
    """The base plans are there first; the chance of ruin follows by itself."""
    session = page("compare", trials=40)
    session = session.pills(key="overlays").set_value(two()[:1]).run()
    assert not session.exception
    assert "–" not in list(session.dataframe[0].value.set_index("Key figure").loc["Chance of running out of cash"])


def test_overlays_are_a_step_that_can_be_undone(page: Page):
    """The merged plan is the draft, and one undo leads back."""
    session = page("compare", trials=0)
    before = session.session_state["draft"]
    session = session.pills(key="overlays").set_value(two()).run()
    session = session.button(key="take-overlays").click().run()
    assert not session.exception
    after = session.session_state["draft"]
    assert after.now.text != before.now.text
    assert after.undone().now == before.now


def test_an_overlay_of_ones_own_is_chosen_at_once(page: Page):
    """A file that is sent is laid over the plan."""
    session = page("compare", trials=0)
    text = "overlay: 1\ntitle: Dearer devices\ndescription: x\npools:\n  '*': {device_price: {times: 2}}\n"
    session = session.file_uploader(key="overlay-upload").upload("mine.yaml", text.encode()).run()
    assert not session.exception
    assert "Dearer devices" in session.dataframe[0].value


def test_a_file_that_is_no_overlay_is_answered_with_its_mistakes(page: Page):
    """The comparison stays, and the reason stands above it."""
    session = page("compare", trials=0)
    session = session.file_uploader(key="overlay-upload").upload("mine.yaml", b"title: x\n").run()
    assert not session.exception
    assert any("mine.yaml" in box.value.replace("\\", "") for box in session.error)


def test_a_form_has_every_assumption_that_a_member_can_have(page: Page):
    """The form is read off the signatures, so that a new line is in it by itself."""
    session = page("assumptions", trials=0)
    session = session.selectbox(key="table-owner").set_value(("pool", "large")).run()
    assert not session.exception
    fields = [*session.text_input, *session.selectbox]
    names = {str(field.key).rpartition(".")[2] for field in fields if str(field.key).startswith("form:")}
    known = business().inputs.items()
    assert names == {name for name, needed in known if needed.home == ("pool",) and not needed.is_state}
    assert names == {needed.name for inputs in inputs_of("pool").values() for needed in inputs}


def test_a_form_changes_the_plan(page: Page):
    """A value typed there is an edit like any other."""
    session = page("assumptions", trials=0)
    session = session.selectbox(key="table-owner").set_value(("plan", "team")).run()
    session = session.text_input(key="form:plans.team.price").set_value("1234").run()
    assert session.session_state["draft"].now.edits == {"plans.team.price": 1234}


def test_a_value_that_cannot_stand_stays_in_the_form(page: Page):
    """What was typed is kept with the reason, also after looking elsewhere."""
    session = page("assumptions", trials=0)
    session = session.selectbox(key="table-owner").set_value(("plan", "team")).run()
    session = session.text_input(key="form:plans.team.price").set_value("-5").run()
    assert session.text_input(key="form:plans.team.price").value == "-5"
    assert any("or more" in box.value for box in session.error)
    session = session.selectbox(key="table-owner").set_value(COMPANY).run()
    assert any("Price · Team" in box.value for box in session.error)
    session = session.selectbox(key="table-owner").set_value(("plan", "team")).run()
    assert session.text_input(key="form:plans.team.price").value == "-5"


def test_an_empty_field_stands_for_the_default(page: Page):
    """Emptying a field that was given leaves the model's own number."""
    session = page("assumptions", trials=0)
    session = session.selectbox(key="table-owner").set_value(("pool", "large")).run()
    key = "form:pools.large.headroom"
    session = session.text_input(key=key).set_value("30%").run()
    session = session.text_input(key=key).set_value("").run()
    assert projected(session_scenario(session), 0).ledger.assumed("headroom", "large")[0] == 0


def session_scenario(session: AppTest) -> Any:
    """The scenario that a session's draft stands for."""
    draft = session.session_state["draft"]
    scenario = parse(draft.now.text, draft.now.folder, draft.file)
    for path, literal in draft.now.edits.items():
        scenario = scenario.with_value(path, literal)
    return scenario


def test_the_table_shows_what_the_file_gives_and_defaults_when_asked(page: Page):
    """Hundreds of defaults are a switch away."""
    session = page("assumptions", trials=0)
    given = len(session.data_editor[0].value)
    assert given == sum(one.line > 0 for one in load(SHIPPED / EXAMPLE).assumptions.values())
    session = session.toggle(key="table-defaults").set_value(True).run()
    assert len(session.data_editor[0].value) == len(load(SHIPPED / EXAMPLE).assumptions)


def test_the_table_narrows_to_a_kind():
    """What belongs to the plans, to one of them, and to the company are told apart."""
    assumptions = load(SHIPPED / EXAMPLE).assumptions
    team, starter = assumptions["plans.team.price"], assumptions["plans.starter.price"]
    assert belongs(team, ("plan", ""))
    assert belongs(team, ("plan", "team"))
    assert not belongs(starter, ("plan", "team"))
    assert not belongs(team, COMPANY)
    assert belongs(assumptions["tax_rate"], COMPANY)


def test_the_overview_says_what_would_change_the_verdict(page: Page):
    """Below the reasons stands what the next better grade asks for."""
    said = texts(page("overview", trials=50, draft=draft_of(RICH)))
    assert "To reach Fragile:" in said


@pytest.mark.parametrize("name", ["overview", "risk"])
def test_figures_come_before_the_trials_and_charts_after(page: Page, name: str):
    """The first pass draws key figures of the base case, the second the same ones and all that waits for trials."""
    first, second = (page(name, trials=trials, is_first=not trials) for trials in (0, 50))
    assert first.metric
    assert [one.value for one in first.metric] == [one.value for one in second.metric][: len(first.metric)]
    assert not charts(first)
    assert charts(second)
    if name == "overview":
        assert "verdict and charts follow" in first.info[0].proto.title
        assert not [one for one in second.info if "verdict and charts follow" in one.proto.title]


def test_a_figure_with_several_definitions_names_its_own(page: Page):
    """The tile has the definition's name, and the others with their values in its help."""
    session = page("overview", trials=0)
    margin = next(metric for metric in session.metric if metric.label == "Gross margin")
    assert "all inference" in margin.help
    assert "policy: free plans are a selling cost" in texts(session)


def test_when_revenue_covers_all_costs_for_good_agrees_with_break_even(page: Page):
    """A company whose costs overtake its revenue again, as staff join, is told both months."""
    text = scenario_text({"price": 49, "start": "2027-01"})
    found = project(parse(text, Path()), 0, evidence=False)
    steady = found.dates[int(found.kpis["break_even_month"].value)]
    said = texts(page("overview", trials=0, draft=Draft.of("mine.yaml", Path(), text)))
    assert f"From {steady:%b %Y} on it covers them in every month." in said


def test_all_key_figures_are_on_the_overview(page: Page):
    """Each with its definition, once somebody opens the list."""
    session = page("overview", trials=0)
    assert "kpi-over-months" not in session.session_state
    session.session_state["all-key-figures"] = True
    said = texts(session.run())
    found = projected(load(SHIPPED / EXAMPLE), 0)
    assert all(kpi.definition in said for kpi in found.kpis.values())
