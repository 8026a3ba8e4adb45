"""What the live file shows: the plan in words, its figures as they were sent, and what a reader may change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulator.answers.kpis import Kpi, measures
from simulator.answers.kpis.measures import CASH_FLOOR, PREFIX
from simulator.answers.messages import Message
from simulator.answers.outcomes import HALF_CENT, LINES
from simulator.answers.projection import Projection
from simulator.answers.search import readable
from simulator.answers.statements import BALANCES, STATEMENTS, TITLES, rows_of
from simulator.answers.variations.levers import levers_of
from simulator.engine import formula
from simulator.engine.dates import YEAR
from simulator.engine.model import LUCK, MONTH, Kinds, Read
from simulator.lines import business
from simulator.output.live.program import Layout
from simulator.output.plain import captable_json
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import SETTINGS
from simulator.scenario.typed.entry import is_calendar, is_percent

Plain = dict[str, Any]
ORIGIN = ("unit", "evidence", "source", "as_of", "note")
# What the model abbreviates, or names otherwise than people do.
NAMES = {"Mtoken": "million tokens", "kW*hour": "kWh", "stock": "share", "month index": "month"}
# The lines whose percentiles over the trials are drawn.
DRAWN = ("cash", "revenue")


def content(projection: Projection, scenario: Scenario, layout: Layout) -> Plain:
    """Return what the page shows and no lever changes; `scenario` is the projection's with what-ifs, switched off."""
    sent, needed = projection.scenario, layout.simulation.model.needed(LINES)
    return {
        **{name: getattr(sent, name) for name in ("title", "currency", "months", "hash", "file_hash")},
        "start": f"{scenario.start:%Y-%m}",
        "floor": float(scenario.settings.cash_floor - HALF_CENT),
        "year": YEAR,
        "names": NAMES,
        "description": scenario.settings.description,
        # On an assumption by its path, or on the whole plan.
        "comments": [[one.on if one.on in scenario.assumptions else "", str(one)] for one in sent.comments],
        "levers": [
            [title, [one.path for one in found]] for title, found in levers_of(projection.scenario, projection.scenario)
        ],
        "about": {
            **{path: _about(scenario, one) for path, one in scenario.assumptions.items()},
            # A setting, which explanations end in and no lever moves.
            CASH_FLOOR: {
                "name": readable(CASH_FLOOR),
                "unit": sent.currency,
                "says": SETTINGS[CASH_FLOOR].meaning,
                "default": True,
            },
        },
        "lines": {name: _line(layout, name) for name in layout.simulation.model.lines if layout.count(name)},
        "members": {" ".join(line.per): _members(scenario, line.per) for line in measures().lines.values()},
        "figures": [_figure(one) for one in projection.kpis.values()],
        "statements": [_statement(name) for name in STATEMENTS],
        "needed": [name for name in layout.simulation.model.order if name in needed],
        "sent": _sent(projection),
        # The page says so where it computes anything else.
        "computed": {name: projection.ledger.total(name).tolist() for name in LINES},
    }


def _about(scenario: Scenario, one: Assumption) -> Plain:
    owner, _, _ = one.path.rpartition(".")
    kind, _, member = owner.partition(".")
    origin = {name: getattr(one, name) for name in ORIGIN if getattr(one, name)}
    needed = business().inputs[one.name]
    if is_percent(needed):
        origin["unit"] = "share"  # customers per user, too, are given in percent
    elif is_calendar(needed):
        origin["unit"] = "month index"
    if one.is_foreign and needed.quantity:
        origin["converted"] = needed.quantity.text(scenario.currency)
    named = {"of": title_of(scenario, kind.removesuffix("s"), member), "kind": kind} if owner else {}
    default = {"default": True} if one.is_default else {}
    return {"name": readable(one.name), **named, **origin, **default}


def title_of(scenario: Scenario, kind: str, member: str) -> str:
    """Return a member's title, or its name where the file gives none."""
    return scenario.about.get(f"{kind}s.{member}", {}).get("title", "") or readable(member)


def _members(scenario: Scenario, per: Kinds) -> list[str]:
    """Return the titles of the members of these kinds, in the order of the arrays."""
    labels = [label.split(", ") for label in scenario.members.labels(per)]
    return (
        [", ".join(title_of(scenario, *pair) for pair in zip(per, names, strict=True)) for names in labels]
        if per
        else [""]
    )


def _line(layout: Layout, name: str) -> Plain:
    model = layout.simulation.model
    line = model.lines[name]
    return {
        "title": readable(name.removeprefix(PREFIX)),
        "unit": line.quantity.text("money"),
        "per": " ".join(line.per),
        "says": " ".join(line.description.split("\n\n")[0].split()),
        "formula": formula.text(model.formulas[name]),
        "reads": [_read(layout, name, read) for read in model.reads[name] if read.source != LUCK],
    }


def _read(layout: Layout, name: str, read: Read) -> list[Any]:
    """Return a parameter, what it reads, when, whether it sums, and of which members, as the program writes that."""
    model = layout.simulation.model
    sources = [one for one in model.sources(read) or (read.source,) if one == MONTH or layout.count(one)]
    if read.over == "total":
        return [read.parameter, sources, read.when, 1, [layout.summed(name, one) for one in sources]]
    places = [MONTH if one == MONTH else layout.member(model.lines[name].per, model.per(one)) for one in sources]
    return [read.parameter, sources, read.when, 0, places]


def _figure(kpi: Kpi) -> Plain:
    shown: Plain = {"key": kpi.name, "title": kpi.title, "topic": kpi.topic, "unit": kpi.unit, "says": kpi.definition}
    shown |= {name: getattr(kpi, name) for name in ("source", "variant", "error") if getattr(kpi, name)}
    if kpi.line:
        return {**shown, "line": kpi.line}
    return {**shown, "value": kpi.value, "why": _message(kpi.reason) if kpi.reason else None}


def _message(message: Message) -> list[Any]:
    return [message.text, {name: list(value) for name, value in message.values.items()}]


def _statement(name: str) -> Plain:
    rows = [[row.title, int(row.total), list(row.lines)] for row in rows_of(name)]
    return {"title": TITLES[name], "balance": name in BALANCES, "rows": rows}


def _sent(projection: Projection) -> Plain:
    """Return what the trials, the verdict and the cap table say of the plan as sent."""
    verdict, trials = projection.verdict, projection.trials
    bands = {
        name: [getattr(projection.series[name], part).tolist() for part in ("p05", "p50", "p95")]
        for name in DRAWN
        if trials
    }
    outcomes = projection.figures.outcomes
    return {
        "trials": trials,
        "seed": projection.scenario.seed,
        "bands": bands,
        "chances": [outcomes.ruin().value, outcomes.profit().value] if outcomes.trials else None,
        "of": outcomes.trials,
        "grade": verdict.grade.capitalize(),
        "between": [one.capitalize() for one in verdict.between],
        "sentence": _message(verdict.sentence),
        "reasons": list(map(_message, verdict.reasons)),
        "changes": list(map(_message, verdict.changes)),
        "captable": captable_json(projection.ledger),
    }


def reasons(layout: Layout) -> Iterator[str]:
    """Yield why a figure may have no value once a lever has moved."""
    symbols = list(layout.simulation.model.formulas.values())
    while symbols:
        found = symbols.pop()
        if isinstance(found, formula.Reason):
            yield found.words
        symbols += getattr(found, "operands", ())


def texts(shown: Plain) -> Iterator[str]:
    """Yield every English text of the content that has a translation."""
    for about in shown["about"].values():
        yield from (about["name"], about.get("says", ""), about.get("evidence", ""))
    for line in shown["lines"].values():
        yield from (line["title"], line["says"])
    for figure in shown["figures"]:
        yield from (figure[part] for part in ("title", "says", "variant", "topic") if part in figure)
        yield figure["topic"].capitalize()
        if figure.get("why"):
            yield figure["why"][0]
    for whatif in shown["whatifs"]:
        yield from (whatif["title"], whatif["says"])
    for statement in shown["statements"]:
        yield statement["title"]
        yield from (title for title, _, _ in statement["rows"])
    sent = shown["sent"]
    for one in (*shown["lines"].values(), *shown["about"].values(), *shown["figures"]):
        yield from (NAMES.get(part, part) for part in one["unit"].split("/"))
    yield from (sent["grade"], *sent["between"], *(title for title, _ in shown["levers"]))
    yield from (text for text, _ in (sent["sentence"], *sent["reasons"], *sent["changes"]))


def translated(found: Iterable[str], messages: Mapping[str, str]) -> dict[str, str]:
    """Return the translations of these texts, of those that have one."""
    return {text: messages[text] for text in dict.fromkeys(found) if messages.get(text)}
