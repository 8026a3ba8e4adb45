"""The command `new`, as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from simulator.scenario.reading import load

ROOT = Path(__file__).parents[3]


def new(*arguments: str | Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run `python -m simulator new …`."""
    call = [sys.executable, "-W", "error", "-m", "simulator", "new", *map(str, arguments)]
    return subprocess.run(call, cwd=ROOT, input=typed, capture_output=True, text=True, check=False, timeout=120)


def test_a_company_is_made_from_answers_on_stdin(tmp_path: Path):
    """The file, the verdict and the next commands are printed."""
    path = tmp_path / "mine.yaml"
    done = new(path, "--answers", "-", typed='{"name": "Mine", "price": "$49"}')
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Wrote {path}." in done.stdout
    assert done.stdout.count("python -m simulator") == 2
    assert load(path).title == "Mine"


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
    assert "price = 40: Price, USD a seat and month, 1e-06 to 10,000,000." in printed


def test_mistakes_are_listed_and_nothing_is_written(tmp_path: Path):
    """Each names its question."""
    path = tmp_path / "mine.yaml"
    for typed in ('{"price": "lots", "seats": true}', "[]", "no JSON", "[" * 100_000):
        done = new(path, "--answers", "-", typed=typed)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert not path.exists()


def test_without_a_terminal_the_command_says_what_to_do(tmp_path: Path):
    """It does not wait for answers that nobody can type."""
    done = new(tmp_path / "mine.yaml")
    assert done.returncode == 2
    assert "--answers" in done.stderr
