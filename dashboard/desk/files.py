"""Files on disk: saving a scenario with its records, bundling both, and moving them to another folder."""

from __future__ import annotations

import re
from pathlib import Path

from dashboard.desk import versions
from dashboard.desk.cached import TURN, judged, most_of
from dashboard.desk.desk import SHIPPED, Desk
from dashboard.desk.permission import may_write
from profiling.errors import Phrase
from profiling.files import is_file, is_there, moment_of, within
from profiling.places import home
from simulator.errors import PlanError, ScenarioError
from simulator.output.bundle.contents import bundle_of
from simulator.output.live.page import page
from simulator.scenario.document import edited, text_of
from simulator.scenario.overlays import shipped
from simulator.scenario.reading import parse
from simulator.scenario.records.carrying import carried
from simulator.scenario.scenario import Scenario

LARGEST_UPLOAD_MEGABYTES = 1
# The largest bundle of a scenario that ships has 3 MB. The server's own limit is as large.
LARGEST_BUNDLE_MEGABYTES = 12
# Letters of any script: 60 of them fit into a file's name of 255 bytes.
SAFE_NAME = re.compile(r"[^\W_][\w -]{0,59}")


def taken(desk: Desk, name: str) -> bool:
    """Return whether the user has another scenario of this name than the open one in its saved state."""
    path = own_folder() / f"{name}.yaml"
    if not SAFE_NAME.fullmatch(name) or not is_there(path):
        return False
    try:
        return path != desk.path or text_of(path) != desk.draft.opened.text
    except ScenarioError:
        return True  # a file that cannot be read is another one


def bundled(scenario: Scenario) -> bytes:
    """Return the bundle of a scenario; raises BreakevenError."""
    with TURN:
        return bundle_of(scenario).zipped()


def live(scenario: Scenario) -> str:
    """Return the live file of a scenario; raises BreakevenError."""
    return page(judged(scenario, most_of(scenario), 0), shipped())


def named(desk: Desk, name: str) -> Scenario:
    """Return the open scenario as it is saved under a name; an example becomes a company of that name.

    A title that the reader gave it stays.
    """
    scenario = desk.scenario
    if desk.path.parent != SHIPPED or name == desk.path.stem or scenario.title != desk.original.title:
        return scenario
    text = edited(scenario.to_yaml(), scenario.file, {("title",): name})
    return parse(text, folder=scenario.folder, file=scenario.file)


def keep(scenario: Scenario, name: str, version: str = "") -> Path:
    """Save a scenario and its records in the user's own folder, as a version of that name; raises BreakevenError.

    What the file said before is a version, too, even if somebody wrote it in an editor.
    """
    if not may_write():
        raise PlanError("this server is read-only", "download the scenario instead")
    folder = own_folder()
    path = folder / f"{name}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlanError(
            Phrase("the folder cannot be created ({reason})", reason=error.strerror),
            "download the scenario instead",
            where=str(folder),
        ) from None
    before = (text_of(path), moment_of(path.stat().st_mtime)) if is_there(path) else None
    saved = carried(scenario, folder)
    saved.save(path)
    if before is not None:
        versions.kept(name, before[0], now=before[1])
    versions.kept(name, saved.to_yaml(), version)
    return path


def own_stem(desk: Desk) -> str:
    """Return the name under which the open scenario is the user's own; empty for an example or an unusual name."""
    stem = desk.path.stem
    return stem if desk.path.parent == own_folder() and SAFE_NAME.fullmatch(stem) else ""


def own_folder() -> Path:
    """Return the folder of the user's own scenarios."""
    return home() / "scenarios"


def own_files() -> list[Path]:
    """Return the user's own scenarios; none on a read-only server, where visitors would see those of its operator."""
    return sorted(filter(is_file, within(own_folder(), "*.yaml"))) if may_write() else []


def new_folder() -> Path:
    """Return the folder whose measurements a new scenario may refer to; on a read-only server only shipped ones."""
    return own_folder() if may_write() else SHIPPED
