"""Scenarios that differ: by meaning and not by place, with members that only some have."""

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.__main__ import main
from simulator.answers.comparing.differences import differences, lone_members
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[4] / "scenarios"


def test_a_scenario_does_not_differ_from_itself(small: Scenario):
    """No assumption, no setting, no member."""
    assert differences([small, small, small]) == ()
    assert lone_members([small, small]) == ()


def test_a_changed_price_is_the_only_difference(small: Scenario):
    """The difference names the assumption, whose it is, its unit and both values."""
    (found,) = differences([small, small.with_value("plans.team.price", 990)])
    assert (found.name, found.kind, found.unit) == ("Price", "plan", "EUR/customer/month")
    assert found.values[1] == "990"


def test_a_value_for_one_member_differs_from_the_value_for_all(small: Scenario):
    """A member's own value stands against the one that holds for all, for that member alone."""
    changed = small.with_value("plans.team.usage_spread", 2.5)
    found = [one for one in differences([small, changed]) if one.name == "Usage spread"]
    assert [(one.kind, one.values[1]) for one in found] == [("plan", "2.5")]


def test_a_renamed_member_with_its_old_title_is_the_same(read: Callable[..., Scenario]):
    """Basic under another name has no difference."""
    renamed = read(("  basic:", "  entry:"), ("plans.basic", "plans.entry"))
    assert differences([read(), renamed]) == ()
    assert lone_members([read(), renamed]) == ()


def test_members_of_one_scenario_only_are_listed(small: Scenario):
    """Each says which of the scenarios has it."""
    other = load(SHIPPED / "sentiment-api.yaml")
    found = {(one.kind, one.member): one.present for one in lone_members([small, other])}
    assert found["plan", "Basic"] == (True, False)
    assert found["plan", "Pay as you go"] == (False, True)


def test_a_third_scenario_hides_no_difference_between_two(small: Scenario):
    """A member that it lacks is compared between the others."""
    third = load(SHIPPED / "sentiment-api.yaml")
    found = differences([small, small.with_value("plans.team.price", 990), third])
    (price,) = [one for one in found if (one.name, one.kind) == ("Price", "plan")]
    assert price.values[1:] == ("990", "")
    again = differences([small, small, third])
    assert [one.name for one in again if one.kind == "plan" and one.member == price.member] == []


def test_a_setting_that_differs_is_named(read: Callable[..., Scenario]):
    """A later start changes no assumption."""
    (found,) = differences([read(), read(("start: 2027-01", "start: 2028-05"))])
    assert (found.name, found.values) == ("First month", ("2027-01", "2028-05"))


def test_a_floor_has_its_currency_and_nothing_is_the_same_in_all(read: Callable[..., Scenario]):
    """Amounts of 0 and defaults that nobody gave do not differ by the currency; a floor that somebody gave does."""
    (currency, *found) = differences([load(SHIPPED / name) for name in ("sentiment-api.yaml", "credit-risk.yaml")])
    assert (currency.name, currency.values) == ("Currency", ("USD", "EUR"))
    assert not {"Dividends", "Cash trigger", "Cash floor"} & {one.name for one in found}
    floored = read(("cash_floor: 0", "cash_floor: 5000"))
    (floor,) = differences([read(), floored])
    assert (floor.name, floor.values) == ("Cash floor", ("0", "5000 EUR"))


def test_the_command_puts_them_side_by_side(capsys: pytest.CaptureFixture[str]):
    """A column a scenario, the what-if as one of them, and what differs below."""
    file = str(SHIPPED / "support-copilot.yaml")
    assert main(["compare", file, "--overlay", "price-war", "--trials", "0"]) == 0
    said = capsys.readouterr().out
    assert "Support copilot + Price war"[:20] in said
    assert "Event · Price war" in said


def test_the_terminal_shows_each_figure_with_its_unit(capsys: pytest.CaptureFixture[str]):
    """A number has its thousands apart and its unit behind it, and what is too long for a column goes on below."""
    changed = ["scenarios/support-copilot.yaml", "scenarios/catalogue-texts.yaml"]
    assert main(["compare", *changed, "--trials", "0", "--why", "end_cash"]) == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert next(line for line in lines if line.startswith("Opening cash")).split()[2:] == [
        "200,000",
        "USD",
        "150,000",
        "USD",
    ]
    assert next(line for line in lines if line.startswith("Days payable")).split()[2:] == ["0", "days", "20", "days"]
    schedule = next(place for place, line in enumerate(lines) if line.startswith("Fixed overhead"))
    assert "10000} USD/month" in lines[schedule + 1]
    assert "…" not in printed
    cause = next(line for line in lines if line.strip().startswith("+") and line.endswith("  Heads"))
    assert " USD ± " in cause
    assert "e+" not in cause


def test_one_scenario_is_not_compared(capsys: pytest.CaptureFixture[str]):
    """The answer says what to give."""
    assert main(["compare", str(SHIPPED / "support-copilot.yaml")]) == 2
    assert "give two files, or one with --overlay" in capsys.readouterr().err
