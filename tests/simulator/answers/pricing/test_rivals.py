"""A plan beside list prices: in the other's unit, with source and day, or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from monopolies import made

from simulator.__main__ import main
from simulator.answers.pricing.rivals import rivals_of
from simulator.errors import PlanError
from simulator.output.prices import Plain
from simulator.output.pricing.rivals import sentence
from simulator.scenario.cards.listed import Listed, listed

HEAD = "name,charge,price,currency,source,as_of"


def rival(charge: str, price: float, currency: str = "USD") -> Listed:
    """Return a list price that somebody read somewhere."""
    return Listed("Rival", charge, price, currency, "https://example.com", date(2026, 6, 1))


def test_a_fee_is_compared_per_seat_request_and_task():
    """A fee of 30 for four seats and a thousand requests is 7.50 a seat, and 0.03 a request."""
    prices = [rival("customer", 60), rival("seat", 30), rival("request", 0.06), rival("task", 0.01)]
    found = rivals_of(made("price: 30, seats_per_customer: 4"), "one", prices)
    assert [row.own for row in found.rows] == pytest.approx([30, 7.5, 0.03, 0.03], rel=1e-4)
    assert [row.ratio for row in found.rows] == pytest.approx([0.5, 0.25, 0.5, 3], rel=1e-4)


def test_what_cannot_be_compared_is_named():
    """Another currency, and seats of a plan that states none."""
    found = rivals_of(made(), "one", [rival("customer", 60, "EUR"), rival("seat", 30)])
    assert (found.rows, len(found.left_out)) == ((), 2)
    assert "No list price" in sentence(found, Plain())


def test_what_costs_a_hundred_times_more_is_another_thing():
    """A fee of 30 for a thousand requests is 0.03 a request, which says nothing beside 0.99 for a resolved case."""
    found = rivals_of(made(), "one", [rival("task", 2.9), rival("task", 3.1)])
    assert ([row.listed.price for row in found.rows], [one.price for one in found.left_out]) == ([2.9], [3.1])


def test_tokens_are_compared_with_the_cards_of_vendors():
    """Nothing is cheaper than a price of nearly zero, and nearly everything than a very high one."""
    low, high = (rivals_of(made(f"price: 0, output_price: {price}"), "one").tokens for price in ("0.0001", "10000"))
    assert low is not None
    assert high is not None
    assert low.cheaper == 0
    assert high.cheaper == high.count > 100


def test_every_price_that_ships_has_a_source_and_a_day():
    """None is newer than the file could know."""
    assert listed()
    assert all(one.source.startswith("https://") and one.as_of.year >= 2026 for one in listed())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "has no column"),
        (f"{HEAD}\nX,month,1,USD,me,2026-01-01\n", "line 2: 'month' is no charge"),
        (f'{HEAD}\n\n"A\nB",seat,1,USD,me,2026-01-01\n\nX,month,1,USD,me,2026-01-01\n', "line 6: 'month' is no charge"),
        (f"{HEAD}\nX,seat,one,USD,me,2026-01-01\n", "cannot be read"),
        (f"{HEAD}\nX,seat,nan,USD,me,2026-01-01\n", "give a number above 0"),
        (f"{HEAD}\nX,seat,1,USD,,2026-01-01\n", "it has no source"),
        (f"{HEAD}\n ,seat,1,USD,s,2026-01-01\n", "it has no name"),
        (f"{HEAD}\n{101 * 'x'},seat,1,USD,s,2026-01-01\n", "its name is too long; give at most 100 characters"),
        (f"{HEAD}\nX\n", "is no charge"),
        (f"{HEAD}\n{'X' * 200_000},seat,1,USD,me,2026-01-01\n", "is not a CSV file"),
        (f"{HEAD}\n" + "X,seat,1,USD,me,2026-01-01\n" * 1001, "more than 1,000 prices"),
        ("X" * 1_000_001, "at most 1,000,000 bytes"),
    ],
)
def test_a_list_that_is_none_is_refused_with_its_line(tmp_path: Path, text: str, says: str):
    """What is wrong, where, and what to do."""
    file = tmp_path / "prices.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=says):
        listed(file)


@pytest.mark.parametrize("file", ["/dev/zero", "/dev/tty", ".", "nowhere.csv"])
def test_what_is_no_file_is_refused_at_once(file: str):
    """A device would never end, and a pipe never begin."""
    with pytest.raises(PlanError, match="cannot be read"):
        listed(Path(file))


def test_a_list_of_ones_own_is_compared(tmp_path: Path, file, capsys: pytest.CaptureFixture[str]):
    """With the source in the table; a file that is missing is refused."""
    prices = tmp_path / "prices.csv"
    prices.write_text(f"{HEAD}\nTheirs,customer,200,EUR,their page,2026-06-01\n", encoding="utf-8")
    assert main(["rivals", str(file()), "--plan", "team", "--list", str(prices)]) == 0
    assert "their page, 2026-06-01" in capsys.readouterr().out
    assert main(["rivals", str(file()), "--plan", "team", "--list", str(tmp_path / "none.csv")]) == 2
    assert "cannot be read" in capsys.readouterr().err
