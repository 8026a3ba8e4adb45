"""The cover: what the workbook is of, its headline figures as they are now and as sent, charts, and the contents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simulator.answers.projection import Projection
from simulator.output.book import asides, carried, figures, statements
from simulator.output.book.excel import Book, Page, Style, quoted
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
WIDTHS = (34, 20, 20, 14, 4, 30)


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
        self.page.text(1, 0, scenario.settings.description)
        self.row = 3
        for name, value in self._facts():
            self.page.texts(self.row, 0, (name, value))
            self.row += 1
        self._verdict()
        self._headlines(rows)
        self._legend()
        self._contents(topics, modules)
        self._charts()
        self.page.print_as(1)

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
        for sentence in asides.verdict_of(self.projection):
            self.row += 1
            self.page.text(self.row, 0, sentence)
        self.row += 2

    def _headlines(self, rows: Mapping[str, int]) -> None:
        """Write the headline figures as links to the KPIs, beside what they were; then the checks and the changes."""
        self.page.texts(self.row, 0, ("Headline figures", "Now", "As sent", "Unit"), "head")
        known = {one.name: one for one in reversed(figures.figures_of(self.projection))}
        for name in HEADLINES:
            one = known[name]
            sent = float("nan") if one.value is None else one.value
            self.row += 1
            self.page.text(self.row, 0, one.title + (f" ({one.variant})" if one.variant else ""))
            self.page.formula(self.row, 1, f"={figures.PAGE}!$C${rows[name] + 1}", sent, Style("pull", one.number))
            self.page.number(self.row, 2, sent, Style("value", one.number))
            self.page.text(self.row, 3, one.unit)
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
                lines = f" ({len(topics[title])} lines)" if title in topics else ""
                self.page.text(self.row, 1, (about(modules[title]) if title in topics else ABOUT[title]) + lines)

    def _charts(self) -> None:
        """Draw cash, with its interval from the trials, and revenue by month."""
        places = statements.places()
        cash = self._chart("line", f"Cash, {self.projection.currency}")
        cash.add_series(self._series(statements.PAGE, places["balance", "Cash"], "Base case", "#1F3864", 2.25))
        if self.projection.trials:
            for title, place in asides.BANDS.items():
                if title != "Cash, median":
                    name = f"{title.removeprefix('Cash, ')} of the trials, as sent"
                    cash.add_series(self._series(asides.TRIALS, TOP + place, name, "#E69F00", 1.25, dash=True))
        self.page.sheet.insert_chart(3, 5, cash, {"object_position": 3})
        revenue = self._chart("column", f"Revenue a month, {self.projection.currency}")
        revenue.add_series(self._series(statements.PAGE, places["income", "Revenue"], "Revenue", "#0072B2"))
        revenue.set_legend({"none": True})
        self.page.sheet.insert_chart(21, 5, revenue, {"object_position": 3})

    def _chart(self, kind: str, title: str):  # noqa: ANN202
        chart = self.book.file.add_chart({"type": kind})
        chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}})
        chart.set_size({"width": 620, "height": 320})
        chart.set_legend({"position": "bottom"})
        chart.set_x_axis({"num_format": "mmm yy", "date_axis": True, "major_unit": 6, "major_unit_type": "months", "label_position": "low"})
        chart.set_y_axis({"num_format": '[>=999500]#,##0.0,,"M";[<=-999500]-#,##0.0,,"M";#,##0', "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
        return chart

    def _series(self, page: str, row: int, name: str, colour: str, width: float = 0, dash: bool = False) -> dict:
        last = FIRST + self.projection.scenario.months - 1
        look = {"line": {"color": colour, "width": width, **({"dash_type": "dash"} if dash else {})}} if width else {"fill": {"color": colour}}
        return {
            "name": name,
            "categories": [page, NUMBERS - 1, FIRST, NUMBERS - 1, last],
            "values": [page, row, FIRST, row, last],
            **look,
        }
