"""What a profile run wrote in English is told in Chinese, and what no template fits stays as it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.parts.words import Words
from dashboard.profiler.told import told
from profiling.commands.size import config_of
from profiling.errors import Phrase, PredictionError, UnsupportedError
from profiling.estimates import Question, estimate
from profiling.load.drive import Answer, Outcome
from profiling.load.endpoint import Reply
from profiling.load.figures import contradiction, warnings
from profiling.load.result import Dialect, notes, pace
from profiling.load.traffic import Asked
from profiling.measure.stopping import judged
from profiling.results.record import CaseResult, Estimate, described
from profiling.serving.quantisation import check
from profiling.workload.workload import Effort
from simulator.output.translations import messages_of

CHINESE, ENGLISH = Words("zh"), Words("en")
ENGLISH_WORD = re.compile(r"[a-z]{3,}")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("examining the device", "正在检查设备"),
        ("waiting for run-7, 2 before it", "正在等待 run-7，前面还有 2 个"),
        ("generate, batch 4: repeat 2 of about 5", "生成，批大小 4：第 2 次重复，共约 5 次"),
        ("learn, method lora, steps 240", "学习，方法 lora，步数 240"),
        ("2 cores", "2 个核心"),
        ("held out 3", "留出 3"),
        ("at 1,200 requests a minute", "在1,200 个请求/分钟时"),
        ("the disk is on fire", "the disk is on fire"),
    ],
)
def test_a_sentence_of_a_run_is_found_again(written: str, shown: str) -> None:
    assert told(written, CHINESE) == shown
    assert told(written, ENGLISH) == written


def test_a_refused_precision_is_told_whole() -> None:
    import torch

    with pytest.raises(UnsupportedError) as refused:
        check("fp8", torch.device("mps"))
    assert told(str(refused.value), CHINESE) == "mps 没有 fp8 运算；请用 int8 或 bfloat16"


def test_a_noisy_case_is_told_whole() -> None:
    rate = Estimate(100.0, 20.0, 180.0, 0.95, "request/second", 5)
    case = CaseResult("classify", {"batch": 1}, "ok", None, {"requests_per_second": rate}, {}, None, None, {})
    why = judged(case, Effort(5, 1, warmup_seconds=0.0, steps=1, seconds=1.0), 0.0).why or ""
    assert "80%" in why
    assert told(why, CHINESE).startswith("requests_per_second 只精确到 80%；")


@pytest.mark.parametrize(
    "point",
    [
        {"concurrency": 1},
        {"concurrency": 8},
        {"requests_per_minute": 60},
        {"arrivals": "trace.csv"},
    ],
)
def test_a_load_is_told_whole(point: dict[str, Any]) -> None:
    assert not ENGLISH_WORD.findall(told(pace(point), CHINESE).replace("trace.csv", ""))


def noted(usage: dict[str, int], asked: int, point: dict[str, Any]) -> list[str]:
    """The notes of a load whose answers have three pieces each, some of whose requests failed."""
    pieces = [(place + 0.5, place + 0.6, place + 0.7) for place in range(10)]
    came = [Answer(place, place, Asked(8, asked), Reply(list(times), usage)) for place, times in enumerate(pieces)]
    outcome = Outcome(came, [(1.0, "HTTP 500")], [], 0.0, 10.0)
    return notes(outcome, Dialect("/completions", ("ignore_eos",)), point)


@pytest.mark.parametrize(
    ("usage", "asked"),
    [
        ({}, 12),
        ({}, 3),
        ({"completion_tokens": 1}, 3),
        ({"completion_tokens": 4800, "prompt_tokens": 20, "cached_tokens": 10}, 3),
    ],
)
@pytest.mark.parametrize("point", [{"new_tokens": 3}, {}])
def test_notes_of_a_load_are_told_whole(usage: dict[str, int], asked: int, point: dict[str, Any]) -> None:
    """Also from a record's file, which keeps them in English."""
    said = noted(usage, asked, point)
    assert len(said) >= 3
    for note in said:
        assert told(str(note), CHINESE) == told("".join(note), CHINESE)
        assert ENGLISH_WORD.findall(told("".join(note), CHINESE).replace("ignore_eos", "")) == []


@pytest.mark.parametrize("pace", ["concurrency", "requests_per_minute"])
@pytest.mark.parametrize("off", [1.05, 1.8])
def test_figures_that_contradict_each_other_are_told_whole(pace: str, off: float) -> None:
    ratio = {"littles_law_ratio": Estimate(off, off, off, 0.95, "1", 3)}
    said = [*warnings(ratio, {pace: 4}), contradiction(ratio, {pace: 4}) or ""]
    assert not any(ENGLISH_WORD.findall(told(f"{one}", CHINESE)) for one in said)
    assert any(said)


LORA = {"method": "lora", "batch": 4, "tokens": 512}


@pytest.mark.parametrize(
    ("kind", "point", "asked"),
    [
        ("train", LORA, {}),
        ("train", LORA, {"device": "H100-SXM", "devices": 5000}),
        ("train", {**LORA, "method": "ia3"}, {"device": "H100-SXM"}),
        ("train", LORA, {"device": "T4", "precision": "fp8"}),
        ("train", {**LORA, "batch": 40000}, {"device": "H100-SXM"}),
        ("classify", {"batch": 4, "tokens": 512}, {"device": "H100-SXM"}),
    ],
)
def test_a_refused_estimate_is_told_whole(kind: str, point: dict[str, Any], asked: dict[str, Any]) -> None:
    """With what each kind of evidence lacks, and what to do, but for names of devices, fields and commands."""
    with pytest.raises(PredictionError) as refused:
        estimate(Question(config_of("llama-3.1-8b"), kind, point, **asked), [])
    said = re.sub(r"`.*?`|num_hidden_layers|devices\.csv|--\w+", "", told(str(refused.value), CHINESE))
    assert not re.search("[a-z]{2,},? [a-z]{2,} [a-z]", said)


@pytest.mark.parametrize(
    ("estimate", "shown"),
    [
        (Estimate(412, 403, 421, 0.95, "token/s", 3), "412 ± 9 token/s，95 %，3 次运行"),
        (Estimate(10, 0, 35, 0.9, "{level.__class__}", 1), "10（0 至 35） {level.__class__}，90 %，1 次运行"),
    ],
)
def test_an_estimate_is_told_with_its_interval_and_runs(estimate: Estimate, shown: str) -> None:
    """A unit comes from a file, and its braces are text."""
    assert described(estimate).said(CHINESE) == shown


@given(st.sampled_from(sorted(messages_of("zh"))), st.lists(st.text("abc:;, (){}%", min_size=1, max_size=40)))
def test_any_text_is_told_without_an_error(template: str, parts: list[str]) -> None:
    """Braces, separators and beginnings of templates in a stranger's record are text, and nothing else."""
    told("; ".join([template, *parts]), CHINESE)


@pytest.mark.parametrize(
    "template",
    [one for one in sorted(messages_of("zh")) if re.fullmatch(r"[^{};]{9,}(\{[a-z]+\}[^{};]{3,})+", one)][::7],
)
def test_a_template_filled_with_names_is_found_again(template: str) -> None:
    names = re.findall(r"\{([a-z]+)\}", template)
    filled = {name: f"Q{place}" for place, name in enumerate(dict.fromkeys(names))}
    assert told(Phrase(template, **filled), CHINESE) == messages_of("zh")[template].format(**filled)
