"""Search: the numbers of a scenario by the words that people use, such as burn, CAC or free tier."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    "utilization": ("mean_utilisation", "utilisation"),
    "valuation": ("company_value", "pre_money", "valuation_cap"),
    "wages": ("payroll", "salary"),
}
# The same terms as people say them in Chinese, beside the translated names of numbers.
CHINESE: Mapping[str, tuple[str, ...]] = {
    "acquisition": ("获客",),
    "api": ("接口", "供应商"),
    "bill": ("账单",),
    "break even": ("盈亏平衡", "保本"),
    "burn": ("烧钱", "现金消耗"),
    "cogs": ("销售成本",),
    "dilution": ("稀释",),
    "electricity": ("电费", "用电"),
    "employees": ("员工", "人手", "团队"),
    "free": ("免费",),
    "fundraising": ("融资", "募资"),
    "gpu": ("显卡", "算力"),
    "growth": ("增长",),
    "hire": ("招聘", "招人"),
    "latency": ("延迟",),
    "leave": ("退订",),
    "loss": ("亏损", "亏钱"),
    "marketing": ("营销", "推广"),
    "opex": ("运营费用",),
    "out of cash": ("破产", "没钱", "资金断裂"),
    "paying": ("付费",),
    "price": ("价格", "定价", "单价", "售价"),
    "profit": ("利润", "盈利", "赚钱"),
    "rent": ("租金",),
    "retention": ("留存",),
    "runway": ("跑道", "撑多久"),
    "salary": ("薪资", "工资", "薪水"),
    "sales": ("销售",),
    "self host": ("自建", "自托管"),
    "signups": ("注册",),
    "support": ("客服",),
    "tokens": ("词元", "令牌"),
    "training": ("训练",),
    "turnover": ("营收", "收入"),
    "usage": ("用量",),
    "users": ("用户", "客户"),
    "valuation": ("估值",),
}
# A text with one of these signs has no spaces between its words.
UNSPACED = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Found:
    """One number that the words may mean; `key` names it for `explain`, and `kind` is KPI, line or assumption."""

    key: str
    title: str
    kind: str


def found_by(text: str, scenario: Scenario, say: Callable[[str], str] = str) -> list[Found]:
    """Return the numbers that words may mean, the most likely first; none for words that mean nothing here.

    `say` translates names and descriptions into the language of the words.
    """
    words = _words(text)
    if not words:
        return []
    meant, matches = _meant(words, text), []
    for place, (name, found, description) in enumerate(_numbers(scenario)):
        if UNSPACED.search(text):
            own, _, owner = found.title.partition(" · ")
            rank = _told(text.lower().split(), f"{say(own)} {owner}".strip().lower(), say(description).lower())
        else:
            rank = _named(words, _words(f"{found.title} {name.replace('_', ' ')}"), description)
        if name in meant and rank != 0:
            rank = 1 + meant.index(name)
        if rank is not None:
            matches.append((rank, place, found))
    return [found for _, _, found in sorted(matches, key=lambda match: match[:2])]


def _named(words: frozenset[str], named: frozenset[str], description: str) -> int | None:
    """Return how far words are from the name of a number: 0 where they are all of it, None where they mean another."""
    if words == named:
        return 0
    if all(word in named or any(_begins(one, word) for one in named) for word in words):
        return 100 + len(named)
    return 200 if words <= _words(description) else None


def _told(parts: Sequence[str], title: str, description: str) -> int | None:
    """Return the same for the parts of a text without spaces between its words."""
    if "".join(parts) == title:
        return 0
    if all(part in title for part in parts):
        return 100 + len(title)
    return 200 if all(part in description for part in parts) else None


def _words(text: str) -> frozenset[str]:
    """Return the words of a text in small letters, R&D and G&A as one, and plurals as singulars."""
    found = re.findall(r"\w+", text.lower().replace("&", ""))
    return frozenset(PLURAL.sub(lambda end: "y" if end[0] == "ies" else "", word) for word in found)


def _begins(name: str, word: str) -> bool:
    """Return whether a name begins with a word; a short one, such as CAC, has to be whole."""
    return len(word) > 3 and name.startswith(word)


def _meant(words: frozenset[str], text: str) -> list[str]:
    """Return the names that common terms among the words of a text stand for, the longest term first."""
    fields = [pair for kind, terms in MEANT.items() if kind != SECTIONS for pair in terms.items()]
    known = [*TERMS.items(), *((term.replace("_", " "), (name,)) for term, name in fields)]
    said = [(term, names) for term, names in known if _words(term) <= words or _in_chinese(term, text)]
    return [name for _, names in sorted(said, key=lambda one: -len(one[0].split())) for name in names]


def _in_chinese(term: str, text: str) -> bool:
    return any(one in text for one in CHINESE.get(term, ()))


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
