"""A file from a stranger is data and nothing else: it loads, or it is refused with a message."""

import json
import os
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from commanded import command
from hypothesis import given, settings
from hypothesis import strategies as st
from made import SMALL, case, measurement

from simulator.answers.projection import project
from simulator.errors import BreakevenError, ScenarioError
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

FILE = "scenarios/support-copilot.yaml"
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"


def refused(text: str, says: str, folder: Path = Path()) -> None:
    """Check that a text is refused as a scenario, with this reason."""
    with pytest.raises(ScenarioError) as caught:
        parse(text, folder, "it.yaml")
    assert says in str(caught.value)
    assert all(one.file == "it.yaml" and one.line >= 0 for one in caught.value.problems)


def test_a_mistake_is_told_once_however_often_its_place_is_read():
    """The section of hours is read for each of 24 hours."""
    with pytest.raises(ScenarioError) as caught:
        parse(SMALL + "\nhours: [1]\n", Path(), "it.yaml")
    assert len([one for one in caught.value.problems if "hours has no" in one.what]) == 1


def test_correlations_of_too_many_assumptions_are_refused(small: Scenario):
    """A matrix of thousands would take minutes and gigabytes, and no company ties more than a few dozen."""
    paths = list(small.assumptions)[:102]
    ties = [f"  - [{one}, {other}, 0.1]" for one, other in pairwise(paths)]
    head = SMALL.partition("correlations:\n")[0]
    parse("\n".join([head, "correlations:", *ties[:99]]), small.folder)
    refused(
        "\n".join([head, "correlations:", *ties]),
        "the pairs are of 102 assumptions; correlate at most 100",
        small.folder,
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file has no `name: value` lines"),
        ("# nothing but words\n", "the file has no `name: value` lines"),
        ("- a\n- b\n", "the file has no `name: value` lines"),
        ("just words", "the file has no `name: value` lines"),
        ("42", "the file has no `name: value` lines"),
        (BOMB, "it.yaml:1: aliases and anchors are not supported"),
        ("a: *b\n", "aliases and anchors are not supported"),
        ("title: x\na: !!python/object/apply:os.system [ls]\n", "it.yaml:2: tags such as !!python are not supported"),
        ("title: !!str x\n", "tags such as !!python are not supported"),
        ("%YAML 1.1\n---\nmonths: 1:30\n", "it.yaml:2: directives such as %YAML are not supported"),
        ("title: !x {a: 1}\n", "tags such as !!python are not supported"),
        ("[" * 100 + "]" * 100, "nested deeper than 12"),
        ("{a: " * 5_000, "nested deeper than 12"),
        ("[" + "1," * 26_000 + "]", "the file has more than 25,000 names and values"),
        ("x" * 1_000_001, "a file may have at most 1,000,000"),
        ("\x00\x01\x02", "it.yaml:1: a control character is hidden here"),
        ("title: x\nseed: \ud800", "it.yaml:2: a control character is hidden here"),
        ('title: "\\ud800"', "a control character is hidden here"),
        ('title: "a\\0b"', "a control character is hidden here"),
        ("a: b: c", "it.yaml:1: not valid YAML"),
        ("a: [1, 2", "not valid YAML"),
        ("\t- a", "not valid YAML"),
        ("--- {}\n--- {}\n", "not valid YAML"),
        ("title: x\nstart: 2027-02-31\n", "it.yaml:2: '2027-02-31' has the form of a number or a date, and is neither"),
        ("title: x\nstart: 2027-01-01T10:00:00+99:99\n", "it.yaml:2: '2027-01-01T10:00:00+99:99' has the form"),
        ("title: x\nmonths: -_\n", "it.yaml:2: '-_' has the form of a number or a date, and is neither"),
        ("title: x\n-_: 1\n", "it.yaml:2: '-_' has the form of a number or a date, and is neither"),
        ('title: x\nnote: "\\UFFFFFFFF"', "it.yaml:2: a character is written here by a number that no character has"),
        ('title: x\n"\\U00110000": 1', "it.yaml:2: a character is written here by a number that no character has"),
        ("title: x\n? {a: {b: 1}}\n: 1\n", "it.yaml:2: a list or a map stands where a name belongs"),
        ("title: x\n? [a]\n: 1\n", "it.yaml:2: a list or a map stands where a name belongs"),
        ("title: x\n" + "#c\n" * 300_000, "the file has more than 25,000 lines"),
        ("title: " + "!" * 900_000, "it.yaml:1: the line has more than 200,000 characters"),
        ("seed: " + "9" * 5_000, "the number has too many digits"),
        ("seed: 0x" + "f" * 5_000, "the number has too many digits"),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_no_scenario_is_refused(text: str, says: str):
    """Nothing in a refused file is built, run or followed."""
    refused(text, says)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("price: 400", "price: " + "9" * 400, "the number has too many digits"),
        ("price: 400", "price: " + "9" * 40, "is not a usable number"),
        ("price: 400", f"price: '{'1 ' * 70}x'", "is not a number"),
        ("price: 400", "price: {[1, 2]: 3}", "a list or a map stands where a name belongs"),
        ("price: 400", "price: {{a: 1}: 3}", "a list or a map stands where a name belongs"),
        ("price: 400", "price: 2027-01-01", "is not a number"),
        ("price: 400", "price: 400\n    unit: USD", "is not an assumption per plan"),
        ("unit: hour}", f"unit: {'a*' * 60}a}}", "does not fit; convert the number to hour"),
        ("unit: hour}", "unit: hour^999999999}", "does not fit; convert the number to hour"),
        ("  - [channels", "  - [{a: 1}, b, 0.5]\n  - [channels", "is not an assumption"),
        ("over: 6", "over: " + "9" * 40, "whole number of months"),
        ("months: ", "round_pricing: []\nmonths: ", "is not a way to price a round"),
        ("months: ", "counts: {a: 1}\nmonths: ", "is not a way to count customers"),
        ("months: ", "hours: {h00: 1.5}\nmonths: ", "hours.h00 is empty"),
        ("pool: small", "pool: [small]", "is not in pools"),
    ],
)
def test_a_strange_value_is_refused(old: str, new: str, says: str):
    """Huge and oddly shaped values are refused."""
    assert old in SMALL
    refused(SMALL.replace(old, new, 1), says)


def test_too_many_members_are_refused():
    """A list of more than 200 members is refused."""
    refused(SMALL + "rounds2:\n", "is not a section")
    extra = "".join(f"  r{number}: {{close_month: 1, amount: 1}}\n" for number in range(250))
    refused(SMALL.replace("rounds:\n", f"rounds:\n{extra}"), "rounds lists 251 members; list at most 200")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a" * 10_000_000, "the file is too large; a file may have at most 1,000,000 bytes"),
        (bytes(range(128, 256)), "the file is not text; save it as UTF-8"),
    ],
    ids=["too large", "not text"],
)
def test_a_file_that_is_not_read_is_refused(tmp_path: Path, content: bytes, says: str):
    """Ten megabytes and bytes in another encoding are refused before anything is parsed."""
    path = tmp_path / "strange.yaml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match=says):
        load(path)


@pytest.mark.parametrize(
    "encoded", [b"\xef\xbb\xbf" + SMALL.encode(), SMALL.replace("\n", "\r\n").encode()], ids=["byte order mark", "CRLF"]
)
def test_other_editors_files_are_read(small: Scenario, encoded: bytes, tmp_path: Path):
    """A byte-order mark and Windows line ends change nothing."""
    path = tmp_path / "theirs.yaml"
    path.write_bytes(encoded)
    assert load(path).hash == small.hash


# References to measurements

OUTSIDE = ("../run.json", "measurements/../../run.json", "{outside}/run.json", "measurements/link.json", "measurements")


def referring(folder: Path, measured: str, metric: str = "tokens_per_second", at: str = "{batch: 8}") -> str:
    """Return the small scenario with a reference as a pool's rate, and write records inside and outside its folder."""
    inside = folder / "scenario" / "measurements"
    inside.mkdir(parents=True, exist_ok=True)
    for place in (inside, folder):
        (place / "run.json").write_text(json.dumps(measurement(case(1000.0))))
    reference = f"{{measured: {measured}, metric: {metric}, at: {at}}}"
    return SMALL.replace("tokens_per_second: 900", f"tokens_per_second: {reference}")


def test_a_reference_gives_the_measured_value(tmp_path: Path):
    """A reference gives measured evidence and an interval to draw from."""
    found = parse(referring(tmp_path, "measurements/run.json"), tmp_path / "scenario").assumptions
    rate = found["pools.large.tokens_per_second"]
    assert (rate.central, rate.evidence, rate.is_uncertain, rate.measured.on_cpu) == (1000, "measured", True, True)


@pytest.mark.parametrize(
    ("measured", "metric", "at", "says"),
    [
        *[(path, "tokens_per_second", "{batch: 8}", "is not a record beside the scenario") for path in OUTSIDE],
        ("measurements/none.json", "tokens_per_second", "{batch: 8}", "cannot be read"),
        ("measurements/run.json", "speed", "{batch: 8}", "the record has: tokens_per_second"),
        ("measurements/run.json", "tokens_per_second", "{batch: 9}", "it was measured at: classify, batch 8"),
        ("measurements/run.json", "tokens_per_second", "8", "`at` does not choose a case"),
        ("[a]", "tokens_per_second", "{batch: 8}", "the reference is incomplete"),
        ('"measurements/\\0.json"', "tokens_per_second", "{batch: 8}", "a control character is hidden here"),
        ("a" * 5000 + ".json", "tokens_per_second", "{batch: 8}", "cannot be read"),
    ],
)
def test_a_reference_reaches_nothing_else(tmp_path: Path, measured: str, metric: str, at: str, says: str):
    """Neither dots, nor an absolute path, nor a link leads outside the folder."""
    text = referring(tmp_path, measured.replace("{outside}", str(tmp_path)), metric, at)
    (tmp_path / "scenario" / "measurements" / "link.json").symlink_to(tmp_path / "run.json")
    refused(text, says, tmp_path / "scenario")


# Anything at all

WORDS = (
    *("assumptions", "plans", "price", "pools", "{", "}", "[", "]", ": ", "\n", "  ", "- ", "#", "&a", "*a", "!!"),
    *("<<", "1e9", "4%", "90% between 2 and 1", "pert", "'", '"', "|", ">", "?", "---", "...", "\t", "~", ".nan", "é"),
)


def outcome(run: Callable[[], object]) -> str:
    """Return the message that a user sees, empty where there is none; other exceptions are raised."""
    try:
        run()
    except BreakevenError as error:
        return str(error)
    return ""


@settings(max_examples=100)
@given(text=st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=40).map("".join))
def test_random_text_loads_or_is_refused(text: str):
    """Each message names the file and a line, and no other exception is raised."""
    said = outcome(lambda: parse(text, Path(), "it.yaml"))
    assert said == "" or re.match(r"it\.yaml:\d+: .+; .+", said, re.DOTALL)


LINES = SMALL.splitlines()
TOKENS = (
    *("0", "-1", "1e17", "~", "[]", "{}", "{pert: [1, 2, 3]}", "90% between -1 and 1", "{0: 1, 9: 2}", "x", "true"),
    *("''", "{measured: a.json, metric: b}", "{samples: [0, 0]}", "{from: 0, to: 1, over: 3}"),
    *("{walk: 1, monthly_volatility: 30%}", "{walk: {0: 1}, monthly_volatility: 0}", "{walk: ~}"),
)


@settings(max_examples=40)
@given(place=st.integers(0, len(LINES) - 1), token=st.none() | st.sampled_from(TOKENS))
def test_a_damaged_scenario_loads_or_is_refused(place: int, token: str | None):
    """With a line removed or its value replaced, the scenario runs, or an error names a line."""
    head, colon, _ = LINES[place].partition(":")
    damaged = [] if token is None else [f"{head}{colon} {token}"]
    text = "\n".join([*LINES[:place], *damaged, *LINES[place + 1 :]])
    said = outcome(lambda: project(parse(text, Path(), "it.yaml"), 3))
    assert said == "" or re.match(r"it\.yaml:\d+: .+; .+|.* has no value in month", said, re.DOTALL)


def test_messages_are_bounded():
    """Of a thousand mistakes the first are told, and how many more there are; a long name is cut."""
    many = parsed_error(SMALL + "".join(f"k{number}: 1\n" for number in range(9_000)))
    long = parsed_error(SMALL + f"{'x' * 100_000}: 1\n")
    assert len(many.found) == 9_000
    assert "more are not shown; begin with the first" in str(many)
    for error in (many, long):
        assert len(str(error).encode()) < 5_000
        assert len(json.dumps([vars(problem) for problem in error.problems])) < 5_000


def parsed_error(text: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        parse(text, Path(), "it.yaml")
    return caught.value


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
@pytest.mark.parametrize("arguments", [["check"], ["check", FILE, "--overlay"], ["import-workbook"], ["diff", FILE]])
def test_a_pipe_or_a_device_is_no_file(tmp_path: Path, arguments: list[str]):
    """A pipe would wait for a writer who may never come."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        done = command(*arguments, path)
        assert done.returncode == 2
        assert done.stderr.endswith("the file cannot be read (it is a folder, a device or a pipe); check the path\n")


# A price of 20 that falls by 99 % a month is less than any number, and so zero, after 163 months.
@pytest.mark.parametrize(("price", "months"), [("1e-320", 14), ("{start: 20, monthly_growth: -99%}", 170)])
def test_almost_no_revenue_is_none(tmp_path: Path, price: str, months: int):
    """A margin that divides by almost nothing has no value; the workbook is written, and Python warns of nothing."""
    smallest = Path("README.md").read_text(encoding="utf-8").partition("```yaml\nbreakeven: 1\n")[2].partition("```")[0]
    path = tmp_path / "small.yaml"
    path.write_text(f"breakeven: 1\nmonths: {months}\ntrials: 20\n{smallest.replace('price: 20', f'price: {price}')}")
    kpis, workbook = command("kpis", path), command("workbook", path, "--out", tmp_path / "small.xlsx")
    assert (kpis.returncode, kpis.stderr, workbook.returncode) == (0, "", 0)
    (margin,) = [line for line in kpis.stdout.splitlines() if line.startswith("  Gross margin  ")]
    assert "—" in margin
    assert "inf%" not in kpis.stdout
