"""Single tasks of an agent, simulated step by step and try by try from the words of the documentation alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Agent:
    """An agent as a scenario states it, with the fields' own names and defaults."""

    steps: float = 1.0
    steps_spread: float = 0.0
    step_failure: float = 0.0
    most_tries: int = 1
    tokens_per_request: float = 0.0
    reasoning_tokens: float = 0.0
    input_tokens_per_request: float = 0.0
    context_growth: float = 0.0
    cached_share: float = 0.0
    cache_write_share: float = 0.0
    cache_lifetime: float = 0.0
    retry_share: float = 0.0
    first_token_seconds: float = 0.0
    seconds_per_token: float = 0.0
    tool_calls_per_step: float = 0.0
    tool_seconds: float = 0.0
    tool_price: float = 0.0

    def given(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults."""
        plain = Agent()
        return {name: value for name, value in vars(self).items() if value != getattr(plain, name)}


@dataclass(frozen=True)
class Tasks:
    """What each of many tasks took: one number a task. `billed_…` counts every step once, whatever its tries."""

    finished: Array
    steps: Array
    calls: Array
    output: Array
    reasoning: Array
    input: Array
    cached: Array
    written: Array
    tools: Array
    seconds: Array
    billed_output: Array
    billed_input: Array


def whole_steps(agent: Agent, count: int, rng: np.random.Generator) -> Array:
    """Return the steps of each task: one and an inverse Gaussian number, rounded up or down so that means stay."""
    further = np.full(count, agent.steps - 1)
    if agent.steps_spread and agent.steps > 1:
        further = rng.wald(agent.steps - 1, (agent.steps - 1) / agent.steps_spread**2, count)
    return np.floor(1 + further + rng.random(count))


def simulate(agent: Agent, count: int, seed: int = 1) -> Tasks:
    """Return `count` tasks: each goes on step by step until it has done all its steps, or one fails all its tries."""
    rng = np.random.default_rng(seed)
    wanted = whole_steps(agent, count, rng)
    kept = {name: np.zeros(count) for name in Tasks.__annotations__}
    second = agent.first_token_seconds + agent.tool_calls_per_step * agent.tool_seconds
    second += (agent.tokens_per_request + agent.reasoning_tokens) * agent.seconds_per_token
    working, step = np.arange(count), 0
    while len(working):
        # The first success of a step, or its last try.
        first = rng.geometric(1 - agent.step_failure, len(working))
        tries, succeeds = np.minimum(first, agent.most_tries), first <= agent.most_tries
        context = agent.input_tokens_per_request + agent.context_growth * step
        warm = np.full(len(working), agent.cached_share) * tries
        if step and agent.cache_lifetime:
            # Each try of a later step finds the cache alive, or does not.
            warm *= rng.binomial(tries, -np.expm1(-agent.cache_lifetime / second)) / tries
        added = {
            "steps": 1.0, "calls": tries, "input": context * tries, "cached": context * warm,
            "output": (agent.tokens_per_request + agent.reasoning_tokens) * tries,
            "reasoning": agent.reasoning_tokens * tries, "seconds": second * tries, "billed_input": context,
            "written": context * (tries - warm) * agent.cache_write_share,
            "billed_output": agent.tokens_per_request + agent.reasoning_tokens,
            "tools": agent.tool_calls_per_step * agent.tool_price * tries,
        }  # fmt: skip
        for name, amount in added.items():
            kept[name][working] += amount
        step += 1
        working = working[succeeds]
        done = wanted[working] <= step
        kept["finished"][working[done]] = 1
        working = working[~done]
    # A request that is made again repeats all that one task takes on average; the customer is billed for one.
    for name in ("calls", "output", "reasoning", "input", "cached", "written", "tools"):
        kept[name] *= 1 + agent.retry_share
    return Tasks(**kept)


def near(found: float, simulated: Array, errors: float = 4.0) -> bool:
    """Return whether a mean lies within some standard errors of that of simulated tasks."""
    error = float(simulated.std()) / len(simulated) ** 0.5
    return abs(found - float(simulated.mean())) <= errors * error + 1e-9 * abs(found)
