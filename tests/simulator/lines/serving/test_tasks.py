"""Tasks of several steps: the closed forms against sums, simulated tasks, and what must hold for all of them."""

import math
from dataclasses import replace

import pytest
from companies import alone
from hypothesis import assume, given
from hypothesis import strategies as st
from simulated_tasks import Agent, Tasks, near, simulate

from simulator.engine.model import lines_of
from simulator.lines.serving import features, tasks

LINES = tuple(line.name for line in lines_of(tasks))
TEN = Agent(
    steps=10, step_failure=0.15, most_tries=2, tokens_per_request=400, reasoning_tokens=600,
    input_tokens_per_request=3000, context_growth=1500, cached_share=0.8, cache_write_share=0.5, retry_share=0.1,
    first_token_seconds=0.6, seconds_per_token=0.02, tool_calls_per_step=1.5, tool_seconds=4, tool_price=0.01,
    cache_lifetime=60,
)  # fmt: skip
# Where losses are rare, a series takes over from a quotient; neither is off by more.
ROUNDING = 1e-6
# Each line with what it is the mean of.
MEANS = {
    "task_success": "finished", "steps_per_request": "steps", "calls_per_request": "calls",
    "output_per_request": "output", "reasoning_per_request": "reasoning", "input_per_request": "input",
    "cached_per_request": "cached", "written_per_request": "written", "tools_per_request": "tools",
    "answer_per_request": "billed_output", "context_per_request": "billed_input",
}  # fmt: skip


def taken(agent: Agent) -> dict[str, float]:
    """Return every line about tasks for one agent."""
    return {name: values[0] for name, values in alone(LINES, vars(agent)).items()}


def agrees(agent: Agent, simulated: Tasks) -> list[str]:
    """Return the lines that lie more than four standard errors from simulated tasks."""
    found = taken(agent)
    strange = [line for line, name in MEANS.items() if not near(found[line], getattr(simulated, name))]
    done = simulated.finished > 0
    return [
        *strange,
        *(["finished_steps"] if not near(found["finished_steps"], simulated.steps[done]) else []),
        *(["task_seconds"] if not near(found["task_seconds"], simulated.seconds[done]) else []),
    ]


@pytest.mark.parametrize("agent", [TEN, replace(TEN, steps=3, step_failure=0.4, most_tries=3), Agent(steps=25)])
def test_a_task_of_ten_steps_costs_what_simulated_tasks_cost(agent: Agent):
    """Tokens by kind, calls, tools, success and time of 300,000 tasks, within four standard errors."""
    assert agrees(agent, simulate(agent, 300_000)) == []


@pytest.mark.parametrize("spread", [0.5, 1.0, 2.0])
def test_long_tasks_are_paid_and_fail(spread: float):
    """Where the number of steps differs from task to task, within four standard errors of simulated tasks."""
    agent = replace(TEN, steps=12, steps_spread=spread)
    assert agrees(agent, simulate(agent, 300_000)) == []


@given(st.integers(1, 60), st.floats(-13, -0.02), st.floats(0, 5000), st.floats(0, 5000))
def test_closed_forms_are_the_sums_over_steps(steps: int, exponent: float, first: float, growth: float):
    """Success sⁿ, steps Σ sᵏ and context Σ sᵏ (c + g k), even where hardly a step in a trillion is lost."""
    loss = 10.0**exponent
    found = taken(Agent(steps=steps, step_failure=loss, input_tokens_per_request=first, context_growth=growth))
    reached = [math.exp(step * math.log1p(-loss)) for step in range(steps + 1)]
    context = math.fsum(share * (first + growth * step) for step, share in enumerate(reached[:-1]))
    assert found["task_success"] == pytest.approx(reached[-1], rel=1e-12)
    assert found["steps_per_request"] == pytest.approx(math.fsum(reached[:-1]), rel=1e-7)
    assert found["context_per_request"] == pytest.approx(context, rel=1e-6)


def test_without_failures_the_context_grows_with_the_square_of_steps():
    """Mean input is c m + g (E[n²] − m) / 2, with E[n²] = m² + the variance of the number of steps."""
    agent = Agent(steps=9, steps_spread=1.5, input_tokens_per_request=1000, context_growth=200)
    square = 9**2 + (1.5 * 8) ** 2
    assert taken(agent)["input_per_request"] == pytest.approx(1000 * 9 + 200 * (square - 9) / 2, rel=1e-12)


def test_a_task_of_ten_steps_by_hand():
    """At 1 % lost steps, 0.99¹⁰ = 90.4 % finish, 9.56 steps are begun, and one that finishes costs 10.6 of them."""
    found = taken(Agent(steps=10, step_failure=0.1, most_tries=2))
    assert found["task_success"] == pytest.approx(0.9043821)
    assert found["steps_per_request"] == pytest.approx(9.561792)
    assert found["calls_per_request"] == pytest.approx(9.561792 * 1.1)
    assert found["steps_per_request"] / found["task_success"] == pytest.approx(10.5727, rel=1e-5)


@pytest.mark.parametrize(("failure", "percent"), [(0.05, 36), (0.01, 82), (0.001, 98)])
def test_small_failures_add_up_over_twenty_steps(failure: float, percent: int):
    """Of tasks with twenty steps, 95 %, 99 % and 99.9 % a step finish 36 %, 82 % and 98 %."""
    assert round(100 * taken(Agent(steps=20, step_failure=failure))["task_success"]) == percent


def test_most_tries_are_whole():
    """A range of tries draws numbers between; each counts as the next whole number."""
    agent = Agent(steps=5, step_failure=0.3)
    assert taken(replace(agent, most_tries=2.4)) == taken(replace(agent, most_tries=3))  # type: ignore[arg-type]


def test_a_cache_that_expires_is_read_less_after_the_first_step():
    """With calls as far apart as the cache lives, 1 − 1/e of the later reads find it."""
    agent = Agent(
        steps=2, input_tokens_per_request=1000, context_growth=1000, cached_share=0.9, cache_lifetime=30,
        cache_write_share=1, first_token_seconds=30,
    )  # fmt: skip
    found = taken(agent)
    assert found["cached_per_request"] == pytest.approx(900 + 1800 * (1 - math.exp(-1)))
    assert found["written_per_request"] == pytest.approx(3000 - found["cached_per_request"])
    assert taken(replace(agent, cache_lifetime=0))["cached_per_request"] == pytest.approx(2700)


SHARE = st.floats(0, 1)


@given(st.floats(0, 5000), st.floats(0, 50_000), SHARE, SHARE, st.tuples(SHARE, SHARE))
def test_a_request_of_one_step_is_what_it_was(
    tokens: float, read: float, cached: float, retry: float, weights: tuple[float, float]
):
    """Tokens times one and the share of retries, input at its weights."""
    agent = Agent(tokens_per_request=tokens, input_tokens_per_request=read, cached_share=cached, retry_share=retry)
    weight, cached_weight = weights
    found = taken(agent)
    assert found["task_success"] == found["steps_per_request"] == found["finished_steps"] == 1
    assert (found["output_per_request"], found["input_per_request"]) == (tokens * (1 + retry), read * (1 + retry))
    kinds = (found[f"{kind}_per_request"] for kind in ("output", "input", "cached"))
    work = (tokens + read * (1 - cached) * weight + read * cached * cached_weight) * (1 + retry) / 1e6
    assert features.work_per_request(*kinds, weight, cached_weight) == pytest.approx(work, rel=1e-14, abs=1e-18)


AGENTS = st.builds(
    Agent,
    steps=st.floats(1, 200), steps_spread=st.floats(0, 5), step_failure=st.floats(0, 0.99),
    most_tries=st.integers(1, 10), tokens_per_request=st.floats(1, 5000), context_growth=st.floats(0, 5000),
    input_tokens_per_request=st.floats(1, 50_000), cached_share=st.floats(0, 1),
    cache_write_share=st.floats(0, 1), reasoning_tokens=st.floats(0, 5000), first_token_seconds=st.floats(0, 5),
    cache_lifetime=st.floats(0, 600),
)  # fmt: skip


@given(AGENTS)
def test_every_task_is_possible(agent: Agent):
    """Shares lie in [0, 1], a step is begun, parts are no more than the whole, and finished tasks are shorter."""
    found = taken(agent)
    assert 0 <= found["task_success"] <= 1
    assert 1 - ROUNDING <= found["steps_per_request"] <= agent.steps * (1 + ROUNDING)
    assert 0 <= found["steps_reread"] <= found["step_pairs"] * (1 + ROUNDING) + ROUNDING
    assert 0 <= found["cache_hits"] <= agent.cached_share
    both = found["cached_per_request"] + found["written_per_request"]
    assert both <= found["input_per_request"] * (1 + ROUNDING)
    assert found["reasoning_per_request"] <= found["output_per_request"] * (1 + ROUNDING)
    assert 1 <= found["finished_steps"] <= agent.steps
    assert 1 - ROUNDING <= found["tries_of_finished"] <= found["repeats"] * (1 + ROUNDING)


MORE = st.sampled_from(["steps", "context_growth", "step_failure", "reasoning_tokens"])


@given(AGENTS, MORE, st.floats(0.01, 0.3))
def test_a_finished_task_costs_more_with_all_that_makes_it_harder(agent: Agent, name: str, more: float):
    """More steps, growth, failures or reasoning never make the tokens per finished task fewer.

    Failures end long tasks first, so they are compared where all tasks are of one length.
    """
    agent = replace(agent, steps_spread=0) if name == "step_failure" else agent
    value = min(getattr(agent, name) * (1 + more) + more, 0.99 if name == "step_failure" else math.inf)
    before, after = taken(agent), taken(replace(agent, **{name: value}))
    assume(after["task_success"] > 1e-9)
    for kind in ("output_per_request", "input_per_request", "calls_per_request"):
        assert after[kind] / after["task_success"] >= before[kind] / before["task_success"] * (1 - ROUNDING)
