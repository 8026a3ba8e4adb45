"""The page Measurements: records found, shown, compared, and taken into the plan."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from example import EXAMPLE
from page_text import charts, texts
from streamlit.testing.v1 import AppTest

from dashboard.desk.desk import SHIPPED
from dashboard.desk.drafts import Draft
from dashboard.profiler.curves import curves_of
from profiling.load.figures import CAPACITY_ONLY
from profiling.results.curve import rate_within
from profiling.results.record import Record

Page = Callable[..., AppTest]
H100 = {"kind": "cuda", "name": "NVIDIA H100 80GB HBM3"}


def estimate(value: float, unit: str, spread: float = 0.02) -> dict[str, Any]:
    """A value from five runs, known to so large a share."""
    ends = {"low": (1 - spread) * value, "high": (1 + spread) * value}
    return {"value": value, **ends, "level": 0.95, "unit": unit, "runs": 5}


@pytest.fixture
def put(home: Path, record: dict[str, Any]) -> Callable[..., Path]:
    """Adds a run whose record is the fixture's with other fields; gives the record's file."""

    def made(name: str, **fields: Any) -> Path:
        content = {**deepcopy(record), "id": name, **fields}
        folder = home / "runs" / name
        folder.mkdir(parents=True)
        (folder / "request.json").write_text("{}", encoding="utf-8")
        path = folder / "record.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return made


def a_case(kind: str, point: dict[str, Any], metrics: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A finished case with these figures."""
    plain = {"status": "ok", "why": None, "memory": {}, "energy": None, "throttled": None, "samples": {}}
    return {"kind": kind, "point": point, "metrics": metrics, **plain, **fields}


def generating(*loads: tuple[int, float, float]) -> list[dict[str, Any]]:
    """Generation at batches with their tokens a second and seconds a token."""
    return [
        a_case(
            "generate",
            {"batch": batch, "prompt_tokens": 32, "new_tokens": 16},
            {"tokens_per_second": estimate(rate, "token/s"), "tpot_seconds": estimate(wait, "s")},
        )
        for batch, rate, wait in loads
    ]


def shown(page: Page, path: Path, view: str = "figures", **options: Any) -> AppTest:
    """A record in one of its views."""
    session = page("measurements", trials=0, **options)
    session = session.selectbox(key="record").set_value(path).run()
    return session if view == "figures" else session.button_group(key="view").set_value(view).run()


def own(home: Path, record: dict[str, Any]) -> Path:
    """The fixture's record."""
    return home / "runs" / record["id"] / "record.json"


def test_a_record_of_a_cpu_is_marked_wherever_it_stands(page: Page, home: Path, record: dict[str, Any]):
    """In its name, above it, and beside each sentence."""
    session = shown(page, own(home, record))
    titles = session.selectbox(key="record").options
    assert any("CPU" in title and record["preset"] in title for title in titles)
    assert any("Measured on a CPU" in box.value for box in session.warning)
    assert "batch 8. (measured on a CPU)" in texts(session)


def test_without_any_record_the_page_says_what_to_do(page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Nothing of one's own, and nothing that ships."""
    monkeypatch.setattr("dashboard.profiler.records.SHIPPED", tmp_path / "nowhere")
    draft = Draft.of("mine.yaml", tmp_path, re.sub(r"\{measured: .*?\}\}?", "1000", plan()))
    assert "There are no records yet" in texts(page("measurements", trials=0, draft=draft))


def plan() -> str:
    """The text of the plan that opens by itself."""
    return (SHIPPED / EXAMPLE).read_text(encoding="utf-8")


def test_a_broken_record_is_a_sentence_and_the_others_stay(
    page: Page, put: Callable[..., Path], record: dict[str, Any]
):
    """A file that is no JSON, and one that lacks its device."""
    put("a").write_text("{", encoding="utf-8")
    put("b", device={})
    session = page("measurements", trials=0)
    assert not session.exception
    assert len(session.warning) >= 2
    assert any(record["preset"] in title for title in session.selectbox(key="record").options)


def test_a_record_that_was_replaced_is_read_again(page: Page, put: Callable[..., Path]):
    """What is on disk is what is shown."""
    path = put("a", preset="before")
    page("measurements", trials=0)
    path.write_text(path.read_text(encoding="utf-8").replace('"before"', '"afterwards"'), encoding="utf-8")
    assert any("afterwards" in title for title in page("measurements", trials=0).selectbox(key="record").options)


@pytest.mark.parametrize(
    ("key", "value"),
    [("search-device", "NVIDIA H100 80GB HBM3"), ("search-preset", "other-quick"), ("search-words", "h100 BATCH 4")],
)
def test_records_are_found_by_device_workload_and_words(page: Page, put: Callable[..., Path], key: str, value: str):
    """Only the one that is like that is left."""
    put("a", device=H100, preset="other-quick", cases=generating((4, 10.0, 0.1)))
    session = page("measurements", trials=0)
    kind = session.text_input if key == "search-words" else session.selectbox
    session = kind(key=key).set_value(value).run()
    assert len(session.selectbox(key="record").options) == 1
    assert "other-quick" in session.selectbox(key="record").options[0]


def test_records_are_found_by_their_day_and_kind_of_cases(page: Page, put: Callable[..., Path]):
    """A day that nothing was measured after leaves none, and the page says what to do."""
    put("a", created="2031-01-01T00:00:00Z", cases=generating((4, 10.0, 0.1)))
    session = page("measurements", trials=0)
    session = session.date_input(key="search-since").set_value("2030-01-01").run()
    assert len(session.selectbox(key="record").options) == 1
    session = session.button_group(key="search-kinds").set_value(["train"]).run()
    assert "Widen the search" in texts(session)


def test_every_case_says_how_it_ended_and_why(page: Page, put: Callable[..., Path]):
    """Out of memory is a result, with the batch that would have fitted; no sensor is said, not guessed."""
    beyond = a_case("classify", {"batch": 64, "tokens": 64}, {}, status="out_of_memory", why="80 GiB were not enough")
    slow = a_case("classify", {"batch": 8, "tokens": 64}, {}, throttled=True, throttle_reasons=["power"])
    session = shown(page, put("a", device=H100, cases=[{**beyond, "largest_batch": 48}, slow]), "cases")
    first, second = session.dataframe[0].value.to_dict("records")
    assert first["Result"] == "out of memory"
    assert "80 GiB were not enough The largest batch that fits is 48." in first["Why"]
    assert first["Energy"] == "no sensor"
    assert "Throttled by power" in second["Why"]


def test_a_figure_stands_with_its_definition(page: Page, home: Path, record: dict[str, Any]):
    """MFU is not left to guessing."""
    session = shown(page, own(home, record), "cases")
    assert re.search(r"\*\*mfu\*\* 0\.40.*\(measured on a CPU\)\n.*Model FLOPs utilisation", texts(session))


def test_figures_that_the_record_has_are_drawn_each_with_a_sentence(page: Page, put: Callable[..., Path]):
    """Over the batch, and throughput against the wait; what a screen reader hears is on the page."""
    path = put("a", device=H100, cases=generating((1, 50.0, 0.02), (4, 160.0, 0.025)))
    session = shown(page, path)
    found = charts(session)
    assert [key.rpartition("figure:")[2] for key in found] == [
        "throughput:a",
        "latency:a",
        "cost:a",
        "load-batch:a",
    ]
    assert all(chart["sentence"] in texts(session) for chart in found.values())


def test_cases_are_named_in_the_readers_language(page: Page, put: Callable[..., Path]):
    """Below the figures, in the table and among all metrics, with what is noted; the record keeps its English names."""
    noted = {"notes": [str(CAPACITY_ONLY)], "omitted": {"mbu": "the energy of one of 4 devices is known"}}
    path = put("a", cases=[{**one, **noted} for one in generating((1, 50.0, 0.02), (4, 160.0, 0.025))])
    figures = texts(shown(page, path, language="zh"))
    cases = shown(page, path, "cases", language="zh")
    assert "生成，批大小 4，提示词元 32，新词元 16" in cases.selectbox(key="case:a").options
    assert "生成" in figures
    assert "generate" not in figures
    assert re.search("闭环显示服务器的容量.*mbu：未列出，4 台设备中只知道一台的能耗。", texts(cases), re.DOTALL)


def test_a_batch_that_did_not_fit_is_named_below_the_memory(page: Page, put: Callable[..., Path]):
    """The frontier, with what would have fitted."""
    small = generating((4, 160.0, 0.025))[0]
    beyond = {**generating((64, 1.0, 1.0))[0], "metrics": {}, "status": "out_of_memory", "largest_batch": 48}
    path = put("a", device=H100, cases=[{**small, "memory": {"reserved_peak_bytes": 2**33}}, beyond])
    assert "Did not fit: generate, batch 64" in texts(shown(page, path))
    assert re.search(
        "放不下的有：生成，批大小 64.*（放得下的最大批大小为 48）。", texts(shown(page, path, language="zh"))
    )


def test_costs_need_a_price_with_a_source(page: Page, home: Path, record: dict[str, Any]):
    """A CPU has no listed price; the reader's own counts once it names its source: 3.6 an hour at 4000 token/s."""
    session = shown(page, own(home, record))
    (key,) = [box.key for box in session.selectbox if str(box.key).startswith("price:")]
    session = session.selectbox(key=key).set_value("own").run()
    label = key.removeprefix("price:")
    session = session.number_input(key=f"own-price:{label}:hour").set_value(3.6).run()
    assert "a million tokens cost least" not in texts(session)
    session = session.text_input(key=f"own-price:{label}:source").set_value("an offer").run()
    assert re.search(r"a million tokens cost least, 0\.25", texts(session))
    assert "an offer" in texts(session)


def test_a_listed_device_has_prices_with_source_and_date(page: Page, put: Callable[..., Path]):
    """The newest is taken, and another one can be."""
    session = shown(page, put("a", device=H100, cases=generating((1, 50.0, 0.02))))
    (box,) = [box for box in session.selectbox if str(box.key).startswith("price:")]
    assert re.search(r"USD an hour \(.*, 20\d\d-\d\d-\d\d\)", box.options[0])
    assert "a million tokens cost least" in texts(session)


def test_learning_is_drawn_where_it_was_followed(page: Page, put: Callable[..., Path]):
    """Loss by step in training and held out, one line a repeat."""
    course = {
        "train": [[10, 2.0], [20, 1.0]],
        "held_out": [{"step": 0, "loss": 3.0, "accuracy": 0.1}, {"step": 20, "loss": 1.5, "accuracy": 0.8}],
    }
    point = {"method": "full", "batch": 4, "tokens": 16, "steps": 20}
    metrics = {"held_out_accuracy": estimate(0.8, "1")}
    case = a_case("learn", point, metrics, samples={"learning": [course, course]})
    session = shown(page, put("a", cases=[case]), "learning")
    assert "held-out loss goes from 3 to 1.5" in texts(session)
    assert len(next(iter(charts(session).values()))["figure"]["data"]) == 4
    assert re.search(r"\*\*held_out_accuracy\*\* 0\.80.*\n.*on held-out examples, after any training", texts(session))


@pytest.mark.parametrize("learning", [5, [5], [{}], [{"train": [[1]], "held_out": []}], [{"train": [], "held_out": 3}]])
def test_a_learning_curve_that_cannot_be_drawn_is_not_offered(page: Page, put: Callable[..., Path], learning: Any):
    """The samples of a record have no fixed form, and a damaged record takes no page down."""
    case = a_case("learn", {"steps": 20}, {"held_out_accuracy": estimate(0.8, "1")}, samples={"learning": learning})
    session = shown(page, put("a", cases=[case]))
    options = session.button_group(key="view").options
    assert not {"Learning"} & {str(getattr(option, "content", option)) for option in options}


def test_a_kind_of_a_newer_version_is_searched_by_its_own_name(page: Page, put: Callable[..., Path], record: Any):
    """A record may have kinds of cases that this version does not know."""
    session = shown(page, put("a", cases=[{**record["cases"][0], "kind": "dream_up"}]))
    assert not session.exception
    assert "dream\\_up" in [str(getattr(one, "content", one)) for one in session.get("button_group")[0].options]


def test_operators_are_shown_where_a_trace_was_taken(page: Page, put: Callable[..., Path], record: dict[str, Any]):
    """Largest first, with its share of the time."""
    top = [{"name": "aten::addmm", "device": "cpu", "calls": 12, "seconds": 0.5, "share": 0.62}]
    path = put("a", cases=[{**record["cases"][0], "operators": top, "trace_file": "x.json.gz"}])
    session = shown(page, path, "operators")
    assert "aten::addmm: 62%" in texts(session)
    assert session.dataframe[0].value["Calls"][0] == "12"


def test_a_record_without_learning_or_trace_offers_neither(page: Page, home: Path, record: dict[str, Any]):
    """There is no empty view."""
    options = shown(page, own(home, record)).button_group(key="view").options
    assert not {"Learning", "Operators"} & {str(getattr(option, "content", option)) for option in options}


def test_a_record_is_compared_with_the_one_before(page: Page, put: Callable[..., Path], record: dict[str, Any]):
    """A rate that doubled stands above one that moved within its noise."""
    cases = deepcopy(record["cases"])
    cases[0]["metrics"] = {"mfu": estimate(0.4, "1", 0.2), "tokens_per_second": estimate(4000, "token/s")}
    later = deepcopy(cases)
    later[0]["metrics"] = {"mfu": estimate(0.41, "1", 0.2), "tokens_per_second": estimate(8000, "token/s")}
    put("before", created="2026-11-02T00:00:00Z", cases=cases)
    path = put("now", created="2026-11-03T00:00:00Z", cases=later)
    session = shown(page, path, "compare")
    assert session.selectbox(key="other:now").value == "before"
    assert "1 of 2 metrics changed significantly, 0 of them for the worse" in texts(session)
    rows = session.dataframe[0].value
    assert list(rows["Metric"]) == ["tokens_per_second", "mfu"]
    assert list(rows["Verdict"]) == ["Better", "Not significant"]


def test_records_without_a_common_point_are_told_apart(page: Page, put: Callable[..., Path]):
    """What differs is said, and so is that the other is a CPU's."""
    path = put("a", device=H100, cases=generating((4, 10.0, 0.1)))
    session = shown(page, path, "compare")
    assert "no metric of the same case in common" in texts(session)
    assert "Measured on a CPU: " in texts(session)
    assert "device" in texts(session)


def test_a_measurement_is_used_in_the_plan(page: Page, home: Path, record: dict[str, Any]):
    """One click makes a pool rest on the record, which is kept beside the plan; the cost is shown before."""
    draft = Draft.of("mine.yaml", home / "scenarios", re.sub(r"\{measured: .*?\}\}?", "1000", plan()))
    session = shown(page, own(home, record), "plan", draft=draft)
    assert [metric.label for metric in session.metric] == [
        "Cost per million tokens, now",
        "Cost per million tokens, with this record",
    ]
    assert "Tokens per second: 1,000 tokens / device / s now, 4,000 tokens / device / s" in texts(session)
    session = session.button(key="attach").click().run()
    assert not session.exception
    edit = session.session_state["draft"].now.edits["pools.classifier.tokens_per_second"]
    assert record["id"] in edit["value"]["measured"]
    assert (home / "scenarios" / edit["value"]["measured"]).exists()


def test_a_measurement_leaves_the_product_alone(page: Page, home: Path, record: dict[str, Any]):
    """The plan that ships moves to the user's own folder before it takes a record."""
    before = sorted(SHIPPED.rglob("*"))
    session = shown(page, own(home, record), "plan").button(key="attach").click().run()
    assert not session.exception
    assert sorted(SHIPPED.rglob("*")) == before
    draft = session.session_state["draft"]
    assert draft.now.folder == home / "scenarios"
    assert (draft.now.folder / draft.now.edits["pools.classifier.tokens_per_second"]["value"]["measured"]).exists()


def test_a_measurement_that_no_plan_can_take_is_answered_in_words(page: Page, put: Callable[..., Path], record: Any):
    """A rate of nothing serves nobody; the rest of the page stays."""
    cases = deepcopy(record["cases"])
    cases[0]["metrics"]["tokens_per_second"].update(value=0, low=0, high=0)
    session = shown(page, put("a", cases=cases), "plan")
    assert not session.exception
    assert "Tokens per second · Ticket classifier, BERT-base: 0 is below" in texts(session)
    assert session.button(key="attach")


@pytest.mark.parametrize(
    ("device", "member"), [({"kind": "cpu", "name": "Testor 2000", "cores": 2}, "classifier"), (H100, "large")]
)
def test_the_pool_that_is_planned_on_the_device_is_chosen_beforehand(
    page: Page, put: Callable[..., Path], device: dict[str, Any], member: str
):
    """A CPU's rate goes to the pool of CPU machines, an H100's to that of H100s; neither is warned of."""
    session = shown(page, put("a", device=device), "plan")
    assert session.selectbox(key="target:a").value == ("pool", member)
    assert ", but " not in texts(session)


def test_a_device_that_no_part_of_the_plan_rents_is_texts(page: Page, put: Callable[..., Path]):
    """With both names, and that there is no better choice."""
    path = put("a", device={"kind": "cuda", "name": "NVIDIA L4"})
    session = shown(page, path, "plan")
    session = session.selectbox(key="target:a").set_value(("pool", "large")).run()
    text = texts(session)
    assert "No pool or program of this scenario uses the device of this record" in text
    assert "NVIDIA L4" in text
    assert "NVIDIA H100 80GB" in text


def test_a_measurement_of_another_device_is_marked(page: Page, home: Path, record: dict[str, Any]):
    """A CPU's rate for a pool of GPUs is answered with both names."""
    session = shown(page, own(home, record), "plan")
    session = session.selectbox(key=f"target:{record['id']}").set_value(("pool", "large")).run()
    warned = "\n".join(box.value for box in session.warning)
    assert "Testor 2000" in warned
    assert "NVIDIA H100 80GB" in warned


def test_training_of_something_else_is_marked(page: Page, put: Callable[..., Path]):
    """The program's title names LoRA, and its record in place a BERT in float32: all of them are said."""
    full = a_case(
        "train",
        {"method": "full", "batch": 8, "tokens": 128},
        {"training_tokens_per_second": estimate(700.0, "token/s")},
    )
    model = {"model": {"config": {"model_type": "llama"}}, "parameters": 1.24e9, "precision": "bfloat16"}
    session = shown(page, put("a", cases=[full], workload=model), "plan")
    session = session.selectbox(key="target:a").set_value(("program", "classifier")).run()
    warned = "\n".join(box.value for box in session.warning)
    assert "the model llama, but programs.classifier runs" in warned
    assert "of 1.24B parameters, but programs.classifier runs one of" in warned
    assert "measured full, but programs.classifier is for lora" in warned
    assert "in bfloat16, but programs.classifier runs in float32" in warned


def test_a_whole_curve_is_used_in_the_plan(page: Page, put: Callable[..., Path]):
    """The pool's rate is read off the curve within the limit that is set, as a reference and not a bare number."""
    path = put("a", device=H100, cases=generating((1, 50.0, 0.02), (4, 160.0, 0.025), (16, 400.0, 0.04)))
    session = shown(page, path, "plan")
    session = session.button_group(key="how:a").set_value("curve").run()
    session = session.number_input(key="within:a:batch").set_value(30.0).run()
    measured = curves_of(Record.parse(json.loads(path.read_text(encoding="utf-8")), "a"))["generate", "batch"]
    assert f"Gives {rate_within(measured, 0.03).value:.0f} tokens per second" in texts(session)
    session = session.button(key="attach").click().run()
    assert not session.exception
    edit = session.session_state["draft"].now.edits["pools.large.tokens_per_second"]["value"]
    assert edit["within"] == {"over": "batch", "tpot_seconds": 0.03}


def test_a_limit_that_no_load_keeps_is_answered_in_words(page: Page, put: Callable[..., Path]):
    """Nothing can be used then."""
    path = put("a", device=H100, cases=generating((1, 50.0, 0.02), (4, 160.0, 0.025)))
    session = shown(page, path, "plan").button_group(key="how:a").set_value("curve").run()
    session = session.number_input(key="within:a:batch").set_value(1.0).run()
    assert "the lowest load measured" in texts(session)
    assert [button.key for button in session.button if button.key == "attach"] == []
