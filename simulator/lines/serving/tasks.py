"""Tasks, per feature: what one request takes when a model works on it in steps, and the share of requests it finishes.

An agent calls its model again and again: the context grows by what each step adds, a step may fail and be tried anew,
and the task ends unfinished at the first step of which all tries fail. A request with one step is a task, too.

The number of steps varies over tasks: it is one, and a further number that follows an inverse Gaussian. That is the law
of the time at which progress with a drift and with chance reaches its goal (Schrödinger, 1915); its tail is long, close
to a lognormal's of the same spread, and the chance that all steps succeed has a closed form (Tweedie, 1957). With a
spread of zero all tasks have the same number of steps.
"""

from typing import Annotated

import numpy as np

from simulator.engine.quantities import (
    CallsPerRequest,
    Factor,
    MoneyPerCall,
    MoneyPerRequest,
    Numbers,
    SecondsPerToken,
    Share,
    TokensPerRequest,
)
from simulator.engine.units import Constant, quantity

PER = "feature"

Steps = Annotated[Numbers, quantity("1", 1, 10_000)]
Tries = Annotated[Numbers, quantity("1", 1, 100)]
# Some tries must succeed: lines divide by their share.
Failure = Annotated[Numbers, quantity("share", 0, 0.99)]
StepSpread = Annotated[Numbers, quantity("1", 0, 5)]
Seconds = Annotated[Numbers, quantity("s", 0)]

ONE_CALL = Constant(1, "call/request", "1 call/request")
ONE_REQUEST = Constant(1, "request", "1 request")


def step_loss(step_failure: Failure = 0.0, most_tries: Tries = 1.0) -> Share:
    """Share of a task's steps of which all tries fail, which ends the task unfinished.

    step_failure: Chance that one try of a step of a task fails.
    most_tries: Tries of a step, the first included, before the task is given up; rounded up to a whole number.
    """
    return step_failure ** np.ceil(most_tries)


def repeats(step_loss, step_failure, retry_share: Share = 0.0) -> Factor:
    """Mean calls of the feature's model per step of a task: tries of the step, and repetitions of the whole request.

    retry_share: Share of requests to the feature that are made again from the start, at the company's expense.
    """
    return (1 - step_loss) / (1 - step_failure) * (1 + retry_share)


def step_hazard(step_loss) -> Factor:
    """Hazard of a task at each of its steps: the negative logarithm of the chance that the step succeeds."""
    success = 1 - step_loss
    # The quotient makes up for what rounding takes from 1 - step_loss (Kahan); without it rare losses have few digits.
    return np.where(success < 1, step_loss * np.log(success) / (success - 1), step_loss)


def steps_root(step_hazard, steps: Steps = 1.0, steps_spread: StepSpread = 0.0) -> Factor:
    """Factor by which losses shorten the tasks that the feature finishes: long tasks are likelier to fail.

    steps: Mean steps of a task that no failure ends; each step is one call of the model.
    steps_spread: Standard deviation of the steps after the first over tasks, relative to their mean.
    """
    return (1 + 2 * steps_spread * steps_spread * step_hazard * (steps - 1)) ** 0.5


def task_success(step_loss, step_hazard, steps, steps_root) -> Share:
    """Share of the feature's tasks that finish: every step succeeds within its tries."""
    # Two divided by one plus the root is the inverse Gaussian's exponent, written so that a spread of 0 divides by 2.
    return (1 - step_loss) * np.exp(-2 * step_hazard * (steps - 1) / (1 + steps_root))


def finished_steps(steps, steps_root) -> Factor:
    """Mean steps of the feature's tasks that finish."""
    return 1 + (steps - 1) / steps_root


def step_pairs(steps, steps_spread) -> Factor:
    """Mean number of pairs of steps in a task that no failure ends: the times that a step's addition is read again."""
    further = steps - 1
    return further * (1 + further * (1 + steps_spread * steps_spread)) / 2


def losses_rare(step_loss, steps, steps_spread) -> Share:
    """1 where losses of steps are so rare that a second-order series is more exact than a quotient; otherwise 0."""
    # At this bound both are off by the same: less than a ten-millionth, or a millionth at the widest spreads.
    return np.where(step_loss * steps * (1 + 3 * steps_spread * steps_spread) < 0.0004, 1, 0)


def steps_per_request(steps, step_loss, task_success, step_pairs, losses_rare) -> Factor:
    """Mean steps that a task of the feature begins, whether it finishes or not; further tries are not counted."""
    return np.where(losses_rare, steps - step_loss * step_pairs, (1 - task_success) / step_loss)


def steps_reread(
    steps, steps_spread, step_loss, task_success, finished_steps, step_pairs, losses_rare, steps_per_request
) -> Factor:
    """Mean sum over the steps that a task of the feature begins of the number of steps before each."""
    further, variance = steps - 1, steps_spread * steps_spread
    # Moments of the inverse Gaussian give the mean sum of squares of the numbers of earlier steps.
    squares = 2 * further * further * further * (1 + 3 * variance * (1 + variance)) + 6 * step_pairs - 2 * further
    exact = ((1 - step_loss) * steps_per_request - finished_steps * task_success) / step_loss
    # A task of one step rereads nothing, but rounding may leave less.
    return np.where(losses_rare, step_pairs - step_loss * squares / 6, np.maximum(exact, 0))


def context_per_request(
    steps_per_request,
    steps_reread,
    input_tokens_per_request: TokensPerRequest = 0.0,
    context_growth: TokensPerRequest = 0.0,
) -> TokensPerRequest:
    """Input tokens of all steps that a task of the feature begins, each step counted once.

    input_tokens_per_request: Input tokens of a request, cached or not; of a task of several steps, those of the first.
    context_growth: Tokens that each step of a task adds to the input of the next: its answer and what tools return.
    """
    return input_tokens_per_request * steps_per_request + context_growth * steps_reread


def answer_per_request(
    steps_per_request, tokens_per_request: TokensPerRequest, reasoning_tokens: TokensPerRequest = 0.0
) -> TokensPerRequest:
    """Output tokens of all steps that a task of the feature begins, reasoning included, each step counted once.

    tokens_per_request: Output tokens of a request to the feature; of a task of several steps, those of each step.
    reasoning_tokens: Tokens that the model writes at each step before its answer, and that nobody reads again.
    """
    return (tokens_per_request + reasoning_tokens) * steps_per_request


def calls_per_request(steps_per_request, repeats) -> CallsPerRequest:
    """Calls of the model that one request to the feature takes, over all steps and tries."""
    return ONE_CALL * steps_per_request * repeats


def output_per_request(answer_per_request, repeats) -> TokensPerRequest:
    """Output tokens that one request to the feature takes, reasoning included, over all steps and tries."""
    return answer_per_request * repeats


def reasoning_per_request(steps_per_request, repeats, reasoning_tokens) -> TokensPerRequest:
    """Part of the output tokens of one request to the feature that is reasoning, over all steps and tries."""
    return reasoning_tokens * steps_per_request * repeats


def input_per_request(context_per_request, repeats) -> TokensPerRequest:
    """Input tokens that one request to the feature takes, cached or not, over all steps and tries."""
    return context_per_request * repeats


def call_seconds(
    tokens_per_request,
    reasoning_tokens,
    first_token_seconds: Seconds = 0.0,
    seconds_per_token: SecondsPerToken = 0.0,
    tool_calls_per_step: Factor = 0.0,
    tool_seconds: Seconds = 0.0,
) -> Seconds:
    """Seconds from the start of one call of the model to the start of the next: reading, writing, and tools.

    first_token_seconds: Seconds from a call of the feature's model to its first token.
    seconds_per_token: Seconds that each output token takes after the first.
    tool_calls_per_step: Calls of tools, such as searches, that each call of the model leads to.
    tool_seconds: Seconds that one call of a tool takes.
    """
    writing = (tokens_per_request + reasoning_tokens) * seconds_per_token * ONE_REQUEST
    return first_token_seconds + writing + tool_calls_per_step * tool_seconds


def tries_of_finished(step_failure, step_loss, most_tries) -> Factor:
    """Mean tries of each step in a task of the feature that finishes."""
    return 1 / (1 - step_failure) - np.ceil(most_tries) * step_loss / (1 - step_loss)


def task_seconds(finished_steps, tries_of_finished, call_seconds) -> Seconds:
    """Mean seconds from the request to the end of a task of the feature that finishes."""
    return finished_steps * tries_of_finished * call_seconds


def cache_alive(call_seconds, cache_lifetime: Seconds = 0.0) -> Share:
    """Share of calls that come before the cache has dropped the context of the step before.

    The time between two calls is exponential. Without a lifetime nothing is dropped during a task.

    cache_lifetime: Seconds for which the cache keeps a context that nobody reads; 0 if it outlasts every task.
    """
    expires = np.logical_and(cache_lifetime > 0, call_seconds > 0)
    return np.where(expires, -np.expm1(-cache_lifetime / call_seconds), 1)


def cache_hits(cache_alive, context_per_request, input_tokens_per_request, cached_share: Share = 0.0) -> Share:
    """Share of the feature's input tokens that the model reads from its cache.

    cached_share: Share of the input tokens at each step that the model reads from its cache, unless it has expired.
    """
    # Only what steps after the first read can expire between two steps.
    several = context_per_request > input_tokens_per_request
    first = np.where(several, input_tokens_per_request / context_per_request, 1)
    return cached_share * (1 - (1 - cache_alive) * (1 - first))


def cached_per_request(input_per_request, cache_hits) -> TokensPerRequest:
    """Part of the input tokens of one request to the feature that is read from the cache, over all steps and tries."""
    return input_per_request * cache_hits


def written_per_request(input_per_request, cached_per_request, cache_write_share: Share = 0.0) -> TokensPerRequest:
    """Part of the input tokens of one request that is written into the cache, over all steps and tries.

    cache_write_share: Share of the input tokens not read from the cache that is written into it.
    """
    return (input_per_request - cached_per_request) * cache_write_share


def tools_per_request(calls_per_request, tool_calls_per_step, tool_price: MoneyPerCall = 0.0) -> MoneyPerRequest:
    """Cost of the tools that one request to the feature calls, over all steps and tries.

    tool_price: Cost of one call of a tool, such as a search or a sandbox.
    """
    return calls_per_request * tool_calls_per_step * tool_price
