"""The command line of the plan: run, statements, captable, kpis, retention, check, explain, lines and schema.

Results go to stdout, errors to stderr; the exit code is 0, or 2 where the file or the call is wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simulator.answers.customers.cohorts import fit_retention, survival_of
from simulator.answers.explain import Node, explain, tree
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection, project
from simulator.answers.statements import LENGTHS, STATEMENTS
from simulator.engine import formula
from simulator.engine.dates import YEAR
from simulator.engine.model import readable
from simulator.errors import BreakevenError, PlanError
from simulator.lines import business
from simulator.output.plain import as_json, captable_json, kpi_json, statements_json
from simulator.output.tables import captable_table, kpi_table, precise, statement_table
from simulator.scenario import document
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import schema
from simulator.scenario.settings import LARGEST_SEED, MOST_TRIALS

# Where the overlays that ship lie.
OVERLAYS = Path(__file__).parents[1] / "scenarios" / "overlays"


Command = Callable[[argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except BreakevenError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = _of_a_plan(commands, "run", _run, "run a scenario: verdict, key figures, and every line by month")
    run.add_argument("--trials", type=_whole, metavar="N", help="how many trials (default: the scenario's)")
    run.add_argument("--seed", type=_whole, metavar="S", help="another seed")
    run.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change an assumption")
    run.add_argument("--json", action="store_true", help="print one JSON object")

    _of_a_plan(commands, "check", _check, "find every mistake in a scenario file")

    why = _of_a_plan(commands, "explain", _explain, "the tree under one number of the base plan")
    why.add_argument("line", metavar="LINE", help="such as cash, or device_hours[large]")
    why.add_argument("--month", type=_whole, required=True, metavar="M", help="the first month is 0")
    why.add_argument("--depth", type=_whole, default=3, metavar="D", help="how many levels to open (default 3)")

    books = _of_a_plan(commands, "statements", _statements, "income statement, balance sheet and cash flow statement")
    books.add_argument("--by", choices=list(LENGTHS), default="year", help="the period of a column (default year)")
    books.add_argument("--json", action="store_true")

    owners = _of_a_plan(commands, "captable", _captable, "who owns what after each round, and what an exit pays")
    owners.add_argument("--exit", type=_amount, metavar="VALUE", help="what the company is sold for at the plan's end")
    owners.add_argument("--json", action="store_true")

    figures = _of_a_plan(commands, "kpis", _kpis, "every key figure with its definition and its variants")
    figures.add_argument("--trials", type=_whole, metavar="N", help="how many trials (default: the scenario's)")
    figures.add_argument("--json", action="store_true")

    curve = commands.add_parser("retention", help="churn and its spread from the shares of a cohort that stayed")
    curve.add_argument("shares", nargs="+", type=_share, metavar="SHARE", help="after 1, 2, … months, as in 0.87 0.74")
    curve.set_defaults(command=_retention)

    lines = commands.add_parser("lines", help="every line of the model with its unit and formula")
    lines.add_argument("--json", action="store_true")
    lines.set_defaults(command=_lines)

    form = commands.add_parser("schema", help="the JSON schema of a scenario file")
    form.set_defaults(command=lambda _: print(json.dumps(schema(business()), indent=2)))
    return parser


def _of_a_plan(commands: Any, name: str, command: Command, told: str) -> argparse.ArgumentParser:
    """A command that reads a plan from a file, with overlays on it where they are given."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=told)
    parser.add_argument("file", type=Path, metavar="FILE")
    laid = "a file of changes laid over the plan, or the name of one that ships; the later one wins"
    parser.add_argument("--overlay", action="extend", nargs="+", default=[], metavar="OVERLAY", help=laid)
    parser.set_defaults(command=command)
    return parser


def _loaded(options: argparse.Namespace) -> Scenario:
    return load(options.file, [overlay_file(name) for name in options.overlay])


def overlay_file(name: str) -> Path:
    """The file of an overlay: as it is written, or by its bare name among those that ship; raises PlanError."""
    if not re.fullmatch(r"[\w-]+", name):
        return Path(name)
    ships = {path.stem: path for path in sorted(OVERLAYS.glob("*.yaml"))}
    if name not in ships:
        known = ", ".join(ships) or "none"
        raise PlanError(f"no overlay that ships is called {name}: choose from {known}, or write a path, ./{name}.yaml")
    return ships[name]


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 10 or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of 0 or more")
    return int(text)


def _amount(text: str) -> float:
    return _number(text, 1e18, "an amount of money of 0 or more")


def _share(text: str) -> float:
    return _number(text, 1, "a share from 0 to 1")


def _number(text: str, most: float, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= most:
        raise argparse.ArgumentTypeError(f"{text} is not {what}")
    return number


# run


def _run(options: argparse.Namespace) -> None:
    if options.trials is not None and options.trials > MOST_TRIALS:
        raise PlanError(f"{options.trials:,} trials are too many: give at most {MOST_TRIALS:,}")
    scenario = _loaded(options)
    for change in options.set:
        scenario = _changed(scenario, change)
    if options.seed is not None:
        scenario = scenario.with_seed(options.seed)
    projection = project(scenario, options.trials)
    if options.json:
        print(json.dumps(as_json(projection), ensure_ascii=False, allow_nan=False))
    else:
        _print_projection(projection)


def _changed(scenario: Scenario, change: str) -> Scenario:
    name, equals, value = change.partition("=")
    if not equals or not value.strip():
        raise PlanError(f"--set {change!r} changes nothing: write NAME=VALUE, as in plans.team.price=79")
    return scenario.with_value(name.strip(), document.read(f"value: {value}", "--set")["value"])


def _print_projection(projection: Projection) -> None:
    scenario, verdict = projection.scenario, projection.verdict
    title = " + ".join((scenario.title, *scenario.overlays))
    print(f"{title} · {scenario.months} months from {scenario.start:%B %Y}", end=" · ")
    print(f"{projection.trials:,} trials, seed {scenario.seed} · {scenario.hash}\n")
    print(f"{verdict.grade.capitalize()}. {verdict.sentence}")
    for reason in verdict.reasons:
        print(f"  - {reason}")
    for change in verdict.changes:
        print(f"  - To be {verdict.next_grade}: {str(change)[0].lower()}{str(change)[1:]}")
    print()
    for kpi in projection.kpis.values():
        value = f"— {kpi.why}" if kpi.value is None else precise(kpi.value, kpi.unit)
        print(f"{kpi.name.replace('_', ' '):24} {value}")
    print(f"\n{'year':>6} " + " ".join(f"{name:>18}" for name in YEARLY))
    for first in range(0, scenario.months, 12):
        figures = " ".join(f"{_of_year(projection, name, first):>18,.0f}" for name in YEARLY)
        print(f"{projection.dates[first].year:>6} {figures}")


YEARLY = ("revenue", "gross_profit", "operating_income", "cash")


def _of_year(projection: Projection, name: str, first: int) -> float:
    months = projection.series[name].base[first : first + 12]
    return float(months[-1] if name == "cash" else months.sum())


# statements, captable, kpis, retention


def _ledger(options: argparse.Namespace) -> Ledger:
    return project(_loaded(options), 0, evidence=False).ledger


def _statements(options: argparse.Namespace) -> None:
    ledger = _ledger(options)
    if options.json:
        print(json.dumps(statements_json(ledger, options.by), ensure_ascii=False, allow_nan=False))
    else:
        print("\n\n".join(statement_table(ledger, name, options.by) for name in STATEMENTS))


def _captable(options: argparse.Namespace) -> None:
    ledger = _ledger(options)
    if options.json:
        print(json.dumps(captable_json(ledger, options.exit), ensure_ascii=False, allow_nan=False))
    else:
        print(captable_table(ledger, options.exit))


def _kpis(options: argparse.Namespace) -> None:
    kpis = project(_loaded(options), options.trials).kpis
    if options.json:
        listed = {name: kpi_json(kpi) for name, kpi in kpis.items()}
        print(json.dumps(listed, ensure_ascii=False, allow_nan=False))
    else:
        print(kpi_table(kpis))


def _retention(options: argparse.Namespace) -> None:
    churn, spread = fit_retention(np.array(options.shares))
    print(f"churn: {churn:.4f}\nchurn_spread: {spread:.4f}")
    kept = survival_of(churn, spread, len(options.shares) + YEAR)
    for age, share in enumerate(kept):
        given = f"   {options.shares[age - 1]:.3f} given" if 0 < age <= len(options.shares) else ""
        print(f"{age:>4} months {share:.3f}{given}")


# check, explain, lines


def _check(options: argparse.Namespace) -> None:
    scenario = _loaded(options)
    project(scenario, 0)
    print(f"{options.file}: {scenario.title}: {len(scenario.assumptions)} assumptions, no mistakes")


def _explain(options: argparse.Namespace) -> None:
    for level, node in tree(explain(_loaded(options), options.line, options.month), options.depth):
        print("  " * level + _sentence(node))


def _sentence(node: Node) -> str:
    role = f"{node.role}: " if node.role != node.key.partition("[")[0] and node.assumption is None else ""
    head = f"{role}{node.key} in month {node.month} = {node.value:,.6g} {node.unit}"
    if node.assumption is None:
        return head + (f"   = {node.formula}" if node.formula else "")
    origin = ", ".join(text for text in (node.assumption.source, node.assumption.as_of) if text)
    return f"{head}   [{node.assumption.evidence}{': ' + origin if origin else ''}]"


def _lines(options: argparse.Namespace) -> None:
    listed = [
        {
            "name": line.name,
            "unit": line.quantity.text(),
            "per": list(line.per),
            "topic": line.topic,
            "reads": [parameter.name for parameter in line.parameters],
            "description": line.description,
            "formula": formula.text(business().formulas[line.name]),
        }
        for line in business().lines.values()
    ]
    if options.json:
        print(json.dumps(listed, ensure_ascii=False))
        return
    for entry in listed:
        print(
            f"{entry['topic']}.{entry['name']} [{entry['unit']}, per {readable(tuple(entry['per']))}]\n"
            f"    = {entry['formula']}"
        )


if __name__ == "__main__":
    sys.exit(main())
