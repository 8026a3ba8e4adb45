"""The two hashes of a scenario: of its numbers, and of its file."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made import SMALL

from simulator.__main__ import main
from simulator.scenario import document
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

Read = Callable[..., Scenario]


@pytest.mark.parametrize(
    "change",
    [
        ("# checked", "# asked"),
        ("source: the law", "source: counsel"),
        ("  sorting:", "  # quick\n  sorting:"),
        ("hours_per_month: {value: 730, unit: hour}", "hours_per_month: 730.0"),
        ("price: 400", "price:    400.0"),
        ("20%", "0.2"),
    ],
    ids=lambda change: change[1].strip(),
)
def test_words_and_notation_change_the_file_and_no_number(read: Read, change: tuple[str, str]):
    """A comment, a source, a space or another notation is a byte, and no figure depends on it."""
    before, after = read(), read(change)
    assert after.hash == before.hash
    assert after.file_hash != before.file_hash


@pytest.mark.parametrize(
    "change",
    [
        ("title: Small", "title: Other"),
        ("seed: 3", "seed: 4"),
        ("months: 14", "months: 15"),
        ("price: 400", "price: 401"),
        (", 0.5]", ", 0.4]"),
        ("pool: small", "pool: large"),
        ("[2%, 2%, 3%, 4%]", "[2%, 2%, 3%, 5%]"),
        ("  engineer:", "  researcher:"),
        ("over: 6", "over: 7"),
    ],
    ids=lambda change: change[1].strip(),
)
def test_what_is_said_changes_both(read: Read, change: tuple[str, str]):
    """Any number, setting, name or pointer."""
    before, after = read(), read(change)
    assert after.hash != before.hash
    assert after.file_hash != before.file_hash


def test_an_edit_changes_both(read: Read):
    """As the same number in the file does, whose numbers are then the same."""
    before, edited = read(), read().with_value("plans.team.price", 401)
    assert edited.file_hash != before.file_hash
    assert edited.hash == read(("price: 400", "price: 401")).hash != before.hash


def test_the_order_of_names_does_not_change_the_hash(small: Scenario):
    """A file says the same whichever member and whichever field stands first."""
    plain = document.plain(document.read(SMALL, "small.yaml"))

    def turned(part: Any) -> Any:
        return {key: turned(part[key]) for key in reversed(part)} if isinstance(part, dict) else part

    assert parse(document.dump(turned(plain)), small.folder).hash == small.hash


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
