"""Each page draws the shipped plan, in every language, with its sentences made from the data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.desk import DEFAULT, SHIPPED
from dashboard.drafts import Draft
from dashboard.hardware import fits
from dashboard.overview import cash_chart
from dashboard.words import Words
from profiling.jobs import State
from profiling.record import Record
from simulator.attach import keep_record
from simulator.projection import project
from simulator.reading import load

PAGES = ("overview", "pricing", "risk", "why", "hardware", "assumptions")
Page = Callable[..., AppTest]


def texts(session: AppTest) -> str:
    """Everything that a page says."""
    kinds = ("markdown", "caption", "subheader", "info", "success", "warning", "error")
    return "\n".join(str(element.value) for kind in kinds for element in session.get(kind))


@pytest.mark.parametrize("language", ["en", "de", "pseudo"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_draws_the_shipped_plan(page: Page, name: str, language: str):
    """No page fails in any language."""
    assert not page(name, language).exception


@pytest.mark.parametrize("name", PAGES)
def test_a_page_draws_the_base_plan_before_the_trials_are_run(page: Page, name: str):
    """The answer comes at once; bands and chances follow."""
    assert not page(name, trials=0).exception


def test_the_overview_gives_a_verdict_with_reasons(page: Page):
    """The grade is the title of the first box, and its reasons are a list."""
    session = page("overview")
    boxes = [box for kind in ("success", "info", "warning", "error") for box in session.get(kind)]
    assert len(boxes) == 1
    assert boxes[0].value.count("\n- ") >= 3


def test_the_overview_says_what_the_answer_rests_on(page: Page):
    """The share that was measured is written in words beside the bar."""
    assert "was measured" in texts(page("overview"))


def test_every_chart_has_an_alternative_text_that_is_also_on_the_page(page: Page):
    """What a screen reader is told, everybody can read."""
    session = page("risk")
    charts = session.get("plotly_chart")
    said = texts(session).replace("\\", "")
    assert len(charts) == 3
    assert all(chart.proto.alt and chart.proto.alt in said for chart in charts)


def test_no_chart_offers_to_upload_itself(page: Page):
    """plotly's button that sends a figure to a cloud is off."""
    charts = page("overview").get("plotly_chart")
    assert all('"showSendToCloud": false' in chart.proto.config for chart in charts)


def test_why_walks_from_cash_to_an_assumption(page: Page):
    """Going down the inputs ends at a number with its evidence and source."""
    session = page("why")
    for _ in range(12):
        buttons = [button for button in session.button if str(button.key).startswith("input:")]
        if not buttons:
            break
        session = buttons[-1].click().run()
    assert not session.exception
    assert "Evidence" in session.table[0].value.index
    assert any(str(button.key).startswith("crumb:") for button in session.button)


def test_why_leads_back(page: Page):
    """A step of the trail returns to its number."""
    session = page("why")
    session = session.button(key="input:1").click().run()
    session = session.button(key="crumb:0").click().run()
    assert session.metric[0].label.startswith("Cash,")


def test_cash_is_drawn_with_the_floor_that_decides_ruin():
    """A floor above zero is where the money runs out, and is named."""
    scenario = load(SHIPPED / DEFAULT)
    raised = replace(scenario, settings=replace(scenario.settings, cash_floor=50_000.0))
    layout = cash_chart(project(raised, 0), Words()).layout
    assert [(line.y0, line.y1) for line in layout.shapes] == [(50_000.0, 50_000.0)]
    assert [note.text for note in layout.annotations] == ["cash floor"]


def test_hardware_says_that_a_record_is_a_cpus(page: Page, record: dict[str, Any]):
    """A CPU's numbers are marked wherever they stand."""
    session = page("hardware")
    session.selectbox(key="record").select_index(0).run()
    titles = session.selectbox(key="record").options
    assert any(title.startswith("CPU") and record["preset"] in title for title in titles)
    assert any("Measured on a CPU" in box.value for box in session.warning)


def test_hardware_says_when_there_is_no_driver(page: Page, monkeypatch: pytest.MonkeyPatch):
    """Who starts a run is told beforehand that it may measure the CPU."""
    monkeypatch.setattr("dashboard.runs.shutil.which", {}.get)
    assert "No NVIDIA driver" in texts(page("hardware"))


def test_hardware_says_when_nothing_was_measured(page: Page, monkeypatch: pytest.MonkeyPatch):
    """Without a record of one's own and without one that ships, the page says what to do."""
    monkeypatch.setattr("dashboard.hardware.found", lambda _: {})
    assert "Nothing was measured yet" in texts(page("hardware"))


def test_hardware_shows_the_runs_that_wait_below_the_one_that_runs(page: Page, monkeypatch: pytest.MonkeyPatch):
    """Each can be cancelled, whichever was started last."""
    monkeypatch.setattr(
        "dashboard.runs.jobs", lambda: [a_run("c", "waiting"), a_run("b", "done"), a_run("a", "running")]
    )
    session = page("hardware")
    keys = [button.key for button in session.button if str(button.key).startswith("cancel-run")]
    assert keys == ["cancel-run:a", "cancel-run:c"]


def a_run(name: str, status: str) -> Any:
    """What the page sees of a run."""
    state = State(status, 0.5, "", 0.0, 0.0, None, None)
    return SimpleNamespace(id=name, folder=Path(name), state=lambda: state, cancel=lambda: None)


def test_a_measurement_is_used_in_the_plan(page: Page, home: Path, record: dict[str, Any]):
    """One click makes a pool rest on the record, which is kept beside the plan; the cost is shown before."""
    session = page("hardware")
    text = (SHIPPED / DEFAULT).read_text(encoding="utf-8")
    plain = Draft.of("mine.yaml", home / "scenarios", re.sub(r"\{measured: .*?\}\}?", "1000", text))
    session.session_state["draft"] = plain
    session = session.run()
    session = session.selectbox(key="record").set_value(home / "runs" / record["id"] / "record.json").run()
    session = session.selectbox(key="target").set_value(("pool", "classifier")).run()
    assert [metric.label for metric in session.metric] == [
        "Cost per million tokens, now", "Cost per million tokens, with this measurement"
    ]  # fmt: skip
    session = session.button(key="attach").click().run()
    assert not session.exception
    edit = session.session_state["draft"].edits["pools.classifier.tokens_per_second"]
    assert record["id"] in edit["value"]["measured"]
    assert (home / "scenarios" / edit["value"]["measured"]).exists()


def test_a_measurement_leaves_the_product_alone(page: Page, home: Path, record: dict[str, Any]):
    """The plan that ships moves to the user's own folder before it takes a record."""
    before = sorted(SHIPPED.rglob("*"))
    session = page("hardware")
    session = session.selectbox(key="record").set_value(home / "runs" / record["id"] / "record.json").run()
    session = session.selectbox(key="target").set_value(("pool", "classifier")).run()
    session = session.button(key="attach").click().run()
    assert not session.exception
    assert sorted(SHIPPED.rglob("*")) == before
    draft = session.session_state["draft"]
    assert draft.folder == home / "scenarios"
    assert (draft.folder / draft.edits["pools.classifier.tokens_per_second"]["value"]["measured"]).exists()


def test_a_measurement_that_no_plan_can_take_is_answered_in_words(page: Page, home: Path, record: dict[str, Any]):
    """A rate of nothing serves nobody; the rest of the page stays."""
    record["cases"][0]["metrics"]["tokens_per_second"].update(value=0, low=0, high=0)
    path = home / "runs" / record["id"] / "record.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    session = page("hardware")
    session = session.selectbox(key="record").set_value(path).run()
    session = session.selectbox(key="target").set_value(("pool", "classifier")).run()
    assert not session.exception
    assert "pools.classifier.tokens" in texts(session).replace("\\", "")
    assert session.button(key="attach")


def test_a_measurement_of_another_device_is_marked(page: Page, home: Path, record: dict[str, Any]):
    """A CPU's rate for a pool of GPUs is answered with both names."""
    session = page("hardware")
    session = session.selectbox(key="record").set_value(home / "runs" / record["id"] / "record.json").run()
    session = session.selectbox(key="target").set_value(("pool", "large")).run()
    said = "\n".join(box.value for box in session.warning)
    assert "Testor 2000" in said
    assert "NVIDIA H100 80GB" in said


@pytest.mark.parametrize(
    ("measured", "planned", "fit"),
    [
        ({"kind": "cpu", "name": "Testor", "cores": 2}, "CPU machine, 2 cores", True),
        ({"kind": "cuda", "name": "NVIDIA H100 80GB HBM3"}, "CPU machine, 2 cores", False),
        ({"kind": "cuda", "name": "NVIDIA H100 80GB HBM3"}, "H100 SXM5", True),
        ({"kind": "cuda", "name": "NVIDIA H100 80GB HBM3"}, "NVIDIA A100 80GB", False),
        ({"kind": "cuda", "name": "NVIDIA H100 80GB HBM3"}, "a rented GPU", True),
        ({"kind": "cuda", "name": "NVIDIA H100 80GB HBM3"}, "", True),
    ],
)
def test_a_device_is_known_by_its_model(record: dict[str, Any], measured: dict[str, Any], planned: str, fit: bool):
    """A plan names its device in its own words; the memory alone tells no device."""
    assert fits(Record.parse({**record, "device": measured}, "record"), planned) == fit


@pytest.mark.parametrize(("price", "words"), [("49", "as planned"), ("{0: 49, 12: 59}", "at this point")])
def test_the_price_map_is_the_plan_only_where_the_price_stands_still(page: Page, home: Path, price: str, words: str):
    """A price given once for all plans is mapped, too; a schedule is not what one point of the map computes."""
    text = re.sub(r"\n    price:.*", "", (SHIPPED / DEFAULT).read_text(encoding="utf-8"))
    keep_record(next(SHIPPED.glob("measurements/*.json")), home)
    text = text.replace("\nassumptions:\n", f"\nassumptions:\n  price: {price}\n", 1)
    session = page("pricing", draft=Draft.of("mine.yaml", home, text))
    assert not session.exception
    assert words in texts(session)


def test_the_table_of_assumptions_is_searched_by_words(page: Page):
    """Only the assumptions that hold every word are shown."""
    session = page("assumptions")
    session.text_input(key="table-search").set_value("starter price").run()
    names = list(session.data_editor[0].value["Assumption"])
    assert "plans.starter.price" in names
    assert all("starter" in name for name in names)
