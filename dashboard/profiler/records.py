"""Records on this computer, read once each, and searched by device, workload, kind, date and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import streamlit as st

from dashboard.desk.desk import SHIPPED
from dashboard.profiler import runs
from profiling.errors import Phrase, RecordError
from profiling.files import within
from profiling.results.record import Record, load
from simulator.scenario.records.measured import MEASUREMENTS


@dataclass(frozen=True)
class Found:
    """Records by file, newest first, and an error for each file that is not a record."""

    records: Mapping[Path, Record]
    broken: tuple[RecordError, ...]


@dataclass(frozen=True)
class Search:
    """What the reader searches for; an empty field matches every record."""

    device: str | None = None
    preset: str | None = None
    kinds: frozenset[str] = frozenset()
    since: date | None = None
    words: str = ""

    def keeps(self, record: Record) -> bool:
        """Return whether a record matches every field."""
        text = " ".join([title(record), record.id, *(case.where for case in record.cases)]).casefold()
        return (
            self.device in (None, record.label)
            and self.preset in (None, record.preset)
            and (not self.kinds or any(case.kind in self.kinds for case in record.cases))
            and (self.since is None or record.created[:10] >= self.since.isoformat())
            and all(word in text for word in self.words.casefold().split())
        )


def found(folder: Path) -> Found:
    """Return the records beside the scenario in `folder`, the shipped ones and those of the user's runs, by id."""
    paths = {*within(folder, f"{MEASUREMENTS}/*.json"), *SHIPPED.glob(f"{MEASUREMENTS}/*.json"), *runs.results()}
    records: dict[str, tuple[Path, Record]] = {}
    broken = []
    for path in sorted(paths):
        read = _at(path)
        if isinstance(read, RecordError):
            broken.append(read)
        else:
            records[read.id] = (path, read)
    newest_first = sorted(records.values(), key=lambda pair: pair[1].created, reverse=True)
    return Found(dict(newest_first), tuple(broken))


def _at(path: Path) -> Record | RecordError:
    """Return the record in a file, or why it cannot be read."""
    try:
        stands = path.stat()
    except OSError as error:
        what = Phrase("cannot be read ({reason})", reason=error.strerror)
        return RecordError(what, where=str(path), todo="check the path")
    return _read((str(path), stands.st_mtime_ns, stands.st_size))


# Records are frozen, so sessions can share them; time and size reveal a file that was replaced.
@st.cache_resource(max_entries=1_000, show_spinner=False)
def _read(stand: tuple[str, int, int]) -> Record | RecordError:
    try:
        return load(Path(stand[0]))
    except RecordError as error:
        return error.with_traceback(None)


def title(record: Record) -> str:
    """Return workload, time and device, the most telling first for narrow screens; a CPU is named as one."""
    return f"{record.preset} · {record.created[:10]} {record.created[11:16]} · {record.label}"


def devices(records: Iterable[Record]) -> list[str]:
    """Return the devices of the records."""
    return sorted({record.label for record in records})


def presets(records: Iterable[Record]) -> list[str]:
    """Return the names of the measured workloads."""
    return sorted({record.preset for record in records})


def kinds(records: Iterable[Record]) -> list[str]:
    """Return the kinds of the measured cases."""
    return sorted({case.kind for record in records for case in record.cases})
