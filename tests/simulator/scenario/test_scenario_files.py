"""Scenario files: their contents, the message for each mistake, and edits that keep everything else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from laid import changed_lines
from made import SMALL

from simulator.errors import PlanError, Problem, ScenarioError
from simulator.scenario import document
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[3] / "scenarios" / "support-copilot.yaml"
Read = Callable[..., Scenario]


def line_with(text: str, needle: str) -> int:
    """Return the first line, counted from 1, that contains the needle."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if needle in line)


def problems(read: Read, *replacements: tuple[str, str]) -> list[tuple[int, str]]:
    """Return the mistakes of the small scenario after replacements, as (line, what; what to do)."""
    with pytest.raises(ScenarioError) as caught:
        read(*replacements)
    assert all(one.file == "small.yaml" for one in caught.value.problems)
    return [(one.line, f"{one.what}; {one.todo}") for one in caught.value.problems]


# Reading


def test_the_first_scenario_shows_all_that_can_be_known_of_a_number():
    """Some of its numbers are measured, some published, and some assumed."""
    assert {one.evidence for one in load(SHIPPED).assumptions.values()} == {"measured", "published", "assumed"}


@pytest.mark.parametrize(
    ("path", "central", "needle", "evidence"),
    [
        ("roles.engineer.annual_raise", 0, "", "assumed"),  # a default is an assumption without a line
        ("opening_cash", 500_000, "opening_cash:", "assumed"),  # a bare number has no source
        ("tax_rate", 0.2, "tax_rate:", "published"),  # this one has a source and a date
        ("plans.basic.payment_fee", 0.03, "payment_fee:", "assumed"),  # 3% is 0.03, as a number or in a distribution
        ("plans.team.churn", 0.025, "samples", "assumed"),
        ("usage_spread", 1, "usage_spread:", "assumed"),  # given once at the top, for both plans
    ],
)
def test_an_assumption_is_what_its_line_says(small: Scenario, path: str, central: float, needle: str, evidence: str):
    """An assumption has the value and the line that the file gives it, and the evidence that its origin allows."""
    found = small.assumptions[path]
    line = line_with(SMALL, needle) if needle else 0
    assert (found.central, found.line, found.evidence) == (central, line, evidence)
    assert "plans.basic.usage_spread" not in small.assumptions


@pytest.mark.parametrize("path", ["plans.team.usage_spread", "roles.engineer.annual_raise"], ids=["top", "default"])
def test_a_member_may_have_its_own(small: Scenario, path: str):
    """A member's own value overrides the one at the top, or the default, and is written with the member."""
    edited = small.with_value(path, "4%")
    assert parse(edited.to_yaml(), edited.folder).assumptions[path].central == 0.04


# Mistakes

MISTAKES = [
    ("tax_rate:", "tax_rat:", "'tax_rat' is not an assumption; did you mean tax_rate?"),
    ("title: Small", "titel: Small", "'titel' is not a section of a scenario; did you mean title?"),
    (
        "unit: EUR/customer}",
        "unit: EUR/hour}",
        "the unit 'EUR/hour' does not fit; convert the number to EUR/customer/month",
    ),
    ("unit: EUR/customer}", "unit: USD/customer}", "EUR, and the number is in USD; add `second_currency: USD`"),
    ("unit: hour}", "unit: '^^'}", "the unit '^^' does not fit; convert the number to hour"),
    ("price: 400", "price: -400", "-400 is below 0 (unit: EUR/customer/month); give 0 or more"),
    ("value: 20%", "value: 20", "give 0 to 1 (20% is 0.2)"),
    ("value: 20%", "value: 120%", "120% is too large; give 0% to 100%"),
    ("value: 20%", "value: .nan", "nan is not a usable number"),
    ("value: 20%", "value: .inf", "inf is not a usable number"),
    ("value: 20%", "value: yes please", "'yes please' is not a number"),
    ("pert: [3%, 5%, 9%]", "pert: [9%, 5%, 3%]", "give least, most likely and most, in that order"),
    ("90% between 5% and 10%", "90% between 10% and 5%", "the range runs from 0.1 to 0.05; swap the two"),
    ("normal: [200, 30]", "normal: [-200, 30]", "-200 is below 0 (unit: request/customer/month)"),
    ("uniform: [40, 60]", "pert: [-90, 1, 5]", "most of the distribution is out of range; give 0.01 or more"),
    ("{0: 2, 5: 3}", "{1: 2, 5: 3}", "the schedule begins in month 1; add a value for month 0"),
    ("over: 6", "over: soon", "`over` is soon; give a whole number of months"),
    ("pool: large", "pool: huge", "'huge' is not in pools; set `pool:` to one of large, small"),
    ("pool: large, ", "", "features.answers names no pool; set `pool:` to one of large, small"),
    ("price: 400\n", "\n", "plans.team has no price; add `price: …` in EUR/customer/month"),
    ("price: 400\n", "price: 400\n    heads: 3\n", "heads is an assumption per role; move it to roles"),
    (
        "price: 400\n",
        "price: 400\n    tax_rate: 3\n",
        "tax_rate is an assumption of the company; move it to assumptions",
    ),
    ("price: 400\n", "price: 400\n    prize: 3\n", "'prize' is not an assumption per plan; did you mean price?"),
    ("  team:\n", "  te am:\n", "'te am' is not a valid name; begin with a letter, and use letters, digits, - and _"),
    ("  - [channels", "  - [channel", "is not an assumption"),
    (", 0.5]", ", 1.5]", "1.5 is not a rank correlation of two assumptions"),
    (", 0.5]", "]", "an entry is not two names and a number"),
    ("  - [channels.search.cost_per_signup", "  - [[1]", "is not an assumption"),
    ("months: 14", "months: 0", "months: '0' is out of range; give a whole number from 1 to 240"),
    ("months: 14", "months: 9.5", "months: '9.5' is out of range"),
    ("trials: 50", "trials: 1000000", "give a whole number from 0 to 100,000"),
    ("seed: 3", "seed: -3", "seed: '-3' is out of range"),
    ("currency: EUR", "currency: euro", "'euro' is not a currency code; write three capital letters"),
    ("start: 2027-01", "start: 2027-13", "'2027-13' is not a month; write it like 2027-01"),
    ("title: Small", "title: 7", "title: it is not a text"),
    ("title: Small", "title: ' '", "title: it is empty; write a few words"),
    ("title: Small", f"title: {'x' * 2001}", "title: it has 2,001 characters; use at most 2,000"),
    ("breakeven: 1", "breakeven: 2", "breakeven: '2' is out of range; write 1"),
    ("cash_floor: 0", "cash_floor: low", "cash_floor: 'low' is not a number"),
    ("pert: [3%, 5%, 9%]", "start: 5%, monthly_growth: 1%", "the value changes from month to month"),
    ("share_of_signups: 80%", "share_of_signups: 90%", "shares of one whole add up to 110%"),
    ("share_of_signups: 80%", "share_of_signups: {0: 80%, 2: 90%}", "shares of one whole add up to 110% in month 2"),
    ("peak_to_mean: 2.5, headroom", "peak_to_mean: 0.5, headroom", "0.5 is below 1"),
    ("source: the law", "evidence: published", "published evidence needs source and as_of; add them, or write"),
    ("source: the law", "evidence: measured", "only a reference to a record is measured"),
    ("source: the law", "evidence: calibrated", "calibrated evidence needs the measurements that it was fitted to"),
    ("source: the law", "evidence: divine", "'divine' is not a kind of evidence; use one of measured"),
    ("source: the law", "sauce: the law", "'sauce' is not a field of an assumption; use value, unit, source"),
    ("price: 400", "price: {chance: 90% between 1 and 2}", "a range cannot stand here; write one number, such as 4%"),
    ("source: the law", "source: [the, law]", "source is not a text"),
    ("source: the law", f"source: {'x' * 2001}", "source has 2,001 characters; use at most 2,000"),
    ("    price: 400\n", "    price: 400\n    title: {big: 1}\n", "plans.team.title is not a text"),
    ("    price: 400\n", "    price: 400\n    note: [a, b]\n", "plans.team.note is not a text"),
]


@pytest.mark.parametrize(("old", "new", "says"), MISTAKES, ids=[f"{old} → {new}".strip() for old, new, _ in MISTAKES])
def test_a_mistake_is_named_with_its_line_and_the_way_out(read: Read, old: str, new: str, says: str):
    """The message says what is wrong and what to do, with a line of the file."""
    found = problems(read, (old, new))
    line, _ = next(one for one in found if says in one[1])
    assert 1 <= line <= len(SMALL.splitlines())


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("tax_rate:", "tax_rat:", "tax_rate:"),
        ("price: 400", "price: -400", "price: 400"),
        ("{0: 2, 5: 3}", "{1: 2, 5: 3}", "engineer:"),
        ("pool: large", "pool: huge", "pool: large"),
        ("months: 14", "months: 0", "months: 14"),
        (", 0.5]", ", 1.5]", ", 0.5]"),
        ("price: 400\n", "\n", "  team:"),
    ],
)
def test_the_line_is_where_the_mistake_stands(read: Read, old: str, new: str, at: str):
    """A missing name is reported on the line of the section that lacks it."""
    assert line_with(SMALL, at) in [line for line, _ in problems(read, (old, new))]


def test_a_title_left_empty_is_none(read: Read):
    """Nobody calls a plan `None`."""
    found = read(("    price: 400\n", "    price: 400\n    title:\n"))
    assert "title" not in found.about["plans.team"]


def test_a_pair_is_tied_once(read: Read):
    """Two correlations of the same two assumptions are refused, in either order."""
    twice = (
        "  - [plans.basic.churn, plans.basic.conversion, 0.1]\n  - [plans.basic.conversion, plans.basic.churn, -0.1]\n"
    )
    found = problems(read, ("  - [channels", f"{twice}  - [channels"))
    assert [what for _, what in found if "are listed twice" in what]


def test_several_mistakes_are_found_at_once(read: Read):
    """One error contains all mistakes, in the order of the file."""
    found = problems(
        read, ("months: 14", "months: 0"), ("price: 400", "price: -400"), ("pool: small", "pool: none"), (", 0.5]", "]")
    )
    assert len(found) == 4
    assert [line for line, _ in found] == sorted(line for line, _ in found)


def test_an_error_prints_one_jumpable_line_a_mistake(read: Read):
    """A mistake prints as `file:line: what; what to do`."""
    with pytest.raises(ScenarioError) as caught:
        read(("months: 14", "months: 0"))
    assert str(caught.value).startswith(f"small.yaml:{line_with(SMALL, 'months: 14')}: months: ")
    assert str(Problem("a", 3, "what", "todo")) == "a:3: what; todo"


def test_a_name_given_twice_is_refused(read: Read):
    """A name may be given only once."""
    found = problems(read, ("    price: 400\n", "    price: 400\n    price: 500\n"))
    assert found == [(line_with(SMALL, "price: 400") + 1, "a name is given twice; keep one of the two")]


def test_a_missing_file_is_a_scenario_error(tmp_path: Path):
    """A missing file is reported on line 0."""
    with pytest.raises(ScenarioError, match=r"none\.yaml: the file cannot be read \(No such file"):
        load(tmp_path / "none.yaml")


# Edits


def comments(text: str) -> list[str]:
    """Return the text behind each # of a text."""
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


@pytest.mark.parametrize("text", [SMALL, SHIPPED.read_text(encoding="utf-8")], ids=["small", "shipped"])
def test_a_file_survives_the_round_trip(text: str, tmp_path: Path):
    """A file that is read and written again is the same, byte by byte."""
    assert document.dump(document.read(text, "it")) == text


# What a value has beside its number, and a map beside its entries.
AS_WRITTEN = """\
# above
hex: 0x1F  # beside
times: [2026-11-09T10:00:00+02:00, 2026-11-09 10:00:00]
number: 1.50e3
quoted: 'x'
folded: >
  one
  two

merged: {<<: {a: 1}, b: 2}
# below
"""


def test_a_text_read_again_is_a_document_of_its_own():
    """A change of one document is not in the next of the same text, which has every detail, its lines included."""
    first = document.read(AS_WRITTEN, "first")
    first["number"] = 2
    again = document.read(AS_WRITTEN, "again")
    assert document.dump(again) == AS_WRITTEN
    assert document.line_of(again, "merged") == line_with(AS_WRITTEN, "merged")


def test_the_same_mistake_is_told_of_each_file():
    """What is kept of a text has nothing of the file that it stood in."""
    for file in ("one.yaml", "two.yaml"):
        with pytest.raises(ScenarioError) as caught:
            document.read("a: [", file)
        assert [problem.file for problem in caught.value.problems] == [file]


def test_an_unedited_scenario_is_its_file(small: Scenario):
    """Without edits, the text is the file."""
    assert small.to_yaml() == SMALL


EDITS: list[tuple[str, Any, list[str]]] = [
    ("plans.team.price", 450, ["-    price: 400", "+    price: 450"]),
    ("plans.team.price", "450", ["-    price: 400", "+    price: 450"]),
    ("opening_cash", {"uniform": [1, 2]}, ["-  opening_cash: 500000", "+  opening_cash: {uniform: [1, 2]}"]),
    (
        "plans.basic.price",
        55.5,
        ["-    price: {value: 50, unit: EUR/customer}", "+    price: {value: 55.5, unit: EUR/customer}"],
    ),
    (
        "plans.basic.churn",
        "90% between 2% and 6%",
        ["-    churn: {value: {pert: [3%, 5%, 9%]}}", "+    churn: {value: 90% between 2% and 6%}"],
    ),
    (
        "tax_rate",
        "25%",
        ["-    value: 20%", "+    value: 25%", "-    source: the law", "-    as_of: 2026-11-09  # checked"],
    ),
]


@pytest.mark.parametrize(("path", "literal", "lines"), EDITS, ids=[path for path, _, _ in EDITS])
def test_an_edit_changes_its_own_lines_alone(small: Scenario, path: str, literal: Any, lines: list[str]):
    """An edit drops the old value's origin, and every other line stays."""
    found = changed_lines(SMALL, small.with_value(path, literal).to_yaml())
    assert [line.replace("'", "") for line in found] == [line.replace("'", "") for line in lines]


def test_an_edit_keeps_the_comments_below_a_dropped_origin(small: Scenario):
    """The comment under `as_of` belongs to the next entry, and stays."""
    kept = comments(small.with_value("tax_rate", 0.3).to_yaml())
    assert kept == [comment for comment in comments(SMALL) if comment != " checked"]


@pytest.mark.parametrize("every", [False, True], ids=["a sourced one", "all"])
def test_assumptions_that_ship_can_be_fixed_and_saved(every: bool):
    """With a distribution replaced by its centre, the saved file loads, says the same, and keeps its comments."""
    edited = scenario = load(SHIPPED)
    first = next(one for one in scenario.assumptions.values() if one.source)
    for one in [found for found in scenario.assumptions.values() if found.line] if every else [first]:
        edited = edited.with_value(one.path, one.central)
    text = edited.to_yaml()
    assert comments(text) == comments(scenario.text)
    assert parse(text, scenario.folder).hash == edited.hash
    assert every or sum(line.startswith("+") for line in changed_lines(scenario.text, text)) == 1


def test_an_edit_drops_the_old_source(small: Scenario):
    """A number that a user types is assumed, until a source is given with it."""
    assert small.with_value("tax_rate", 0.3).assumptions["tax_rate"].source == ""
    assert small.with_value("tax_rate", 0.3).assumptions["tax_rate"].evidence == "assumed"
    sourced = {"value": 0.3, "source": "a new law", "as_of": "2027-01-01"}
    assert small.with_value("tax_rate", sourced).assumptions["tax_rate"].evidence == "published"


def test_edits_add_up(small: Scenario):
    """The last edit of a name holds, and the scenario that is edited keeps its value."""
    edited = small.with_value("opening_cash", 1).with_value("tax_rate", 0.1).with_value("opening_cash", 2)
    for found in (edited, parse(edited.to_yaml(), small.folder)):
        assert (found.assumptions["opening_cash"].central, found.assumptions["tax_rate"].central) == (2, 0.1)
    assert small.assumptions["opening_cash"].central == 500_000


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("price", PlanError, r"did you mean plans\.basic\.price, plans\.team\.price"),
        ("plans.team.prize", PlanError, "did you mean"),
        ("qqq", PlanError, "simulator fields"),
        ("plans.team.price", ScenarioError, r"plans\.team\.price: -3 is below 0"),
    ],
)
def test_a_wrong_edit_is_refused(small: Scenario, name: str, error: type[Exception], says: str):
    """The message suggests the paths that may have been meant; the value is checked like one in the file."""
    with pytest.raises(error, match=says):
        small.with_value(name, -3)


def test_a_short_name_will_do_where_it_is_clear(small: Scenario):
    """The last part of a path is enough where it is unique."""
    assert small.find_path("amount") == "rounds.seed.amount"


def test_saving_writes_the_edits(small: Scenario, tmp_path: Path):
    """The file contains the edits, and no partial file is left."""
    edited = small.with_value("opening_cash", 7)
    edited.save(tmp_path / "mine.yaml")
    assert load(tmp_path / "mine.yaml").hash == edited.hash
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_saving_where_nothing_can_be_written_changes_nothing(small: Scenario, tmp_path: Path):
    """Saving to a missing folder raises an error that says so."""
    with pytest.raises(PlanError, match=r"could not be written \(No such .*\), and the file is unchanged"):
        small.save(tmp_path / "nowhere" / "mine.yaml")
