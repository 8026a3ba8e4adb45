"""`schema`: the measurement record as a JSON schema.

JSON: the schema on one line.
"""

from __future__ import annotations

import argparse
import json

from profiling.commands import shared

HELP = "the JSON schema of a measurement record"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Print the schema, which is JSON with and without --json."""
    from profiling.results.schema import record_schema

    schema = record_schema()
    shared.show(schema, json.dumps(schema, indent=1), options)
    return 0
