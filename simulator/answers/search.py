"""Search: the numbers of a scenario by the words that people use, such as burn, CAC or free tier."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.answers.kpis import DEFINITIONS, measures
from simulator.answers.kpis.measures import PREFIX
from simulator.answers.kpis.registry import variant_of
from simulator.engine.model import Line
from simulator.lines import business
from simulator.scenario.checks.names import MEANT, SECTIONS
from simulator.scenario.scenario import Scenario

# A sum over the members of a line, as formulas name it.
TOTAL = "total_"
# The end of a plural: salaries, tokens, but not loss or GPS.
PLURAL = re.compile(r"(?<=\w{3})(?:ies|(?<!s)s)$")
# Words of names that people write in capitals.
CAPITALS = {
    **{name: name.upper() for name in ("api", "arpa", "arr", "cac", "grr", "irr", "ltv", "mrr", "nrr", "vat")},
    **{"safe": "SAFE", "safes": "SAFEs"},
}
# What people say, and the KPIs, lines and assumptions that they mean, the closest first.
TERMS: Mapping[str, tuple[str, ...]] = {
    "acquisition": ("cac", "sales_and_marketing", "cost_per_signup"),
    "api": ("vendor_bill", "vendor_output_price", "vendor_input_price", "vendor_share"),
    "bill": ("vendor_bill", "cloud_bill", "billings"),
    "break even": ("break_even_month",),
    "breakeven": ("break_even_month",),
    "burn": ("peak_burn", "net_cash", "burn_multiple", "months_left"),
    "cogs": ("cost_of_revenue",),
    "cost of goods": ("cost_of_revenue",),
    "dilution": ("shares_at_start", "option_pool_added", "pre_money"),
    "electricity": ("power_cost", "power_price", "serving_energy", "energy_per_million_tokens"),
    "employees": ("headcount", "heads", "payroll"),
    "energy": ("serving_energy", "energy_per_million_tokens", "power_price"),
    "free": ("free_inference", "free_care", "credits_for_free_plans", "free_use_share", "stay_when_charged"),
    "freemium": ("free_inference", "free_care", "conversion"),
    "fundraising": ("equity_raised", "safe_raised", "amount", "close_month"),
    "ga": ("general_and_administrative",),
    "gpu": ("device_price", "device_hours", "device_cost", "mean_utilisation", "tokens_per_second"),
    "gpus": ("device_price", "device_hours", "device_cost", "mean_utilisation", "tokens_per_second"),
    "growth": ("revenue_growth", "new_customers", "signups"),
    "hire": ("headcount", "heads", "recruiting"),
    "hiring": ("headcount", "heads", "recruiting"),
    "investment": ("equity_raised", "safe_raised", "amount"),
    "latency": ("token_latency_limit", "token_latency_alone", "first_token_seconds", "seconds_per_token"),
    "leave": ("churn", "churned_customers"),
    "loss": ("operating_income", "net_income"),
    "marketing": ("marketing_spend", "sales_and_marketing", "budget", "cac"),
    "npv": ("net_present_value",),
    "opex": ("operating_expenses",),
    "out of cash": ("probability_of_ruin", "runway"),
    "paying": ("paying_customers", "conversion"),
    "people": ("headcount", "heads", "payroll"),
    "price": ("price", "seat_price", "overage_price", "fee"),
    "profit": ("operating_income", "gross_profit", "net_income", "chance_of_profit"),
    "raise": ("equity_raised", "safe_raised", "amount"),
    "rd": ("research_and_development",),
    "rent": ("cloud_rent", "device_price", "fixed_overhead"),
    "retention": ("nrr", "grr", "churn"),
    "ruin": ("probability_of_ruin",),
    "runway": ("runway", "months_left", "lowest_cash"),
    "salary": ("salary", "payroll", "pay_level", "employer_load"),
    "sales": ("revenue", "sales_and_marketing", "selling_payroll"),
    "self host": ("vendor_share", "vendor_bill", "device_cost"),
    "signups": ("signups", "organic_signups", "cost_per_signup"),
    "support": ("support_payroll", "customer_care", "support_share"),
    "team": ("headcount", "heads", "payroll"),
    "tokens": ("tokens_served", "tokens_per_request", "input_tokens_per_request", "cost_per_million_tokens"),
    "training": ("program_cost", "training_rent", "training_device_hours", "runs"),
    "turnover": ("revenue",),
    "usage": ("requests_per_customer", "requests", "usage_revenue"),
    "users": ("customers", "signups", "paying_customers"),
    "valuation": ("company_value", "pre_money", "valuation_cap"),
    "wages": ("payroll", "salary"),
}


@dataclass(frozen=True)
class Found:
    """One number that the words may mean; `key` names it for `explain`, and `kind` is KPI, line or assumption."""

    key: str
    title: str
    kind: str


def found_by(text: str, scenario: Scenario) -> list[Found]:
    """Return the numbers that words may mean, the most likely first; none for words that mean nothing here."""
    words = _words(text)
    if not words:
        return []
    meant, matches = _meant(words), []
    for place, (name, found, description) in enumerate(_numbers(scenario)):
        named = _words(f"{found.title} {name.replace('_', ' ')}")
        if words == named:
            rank = 0
        elif name in meant:
            rank = 1 + meant.index(name)
        elif all(word in named or any(_begins(one, word) for one in named) for word in words):
            rank = 100 + len(named)
        elif words <= _words(description):
            rank = 200
        else:
            continue
        matches.append((rank, place, found))
    return [found for _, _, found in sorted(matches, key=lambda match: match[:2])]


def _words(text: str) -> frozenset[str]:
    """Return the words of a text in small letters, R&D and G&A as one, and plurals as singulars."""
    found = re.findall(r"\w+", text.lower().replace("&", ""))
    return frozenset(PLURAL.sub(lambda end: "y" if end[0] == "ies" else "", word) for word in found)


def _begins(name: str, word: str) -> bool:
    """Return whether a name begins with a word; a short one, such as CAC, has to be whole."""
    return len(word) > 3 and name.startswith(word)


def _meant(words: frozenset[str]) -> list[str]:
    """Return the names that common terms among the words stand for, the longest term first."""
    fields = [pair for kind, terms in MEANT.items() if kind != SECTIONS for pair in terms.items()]
    known = [*TERMS.items(), *((term.replace("_", " "), (name,)) for term, name in fields)]
    said = [(term, names) for term, names in known if _words(term) <= words]
    return [name for _, names in sorted(said, key=lambda one: -len(one[0].split())) for name in names]


def _numbers(scenario: Scenario) -> Iterator[tuple[str, Found, str]]:
    """Yield every number: its name, what is found, and the words that describe it. Set assumptions precede defaults."""
    for name, kpi in DEFINITIONS.items():
        variant = variant_of(scenario, name)
        yield name, Found(variant.key, kpi.title, "KPI"), variant.definition
    kpis = {one.key for kpi in DEFINITIONS.values() for one in kpi.variants.values()}
    for name, line in measures().lines.items():
        if name in kpis:
            continue
        labels = scenario.members.labels(line.per)
        if labels:
            bare = name.removeprefix(PREFIX)
            yield bare, Found(_key(line, labels), readable(bare), "line"), line.description
    for path, one in sorted(scenario.assumptions.items(), key=lambda item: item[1].is_default):
        member = path.rpartition(".")[0]
        owner = scenario.about.get(member, {}).get("title", "") or readable(member.rpartition(".")[2])
        title = readable(one.name) + (f" · {owner}" if owner else "")
        yield one.name, Found(path, title, "assumption"), business().inputs[one.name].meaning


def _key(line: Line, labels: Sequence[str]) -> str:
    """Return the key of a line: of all members if they add up, else of the first one."""
    if len(labels) > 1 and adds_up(line):
        return f"{TOTAL}{line.name}"
    return f"{line.name}[{labels[0]}]" if labels[0] else line.name


def adds_up(line: Line) -> bool:
    """Return whether a line may be summed over its members: an amount or a number, but no share, price or rate."""
    unit = line.quantity.text("USD")
    return "/" not in unit and unit not in ("share", "1", "month", "month index", "year")


# Words of names that people write in capitals.
CAPITALS = {
    **{name: name.upper() for name in ("api", "arpa", "arr", "cac", "grr", "irr", "ltv", "mrr", "nrr", "vat")},
    **{"safe": "SAFE", "safes": "SAFEs"},
}


def readable(name: str) -> str:
    """Return the name of a line or an assumption as people read it, which is also the key of its translation."""
    text = " ".join(CAPITALS.get(word, word) for word in name.split("_"))
    return text[:1].upper() + text[1:]
