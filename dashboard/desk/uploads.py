"""Opening what a reader sends: a scenario, its records, or both in a bundle or another zip file."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dashboard.desk.desk import SHIPPED, Desk
from dashboard.desk.files import new_folder, own_folder
from dashboard.desk.permission import may_write
from profiling.errors import Phrase
from simulator.errors import BreakevenError, PlanError, Problem, ScenarioError
from simulator.output.bundle import archive
from simulator.output.bundle.crate import MANIFEST, SCENARIO
from simulator.output.bundle.verifying import check_hashes
from simulator.scenario.records.attach import keep_record
from simulator.scenario.records.measured import MEASUREMENTS

Sent = tuple[str, bytes]

SCENARIOS = (".yaml", ".yml")


@dataclass(frozen=True)
class Arrived:
    """What was sent: the scenario's file, "" if none was; the number of records; whether a bundle vouches for both."""

    scenario: str
    records: int
    is_bundle: bool


def opened(desk: Desk, sent: Sequence[Sent]) -> Arrived:
    """Keep the records among the files and open the scenario; raises BreakevenError, which names the file as sent."""
    files, is_bundle = list[Sent](), False
    for name, content in sent:
        if _kind(name) == ".zip":
            members = archive.unpacked(content, name, archive.LOOSE)
            is_bundle |= MANIFEST in members
            files += _unzipped(name, members)
        else:
            files.append((name, content))
    records = [file for file in files if _kind(file[0]) == ".json"]
    scenarios = [file for file in files if _kind(file[0]) in SCENARIOS]
    if may_write():
        # Shipped records come first, so that a scenario finds them and no upload replaces them.
        for record in SHIPPED.glob(f"{MEASUREMENTS}/*.json"):
            keep_record(record, own_folder())
        for name, content in records:
            _keep(name, content)
    elif unknown := [name for name, content in records if not _ships(name, content)]:
        raise PlanError(
            "this server is read-only and keeps no records", "open it on a server of your own", where=unknown[0]
        )
    for name, content in scenarios:
        _open(desk, name, content)
    return Arrived(scenarios[-1][0] if scenarios else "", len(records), is_bundle)


def _ships(name: str, content: bytes) -> bool:
    """Return whether a record is one that ships, which a scenario finds on every server."""
    named = {path.name: path for path in SHIPPED.glob(f"{MEASUREMENTS}/*.json")}
    path = named.get(PurePosixPath(name).name)
    return path is not None and path.read_bytes() == content


def _kind(name: str) -> str:
    """Return the end of a file's name in small letters, since some systems write it in capitals."""
    return PurePosixPath(name).suffix.lower()


def _keep(name: str, content: bytes) -> None:
    """Keep a record; raises PlanError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.json"
        path.write_bytes(content)
        try:
            keep_record(path, own_folder())
        except BreakevenError as error:
            raise PlanError(error.what, error.todo, where=error.where.replace(str(path), name) or name) from None


def _open(desk: Desk, name: str, content: bytes) -> None:
    """Open a scenario; raises BreakevenError."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ScenarioError(Problem(name, 0, "this is not a text file", "choose a scenario in YAML")) from None
    desk.open(PurePosixPath(name).name, text, new_folder())


def _unzipped(name: str, members: Mapping[str, bytes]) -> list[Sent]:
    """Return the scenario and the records in a bundle, or in a zip file of nothing else; raises PlanError.

    A bundle of which a file was changed is refused; `verify` in the terminal also computes its numbers again.
    """
    if MANIFEST in members:
        check_hashes(members, name)
    else:
        _check(name, members)
    wanted = [member for member in members if _is_scenario(member) or _is_record(member)]
    return [(_named(name, member), members[member]) for member in wanted]


def _named(name: str, member: str) -> str:
    """Return a member's name; the scenario of every bundle has the same, so it gets that of the bundle."""
    return f"{PurePosixPath(name).stem}{PurePosixPath(SCENARIO).suffix}" if member == SCENARIO else member


def _check(name: str, members: Collection[str]) -> None:
    """Raise PlanError unless a zip file holds one scenario and, besides, records."""
    others = [member for member in members if not (_is_scenario(member) or _is_record(member))]
    todo = "choose a file that was made by Download to share"
    if others:
        what = Phrase("holds {file!r}, which is neither a scenario nor a measurement", file=others[0])
        raise PlanError(what, todo, where=name)
    if sum(map(_is_scenario, members)) != 1:
        raise PlanError("does not hold exactly one scenario", todo, where=name)


def _is_scenario(member: str) -> bool:
    return "/" not in member and _kind(member) in SCENARIOS


def _is_record(member: str) -> bool:
    """Return whether a member is a record; an archive has only one folder, that of the records."""
    return "/" in member and _kind(member) == ".json"
