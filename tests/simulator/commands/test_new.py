"""The command `new`, as a person runs it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commanded import Done, command

from simulator.__main__ import main
from simulator.answers.projection import project, settle
from simulator.answers.verdict import Verdict
from simulator.begin.answers import understood
from simulator.scenario.reading import load

ROOT = Path(__file__).parents[3]


def verdict_on(path: Path) -> Verdict:
    """Return the verdict on a file over as many trials as it needs."""
    return settle(project(load(path), evidence=False)).verdict


def new(*arguments: str | Path, typed: str = "") -> Done:
    """Run `python -m simulator new …`."""
    return command("new", *arguments, typed=typed)


def test_a_company_is_made_from_answers_on_stdin(tmp_path: Path):
    """The file, the verdict and the next commands are printed."""
    path = tmp_path / "mine.yaml"
    done = new(path, "--answers", "-", typed='{"name": "Mine", "price": "$49"}')
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Wrote {path}." in done.stdout
    assert done.stdout.count("python -m simulator") == 2
    assert load(path).title == "Mine"
    told = verdict_on(path)
    assert f"Mine: {told.grade}. {told.sentence}" in done.stdout


@pytest.mark.parametrize(
    ("content", "code"), [(b'\xef\xbb\xbf{"name": "Mine"}', 0), (b"\xff\xfe{\0}\0", 2)], ids=["mark of UTF-8", "UTF-16"]
)
def test_answers_may_begin_with_the_mark_of_utf_8(
    content: bytes, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Editors on Windows write it; any other encoding is refused in a sentence, from stdin as from a file."""
    (answers := tmp_path / "answers.json").write_bytes(content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
    assert [main(["new", str(tmp_path / f"{one[-1:]}.yaml"), "--answers", one]) for one in ("-", str(answers))] == [
        code,
        code,
    ]
    assert capsys.readouterr().err.count("\n") == code


def test_a_file_is_replaced_only_by_force(tmp_path: Path):
    """What is there stays, unless it is said."""
    path, answers = tmp_path / "mine.yaml", tmp_path / "answers.json"
    path.write_text("precious", encoding="utf-8")
    answers.write_text("{}", encoding="utf-8")
    refused = new(path, "--answers", answers)
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert path.read_text(encoding="utf-8") == "precious"
    assert new(path, "--answers", answers, "--force").returncode == 0
    assert load(path).title == "My company"


def test_the_template_can_be_passed_back(tmp_path: Path):
    """What `--questions --json` prints is a full set of answers."""
    template = new("--questions", "--json").stdout
    assert json.loads(template)["cached"] == 70
    done = new(tmp_path / "mine.yaml", "--json", "--answers", "-", typed=template)
    assert json.loads(done.stdout)["warnings"] == []


def test_the_questions_are_printed_with_defaults_and_limits():
    """All eight are there."""
    printed = new("--questions").stdout
    assert [line[:2] for line in printed.splitlines() if line[:1].isdigit()] == [f"{n}." for n in range(1, 9)]
    assert "price = 40: Price, USD per seat per month, 1e-06 to 10,000,000." in printed


def test_mistakes_are_listed_and_nothing_is_written(tmp_path: Path):
    """Each names its question."""
    path = tmp_path / "mine.yaml"
    for typed in ('{"price": "lots", "seats": true}', "[]", "no JSON", "[" * 100_000):
        done = new(path, "--answers", "-", typed=typed)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert not path.exists()


@contextmanager
def typing(*lines: str) -> Iterator[list[str]]:
    """Type these lines into a terminal, in which every further line ends the input; yield what is asked."""
    asked: list[str] = []
    left = list(lines)

    def answer(prompt: str) -> str:
        asked.append(prompt.strip())
        if not left:
            raise EOFError
        return left.pop(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.input", answer)
        patch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        yield asked


@pytest.mark.parametrize("name", ["no-such-folder/mine.yaml", "."])
def test_a_place_that_cannot_be_written_is_refused_before_any_question(tmp_path: Path, name: str):
    """Nobody answers forty questions in vain."""
    with typing("Mine") as asked:
        assert main(["new", str(tmp_path / name)]) == 2
    assert asked == []


def test_questions_that_are_left_write_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """The end of the input is told in a sentence."""
    with typing("Mine") as asked:
        assert main(["new", str(tmp_path / "mine.yaml")]) == 2
    assert len(asked) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert not (tmp_path / "mine.yaml").exists()


def test_a_rare_currency_has_no_rate_to_accept(tmp_path: Path):
    """The question shows no default, since Enter cannot stand for one."""
    before = list(understood({})[0]).index("currency")
    with typing(*[""] * before, "XPF", "", "105", "2027-01") as asked:
        main(["new", str(tmp_path / "mine.yaml")])
    assert asked[before + 1 : before + 3] == ["rate:", "rate:"]
    assert asked[before + 4].startswith("cash [")


def test_without_a_terminal_the_command_says_what_to_do(tmp_path: Path):
    """It does not wait for answers that nobody can type."""
    done = new(tmp_path / "mine.yaml")
    assert done.returncode == 2
    assert "--answers" in done.stderr
