"""Engines: their command lines as text, and one that runs: started, healthy, loaded, and stopped."""

import argparse
import json
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import mock_server
import psutil
import pytest

from profiling.commands import serve, shared
from profiling.engines import ENGINES
from profiling.engines import running as running_module
from profiling.engines.engine import Engine, checked_flags
from profiling.engines.running import free_port, running
from profiling.errors import LoadError, WorkloadError
from profiling.runs import jobs
from profiling.workload.workload import Workload

MOCK = Engine(
    "mock", "The mock", 9, (sys.executable, mock_server.__file__), ("{model}", "{port}"), ("--version",), tried=True
)
LAW = json.dumps({"base_seconds": 0.002})

XLLAMACPP = Path(running_module.__file__).with_name("xllamacpp_server.py")
# As the documentation of each engine writes them; vLLM, SGLang and llama.cpp's own command were not run here.
COMMANDS = {
    "vllm": "vllm serve M --host 127.0.0.1 --port 8000 --x",
    "sglang": "python3 -m sglang.launch_server --model-path M --host 127.0.0.1 --port 8000 --x",
    "llama.cpp": "llama-server -m M --host 127.0.0.1 --port 8000 --x",
    "xllamacpp": f"python3 {XLLAMACPP} --model.path M --port 8000 --x",
    "transformers": "python3 -m transformers.cli.transformers serve M --host 127.0.0.1 --port 8000 --x",
}


def test_command_lines_are_those_of_the_documentation() -> None:
    """Each serves on this computer alone, and takes the user's flags at its end."""
    assert {name: " ".join(one.command("M", 8000, ["--x"])) for name, one in ENGINES.items()} == COMMANDS
    assert [name for name, one in ENGINES.items() if one.tried] == ["xllamacpp", "transformers"]


def test_a_command_is_told_without_folders_and_port(tmp_path: Path) -> None:
    """Another host has others, and the record goes to strangers."""
    model, chat, log, program = (str(tmp_path / name) for name in ("m.gguf", "x.jinja", "log", "python"))
    told = ENGINES["xllamacpp"].told(model, [f"--chat={chat}", "--log", log], program)
    assert " ".join(told) == "python xllamacpp_server.py --model.path m.gguf --port PORT --chat=x.jinja --log log"


def test_the_command_may_be_named() -> None:
    """An engine often lives in an environment of its own."""
    assert ENGINES["sglang"].command("M", 1, program="/opt/sglang/bin/python")[:2] == ["/opt/sglang/bin/python", "-m"]
    assert MOCK.version(sys.executable) == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("INFO 11-28 21:00:00 [__init__.py:216] Automatically detected platform cuda.\n0.11.1rc2.dev45+gabc\n", None),
        (
            "ggml_cuda_init: found 1 CUDA devices:\n  Device 0: NVIDIA H100, compute capability 9.0, VMM: yes\n"
            "version: 4589 (eb7cf15a)\nbuilt with cc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0 for x86_64-linux-gnu\n",
            "4589",
        ),
        ("nothing of the kind, 1.2\n", "of an unknown version"),
    ],
)
def test_the_version_is_not_taken_from_what_an_engine_logs_before(said: str, version: str | None) -> None:
    """vLLM names its own files' lines, and llama.cpp what each device can do."""
    engine = replace(MOCK, version_arguments=("-c", f"print({said!r})"))
    assert engine.version(sys.executable) == (version or "0.11.1rc2.dev45+gabc")


def test_an_engine_that_is_not_here_is_said() -> None:
    """With what to install, or to name."""
    with pytest.raises(WorkloadError, match=r"no command 'nowhere' here; install vLLM, or name its command"):
        ENGINES["vllm"].found("nowhere")
    with pytest.raises(WorkloadError, match="does not tell the version"):
        ENGINES["vllm"].version("/bin/false")


@pytest.mark.parametrize("flags", ["--api-key sk-1", "--api_key=sk-1", "--hf-token hf_1", "-hft hf_1", "--x 'open"])
def test_flags_that_show_a_secret_are_refused(flags: str) -> None:
    """They would stand in the record; and quotes have to be closed."""
    with pytest.raises(WorkloadError) as caught:
        checked_flags(flags)
    assert "sk-1" not in str(caught.value)
    assert checked_flags("--device cpu --max-num-batched-tokens=2048 --tokenizer-mode 'a b'")[-1] == "a b"


def listens(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_runs_for_as_long_as_it_is_loaded(tmp_path: Path) -> None:
    """It is healthy in the block, and gone after it, whatever happened there."""
    port, was_up = free_port(), []

    def loaded() -> None:
        with running(MOCK.command(LAW, port), port, tmp_path / "log", 30):
            was_up.append(listens(port))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loaded()
    assert (was_up, listens(port)) == ([True], False)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("raise SystemExit(3)", r"ended with code 3 before it was healthy; read"),
        ("raise SystemExit('no memory\\n')", r"ended with code 1 before it was healthy: \"no memory\"; read"),
        ("import time; time.sleep(60)", "not healthy after 1 s"),
    ],
)
def test_a_server_that_does_not_start_is_an_error_and_leaves_no_process(code: str, why: str, tmp_path: Path) -> None:
    """The log is named."""
    port = free_port()
    with (
        pytest.raises(LoadError, match=why),
        running([sys.executable, "-c", code, "left-over"], port, tmp_path / "log", 1),
    ):
        pass
    assert not [one for one in psutil.Process().children() if "left-over" in one.cmdline()]


def test_what_a_server_leaves_as_it_dies_is_ended_too(tmp_path: Path) -> None:
    """Its engine would keep the device's memory."""
    child = "import time; time.sleep(60)"
    code = (
        f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {child!r}]).pid, flush=True); exit(3)"
    )
    with (
        pytest.raises(LoadError, match="ended with code 3"),
        running([sys.executable, "-c", code], 1, tmp_path / "log", 9),
    ):
        pass
    (pid,) = (tmp_path / "log").read_text().split()
    until = time.monotonic() + 10
    while psutil.pid_exists(int(pid)) and psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until


@pytest.mark.parametrize(("user", "told"), [(None, "1"), ("0", "0")])
def test_a_server_tells_its_makers_nothing_unless_the_user_wants_it(
    user: str | None, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """vLLM and the libraries of Hugging Face look at this variable."""
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    if user is not None:
        monkeypatch.setenv("DO_NOT_TRACK", user)
    code = "import os; print(os.environ['DO_NOT_TRACK'])"
    with pytest.raises(LoadError), running([sys.executable, "-c", code], free_port(), tmp_path / "log", 9):
        pass
    assert (tmp_path / "log").read_text().strip() == told


def test_the_devices_of_a_server_are_those_that_it_appears_on() -> None:
    """A node has eight; without a driver that lists processes, all may serve."""
    idle, shared_board = {"others": []}, {"others": [{"pid": 1}]}
    before, mine = [idle, shared_board, idle], {"others": [{"pid": 1}, {"pid": 7}]}
    assert serve._taken(before, [{"others": [{"pid": 6}]}, mine, idle]) == 2
    assert serve._taken(before, before) == 3
    assert serve._taken([{"others": None}], [{"others": None}]) == 1
    assert serve._taken([], []) == 1


def test_a_port_that_is_taken_is_not_loaded(tmp_path: Path) -> None:
    """Somebody else's server would be measured."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(LoadError, match=f"port {port} is taken"), running(["true"], port, tmp_path / "log", 1):
            pass


def test_serve_loads_what_it_started_and_says_with_what(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Engine, version and flags go into the workload, and so into the record; the server is up, and then gone."""
    monkeypatch.setitem(ENGINES, "mock", MOCK)
    started: list[Workload] = []

    def start(asked: Workload, _root: Path | None) -> Any:
        started.append(asked)
        assert listens(int(asked.model["url"].split(":")[2].split("/")[0]))

    monkeypatch.setattr(jobs, "start", start)
    monkeypatch.setattr(shared, "see_through", lambda *_, **__: 0)
    workload = tmp_path / "mine.json"
    case = {"kind": "load", "point": {"concurrency": 2, "prompt_tokens": 8, "new_tokens": 4, "requests": 8}}
    workload.write_text(json.dumps({"name": "mine", "cases": [case], "effort": serve.USUAL["effort"]}))
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    serve.arguments(parser)
    options = parser.parse_args(["mock", LAW, "--workload", str(workload), "--sweep", "concurrency=1,3"])
    assert serve.run(options) == 0
    (asked,) = started
    version = ".".join(map(str, sys.version_info[:3]))
    assert asked.model["engine"].startswith(f"The mock {version}: {Path(sys.executable).name} ")
    assert [one.point["concurrency"] for one in asked.cases] == [1, 3]
    assert asked.model["devices"] == 1
    moved = {**asked.model, "url": "http://127.0.0.1:1/v1"}
    assert replace(asked, model=moved).hash == asked.hash
    assert replace(asked, model={**moved, "engine": None}).hash != asked.hash
    assert f"The mock {version}: {sys.executable} " in capsys.readouterr().err
    until = time.monotonic() + 60
    while listens(port := int(asked.model["url"].split(":")[2].split("/")[0])):
        assert time.monotonic() < until, port


def test_what_is_measured_by_default_is_a_workload() -> None:
    """It is read as a file of one's own would be."""
    model = {"url": "http://127.0.0.1:1/v1", "name": "m"}
    assert len(Workload.parse({"name": "usual", "model": model, **serve.USUAL}, "usual").cases) == 3
