"""The rules of the architecture, held over the syntax trees: who may import whom, and how large things may grow."""

import ast
import re
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The rooms of each package from the top floor down: a room may import those below it, and none above.
FLOORS = {
    "simulator": (
        "__main__",
        "commands",
        "terminal",
        "output",
        "begin",
        "answers",
        "equity",
        "scenario",
        "lines",
        "engine",
        "errors",
    ),
    "profiling": (
        *(
            "__main__",
            "commands",
            "survey",
            "worker",
            "estimates",
            "making",
            "serving",
            "load",
            "measure",
            "data",
            "models",
        ),
        *("examples", "hardware", "engines", "runs", "results", "workload", "reference", "architecture", "methods"),
        *("registry", "places", "checks", "files", "printed", "errors"),
    ),
    "dashboard": ("texts", "pages", "profiler", "parts", "desk"),
}
# What may be read of the packages below; the rest of profiling runs models, or serves what does.
READS = {
    "simulator": {"profiling": {"results", "places", "checks", "files", "printed", "errors"}},
    "profiling": {},
    "dashboard": {
        "simulator": {"output", "begin", "answers", "equity", "scenario", "lines", "engine", "errors"},
        "profiling": {
            *("runs", "workload", "results", "estimates", "reference"),
            *("architecture", "methods", "places", "checks", "files", "errors"),
        },
    },
}
FACES = ("simulator", "profiling")  # they hand on names of every floor
RUNS_MODELS = ("worker", "making", "serving", "load", "measure", "models", "data", "hardware", "commands")
SOURCES = sorted([ROOT / "app.py", *(path for package in FLOORS for path in (ROOT / package).rglob("*.py"))])
EVERY_FILE = sorted([*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])
MOST_LINES, MOST_MODULES, LONGEST_MEDIAN = 400, 16, 10


def place(path: Path) -> str:
    """Return a file's path in the repository."""
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    """Return a file's name as a module."""
    return place(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {dotted(path): path for path in SOURCES}


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules that a file imports anywhere: of `from a import b`, a.b where that is a module, else a."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return frozenset(found)


def importers(name: str) -> set[str]:
    """Return the files that import a package or a part of it."""
    return {place(path) for path in SOURCES if any(f"{one}.".startswith(f"{name}.") for one in imports(path))}


def climbs(path: Path) -> Iterator[str]:
    """Yield the imports of a file that lead to a higher floor, or to a room that it may not read."""
    package, *rooms = dotted(path).split(".")
    if not rooms or package not in FLOORS:
        return
    floor = FLOORS[package].index(rooms[0])
    allowed = {package: FLOORS[package][floor:], **READS[package]}
    for name in imports(path):
        other, *inner = name.split(".")
        if other in (*FLOORS, "app") and (not inner or inner[0] not in allowed.get(other, ())):
            yield name


def test_imports_lead_downwards():
    """A room imports the rooms below it, and of other packages only what it may read."""
    assert [f"{place(path)} imports {name}" for path in SOURCES for name in climbs(path)] == []


def test_every_room_has_its_floor():
    """A new room is placed among the floors before it is used."""
    rooms = {tuple(dotted(path).split(".")[:2]) for path in SOURCES if path.name != "app.py"}
    assert {room for package, *inner in rooms for room in inner if room not in FLOORS[package]} == set()


def test_no_modules_import_each_other_in_a_circle():
    """Imports inside functions count, too."""
    graph = {name: imports(path) & MODULES.keys() - {name} for name, path in MODULES.items() if name not in FACES}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("name", ["dashboard", "streamlit"])
def test_only_the_frame_and_pages_show_pages(name: str):
    """Pages are shown by `app.py` and read by nothing below; everything else can be used without a browser."""
    assert {name for name in importers(name) if not name.startswith(("app.py", "dashboard/"))} == set()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("pynvml", "profiling/hardware/nvml.py"),
        ("xlsxwriter", "simulator/output/book/excel.py"),
        ("openpyxl", "simulator/output/book/reading.py"),
    ],
)
def test_one_module_talks_to_the_driver_and_one_each_writes_and_reads_workbooks(name: str, place: str):
    """The binding to NVIDIA's driver, the Excel writer and the Excel reader are imported in one place each."""
    assert importers(name) == {place}


def test_only_rooms_that_run_models_import_torch():
    """The plan, the pages, and everything that they read can do without it."""
    assert {name for name in importers("torch") if name.split("/")[1] not in RUNS_MODELS} == set()


def test_the_dashboard_starts_without_torch():
    """Importing every module that it may read loads neither torch nor transformers."""
    free = {"simulator": FLOORS["simulator"], "dashboard": FLOORS["dashboard"], **READS["dashboard"]}
    names = [name for name in MODULES if (rooms := name.split("."))[1:] and rooms[1] in free.get(rooms[0], ())]
    code = f"import sys, {', '.join(names)}; print(sorted({{'torch', 'transformers', 'pynvml'}} & set(sys.modules)))"
    python = [sys.executable, "-c", code]
    done = subprocess.run(python, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_a_file_can_be_read_in_one_sitting():
    """No file grows beyond four hundred lines."""
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in EVERY_FILE}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_a_folder_has_few_doors():
    """No folder has more modules than a person can survey."""
    modules = Counter(path.parent for path in EVERY_FILE)
    assert {place(folder) for folder, count in modules.items() if count > MOST_MODULES} == set()


def test_test_modules_have_names_of_their_own():
    """pytest imports test modules by their bare names."""
    names = Counter(path.name for path in EVERY_FILE if path.name.startswith("test_"))
    assert [name for name, count in names.items() if count > 1] == []


def test_every_room_says_what_lives_there():
    """A package's docstring is the sign on its door."""
    doors = [path for path in SOURCES if path.name == "__init__.py"]
    assert [place(path) for path in doors if not ast.get_docstring(tree(path))] == []


def test_functions_are_short():
    """The median function of the sources stays below ten lines."""
    nodes = (node for path in SOURCES for node in ast.walk(tree(path)))
    lengths = [node.end_lineno - node.lineno + 1 for node in nodes if isinstance(node, ast.FunctionDef)]
    assert statistics.median(lengths) < LONGEST_MEDIAN


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
