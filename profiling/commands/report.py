"""`report`: a record's figures and costs for people, as text or as one file for a browser."""

from __future__ import annotations

import argparse
from pathlib import Path

from profiling.commands import shared
from profiling.files import write_atomic
from profiling.results import figures, report
from profiling.results.costs import Priced, listed
from profiling.results.html_report import html
from profiling.results.record import Estimate, Record

HELP = "a record's figures with a sentence each, and what tokens and runs cost; as a file with --html"
KEYS = {
    "record": "id of the record",
    "price": "per_hour, currency, source, as_of; null: none is listed",
    "figures": "each with its points, their intervals, and a sentence",
    "run_costs": "cost of one fine-tuning run, by case",
    "html": "the file that --html wrote; null without",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the record, the price, and the file."""
    parser.add_argument("record", type=Path, metavar="RECORD|RUN", help=shared.RECORD_HELP)
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one HTML file that needs no network")
    parser.add_argument(
        "--price-per-hour",
        type=float,
        metavar="USD",
        help="of the device (default: the newest listed price, where the tables know the device)",
    )


def run(options: argparse.Namespace) -> int:
    """Print the report, or write it to a file."""
    record = shared.find_record(options.record, options)
    price = listed(record) if options.price_per_hour is None else Priced.given(options.price_per_hour)
    if options.html is not None:
        write_atomic(options.html, html(record, price))
        shared.warn(f"report in {options.html}")
        if not options.json:
            return 0
    shared.show({**_json(record, price), "html": options.html and str(options.html)}, _text(record, price), options)
    return 0


def _json(record: Record, price: Priced | None) -> dict[str, object]:
    """Return figures with their points, and costs, as plain values."""
    return {
        "record": record.id,
        "price": None if price is None else vars(price),
        "figures": [figure.to_json() for figure in figures.of(record, price)],
        "run_costs": {where: cost.to_json() for where, cost in _runs(record, price).items()},
    }


def _text(record: Record, price: Priced | None) -> str:
    """Return the record with its definitions, then a sentence for each figure."""
    said = [f"{figure.title}: {figure.sentence}" for figure in figures.of(record, price)]
    runs = [f"One fine-tuning run, {where}: {cost}" for where, cost in _runs(record, price).items()]
    unpriced = [] if price else ["Costs: no listed price of this device; give --price-per-hour"]
    return "\n".join([report.text(record), "", *said, *runs, *unpriced])


def _runs(record: Record, price: Priced | None) -> dict[str, Estimate]:
    return {} if price is None else figures.runs_priced(record, price)
