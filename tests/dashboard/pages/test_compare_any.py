"""Compare: any scenarios beside the open one, with what differs between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from example import EXAMPLE
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED, shipped
from dashboard.desk.drafts import Step
from dashboard.desk.whatifs import Variant
from dashboard.pages.compare import distinct
from dashboard.parts.words import Words
from simulator.scenario.reading import load

Page = Callable[..., AppTest]
CHOICE = "other-scenarios"


def own(home: Path, name: str, price: int) -> str:
    """Save a scenario of one's own with another price, and return its key in the list."""
    folder = home / "scenarios"
    folder.mkdir(exist_ok=True)
    scenario = load(SHIPPED / EXAMPLE).with_value("plans.team.price", price)
    path = folder / f"{name}.yaml"
    (folder / "measurements").mkdir(exist_ok=True)
    for record in (SHIPPED / "measurements").glob("*.json"):
        (folder / "measurements" / record.name).write_bytes(record.read_bytes())
    scenario.save(path)
    return str(path)


def test_two_scenarios_of_ones_own_stand_side_by_side(page: Page, home: Path):
    """Both are columns of the table, and their prices are a row of what differs."""
    keys = [own(home, "Assistant 49", 49), own(home, "Assistant 79", 79)]
    session = page("compare", trials=0).multiselect(key=CHOICE).set_value(keys).run()
    assert not session.exception
    names = ["This scenario", "Assistant 49 (mine)", "Assistant 79 (mine)"]
    assert list(session.dataframe[0].value) == ["Key figure", *names]
    (row,) = session.dataframe[1].value.to_dict("records")
    assert row["Assumption"] == "Price · Team"
    assert [row[name] for name in names] == ["1,490", "49", "79"]
    assert "1 assumption differs." in texts(session)


def test_an_example_stands_beside_this_one(page: Page):
    """A shipped scenario is a column of its own, and members that only one has are listed."""
    session = page("compare", trials=0).multiselect(key=CHOICE).set_value([str(SHIPPED / "sentiment-api.yaml")]).run()
    assert "Sentiment API (example)" in session.dataframe[0].value
    assert "Plan · Pay as you go" in list(session.dataframe[2].value["Only in some"])


def test_a_changed_scenario_is_compared_with_its_last_save(page: Page):
    """Only a draft with changes has a last save to compare with."""
    draft = shipped(EXAMPLE)
    assert "As last saved" not in page("compare", trials=0, draft=draft).multiselect(key=CHOICE).options
    step = Step(draft.now.text, draft.now.folder, {"plans.team.price": 990})
    session = page("compare", trials=0, draft=replace(draft.stepped(step), id="a" * len(draft.id)))
    session = session.multiselect(key=CHOICE).set_value(["saved"]).run()
    (row,) = session.dataframe[1].value.to_dict("records")
    assert (row["Assumption"], row["This scenario"], row["As last saved"]) == ("Price · Team", "990", "1,490")


def test_differences_are_told_in_the_words_of_the_forms(page: Page):
    """A month is one of the calendar, a default that stands for something is in words, and a range stays as written."""
    draft = shipped(EXAMPLE)
    edits = {"rounds.seed.close_month": 4, "plans.team.requests_cap": 900, "plans.team.churn": "90% between 1% and 2%"}
    step = Step(draft.now.text, draft.now.folder, edits)
    session = page("compare", trials=0, draft=replace(draft.stepped(step), id="a" * len(draft.id)))
    session = session.multiselect(key=CHOICE).set_value(["saved"]).run()
    rows = {row["Assumption"]: row for row in session.dataframe[1].value.to_dict("records")}
    both = {name: (row["Unit"], row["This scenario"], row["As last saved"]) for name, row in rows.items()}
    assert both["Close month · Seed round"] == ("", "May 2027", "Feb 2027")
    assert both["Requests cap · Team"][1:] == ("900", "no limit")
    assert both["Churn · Team"][:2] == ("%", "1% to 2%")


def test_amounts_in_several_currencies_each_have_their_own(page: Page):
    """The unit of such a row is what they are counted per; what means the same in all currencies is no difference."""
    session = page("compare", trials=0).multiselect(key=CHOICE).set_value([str(SHIPPED / "credit-risk.yaml")]).run()
    rows = {row["Assumption"]: row for row in session.dataframe[1].value.to_dict("records")}
    own, other = list(session.dataframe[1].value)[1:3]
    cash, salary = rows["Opening cash"], rows["Salary · Founder"]
    assert (cash[own][-4:], cash[other], cash["Unit"]) == (" USD", "900,000 EUR", "")
    assert (salary[own][-4:], salary[other], salary["Unit"]) == (" USD", "90,000 EUR", "per person per year")
    assert not {"Dividends", "Cash trigger · Seed round"} & rows.keys()


def test_a_file_that_is_no_scenario_is_answered_with_its_mistakes(page: Page, home: Path):
    """The comparison stays, and the reason stands above it."""
    folder = home / "scenarios"
    folder.mkdir()
    (folder / "broken.yaml").write_text("title: x\n", encoding="utf-8")
    session = page("compare", trials=0).multiselect(key=CHOICE).set_value([str(folder / "broken.yaml")]).run()
    assert not session.exception
    assert any("broken.yaml" in box.value.replace("\\", "") for box in session.error)


def test_scenarios_of_one_name_are_told_apart():
    """A table has one column a name."""
    scenario = load(SHIPPED / EXAMPLE)
    found = distinct([Variant(name, scenario) for name in ("A", "A", "Unit", "A (2)")], Words())
    assert [one.name for one in found] == ["A", "A (2)", "Unit (2)", "A (2) (2)"]
