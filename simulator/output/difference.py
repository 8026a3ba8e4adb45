"""What changed between two versions of a scenario, as plain values and as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.answers.comparing.changes import Change, Changes, Moved, changes
from simulator.answers.kpis import HEADLINES
from simulator.answers.projection import Projection
from simulator.output.plain import kpis_json
from simulator.output.tables import SHORT, kpi_value

Values = Mapping[str, Any]
KPI = ("value", "standard_error", "unit", "why")
LONGEST = 200


def difference_json(before: Projection, after: Projection, files: tuple[str, str]) -> dict[str, Any]:
    """Return both versions, everything that changed between them, and the headline KPIs of each."""
    both = (before, after)
    kpis = [kpis_json(one) for one in both]
    return {
        "versions": [
            {
                "scenario": one.scenario.title,
                "file": file,
                "hash": one.scenario.hash,
                "file_hash": one.scenario.file_hash,
                "grade": one.verdict.grade,
            }
            for one, file in zip(both, files, strict=True)
        ],
        **changes_json(changes(before.scenario, after.scenario)),
        "kpis": {
            name: {"title": kpis[1][name]["title"]}
            | {when: {key: one[name][key] for key in KPI} for when, one in zip(("before", "after"), kpis, strict=True)}
            for name in HEADLINES
        },
    }


def changes_json(found: Changes) -> dict[str, Any]:
    """Return everything that changed as plain values, each text with what it was before."""
    return {
        "settings": [_named(one) for one in found.settings],
        "members": [_moved(one) for one in found.members],
        "assumptions": [_named(one) | {"unit": one.unit} for one in found.assumptions],
        "words": [_named(one) for one in found.words],
        "correlations": [_named(one) for one in found.correlations],
        "comments": [_named(one) for one in found.comments],
    }


def _named(one: Change) -> dict[str, Any]:
    fields = {name: {"before": before, "after": after} for name, (before, after) in one.fields.items()}
    return {"name": one.name, "kind": one.kind, "member": one.member, "fields": fields}


def _moved(one: Moved) -> dict[str, Any]:
    before, after = one.names
    change = "renamed" if before and after else "added" if after else "removed"
    stated = dict(one.stated)
    return {"change": change, "kind": one.kind, "member": one.title, "before": before, "after": after, "stated": stated}


def difference_text(shown: Values) -> str:
    """Return what changed, one change a line with its value before and after, and the headline KPIs."""
    return "\n".join(_lines(shown))


def _lines(shown: Values) -> Iterator[str]:
    old, new = shown["versions"]
    yield f"{old['scenario']} · {old['file']} → {new['scenario']} · {new['file']}"
    files = [one["file_hash"][:SHORT] for one in (old, new)]
    yield f"Numbers {_pair(old['hash'], new['hash'])}   file {_pair(*files)}"
    nothing = "Only comments, order or layout changed." if old["file_hash"] != new["file_hash"] else "Nothing changed."
    yield from list(_told(shown)) or ["", nothing]
    yield ""
    yield f"{'Verdict':<44} {_pair(old['grade'].capitalize(), new['grade'].capitalize())}"
    for kpi in shown["kpis"].values():
        values = [kpi[when] for when in ("before", "after")]
        yield f"{kpi['title']:<44} {_pair(*('—' if one['value'] is None else kpi_value(one) for one in values))}"


def _told(shown: Values) -> Iterator[str]:
    for section in ("settings", "members", "assumptions", "words", "correlations", "comments"):
        if shown[section]:
            yield ""
            yield section.capitalize()
        for one in shown[section]:
            yield from _of_member(one) if section == "members" else _of_change(one)


def _of_change(one: Values) -> Iterator[str]:
    """Yield a change: in one line where one field changed, else one line a field below its name."""
    unit = f", {one['unit']}" if one.get("unit") not in (None, "", "1", "share") else ""
    name = " · ".join(filter(None, (one["name"], _owner(one)))) + unit
    fields = {field: _quoted(texts, field) for field, texts in one["fields"].items()}
    if list(fields) in (["value"], ["comment"]):
        yield f"  {name or 'Scenario'}: {next(iter(fields.values()))}"
        return
    yield f"  {name}"
    for field, text in fields.items():
        yield f"    {field.replace('_', ' ')}: {text}"


def _owner(one: Values) -> str:
    kind = one["kind"].replace("_", " ").capitalize()
    return " · ".join(filter(None, (one["member"],) if one["name"] else (kind, one["member"])))


def _of_member(one: Values) -> Iterator[str]:
    """Yield a member with a sign: + added, - removed, ~ renamed; one that came or went with what it states."""
    sign = {"added": "+", "removed": "-", "renamed": "~"}[one["change"]]
    name = f"{one['kind'].replace('_', ' ').capitalize()} · {one['member']}"
    yield f"  {sign} {name}" + (f": {one['before']} → {one['after']}" if one["change"] == "renamed" else "")
    if one["stated"]:
        yield f"      {_cut(', '.join(f'{name} {text}' for name, text in one['stated'].items()))}"


def _quoted(texts: Values, field: str) -> str:
    """Return a text before and after; words are quoted, numbers are not, and a missing one is a dash."""
    plain = field in ("value", "unit", "evidence")
    return " → ".join(_cut(text if plain else f'"{text}"') if text else "—" for text in texts.values())


def _pair(before: str, after: str) -> str:
    return f"{before} (unchanged)" if before == after else f"{before} → {after}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
