"""Opening what a reader sends: a scenario, its records, or both in the zip file that the product makes to share."""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from dashboard.desk.desk import SHIPPED, Desk
from dashboard.desk.files import new_folder, own_folder
from dashboard.desk.permission import may_write
from profiling.results.record import LARGEST_RECORD_BYTES
from simulator.errors import BreakevenError, PlanError, Problem, ScenarioError
from simulator.scenario.attach import keep_record
from simulator.scenario.document import LARGEST_BYTES
from simulator.scenario.measured import MEASUREMENTS

Sent = tuple[str, bytes]

# A scenario refers to few records; the shipped ones refer to two at most.
MOST_IN_ZIP = 50
# A zip of a megabyte may unfold to a thousand.
MOST_UNPACKED_BYTES = LARGEST_BYTES + LARGEST_RECORD_BYTES
SCENARIOS = (".yaml", ".yml")


def opened(desk: Desk, sent: Sequence[Sent]) -> None:
    """Keep the records among the files and open the scenario; raises BreakevenError, which names the file as sent."""
    files = [part for file in sent for part in (unzipped(*file) if _kind(file[0]) == ".zip" else [file])]
    records = [file for file in files if _kind(file[0]) == ".json"]
    if records and not may_write():
        raise PlanError("this server is read-only and keeps no records", "open the scenario alone", where=records[0][0])
    if may_write():
        # Shipped records come first, so that a scenario finds them and no upload replaces them.
        for record in SHIPPED.glob(f"{MEASUREMENTS}/*.json"):
            keep_record(record, own_folder())
    for name, content in records:
        _keep(name, content)
    for name, content in files:
        if _kind(name) != ".json":
            _open(desk, name, content)


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
            what, where = error.what.replace(f"{path}: ", ""), error.where.replace(str(path), name)
            raise PlanError(what, error.todo, where=where or name) from None


def _open(desk: Desk, name: str, content: bytes) -> None:
    """Open a scenario; raises BreakevenError."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ScenarioError(Problem(name, 0, "this is not a text file", "choose a scenario in YAML")) from None
    desk.open(PurePosixPath(name).name, text, new_folder())


def unzipped(name: str, content: bytes) -> list[Sent]:
    """Return the scenario and the records in a zip file; raises PlanError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            entries = [entry for entry in bundle.infolist() if not entry.is_dir()]
            _check(name, entries)
            return [(entry.filename, _content(name, bundle, entry)) for entry in entries]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError):
        # RuntimeError: a password is needed; NotImplementedError: an unusual compression.
        raise PlanError(
            "this zip file cannot be read", "choose one that was made by Download to share", where=name
        ) from None


def _check(name: str, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Raise PlanError unless a zip file holds one scenario and, besides, records, and unfolds to a bounded size."""
    others = [entry.filename for entry in entries if not (_is_scenario(entry) or _is_record(entry))]
    todo = "choose a file that was made by Download to share"
    if others:
        raise PlanError(f"holds {others[0][:80]!r}, which is neither a scenario nor a measurement", todo, where=name)
    if sum(map(_is_scenario, entries)) != 1:
        raise PlanError("does not hold exactly one scenario", todo, where=name)
    if len(entries) > MOST_IN_ZIP or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise PlanError(
            f"holds more than {MOST_IN_ZIP} files or {MOST_UNPACKED_BYTES:,} bytes", "share less of it", where=name
        )


def _is_scenario(entry: zipfile.ZipInfo) -> bool:
    return "/" not in entry.filename and _kind(entry.filename) in SCENARIOS


def _is_record(entry: zipfile.ZipInfo) -> bool:
    """Return whether an entry is a file in the folder of records, and in none below or above it."""
    folder, _, file = entry.filename.partition("/")
    return folder == MEASUREMENTS and "/" not in file and _kind(file) == ".json"


def _content(name: str, bundle: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the content of an entry, which may not be larger than the zip file says; raises PlanError."""
    with bundle.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise PlanError("this zip file is damaged", "download it again", where=name)
    return content
