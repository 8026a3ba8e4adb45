"""`choose`: prompting and fine-tuning side by side, and from how many requests a month training pays."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from profiling.commands import shared
from profiling.errors import WorkloadError
from profiling.results import choice
from profiling.results.choice import Terms
from profiling.results.costs import Priced, listed

HELP = "prompt or fine-tune: the ways that a run measured, and from how many requests a month training pays"
KEYS = {
    "record": "id of the record",
    "price": "of an hour of the device: per_hour, currency, source, as_of",
    "ways": "each with its accuracy, labels, seconds and tokens of a request, and costs",
    "comparisons": "each trained way beside each prompted one; pays_from: requests a month, null: never",
    "left_out": "cases that are part of no way, each with the reason",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the record and the prices."""
    parser.add_argument("record", type=Path, metavar="RECORD|RUN", help=shared.RECORD_HELP)
    parser.add_argument("--price-per-hour", type=float, metavar="USD", help="of the device (default: the listed price)")
    parser.add_argument("--label-price", type=float, default=0.0, metavar="USD", help="of one labelled example")
    parser.add_argument(
        "--months", type=shared.positive, default=12.0, help="that a trained model serves (default: 12)"
    )


def run(options: argparse.Namespace) -> int:
    """Print the ways and their comparison."""
    if not 0 <= options.label_price < math.inf:
        raise WorkloadError(f"--label-price is {options.label_price:g}", todo="it must be a number from 0")
    record = shared.find_record(options.record, options)
    price = listed(record) if options.price_per_hour is None else Priced.given(options.price_per_hour)
    if price is None:
        raise WorkloadError(f"no listed price of {record.label}", todo="give --price-per-hour")
    terms, found = Terms(price, options.label_price, options.months), choice.ways(record)
    data = {
        "record": record.id,
        "price": vars(price),
        "ways": [way.to_json(terms) for way in found],
        "comparisons": choice.comparisons(found, terms),
        "left_out": choice.left_out(record),
    }
    shared.show(data, choice.text(record, found, terms), options)
    return 0
