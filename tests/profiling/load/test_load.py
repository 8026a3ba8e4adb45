"""Loads on a server whose answer is known; bounds are wide, for the machine is shared with other work."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from mock_server import Served, serving

from profiling.errors import LoadError, WorkloadError
from profiling.load import endpoint, figures, keeping, result
from profiling.load.endpoint import Dialect, Reply
from profiling.load.measure import measure
from profiling.workload.workload import Case, Effort

EFFORT = Effort(repeats=3, warmup_steps=4, warmup_seconds=0.1, steps=8, seconds=0.1)
POINT = {"concurrency": 4, "prompt_tokens": 24, "new_tokens": 8, "requests": 24}
STEP_SECONDS = 0.01


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other work on the machine makes the client late, which has a test of its own."""
    monkeypatch.setattr(keeping, "LATENESS_SECONDS", 1.0)


@pytest.fixture(scope="module")
def plain() -> Iterator[Served]:
    """A server with a step of 10 ms, whoever asks."""
    with serving(base_seconds=STEP_SECONDS) as served:
        yield served


def run(served: Served, seed: int = 20, **changes: Any) -> dict[str, Any]:
    """One repeat at the usual point, with some coordinates changed; None takes one away."""
    point = {name: value for name, value in {**POINT, **changes}.items() if value is not None}
    return measure(served.url, "mock", point, EFFORT, seed)


def open_loop(served: Served, requests_per_minute: int, **changes: Any) -> dict[str, Any]:
    """One repeat with random arrivals."""
    return run(served, concurrency=None, requests_per_minute=requests_per_minute, **changes)


def tpot(found: dict[str, Any]) -> float:
    """Time per token over all requests of a repeat."""
    return float(sum(found["after_first_seconds"]) / sum(found["later_tokens"]))


def quickest(served: Served, law_seconds: float, **changes: Any) -> dict[str, Any]:
    """Return the first repeat with a time per token near the server's law, or the quickest of five.

    Other work on the machine makes client and server slower, and never quicker than the law.
    """
    found: list[dict[str, Any]] = []
    while len(found) < 5 and not any(tpot(one) < 1.1 * law_seconds for one in found):
        found.append(run(served, **changes))
    return min(found, key=tpot)


def test_a_closed_loop_finds_the_servers_law() -> None:
    """Steps of 20 + 2.5·n ms make TPOT 40 ms and just under 200 tokens a second with eight requests open."""
    with serving(base_seconds=0.02, sequence_seconds=0.0025) as served:
        found = quickest(served, 0.04, concurrency=8, new_tokens=16, requests=32)
    assert tpot(found) == pytest.approx(0.04, rel=0.2)
    assert found["window_tokens"] / found["window_seconds"] == pytest.approx(200, rel=0.2)
    counted, expected = found["littles_law"]
    assert counted == pytest.approx(expected, rel=0.08)


def test_an_open_loop_gets_through_what_was_offered(plain: Served) -> None:
    """At an easy load the tokens that come out are the requests' that went in, and Little's law holds."""
    found = open_loop(plain, 1800, requests=60)
    offered = 60 * 8 / found["window_seconds"]
    assert found["window_tokens"] / found["window_seconds"] == pytest.approx(offered, rel=0.15)
    counted, expected = found["littles_law"]
    assert counted == pytest.approx(expected, rel=0.15)


def p95(found: dict[str, Any]) -> float:
    return result.nearest_rank(found["ttft_seconds"], 0.95)


def test_a_stall_shows_only_where_intended_starts_count() -> None:
    """A second's stop delays one request of a closed loop, and every arrival of that second of an open one."""
    stall = {"base_seconds": STEP_SECONDS, "stall_at_request": 10, "stall_seconds": 1.0}
    with serving(**stall) as served:
        closed = run(served, concurrency=1, requests=24, new_tokens=4)
    with serving(**stall) as served:
        opened = open_loop(served, 1200, requests=24)
    assert p95(closed) < 0.5 < p95(opened)
    assert max(closed["ttft_seconds"]) > 0.8


def test_a_queue_that_grows_is_no_steady_state() -> None:
    """One slot answers 25 requests a second; 40 arrive, and each waits longer than the one before it."""
    with serving(base_seconds=0.005, slots=1) as served:
        found = open_loop(served, 2400, requests=30)
    assert found["steady"] is False
    assert found["why"].startswith("the server does not keep up at 2,400 requests a minute: requests open rose")
    case = figures.case(Case("load", {**POINT}), [found] * 3)
    assert (case.status, case.metrics) == ("no_steady_state", {})


@pytest.mark.parametrize(
    ("law", "kind"),
    [
        ({"failing_every": 5}, r"HTTP 503: \d+\).*no room"),
        ({"cut_short_every": 5}, r"answer cut short: \d+"),
        ({"error_every": 5}, r"error in the stream: \d+\).*out of blocks"),
    ],
)
def test_failures_are_named_and_end_the_case(law: dict[str, Any], kind: str) -> None:
    """One in five failing is more than one in a hundred."""
    with serving(base_seconds=0.002, **law) as served, pytest.raises(LoadError, match=kind):
        run(served)


def test_a_server_that_drips_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is never silent for long, and never done."""
    monkeypatch.setattr(endpoint, "ANSWER_SECONDS", 0.5)
    with serving(base_seconds=0.05, ignores_length=10_000) as served, pytest.raises(LoadError, match="timed out"):
        run(served)


def test_a_server_that_is_not_there_is_named() -> None:
    """Nobody listens on a port that was just given back."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(LoadError, match=f"127.0.0.1:{port}/v1/completions gave no answer.*no connection"):
        measure(f"http://127.0.0.1:{port}/v1", "mock", POINT, EFFORT, 1)


@pytest.mark.parametrize(
    "url", ["ftp://host/v1", "file:///etc/passwd", "127.0.0.1:8000", "http://", "http://me:secret@host/v1"]
)
def test_only_plain_web_addresses_are_asked(url: str) -> None:
    """Other schemes are refused, and so are passwords, which a record would keep."""
    with pytest.raises(WorkloadError) as caught:
        measure(url, "mock", POINT, EFFORT, 1)
    assert "secret" not in str(caught.value)


def test_a_server_that_knows_fewer_fields_is_asked_without(plain: Served) -> None:
    """It is said which; the other one refuses nothing, and nothing is said."""
    with serving(base_seconds=0.002, refused=["ignore_eos"], paths=["/v1/chat/completions"]) as served:
        found = run(served)
    assert found["path"] == "/chat/completions"
    assert "The server refused a request with ignore_eos; it was asked without." in found["notes"]
    assert not any("refused" in note for note in run(plain)["notes"])


def test_pieces_of_several_tokens_are_counted_by_the_server() -> None:
    """TPOT is then the step over four tokens, and ITL the gap between the pieces."""
    with serving(base_seconds=0.02, tokens_a_piece=4) as served:
        found = run(served, new_tokens=32)
    assert set(found["output_tokens"]) == {32}
    assert tpot(found) == pytest.approx(0.02 / 4, rel=0.25)
    assert found["itl_between"] == "pieces"
    assert any("at a time on average: ITL is between arrivals" in note for note in found["notes"])


def test_without_the_servers_count_a_piece_is_a_token() -> None:
    """And that is said, of answers as of prompts."""
    with serving(base_seconds=0.002, counts=False) as served:
        found = run(served)
    assert set(found["output_tokens"]) == {8}
    notes = {"The server does not count its tokens", "The server does not count the prompt's tokens"}
    assert notes <= {note.split(";")[0] for note in found["notes"]}


@pytest.mark.parametrize(
    ("law", "tokens", "words"),
    [
        # A server that stops at five tokens has written five.
        ({"ignores_length": 5}, 5, "did not keep to 8 new tokens"),
        # Times from a prefix cache are not those of new prompts.
        ({"cached_share": 0.5}, 8, "50% of the prompts' tokens came from the server's prefix cache"),
    ],
    ids=["other lengths than asked", "a prefix cache that answers"],
)
def test_what_a_server_does_otherwise_is_said(law: dict[str, float], tokens: int, words: str) -> None:
    """The lengths that it wrote are used."""
    with serving(base_seconds=0.002, **law) as served:
        found = run(served)
    assert set(found["output_tokens"]) == {tokens}
    assert any(words in note for note in found["notes"])


def test_a_count_of_no_tokens_is_no_count() -> None:
    """A server that says that the prompts have 0 tokens does not count them."""
    with serving(tokens_a_word=0.0) as served:
        found = run(served)
    assert found["prompt_tokens"] is None
    assert any("does not count the prompt's tokens" in note for note in found["notes"])


def test_prompts_have_the_wanted_tokens_whatever_the_vocabulary() -> None:
    """Where a word is one and a half tokens, fewer words are sent."""
    with serving(base_seconds=0.002, tokens_a_word=1.5) as served:
        found = run(served, prompt_tokens=300)
    assert found["prompt_tokens"] == pytest.approx(300, rel=0.01)


def test_a_vocabulary_of_letters_needs_no_longer_context() -> None:
    """A word for each token would be six tokens each, more than the server takes."""
    with serving(base_seconds=0.002, tokens_a_word=6, context=320) as served:
        found = run(served, prompt_tokens=300)
    assert found["prompt_tokens"] == pytest.approx(300, rel=0.02)
    assert not any("refused" in note for note in found["notes"])


def test_a_context_that_is_too_short_is_said() -> None:
    """With the server's own words, and what to do."""
    with (
        serving(base_seconds=0.002, context=20) as served,
        pytest.raises(LoadError, match=r"exceeds the context of 20.*; ask for shorter prompts"),
    ):
        run(served, prompt_tokens=300)


def test_nothing_is_sent_but_new_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No two prompts begin alike, even with the same seed; no proxy, cookie or key goes with them."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(base_seconds=0.002) as served:
        run(served)
        run(served)
        seen = served.seen()
    starts = [" ".join(one["body"]["prompt"].split()[:8]) for one in seen]
    assert len(set(starts)) == len(starts) > 2 * POINT["requests"]
    assert {name for one in seen for name in one["headers"]} <= {
        "host", "accept", "accept-encoding", "content-type", "content-length", "user-agent",
    }  # fmt: skip


def test_limits_that_are_named_give_goodput(plain: Served) -> None:
    """Everybody keeps a limit of a minute, and nobody one of a millisecond.

    On a busy machine an answer may arrive at once, and nobody saw its tokens come.
    """
    found = run(plain)
    seen = sum(tokens is not None for tokens in found["later_tokens"])
    assert keeping.within(found, {"ttft_limit_milliseconds": 60_000}) == POINT["requests"]
    assert keeping.within(found, {"tpot_limit_milliseconds": 60_000}) == seen > 0
    assert keeping.within(found, {"ttft_limit_milliseconds": 1}) == 0
    assert keeping.within(found, {}) is None


def test_two_requests_at_a_time_by_hand() -> None:
    """16 tokens take 0.2 + 15 x 0.03 s, so that two at a time make 32 / 0.65 = 49.2 tokens a second."""
    with serving(first_seconds=0.2, token_seconds=0.03) as served:
        found = quickest(served, 0.03, concurrency=2, new_tokens=16, requests=8)
    assert found["window_tokens"] / found["window_seconds"] == pytest.approx(49.2, rel=0.1)
    assert tpot(found) == pytest.approx(0.03, rel=0.1)


@pytest.mark.parametrize("law", [{"tokens_a_piece": 8}, {"buffered": True}], ids=["one piece", "held back by a proxy"])
def test_tokens_that_nobody_saw_come_have_no_time(law: dict[str, Any]) -> None:
    """Neither a time per token nor goodput under a limit on it; the wait for the answer is told."""
    point = {**POINT, "tpot_limit_milliseconds": 10}
    with serving(base_seconds=0.005, **law) as served:
        runs = [measure(served.url, "mock", point, EFFORT, seed) for seed in (1, 2)]
    # Other work on the machine must not decide whether so short a load is steady.
    case = figures.case(Case("load", point), [{**run, "steady": True, "littles_law": [1.0, 1.0]} for run in runs])
    assert case.ok
    assert {"tpot_seconds", "tpot_seconds_p50", "goodput_share", "itl_seconds_p50"} & set(case.metrics) == set()
    assert case.metrics["ttft_seconds"].value > 0.01
    for name in ("tpot_seconds", "itl_seconds_p50", "itl_seconds_p99"):
        assert "48 of 48 requests were answered in one piece" in case.extra["omitted"][name]
    assert not any("ITL" in note for note in case.extra["notes"])
    assert case.extra["itl_between"] == []
    assert "unknown" in case.extra["omitted"]["goodput_share"]


@pytest.mark.parametrize(
    "written", ["content", "reasoning_content", "reasoning", "reasoning_details", "thinking", "tool_calls"]
)
def test_everything_that_a_model_writes_is_output(written: str) -> None:
    """Thinking, under whatever name, and calls of tools come piece by piece like an answer."""

    async def asked(url: str) -> Reply:
        async with endpoint.connect() as session:
            chat = Dialect("/chat/completions")
            return await endpoint.stream(session, url + chat.path, chat.body("mock", ["one"], 8))

    with serving(base_seconds=0.005, written=written) as served:
        reply = asyncio.run(asked(served.url))
    assert (reply.failure, len(reply.piece_times)) == (None, 8)


def test_newer_names_are_used_and_temperature_is_dropped_where_they_are_asked_for() -> None:
    """A server that refuses both fields is asked with `max_completion_tokens`, and answers as long as asked."""
    with serving(base_seconds=0.002, refused=["max_tokens", "temperature"]) as served:
        found = run(served)
        bodies = [one["body"] for one in served.seen()]
    assert set(found["output_tokens"]) == {8}
    assert all(body["max_completion_tokens"] == 8 and "temperature" not in body for body in bodies)
    said = "The server refused a request with max_tokens, temperature; it was asked without, with max_completion_tokens"
    assert f"{said} instead." in found["notes"]


def test_a_key_goes_to_the_server_and_nowhere_else() -> None:
    """Even where the server repeats it, the error does not."""
    with serving(base_seconds=0.002, key="sk-right") as served:
        found = measure(served.url, "mock", POINT, EFFORT, 1, key="sk-right")
        with pytest.raises(LoadError, match=r"HTTP 401: .*wrong key: Bearer \[the key\]") as caught:
            measure(served.url, "mock", POINT, EFFORT, 1, key="sk-wrong")
    assert "sk-" not in f"{found}{caught.value}"


def test_a_client_that_is_late_gives_no_figures(plain: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing may be late, something is."""
    monkeypatch.setattr(keeping, "LATENESS_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "LATENESS_SHARE", 0.0)
    with pytest.raises(LoadError, match="the client itself was late"):
        figures.case(Case("load", POINT), [run(plain)] * 3)
