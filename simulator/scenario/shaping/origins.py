"""Where a value comes from: its source, date, kind of evidence and note, changed without the value."""

from __future__ import annotations

from typing import Any

from simulator.scenario.scenario import Scenario


def with_origin(  # noqa: PLR0917
    scenario: Scenario, path: str, source: str = "", as_of: str = "", evidence: str = "", note: str = ""
) -> Scenario:
    """Return the scenario with another origin of an assumption; its value, its spread and its unit stay.

    An empty field is left out; without `evidence`, a source makes the value published. Raises ScenarioError where the
    origin does not carry the evidence, or PlanError for the path.
    """
    held = scenario.assumptions[scenario.find_path(path)]
    given = {"source": source, "as_of": as_of, "evidence": "" if held.measured else evidence, "note": note}
    literal: dict[str, Any] = {"value": held.literal}
    if held.unit != "1":
        literal["unit"] = held.unit
    origin = {name: " ".join(text.split()) for name, text in given.items() if text.strip()}
    return scenario.with_value(held.path, literal | origin)
