"""The command line of the plan: run, check, explain, lines and schema.

Results go to stdout, errors to stderr; the exit code is 0, or 2 where the file or the call is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulator import document, formula
from simulator.errors import BreakevenError, PlanError
from simulator.explain import Node, explain, tree
from simulator.lines import business
from simulator.model import readable
from simulator.projection import Projection, Series, project
from simulator.reading import load
from simulator.scenario import LARGEST_SEED, MOST_TRIALS, Scenario
from simulator.schema import schema
from simulator.verdict import plain


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

    run = commands.add_parser("run", help="run a scenario: verdict, key figures, and every line by month")
    run.add_argument("file", type=Path, metavar="FILE")
    run.add_argument("--trials", type=_whole, metavar="N", help="how many trials (default: the scenario's)")
    run.add_argument("--seed", type=_whole, metavar="S", help="another seed")
    run.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change an assumption")
    run.add_argument("--json", action="store_true", help="print one JSON object")
    run.set_defaults(command=_run)

    check = commands.add_parser("check", help="find every mistake in a scenario file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(command=_check)

    why = commands.add_parser("explain", help="the tree under one number of the base plan")
    why.add_argument("file", type=Path, metavar="FILE")
    why.add_argument("line", metavar="LINE", help="such as cash, or devices_rented[large]")
    why.add_argument("--month", type=_whole, required=True, metavar="M", help="the first month is 0")
    why.add_argument("--depth", type=_whole, default=3, metavar="D", help="how many levels to open (default 3)")
    why.set_defaults(command=_explain)

    lines = commands.add_parser("lines", help="every line of the model with its unit and formula")
    lines.add_argument("--json", action="store_true")
    lines.set_defaults(command=_lines)

    form = commands.add_parser("schema", help="the JSON schema of a scenario file")
    form.set_defaults(command=lambda _: print(json.dumps(schema(business()), indent=2)))
    return parser


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 10 or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of 0 or more")
    return int(text)


# run


def _run(options: argparse.Namespace) -> None:
    if options.trials is not None and options.trials > MOST_TRIALS:
        raise PlanError(f"{options.trials:,} trials are too many: give at most {MOST_TRIALS:,}")
    scenario = load(options.file)
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


def as_json(projection: Projection) -> dict[str, Any]:
    """The whole projection in plain values; the same scenario gives the same bytes."""
    scenario = projection.scenario
    return {
        "scenario": scenario.title,
        "currency": scenario.currency,
        "months": scenario.months,
        "trials": projection.trials,
        "seed": scenario.seed,
        "hash": scenario.hash,
        "lines": {key: _series_json(series) for key, series in projection.series.items()},
        "kpis": {
            name: {"value": kpi.value, "unit": kpi.unit, "definition": kpi.definition, "why": kpi.why}
            for name, kpi in projection.kpis.items()
        },
        "ruin": projection.ruin.tolist() if projection.trials else None,
        "verdict": {
            "grade": projection.verdict.grade,
            "sentence": str(projection.verdict.sentence),
            "reasons": [str(reason) for reason in projection.verdict.reasons],
        },
        "evidence": dict(projection.evidence),
    }


def _series_json(series: Series) -> dict[str, Any]:
    return {"unit": series.unit, **{name: getattr(series, name).tolist() for name in ("base", "p05", "p50", "p95")}}


def _print_projection(projection: Projection) -> None:
    scenario, verdict = projection.scenario, projection.verdict
    print(f"{scenario.title} · {scenario.months} months from {scenario.start:%B %Y}", end=" · ")
    print(f"{projection.trials:,} trials, seed {scenario.seed} · {scenario.hash}\n")
    print(f"{verdict.grade.capitalize()}. {verdict.sentence}")
    for reason in verdict.reasons:
        print(f"  - {reason}")
    print()
    for kpi in projection.kpis.values():
        value = f"— {kpi.why}" if kpi.value is None else _precise(kpi.value, kpi.unit)
        print(f"{kpi.name.replace('_', ' '):24} {value}")
    print(f"\n{'year':>6} " + " ".join(f"{name:>18}" for name in YEARLY))
    for first in range(0, scenario.months, 12):
        figures = " ".join(f"{_of_year(projection, name, first):>18,.0f}" for name in YEARLY)
        print(f"{projection.dates[first].year:>6} {figures}")


YEARLY = ("revenue", "gross_profit", "operating_income", "cash")


def _of_year(projection: Projection, name: str, first: int) -> float:
    months = projection.series[name].base[first : first + 12]
    return float(months[-1] if name == "cash" else months.sum())


def _precise(value: float, unit: str) -> str:
    """Like `plain`, with the digits that small prices and multiples need."""
    if abs(value) < 100 and unit not in ("share", "month", "month index"):
        return f"{value:,.2f} {unit}".removesuffix(" 1")
    return plain(value, unit)


# check, explain, lines


def _check(options: argparse.Namespace) -> None:
    scenario = load(options.file)
    project(scenario, 0)
    print(f"{options.file}: {scenario.title}: {len(scenario.assumptions)} assumptions, no mistakes")


def _explain(options: argparse.Namespace) -> None:
    for level, node in tree(explain(load(options.file), options.line, options.month), options.depth):
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
