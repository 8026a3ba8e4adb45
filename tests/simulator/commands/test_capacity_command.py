"""The command `capacity`: a plan of what to sign when, what to write to apply it, and refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.__main__ import main

OFFER = ["--set", "pools.large.reserved_price=1", "--set", "pools.large.reserved_term=6"]


def test_what_it_prints_to_apply_saves_what_it_says(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """With its own --set the scenario as it stands is the plan, and nothing is left to save."""
    path = str(file())
    assert main(["capacity", path, "large", *OFFER, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["signings"]
    assert shown["saved"]["mean"] == pytest.approx(shown["on_demand"]["mean"] - shown["cost"]["mean"])
    apply = [part for one in shown["set"] for part in ("--set", one)]
    assert main(["capacity", path, "large", *OFFER, *apply, "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["today"]["mean"] == pytest.approx(again["cost"]["mean"])
    assert again["signings"] == shown["signings"]


def test_a_quote_is_another_term(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """Its signings name it, and what is printed to apply has its term and price."""
    assert main(["capacity", str(file()), "large", *OFFER, "--quote", "12=0.5", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [(one["months"], one["quoted"]) for one in shown["terms"]] == [(6, False), (12, True)]
    assert {one["term"] for one in shown["signings"]} == {12}
    assert {"pools.large.reserved_term=12", "pools.large.reserved_price=0.5"} <= set(shown["set"])


def test_it_prints_the_plan_and_the_months(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """A sentence with dates, remarks, a row for each month, and how to apply it."""
    assert main(["capacity", str(file()), "large", *OFFER]) == 0
    said = capsys.readouterr().out
    assert re.search(r"Reserve devices for 6 months: \d+ from \w+ 20\d\d", said)
    assert "The answer rests on pools.large.device_price" in said
    assert len(re.findall(r"^20\d\d-\d\d ", said, re.MULTILINE)) == 14
    assert "  --set 'pools.large.reserved_devices=" in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["tiny"], "is not a pool of the scenario"),
        (["large", "--set", "pools.large.device_price=0"], "states no price of a device on demand"),
        (["large", "--trials", "50000"], "give up to 5,000"),
        (["large", "--set", "pools.large.reserved_term=0"], "reserved_term"),
        (["large", "--quote", "3 years=2"], "is no quote; write MONTHS=PRICE"),
    ],
)
def test_nonsense_is_refused_by_the_plan_of_commitments(
    options: list[str], says: str, file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
):
    """In a sentence, with exit code 2."""
    assert main(["capacity", str(file()), *options]) == 2
    assert says in capsys.readouterr().err


def test_a_pool_has_to_be_named_where_there_are_several(capsys: pytest.CaptureFixture[str]):
    """The refusal lists them."""
    assert main(["capacity", "scenarios/support-copilot.yaml"]) == 2
    assert "name one of large, classifier" in capsys.readouterr().err
