"""The page Hardware: what is worth measuring, what a run will take, and runs that go on, wait, end and go on again."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.profiler import foresight, launcher, live
from dashboard.profiler.launcher import as_json, measuring
from profiling.errors import JobError
from profiling.estimates.before import CaseForecast, Forecast
from profiling.estimates.fit import Interval
from profiling.estimates.prediction import Answer, Prediction
from profiling.runs.job import EXAMINING, Job
from profiling.workload.presets import PRESETS
from profiling.workload.workload import Workload

Page = Callable[..., AppTest]
QUICK = PRESETS["classifier-quick"].workload


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Workload]:
    """The workloads that the page starts, none of which runs."""
    asked: list[Workload] = []
    monkeypatch.setattr(launcher, "start", asked.append)
    return asked


@pytest.fixture
def a_run(home: Path) -> Callable[..., Path]:
    """Makes the folder of a run of the quick classifier that stands as it is told to."""

    def made(name: str, status: str, *, alive: bool = False, finished: int = 0, **fields: Any) -> Path:
        folder = home / "runs" / name
        folder.mkdir(parents=True)
        me = psutil.Process()
        state = {
            "status": status,
            "progress": 0.5,
            "message": f"{name} at work",
            "started": 0.0,
            "updated": 0.0,
            "pid": me.pid if alive else None,
            "error": None,
            "pid_created": me.create_time() if alive else None,
            **fields,
        }
        (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")
        (folder / "log.txt").write_text("the last words\n", encoding="utf-8")
        (folder / "request.json").write_text(json.dumps({"workload": QUICK.to_json()}), encoding="utf-8")
        lines = (
            json.dumps({"event": "case_finished", "place": place, "case": a_case(place)}) for place in range(finished)
        )
        (folder / "events.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return folder

    return made


def a_case(place: int) -> dict[str, Any]:
    """A case of the quick classifier that has ended."""
    plan = QUICK.cases[place]
    ended = {"status": "ok", "why": None, "metrics": {}, "memory": {}, "energy": None, "throttled": None, "samples": {}}
    return {"kind": plan.kind, "point": dict(plan.point), **ended}


def keys(session: AppTest, start: str) -> list[str]:
    """The keys of the buttons that begin so."""
    return [str(button.key) for button in session.button if str(button.key).startswith(start)]


def test_the_quantities_that_leave_most_money_open_come_first(page: Page):
    """Three at most, in descending order of money."""
    session = page("hardware", trials=0)
    amounts = [float(re.sub(r"[^\d.]", "", metric.value)) for metric in session.metric[:3]]
    assert len(keys(session, "next:")) == 3
    assert amounts == sorted(amounts, reverse=True)
    assert {metric.label for metric in session.metric[:3]} == {"Narrows final cash by"}


def test_what_is_worth_measuring_leads_to_a_workload_that_measures_it(page: Page):
    """The rate of a training program is measured by a workload that trains."""
    session = page("hardware", trials=0)
    (program,) = [key for key in keys(session, "next:") if "programs" in key]
    session = session.button(key=program).click().run()
    assert session.session_state["measures"] == "train"
    assert session.session_state["preset"] in measuring("train")


def test_every_workload_that_ships_can_be_chosen(page: Page):
    """Without a wish all are listed."""
    assert len(page("hardware", trials=0).selectbox(key="preset").options) == len(PRESETS)


def test_a_changed_field_is_what_is_started(page: Page, started: list[Workload]):
    """Fields of the workload, of its effort and of its model."""
    session = page("hardware", trials=0)
    session = session.multiselect(key="set:classifier-quick").set_value(["precision", "repeats", "hidden_size"]).run()
    session.selectbox(key="set:classifier-quick:precision").set_value("bfloat16")
    session.text_input(key="set:classifier-quick:repeats").set_value("6")
    session = session.text_input(key="set:classifier-quick:hidden_size").set_value("192").run()
    session.button(key="start-run").click().run()
    (workload,) = started
    assert (workload.precision, workload.effort.repeats, workload.model["config"]["hidden_size"]) == (
        "bfloat16",
        6,
        192,
    )


def test_a_sweep_is_seen_case_by_case_before_it_starts(page: Page, started: list[Workload]):
    """Three batches for each of three cases."""
    session = page("hardware", trials=0)
    session = session.multiselect(key="sweep:classifier-quick").set_value(["batch"]).run()
    session = session.text_input(key="sweep:classifier-quick:batch").set_value("1, 2, 16").run()
    table = session.dataframe[0].value
    assert len(table) == 9
    assert table["Case"].str.contains("batch 16").sum() == 3
    session.button(key="start-run").click().run()
    assert sorted({case.point["batch"] for case in started[0].cases}) == [1, 2, 16]


def test_a_sweep_over_words_offers_them(page: Page, started: list[Workload]):
    """Precisions are chosen, not typed."""
    session = page("hardware", trials=0)
    session = session.multiselect(key="sweep:classifier-quick").set_value(["precision"]).run()
    session = session.multiselect(key="sweep:classifier-quick:precision").set_value(["float32", "bfloat16"]).run()
    session.button(key="start-run").click().run()
    assert len(started[0].cases) == 6


def test_a_sweep_that_cannot_be_measured_is_answered_in_words(page: Page):
    """There is nothing to start until it fits."""
    session = page("hardware", trials=0)
    session = session.multiselect(key="sweep:classifier-quick").set_value(["tokens"]).run()
    session = session.text_input(key="sweep:classifier-quick:tokens").set_value("64, 100000").run()
    assert not session.exception
    assert "100000 tokens exceed" in session.error[0].value
    assert keys(session, "start-run") == []


def test_a_workload_file_joins_the_list(page: Page, started: list[Workload]):
    """What was uploaded is chosen, and can be started."""
    own = as_json(QUICK).replace("classifier-quick", "my-own")
    session = page("hardware", trials=0)
    session = session.file_uploader(key="workload-file").upload("mine.json", own.encode()).run()
    assert session.selectbox(key="preset").value == launcher.OWN
    session.button(key="start-run").click().run()
    assert started[0].name == "my-own"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "mine.json: not a JSON file"),
        (b"\xff", "mine.json: not a JSON file"),
        (as_json(QUICK).replace('"tokens"', '"words"').encode(), "cases[0]"),
        (b'{"name": "x", "colour": "red"}', "'colour'"),
    ],
)
def test_a_workload_file_that_is_wrong_is_answered_with_its_mistake(page: Page, content: bytes, words: str):
    """A sentence with the place; the workload that was chosen stays."""
    session = page("hardware", trials=0)
    session = session.file_uploader(key="workload-file").upload("mine.json", content).run()
    assert not session.exception
    assert words in texts(session)
    assert session.selectbox(key="preset").value == "classifier-quick"


def test_a_run_that_cannot_be_started_is_answered_in_words(page: Page, monkeypatch: pytest.MonkeyPatch):
    """A full disk, for one."""

    def full(_: Workload) -> None:
        raise JobError("the folder cannot be written (No space left on device)")

    monkeypatch.setattr(launcher, "start", full)
    session = page("hardware", trials=0).button(key="start-run").click().run()
    assert "No space left" in session.error[0].value


def test_a_started_run_takes_the_place_of_its_button(page: Page, a_run: Callable[..., Path], monkeypatch: Any):
    """Its progress and the time left are there; a second click finds no button, and starts nothing."""
    asked: list[Workload] = []

    def start(workload: Workload) -> Job:
        asked.append(workload)
        return Job(a_run(f"run-{len(asked)}", "running", alive=True, left_seconds=120.0))

    monkeypatch.setattr(launcher, "start", start)
    session = page("hardware", trials=0)
    stale = session.button(key="start-run")
    session = stale.click().run()
    assert keys(session, "start-run") == []
    assert keys(session, "cancel-run") == ["cancel-run:run-1"]
    assert "Running now" not in texts(session)
    assert "About 2 minutes left" in session.get("progress")[0].proto.text
    session = session.selectbox(key="preset").set_value(sorted(PRESETS)[-1]).run()
    assert keys(session, "start-run")
    assert "Running now" in texts(session)
    assert len(asked) == 1


def test_a_busy_computer_is_told_before_the_start(page: Page, monkeypatch: Any):
    """Whoever measures a busy computer measures the other programs, too."""
    monkeypatch.setattr(launcher, "busy_cores", lambda: (1.8, 2))
    assert "about 1.8 of its 2 processor cores are in use" in texts(page("hardware", trials=0))
    monkeypatch.setattr(launcher, "busy_cores", lambda: (0.1, 2))
    assert "is busy" not in texts(page("hardware", trials=0))


@pytest.mark.parametrize(
    "damaged", ["live.json", "live.jsonl", "events.jsonl", "log.txt", "request.json", "state.json"]
)
@pytest.mark.parametrize("content", [b"[]", b"\xff\n", b'{"loss": "x", "watts": [], "tokens_per_second": {}}\n', None])
def test_no_damaged_file_of_a_run_takes_the_page_down(
    page: Page, a_run: Callable[..., Path], damaged: str, content: bytes | None
):
    """Of a run that goes on and of one that failed: of another kind, not text, or a folder."""
    for folder in (a_run("a", "running", alive=True), a_run("b", "failed", error="x")):
        (folder / damaged).unlink(missing_ok=True)
        (folder / damaged).mkdir() if content is None else (folder / damaged).write_bytes(content)
    assert not page("hardware", trials=0).exception


def test_without_a_measurement_the_time_is_a_lower_bound(page: Page):
    """What the effort asks for is known; how long a step takes is not."""
    values = {metric.label: metric.value for metric in page("hardware", trials=0).metric}
    assert values["Time"].endswith(" or more")
    assert values["Fits in memory"] == "Unknown"


def forecast(memory_gib: tuple[float, float, float], capacity_gib: float) -> Forecast:
    """Each case in two minutes, by what similar cases took, with so much memory."""
    seconds = Interval(120.0, 100.0, 150.0, 0.9)
    took = Prediction(2.0, 1.0, 3.0, 0.9, "s", "calibrated", "earlier runs", 0.1)
    memory = Prediction(*(2**30 * value for value in memory_gib), 0.9, "B", "calibrated", "a fit", 0.1)
    answer = Answer(took, None, memory, None, None, 2**30 * capacity_gib, {}, assumptions=("Engine: a loop.",))
    cases = tuple(CaseForecast(plan, answer, seconds, None) for plan in QUICK.cases)
    return Forecast(cases, seconds.times(len(cases)), 22.5)


@pytest.mark.parametrize(("memory", "verdict"), [((4, 3, 5), "Yes"), ((12, 11, 13), "No"), ((8, 6, 9), "Unknown")])
def test_whether_a_run_fits_is_said_before_it_starts(
    page: Page, monkeypatch: pytest.MonkeyPatch, memory: tuple[float, float, float], verdict: str
):
    """8 GiB hold five, not eleven, and perhaps nine; the time is the sum of all cases."""
    foresight.foreseen.clear()
    monkeypatch.setattr(foresight, "before", lambda *_, **__: forecast(memory, 8))
    session = page("hardware", trials=0)
    values = {metric.label: metric.value for metric in session.metric}
    assert (values["Fits in memory"], values["Most memory"]) == (verdict, f"{memory[0]} GiB")
    assert values["Time"] == "6 minutes"
    assert "90% interval: 5 minutes to 8 minutes" in texts(session)
    assert set(session.dataframe[0].value["Evidence"]) == {"calibrated"}
    assert "not measured here. Engine: a loop." in texts(session)
    foresight.foreseen.clear()


def test_hardware_says_when_there_is_no_driver(page: Page, monkeypatch: pytest.MonkeyPatch):
    """Who starts a run is told beforehand that it may measure the CPU."""
    monkeypatch.setattr("dashboard.profiler.launcher.shutil.which", {}.get)
    assert "No NVIDIA driver" in texts(page("hardware", trials=0))


def test_the_runs_that_wait_stand_below_the_one_that_runs(page: Page, a_run: Callable[..., Path]):
    """Each can be cancelled, and another one started behind them."""
    a_run("a", "running", alive=True)
    a_run("b", "done")
    a_run("c", "waiting", alive=True)
    session = page("hardware", trials=0)
    assert keys(session, "cancel-run") == ["cancel-run:a", "cancel-run:c"]
    assert keys(session, "start-run")


def test_a_run_is_watched_as_it_measures(page: Page, a_run: Callable[..., Path]):
    """Its last values and their course; what no sensor tells is said to be unknown."""
    folder = a_run("a", "running", alive=True)
    points = [{"at": 1.0 * step, "tokens_per_second": 100.0 + step, "loss": 2.0, "watts": None} for step in range(5)]
    (folder / "live.jsonl").write_text("".join(json.dumps(point) + "\n" for point in points), encoding="utf-8")
    (folder / "live.json").write_text(json.dumps({**points[-1], "memory_bytes": 2**31}), encoding="utf-8")
    session = page("hardware", trials=0)
    values = {metric.label: metric.value for metric in session.metric}
    assert (values["Throughput, token/s"], values["Loss"], values["Memory, GiB"]) == ("104", "2", "2")
    assert "Power" not in values
    assert "No sensor on this device reports Power, Temperature" in texts(session)


def test_a_long_course_is_thinned_out():
    """A tile has no room for more points than that; the first one stays."""
    series = [{"loss": float(step)} for step in range(2000)]
    shown = live.course(series, "loss", 1.0)
    assert len(shown) <= live.MOST_POINTS
    assert shown[0] == 0.0


def test_cancelling_does_not_freeze_the_page(page: Page, a_run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch):
    """The page is back while the run still comes to its end."""
    a_run("a", "running", alive=True)
    asked, end = threading.Event(), threading.Event()

    def slowly(_: Job) -> None:
        asked.set()
        end.wait(30)

    monkeypatch.setattr(Job, "cancel", slowly)
    session = page("hardware", trials=0)
    then = time.monotonic()
    session = session.button(key="cancel-run:a").click().run()
    assert asked.wait(5)
    assert not session.exception
    assert time.monotonic() - then < 25
    end.set()


def test_a_run_that_is_being_cancelled_says_so(page: Page, a_run: Callable[..., Path]):
    """And cannot be cancelled twice."""
    (a_run("a", "running", alive=True) / "cancel").touch()
    session = page("hardware", trials=0)
    assert session.button(key="cancel-run:a").disabled


def test_a_run_that_died_shows_its_log_and_can_be_resumed(
    page: Page, a_run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    """What it finished is kept; the rest is measured on request."""
    a_run("a", "running", finished=2)  # its process is gone
    resumed: list[tuple[str, bool]] = []
    monkeypatch.setattr("dashboard.profiler.runs.resume", lambda job, anyway: resumed.append((job.id, anyway)))
    session = page("hardware", trials=0)
    assert "its process is gone" in texts(session)
    assert session.code[0].value == "the last words"
    assert "1 of 3 cases remain" in texts(session)
    assert not session.button(key="resume:a").click().run().exception
    assert resumed == [("a", False)]


@pytest.mark.parametrize(("accepted_first", "offered"), [(True, ["anyway:a"]), (False, [])])
def test_a_run_on_a_changed_machine_is_resumed_only_on_purpose(
    page: Page, a_run: Callable[..., Path], accepted_first: bool, offered: list[str]
):
    """A second button appears where the last attempt failed before it accepted this computer, on any clock."""
    folder = a_run("a", "failed", error="since the run began, torch was 1 and is 2")
    begun, accepted = {"event": "state", "message": EXAMINING, "at": 9.0}, {"event": "examined", "at": 8.0}
    events = [accepted, begun] if accepted_first else [begun, accepted]
    (folder / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
    session = page("hardware", trials=0)
    assert keys(session, "anyway:") == offered
    assert "torch was 1 and is 2" in texts(session)


def test_why_a_run_cannot_be_resumed_is_texts(page: Page, a_run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch):
    """The reason stands below the run."""
    a_run("a", "cancelled")

    def refused(*_: Any) -> None:
        raise JobError("run a still goes on")

    monkeypatch.setattr("dashboard.profiler.runs.resume", refused)
    session = page("hardware", trials=0).button(key="resume:a").click().run()
    assert "run a still goes on" in texts(session)


def test_a_complete_run_has_nothing_to_resume(page: Page, a_run: Callable[..., Path]):
    """All of its cases were measured."""
    a_run("a", "done", finished=3)
    session = page("hardware", trials=0)
    assert keys(session, "resume:") == []
    assert "This run is done" in texts(session)


def test_a_damaged_run_does_not_break_the_page(page: Page, a_run: Callable[..., Path]):
    """A state that cannot be read is a sentence; a line of the events that cannot, too."""
    (a_run("a", "done") / "state.json").write_text("{", encoding="utf-8")
    with (a_run("b", "done", finished=3) / "events.jsonl").open("a", encoding="utf-8") as events:
        events.write("half a line\n")
    session = page("hardware", trials=0)
    assert not session.exception
    assert "state.json" in texts(session)
    assert "events.jsonl" in texts(session)
    assert keys(session, "start-run")


def test_an_older_run_can_be_looked_at(page: Page, a_run: Callable[..., Path]):
    """The last one stands first."""
    a_run("a", "cancelled")
    a_run("b", "done", finished=3)
    session = page("hardware", trials=0)
    session = session.selectbox(key="run:b").set_value("a").run()
    assert "This run was cancelled" in texts(session)
