"""The scenarios that can stand beside the open one: as last saved, own files, drafts of this browser, and examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import streamlit as st

from dashboard.desk.cached import opened
from dashboard.desk.desk import SHIPPED, Desk, shipped_files
from dashboard.desk.drafts import packed, unpacked
from dashboard.desk.examples import title_in
from dashboard.desk.files import own_files, own_stem
from dashboard.desk.versions import versions
from dashboard.parts.words import Words
from simulator.errors import PlanError
from simulator.scenario.document import text_of
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

# Of a scenario that is saved often, the list would be longer than anybody reads.
MOST_VERSIONS = 20


@dataclass(frozen=True)
class Candidate:
    """A scenario to choose, with its name in the list; `read` raises BreakevenError where it cannot be read."""

    name: str
    read: Callable[[], Scenario]


def comparable(desk: Desk, say: Words) -> dict[str, Candidate]:
    """Return the scenarios to compare with, by a key that stays the same; the open file is only there as saved."""
    found: dict[str, Candidate] = {}
    if desk.draft.is_changed:
        found["saved"] = Candidate(say("As last saved"), lambda: desk.original)
    for path in [*own_files(), *shipped_files()]:
        if path != desk.path:
            found[str(path)] = Candidate(listed(path, say), partial(_read, path))
    return found | dict(_versions(desk, say)) | dict(_drafts(desk, say))


def listed(path: Path, say: Words) -> str:
    """Return how lists call a scenario: an example by its title, the reader's own by the name of its file."""
    if path.parent == SHIPPED:
        return say("{name} (example)", name=title_in(path))
    return say("{name} (mine)", name=path.stem.replace("-", " ").capitalize())


def _read(path: Path) -> Scenario:
    """Return the scenario in a file, which may change on disk; a shipped one is read once."""
    if path.parent == SHIPPED:
        return opened(str(path))
    return _parsed(text_of(path), str(path.parent), path.name, packed({}))


@st.cache_resource(max_entries=32, show_spinner=False)
def _parsed(text: str, folder: str, file: str, edits: str) -> Scenario:
    return parse(text, folder=Path(folder), file=file).with_values(unpacked(edits))


def _versions(desk: Desk, say: Words) -> Iterator[tuple[str, Candidate]]:
    """Yield the newest versions of the open scenario."""
    folder, file = str(desk.path.parent), desk.path.name
    for one in islice(versions(own_stem(desk)), MOST_VERSIONS):
        when = say.moment(one.saved.astimezone())
        name = (
            say("Version {name}, {when}", name=one.name, when=when) if one.name else say("Version, {when}", when=when)
        )
        yield f"version:{one.id}", Candidate(name, partial(_parsed, one.text, folder, file, packed({})))


def _drafts(desk: Desk, say: Words) -> Iterator[tuple[str, Candidate]]:
    """Yield the other drafts of this browser."""
    for one in desk.drafts():
        if one.id != desk.draft.id:
            when = say.moment(one.updated.astimezone())
            yield (
                f"draft:{one.id}",
                Candidate(say("Draft: {title}, {when}", title=one.title, when=when), partial(_draft, desk, one.id)),
            )


def _draft(desk: Desk, draft_id: str) -> Scenario:
    """Return the scenario of a draft after its last step."""
    draft = desk.shelf.load(draft_id)
    if draft is None:
        raise PlanError("this draft is gone or damaged", "choose another one")
    return _parsed(draft.now.text, str(draft.now.folder), draft.file, packed(draft.now.edits))
