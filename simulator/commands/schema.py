"""`schema`: print the JSON schema of a scenario file, for editors."""

from __future__ import annotations

import argparse
import json

from simulator import terminal
from simulator.lines import business
from simulator.scenario.schema import schema

HELP = "the JSON schema of a scenario file, for editors"
KEYS = {
    "$schema": "dialect: JSON Schema 2020-12",
    "properties": "what a scenario may contain, with unit, range and default of every assumption",
}


def arguments(_: argparse.ArgumentParser) -> None:
    """Add no options."""


def run(options: argparse.Namespace) -> int:
    """Print the schema, on one line with `--json`."""
    return terminal.show(options, schema(business()), lambda values: json.dumps(values, indent=2))
