"""`solve`: find the value of an assumption that meets a target, or of two the frontier."""

from __future__ import annotations

import argparse
import math
from typing import Any

from simulator import terminal
from simulator.answers.solving.frontier import frontier
from simulator.answers.solving.lever import Within
from simulator.answers.solving.search import solve
from simulator.answers.solving.target import Target
from simulator.errors import PlanError
from simulator.output.solved import frontier_json, solution_json
from simulator.output.tables import precise

HELP = "the value of an assumption that meets a target, such as `runway >= 18 in 95% of trials`"
KEYS = {
    "scenario": "title of the scenario",
    "currency": "three-letter code",
    "change": "path of the assumption",
    "unit": "unit of the assumption",
    "target.kpi": "the KPI that the target bounds",
    "target.operator": ">=, >, <= or <",
    "target.bound": "bound of the KPI",
    "target.share": "share of the trials that have to meet it; null for the base case, or a KPI of all trials",
    "trials": "number of trials behind the answer; 0 for the base case",
    "now.value": "today's value: that of the first month, or of the first in which it is not zero",
    "now.outcome": "share of trials that meet the target today, or the KPI; null without a value",
    "now.met": "whether the target is met today",
    "value": "value nearest today's at which the target is met, right beside where it is not; null without one",
    "literal": "the assumption as the file would state it with this value",
    "set": "the same for --set",
    "outcome": "share of trials, or the KPI, at this value",
    "standard_error": "standard error of the value from the number of trials; 0 for the base case",
    "others": "number of further places between `from` and `to` at which the target is met or lost",
    "best.value": "value that comes nearest to the target; the value found where there is one",
    "best.outcome": "share of trials, or the KPI, there",
    "best.met": "whether the target is met there; if it is and value is null, it is met at every value",
    "from": "lowest value looked at",
    "to": "highest value looked at",
    "curve": "list of {value, outcome, met} in rising order; coarse on few trials, finer near the value found",
    "sentence": "the answer in one sentence",
    "remarks": "list of sentences: error, further values, and what moves with it",
}
# What two changes print in the place of the above.
OF_TWO = (
    "With two --change: scenario, currency, target and trials as above, and changes, units, now (two each), sentence, "
    "and rows, a list of {second, first, standard_error, met}; met: everywhere, nowhere, from there on, up to there."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the assumptions, the target, the bounds and the trials."""
    terminal.add_scenario(parser)
    says = "the assumption to find; given twice, the frontier: the first for several values of the second"
    parser.add_argument("--change", action="append", required=True, metavar="PATH", help=says)
    says = f"the target, KPI OP NUMBER [in SHARE of trials]; a month that never comes lies beyond the horizon. {OF_TWO}"
    parser.add_argument("--until", required=True, metavar="TARGET", help=says.replace("%", "%%"))
    says = "lowest value to look at (default: a sixteenth of today's, and the lowest that makes sense)"
    parser.add_argument("--from", dest="low", type=_bound, metavar="VALUE", help=says)
    says = "highest value to look at (default: 16 times today's, and the highest that makes sense)"
    parser.add_argument("--to", dest="high", type=_bound, metavar="VALUE", help=says)
    terminal.add_trials(parser, "the scenario's")


def run(options: argparse.Namespace) -> int:
    """Print the answer."""
    scenario, target = terminal.scenario_of(options), Target.read(options.until)
    if len(options.change) > 2:
        raise PlanError(f"--change names {len(options.change)} assumptions", "name one, or two for the frontier")
    within, (change, *second) = Within(options.low, options.high), options.change
    if second:
        with terminal.Progress("Frontier") as tell:
            found = frontier(scenario, (change, second[0]), target, within, options.trials, progress=tell)
        return terminal.show(options, frontier_json(found), _frontier_table)
    with terminal.Progress("Search") as tell:
        one = solve(scenario, change, target, within, options.trials, progress=tell)
    return terminal.show(options, solution_json(one), _table)


def _bound(text: str) -> float:
    """Read a finite number, or a percentage."""
    percent = text.strip().endswith("%")
    try:
        number = float(text.strip().rstrip("%")) / (100 if percent else 1)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text} is not a number, such as 250000 or 4%")
    return number


def _table(shown: dict[str, Any]) -> str:
    """Return the answer as text: the sentence, what to know beside it, and how to apply it."""
    lines = [shown["scenario"], "", shown["sentence"], *(f"  - {remark}" for remark in shown["remarks"])]
    if shown["set"] is not None and not shown["now"]["met"]:
        lines += ["", f"Apply it with --set '{shown['set']}'"]
    return "\n".join(lines)


def _frontier_table(shown: dict[str, Any]) -> str:
    """Return the frontier as text: the sentence, and a row for each value of the second assumption."""
    first, second = shown["changes"]
    rows = [(precise(row["second"], shown["units"][1]), _first(row, shown["units"][0])) for row in shown["rows"]]
    width = max(len(second), *(len(one) for one, _ in rows)) + 2
    return "\n".join(
        [
            shown["scenario"],
            "",
            shown["sentence"],
            "",
            f"{second:<{width}}{first}",
            *(f"{a:<{width}}{b}" for a, b in rows),
        ]
    )


def _first(row: dict[str, Any], unit: str) -> str:
    if row["first"] is None:
        return "met at every value" if row["met"] == "everywhere" else "no value meets it"
    error = f" ± {precise(row['standard_error'], unit)}" if row["standard_error"] else ""
    return precise(row["first"], unit) + error
