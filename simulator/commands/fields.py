"""`fields`: list the fields of a scenario file, each with its meaning, its unit and its default."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulator import terminal
from simulator.errors import PlanError
from simulator.lines import KINDS, business
from simulator.scenario.reading import load

HELP = "the fields of a scenario file: what each means, its unit, its range and its default"
KEYS = {"page": "the page in Markdown"}
SHIPPED = Path(__file__).parents[2] / "scenarios"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the section."""
    parser.add_argument(
        "section", nargs="?", metavar="SECTION", help="a section, such as plans, or a field; by default all of them"
    )


def run(options: argparse.Namespace) -> int:
    """Print the page or one section of it."""
    from simulator.output.fields import field_of, fields_page

    section = f"{options.section}s" if options.section in KINDS else options.section
    sections = ["settings", "assumptions", *(f"{kind}s" for kind in KINDS)]
    if section in (None, *sections):
        page: str | None = fields_page(business(), map(load, sorted(SHIPPED.glob("*.yaml"))), section)
    else:
        page = field_of(business(), section)
    if page is None:
        raise PlanError(f"there is no section or field {section}", f"choose one of {', '.join(sections)}")
    return terminal.show(options, {"page": page}, "{page}".format_map)
