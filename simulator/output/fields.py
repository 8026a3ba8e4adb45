"""The fields of a scenario file as a page: each section with what must be given, what often is, and the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from simulator.engine.model import Input, Model
from simulator.lines import DEFAULT_WORDS, MEMBERS, needed_pointers
from simulator.scenario.reading import PROGRAM
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import measure
from simulator.scenario.settings import SETTINGS

# What a member may name besides what it points at.
NAMES = {
    "route": (
        f"- `{PROGRAM}`: Name of the training program that makes the feature's model; `python -m simulator routes` "
        "sets its cost against what moving requests saves.",
    )
}
HEAD = """\
# The fields of a scenario file

A scenario is a YAML file of settings, of `assumptions` about the company, and of sections that list its members: plans,
pools, roles and so on. `python -m simulator fields` prints this page, and `python -m simulator fields plans` one
section. The README says how a value is written: a number, a course over months, a range or a measurement. Money is in
the file's currency. A field per member may stand under `assumptions` once for all of them."""


def fields_page(model: Model, examples: Iterable[Scenario], section: str | None = None) -> str:
    """Return the page in Markdown; fields that most of the `examples` state come before the others."""
    often = _often_stated(list(examples))
    parts = {"settings": "\n".join(_settings()), "assumptions": "\n".join(_section(model, "", often))}
    parts |= {f"{kind}s": "\n".join(_section(model, kind, often)) for kind in model.kinds}
    if section:
        return parts[section]
    return "\n\n".join([HEAD, *parts.values()]) + "\n"


def field_of(model: Model, name: str) -> str | None:
    """Return the entry of one field with its section; None where there is none of that name."""
    if (one := model.inputs.get(name)) is None:
        return None
    return f"## `{one.home[0] + 's' if one.home else 'assumptions'}`\n\n{_field(one)}"


def _often_stated(examples: list[Scenario]) -> set[str]:
    """Return the names of assumptions that at least half of the examples state."""
    counted = Counter(
        name for one in examples for name in {stated.name for stated in one.assumptions.values() if stated.line}
    )
    return {name for name, count in counted.items() if 2 * count >= len(examples)}


def _settings() -> Iterator[str]:
    yield "## At the top of the file\n"
    for name, setting in SETTINGS.items():
        said = f"{setting.default:g}" if isinstance(setting.default, int | float) else setting.default or "none"
        default = "must be given" if setting.default is None else f"by default {said}"
        yield f"- `{name}`: {setting.meaning[:-1]}; {default}."


def _section(model: Model, kind: str, often: set[str]) -> Iterator[str]:
    home = (kind,) if kind else ()
    fields = [one for one in model.inputs.values() if one.home == home and not one.is_state]
    yield f"## `{kind}s`\n\n{MEMBERS[kind]}" if kind else "## `assumptions`\n\nWhat holds for the company as a whole."
    needed = [one for one in fields if one.default is None]
    usual = [one for one in fields if one.default is not None and one.name in often]
    pointers = [
        f"- `{other}`: Name of the {other} that it belongs to." for own, other in needed_pointers() if own == kind
    ]
    for title, group in (("Must be given", needed), ("Often given", usual)):
        if group or (pointers and group is needed):
            yield f"\n{title}:\n"
            yield from pointers if group is needed else ()
            yield from map(_field, group)
    rest = [one for one in fields if one.default is not None and one.name not in often]
    if rest:
        yield "\nMay be given:\n"
        yield from map(_field, rest)
        yield from NAMES.get(kind, ())


def _field(one: Input) -> str:
    said = DEFAULT_WORDS.get(one.name, "" if one.default is None else f"{one.default:,.12g}")
    default = f"; by default {said}" if said else ""
    return f"- `{one.name}`: {one.meaning} ({measure(one)}{default})"
