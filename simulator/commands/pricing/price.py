"""`price`: find the best price of a plan, or the losses that a higher price may cost."""

from __future__ import annotations

import argparse
from typing import Any

from simulator import terminal
from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.best import best_price
from simulator.answers.pricing.break_even import BreakEven
from simulator.answers.pricing.over import BASE, OVERS
from simulator.answers.pricing.priced import Priced, only_priced
from simulator.answers.pricing.several import best_of
from simulator.answers.solving.target import Target
from simulator.output.prices import Plain, break_even_sentence, price_json
from simulator.output.pricing.several import several_json
from simulator.scenario.scenario import Scenario

HELP = "best price of a plan, or how many new customers a higher price may lose"
KEYS = {
    "scenario": "title of the scenario",
    "currency": "three-letter code",
    "plan": "name of the plan",
    "price": "assumption that is the plan's price",
    "unit": "unit of the price",
    "aim": "what the price is chosen for: end_cash, lowest_cash, revenue, gross_profit, operating_income, runway, arr, "
    "gross_margin or ltv_to_cac",
    "now.price": "today's price, that of the first month in which the plan asks one",
    "now.outcome": "the aim at today's price, in the base case",
    "best.price": "best price; best is null where the model cannot name one",
    "best.outcome": "the aim at the best price",
    "rising": "up or down: the aim still rises at 16 times, or a sixteenth, of today's price; otherwise null",
    "flat": "list of the lowest and the highest price whose outcome is within 1% of the best; null without a best",
    "response.price_elasticity": "assumed elasticity of demand; 0 for none, and so below",
    "response.churn_elasticity": "assumed elasticity of churn",
    "response.usage_elasticity": "assumed elasticity of metered use",
    "response.evidence": "evidence of the elasticity; null without one",
    "ends": "list of {quantile, price_elasticity, …, price, outcome, rising}: the answer at P5 and P95",
    "regrets": "list of {quantile, price_elasticity, …, price, outcome, kept, regret, share}: what the best price "
    "loses at another elasticity: at P5 and P95, or a quarter lower and higher (quantile null) without a range",
    "break_even": "list of {rise, share, elasticity}: losses of new customers at which a rise stops paying",
    "sentence": "the answer in one sentence",
    "remarks": "list of sentences: how flat the best is, and what the answer rests on",
    "studies": "list of published elasticities: {who, year, what, low, high, source, url}",
}


# What `--change`, `--keep` or `--over` print in the place of the above.
OF_SEVERAL = (
    "With --change, --keep or --over: scenario, currency and aim as above, and unit, over, trials, found, better, "
    "changes (list of {change, unit, now, value, from, to, flat, end, literal, set, curve}), now, best and free "
    "({values, outcome, limits as a list of {kpi, operator, bound, share, outcome, kept}}; free is the best without "
    "limits), gain ({value, error}: what the best has more than today over the same trials; null in the base case), "
    "binding, regrets, sentence and remarks."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the scenario, the plan, the aim, what may change, the limits and their trials."""
    terminal.add_scenario(parser)
    parser.add_argument("--plan", metavar="NAME", help="pricing plan (default: the only one that has a price)")
    says = "what the price is chosen for (default: end_cash)"
    parser.add_argument("--aim", choices=AIMS, default="end_cash", help=says)
    says = (
        "an assumption to find, as PATH or PATH=LOW..HIGH; may be repeated; of --plan the last part is enough "
        f"(default: the plan's price). {OF_SEVERAL}"
    )
    parser.add_argument("--change", action="append", default=[], metavar="PATH", help=says)
    says = (
        "a limit, KPI OP NUMBER [in SHARE of trials]; may be repeated, as in 'probability_of_ruin <= 5%' or "
        "'tenths_under_water <= 0'"
    )
    parser.add_argument("--keep", action="append", default=[], metavar="LIMIT", help=says.replace("%", "%%"))
    says = "what the aim is read off: the base case, or the mean, the median or P5 of the trials (default: base)"
    parser.add_argument("--over", choices=OVERS, default=BASE, help=says)
    terminal.add_trials(parser, "the scenario's")


def run(options: argparse.Namespace) -> int:
    """Print the answer for one plan, or for several charges."""
    scenario = terminal.scenario_of(options)
    if options.change or options.keep or options.over != BASE:
        return _several(options, scenario)
    answer = best_price(scenario, options.plan or only_priced(scenario), options.aim)
    return terminal.show(options, price_json(answer), _table)


def _several(options: argparse.Namespace, scenario: Scenario) -> int:
    plan = scenario.find_member(options.plan, ("plan",))[1] if options.plan else ""
    changes = options.change
    if not changes:
        priced = Priced.of(scenario, plan or only_priced(scenario), options.aim)
        changes = [priced.path(priced.name)]
    targets = [Target.read(one) for one in options.keep]
    with terminal.Progress("Search") as tell:
        found = best_of(
            scenario,
            changes,
            aim=options.aim,
            keep=targets,
            plan=plan,
            trials=options.trials,
            over=options.over,
            progress=tell,
        )
    return terminal.show(options, several_json(found), _several_table)


def _several_table(shown: dict[str, Any]) -> str:
    """Return the answer as text: the sentence, what it rests on, and how to apply it."""
    lines = [shown["scenario"], "", shown["sentence"], *(f"  - {remark}" for remark in shown["remarks"])]
    if shown["better"]:
        lines += ["", "Apply it with " + " ".join(f"--set '{one['set']}'" for one in shown["changes"])]
    return "\n".join(lines)


def _table(shown: dict[str, Any]) -> str:
    """Return the answer as text: the sentence, what it rests on, and where no price is named, losses and studies."""
    lines = [f"{shown['scenario']} · {shown['plan']} · {shown['price'].replace('_', ' ')}, {shown['unit']}", ""]
    lines += [shown["sentence"], *(f"  - {remark}" for remark in shown["remarks"])]
    if shown["break_even"]:
        lines += ["", "Losses of new customers at which a rise stops paying:"]
        lines += [f"  - {break_even_sentence(BreakEven(**one), Plain())}" for one in shown["break_even"]]
        lines += ["", "Published price elasticities:", *(f"  - {_study(study)}" for study in shown["studies"])]
    return "\n".join(lines)


def _study(study: dict[str, Any]) -> str:
    measured = f"{study['low']:g}" + ("" if study["low"] == study["high"] else f" to {study['high']:g}")
    return f"{measured}: {study['what']} ({study['who']}, {study['year']}), {study['url']}"
