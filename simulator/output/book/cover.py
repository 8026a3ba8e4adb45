"""The cover: what the workbook is of, its headline figures as they are now and as sent, charts, and the contents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.answers.projection import Projection
from simulator.output.book import asides, carried, figures, statements
from simulator.output.book.excel import Book, Page, Style
from simulator.output.book.grid import FIRST, NUMBERS, TOP
from simulator.output.book.inputs import BY_MONTH, CHANGED
from simulator.output.book.inputs import PAGE as INPUTS
from simulator.output.book.pages import COVER, about

HEADLINES = (
    *("runway", "lowest_cash", "lowest_cash_month", "end_cash", "break_even_month", "arr", "revenue_growth"),
    *("gross_margin", "operating_margin", "burn_multiple", "end_customers"),
)
ABOUT = {
    figures.PAGE: "Every KPI by each definition, with its formula in words and its source",
    statements.PAGE: "Income statement, balance sheet and cash flow statement by month",
    statements.YEARS: "The same by fiscal year",
    asides.TRIALS: "Percentiles of cash, the chance of running out of it, and the verdict: values",
    asides.CAP_TABLE: "Who owns the company after each event, and what a sale pays: values",
    figures.CHECKS: "Rules that hold in every month: the balance sheet balances, cash follows its flows …",
    INPUTS: "Every assumption with its unit, evidence, source, date and note: change them here",
    BY_MONTH: "The assumptions that change by month, or are in another currency",
    "Lines": "What every line is, and its formula in words",
    carried.PAGE: "The scenario that this workbook was made from",
}
LEGEND = (
    (Style("input"), "An input: change it"),
    (Style("formula"), "A formula"),
    (Style("pull"), "A formula that takes a number from another sheet"),
    (Style("value"), "A value as sent, which no formula computes"),
)
# Millions with one digit, and smaller amounts as they are.
MILLIONS = '[>=999500]#,##0.0,,"M";[<=-999500]-#,##0.0,,"M";#,##0'
WIDTHS = (40, 20, 20, 20, 2, 30)
# The columns that a sentence takes, and how many of its characters fit on a line of them.
TEXT_COLUMNS, CHARACTERS = 4, 112


class Cover:
    """The first page, whose cells are filled in once the others are known."""

    def __init__(self, book: Book, projection: Projection) -> None:
        self.book, self.projection = book, projection
        self.page: Page = book.page(COVER, "#1F3864")
        self.row = 0

    def write(self, rows: Mapping[str, int], topics: Mapping[str, Sequence[str]], modules: Mapping[str, str]) -> None:
        """Fill the page in; `rows` are those of the KPIs, `topics` the pages of lines, with the module of each."""
        self.page.widths(*WIDTHS)
        scenario = self.projection.scenario
        self.page.text(0, 0, " + ".join((scenario.title, *scenario.overlays)), "title")
        self.row = 1
        self._sentence(scenario.settings.description)
        self.row += 1
        for name, value in self._facts():
            self.page.texts(self.row, 0, (name, value))
            self.row += 1
        self._verdict()
        self._headlines(rows)
        self._legend()
        self._contents(topics, modules)
        self._charts()
        self.page.print_as(1, 0)

    def _sentence(self, text: str) -> None:
        """Write a text across the columns beside the charts, on as many lines as it takes."""
        self.page.wide(self.row, 0, TEXT_COLUMNS, text, -(-len(text) // CHARACTERS))
        self.row += 1

    def _facts(self) -> Iterator[tuple[str, str]]:
        scenario = self.projection.scenario
        yield "Currency", scenario.currency
        yield "First month", f"{scenario.start:%Y-%m}"
        yield "Months", str(scenario.months)
        yield "Trials", f"{self.projection.figures.outcomes.trials:,}, seed {scenario.seed}"
        yield "Hash of the numbers", scenario.hash
        yield "Hash of the file", scenario.file_hash

    def _verdict(self) -> None:
        self.row += 1
        self.page.text(self.row, 0, "Verdict as sent", "section")
        self.row += 1
        for sentence in asides.verdict_of(self.projection):
            self._sentence(sentence)
        self.row += 1

    def _headlines(self, rows: Mapping[str, int]) -> None:
        """Write the headline figures as links to the KPIs, beside what they were; then the checks and the changes."""
        self.page.texts(self.row, 0, ("Headline figures", "Now", "As sent", "Unit"), "head")
        known = {one.name: one for one in reversed(figures.figures_of(self.projection))}
        for name in HEADLINES:
            one = known[name]
            sent = float("nan") if one.value is None else one.value
            self.row += 1
            self.page.text(self.row, 0, one.title + (f" ({one.variant})" if one.variant else ""))
            figures.shown(self.page, self.row, 1, f"{figures.PAGE}!$C${rows[name] + 1}", one)
            self.page.number(self.row, 2, sent, Style("value", one.number))
            self.page.text(self.row, 3, one.measure, "unit")
        for title, formula, value, form in (
            ("Checks", figures.HOLDS, "OK", "General"),
            ("Inputs changed", CHANGED, 0, "0"),
        ):
            self.row += 1
            self.page.text(self.row, 0, title)
            self.page.formula(self.row, 1, f"={formula}", value, Style("check", form))
            figures.mark_colours(self.page, self.row, 1)
        self.row += 2

    def _legend(self) -> None:
        self.page.text(self.row, 0, "Colours", "section")
        for style, meaning in LEGEND:
            self.row += 1
            self.page.text(self.row, 0, meaning, style.kind)
        self.row += 2

    def _contents(self, topics: Mapping[str, Sequence[str]], modules: Mapping[str, str]) -> None:
        self.page.text(self.row, 0, "Contents", "section")
        for title in self.book.pages:
            if title != COVER:
                self.row += 1
                self.page.link(self.row, 0, title, title)
                count = len(topics.get(title, ()))
                lines = f" ({count} line{'s' if count > 1 else ''})" if count else ""
                self.page.text(self.row, 1, (about(modules[title]) if title in topics else ABOUT[title]) + lines)

    def _charts(self) -> None:
        """Draw cash, with its interval from the trials, and revenue by month."""
        places = statements.places()
        cash = self._chart("line", f"Cash, {self.projection.currency}")
        line = {"line": {"color": "#1F3864", "width": 2.25}}
        cash.add_series(self._series(statements.PAGE, places["balance", "Cash"], "Base case") | line)
        if self.projection.trials:
            for title in ("Cash, P5", "Cash, P95"):
                name = f"{title.removeprefix('Cash, ')} of the trials, as sent"
                line = {"line": {"color": "#E69F00", "width": 1.25, "dash_type": "dash"}}
                cash.add_series(self._series(asides.TRIALS, TOP + asides.BANDS[title], name) | line)
        self.page.sheet.insert_chart(2, 5, cash, {"object_position": 3})
        revenue = self._chart("column", f"Revenue a month, {self.projection.currency}")
        series = self._series(statements.PAGE, places["income", "Revenue"], "Revenue")
        revenue.add_series(series | {"fill": {"color": "#0072B2"}})
        revenue.set_legend({"none": True})
        self.page.sheet.insert_chart(20, 5, revenue, {"object_position": 3})

    def _chart(self, kind: str, title: str) -> Any:
        chart = self.book.file.add_chart({"type": kind})
        chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}})
        chart.set_size({"width": 620, "height": 320})
        chart.set_legend({"position": "bottom"})
        by_half_year = {"date_axis": True, "major_unit": 6, "major_unit_type": "months"}
        chart.set_x_axis({"num_format": "mmm yy", "label_position": "low", **by_half_year})
        lines = {"visible": True, "line": {"color": "#D9D9D9"}}
        chart.set_y_axis({"num_format": MILLIONS, "major_gridlines": lines})
        return chart

    def _series(self, page: str, row: int, name: str) -> dict[str, Any]:
        """Return the months of a row of a page as the writer's charts take them."""
        last = FIRST + self.projection.scenario.months - 1
        dates, values = ([page, place, FIRST, place, last] for place in (NUMBERS - 1, row))
        return {"name": name, "categories": dates, "values": values}
