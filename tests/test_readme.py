"""README, held to the code: its commands, its files and its example of the library."""

import re
import shlex
from pathlib import Path

import pytest

from profiling.__main__ import _parser as profiling_parser
from simulator.__main__ import _parser as simulator_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = {path: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", ROOT / "scenarios" / "README.md")}
# Every second part between fences is a block; its first line is the language.
BLOCKS = [block for text in DOCUMENTS.values() for block in text.split("```")[1::2]]
SHELL = [line for block in BLOCKS if block.startswith(("sh\n", "\n")) for line in block.splitlines()]
COMMANDS = [shlex.split(line, comments=True) for line in SHELL if line.startswith("python -m ")]
PARSERS = {"simulator": simulator_parser, "profiling": profiling_parser}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_is_understood(words: list[str]):
    """Its name and all of its options exist."""
    arguments = words[3:]
    assert PARSERS[words[2]](arguments).parse_args(arguments)


def test_every_command_of_the_simulator_is_shown():
    """Whoever reads README meets each of them."""
    from simulator import commands

    assert {words[3] for words in COMMANDS if words[2] == "simulator"} == set(commands.NAMES)


def test_targets_of_make_exist():
    """Each `make` in README has a rule."""
    rules = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake (\w+)", README)) <= rules


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files(document: Path):
    """Each relative link names a file beside the document."""
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", DOCUMENTS[document]) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_named_folders_exist():
    """Each folder of the tree under "Where things are", and each in the tables, is there."""
    tree = README.partition("## Where things are")[2].split("```")[1]
    named, top = re.findall(r"`((?:simulator|profiling|dashboard|scenarios)/[\w/]+(?:\.py)?)`", README), ""
    for line in tree.splitlines()[1:]:
        inside = line.startswith("  ")
        words = line.removeprefix("  ").split("  ")[0].split()
        top = top if inside else words[0]
        named += [top + word for word in words] if inside else [top]
    example = "simulator/lines/serving/moderation.py"
    assert [name for name in named if name != example and not (ROOT / name).exists()] == []


def test_the_example_of_each_library_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """What README shows of the simulator and of profiling prints something, and raises nothing."""
    monkeypatch.chdir(ROOT)
    blocks = [block.removeprefix("python") for block in BLOCKS if block.startswith("python\nfrom ")]
    assert len(blocks) == 2
    for block in blocks:
        exec(block, {})
        assert capsys.readouterr().out
