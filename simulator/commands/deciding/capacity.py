"""`capacity`: what to reserve, own, rent on demand and leave to a vendor, as a plan of what to sign when."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from simulator import terminal
from simulator.answers.committing.commitments import commitments
from simulator.answers.committing.offers import MOST_TRIALS
from simulator.answers.committing.quotes import read_quotes
from simulator.errors import PlanError
from simulator.output.commitments import commitments_json
from simulator.scenario.scenario import Scenario

HELP = "what a pool should reserve, own, rent on demand and leave to a vendor, as a plan of what to sign when"
KEYS = {
    "scenario": "title of the scenario",
    "currency": "three-letter code",
    "pool": "the pool",
    "trials": "number of trials behind the plan; 0 for the base case",
    "terms": "list of {months, price, quoted}: terms on offer, the mean price of an hour, whether --quote gave it",
    "signings": "list of {month, date, term, devices, renewed, price}: devices signed, of which renewals; price of an "
    "hour",
    "one_term": "{terms, cost}: the cheapest plan in one term, which a scenario can hold; null where the plan is that",
    "purchases": "list of {month, date, devices}",
    "vendor": "{from, to}: first and last month in which the vendor serves everything; null if none",
    "cost": "{mean, p05, p50, p95}: cost of the plan over all months",
    "on_demand": "the same for renting everything on demand",
    "vendor_alone": "the same for the vendor alone; null without a price",
    "today": "the same for the scenario unchanged",
    "saved": "{mean, p05, p50, p95}: what the plan saves in each trial against on demand alone",
    "at_demand": "{p05, p50, p95}, each {plan, on_demand}: costs at that percentile of demand in device-hours",
    "regret": "{value, error}: what knowing demand and prices ahead would save; null without trials",
    "idle_share": "share of the hours of committed devices in which nothing needs them",
    "most_committed": "{month, amount}: the month after which the most rent is agreed and not yet due",
    "worth": "list of {term, prices}: up to which price of an hour a first, a second … device is worth a reservation",
    "months": "list of {month, date, peak, mean, kept, reserved, owned, on_demand, by_vendor, cost, on_demand_cost, "
    "committed_ahead}: devices needed in the busiest and in a mean hour as {p05, p50, p95}, devices by kind, and money",
    "rests_on": "list of {path, evidence, source, as_of}",
    "set": "list of what --set takes to apply the plan",
    "sentence": "the plan in a sentence or two",
    "remarks": "list of sentences: risk, idle commitments, prices to negotiate for, and what the plan rests on",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the pool, the quotes and the trials."""
    terminal.add_scenario(parser)
    parser.add_argument("pool", nargs="?", metavar="POOL", help="a pool; may be left out where there is only one")
    says = "further terms and their price of a device for an hour, as in 12=2.40,36=1.90"
    parser.add_argument("--quote", default="", metavar="MONTHS=PRICE,…", help=says)
    terminal.add_trials(parser, f"the scenario's, up to {MOST_TRIALS:,}")


def run(options: argparse.Namespace) -> int:
    """Print the plan."""
    scenario = terminal.scenario_of(options)
    trials = min(scenario.trials, MOST_TRIALS) if options.trials is None else options.trials
    quotes = read_quotes(options.quote)
    with terminal.Progress("Trials") as tell:
        found = commitments(scenario, _pool(scenario, options.pool), trials, quotes, tell)
    return terminal.show(options, commitments_json(found), _table)


def _pool(scenario: Scenario, named: str | None) -> str:
    """Return the pool that is named, or the only one; raise PlanError where that is not clear."""
    pools = scenario.entities.get("pool", ())
    if named is not None:
        return scenario.find_member(named, ("pool",))[1]
    if len(pools) != 1:
        what = f"the scenario has {len(pools)} pools" if pools else "the scenario has no pool"
        raise PlanError(what, f"name one of {', '.join(pools)}" if pools else "list one under pools first")
    return pools[0]


def _table(shown: dict[str, Any]) -> str:
    """Return the plan as text: the sentence, what to know beside it, the months, and how to apply it."""
    lines = [f"{shown['scenario']}: {shown['pool']}", "", shown["sentence"]]
    lines += [f"  - {remark}" for remark in shown["remarks"]]
    lines += ["", *_months(shown)]
    if shown["set"]:
        lines += ["", "Apply it with", *(f"  --set '{one}'" for one in shown["set"])]
    return "\n".join(lines)


def _months(shown: dict[str, Any]) -> Iterator[str]:
    head = ("mean", "peak", "peak P95", "kept", "reserved", "owned", "on demand", "by vendor", "cost", "on demand only")
    yield f"{'month':<9}" + "".join(f"{title:>11}" for title in head[:-1]) + f"{head[-1]:>16}"
    for one in shown["months"]:
        devices = (
            *(one["mean"]["p50"], one["peak"]["p50"], one["peak"]["p95"]),
            *(one["kept"], one["reserved"], one["owned"], one["on_demand"]),
        )
        cells = [*(f"{count:,.1f}".removesuffix(".0") for count in devices), "yes" if one["by_vendor"] else "–"]
        yield (
            f"{one['date'][:7]:<9}" + "".join(f"{cell:>11}" for cell in cells)
            + f"{one['cost']:>11,.0f}{one['on_demand_cost']:>16,.0f}"
        )  # fmt: skip
