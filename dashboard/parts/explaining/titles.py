"""The names of numbers for people: a line, a sum over members, a row of a statement, a KPI."""

from __future__ import annotations

from dashboard.parts import members
from dashboard.parts.explaining.links import Step
from dashboard.parts.explaining.naming import named
from dashboard.parts.words import Words
from simulator.answers.explain import Node
from simulator.answers.kpis import measures
from simulator.answers.kpis.measures import PREFIX
from simulator.answers.projection import Projection
from simulator.answers.search import TOTAL, readable
from simulator.answers.statements import STATEMENTS, rows_of
from simulator.lines import KINDS, business
from simulator.scenario.scenario import Scenario

# Kinds of members whose plural is not regular in writing.
PLURALS = {"safe": "SAFEs", "plan": "pricing plans", "pool": "serving pools", "decile": "tenths of customers"}
# What the first words of a parameter say about the number that it reads; the longer of two that fit comes first.
READS = {
    **{"last": "last {name}", "total": "total {name}", "past": "past {name}", "ever": "{name} of every month"},
    **{"prior_quarter": "{name} of the 3 months before", "prior_year": "{name} of the 12 months before"},
    **{"year_ago": "{name} a year ago", "since_year": "{name} since a year ago", "quarter": "{name} of 3 months"},
    **{"half_year": "{name} of 6 months", "year": "{name} of 12 months"},
}


def called(name: str, projection: Projection, say: Words) -> str:
    """Return a number's name without its member; a KPI has its title and says so, since a line may have its name."""
    if name in projection.scenario.assumptions:
        return named(say, projection.scenario.assumptions[name], projection.scenario)
    if "+" in name:
        return row_of(name, projection, say)
    if name.startswith(TOTAL) and name not in measures().lines:
        return say("{name}, all together", name=say(readable(name.removeprefix(TOTAL))))
    if not name.startswith(PREFIX):
        return say(readable(name))
    title = next((kpi.title for kpi in projection.kpis.values() if kpi.key == name), None)
    return say("{name} (KPI)", name=say(title or readable(name.removeprefix(PREFIX))))


def spoken(parameter: str, say: Words) -> str:
    """Return a parameter of a line as part of a formula in words: `last_mrr` as last MRR."""
    if parameter not in measures().lines and parameter not in business().inputs:
        for words, pattern in READS.items():
            if parameter.startswith(f"{words}_"):
                return say(pattern, name=spoken(parameter.removeprefix(f"{words}_"), say))
        kind, _, rest = parameter.partition("_")
        if rest and kind in KINDS:
            return f"{say(readable(kind)).lower()} {spoken(rest, say)}"
    name = say(readable(parameter.removeprefix(PREFIX)))
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def plural(kind: str) -> str:
    """Return what several members of a kind are called."""
    return PLURALS.get(kind, f"{readable(kind).lower()}s")


def row_of(key: str, projection: Projection, say: Words) -> str:
    """Return the title of the row of a statement that shows these lines together, else their names."""
    lines = tuple(term.removeprefix(TOTAL) for term in key.split("+"))
    titles = (row.title for name in STATEMENTS for row in rows_of(name) if row.lines == lines)
    title = next(titles, None)
    return say(title) if title else " + ".join(called(term, projection, say) for term in key.split("+"))


def whose(line: str, label: str, scenario: Scenario) -> str:
    """Return the titles of the members that a number belongs to; a label has one part for each kind of member."""
    kinds = measures().lines[line].per
    parts = label.split(", ") if len(kinds) > 1 else [label]
    return " · ".join(members.named(scenario, *one) for one in zip(kinds, parts, strict=False))


def period(step: Step, say: Words) -> str:
    """Return the month of a number, or the first and the last month of a sum."""
    if step.span == 1:
        return say.month_number(step.month)
    first, last = (say.month_number(month) for month in (step.month - step.span + 1, step.month))
    return say("{first} to {last}", first=first, last=last)


def title(node: Node, projection: Projection, say: Words) -> str:
    """Return the name of a number with its member and month; members that say the same are counted."""
    if node.assumption is not None:
        name = named(say, node.assumption, projection.scenario)
        return say("{name}, as stated", name=name) if node.assumption.is_foreign and not node.parts else name
    line, _, label = node.key.partition("[")
    when = period(Step(node.key, node.month, node.span), say)
    name = called(line, projection, say)
    if node.alike:
        kind = node.kind_alike
        each = say(plural(kind) if kind else "members")
        return say(
            "{name} in each of {count} {kind}, {when}", name=name, count=str(len(node.alike)), kind=each, when=when
        )
    owner = f" · {whose(line, label.rstrip(']'), projection.scenario)}" if label and "+" not in node.key else ""
    return say.beside(f"{name}{owner}", when)
