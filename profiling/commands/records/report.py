"""`report`: a record's figures and costs for people, as text or as one file for a browser."""

from __future__ import annotations

import argparse
from pathlib import Path

from profiling.commands import shared
from profiling.files import write_atomic
from profiling.results import figures, report
from profiling.results.costs import Priced, listed
from profiling.results.html_report import html

HELP = "a record's figures with a sentence each, and what tokens and runs cost; as a file with --html"
KEYS = {
    "record": "id of the record",
    "price": "per_hour, currency, source, as_of; null: none is listed",
    "figures": "each with its points, their intervals, and a sentence",
    "token_costs": "cost of a million tokens, by case, where no figure has it",
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
        help="of the device (default: the median of the listed prices, where the tables know the device)",
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
    found, costs = figures.of(record, price), {} if price is None else figures.runs_priced(record, price)
    tokens = {} if price is None else figures.tokens_priced(record, price)
    data = {
        "record": record.id,
        "price": None if price is None else vars(price),
        "figures": [figure.to_json() for figure in found],
        "token_costs": {where: cost.to_json() for where, cost in tokens.items()},
        "run_costs": {where: cost.to_json() for where, cost in costs.items()},
        "html": options.html and str(options.html),
    }
    said = [f"{figure.title}: {figure.sentence}" for figure in found]
    runs = [f"A million tokens, {where}: {cost}" for where, cost in tokens.items()]
    runs += [f"One fine-tuning run, {where}: {cost}" for where, cost in costs.items()]
    unpriced = [] if price else ["Costs: no listed price of this device; give --price-per-hour"]
    shared.show(data, "\n".join([report.text(record), "", *said, *runs, *unpriced]), options)
    return 0
