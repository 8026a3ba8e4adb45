"""Every command's JSON has the keys that its help documents, and no others."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from made import case, measurement
from recalculated import fields, typed_over

from simulator import commands
from simulator.__main__ import main
from simulator.scenario.reading import load

CALLS = {
    "new": ["new", "{record}.yaml", "--answers", "{answers}"],
    "run": ["run", "{file}", "--trials", "2"],
    "check": ["check", "{file}"],
    "compare": ["compare", "{file}", "scenarios/support-copilot.yaml", "--overlay", "price-war", "--trials", "2"],
    "diff": ["diff", "{file}", "scenarios/support-copilot.yaml", "--trials", "2"],
    "bundle": ["bundle", "{file}", "--out", "{record}.zip"],
    "comment": ["comment", "{file}", "Why?", "--on", "plans.team.price"],
    "verify": ["verify", "{record}.zip"],
    "kpis": ["kpis", "{file}", "--trials", "0"],
    "statements": ["statements", "{file}"],
    "captable": ["captable", "scenarios/support-copilot.yaml", "--trials", "20"],
    "explain": ["explain", "{file}", "cash", "--month", "1", "--depth", "1"],
    "find": ["find", "{file}", "burn"],
    "workbook": ["workbook", "{file}", "--out", "{record}.xlsx"],
    "import-workbook": ["import-workbook", "{book}"],
    "live": ["live", "{file}", "--out", "{file}.html", "--trials", "10"],
    "price": ["price", "{file}", "--plan", "team", "--set", "plans.team.price_elasticity=2"],
    "map": ["map", "{file}", "--x", "plans.team.price", "--y", "plans.team.churn", "--points", "3"],
    "rivals": ["rivals", "{file}", "--plan", "team"],
    "charging": ["charging", "{file}", "--plan", "team", "--trials", "2"],
    "solve": ["solve", "{file}", "--change", "plans.team.price", "--until", "gross_margin >= 10%"],
    "reach": ["reach", "{file}", "--trials", "40"],
    "swings": ["swings", "{file}"],
    "worth": ["worth", "{file}", "--option", "price+10%", "--n", "200"],
    "indices": ["indices", "{file}", "--n", "64"],
    "routes": ["routes", "scenarios/catalogue-texts.yaml"],
    "risk": ["risk", "{file}", "--trials", "100"],
    "trial": ["trial", "{file}", "3"],
    "dependence": ["dependence", "{file}", "--on", "plans.basic.churn", "--trials", "100"],
    "capacity": ["capacity", "{file}", "large"],
    "attach": ["attach", "{record}", "{file}", "large"],
    "retention": ["retention", "0.9", "0.8"],
    "bill": ["bill", "anthropic/claude-sonnet-4-6", "--input", "1200", "--output", "300", "--cached", "500"],
    "cards": ["cards", "claude"],
    "fields": ["fields", "churn_spread"],
    "lines": ["lines"],
    "schema": ["schema"],
}
# All others compute one scenario, and take changes of it.
APART = {
    *("new", "compare", "diff", "verify", "comment", "import-workbook", "attach"),
    *("retention", "bill", "cards", "fields", "lines", "schema"),
}


@pytest.fixture(scope="module", autouse=True)
def _in_the_repository() -> Iterator[None]:
    """Run from the repository's folder, where the shipped scenarios lie."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(Path(__file__).parents[3])
        yield


def printed(name: str, file: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return the JSON that a command prints."""
    record = file.parent / "record.json"
    record.write_text(json.dumps(measurement(case(1500.0))))
    answers = file.parent / "answers.json"
    answers.write_text("{}")
    if name == "verify":
        assert main(["bundle", str(file), "--out", f"{record}.zip"]) == 0
        capsys.readouterr()
    book = file.parent / "plan.xlsx"
    if name == "import-workbook":
        main(["workbook", str(file), "--out", str(book)])
        price = next(row for one, row in fields(load(file)) if one.path == "plans.team.price")
        typed_over(book, {price: 450}, book)
        capsys.readouterr()
    call = [text.format(file=file, record=record, answers=answers, book=book) for text in CALLS[name]]
    assert main([*call, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def known(values: Any, documented: set[tuple[str, ...]]) -> bool:
    """Whether plain values have exactly the keys of the documented paths; a word in capitals stands for any name."""
    if documented <= {()}:
        return True
    if isinstance(values, list):
        return all(known(one, {path[1:] for path in documented}) for one in values)
    heads = {path[0] for path in documented if path}
    if len(heads) == 1 and (name := next(iter(heads))).isupper():
        return all(known(one, {path[1:] for path in documented if path[0] == name}) for one in values.values())
    return set(values) == heads and all(
        known(values[head], {path[1:] for path in documented if path[0] == head}) for head in heads
    )


@pytest.mark.parametrize("name", [name for name in commands.NAMES if name != "schema"])
def test_json_has_the_documented_keys(name: str, file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """The keys of the output are the keys of the help."""
    keys = {tuple(key.split(".")) for key in commands.load(name).KEYS}
    # A workbook, which a bundle has as well, takes time by the month.
    short = [("months: 14", "months: 5")] if name in ("bundle", "verify", "workbook", "import-workbook") else []
    assert known(printed(name, file(*short), capsys), keys)


def test_the_schema_has_the_documented_keys(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """A schema has more keys than its help explains, all of them those of JSON Schema."""
    assert set(commands.load("schema").KEYS) <= set(printed("schema", file(), capsys))


@pytest.mark.parametrize("name", commands.NAMES)
def test_the_help_documents_every_key(name: str, capsys: pytest.CaptureFixture[str]):
    """`--help` lists the options and the keys of the command."""
    with pytest.raises(SystemExit):
        main([name, "--help"])
    shown = capsys.readouterr().out
    assert "--json" in shown
    assert all(key in shown for key in commands.load(name).KEYS)


@pytest.mark.parametrize("name", [name for name in commands.NAMES if name not in APART])
def test_every_reader_of_a_scenario_takes_changes(
    name: str, file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
):
    """--set and --overlay change the scenario in every command that computes one: a tax of 300 % is refused."""
    path = file()
    overlay = path.with_name("over.yaml")
    overlay.write_text("overlay: 1\ntitle: Over\nassumptions: {tax_rate: 3}\n")
    call = [text.format(file=path, record=path) for text in CALLS[name]]
    for change in (["--set", "tax_rate=3"], ["--overlay", str(overlay)]):
        assert main([*call, *change]) == 2
        assert "tax_rate: 3 is above 1" in capsys.readouterr().err


def test_check_prints_mistakes_as_fields(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """With --json the mistakes are on stdout, each with file, line, what is wrong and what to do."""
    path = file(("months: 14", "months: 0"), ("price: 400", "price: -4"))
    assert main(["check", str(path), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert [set(problem) for problem in found["problems"]] == [{"file", "line", "what", "todo"}] * 2
    assert (found["title"], found["assumptions"]) == (None, None)


def test_the_list_of_commands_has_a_line_for_each(capsys: pytest.CaptureFixture[str]):
    """`--help` without a command tells what each one does, per cent signs included."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert all(f" {name} {' '.join(commands.load(name).HELP.split())}" in told for name in commands.NAMES)
