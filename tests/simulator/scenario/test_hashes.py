"""The two hashes of a scenario: of its numbers, and of its file."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.__main__ import main
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

Read = Callable[..., Scenario]


@pytest.mark.parametrize(
    "change",
    [("# checked", "# asked"), ("source: the law", "source: counsel"), ("  sorting:", "  # quick\n  sorting:")],
    ids=["comment", "source", "line"],
)
def test_words_change_the_file_and_no_number(read: Read, change: tuple[str, str]):
    """A comment, a source or a further line is a byte, and no figure depends on it."""
    before, after = read(), read(change)
    assert after.hash == before.hash
    assert after.file_hash != before.file_hash


@pytest.mark.parametrize("change", [("title: Small", "title: Other"), ("seed: 3", "seed: 8")], ids=["title", "seed"])
def test_a_setting_changes_both(read: Read, change: tuple[str, str]):
    """What a scenario says at its head counts as its numbers do."""
    before, after = read(), read(change)
    assert after.hash != before.hash
    assert after.file_hash != before.file_hash


def test_a_number_changes_both(read: Read):
    """Whether it was written in the file or edited."""
    before = read()
    for after in (read(("price: 400", "price: 401")), before.with_value("plans.team.price", 401)):
        assert after.hash != before.hash
        assert after.file_hash != before.file_hash


def test_the_hash_of_a_file_is_that_of_its_bytes(file: Callable[..., Path], tmp_path: Path):
    """Anybody can compute it, of a file as it was read, and of an edited one as it is saved."""
    path = file()
    scenario = load(path)
    assert scenario.file_hash == hashlib.sha256(path.read_bytes()).hexdigest()
    edited = scenario.with_value("tax_rate", 0.3)
    edited.save(tmp_path / "saved.yaml")
    assert edited.file_hash == hashlib.sha256((tmp_path / "saved.yaml").read_bytes()).hexdigest()


@pytest.mark.parametrize("command", [["run", "--trials", "0"], ["check"]], ids=["run", "check"])
def test_commands_show_both(command: list[str], file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """The first digits of each."""
    path = file()
    assert main([command[0], str(path), *command[1:]]) == 0
    scenario = load(path)
    assert f"Numbers {scenario.hash} · file {scenario.file_hash[:12]}" in capsys.readouterr().out
