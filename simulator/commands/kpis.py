"""`kpis`: print every KPI with its definition, its source and its variants."""

from __future__ import annotations

import argparse

from simulator import terminal
from simulator.output.plain import kpis_json
from simulator.output.tables import kpi_table

HELP = "every KPI with its definition, its source and its variants"
KEYS = {
    "KPI.title": "name for people",
    "KPI.value": "number, or null if undefined; shares are fractions, months count from 0",
    "KPI.standard_error": "standard error of a figure from trials; null for a figure of the base case",
    "KPI.unit": "unit of the value",
    "KPI.definition": "definition of the chosen variant",
    "KPI.source": "who defines it so",
    "KPI.why": "why the value is undefined; empty if it is not",
    "KPI.variant": "name of the chosen variant; empty if there is only one",
    "KPI.topic": "survival, growth, margins, efficiency, serving or investors",
    "KPI.others": "value by each other variant",
    "KPI.formula": "formula in words over the months of lines; null for a value that no formula gives",
    "KPI.series": "value by month, null where it is undefined; null for a value that no formula gives",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario and its trials."""
    terminal.add_scenario(parser)
    terminal.add_trials(parser)
    terminal.add_workers(parser)


def run(options: argparse.Namespace) -> int:
    """Print all KPIs."""
    projection = terminal.projected(options, evidence=False)
    return terminal.show(options, kpis_json(projection), kpi_table)
