"""Ways to charge side by side: the same bill, customers and costs, so that only what differs in truth differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from monopolies import ELASTIC, made, two_plans

from simulator.__main__ import main
from simulator.answers.pricing.charging import WAYS, Charging, ways_to_charge
from simulator.answers.projection import project
from simulator.errors import PlanError
from simulator.output.prices import Plain
from simulator.output.pricing.charging import remarks, sentence


def found(one: str = ELASTIC, aim: str = "end_cash") -> Charging:
    """Return the ways to charge for the first plan of a company with two."""
    return ways_to_charge(made(one), "one", aim, 0)


def test_every_way_brings_todays_bill_at_first():
    """Money comes in alike under all of them, but for credits, which are paid before they are used."""
    answer = found("price: 20, seat_price: 5, seats_per_customer: 2")
    assert answer.bill == pytest.approx(30)
    assert [way.name for way in answer.ways] == ["today", *WAYS]
    for way in answer.ways:
        assert way.at_equal == pytest.approx(answer.ways[0].outcome, rel=1e-4)


def test_each_way_finds_the_monopolys_bill():
    """At an elasticity of 2 the best bill is 20, two thirds of today's 30, however it is charged."""
    answer = found()
    for way in answer.ways[1:]:
        assert way.factor == pytest.approx(2 / 3, rel=0.03)
        assert way.end is None
    assert answer.best.outcome > answer.ways[0].outcome


def test_the_way_with_a_limit_on_nobody_leaves_heavy_users_under_water():
    """Under a flat fee the heaviest tenth costs more than it pays; under a price per request no tenth does."""
    ways = {way.name: way for way in found().ways}
    assert ways["flat"].under_water
    assert ways["usage"].under_water == ways["outcome"].under_water == 0


def test_a_promised_outcome_is_that_of_the_file_with_the_way_in_it():
    """The literals apply it."""
    answer = found()
    for way in answer.ways[1:]:
        changed = answer.priced.scenario.with_values(answer.literals(way))
        assert project(changed, 0).kpis["end_cash"].value == pytest.approx(way.outcome, rel=1e-6)


def test_without_a_response_ways_are_compared_at_todays_bill():
    """Otherwise four times the bill would bring most, which is no answer."""
    answer = found("price: 30")
    assert {way.factor for way in answer.ways} == {1}
    assert "No response to the bill is assumed" in " ".join(remarks(answer, Plain()))
    assert "nobody knows" in " ".join(remarks(answer, Plain()))
    assert sentence(answer, Plain()).startswith("No other way to charge does better than today's: ")


def test_a_free_plan_is_refused():
    """There is no bill to charge otherwise."""
    with pytest.raises(PlanError, match="is free"):
        found("price: 0")


def test_the_command_prints_a_table_and_applies_the_best(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """As text and as JSON."""
    file = tmp_path / "two.yaml"
    file.write_text(two_plans(ELASTIC, "price: 30", "{uniform: [4, 6]}"), encoding="utf-8")
    call = ["charging", str(file), "--plan", "one", "--trials", "20"]
    assert main([*call, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert shown["ways"][0]["ruin"] == 0
    assert len(shown["ways"][1]["tenths"]) == 10
    assert main(call) == 0
    printed = capsys.readouterr().out
    assert shown["sentence"] in printed
    assert "Apply it with --set 'plans.one.price=" in printed
    assert main(["charging", str(file)]) == 2
    assert "--plan one, --plan two" in capsys.readouterr().err


def test_a_plan_that_bills_nothing_is_refused_and_one_that_bills_later_is_not():
    """Under a discount of 100 % no charge brings a bill; where it ends, the bill is that of the month after it."""
    with pytest.raises(PlanError, match=r"plans\.one bills its customers nothing, whatever it charges; lower its"):
        found("price: 30, discount: 100%, stay_when_charged: 50%")
    assert found("price: 30, discount: {0: 100%, 3: 0}, stay_when_charged: 50%").bill == pytest.approx(30)
