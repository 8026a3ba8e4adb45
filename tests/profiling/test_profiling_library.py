"""The library's face: what `import profiling` offers, shown by its own example."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import profiling

ROOT = Path(__file__).parents[2]


def test_the_example_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example in the docstring prints what it says."""
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(profiling)
    assert (found.failed, found.attempted > 0) == (0, True)


def test_the_example_shows_the_public_names() -> None:
    """Every public name exists and is mentioned in the docstring."""
    assert all(hasattr(profiling, name) and name in (profiling.__doc__ or "") for name in profiling.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """Names are looked up late, and a wrong one is reported as Python always does."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        profiling.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("imports", "libraries"),
    [
        # The dashboard starts without torch, and so does its server that forecasts.
        pytest.param("from profiling.runs import follow, job, jobs, live, lock", {"torch"}, id="runs"),
        pytest.param("from profiling.workload import presets, sweep", {"torch"}, id="workloads"),
        pytest.param("from profiling.results import report, schema", {"torch"}, id="reports"),
        pytest.param("import profiling.estimates.before", {"torch", "transformers"}, id="forecasts"),
        # A server that imports torch itself is not waited for by one more.
        pytest.param("from profiling.commands import serve; serve._device([])", {"torch"}, id="serving"),
        # A projection reads curves with the standard library alone.
        pytest.param("import profiling.results.curve", {"numpy", "scipy", "aiohttp", "torch"}, id="curves"),
    ],
)
def test_reading_loads_no_library_that_measures(imports: str, libraries: set[str]) -> None:
    """What reads runs, records and curves leaves large libraries alone."""
    code = f"import sys; {imports}; print({libraries} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_reading_a_record_needs_the_standard_library_alone() -> None:
    """A scenario can be read on a computer that has none of the libraries that measure."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); import profiling; print(profiling.load_record.__module__)"
    command = [sys.executable, "-S", "-I", "-c", code, str(ROOT)]
    isolated = subprocess.run(command, capture_output=True, text=True, check=True)
    assert isolated.stdout.strip() == "profiling.results.record"
