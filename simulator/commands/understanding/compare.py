"""`compare`: put scenarios side by side: their verdicts and KPIs, the assumptions that differ, and lone members."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulator import terminal
from simulator.answers.kpis.tried import Goal, goals_among
from simulator.answers.projection import project, settle
from simulator.errors import PlanError
from simulator.output.comparison import compared_json, compared_table
from simulator.output.moving.causes import causes_json
from simulator.scenario.reading import load

HELP = "scenarios side by side: verdicts, KPIs, and the assumptions that differ"
KEYS = {
    "scenarios.SCENARIO.scenario": "title, in the order given",
    "scenarios.SCENARIO.file": "file, as given",
    "scenarios.SCENARIO.overlays": "titles of the what-ifs",
    "scenarios.SCENARIO.hash": "changes with any number, its evidence, a setting such as the title, or a member",
    "scenarios.SCENARIO.file_hash": "SHA-256 of the scenario as a file, sources and notes included",
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
    "causes.CAUSE.scenario": "place of a scenario that is compared with the first, which has place 0",
    "causes.CAUSE.kpi": "KPI of the base case, as --why names them; a month that never comes counts as the horizon",
    "causes.CAUSE.title": "its name for people",
    "causes.CAUSE.unit": "its unit",
    "causes.CAUSE.old": "KPI of the first scenario; null where there is no answer",
    "causes.CAUSE.new": "KPI of the other one",
    "causes.CAUSE.parts.PART.names": "list of the assumption, of members that only one has, or of what the rest holds",
    "causes.CAUSE.parts.PART.kind": "plan, pool and so on; empty for the company and for the rest",
    "causes.CAUSE.parts.PART.members": "list of the members whose assumption it is, by title",
    "causes.CAUSE.parts.PART.change": "its share of new − old, which all shares sum to (Shapley value)",
    "causes.CAUSE.parts.PART.standard_error": "error of the share; 0 where all orders of the causes were counted",
    "causes.CAUSE.parts.PART.is_rest": "whether it is the rest: members that depend on others, links and settings",
    "causes.CAUSE.parts.PART.title": "name for people",
    "causes.CAUSE.sentence": "the answer in a sentence, or why there is none",
    "differences.DIFFERENCE.scenario": "place of a scenario that is compared with the first over the same trials",
    "differences.DIFFERENCE.trials": "number of trials that both have run; this and the next keys are null without",
    "differences.DIFFERENCE.end_cash": "{value, standard_error}: mean of what it has more at the end, trial by trial",
    "differences.DIFFERENCE.low": "P5 of that over the trials",
    "differences.DIFFERENCE.high": "P95 of it",
    "differences.DIFFERENCE.more": "share of the trials in which it has more",
    "differences.DIFFERENCE.ruin": "{value, standard_error, only_first, only_other}: trials that run out of cash",
    "differences.DIFFERENCE.profit": "the same of trials with an operating profit in the last year",
    "differences.DIFFERENCE.sentence": "the answer in a sentence, or why there is none",
    "members.MEMBER.kind": "plan, pool and so on",
    "members.MEMBER.member": "title of a member that some of the scenarios lack",
    "members.MEMBER.present": "for each scenario whether it has the member",
}

# KPIs whose difference is explained unless others are asked for.
WHY = ("end_cash", "runway")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenarios, the what-ifs and the trials."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="scenarios, two or more")
    says = "compare the first file also under these what-ifs together: files, or names of some that ship"
    parser.add_argument("--overlay", nargs="+", default=[], metavar="OVERLAY", help=says)
    says = "KPIs whose difference from the first scenario is shared among its causes (default: end_cash runway)"
    parser.add_argument("--why", nargs="+", metavar="KPI", help=says)
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
    kpis = options.why or [goal.name for goal in goals_among(scenarios[0], WHY)]
    for kpi in kpis:
        Goal.of(scenarios[0], kpi)  # an unknown one is refused before the trials run
    scenarios = [terminal.warned(one) for one in scenarios]
    if options.seed is not None:
        scenarios = [one.with_seed(options.seed) for one in scenarios]
    with terminal.workers(options, options.trials or max(one.trials for one in scenarios)) as pool:
        projections = [project(one, options.trials, evidence=False, executor=pool) for one in scenarios]
        found = [settle(one, pool) if options.trials is None else one for one in projections]
    with terminal.Progress("Causes") as tell:
        causes = [cause for place in range(1, len(scenarios)) for cause in causes_json(scenarios, place, kpis, tell)]
    return terminal.show(options, compared_json(found, files, causes), compared_table)
