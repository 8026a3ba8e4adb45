"""The JSON schema of a scenario file takes what loads and refuses a typo."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from simulator.__main__ import main
from simulator.lines import business
from simulator.scenario.schema import schema

SHIPPED = Path(__file__).parents[3] / "scenarios" / "support-copilot.yaml"
File = Callable[..., Path]


def document(path: Path) -> Any:
    """A scenario as a program that only knows JSON sees it: names and dates are texts."""
    return json.loads(json.dumps(YAML(typ="safe").load(path), default=str))


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """The schema of a scenario."""
    Draft202012Validator.check_schema(schema(business()))
    return Draft202012Validator(schema(business()))


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]):
    """With and without --json, the output is the whole schema."""
    for options in ([], ["--json"]):
        assert main(["schema", *options]) == 0
        assert json.loads(capsys.readouterr().out) == schema(business())


def test_the_schema_takes_what_loads(validator: Draft202012Validator, file: File):
    """The shipped scenario and the small one, with every form of value, are valid."""
    walk = ("price: 400", "price: {walk: 400, monthly_volatility: 6%, half_life: 24}")
    for path in (SHIPPED, file(), file(("value: 20%", "value: {chance: 20%}")), file(walk)):
        assert [error.message for error in validator.iter_errors(document(path))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tax_rate:", "tax_rat:"),
        ("price: 400", "prize: 400"),
        ("title: Small", "titel: Small"),
        ("months: 14", "months: 0"),
        ("currency: EUR", "currency: euro"),
        ("price: 400", "price: {gamma: [1, 2]}"),
        ("price: 400", "price: [1, 2]"),
        ("price: 400", "price: {walk: 400, volatility: 6%}"),
        ("    source: the law\n    as_of", "    evidence: divine\n    as_of"),
    ],
)
def test_the_schema_refuses_a_typo(validator: Draft202012Validator, file: File, old: str, new: str):
    """A typo does not fit the schema, so an editor marks it."""
    assert not validator.is_valid(document(file((old, new))))
