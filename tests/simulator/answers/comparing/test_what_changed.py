"""Two versions of a scenario: what changed, by meaning, with sources and evidence."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.__main__ import main
from simulator.answers.comparing.changes import Changes, changes
from simulator.scenario.scenario import Scenario

Read = Callable[..., Scenario]


def changed(read: Read, *replacements: tuple[str, str]) -> Changes:
    """Return what replacing pieces of the small scenario's text changes."""
    return changes(read(), read(*replacements))


def fields(found: Changes) -> Mapping[str, Any]:
    """Return the fields of the only change, which is of an assumption."""
    assert found.count == 1
    return found.assumptions[0].fields


def test_layout_is_no_change(read: Read):
    """Another way to write a number, a comment, a quoted word and another order say the same."""
    same = (
        ("# checked", "# by the founder"),
        ("tax_rate:\n    value: 20%\n    unit: share\n", "tax_rate:\n    unit: share\n    value: 0.2\n"),
        ("title: Basic", 'title: "Basic"'),
        ("usage_spread: 1.0", "usage_spread: 1"),
    )
    assert changed(read, *same).count == 0


def test_a_number_has_its_value_before_and_after(read: Read):
    """With the unit of both, and whose it is."""
    found = changed(read, ("price: 400", "price: 450"))
    (price, reference) = (*found.assumptions, None)[:2]
    assert (price.name, price.kind, price.member, price.unit) == ("Price", "plan", "Team", "EUR/customer/month")
    assert (price.fields, reference) == ({"value": ("400", "450")}, None)


@pytest.mark.parametrize(
    ("old", "new", "field", "texts"),
    [
        ("source: the law", "source: counsel", "source", ("the law", "counsel")),
        ("as_of: 2026-11-09", "as_of: 2026-11-10", "as_of", ("2026-11-09", "2026-11-10")),
        ("source: the law", "source: the law\n    evidence: assumed", "evidence", ("published", "assumed")),
        ("source: the law", "source: the law\n    note: to be checked", "note", ("", "to be checked")),
    ],
)
def test_a_change_of_origin_alone_is_a_change(read: Read, old: str, new: str, field: str, texts: tuple[str, str]):
    """Source, date, evidence and note count, though no number moved."""
    assert fields(changed(read, (old, new))) == {field: texts}


def test_an_amount_in_another_currency_is_another_unit(read: Read):
    """The same digits in dollars are not the same money."""
    foreign = ("currency: EUR", "currency: EUR\nsecond_currency: USD")
    rate = ("  loss_limit:", "  exchange_rate: 0.9\n  loss_limit:")
    before = read(foreign, rate)
    after = read(foreign, rate, ("price: {value: 50, unit: EUR/customer}", "price: {value: 50, unit: USD/customer}"))
    assert fields(changes(before, after))["unit"] == ("EUR/customer/month", "USD/customer/month")


def test_a_renamed_member_is_neither_removed_nor_changed(read: Read):
    """Its old title tells that it is the same."""
    found = changed(read, ("  basic:", "  entry:"), ("plans.basic", "plans.entry"))
    assert [(one.kind, one.title, one.names) for one in found.members] == [("plan", "Basic", ("basic", "entry"))]
    assert (found.assumptions, found.words) == ((), ())


def test_a_member_that_was_added_says_what_it_states(read: Read):
    """Seen from the other side, it was removed."""
    more = ("  search:\n", "  fairs: {budget: 100, cost_per_signup: 9, most_signups: 3}\n  search:\n")
    (added,) = changed(read, more).members
    assert (added.title, added.names) == ("Fairs", ("", "fairs"))
    assert added.stated == {"budget": "100", "cost_per_signup": "9", "most_signups": "3"}
    (removed,) = changes(read(more), read()).members
    assert removed.names == ("fairs", "")


def test_a_feature_on_another_pool_is_told(read: Read):
    """Which pool serves it is no number, and changes many."""
    found = changed(read, ("sorting: {pool: small", "sorting: {pool: large"))
    assert [(one.member, one.fields) for one in found.words] == [("Sorting", {"pool": ("Small", "Large")})]


def test_a_value_for_all_moved_to_each_member_is_no_change(read: Read):
    """Where a file gives a value does not matter, only for whom it holds."""
    own = [("    churn_spread: 0.1\n", "    churn_spread: 0.1\n    usage_spread: 1\n")]
    own += [("  usage_spread: 1.0\n", ""), ("    price: 400\n", "    price: 400\n    usage_spread: 1\n")]
    assert changed(read, *own).count == 0


def test_settings_and_correlations_are_told(read: Read):
    """A seed, a floor and a rank correlation change no assumption."""
    found = changed(read, ("seed: 3", "seed: 4"), ("conversion, 0.5]", "conversion, 0.25]"))
    assert [(one.name, one.fields["value"]) for one in found.settings] == [("Seed", ("3", "4"))]
    assert [one.fields["value"] for one in found.correlations] == [("0.5", "0.25")]


@given(st.dictionaries(st.sampled_from(["plans.team.price", "plans.basic.churn", "tax_rate"]), st.floats(0.01, 0.9)))
@settings(max_examples=10)
def test_edits_are_found_and_nothing_else(small: Scenario, edits: dict[str, float]):
    """Each edit to another number is one change, and the way back has the texts in turn."""
    edited = small.with_values(edits)
    there, back = changes(small, edited), changes(edited, small)
    told = {(one.member, one.name): one.fields.get("value") for one in there.assumptions}
    assert {(one.member, one.name): (one.fields.get("value") or ())[::-1] or None for one in back.assumptions} == told
    own = {name for (_, name) in told if name not in ("Reference bill", "Reference price")}
    assert own <= {"Price", "Churn", "Tax rate"}
    assert len(own) == sum(small.assumptions[path].base(1)[0] != value for path, value in edits.items())


def test_the_command_says_what_changed_and_what_it_did(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """Numbers, sources and the headline KPIs, each before and after."""
    old = file()
    new = old.with_name("new.yaml")
    text = old.read_text().replace("price: 400", "price: 4000").replace("source: the law", "source: counsel")
    new.write_text(text)
    assert main(["diff", str(old), str(new), "--trials", "20"]) == 0
    said = capsys.readouterr().out
    assert "Price · Team, EUR/customer/month: 400 → 4000" in said
    assert 'source: "the law" → "counsel"' in said
    assert "Cash at the end" in said


def test_a_file_that_only_looks_different_is_said_to_be_the_same(
    file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
):
    """The numbers' hash stays, the file's does not."""
    old = file()
    new = old.with_name("new.yaml")
    new.write_text(old.read_text() + "# the end\n")
    assert main(["diff", str(old), str(new), "--trials", "0"]) == 0
    said = capsys.readouterr().out
    assert "Only comments, order or layout changed." in said
    assert said.count("(unchanged)   file") == 1
    assert main(["diff", str(old), str(old), "--trials", "0"]) == 0
    assert "Nothing changed." in capsys.readouterr().out
