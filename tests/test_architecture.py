"""The rules of the architecture, held over the syntax trees: who may import whom, and how large a file may grow."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.answers.projection import project
from simulator.scenario.reading import load

ROOT = Path(__file__).parents[1]
PACKAGES = ("simulator", "profiling", "dashboard")
OWN = (*PACKAGES, "app")
SOURCES = sorted([ROOT / "app.py", *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))])
MOST_LINES = 400

# What may be read of the profiling package without torch; all else there runs models or serves those that do.
TORCH_FREE = {
    *("record", "jobs", "presets", "errors", "places", "files", "load", "palette", "drawing"),
    *("sweep", "workload", "checks", "predictor", "figures", "definitions", "costs", "datasheets"),
    *("compare", "html_report"),
}
# What a command needs is imported when it is called, so that the arrow back exists in one function alone.
MAY_ATTACH = "profiling/commands/attach.py"


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a file imports: of `from a import b` both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def place(path: Path) -> str:
    """A file's path in the repository."""
    return path.relative_to(ROOT).as_posix()


def importers(name: str) -> set[str]:
    """The files that import a package or a part of it."""
    return {place(path) for path in SOURCES if any(f"{one}.".startswith(f"{name}.") for one in imports(path))}


def parts_read(reader: str, package: str) -> set[str]:
    """The modules of `package` that the files of `reader` import."""
    found = {name for path in (ROOT / reader).rglob("*.py") for name in imports(path)}
    return {name.split(".")[1] for name in found if name.startswith(f"{package}.")}


def test_nothing_imports_the_frame():
    """`app.py` is the top."""
    assert importers("app") == set()


def test_only_the_frame_imports_the_dashboard():
    """Pages are shown by `app.py` and read by nothing below."""
    assert {name for name in importers("dashboard") if not name.startswith(("app.py", "dashboard/"))} == set()


def test_only_what_stands_above_imports_the_plan():
    """Profiling knows nothing of the plan, but for the one command that attaches a record to it."""
    below = {name for name in importers("simulator") if name.startswith("profiling/")}
    assert below <= {MAY_ATTACH}


def test_the_arrow_back_is_inside_a_function():
    """Importing the profiling commands does not import the plan."""
    module = ast.parse((ROOT / MAY_ATTACH).read_text(encoding="utf-8"))
    top = [node.module for node in module.body if isinstance(node, ast.ImportFrom) and node.module]
    assert [name for name in top if name.split(".")[0] == "simulator"] == []


def test_the_plan_reads_records_and_nothing_else():
    """The record is the only bridge from the hardware."""
    assert parts_read("simulator", "profiling") <= {"record", "errors", "files", "load"}


def test_the_dashboard_reads_what_needs_no_torch():
    """Runs are started, followed and read as files."""
    assert parts_read("dashboard", "profiling") <= TORCH_FREE


def test_only_the_frame_and_pages_import_streamlit():
    """Everything else can be used without a browser."""
    assert {name for name in importers("streamlit") if not name.startswith(("app.py", "dashboard/"))} == set()


def test_one_module_talks_to_the_driver():
    """pynvml is imported in one place."""
    assert importers("pynvml") == {"profiling/hardware/nvml.py"}


def test_the_plan_and_the_pages_never_name_torch():
    """Only what runs models imports it."""
    assert {name for name in importers("torch") if not name.startswith("profiling/")} == set()


def modules_without_torch() -> list[str]:
    """The modules that a server of the dashboard loads."""
    pages = [f"dashboard.{path.stem}" for path in sorted((ROOT / "dashboard").glob("*.py")) if path.stem != "__init__"]
    return [
        *pages,
        "simulator.__main__",
        "simulator.scenario.attach",
        *(f"profiling.{name}" for name in sorted(TORCH_FREE)),
    ]


def test_the_dashboard_starts_without_torch():
    """Importing all of its modules loads neither torch nor transformers."""
    names = ", ".join(modules_without_torch())
    code = f"import sys, {names}; print(sorted({{'torch', 'transformers', 'pynvml'}} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=place)
def test_a_file_can_be_read_in_one_sitting(path: Path):
    """Nothing grows beyond four hundred lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=place)
def test_every_scenario_that_ships_runs(path: Path):
    """It loads without mistakes, and its plan has a number in every month."""
    assert project(load(path), 5).kpis


def tracked() -> list[Path]:
    """The text files that belong to the repository, those not yet committed included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [path for name in listed if name and (path := ROOT / name).is_file() and b"\0" not in path.read_bytes()]


def test_no_file_names_a_machines_folders():
    """Absolute paths of whoever wrote a file mean nothing to its reader."""
    private = re.compile(r"/(?:home|Users|root|work)/\w")
    assert {place(path) for path in tracked() if private.search(path.read_text(encoding="utf-8"))} == set()


def test_every_requirement_is_pinned():
    """The same file installs the same versions tomorrow."""
    listed = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = [line.partition("#")[0].strip() for line in listed]
    assert [line for line in named if line and not re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!]+( *;.*)?", line)] == []


def test_the_shipped_plan_shows_both_kinds_of_evidence():
    """Part of what moves its cost was measured, and part was published."""
    evidence = project(load(ROOT / "scenarios" / "support-copilot.yaml"), 0).evidence
    assert evidence["measured"] > 0
    assert evidence["published"] > 0


def test_the_pictures_of_the_readme_are_there():
    """The first screen shows the dashboard."""
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
