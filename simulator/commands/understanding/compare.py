"""`compare`: put scenarios side by side: their verdicts and KPIs, the assumptions that differ, and lone members."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulator import terminal
from simulator.answers.projection import project, settle
from simulator.errors import PlanError
from simulator.output.comparison import compared_json, compared_table
from simulator.scenario.reading import load

HELP = "scenarios side by side: verdicts, KPIs, and the assumptions that differ"
KEYS = {
    "scenarios.SCENARIO.scenario": "title, in the order given",
    "scenarios.SCENARIO.file": "file, as given",
    "scenarios.SCENARIO.overlays": "titles of the what-ifs",
    "scenarios.SCENARIO.hash": "changes with any number",
    "scenarios.SCENARIO.currency": "three-letter code",
    "scenarios.SCENARIO.grade": "verdict",
    "scenarios.SCENARIO.kpis.KPI.title": "name for people",
    "scenarios.SCENARIO.kpis.KPI.value": "number, or null if undefined",
    "scenarios.SCENARIO.kpis.KPI.standard_error": "standard error of a figure from trials, else null",
    "scenarios.SCENARIO.kpis.KPI.unit": "unit of the value",
    "scenarios.SCENARIO.kpis.KPI.why": "why the value is undefined; empty if it is not",
    "assumptions.ASSUMPTION.name": "name of a setting or an assumption that differs",
    "assumptions.ASSUMPTION.kind": "plan, pool and so on; empty for the company",
    "assumptions.ASSUMPTION.member": "title of the member; empty for the company",
    "assumptions.ASSUMPTION.unit": "unit of the values",
    "assumptions.ASSUMPTION.values": "value in each scenario as in a file; empty where it has none",
    "members.MEMBER.kind": "plan, pool and so on",
    "members.MEMBER.member": "title of a member that some of the scenarios lack",
    "members.MEMBER.present": "for each scenario whether it has the member",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenarios, the what-ifs and the trials."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="scenarios, two or more")
    says = "compare the first file also under these what-ifs together: files, or names of some that ship"
    parser.add_argument("--overlay", nargs="+", default=[], metavar="OVERLAY", help=says)
    terminal.add_trials(parser)
    terminal.add_workers(parser)


def run(options: argparse.Namespace) -> int:
    """Print the comparison."""
    scenarios = [load(path) for path in options.files]
    files = [str(path) for path in options.files]
    if options.overlay:
        scenarios.insert(1, load(options.files[0], [terminal.overlay_file(name) for name in options.overlay]))
        files.insert(1, files[0])
    if len(scenarios) < 2:
        raise PlanError("there is one scenario to compare", "give two files, or one with --overlay")
    if options.seed is not None:
        scenarios = [one.with_seed(options.seed) for one in scenarios]
    with terminal.workers(options) as pool:
        projections = [project(one, options.trials, evidence=False, executor=pool) for one in scenarios]
        found = [settle(one, pool) if options.trials is None else one for one in projections]
    return terminal.show(options, compared_json(found, files), compared_table)
