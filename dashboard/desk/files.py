"""Files on disk: saving a scenario with its records, bundling both, and moving them to another folder."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dashboard.desk.desk import SHIPPED, Desk
from dashboard.desk.permission import may_write
from profiling.errors import RecordError
from profiling.places import home
from profiling.results.record import load as load_record
from simulator.errors import PlanError, ScenarioError
from simulator.scenario.attach import keep_record, records_of
from simulator.scenario.document import text_of
from simulator.scenario.measured import MEASUREMENTS
from simulator.scenario.scenario import Scenario

LARGEST_UPLOAD_MEGABYTES = 1
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,60}")


def taken(desk: Desk, name: str) -> bool:
    """Return whether the user has another scenario of this name than the open one in its saved state."""
    path = own_folder() / f"{name}.yaml"
    if not SAFE_NAME.fullmatch(name) or not path.exists():
        return False
    try:
        return path != desk.path or text_of(path) != desk.draft.opened.text
    except ScenarioError:
        return True  # a file that cannot be read is another one


def _renamed(literal: Any, names: Mapping[str, str]) -> Any:
    """Return the literal of one assumption with its records under other names."""
    if not isinstance(literal, Mapping):
        return literal
    return {key: names[part] if key == "measured" else _renamed(part, names) for key, part in literal.items()}


def carried(scenario: Scenario, folder: Path) -> Scenario:
    """Return the scenario in another folder, with its records copied there under their ids; raises BreakevenError."""
    names = {name: _copied(scenario.folder / name, folder) for name in records_of(scenario)}
    there = replace(scenario, folder=folder)
    for path, one in scenario.assumptions.items():
        literal = _renamed(one.literal, names)
        if literal != one.literal:
            origin = {"source": one.source, "as_of": one.as_of, "note": one.note}
            there = there.with_value(path, {"value": literal, **{key: text for key, text in origin.items() if text}})
    return there


def _copied(record: Path, folder: Path) -> str:
    """Copy a record into another folder and return its path relative to that folder; raises PlanError."""
    keep_record(record, folder)
    try:
        return f"{MEASUREMENTS}/{load_record(record).id}.json"
    except RecordError as error:
        raise PlanError(str(error)) from None


def bundled(scenario: Scenario, stem: str) -> bytes:
    """Return a scenario and its records as a zip file; raises BreakevenError."""
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        folder = Path(name)
        carried(scenario, folder).save(folder / f"{stem}.yaml")
        for path in sorted(folder.rglob("*.*")):
            bundle.write(path, path.relative_to(folder))
    return content.getvalue()


def keep(scenario: Scenario, name: str) -> Path:
    """Save a scenario and its records in the user's own folder; raises BreakevenError."""
    if not may_write():
        raise PlanError("this server is read-only", "download the scenario instead")
    folder = own_folder()
    path = folder / f"{name}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlanError(
            f"the folder cannot be created ({error.strerror})", "download the scenario instead", where=str(folder)
        ) from None
    carried(scenario, folder).save(path)
    return path


def own_folder() -> Path:
    """Return the folder of the user's own scenarios."""
    return home() / "scenarios"


def own_files() -> list[Path]:
    """Return the user's own scenarios; none on a read-only server, where visitors would see those of its operator."""
    return sorted(filter(Path.is_file, own_folder().glob("*.yaml"))) if may_write() else []


def new_folder() -> Path:
    """Return the folder whose measurements a new scenario may refer to; on a read-only server only shipped ones."""
    return own_folder() if may_write() else SHIPPED
