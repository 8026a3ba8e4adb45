"""`lines`: list every line of the model with its unit and its formula."""

from __future__ import annotations

import argparse
from typing import Any

from simulator import terminal
from simulator.engine import formula
from simulator.engine.model import readable
from simulator.lines import business

HELP = "every line of the model with its unit and its formula"
KEYS = {
    "[].name": "name of the line",
    "[].unit": "unit; money stands for the scenario's currency",
    "[].per": "kinds of members it exists for; empty for a line of the company",
    "[].topic": "module that holds it",
    "[].reads": "parameters of its function",
    "[].description": "description",
    "[].formula": "formula in words",
}


def arguments(_: argparse.ArgumentParser) -> None:
    """Add no options."""


def run(options: argparse.Namespace) -> int:
    """Print all lines."""
    model = business()
    listed = [
        {
            "name": line.name,
            "unit": line.quantity.text(),
            "per": list(line.per),
            "topic": line.topic,
            "reads": [parameter.name for parameter in line.parameters],
            "description": line.description,
            "formula": formula.text(model.formulas[line.name]),
        }
        for line in model.lines.values()
    ]
    return terminal.show(options, listed, lambda lines: "\n".join(map(_entry, lines)))


def _entry(line: dict[str, Any]) -> str:
    head = f"{line['topic']}.{line['name']} [{line['unit']}, per {readable(tuple(line['per']))}]"
    return f"{head}\n    {line['description']}\n    = {line['formula']}"
