"""The page of fields: every field has a sentence, and the page in the documentation is the command's."""

from pathlib import Path

import pytest

from simulator.__main__ import main
from simulator.lines import KINDS, MEMBERS, business
from simulator.output.tables import precise
from simulator.scenario.settings import SETTINGS

PAGE = Path("docs/fields.md")


def test_every_assumption_is_explained():
    """A founder reads in one sentence what each field means."""
    unexplained = [one.name for one in business().inputs.values() if not one.meaning]
    assert not unexplained, ", ".join(unexplained)
    for one in business().inputs.values():
        assert one.meaning[0].isupper(), one.name
        assert one.meaning.endswith("."), one.name
        assert 10 < len(one.meaning) <= 200, (one.name, one.meaning)


def test_every_setting_and_section_is_explained():
    """Settings and sections have a sentence as well."""
    assert all(setting.meaning.endswith(".") for setting in SETTINGS.values())
    assert set(MEMBERS) == set(KINDS)


def test_page_in_the_documentation_is_current(capsys: pytest.CaptureFixture[str]):
    """`python -m simulator fields > docs/fields.md` makes the page."""
    assert main(["fields"]) == 0
    assert capsys.readouterr().out.strip() == PAGE.read_text(encoding="utf-8").strip()


def test_a_default_of_zero_is_a_number(capsys: pytest.CaptureFixture[str]):
    """A company without a cash floor of its own runs out of cash below zero; only what is empty has no default."""
    assert main(["fields", "settings"]) == 0
    shown = capsys.readouterr().out
    assert "has run out of it; by default 0." in shown
    assert "Number of trials of the Monte Carlo simulation; by default 1000." in shown
    assert "`second_currency`" in shown.partition("; by default none.")[2]


def test_one_section_by_name(capsys: pytest.CaptureFixture[str]):
    """A section comes alone, with what must be given first."""
    assert main(["fields", "plans"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("## `plans`")
    assert shown.index("Must be given") < shown.index("`churn`") < shown.index("Often given") < shown.index("May be")
    assert "## `pools`" not in shown


def test_a_field_or_a_section_in_the_singular_is_found(capsys: pytest.CaptureFixture[str]):
    """As whoever reads a file would call it."""
    assert main(["fields", "churn_spread"]) == 0
    assert capsys.readouterr().out.startswith("## `plans`\n\n- `churn_spread`: Difference between customers")
    assert main(["fields", "plan"]) == 0
    assert capsys.readouterr().out.startswith("## `plans`\n\nA pricing plan")


def test_unknown_section_lists_those_there_are(capsys: pytest.CaptureFixture[str]):
    """The error names every section."""
    assert main(["fields", "tariffs"]) == 2
    assert "choose one of settings, assumptions, channels, plans" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0000123456, "0.000012 USD"), (0.0999, "0.1 USD"), (-0.0012, "-0.0012 USD"), (0.0, "0.00 USD")],
)
def test_small_prices_keep_digits(value: float, shown: str):
    """A price per request is never 0.00 unless it is nothing."""
    assert precise(value, "USD") == shown
