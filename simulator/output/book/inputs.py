"""The inputs of the workbook: every assumption in one place, with its origin, and by month where it has months.

Formulas read an assumption that is one number by its name, and any other from its row by month: a schedule, a course,
or an amount in the second currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from simulator.answers.search import readable
from simulator.engine.units import Quantity
from simulator.lines import business
from simulator.output.book.excel import NOW, Book, Page, Style, cell, fixed, quoted
from simulator.output.book.fields import CASH_FLOOR, OVER, Field, fields_of, names_of, setting_of
from simulator.output.book.grid import BEGIN, FIRST, NUMBERS, TOP, Source
from simulator.output.book.pages import COVER, SHARE, month_page, number_format, print_months
from simulator.scenario.assumption import Assumption
from simulator.scenario.checks.stated_units import RATE
from simulator.scenario.scenario import Scenario
from simulator.scenario.values import Growth, Ramp

PAGE, BY_MONTH = "Inputs", "Inputs by month"
HEAD = (
    *("Assumption", "Path", "Part", "From month", "Value", "Unit", "Evidence", "Source", "Date", "Note"),
    *("As in the file", "As sent", "Changed"),
)
WIDTHS = (34, 42, 16, 10, 14, 20, 12, 40, 12, 40, 30, 14, 9)
COLUMNS = {name: place for place, name in enumerate(HEAD)}
HEAD_ROW = 3
CHANGED = "inputs_changed"
# What stands for the evidence of an assumption that the scenario leaves to the model.
DEFAULT = "default"
LONGEST_LITERAL = 200


class Inputs:
    """The fields of a scenario with the cells that they stand in; `places` has their rows, from 0."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.fields = {path: fields_of(one) for path, one in scenario.assumptions.items()}
        self.fields[CASH_FLOOR] = [setting_of(scenario)]
        self.names = names_of([one for fields in self.fields.values() for one in fields])
        self.titles: dict[int, tuple[str, str]] = {}
        self.places: dict[tuple[str, str], int] = {}
        self.end = self._place()

    def _place(self) -> int:
        """Give each field its row: first what the scenario gives, then the defaults, below the titles of members.

        Return the first free row.
        """
        given = [path for path, one in self.scenario.assumptions.items() if not one.is_default]
        rest = [path for path, one in self.scenario.assumptions.items() if one.is_default]
        row = HEAD_ROW + 1
        for section, paths in (("Given by the scenario", [CASH_FLOOR, *given]), ("Defaults of the model", rest)):
            self.titles[row] = section, "section"
            row += 1
            owners: dict[str, list[str]] = {}
            for path in paths:
                owners.setdefault(path.rpartition(".")[0], []).append(path)
            for owner, owned in owners.items():
                self.titles[row] = title_of(self.scenario, owner), "label total"
                keys = [one.key for path in owned for one in self.fields[path]]
                self.places |= {key: place for place, key in enumerate(keys, row + 1)}
                row += 1 + len(keys)
        return row

    @cached_property
    def monthly(self) -> dict[str, int]:
        """The assumptions that are not one number in the scenario's own currency, with their rows by month."""
        found = [
            path for path, one in self.scenario.assumptions.items() if one.is_foreign or len(self.fields[path]) > 1
        ]
        return {path: row for row, path in enumerate(found, TOP)}

    def source(self, name: str, member: int) -> Source:
        """Return what stands for an assumption of a member in this month, and in the first."""
        if name == CASH_FLOOR:
            return self.names[name, ""], self.names[name, ""]
        needed = business().inputs[name]
        owner = self.scenario.entities[needed.home[0]][member] if needed.home else None
        path = self.scenario.path_of(needed, owner)
        if path not in self.monthly:
            return self.names[path, ""], self.names[path, ""]
        sheet, row = quoted(BY_MONTH), self.monthly[path] + 1
        first = f"{sheet}!{BEGIN}{row}"
        steady = needed.quantity is not None and needed.quantity.steady
        return (first, first) if steady else (f"{sheet}!{NOW}{row}", first)

    # The page of all fields

    def write(self, book: Book) -> None:
        """Add the page with every field, its unit and its origin."""
        page = book.page(PAGE, "#FFD966")
        page.text(0, 0, PAGE, "title")
        about = "Change the blue numbers on yellow; everything else follows. `import-workbook` takes the changes back."
        page.text(1, 0, about, "small")
        page.link(2, 0, COVER, "← Cover")
        page.texts(HEAD_ROW, 0, HEAD, "head")
        page.widths(*WIDTHS)
        for row, title in self.titles.items():
            page.text(row, 0, *title)
        for path, fields in self.fields.items():
            self._assumption(page, path, fields)
        page.text(1, COLUMNS["Note"], "Inputs changed since this file was written:", "small")
        marks = f"{cell(HEAD_ROW + 1, COLUMNS['Changed'])}:{cell(self.end - 1, COLUMNS['Changed'])}"
        page.formula(1, COLUMNS["Changed"], f"=SUM({marks})", 0, Style("check", "0"))
        book.name(CHANGED, PAGE, 1, COLUMNS["Changed"])
        page.sheet.freeze_panes(HEAD_ROW + 1, 1)
        page.sheet.autofilter(HEAD_ROW, 0, self.end - 1, len(HEAD) - 1)
        page.print_as(1, HEAD_ROW + 1)

    def _assumption(self, page: Page, path: str, fields: Sequence[Field]) -> None:
        """Write the fields of one assumption, the first with its origin, the others with their unit."""
        if path == CASH_FLOOR:
            note = "Cash below which the company has run out of it; a setting of the scenario."
            self._field(page, fields[0], ("Cash floor", self.scenario.currency, "", "", "", note, ""), None)
            return
        one = self.scenario.assumptions[path]
        evidence = DEFAULT if one.is_default else one.evidence
        literal = "" if one.is_plain else written(one.literal)
        quantity = business().inputs[one.name].quantity
        about = (readable(one.name), one.unit, evidence, one.source, one.as_of, one.note, literal)
        for field in fields:
            self._field(page, field, about if not field.part else (*about[:2], *[""] * 5), quantity)

    def _field(self, page: Page, one: Field, about: tuple[str, ...], quantity: Quantity | None) -> None:
        """Write one field with its unit and its origin, the value as it was sent, and whether it was changed."""
        row, (name, unit, *origin) = self.places[one.key], about
        is_months = one.part == OVER
        unit = "month" if is_months else "share" if one.part == "monthly_growth" else unit
        is_share = one.part == "monthly_growth"
        look = Style("input", "0" if is_months else SHARE if is_share else number_format(quantity, one.value))
        page.texts(row, 0, (name, one.path, one.part))
        if one.month is not None:
            page.number(row, COLUMNS["From month"], one.month, Style("input" if one.month else "text", "0"))
        page.number(row, COLUMNS["Value"], one.value, look)
        page.text(row, COLUMNS["Unit"], unit, "unit")
        page.texts(row, COLUMNS["Unit"] + 1, origin)
        page.number(row, COLUMNS["As sent"], one.value, Style("value", look.number))
        typed, sent = cell(row, COLUMNS["Value"]), cell(row, COLUMNS["As sent"])
        page.formula(row, COLUMNS["Changed"], f"=IF({typed}={sent},0,1)", 0, Style("value", '0;;""'))
        page.book.name(self.names[one.key], PAGE, row, COLUMNS["Value"])
        if rule := _rule(one):
            page.sheet.data_validation(row, COLUMNS["Value"], row, COLUMNS["Value"], rule)

    # The page by month

    def write_months(self, book: Book, values: Mapping[str, Any], dates: Sequence[date]) -> None:
        """Add the page of the assumptions with months; `values` has those of the base case by path, converted."""
        about = (
            "Computed from the inputs; a number typed over a month replaces it, and `import-workbook` takes it back."
        )
        page = month_page(book, BY_MONTH, about, dates, "#FFD966")
        for path, row in self.monthly.items():
            one = self.scenario.assumptions[path]
            quantity = business().inputs[one.name].quantity
            page.texts(
                row, 0, (readable(one.name), path, quantity.text(self.scenario.currency) if quantity else one.unit)
            )
            numbers = list(values[path][:, 0])
            numbers *= 1 if len(numbers) > 1 else self.scenario.months
            look = Style("formula", number_format(quantity, numbers[0]))
            page.months(row, FIRST, self.by_month(one), numbers, look)
        print_months(page, len(dates))

    def by_month(self, one: Assumption) -> str:
        """Return the formula of a month: the course, within the range that makes sense, in the own currency."""
        formula = self._course(one)
        if not one.is_plain:
            formula = formula if one.low is None else f"MAX({one.low!r},{formula})"
            formula = formula if one.high is None else f"MIN({one.high!r},{formula})"
        if not one.is_foreign:
            return f"={formula}"
        quantity = business().inputs[one.name].quantity
        rate = self.source(RATE, 0)[bool(quantity and quantity.steady)].removeprefix(f"{quoted(BY_MONTH)}!")
        return f"={formula}*{rate}"

    def _course(self, one: Assumption) -> str:
        """Return the formula of a value over the months, from its fields."""
        fields, month = self.fields[one.path], f"{NOW}${NUMBERS + 1}"
        names = [self.names[field.key] for field in fields]
        if isinstance(one.value.course, Growth):
            return f"{names[0]}*(1+{names[1]})^{month}"
        if isinstance(one.value.course, Ramp):
            return f"{names[0]}+({names[1]}-{names[0]})*MIN({month}/{names[2]},1)"
        if len(fields) == 1:
            return names[0]
        first, last = (self.places[field.key] for field in (fields[0], fields[-1]))
        starts, steps = (
            f"{fixed(PAGE, first, COLUMNS[name])}:{fixed(PAGE, last, COLUMNS[name]).partition('!')[2]}"
            for name in ("From month", "Value")
        )
        return f"LOOKUP({month},{starts},{steps})"


def _rule(one: Field) -> dict[str, Any] | None:
    """Return the rule that keeps a typed number within what makes sense."""
    low, high = (None if end is None or abs(end) == float("inf") else end for end in (one.low, one.high))
    if low is None and high is None:
        return None
    limits = (
        {"criteria": "between", "minimum": low, "maximum": high}
        if low is not None and high is not None
        else {"criteria": ">=", "value": low}
        if high is None
        else {"criteria": "<=", "value": high}
    )
    return {"validate": "decimal", **limits, "error_title": "Out of range", "error_message": _allowed(low, high)}


def _allowed(low: float | None, high: float | None) -> str:
    ends = [f"{word} {end:g}" for word, end in (("from", low), ("to", high)) if end is not None]
    return f"A number {' '.join(ends)} makes sense here."


def title_of(scenario: Scenario, owner: str) -> str:
    """Return the title of a member by its path, such as `plans.team`; of the company for an empty one."""
    if not owner:
        return "Company"
    section, _, member = owner.partition(".")
    title = scenario.about.get(owner, {}).get("title", readable(member))
    return f"{readable(section.removesuffix('s'))}: {title}"


def written(literal: Any) -> str:
    """Return a literal as a scenario writes it, cut where it is long."""
    text = _yaml(literal)
    return text if len(text) <= LONGEST_LITERAL else f"{text[:LONGEST_LITERAL]}…"


def _yaml(literal: Any) -> str:
    if isinstance(literal, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml(value)}" for key, value in literal.items()) + "}"
    return "[" + ", ".join(map(_yaml, literal)) + "]" if isinstance(literal, list | tuple) else str(literal)
