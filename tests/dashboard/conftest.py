"""What the dashboard's tests share: a home of their own, the app, and one page of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from example import EXAMPLE
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from dashboard.desk.drafts import Draft, Shelf
from dashboard.desk.owner import folder_of

ROOT = Path(__file__).parents[2]
# Generous, because two cores may be shared with a profiling run.
PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True, scope="session")
def components_are_looked_for_once() -> None:
    """Keep what Streamlit finds among the installed packages, which its test runner reads anew for each session."""
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of the user's own; a desk begins with the example of the tests."""
    monkeypatch.setenv("BREAKEVEN_HOME", str(tmp_path))
    monkeypatch.setattr("dashboard.desk.desk.DEFAULT", EXAMPLE)
    return tmp_path


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Give the sessions that follow to a browser, and return its folder; before, they are of one without cookies."""

    def named(name: str) -> Path:
        token = name.ljust(22, "-")
        monkeypatch.setattr("dashboard.desk.desk.kept_token", lambda: token)
        return folder_of(token)

    return named


@pytest.fixture
def app() -> Callable[..., AppTest]:
    """A session of the whole app with the first example or the draft in the address; `new` is one who just came."""

    def opened(new: bool = False, **query: str) -> AppTest:
        session = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE_SECONDS)
        for name, value in query.items():
            session.query_params[name] = value
        if new:
            return session.run()
        session.session_state["way"] = "example"  # as chosen on the page Start
        offered = [one for one in session.run().button if one.key == f"open:{Path(EXAMPLE).stem}"]
        return offered[0].click().run() if offered else session

    return opened


@pytest.fixture
def page() -> Callable[..., AppTest]:
    """A session of one page, in a language, of the plan that ships or of a draft."""

    def opened(
        name: str, language: str = "en", trials: int = 200, draft: Draft | None = None, is_first: bool = False
    ) -> AppTest:
        known = {"name": name, "language": language, "trials": trials, "is_first": is_first}
        session = AppTest.from_function(_page, kwargs=known)
        session.default_timeout = PATIENCE_SECONDS
        if draft:
            Shelf().save(draft)
            session.query_params["draft"] = draft.id
        return session.run()

    return opened


def _page(name: str, language: str, trials: int, is_first: bool) -> None:
    import inspect

    from app import MENU
    from dashboard.desk.cached import projected
    from dashboard.desk.desk import Desk
    from dashboard.parts.words import Words

    desk = Desk()
    scenario = desk.scenario
    known = {
        "projection": projected(scenario, trials, evidence=True),
        "say": Words(language, scenario.currency, scenario.start),
        "desk": desk,
        "is_first": is_first,
    }
    modules = [module for entries in MENU.values() for module, _ in entries]
    draw = next(module.page for module in modules if module.__name__.rpartition(".")[2] == name)
    draw(*(known[parameter] for parameter in inspect.signature(draw).parameters))


@pytest.fixture
def record(home: Path) -> dict[str, Any]:
    """A finished run of a CPU, with its record, in the user's folder."""

    def estimate(value: float, unit: str) -> dict[str, Any]:
        return {"value": value, "low": 0.9 * value, "high": 1.1 * value, "level": 0.95, "unit": unit, "runs": 3}

    metrics = {"tokens_per_second": estimate(4000, "token/s"), "mfu": estimate(0.4, "1")}
    case = {"status": "ok", "why": None, "memory": {}, "energy": None, "throttled": None, "samples": {}}
    content = {
        "format": "breakeven-measurement",
        "version": 2,
        "id": "20261101T000000-classifier-quick-test",
        "created": "2026-11-01T00:00:00Z",
        "preset": "classifier-quick",
        "workload": {},
        "device": {"kind": "cpu", "name": "Testor 2000", "cores": 2},
        "software": {},
        "ceiling": {"float32_matmul_flops_per_second": estimate(1e11, "FLOP/s")},
        "others": None,
        "cases": [{"kind": "classify", "point": {"batch": 8, "tokens": 64}, "metrics": metrics, **case}],
    }
    folder = home / "runs" / str(content["id"])
    folder.mkdir(parents=True)
    (folder / "request.json").write_text("{}", encoding="utf-8")
    (folder / "record.json").write_text(json.dumps(content), encoding="utf-8")
    return content
