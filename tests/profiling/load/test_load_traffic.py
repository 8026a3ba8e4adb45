"""Lengths, arrivals, conversations and clients: known answers, traces as they are downloaded, and properties."""

import asyncio
import itertools
import multiprocessing
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from mock_server import serving

from profiling.errors import LateClientError, LoadError, WorkloadError
from profiling.load import arrivals, clients, search, traces
from profiling.load.drive import Answer, Outcome
from profiling.load.endpoint import Dialect, Reply
from profiling.load.measure import measure
from profiling.load.result import result
from profiling.load.traffic import Asked, Traffic
from profiling.workload.kinds.load import UP_TO, check_point
from profiling.workload.lengths import Lengths
from profiling.workload.workload import Effort

AZURE = """TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,374,44
2023-11-16 18:15:50.9951690,396,109
2023-11-16 18:15:51.2224670,879,55
2023-11-16 18:15:51.3910170,91,16
"""
EFFORT = Effort(repeats=3, warmup_steps=2, warmup_seconds=0.1, steps=8, seconds=0.1)


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "trace.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_the_public_azure_trace_is_read_as_it_is_downloaded(tmp_path: Path) -> None:
    """First rows of AzureLLMInferenceTrace_conv.csv (Azure/AzurePublicDataset, CC-BY; P. Patel et al., ISCA 2024)."""
    found = traces.read(written(tmp_path, AZURE.replace("\n", "\r\n")), {})
    assert [one.offset for one in found] == pytest.approx([0, 4.314579, 4.541877, 4.710427], abs=1e-6)
    assert [(one.prompt_tokens, one.new_tokens) for one in found] == [(374, 44), (396, 109), (879, 55), (91, 16)]


def test_a_table_of_ones_own_needs_its_columns_named(tmp_path: Path) -> None:
    """Lengths that are not named are left to the load."""
    path = written(tmp_path, "when,in,out\n100.5,7,3\n102,9,4\n")
    names = {"time_column": "when", "prompt_column": "in"}
    assert traces.read(path, names) == (traces.Arrival(0.0, 7), traces.Arrival(1.5, 9))
    with pytest.raises(WorkloadError, match=r"no column 'TIMESTAMP'; name the column that it has as time_column"):
        traces.read(path, {})


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_may_have_other_separators(separator: str, tmp_path: Path) -> None:
    """Spreadsheets of much of Europe write semicolons."""
    path = written(tmp_path, "when,in\n100.5,7\n102,9\n".replace(",", separator))
    found = traces.read(path, {"time_column": "when", "prompt_column": "in"})
    assert found == (traces.Arrival(0.0, 7), traces.Arrival(1.5, 9))


def test_a_trace_with_too_few_arrivals_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    """One to warm up, eight to measure, and one more are ten; nine are there, and nobody listens."""
    path = written(tmp_path, "".join(f"{second}\n" for second in range(9)))
    point = {"arrivals": str(path), "prompt_tokens": 8, "new_tokens": 3, "requests": 8}
    with pytest.raises(WorkloadError, match="the trace ends before 8 requests after the warm-up and one more"):
        measure("http://127.0.0.1:9/v1", "m", point, Effort(3, 1, 0.0, 8, 0.0), 1)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (AZURE + "secret,1,1\n", "line 6 is no arrival"),
        (AZURE + "2023-11-16 18:16:00,0,1\n", "line 6 is no arrival"),
        (AZURE + "2023-11-16 18:16:00,1\n", "line 6 is no arrival"),
        (AZURE + "2023-11-16 18:15:00,1,1\n", "not in ascending order"),
        ("1764300000000\n1764300001000\n", "line 1 is no arrival; give a time in seconds"),
        ("-1e308\n1e308\n", "line 1 is no arrival"),
        (b"\xff\xfe", "not text in UTF-8"),
        ("TIMESTAMP,ContextTokens\n", "no arrivals"),
        ("x" * 200_000, "it is no CSV"),
    ],
)
def test_a_trace_that_makes_no_sense_is_refused_without_repeating_it(
    content: str | bytes, what: str, tmp_path: Path
) -> None:
    """The line is named, and not what stands in it."""
    with pytest.raises(WorkloadError, match=what) as caught:
        traces.read(written(tmp_path, content), {})
    assert "secret" not in str(caught.value)


def test_a_trace_is_a_regular_file_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device would never end, and is not read."""
    with pytest.raises(WorkloadError, match="a folder, a device or a pipe"):
        traces.read(Path("/dev/zero"), {})
    monkeypatch.setattr(traces, "LARGEST_TRACE_BYTES", 50)
    with pytest.raises(WorkloadError, match="larger than"):
        traces.read(written(tmp_path, AZURE), {})


def test_lengths_have_the_quantiles_that_they_name() -> None:
    """The median of a lognormal, a sigma above it; the ends of a range; each of a list equally often."""
    lognormal = Lengths.parse("lognormal 1000 0.8", "here")
    assert [lognormal.at(share) for share in (0.5, scipy.stats.norm.cdf(1))] == [1000, round(1000 * np.exp(0.8))]
    assert [Lengths.parse("50 to 59", "here").at(share) for share in (0, 0.55, 0.999)] == [50, 55, 59]
    assert [Lengths.parse("512 128", "here").at(share) for share in (0, 0.49, 0.5, 0.99)] == [128, 128, 512, 512]


@pytest.mark.parametrize("text", ["", "many", "9 to 3", "0 to 5", "lognormal 100", "lognormal 9 nan", "1e3", "-5 7"])
def test_lengths_that_make_no_sense_are_refused(text: str) -> None:
    """With the ways to write them."""
    with pytest.raises(WorkloadError, match="lognormal 1000"):
        Lengths.parse(text, "here")


@given(st.sampled_from(["3", "7 9", "1 to 1000", "lognormal 50 2"]), st.floats(0, 0.999999), st.floats(0, 0.999999))
def test_lengths_rise_with_their_share(text: str, some: float, other: float) -> None:
    """They are quantiles, and at least one token."""
    lengths = Lengths.parse(text, "here")
    assert 1 <= lengths.at(min(some, other)) <= lengths.at(max(some, other))


@pytest.mark.parametrize("percent", [50, 100, 300])
def test_gaps_vary_as_much_as_they_should(percent: int) -> None:
    """Their standard deviation over their mean is the burstiness, and their mean the rate's."""
    gaps = np.diff(list(itertools.islice(arrivals.drawn(60, 3, percent), 40_000)), prepend=0.0)
    assert gaps.mean() == pytest.approx(1, rel=0.05)
    assert gaps.std() / gaps.mean() == pytest.approx(percent / 100, rel=0.05)


def test_without_burstiness_arrivals_are_even_and_a_ramp_changes_their_gaps() -> None:
    """From one a second to four a second over three requests."""
    assert list(itertools.islice(arrivals.drawn(60, 1, 0), 3)) == [1, 2, 3]
    ramp = list(itertools.islice(arrivals.drawn(60, 1, 0, ramp_to=240, ramp_requests=3), 5))
    assert np.diff(ramp, prepend=0.0) == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 1 / 4])


def test_clients_share_a_trace_without_loss(tmp_path: Path) -> None:
    """Each arrival and its lengths belong to one of them."""
    point = {"arrivals": str(written(tmp_path, AZURE)), "clients": 3, "requests": 8}
    whole = Traffic.of(point, 1)
    sent = []
    for client in range(3):
        part = Traffic(point, 1, whole.trace, client)
        sent += [(offset, part.asked(place)) for place, offset in enumerate(part.offsets())]
    assert sorted(sent, key=lambda one: one[0]) == [
        (one.offset, Asked(one.prompt_tokens or 0, one.new_tokens or 0)) for one in whole.trace
    ]


def test_a_trace_without_lengths_needs_some(tmp_path: Path) -> None:
    """Unless the load gives them."""
    path = str(written(tmp_path, "0\n1\n"))
    with pytest.raises(WorkloadError, match="prompt_tokens is missing"):
        Traffic.of({"arrivals": path, "requests": 8}, 1)
    given_lengths = Traffic.of({"arrivals": path, "requests": 8, "prompt_lengths": "5", "new_tokens": 4}, 1)
    assert given_lengths.asked(1) == Asked(5, 4)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"prompt_lengths": "5 7"}, "prompt_tokens and prompt_lengths"),
        ({"new_tokens": None}, "no new_tokens"),
        ({"new_tokens": None, "new_lengths": "few"}, "gives no lengths"),
        ({"think_milliseconds": 5}, "without turns"),
        ({"time_column": "t"}, "without arrivals"),
        ({"concurrency": None, UP_TO: 600}, "without ttft_limit_milliseconds"),
        ({"concurrency": 901}, "add 'clients'"),
        ({"concurrency": None, "arrivals": "x", "turns": 3}, "'turns' has no meaning"),
    ],
)
def test_a_load_that_contradicts_itself_is_refused(change: dict[str, Any], what: str) -> None:
    """Before anything is sent."""
    point = {"concurrency": 4, "prompt_tokens": 24, "new_tokens": 8, "requests": 24} | change
    with pytest.raises(WorkloadError, match=what):
        check_point({name: value for name, value in point.items() if value is not None}, "load")


@pytest.mark.parametrize(
    ("pieces", "usage", "first", "later"),
    [
        ([1, 2, 3, 4], {"completion_tokens": 4}, None, 3),  # a token a piece
        ([1, 2], {"completion_tokens": 64}, None, 32),  # two equal pieces: half of the tokens came after the first
        ([1, 2], {"completion_tokens": 64}, 1, 63),  # a server that counts as it goes
        ([1, 1, 1, 2], {"completion_tokens": 4}, None, 1),  # three pieces at once
        ([1], {"completion_tokens": 64}, None, None),
        ([1, 1, 1], {}, None, None),
        ([1], {"completion_tokens": 1}, None, 0),
    ],
)
def test_tokens_after_the_first_piece(
    pieces: list[float], usage: dict[str, int], first: int | None, later: float | None
) -> None:
    """They are what the time from the first to the last piece is divided by; unknown where all came at once."""
    assert Reply(pieces, usage, first_tokens=first).later_tokens == later


def virtual(offsets: list[float], tokens: int, step: Any) -> Outcome:
    """A server in virtual time: each of its steps takes `step(open)` and gives every open request a token."""
    now, waiting, active, done = 0.0, list(enumerate(offsets)), {}, {}
    while waiting or active:
        if not active and waiting[0][1] > now:
            now = waiting[0][1]
        while waiting and waiting[0][1] <= now:
            active[waiting.pop(0)[0]] = []
        now += step(len(active))
        for index in [*active]:
            active[index].append(now)
            if len(active[index]) == tokens:
                done[index] = active.pop(index)
    usage = {"prompt_tokens": 8, "completion_tokens": tokens}
    answers = [
        Answer(offset, offset, Asked(8, tokens), Reply(done[place], usage)) for place, offset in enumerate(offsets)
    ]
    return Outcome(answers, [], [], offsets[len(offsets) // 10], offsets[-1])


def waves(rate: float, count: int, seed: int) -> list[float]:
    """Arrivals whose rate swings by half around its mean, twice over the load."""
    draw, now, found = np.random.default_rng(seed), 0.0, []
    for place in range(count):
        now += draw.exponential(1 / (rate * (1 + 0.5 * np.sin(4 * np.pi * place / count))))
        found.append(now)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_demand_that_moves_is_no_fault_of_the_server(seed: int) -> None:
    """A server that slows by 2 % with each open request keeps up with it: there are figures."""
    outcome = virtual(waves(5.5, 300, seed), 20, lambda active: 0.05 + 0.001 * active)
    found = result(outcome, Dialect("/completions"), {"arrivals": "trace.csv", "requests": 270})
    assert found["steady"], found["why"]


@pytest.mark.parametrize("seed", range(4))
def test_a_queue_without_end_is_found_in_a_trace_too(seed: int) -> None:
    """Each open request slows the steps so much that 2.5 a second are the most, and 5.5 come."""
    outcome = virtual(waves(5.5, 300, seed), 20, lambda active: max(0.05, active / 50))
    found = result(outcome, Dialect("/completions"), {"arrivals": "trace.csv", "requests": 270})
    assert found["why"].startswith("the server does not keep up with the arrivals of trace.csv: requests open rose")


def test_a_demand_that_rises_is_no_queue() -> None:
    """Requests of two seconds each, from one to ten a second: more are open because more come."""
    offsets = list(itertools.islice(arrivals.drawn(60, 1, ramp_to=600, ramp_requests=300), 300))
    outcome = virtual(offsets, 20, lambda _active: 0.1)
    point = {"requests_per_minute": 60, "ramp_to_requests_per_minute": 600, "requests": 270}
    assert result(outcome, Dialect("/completions"), point)["steady"]


@pytest.mark.parametrize("seed", [10, 35, 86, 130])
def test_a_few_more_requests_by_chance_are_no_queue(seed: int) -> None:
    """Of 24 requests that take 0.18 s each, however many there are, three more at last may come together."""
    offsets = list(itertools.islice(arrivals.drawn(300, seed, ramp_to=900, ramp_requests=26), 26))
    outcome = virtual(offsets, 8, lambda _active: 0.022)
    point = {"requests_per_minute": 300, "ramp_to_requests_per_minute": 900, "requests": 24}
    found = result(outcome, Dialect("/completions"), point)
    assert found["steady"], found["why"]


def server_with_room_for(most: int) -> Any:
    """Attempts on a server that keeps every limit up to a rate, and none above it."""

    def attempt(at: dict[str, Any]) -> dict[str, Any]:
        slow = at["requests_per_minute"] > most
        tenth = [0.1] * 8
        return {
            **{"steady": True, "why": None, "failures": {}, "failed": 0, "notes": [], "lateness_seconds": [0.0] * 8},
            **{"ttft_seconds": [9.0 if slow else 0.1] * 8, "request_seconds": tenth, "output_tokens": [8] * 8},
            **{"after_first_seconds": tenth, "later_tokens": [7.0] * 8},
        }

    return attempt


@given(st.integers(200, 10_000))
def test_the_search_ends_near_the_largest_rate_that_keeps_the_limits(most: int) -> None:
    """Within a tenth, or one request a minute, and never above it."""
    found = search.most({UP_TO: 20_000, "ttft_limit_milliseconds": 500}, server_with_room_for(most))
    assert found["rate_found"] <= most <= max(found["rate_found"] * 1.1, found["rate_found"] + 1)
    assert found["rate_bounded"]
    assert len(found["rates_tried"]) <= 16


def test_a_search_that_meets_no_end_says_so() -> None:
    """The highest rate that it may try is kept, or not even the lowest is."""
    point = {UP_TO: 640, "ttft_limit_milliseconds": 500}
    found = search.most(point, server_with_room_for(10_000))
    assert (found["rate_found"], found["rate_bounded"]) == (640, False)
    found = search.most(point, server_with_room_for(0))
    assert found["why"].startswith("no rate down to 5 requests a minute keeps the limits: 0.0% of the requests")


def test_a_rate_at_which_the_client_was_late_is_tried_again() -> None:
    """A moment without a core says nothing about the server; a client that is late at every rate ends the search."""
    late = itertools.count()

    def sometimes(at: dict[str, Any]) -> dict[str, Any]:
        return {**server_with_room_for(900)(at), "lateness_seconds": [0.5 * (next(late) % 3 < 2)] * 8}

    point = {UP_TO: 640, "ttft_limit_milliseconds": 500}
    assert search.most(point, sometimes)["rate_found"] == 640
    always = {**server_with_room_for(900)({"requests_per_minute": 1}), "lateness_seconds": [0.5] * 8}
    tries = itertools.count()
    with pytest.raises(LateClientError, match="8 of 8 requests"):
        search.most(point, lambda _at: {**always, "number": next(tries)})
    assert next(tries) == 3 + 2  # each takes minutes: lower rates have one try


def test_what_was_kept_stands_where_the_client_was_late_at_another_rate() -> None:
    """The client has no time for 300 a minute or more: the rate found lies below, and more is not ruled out."""

    def busy(at: dict[str, Any]) -> dict[str, Any]:
        return {**server_with_room_for(900)(at), "lateness_seconds": [0.5 * (at["requests_per_minute"] >= 300)] * 8}

    point = {UP_TO: 640, "ttft_limit_milliseconds": 500}
    found = search.most(point, busy)
    assert 300 / 1.1 <= found["rate_found"] < 300
    assert found["goodput_share"] == 1
    (note,) = found["notes"]
    assert note.startswith("The search ended below ")
    assert "the client itself was late: 8 of 8 requests" in note
    assert note.endswith("the server may keep the limits at more.")


def test_a_search_goes_below_the_first_rate_where_the_client_was_late() -> None:
    """An eighth of the largest rate is too much for the client, and a lower one is not."""

    def busy(at: dict[str, Any]) -> dict[str, Any]:
        return {**server_with_room_for(900)(at), "lateness_seconds": [0.5 * (at["requests_per_minute"] >= 50)] * 8}

    found = search.most({UP_TO: 640, "ttft_limit_milliseconds": 500}, busy)
    assert 50 / 1.1 - 1 <= found["rate_found"] < 50


def test_a_limit_on_what_nobody_sees_ends_the_search() -> None:
    """No rate can be found that keeps it."""

    def one_piece(at: dict[str, Any]) -> dict[str, Any]:
        return {**server_with_room_for(9)(at), "later_tokens": [None] * 8}

    with pytest.raises(LoadError, match="in one piece"):
        search.most({UP_TO: 640, "tpot_limit_milliseconds": 50}, one_piece)


def test_a_conversation_grows_and_repeats_what_was_said() -> None:
    """Each turn adds its own 24 tokens and the 8 of the answer before; its start is that of the turn before."""
    point = {"concurrency": 1, "turns": 3, "prompt_tokens": 24, "new_tokens": 8, "requests": 9}
    with serving(base_seconds=0.002) as served:
        found = measure(served.url, "mock", point, EFFORT, 1)
        prompts = [one["body"]["prompt"] for one in served.seen()][1:]
    assert [len(prompt.split()) for prompt in prompts[:6]] == [24, 56, 88] * 2
    assert all(later.startswith(sooner) for sooner, later in itertools.pairwise(prompts[:3]))
    assert any(note.startswith("Of the prompts' tokens, 57% repeat earlier requests") for note in found["notes"])


def test_a_shared_prefix_is_the_same_in_all_prompts_of_one_load_alone() -> None:
    """A server remembers the last load's."""
    point = {"concurrency": 2, "prefix_tokens": 16, "prompt_tokens": 24, "new_tokens": 4, "requests": 8}
    with serving(base_seconds=0.002) as served:
        for _ in range(2):
            measure(served.url, "mock", point, EFFORT, 1)
        prompts = [one["body"]["prompt"].split() for one in served.seen()]
    begun = {tuple(prompt[:16]) for prompt in prompts}
    assert {len(prompt) for prompt in prompts} == {24}
    assert len(begun) == 2 + 2  # those of the two loads, and of the first request of each


def test_several_clients_share_one_load() -> None:
    """Two processes with two requests open each are four; Little's law holds for them together."""
    point = {"concurrency": 4, "clients": 2, "prompt_tokens": 8, "new_tokens": 8, "requests": 40}
    with serving(base_seconds=0.02) as served:
        found = measure(served.url, "mock", point, EFFORT, 1)
    counted, expected = found["littles_law"]
    assert counted == pytest.approx(expected, rel=0.15)
    # Never more than the server's law gives four at a time; a busy machine makes it fewer.
    assert found["window_tokens"] / found["window_seconds"] < 1.1 * 4 / 0.02


def test_the_error_of_a_client_process_reaches_the_run_whole() -> None:
    """What is wrong, and what to do about it."""
    receiver, sender = multiprocessing.Pipe(duplex=False)

    async def fails(_traffic: Traffic) -> Outcome:
        raise LoadError("3 of 9 requests failed", todo="look at the server's log")

    clients._main(sender, threading.Barrier(1), fails, Traffic({}, 1))
    with pytest.raises(LoadError, match="3 of 9 requests failed; look at the server's log"):
        asyncio.run(clients._answer(receiver))
    sender.close()
    with pytest.raises(LoadError, match="a client process ended without a result"):
        asyncio.run(clients._answer(receiver))
