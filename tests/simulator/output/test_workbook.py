"""The workbook recalculated: foreign engines arrive at the model's numbers, also after somebody changed an input."""

import random
from collections.abc import Callable
from datetime import date, datetime
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from companies import company_texts, everything
from hypothesis import given, settings
from made import by_month, echo, joined, lines, shortened, simulation, typed
from recalculated import (
    Formualizer,
    by_libreoffice,
    cells_of,
    fields,
    off,
    off_figures,
    typed_over,
    with_number,
    written,
)
from scipy.special import ndtr

from simulator.answers.kpis import measures
from simulator.answers.projection import project
from simulator.engine.ages import staying
from simulator.engine.dates import months_from
from simulator.engine.model import OPENING
from simulator.engine.quantities import DirectCost, Money, Number, Share
from simulator.engine.run import Simulation
from simulator.engine.wiring import Members
from simulator.errors import BreakevenError
from simulator.output.book import values_of
from simulator.output.book.excel import NOW, Book, Style
from simulator.output.book.grid import BEGIN, FIRST, Grid
from simulator.output.book.pages import Lines, place_lines
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

SCENARIOS = Path(__file__).parents[3] / "scenarios"
SHIPPED = sorted(SCENARIOS.glob("*.yaml"))
# Each scenario with another what-if.
ROTATING = list(zip(SHIPPED, cycle(sorted((SCENARIOS / "overlays").glob("*.yaml"))), strict=False))
GIVEN = "Given"
LARGE = "large: {tokens_per_second: 900, device_price: {value: 90% between 2 and 4, unit: USD/device/hour},"


def written_model(made: Simulation, file: Path) -> Grid:
    """Write a model without a scenario: its lines by topic, and its assumptions by month on a page of their own."""
    places = [(name, member) for name, values in made.inputs.items() for member in range(values.shape[1])]
    rows = {place: row for row, place in enumerate(places, 5)}
    column = BEGIN.strip("$")

    def source(name: str, member: int) -> tuple[str, str]:
        row = rows[name, min(member, made.inputs[name].shape[1] - 1)]
        return f"{GIVEN}!{NOW}{row}", f"{GIVEN}!${column}{row}"

    book, grid = Book(datetime(2027, 1, 1), {}), Grid(made.model, made.members, made.months, source)
    page = book.page(GIVEN)
    for (name, member), row in rows.items():
        for month, value in enumerate(np.broadcast_to(made.inputs[name][:, member, 0], made.months)):
            page.number(row - 1, FIRST + month, float(value), Style("input"))
    opened = {name: values[0, :, 0] for name, values in made.inputs.items() if name.startswith(OPENING)}
    values = {name: line[:, :, 0] for name, line in made.keep().items()}
    pages = Lines(grid, place_lines(grid), values, opened, "EUR")
    pages.write(book, months_from(date(2027, 1, 1), made.months))
    file.write_bytes(book.content())
    return grid


def every_operation() -> Simulation:
    """Return a model with a table, pointers, cohorts, a group, and each operation that Excel may misread."""

    def signed(x: Number) -> Number:
        return x

    def survival(month, last_survival=1.0) -> Share:
        return np.where(month == 0, 1, last_survival * 0.5)

    def stock(past_signed, past_survival) -> Number:
        return np.vecdot(past_signed, past_survival[..., ::-1])

    def plain_past(past_signed) -> Number:
        return np.vecdot(past_signed, past_signed)

    def signs(x, month) -> Number:
        return -(x**2) + 2**-x - -x + np.ceil(-x / 2) + np.floor(-x / 2) + abs(x - 3) + (x > 2) * 5

    def choices(x, month) -> Number:
        both = np.where(np.logical_and(x > 1, month < 2), 1, 2)
        return both + np.where(np.logical_or(x != 3, month >= 1), np.exp(-x), np.log(x)) + ndtr(x / 10)

    def loyal(x, first_x, month) -> Number:
        return staying(month / 4, x - 1, x, month + first_x) + staying(1, x, 0, month) / 2

    def spent(total_direct_cost, last_spent) -> Money:
        return total_direct_cost + last_spent / 2

    made = joined(
        lines(signed, survival, stock, plain_past, signs, choices, loyal, spent),
        lines(typed("rent", "price", Money, DirectCost), echo("served", "total_use", Number), per="pool"),
        lines(echo("owed", "pool_served", Number), per="plan"),
        lines(echo("use", "plan_amount", Number, "feature_length", Number), per=("plan", "feature")),
    )
    names = {"plan": ("a", "b"), "feature": ("f", "g"), "pool": ("p", "q")}
    members = Members(names, {("feature", "pool"): (0, 1), ("plan", "pool"): (1, 0)})
    inputs = {"x": by_month(1, 3, 4.5, 2), "opening_survival": 1, "opening_spent": 8}
    return simulation(made, inputs | {"price": [3, 4], "amount": [1, 10], "length": [2, 3]}, members, 4)


def test_formualizer_computes_every_operation_alike(tmp_path: Path):
    """A small model with all naming rules and operations gives the same numbers."""
    made, file = every_operation(), tmp_path / "plan.xlsx"
    grid = written_model(made, file)
    assert off(grid, {name: line[:, :, 0] for name, line in made.keep().items()}, Formualizer(file)) == []


@pytest.mark.office
def test_libreoffice_computes_every_operation_alike(tmp_path: Path):
    """LibreOffice reads precedence, signs and rounding as the small model means them."""
    made, file = every_operation(), tmp_path / "plan.xlsx"
    grid = written_model(made, file)
    found = cells_of(by_libreoffice(file))
    assert off(grid, {name: line[:, :, 0] for name, line in made.keep().items()}, found) == []


def test_formualizer_computes_the_business_alike(tmp_path: Path):
    """Every line and KPI of a company that has something of every kind gives the same numbers."""
    scenario = everything(tmp_path, months=18, seed=4)
    assert all(scenario.members.count(line.per) for line in measures().lines.values())
    agrees(scenario, tmp_path / "plan.xlsx")


def test_formualizer_converts_a_second_currency_alike(read: Callable[..., Scenario], tmp_path: Path):
    """Amounts in dollars, one of them a schedule, at a rate that changes by month; the opening balance at the first."""
    rate = "exchange_rate: {start: 0.9, monthly_growth: 1%}\n  # usage"
    dollars = "value: {0: 300, 3: 420}, unit: USD/customer"
    scenario = read(
        ("currency: EUR", "currency: EUR\nsecond_currency: USD"),
        ("opening_cash: 500000", "opening_cash: {value: 500000, unit: USD}"),
        ("# usage", rate),
        ("price: 400", f"price: {{{dollars}}}"),
        ("large: {tokens_per_second: 900, device_price: 3,", LARGE),
    )
    follows(scenario, tmp_path / "plan.xlsx", changes=1, seed=5)


def agrees(scenario: Scenario, file: Path) -> tuple[Grid, Formualizer]:
    """Check all cells of a scenario's workbook in formualizer; return where its lines stand, and the cells."""
    grid, projection = written(scenario, file)
    cells = Formualizer(file)
    assert off(grid, values_of(projection), cells) + off_figures(grid, projection, cells) == []
    return grid, cells


def changed(scenario: Scenario, chosen: random.Random) -> tuple[Scenario, int, float]:
    """Return the scenario with one number changed, the row of the number, and what it is now."""
    while True:
        one, row = chosen.choice(fields(scenario))
        number = one.value * chosen.choice([0.5, 0.9, 1.1, 2]) if one.value else chosen.choice([0.05, 1, 12])
        # The opening value of what only the model keeps track of is not for people to change.
        if one.path in scenario.assumptions and not one.path.rpartition(".")[2].startswith(OPENING):
            try:
                after = with_number(scenario, one, int(number) or 1 if one.part == "over" else number)
                project(after, 0, evidence=False)
            except BreakevenError:
                continue
            return after, row, after_number(after, one.path, one.part)


def after_number(scenario: Scenario, path: str, part: str) -> float:
    """Return the number of a field."""
    return next(one.value for one, _ in fields(scenario) if (one.path, one.part) == (path, part))


def follows(scenario: Scenario, file: Path, changes: int, seed: int) -> None:
    """Check all cells of a scenario's workbook in formualizer, then again after each of some changes."""
    (grid, cells), chosen = agrees(scenario, file), random.Random(seed)
    for _ in range(changes):
        after, row, number = changed(scenario, chosen)
        before = cells.put(row, number)
        projection = project(after, 0, evidence=False)
        wrong = off(grid, values_of(projection), cells) + off_figures(grid, projection, cells)
        assert wrong == [], after.edits
        cells.put(row, before)


def test_formualizer_follows_changes_of_the_shipped_scenario(shipped: Scenario, tmp_path: Path):
    """As it ships, and after a number was changed."""
    follows(shipped, tmp_path / "plan.xlsx", changes=1, seed=1)


def test_formualizer_computes_a_shipped_scenario_under_a_what_if_alike(tmp_path: Path):
    """The largest scenario, with measurements, devices and a shortage of them."""
    scenario = load(SCENARIOS / "consumer-assistant.yaml", [SCENARIOS / "overlays" / "gpu-shortage.yaml"])
    agrees(shortened(scenario, 14), tmp_path / "plan.xlsx")


@pytest.mark.office
def test_libreoffice_follows_a_change_of_the_shipped_scenario(shipped: Scenario, tmp_path: Path):
    """A price is changed; no cell keeps the number with which it was written."""
    grid, _ = written(shipped, tmp_path / "plan.xlsx")
    row = next(row for one, row in fields(shipped) if one.path == "plans.team.price")
    file = typed_over(tmp_path / "plan.xlsx", {row: 1100}, tmp_path / "changed.xlsx")
    projection = project(shipped.with_value("plans.team.price", 1100), 0, evidence=False)
    cells = cells_of(by_libreoffice(file))
    assert off(grid, values_of(projection), cells) + off_figures(grid, projection, cells) == []


@pytest.mark.soak
@pytest.mark.parametrize(("path", "overlay"), ROTATING, ids=lambda path: path.stem)
def test_formualizer_follows_changes_of_every_scenario(path: Path, overlay: Path, tmp_path: Path):
    """As it ships and under a what-if, and after each of some numbers was changed."""
    follows(load(path), tmp_path / "plan.xlsx", changes=20, seed=1)
    follows(load(path, [overlay]), tmp_path / "plan.xlsx", changes=10, seed=2)


@pytest.mark.soak
@pytest.mark.office
@pytest.mark.parametrize(("path", "overlay"), ROTATING, ids=lambda path: path.stem)
def test_libreoffice_follows_a_change_of_every_scenario(path: Path, overlay: Path, tmp_path: Path):
    """Under a what-if, with one number changed."""
    scenario = load(path, [overlay])
    grid, _ = written(scenario, tmp_path / "plan.xlsx")
    after, row, number = changed(scenario, random.Random(3))
    file = typed_over(tmp_path / "plan.xlsx", {row: number}, tmp_path / "changed.xlsx")
    projection, cells = project(after, 0, evidence=False), cells_of(by_libreoffice(file))
    assert off(grid, values_of(projection), cells) + off_figures(grid, projection, cells) == []


@pytest.mark.soak
@given(text=company_texts())
def test_formualizer_computes_random_companies_alike(text: str, tmp_path_factory: pytest.TempPathFactory):
    """Companies of random members with random numbers."""
    if scenario := drawn(text, folder := tmp_path_factory.mktemp("random")):
        agrees(scenario, folder / "plan.xlsx")


@pytest.mark.soak
@pytest.mark.office
@settings(max_examples=10)
@given(text=company_texts())
def test_libreoffice_computes_random_companies_alike(text: str, tmp_path_factory: pytest.TempPathFactory):
    """Companies of random members with random numbers, recalculated as the file is opened."""
    if scenario := drawn(text, folder := tmp_path_factory.mktemp("random")):
        grid, projection = written(scenario, folder / "plan.xlsx")
        cells = cells_of(by_libreoffice(folder / "plan.xlsx"))
        assert off(grid, values_of(projection), cells) + off_figures(grid, projection, cells) == []


def drawn(text: str, folder: Path) -> Scenario | None:
    """Return a random company, None for one that has no finite plan."""
    try:
        scenario = parse(text, folder)
        project(scenario, 0, evidence=False)
    except BreakevenError:
        return None
    return scenario
