"""Scenarios side by side, as plain values and as a table for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from simulator.answers.comparing.differences import differences, lone_members
from simulator.answers.messages import counted
from simulator.answers.projection import Projection
from simulator.output.chance.paired import paired_json, paired_lines
from simulator.output.moving.causes import causes_lines
from simulator.output.plain import kpis_json
from simulator.output.tables import kpi_value

NAME, COLUMN = 44, 26
# A number as a file has it, and no range, schedule or percentage.
NUMBER = re.compile(r"-?\d+(\.\d+)?")
Values = Mapping[str, Any]
KPI = ("title", "value", "standard_error", "unit", "why")


def compared_json(
    projections: Sequence[Projection], files: Sequence[str], causes: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Return verdict and KPIs of each projection, what differs, and `causes` of the differences, as a command has them.

    What differs are assumptions, members that some of the scenarios lack, and outcomes over the same trials.
    """
    scenarios = [one.scenario for one in projections]
    return {
        "scenarios": [
            {
                "scenario": one.scenario.title,
                "file": file,
                "overlays": list(one.scenario.overlays),
                "hash": one.scenario.hash,
                "file_hash": one.scenario.file_hash,
                "currency": one.currency,
                "grade": one.verdict.grade,
                "kpis": {name: {key: kpi[key] for key in KPI} for name, kpi in kpis_json(one).items()},
            }
            for one, file in zip(projections, files, strict=True)
        ],
        "assumptions": [
            {name: getattr(one, name) for name in ("name", "kind", "member", "unit")} | {"values": list(one.values)}
            for one in differences(scenarios)
        ],
        "members": [
            {"kind": one.kind, "member": one.member, "present": list(one.present)} for one in lone_members(scenarios)
        ],
        "causes": list(causes),
        "differences": [paired_json(projections, place) for place in range(1, len(projections))],
    }


def compared_table(shown: Values) -> str:
    """Return the comparison with one column a scenario."""
    return "\n".join(_lines(shown))


def _lines(shown: Values) -> Iterator[str]:
    scenarios = shown["scenarios"]
    yield _row("", [" + ".join((one["scenario"], *one["overlays"])) for one in scenarios])
    yield _row("File", [one["file"] for one in scenarios])
    yield _row("Verdict", [one["grade"].capitalize() for one in scenarios])
    for name, kpi in scenarios[0]["kpis"].items():
        values = [one["kpis"][name] for one in scenarios]
        yield _row(kpi["title"], ["—" if one["value"] is None else kpi_value(one) for one in values])
    yield from paired_lines(shown["differences"])
    yield from causes_lines(shown["causes"])
    yield ""
    yield "Assumptions that differ" if shown["assumptions"] else "No assumption differs."
    for one in shown["assumptions"]:
        owner = f" · {one['member']}" if one["member"] else ""
        yield _row(f"{one['name']}{owner}", [_figure(value, one["unit"]) for value in one["values"]])
    if shown["members"]:
        yield ""
        yield "Members that only some have"
    for one in shown["members"]:
        kind = one["kind"].replace("_", " ").capitalize()
        yield _row(f"{kind} · {one['member']}", ["yes" if there else "—" for there in one["present"]])


def _figure(text: str, unit: str) -> str:
    """Return a value as in a file, a plain number with its thousands apart, and the unit behind it."""
    if not text:
        return "—"
    if unit in {"", "1", "share"} or text.endswith(unit):
        return text
    return f"{float(text):,.12g} {counted(float(text), unit)}" if NUMBER.fullmatch(text) else f"{text} {unit}"


def _row(name: str, cells: Sequence[str]) -> str:
    """Return the name and one column a scenario; what is too long for its column goes on in the next line."""
    widths = (NAME, *([COLUMN] * len(cells)))
    wrapped = [textwrap.wrap(text, width - 1) for text, width in zip((name, *cells), widths, strict=True)]
    lines = zip_longest(*wrapped, fillvalue="")
    return "\n".join(
        " ".join(f"{part:<{width}}" for part, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
