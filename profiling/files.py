"""Files written atomically, so that neither a reader nor a crash leaves half of one, and files read that are files.

Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

# What a new file may be used for; the system's mask takes away what the user's files do not have.
NEW_FILE = 0o666
# A year of four digits, in any time zone; some file systems keep times of a later one.
LATEST_SECONDS = datetime(9998, 1, 1, tzinfo=UTC).timestamp()


def open_regular(path: Path) -> BinaryIO:
    """Open a file to read its bytes; raise OSError for a pipe, a device or a folder, which could block or never end."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is a folder, a device or a pipe", str(path))
    return os.fdopen(handle, "rb")


def is_file(path: Path) -> bool:
    """Return whether a regular file is there; False where the system does not let this user look."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_there(path: Path) -> bool:
    """Return whether something has this name; False where the system does not let this user look."""
    try:
        return path.exists()
    except OSError:
        return False


def within(folder: Path, pattern: str) -> list[Path]:
    """Return the paths below a folder that match; none where the system does not let this user look."""
    try:
        return list(folder.glob(pattern))
    except OSError:
        return []


def holds(path: Path, text: str) -> bool:
    """Return whether a regular file holds this text, whatever its line breaks are; raise OSError for anything else."""
    content = text.encode()
    with open_regular(path) as file:
        return file.read(2 * len(content) + 1).replace(b"\r\n", b"\n") == content


def moment_of(seconds: float) -> datetime:
    """Return the time of a file as a date; a wrong clock, or a program, may have set it to what no date can say."""
    return datetime.fromtimestamp(min(max(seconds, 0.0), LATEST_SECONDS), UTC)


def write_atomic(
    path: Path, content: str | bytes, durable: bool = True, ready: Callable[[], None] = lambda: None
) -> None:
    """Write text (as UTF-8) or bytes to `path` whole or not at all.

    After an OSError, such as a full disk, the old file is unchanged. A symbolic link stays, and the file that it names
    is written. A file keeps its owner and mode; one that its user may not write is refused. A device or a pipe is
    written to and never replaced. With `durable=False` the write does not wait for the disk, and may be lost in a
    power cut. `ready` is called before the new file takes the place of the old one, and may raise to keep that.
    """
    path = Path(os.path.realpath(path))
    written = content.encode() if isinstance(content, str) else content
    old = path.stat() if path.exists() else None
    if old is not None and not stat.S_ISREG(old.st_mode):
        path.write_bytes(written)
        return
    if old is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    temporary = path.with_name(f".{secrets.token_hex(8)}")  # beside it, whose own name may be as long as names can be
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, NEW_FILE)
        with os.fdopen(handle, "wb") as file:
            file.write(written)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        if old is not None:
            _keep(temporary, old)
        ready()
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _keep(path: Path, old: os.stat_result) -> None:
    """Give a file the mode of the one that it replaces, and the owner where the system lets this user."""
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(path, old.st_uid, old.st_gid)
    path.chmod(stat.S_IMODE(old.st_mode))
