"""The commands of `python -m profiling`: what they print, and where."""

import argparse
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from example import RECORD
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from profiling import commands, places
from profiling.__main__ import _parser, main
from profiling.commands import run as measuring
from profiling.files import write_atomic
from profiling.runs import lock
from profiling.runs.job import Job
from profiling.workload.sweep import Part

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The workloads that `run` would start; nothing is measured."""
    asked: list[Any] = []

    def start(workload: Any, root: Path | None, wait: bool, part: Any = None) -> Job:
        asked.append(workload)
        return Job(Path("nowhere"))

    monkeypatch.setattr("profiling.commands.run.jobs.start", start)
    monkeypatch.setattr("profiling.commands.shared.see_through", lambda *_, **__: 0)
    return asked


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "name either a preset or --workload"),
        (["run", "nothing-of-the-kind"], "there is no preset"),
        (["run", __file__], "is a file, and no preset; name it by --workload"),
        (["run", "--workload", "nowhere.json"], "cannot be read"),
        (["run", "classifier-quick", "--sweep", "colour=1"], "means nothing to any case"),
        (["run", "classifier-quick", "--set", "batch=1,2"], "use --sweep"),
        (["show", "nothing"], "there is no run"),
        (["choose", "nothing", "--label-price", "inf"], "--label-price is inf; it must be a number from 0"),
        (["show", "."], "/runs; `list` shows those there are"),
        (["resume", "nothing"], "there is no run"),
        (["run", "classifier-quick", "--part", "2"], "is no part of a workload"),
        (["run", "classifier-quick", "--part", "4/4"], "3 cases cannot be cut into 4 parts"),
        (["merge", "."], "name one by --out RECORD"),
        (["merge", ".", "--out", "merged.json"], "no record in ."),
    ],
)
def test_a_wrong_command_is_answered_with_one_sentence(arguments: list[str], words: str, capsys: Capture) -> None:
    """On stderr, with exit code 2, and nothing on stdout."""
    code = main(arguments)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("profiling: ")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", commands.NAMES)
def test_every_command_has_help_and_the_common_options(name: str, capsys: Capture) -> None:
    """Each module of the package does what `__main__` expects of it."""
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert " ".join(commands.load(name).HELP.split()) in text.replace("- ", "-")
    assert ("--out RECORD" if name == "merge" else "--out DIR") in text
    assert "--json" in text
    assert all(key in text for key in commands.load(name).KEYS)


def test_the_package_lists_each_of_its_commands() -> None:
    """A module that is forgotten in the list could not be called."""
    there = {path.stem for path in Path(commands.__file__).parent.rglob("*.py")} - {"__init__", "shared"}
    assert there == set(commands.NAMES)


def test_a_sweep_is_one_run(started: list[Any]) -> None:
    """With every combination as a case, after the fields that were set."""
    arguments = ["--set", "seed=7", "--sweep", "batch=1,2", "--sweep", "precision=float32,bfloat16"]
    assert main(["run", "generation-quick", *arguments]) == 0
    (workload,) = started
    assert (workload.seed, len(workload.cases)) == (7, 4)


def test_a_record_damaged_in_any_way_keeps_nobody_from_measuring(
    started: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """The forecast is left out, with the reason; the run starts."""

    def stumble(*_: Any) -> None:
        raise TypeError("unsupported operand")

    monkeypatch.setattr("profiling.estimates.before.before", stumble)
    main(["run", "classifier-quick"])
    assert len(started) == 1
    assert "not known beforehand: a record at hand cannot be used (TypeError" in capsys.readouterr().err


def test_the_schema_is_printed_as_json(capsys: Capture) -> None:
    """It validates what ships, as anybody's validator would."""
    assert main(["schema"]) == 0
    Draft202012Validator(json.loads(capsys.readouterr().out)).validate(json.loads(RECORD.read_text()))


@pytest.mark.parametrize(
    "call",
    [
        *(["list"], ["cancel", "RUN"], ["follow", "RUN"], ["show", "RUN"], ["schema"], ["report", "RUN"]),
        ["compare", "RUN", "RUN"],
        ["size", "Llama-3.1-8B"],
        ["estimate", "Llama-3.1-8B", "--device", "H100-SXM"],
    ],
    ids=lambda call: call[0],
)
def test_json_has_the_documented_keys(call: list[str], done: Job, capsys: Capture) -> None:
    """Every key of the help is printed."""
    assert main([*(done.id if word == "RUN" else word for word in call), "--json"]) == 0
    printed = set(json.loads(capsys.readouterr().out))
    assert set(commands.load(call[0]).KEYS) - {"resumed", "part", "hosts", "parts"} <= printed


def test_a_part_is_started_with_its_number(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """And with the whole, from which the start cuts it."""
    parts: list[Any] = []

    def start(workload: Any, root: Path | None, wait: bool, part: Any) -> Job:
        parts.append(part)
        return Job(Path("nowhere"))

    monkeypatch.setattr("profiling.commands.run.jobs.start", start)
    assert main(["run", "classifier-quick", "--sweep", "batch=1,2", "--part", "2/3"]) == 0
    assert parts == [Part(2, 3)]


def test_the_page_on_several_hosts_holds_what_can_be_run() -> None:
    """Its manifest is YAML that asks for as many parts as it names, and each command's sweep has that many cases."""
    page = (Path(__file__).parents[3] / "docs" / "several-hosts.md").read_text(encoding="utf-8")
    calls = [shlex.split(line.partition("-m profiling ")[2]) for line in page.splitlines() if "-m profiling " in line]
    for words in calls:
        options = _parser(words).parse_args(words)
        if words[0] == "run":
            last = options.part.rpartition("/")[2]
            assert Part.parse(f"{last}/{last}").cut(measuring._asked(options)).cases
    assert {words[0] for words in calls} == {"run", "merge"}
    manifest = YAML(typ="safe").load(page.partition("```yaml\n")[2].partition("```")[0])
    assert manifest["spec"]["completionMode"] == "Indexed"
    assert f"/{manifest['spec']['completions']} " in page
    assert f"--array=1-{manifest['spec']['completions']}\n" in page


def test_a_damaged_state_is_listed_with_the_way_on(done: Job, capsys: Capture) -> None:
    """It hides neither itself nor the other runs."""
    write_atomic(done.folder / "state.json", "{")
    assert main(["list", "--json"]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert run["status"] == "unreadable"
    assert "state.json" in run["message"]
    assert f"`resume {done.id}`" in run["message"]


def test_a_complete_run_is_not_resumed(done: Job, capsys: Capture) -> None:
    """The sentence says that nothing is left."""
    assert main(["resume", done.id]) == 2
    assert "is complete" in capsys.readouterr().err


def test_the_list_shows_the_queue(done: Job, capsys: Capture) -> None:
    """In its order; a run that has ended is not in it."""
    lock.ticket("waiting-run").join()
    main(["list", "--json"])
    listed = json.loads(capsys.readouterr().out)
    assert listed["queue"] == ["waiting-run"]
    assert [(run["id"], run["status"]) for run in listed["runs"]] == [(done.id, "done")]


def test_a_run_that_ended_well_has_nothing_to_add(done: Job, capsys: Capture) -> None:
    """Its line ends with how it ended, and its state names no error."""
    assert done.state().error is None
    main(["list"])
    assert capsys.readouterr().out.splitlines()[-1] == f"{done.id}  done"


def test_the_folder_of_all_runs_can_be_named(done: Job, tmp_path: Path, capsys: Capture) -> None:
    """By every command alike."""
    main(["list", "--out", str(tmp_path / "empty"), "--json"])
    assert json.loads(capsys.readouterr().out)["runs"] == []
    main(["cancel", done.id, "--out", str(places.runs()), "--json"])
    assert json.loads(capsys.readouterr().out)["status"] == "done"


def test_no_command_takes_a_common_option_for_itself() -> None:
    """No command defines an option that all of them have."""
    for name in commands.NAMES:
        parser = argparse.ArgumentParser()
        commands.load(name).arguments(parser)
        taken = {option for action in parser._actions for option in action.option_strings}
        assert not taken & {"--out", "--json"}


def test_a_path_in_a_workload_is_found_by_whoever_measures_it(
    started: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that measures runs in another folder, and a run may be resumed from any."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tickets.jsonl").write_text('{"text": "lost", "label": "a"}\n' * 20, encoding="utf-8")
    config = {"model_type": "bert", "num_hidden_layers": 1, "hidden_size": 32, "num_attention_heads": 2}
    config |= {"intermediate_size": 64, "vocab_size": 100}
    asked = {
        "name": "mine",
        "model": {"config": config},
        "data": {"kind": "jsonl", "path": "tickets.jsonl"},
        "cases": [{"kind": "train", "point": {"method": "full", "batch": 2, "tokens": 8}}],
        "effort": {"repeats": 3, "warmup_steps": 1, "warmup_seconds": 0, "steps": 8, "seconds": 0},
    }
    Path("mine.json").write_text(json.dumps(asked), encoding="utf-8")
    assert main(["run", "--workload", "mine.json"]) == 0
    assert started[0].data.path == str(tmp_path / "tickets.jsonl")
