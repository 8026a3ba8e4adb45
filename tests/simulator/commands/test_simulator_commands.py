"""The simulator's commands, run as a person runs them."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commanded import command

from simulator import terminal
from simulator.errors import PlanError
from simulator.lines import business
from simulator.scenario.reading import load

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "scenarios" / "support-copilot.yaml"
FULL = Path("/dev/full")
File = Callable[..., Path]


def result(*arguments: str | Path) -> Any:
    """Return the JSON that a command prints; it has to succeed and print no errors."""
    done = command(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def refused(*arguments: str | Path) -> str:
    """Return what a failing command prints on stderr; stdout has to be empty."""
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def test_a_run_prints_the_same_bytes_twice(file: File):
    """The output does not depend on the time or on the order of sets, which differs from process to process."""
    call = ["run", str(file()), "--json"]
    python = [sys.executable, "-W", "error", "-m", "simulator", *call]
    there = subprocess.run(python, cwd=ROOT, capture_output=True, text=True, check=True)
    assert there.stdout == command(*call).stdout != ""
    assert there.stderr == ""


def test_a_run_has_the_shape_that_is_promised(file: File):
    """The JSON has the settings, lines with percentiles, KPIs with definitions, verdict and evidence."""
    found = result("run", file(), "--json")
    assert {"scenario", "currency", "months", "trials", "seed", "hash", "lines", "kpis", "verdict", "evidence"} <= set(
        found
    )
    assert (found["scenario"], found["currency"], found["months"], found["trials"]) == ("Small", "EUR", 14, 50)
    cash = found["lines"]["cash"]
    assert cash["unit"] == "EUR"
    assert [len(cash[name]) for name in ("base", "p05", "p50", "p95")] == [14] * 4
    assert {"value", "unit", "definition"} <= set(found["kpis"]["runway"])
    assert [sum(cost["all"].values()) for cost in found["evidence"].values()] == pytest.approx([1, 1])
    assert "devices_at[large, h09]" in found["lines"]


def test_set_seed_and_trials_change_the_run(file: File):
    """Options of the command line reach the projection, and the file stays as it is."""
    path = file()
    found = result("run", path, "--json", "--trials", "0", "--seed", "9", "--set", "plans.team.price=500")
    assert (found["trials"], found["seed"], found["ruin"]) == (0, 9, None)
    assert found["kpis"]["probability_of_ruin"]["value"] is None
    assert found["lines"]["cash"]["p05"] == found["lines"]["cash"]["base"]
    assert found["hash"] != result("run", path, "--json", "--trials", "0")["hash"]
    assert load(path).assumptions["plans.team.price"].central == 400


def test_check_passes_what_is_right(file: File):
    """A correct file gives exit code 0, one line, and its two hashes."""
    done = command("check", file())
    assert (done.returncode, done.stderr) == (0, "")
    said, hashes = done.stdout.splitlines()
    assert said.endswith("assumptions, no mistakes")
    assert re.fullmatch(r"Numbers [0-9a-f]{12} · file [0-9a-f]{12}", hashes)


def test_check_lists_every_mistake_with_its_line(file: File):
    """Mistakes give exit code 2 and one line each, in a form that editors can jump to."""
    said = refused("check", file(("months: 14", "months: 0"), ("price: 400", "price: -4")))
    assert len(said.splitlines()) == 2
    assert all(re.match(r".*small\.yaml:\d+: .+; .+", line) for line in said.splitlines())


def test_check_refuses_a_scenario_without_finite_values(file: File):
    """An overflow is reported with the line that it breaks."""
    growth = ("start: 10, monthly_growth: 90% between 1% and 4%", "start: 1e17, monthly_growth: 1e18")
    boundless = file(growth, ("months: 14", "months: 60"))
    assert "has no value in month" in refused("check", boundless)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "nowhere.yaml"], "nowhere.yaml: the file cannot be read (No such file"),
        (["run", SHIPPED, "--trials", "100001"], "100001 is not a whole number from 0 to 100,000"),
        (["run", SHIPPED, "--trials", "few"], "few is not a whole number from 0 to 100,000"),
        (["run", SHIPPED, "--processes", "none"], "none is not a whole number from 1 to 256"),
        (["run", SHIPPED, "--set", "price"], "write NAME=VALUE"),
        (["run", SHIPPED, "--set", "price=3"], "is the name of several assumptions; did you mean plans.starter.price"),
        (["run", SHIPPED, "--set", "tax_rate=[1"], "--set:"),
        (["run", SHIPPED, "--set", "tax_rate=&a 1"], "aliases and anchors are not supported"),
        (["run", SHIPPED, "--overlay", "no-such-thing"], "no overlay that ships is called no-such-thing"),
        (["run", SHIPPED, "--overlay", "nowhere.yaml"], "nowhere.yaml: the file cannot be read (No such file"),
        (["run", SHIPPED, "--overlay", SHIPPED], "the file is not a what-if; choose another, or add `overlay: 1`"),
        (["run", SHIPPED, "--seed", "-1"], "is not a whole number from 0"),
        (["explain", SHIPPED, "cahs", "--month", "3"], "there is no line cahs"),
        (["explain", SHIPPED, "cash", "--month", "999"], "there is no month 999"),
    ],
    ids=str,
)
def test_a_wrong_call_says_why(arguments: list[Any], says: str):
    """A wrong call gives exit code 2 and a sentence on stderr, without a traceback."""
    said = refused(*arguments)
    assert says in said
    assert "Traceback" not in said


def test_explain_prints_the_tree(file: File):
    """The tree has the number with its formula, and below it the inputs, down to a source."""
    done = command("explain", file(), "tax_before_credit", "--month", "2", "--depth", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("tax_before_credit in month 2 = ")
    assert "\n  tax_rate in month 2 = 20%   [published: the law, 2026-11-09]" in done.stdout


@pytest.mark.parametrize(
    ("price", "says"),
    [("1e-320", "— It is too large for a number."), ("1e-9", "%"), ("300", "%")],
)
def test_a_margin_is_a_percentage_however_small_the_revenue(price: str, says: str):
    """A figure that no number can hold says so; no digit of one is made up, and nothing warns."""
    prices = [
        f"plans.{plan}.{name}={price}" for plan in ("agency", "marketplace") for name in ("price", "overage_price")
    ]
    changes = [word for one in prices for word in ("--set", one)]
    file = ROOT / "scenarios" / "catalogue-texts.yaml"
    done = command("explain", file, "gross_margin", "--depth", "0", *changes)
    assert (done.returncode, done.stderr) == (0, "")
    value = done.stdout.partition(" = ")[2].partition("   = ")[0]
    assert value.endswith(says)
    assert "inf" not in value
    assert len(value) < 40


def laid(folder: Path, name: str, changes: str) -> Path:
    """Write an overlay and return its path."""
    path = folder / f"{name}.yaml"
    path.write_text(f"overlay: 1\ntitle: {name}\n{changes}\n", encoding="utf-8")
    return path


def test_overlays_are_laid_in_order(file: File, tmp_path: Path):
    """Overlays given at once or one by one apply in order, and the output lists their titles."""
    poor = laid(tmp_path, "Poor", "assumptions: {opening_cash: 100000}")
    rich = laid(tmp_path, "Rich", "assumptions: {opening_cash: {times: 4}}")
    at_once = result("run", file(), "--json", "--trials", "0", "--overlay", poor, rich)
    one_by_one = result("run", file(), "--json", "--trials", "0", "--overlay", poor, "--overlay", rich)
    assert at_once == one_by_one
    assert at_once["overlays"] == ["Poor", "Rich"]
    plain = result("run", file(), "--json", "--trials", "0")
    assert plain["overlays"] == []
    moved = at_once["lines"]["cash"]["base"][0] - plain["lines"]["cash"]["base"][0]
    assert moved == pytest.approx(400_000 - 500_000)


def test_check_and_explain_take_overlays(file: File, tmp_path: Path):
    """`check` finds an overlay's mistakes, and `explain` explains the scenario under it."""
    wrong = laid(tmp_path, "Wrong", "assumptions: {tax_rate: 3}")
    assert re.search(r"Wrong\.yaml:3: tax_rate: 3 is above 1", refused("check", file(), "--overlay", wrong))
    taxed = laid(tmp_path, "Taxed", "assumptions: {tax_rate: {value: 0.4, source: a draft, as_of: 2027-01}}")
    assert command("check", file(), "--overlay", taxed).returncode == 0
    told = command("explain", file(), "tax", "--month", "2", "--depth", "9", "--overlay", taxed).stdout
    assert "tax_rate in month 2 = 40%   [published: a draft, 2027-01]" in told


@pytest.mark.parametrize(("overlays", "title"), [([], "Small"), (["Poor"], "Small + Poor")], ids=str)
def test_a_run_for_people_names_the_scenario(file: File, tmp_path: Path, overlays: list[str], title: str):
    """The first line names the scenario, its overlays and its settings, and the KPIs follow."""
    given = [text for name in overlays for text in ("--overlay", laid(tmp_path, name, "assumptions: {}"))]
    done = command("run", file(), "--trials", "10", *given)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{title} · 14 months from January 2027 · 10 trials, seed 3\nNumbers ")
    assert "Chance of running out of cash" in done.stdout


def test_a_bare_name_is_an_overlay_that_ships(file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An unknown name is refused with the list of known ones; a path is taken as a path."""
    monkeypatch.setattr(terminal, "SHIPPED", tmp_path)
    laid(tmp_path, "price-war", "assumptions: {}")
    assert terminal.overlay_file("price-war") == tmp_path / "price-war.yaml"
    assert terminal.overlay_file("./price-war") == Path("price-war")
    assert terminal.overlay_file("mine.yaml") == Path("mine.yaml")
    with pytest.raises(PlanError, match=r"is called peace: choose from price-war, or write a path, \./peace\.yaml"):
        terminal.overlay_file("peace")


def test_lines_lists_every_line():
    """Every line has its unit, its kinds of members, what it reads, its description and its formula."""
    found = result("lines", "--json")
    assert {one["name"] for one in found} == set(business().lines)
    assert all({"name", "unit", "per", "reads", "description", "formula"} <= set(one) for one in found)
    rent = next(one for one in found if one["name"] == "reserved_rent")
    assert (rent["unit"], rent["per"]) == ("money", ["pool"])
    assert rent["formula"] == "(sum of past_signed_rent × past_in_force backwards) × hours_per_month"


def test_statements_say_when_cash_runs_out(file: File):
    """Months after that never come, which their amounts do not show."""
    found = result("statements", file(), "--set", "opening_cash=0", "--json")
    broke = found["broke"]
    assert broke is not None
    assert f"Cash runs out in month {broke}" in command("statements", file(), "--set", "opening_cash=0").stdout
    assert result("statements", file(), "--set", "opening_cash=1e9", "--json")["broke"] is None


@pytest.mark.parametrize(
    "call", [["simulator", "check", str(SHIPPED)], ["profiling", "list"]], ids=lambda call: call[0]
)
def test_output_that_nobody_takes_gives_no_traceback(call: list[str]):
    """A full disk is told in a sentence; a reader such as `head` that leaves early is none of the user's business."""
    if not FULL.exists():
        pytest.skip("this system has no device that is always full")
    command = [sys.executable, "-m", *call]
    with FULL.open("w") as full:
        done = subprocess.run(command, check=False, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.endswith("the result cannot be printed: No space left on device\n")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as left:
        assert left.stdout
        assert left.stderr
        left.stdout.close()
        assert left.stderr.read() == ""
