"""`schema`: the measurement record as a JSON schema."""

from __future__ import annotations

import argparse
import json

from profiling.results.schema import record_schema

HELP = "the JSON schema of a measurement record"


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(options: argparse.Namespace) -> int:
    """Prints the schema, which is JSON either way."""
    print(json.dumps(record_schema(), indent=None if options.json else 1))
    return 0
