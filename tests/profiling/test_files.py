"""Files are written whole, keep their mode and their links, and are read only where they are files."""

import os
import stat
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from profiling.files import holds, moment_of, open_regular, write_atomic

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize("wanted", [0o600, 0o644, 0o664])
def test_a_file_keeps_its_mode(tmp_path: Path, wanted: int) -> None:
    """Whoever could read a file can read it afterwards, and nobody else."""
    path = tmp_path / "plan.yaml"
    path.write_text("old")
    path.chmod(wanted)
    write_atomic(path, "new")
    assert (path.read_text(), mode(path)) == ("new", wanted)


def test_a_new_file_has_the_mode_that_the_user_chose_for_new_files(tmp_path: Path) -> None:
    """Others may read it where they may read what an editor writes."""
    earlier = os.umask(0o027)
    try:
        write_atomic(tmp_path / "new.yaml", "")
    finally:
        os.umask(earlier)
    assert mode(tmp_path / "new.yaml") == 0o640


def test_a_link_stays_and_its_file_is_written(tmp_path: Path) -> None:
    """Also through several links, and where the file is yet to come."""
    target, link, other, dangling = (tmp_path / name for name in ("plan.yaml", "link", "other", "dangling"))
    target.write_text("old")
    link.symlink_to("plan.yaml")
    other.symlink_to(link)
    dangling.symlink_to("later.yaml")
    write_atomic(other, "new")
    write_atomic(dangling, "later")
    assert other.is_symlink() and link.is_symlink() and dangling.is_symlink()  # noqa: PT018
    assert (target.read_text(), (tmp_path / "later.yaml").read_text()) == ("new", "later")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling", "later.yaml", "link", "other", "plan.yaml"]


def test_a_device_is_written_to_and_never_replaced() -> None:
    """A command may be asked to write to /dev/null."""
    write_atomic(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()


def test_only_files_are_read(tmp_path: Path) -> None:
    """A pipe would wait for its writer, and a device might never end."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match="it is a folder, a device or a pipe"):
            open_regular(path)


@pytest.mark.parametrize("seconds", [-(2.0**62), 0.0, 2.0**40, 2.0**62])
def test_a_file_has_a_date_whatever_its_time_is(seconds: float) -> None:
    """A clock that was wrong, or another program, may have set one that no calendar has, in any time zone."""
    for hours in (-14, 14):
        assert 1969 <= moment_of(seconds).astimezone(timezone(timedelta(hours=hours))).year <= 9998


def test_a_file_holds_a_text_with_either_line_break(tmp_path: Path) -> None:
    """Some systems write two characters; bytes that are no text are another content, and a folder is refused."""
    path = tmp_path / "some"
    for content in (b"a\nb\n", b"a\r\nb\r\n"):
        path.write_bytes(content)
        assert holds(path, "a\nb\n")
    for content in (b"", b"a\nb\n\n", b"\xff\xfe"):
        path.write_bytes(content)
        assert not holds(path, "a\nb\n")
    with pytest.raises(OSError, match="it is a folder"):
        holds(tmp_path, "a")


def test_a_name_may_be_as_long_as_the_system_takes(tmp_path: Path) -> None:
    """What is written first, beside the file, has a short name of its own."""
    path = tmp_path / ("n" * os.pathconf(tmp_path, "PC_NAME_MAX"))
    write_atomic(path, "new")
    assert (path.read_text(), list(tmp_path.iterdir())) == ("new", [path])
