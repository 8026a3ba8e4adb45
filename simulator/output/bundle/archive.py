"""Zip files: written to the same bytes each time, and read from strangers within bounds, in memory alone.

A stranger's file may claim any size, name a member twice, let members overlap, or name one outside of its folder. Its
directory is measured before it is read, and every member before it is unpacked.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from profiling.errors import Phrase, brief
from profiling.files import open_regular
from simulator.errors import PlanError
from simulator.scenario.records.measured import MEASUREMENTS

# The largest scenario that ships, over twenty years, makes a bundle of 4 MB, which unfolds to 16 MB, and a workbook in
# it that unfolds to 37 MB.
LARGEST_BYTES = 32_000_000
LARGEST_UNPACKED_BYTES = 64_000_000
LARGEST_PARTS_BYTES = 200_000_000
# A scenario cites few records, two at most of those that ship; a workbook has a part for each sheet and chart.
MOST_MEMBERS = 200
# The entry of a member in the directory has 46 bytes, its name, and what other programs note beside it.
LARGEST_DIRECTORY_BYTES = 400 * MOST_MEMBERS
# The record at the end of a zip file: mark, disks, numbers of members, bytes and place of the directory, comment.
END = struct.Struct("<4s4H2LH")
END_MARK = b"PK\x05\x06"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# One file, or one in the folder of records.
MEMBER = re.compile(rf"(?:{MEASUREMENTS}/)?[A-Za-z0-9_-][A-Za-z0-9_.-]{{0,120}}")
# The same under any name, as earlier versions packed a scenario.
LOOSE = re.compile(rf"(?:{MEASUREMENTS}/)?[^/\\:\x00-\x1f]{{1,200}}")
FOLDER = f"{MEASUREMENTS}/"
# A folder around all members, and what macOS adds to one: whoever sends on what a browser has unpacked, packs a folder.
AROUND = re.compile(r"[^\W_][^/\\:\x00-\x1f]{0,199}/")
OF_MACOS = re.compile(r"^__MACOSX/|(?:^|/)\.DS_Store$")
# What the zip file of a workbook calls its parts.
PART = re.compile(r"[A-Za-z0-9_\[\]/. -]{1,200}")
AGAIN = "ask the sender for it again"


def packed(members: Mapping[str, bytes], moment: datetime) -> bytes:
    """Return a zip file of members by name; the same members and moment give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3  # as on Unix, wherever it is made
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, members[name])
    return content.getvalue()


def content_of(path: Path) -> bytes:
    """Return the bytes of a file, one more than `unpacked` takes at most; raise PlanError where it cannot be read."""
    try:
        with open_regular(path) as file:
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        what = Phrase("cannot be read ({reason})", reason=error.strerror)
        raise PlanError(what, "check the path", where=str(path)) from None


def unpacked(content: bytes, where: str, names: re.Pattern[str] = MEMBER) -> dict[str, bytes]:
    """Return the members of a zip file by name; raise PlanError for anything but plain files within bounds."""
    return _unpacked(content, where, names, LARGEST_UNPACKED_BYTES)


def parts(workbook: bytes, where: str) -> dict[str, bytes]:
    """Return the parts of a workbook, which is a zip file, too, by name; raise PlanError as `unpacked` does."""
    return _unpacked(workbook, where, PART, LARGEST_PARTS_BYTES)


def _unpacked(content: bytes, where: str, names: re.Pattern[str], most: int) -> dict[str, bytes]:
    if len(content) > LARGEST_BYTES:
        what = Phrase("has more than {most:,} bytes", most=LARGEST_BYTES)
        raise PlanError(what, "check that it is the right file", where=where)
    try:
        _check_directory(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = _named(archive.infolist())
            _check(entries, names, most)
            return {name: _member(archive, entry) for name, entry in entries}
    except _Refused as refused:
        raise PlanError(*refused.args, where=where) from None
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, ValueError):
        # RuntimeError: a password is needed; NotImplementedError, which is one: an unusual compression.
        raise PlanError("this zip file is damaged", AGAIN, where=where) from None


class _Refused(Exception):
    """A zip file that is not what a bundle is: what is wrong, and what to do."""


def _check_directory(content: bytes) -> None:
    """Raise _Refused unless a small directory, with nothing behind it, ends the file."""
    if len(content) < END.size or not content.startswith(b"PK"):
        raise _Refused("this is not a zip file", "choose a bundle")
    mark, disk, first, here, count, size, place, comment = END.unpack(content[-END.size :])
    if mark != END_MARK or (disk, first, comment) != (0, 0, 0) or place + size + END.size != len(content):
        raise _Refused("this zip file is damaged, or something was added to it", AGAIN)
    if here != count or count > MOST_MEMBERS or size > LARGEST_DIRECTORY_BYTES:
        raise _Refused(Phrase("holds more than {most} files", most=MOST_MEMBERS), "check that it is a bundle")


def _named(entries: Sequence[zipfile.ZipInfo]) -> list[tuple[str, zipfile.ZipInfo]]:
    """Return the members by name, without a folder around them all, what macOS adds, and folders, which are empty."""
    members = [entry for entry in entries if not OF_MACOS.search(entry.filename)]
    found = AROUND.match(members[0].filename) if len(members) > 1 else None
    around = found.group() if found and found.group() != FOLDER else ""
    if not all(entry.filename.startswith(around) for entry in members):
        around = ""
    named = [(entry.filename.removeprefix(around), entry) for entry in members]
    return [(name, entry) for name, entry in named if name not in ("", FOLDER)]


def _check(entries: Sequence[tuple[str, zipfile.ZipInfo]], names: re.Pattern[str], most: int) -> None:
    """Raise _Refused unless all members are plain files of bounded size, side by side, under names of their own."""
    for name, entry in entries:
        if fault := _fault(name, entry, names):
            raise _Refused(fault, AGAIN)
    # Some systems take two names for one that differ in capitals only.
    if twice := _twice(name.lower() for name, _ in entries):
        raise _Refused(Phrase("holds {file} twice", file=twice), AGAIN)
    if sum(entry.file_size for _, entry in entries) > most:
        what = Phrase("unfolds to more than {most:,} bytes", most=most)
        raise _Refused(what, "check that it is a bundle")
    places = sorted((entry.header_offset, entry.compress_size) for _, entry in entries)
    if any(place + size > after for (place, size), (after, _) in pairwise(places)):
        raise _Refused("its files overlap", AGAIN)


def _fault(name: str, entry: zipfile.ZipInfo, names: re.Pattern[str]) -> str:
    """Return why a member is refused; empty for a plain file."""
    file = brief(entry.filename, 120)
    if entry.orig_filename != entry.filename or not names.fullmatch(name) or ".." in name:
        return Phrase("{file!r} is not a name that a bundle has", file=file)
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        return Phrase("{file!r} is a link or a device", file=file)
    if entry.compress_type not in METHODS or entry.flag_bits & 1:
        return Phrase("{file!r} is encrypted, or packed in another way", file=file)
    return ""


def _twice(names: Iterable[str]) -> str:
    """Return the first name that comes twice; empty if none does."""
    met: set[str] = set()
    return next((name for name in names if name in met or met.add(name)), "")  # type: ignore[func-returns-value]


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the content of a member, which may not be larger than the directory says."""
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise _Refused(Phrase("{file} is not of the size that it claims", file=entry.filename), AGAIN)
    return content
