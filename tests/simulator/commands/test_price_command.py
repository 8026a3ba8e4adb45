"""The command `price`: which plan it means, what it prints, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commanded import both

from simulator.__main__ import main

Capture = pytest.CaptureFixture[str]
# Changes of the small scenario that make its second plan free.
FREE = (
    ("    price: 400\n    reference_bill: 400\n", "    price: 0\n"),
    ("    included_requests: 2500\n    overage_price: 0.1\n", ""),
)


def printed(capsys: Capture, *call: str) -> dict[str, Any]:
    """Return what the command prints as JSON; a NaN or an infinity would be no JSON."""
    assert main(["price", *call, "--json"]) == 0
    return json.loads(capsys.readouterr().out, parse_constant=pytest.fail)


def test_a_best_price_is_a_number(file: Callable[..., Path], capsys: Capture):
    """With a response that is strong enough."""
    call = [str(file()), "--plan", "team", "--set", "plans.team.price_elasticity=2"]
    found = printed(capsys, *call)
    assert (found["plan"], found["price"], found["unit"]) == ("team", "price", "EUR/customer/month")
    assert found["best"]["outcome"] > found["now"]["outcome"]
    assert found["flat"][0] < found["best"]["price"] < found["flat"][1]
    assert (found["rising"], found["break_even"]) == (None, [])
    assert found["response"]["evidence"] == "assumed"


def test_without_a_response_there_are_losses_and_studies(file: Callable[..., Path]):
    """The best price is null."""
    found, text = both("price", file(), "--plan", "team")
    assert (found["best"], found["rising"], found["flat"]) == (None, None, None)
    assert [one["rise"] for one in found["break_even"]] == [0.1, 0.25, 0.5]
    assert all(study["url"].startswith("https://") for study in found["studies"])
    assert "Demirer" in text


def test_an_outcome_that_still_rises_says_so(file: Callable[..., Path], capsys: Capture):
    """An elasticity below one."""
    found = printed(capsys, str(file()), "--plan", "team", "--set", "plans.team.price_elasticity=0.5")
    assert (found["best"], found["rising"]) == (None, "up")


@pytest.mark.parametrize("aim", ["lowest_cash", "revenue", "gross_profit", "operating_income"])
def test_every_aim_has_an_answer(file: Callable[..., Path], capsys: Capture, aim: str):
    """The sentence begins with it."""
    found = printed(capsys, str(file()), "--plan", "team", "--aim", aim, "--set", "plans.team.price_elasticity=2")
    assert found["aim"] == aim
    assert found["sentence"].startswith(aim.replace("_", " ").capitalize())


def test_of_several_priced_plans_one_is_named(file: Callable[..., Path], capsys: Capture):
    """The error lists them."""
    assert main(["price", str(file())]) == 2
    assert "--plan basic, --plan team" in capsys.readouterr().err


def test_the_only_priced_plan_is_meant(file: Callable[..., Path], capsys: Capture):
    """Free plans do not count."""
    assert printed(capsys, str(file(*FREE)))["plan"] == "basic"


def test_a_free_plan_is_refused(file: Callable[..., Path], capsys: Capture):
    """The error says that it has no price, and how to give it one."""
    assert main(["price", str(file(*FREE)), "--plan", "team"]) == 2
    assert "plans.team is free" in capsys.readouterr().err


def test_a_plan_that_was_free_is_asked_for_its_reference(file: Callable[..., Path], capsys: Capture):
    """An elasticity has nothing to compare with where the bill was zero."""
    call = [str(file(*FREE)), "--plan", "team", "--set", "plans.team.price=20", "--set"]
    found = printed(capsys, *call, "plans.team.stay_when_charged=30%")
    assert any("plans.team.reference_bill" in remark for remark in found["remarks"])


def test_a_plan_that_does_not_exist_is_refused(file: Callable[..., Path], capsys: Capture):
    """The error lists those that do."""
    assert main(["price", str(file()), "--plan", "gold"]) == 2
    assert "plans.basic" in capsys.readouterr().err


def test_the_reference_stays_when_the_price_is_set(file: Callable[..., Path], capsys: Capture):
    """The best price is the same, whatever price is set on the command line: the bill of the file is the reference."""
    call = [str(file()), "--plan", "team", "--set", "plans.team.price_elasticity=2"]
    one, other = printed(capsys, *call), printed(capsys, *call, "--set", "plans.team.price=150")
    assert other["now"]["price"] == 150
    assert other["best"]["price"] == pytest.approx(one["best"]["price"], rel=0.005)


def test_several_charges_come_with_what_applies_them(file: Callable[..., Path]):
    """As JSON and as text; of the plan that is named, the last part of a path is enough."""
    call = [str(file()), "--plan", "team", "--set", "plans.team.price_elasticity=2", "--keep", "gross_margin >= 10%"]
    call += ["--change", "price=200..800", "--change", "overage_price=0.05..0.2"]
    found, text = both("price", *call)
    assert [one["change"] for one in found["changes"]] == ["plans.team.price", "plans.team.overage_price"]
    assert found["best"]["limits"][0]["kept"]
    assert found["best"]["outcome"] >= found["now"]["outcome"]
    assert "Apply it with --set 'plans.team.price=" in text


def test_a_limit_alone_is_about_the_plans_price(file: Callable[..., Path], capsys: Capture):
    """Nothing keeps a margin above everything, and the sentence names it."""
    call = [str(file()), "--plan", "team", "--set", "plans.team.price_elasticity=2", "--keep", "gross_margin >= 99.9%"]
    found = printed(capsys, *call)
    assert [one["change"] for one in found["changes"]] == ["plans.team.price"]
    assert (found["found"], found["better"]) == (False, False)
    assert found["binding"] == ["Gross margin: 99.9% or more"]


def test_being_wrong_about_the_elasticity_has_a_price(file: Callable[..., Path], capsys: Capture):
    """Without a range, a quarter lower and higher; the best price for those loses nothing."""
    found = printed(capsys, str(file()), "--plan", "team", "--set", "plans.team.price_elasticity=2")
    assert [one["price_elasticity"] for one in found["regrets"]] == [1.5, 2.5]
    assert all(one["regret"] == one["outcome"] - one["kept"] >= 0 for one in found["regrets"])


def test_a_runway_that_lies_beyond_already_has_no_best_price(file: Callable[..., Path], capsys: Capture):
    """With or without a response, no rise is said to pay or not to pay."""
    call = [str(file()), "--plan", "team", "--aim", "runway", "--set", "opening_cash=1000000000"]
    for more in ([], ["--set", "plans.team.price_elasticity=2"]):
        found = printed(capsys, *call, *more)
        assert found["sentence"].startswith("Runway lies beyond the projection at today's 400 EUR/customer/month")
        assert (found["best"], found["rising"], found["break_even"]) == (None, None, [])
