"""Zip files from strangers: refused in a sentence, and never more in memory than their bounds."""

import io
import stat
import struct
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bundles import small_bundle, small_zip
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import PlanError
from simulator.output.bundle import archive, verifying

MOMENT = datetime(2027, 1, 1, tzinfo=UTC)
PLAIN = {"README.txt": b"read me", "measurements/run.json": b"{}"}


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip file of any members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # of names that come twice
        for name, part in members:
            made.writestr(name, part)
    return content.getvalue()


def with_mode(name: str, mode: int) -> zipfile.ZipInfo:
    """Return an entry of a kind of file."""
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, mode << 16
    return entry


def refusal(content: bytes) -> str:
    """Return why a zip file is refused."""
    with pytest.raises(PlanError) as error:
        archive.unpacked(content, "odd.zip")
    assert str(error.value).startswith("odd.zip: ")
    return str(error.value)


def test_what_was_packed_is_unpacked():
    """To the same bytes each time, in the order of the names."""
    content = archive.packed(PLAIN, MOMENT)
    assert archive.unpacked(content, "plain.zip") == PLAIN
    assert archive.packed(dict(reversed(PLAIN.items())), MOMENT) == content
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert [entry.date_time for entry in made.infolist()] == [(2027, 1, 1, 0, 0, 0)] * 2
        assert [entry.external_attr >> 16 for entry in made.infolist()] == [stat.S_IFREG | 0o644] * 2


def test_a_folder_that_was_packed_again_has_the_same_members():
    """Safari unpacks what it downloads, and Finder packs the folder, with files of its own."""
    entries = [("shared 2/", b""), ("shared 2/measurements/", b""), ("__MACOSX/shared 2/._README.txt", b"x" * 99)]
    files = [(f"shared 2/{name}", part) for name, part in PLAIN.items()]
    assert archive.unpacked(zipped(*entries, ("shared 2/.DS_Store", b"x"), *files), "shared 2.zip") == PLAIN


@pytest.mark.parametrize(
    "names",
    [("a/x.json", "b/x.json"), ("../x.json", "../y.json"), ("a/b/x.json", "a/b/y.json"), ("a/x.json", "a/sub/")],
)
def test_only_one_folder_may_stand_around_all_members(names: tuple[str, str]):
    """Whatever leads elsewhere, or deeper, is refused."""
    assert "is not a name that a bundle has" in refusal(zipped(*((name, b"x") for name in names)))


# Above the folder, absolute, deeper, or one that systems read in different ways.
ODD_NAMES = (
    *("../plan.yaml", "/etc/passwd", "measurements/../../x.json", "measurements/a/b.json", "C:\\x", "a\\b", ".."),
    *("a..b", "名.yaml", "x\ny", "other/x.json", "~/x", "sub/", " ", "x" * 200),
)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_outside_of_its_folder_is_refused(name: str):
    """Nothing with such a name is ever written to disk."""
    assert "is not a name that a bundle has" in refusal(zipped((name, b"x")))


def test_a_name_that_is_cut_off_at_a_zero_is_refused():
    """The directory says more than a reader would see."""
    content = zipped(("README.txt", b"x")).replace(b"README.txt", b"READ\0E.txt")
    assert "is not a name that a bundle has" in refusal(content)


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFCHR | 0o600, stat.S_IFIFO | 0o600, stat.S_IFDIR])
def test_a_link_or_a_device_is_refused(mode: int):
    """A link would lead out of the folder that it is unpacked to."""
    assert "is a link or a device" in refusal(zipped((with_mode("README.txt", mode), b"/etc/passwd")))


@pytest.mark.parametrize("other", ["README.txt", "readme.TXT"])
def test_a_name_that_comes_twice_is_refused(other: str):
    """Two programs would read two different files."""
    assert "twice" in refusal(zipped(("README.txt", b"one"), (other, b"two")))


def test_many_members_are_refused_before_they_are_listed():
    """A directory of a hundred thousand entries would take more memory than the file."""
    many = zipped(*((f"{place}.json", b"") for place in range(archive.MOST_MEMBERS + 1)))
    assert f"more than {archive.MOST_MEMBERS} files" in refusal(many)


def test_a_bomb_is_refused_by_the_size_that_it_claims(monkeypatch: pytest.MonkeyPatch):
    """A thousandth of it is enough to say so."""
    monkeypatch.setattr(archive, "LARGEST_UNPACKED_BYTES", 1_000)
    assert "unfolds to more than" in refusal(zipped(("README.txt", b"0" * 1_001)))


def test_a_bomb_that_lies_about_its_size_is_cut_off():
    """Fifty megabytes that claim ten bytes are not unpacked."""
    content = bytearray(zipped(("README.txt", b"0" * 50_000_000)))
    entry = content.index(b"PK\x01\x02")
    struct.pack_into("<L", content, entry + 24, 10)
    tracemalloc.start()
    assert "damaged" in refusal(bytes(content))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_members_that_overlap_are_refused():
    """The bombs with the highest ratio let many entries point at the same data."""
    content = bytearray(zipped(("README.txt", b"0" * 100), ("cards.json", b"1" * 100)))
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 1)
    struct.pack_into("<L", content, second + 42, 0)
    assert "overlap" in refusal(bytes(content))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_refused(method: int):
    """Its memory has other bounds."""
    assert "packed in another way" in refusal(zipped(("README.txt", b"x"), method=method))


def test_an_encrypted_member_is_refused():
    """There is no password to ask for."""
    content = bytearray(zipped(("README.txt", b"x")))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "is encrypted" in refusal(bytes(content))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a zip file"),
        (b"title: Small", "not a zip file"),
        (b"PK\x03\x04 nonsense", "not a zip file"),
        (zipped(("README.txt", b"x")) + b"#!/bin/sh", "something was added"),
        (zipped(("README.txt", b"x"))[:-30], "something was added"),
        (b"PK" + zipped(("README.txt", b"x")), "something was added"),
    ],
    ids=["empty", "a scenario", "nonsense", "longer", "shorter", "before"],
)
def test_what_is_no_zip_file_or_holds_more_is_refused(content: bytes, says: str):
    """A file that is two kinds at once is neither."""
    assert says in refusal(content)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Neither is a folder."""
    monkeypatch.setattr(archive, "LARGEST_BYTES", 100)
    path = tmp_path / "large.zip"
    path.write_bytes(b"PK" * 1_000)
    content = archive.content_of(path)
    assert len(content) == 101
    assert "has more than 100 bytes" in refusal(content)
    with pytest.raises(PlanError, match="cannot be read"):
        archive.content_of(tmp_path)


@given(st.data())
@settings(max_examples=400)
def test_any_altered_byte_is_caught_or_changes_nothing(data: st.DataObject):
    """Wherever it lies: in a file, in its packing, in the directory. Ten thousand of them in a soak."""
    members, content = small_bundle().members, bytearray(small_zip())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        found = archive.unpacked(bytes(content), "altered.zip")
    except PlanError:
        return
    hashes, _ = verifying.hashes_of(found)
    assert found == members or hashes.status == "differs"


@given(st.binary(max_size=300), st.integers(0, 3_000), st.integers(0, 300))
@settings(max_examples=60)
def test_any_mangled_file_is_answered(extra: bytes, place: int, length: int):
    """With its members, or with a sentence."""
    content = archive.packed(PLAIN, MOMENT)
    try:
        archive.unpacked(content[:place] + extra + content[place + length :], "odd.zip")
    except PlanError:
        return
