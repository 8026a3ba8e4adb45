"""A page measures, reads and loads what the server permits; a read-only server keeps nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from example import EXAMPLE
from page_text import texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Shelf
from dashboard.desk.files import bundled, keep
from dashboard.desk.permission import check_reach
from dashboard.profiler import runs
from profiling.errors import WorkloadError
from profiling.workload.address import is_loopback
from simulator.errors import PlanError
from simulator.scenario.reading import load, parse

PRICE = "lever:plans.team.price"
App = Callable[..., AppTest]
LOAD = {
    "name": "mine",
    "model": {"url": "http://192.0.2.1:8000/v1", "name": "m"},
    "cases": [{"kind": "load", "point": {"users": 1, "prompt_tokens": 8, "new_tokens": 8}}],
    "effort": {"repeats": 3, "warmup_steps": 1, "warmup_seconds": 0, "steps": 8, "seconds": 0},
}


def reach(**model_or_data: Any) -> str:
    """Why a page may not reach what a workload names, or nothing."""
    try:
        check_reach(model_or_data)
    except WorkloadError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_names_of_this_computer(host: str):
    """Addresses that lead nowhere else."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.0.2.1", "evil.test", "localhost.evil.test", "2130706433"])
def test_names_of_other_computers(host: str):
    """Addresses that others answer, and names that may lead anywhere."""
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1:8000/v1", "http://127.0.0.1@evil.test/v1", "http://evil.test#@127.0.0.1", "nonsense", ""]
)
def test_a_page_loads_no_other_server(url: str, monkeypatch: pytest.MonkeyPatch):
    """Unless the operator lists it, by scheme, host and port."""
    monkeypatch.setenv("BREAKEVEN_SERVERS", "http://gpu.test:8000, http://other.test")
    assert "model.url" in reach(model={"url": url})


def test_a_page_loads_this_computer_and_what_the_operator_lists(monkeypatch: pytest.MonkeyPatch):
    """The path behind the host does not matter."""
    monkeypatch.setenv("BREAKEVEN_SERVERS", "http://gpu.test:8000, http://other.test")
    for url in ("http://127.0.0.1:8000/v1", "http://[::1]:9/v1", "http://gpu.test:8000/v1", "http://other.test/x"):
        assert reach(model={"url": url}) == ""
    assert reach(model={"url": "http://gpu.test:8001/v1"})


def test_an_address_that_is_none_hides_no_other(monkeypatch: pytest.MonkeyPatch):
    """One of those that the operator lists lacks its scheme."""
    monkeypatch.setenv("BREAKEVEN_SERVERS", "gpu.test:8000, http://other.test,")
    assert reach(model={"url": "http://other.test/v1"}) == ""
    assert reach(model={"url": "http://gpu.test:8000/v1"})


@pytest.mark.parametrize("part", ["model", "data"])
def test_a_page_reads_the_data_folder_only(part: str, home: Path, tmp_path_factory: pytest.TempPathFactory):
    """Neither another folder, nor a way out of this one, nor a link that leads out."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (home / "link").symlink_to(elsewhere)
    assert reach(**{part: {"path": str(home / "mine" / "data.csv")}}) == ""
    for path in ("/etc/passwd", f"{home}/../x", str(home / "link" / "x"), "x.csv", "\0", str(elsewhere)):
        assert f"{part}.path" in reach(**{part: {"path": path}})


def test_a_page_reads_traces_in_the_data_folder_only(home: Path):
    """A trace of arrivals is a file like any other."""
    cases = [{"kind": "load", "point": {"arrivals": path}} for path in (str(home / "mine.csv"), "/etc/passwd")]
    assert reach(cases=cases[:1]) == ""
    assert "arrivals" in reach(cases=cases)


def test_a_workload_is_refused_before_its_files_are_read():
    """The page says which field, and where to put the file; the terminal takes any."""
    session = AppTest.from_function(_launcher).run()
    content = json.dumps({**LOAD, "model": {"path": "/etc"}}).encode()
    session = session.file_uploader(key="workload-file").upload("mine.json", content).run()
    assert not session.exception
    assert any("model.path" in box.value and "terminal" in box.value for box in session.error)


def test_a_server_elsewhere_is_refused_before_a_run_is_queued(home: Path):
    """Nothing is sent, and no run appears."""
    session = AppTest.from_function(_launcher).run()
    session = session.file_uploader(key="workload-file").upload("mine.json", json.dumps(LOAD).encode()).run()
    assert not session.exception
    assert any("model.url" in box.value for box in session.error)
    assert not (home / "runs").exists()


def _launcher() -> None:
    from dashboard.parts.words import Words
    from dashboard.profiler import launcher

    launcher.panel(Words())


def test_a_read_only_server_is_played_with_and_keeps_nothing(app: App, home: Path, monkeypatch: pytest.MonkeyPatch):
    """An edit moves the numbers and undo takes it back; nothing is written, and the page says so."""
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    session = app()
    before = [metric.value for metric in session.metric]
    session = session.number_input(key=PRICE).set_value(3000.0).run()
    assert [metric.value for metric in session.metric] != before
    assert any("read\\-only" in text.value for text in session.main.markdown)
    assert "save" not in [button.key for button in session.button]
    assert "Download yours to keep it" in texts(session)
    session = session.button(key="undo").click().run()
    assert [metric.value for metric in session.metric] == before
    assert list(home.iterdir()) == []


def test_a_read_only_server_opens_a_scenario_that_is_sent_and_keeps_no_record(
    app: App, home: Path, monkeypatch: pytest.MonkeyPatch
):
    """A scenario is read in the session; a record would have to be written."""
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    text = (SHIPPED / EXAMPLE).read_text(encoding="utf-8").replace("title: Support copilot", "title: Sent")
    session = app()
    session = session.file_uploader(key="upload:0").upload("sent.yaml", text.encode()).run()
    assert "Sent" in texts(session)
    session = session.file_uploader(key="upload:1").upload("record.json", b"{}").run()
    assert "keeps no records" in session.table[0].value["What is wrong"].iloc[0]
    assert list(home.iterdir()) == []


def test_a_read_only_server_shows_nobodys_scenarios_and_drafts(app: App, home: Path, monkeypatch: pytest.MonkeyPatch):
    """The operator's own files stay the operator's."""
    (home / "scenarios").mkdir()
    (home / "scenarios" / "secret.yaml").write_text((SHIPPED / EXAMPLE).read_text(encoding="utf-8"), encoding="utf-8")
    session = app().number_input(key=PRICE).set_value(777.0).run()
    name = session.query_params["draft"]
    assert list((home / "drafts").glob(f"*/{name}.json"))
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    visitor = app(draft=name)
    assert visitor.number_input(key=PRICE).value != 777
    assert not [option for option in visitor.selectbox(key="choice").options if "mine" in option]
    assert Shelf().listed() == []


def test_a_read_only_server_compares_with_nobodys_scenarios(page: App, home: Path, monkeypatch: pytest.MonkeyPatch):
    """The list of Compare has the examples alone."""
    (home / "scenarios").mkdir()
    (home / "scenarios" / "secret.yaml").write_text((SHIPPED / EXAMPLE).read_text(encoding="utf-8"), encoding="utf-8")
    assert any("Secret" in name for name in page("compare", trials=0).multiselect(key="other-scenarios").options)
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    options = page("compare", trials=0).multiselect(key="other-scenarios").options
    assert options
    assert not any("Secret" in name for name in options)


def test_a_read_only_server_opens_a_bundle_whose_records_ship(app: App, home: Path, monkeypatch: pytest.MonkeyPatch):
    """They are here already, so that nothing has to be written."""
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    text = (SHIPPED / EXAMPLE).read_text(encoding="utf-8").replace("title: Support copilot", "title: Sent")
    scenario = parse(text.replace("months: 60", "months: 20").replace("trials: 1000", "trials: 0"), SHIPPED)
    session = app()
    session = session.file_uploader(key="upload:0").upload("sent.zip", bundled(scenario)).run()
    assert "Sent" in texts(session)
    assert not session.table
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "key", "said"),
    [
        ("hardware", "start-run", "start the run on a server of your own"),
        ("measurements", "attach", "attach the record on a server of your own"),
    ],
)
def test_a_button_that_a_read_only_server_lacks_says_so(
    page: App, monkeypatch: pytest.MonkeyPatch, name: str, key: str, said: str
):
    """Beside it, since the line over the page is out of sight there."""
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    session = page(name)
    if name == "measurements":
        session = session.button_group(key="view").set_value("plan").run()
    assert session.button(key=key).disabled
    assert said in texts(session)


def test_what_is_sent_to_a_read_only_server_is_no_example_of_the_same_name(app: App, monkeypatch: pytest.MonkeyPatch):
    """The address of the example would show others other figures, and the menu offers the example itself."""
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    text = (SHIPPED / EXAMPLE).read_text(encoding="utf-8")
    session = app()
    assert session.query_params["example"] == Path(EXAMPLE).stem
    session = (
        session.file_uploader(key="upload:0")
        .upload(EXAMPLE, text.replace("title: Support", "title: My support").encode())
        .run()
    )
    assert "My support" in texts(session)
    assert "example" not in session.query_params
    assert session.selectbox(key="choice").value is None


def test_a_read_only_server_shows_nobodys_runs_and_records(
    page: App, record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    """Their logs have paths of the operator's computer; the records that ship are there."""
    assert any(record["device"]["name"] in name for name in page("measurements").selectbox(key="record").options)
    assert runs.listed()
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    options = page("measurements").selectbox(key="record").options
    assert options
    assert not any(record["device"]["name"] in name for name in options)
    assert not runs.listed()


def test_a_company_made_on_a_read_only_server_reads_shipped_records_only(
    app: App, home: Path, monkeypatch: pytest.MonkeyPatch
):
    """A value that names a record would read the operator's otherwise."""
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    session = app(new=True).button(key="make").click().run()
    assert not session.exception
    assert session.session_state["draft"].now.folder == SHIPPED
    assert list(home.iterdir()) == []


def test_a_read_only_server_refuses_to_save(home: Path, monkeypatch: pytest.MonkeyPatch):
    """Whatever asks for it."""
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    with pytest.raises(PlanError, match="read-only"):
        keep(load(SHIPPED / EXAMPLE), "mine")
    assert reach(data={"path": str(home / "x.csv")})
    assert reach(model={"url": "http://127.0.0.1:8000"})
