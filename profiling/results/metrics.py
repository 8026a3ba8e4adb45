"""Every metric of a record: name, unit, which way is better, the values it can take, and its definition.

Records, reports, comparisons, figures and pages read them from here. Standard library only.
A record of a newer version may hold metrics that are not listed; readers then show the figure without a definition.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Metric:
    """One quantity that a profile run reports."""

    name: str
    unit: str
    better: Better | None  # None: neither direction is an improvement
    definition: str
    least: float = 0.0  # no interval goes below or above what the quantity can be
    most: float = math.inf
    precision: str = ""  # of a ceiling on matrix products: the precision that they are computed in


METRICS: dict[str, Metric] = {}

# The precisions that devices multiply in.
MULTIPLIED = ("float32", "bfloat16", "float16", "int8", "fp8")


def register(*metrics: Metric) -> None:
    """Add metrics to the registry."""
    METRICS.update({metric.name: metric for metric in metrics})


def _matmul(precision: str) -> Metric:
    """Return the ceiling on matrix products in one precision."""
    words = f"Ceiling: the fastest of many large matrix products in {precision}."
    return Metric(f"{precision}_matmul_flops_per_second", "FLOP/s", "higher", words, precision=precision)


def _sustained(precision: str) -> Metric:
    """Return what an accelerator keeps up, which its power limit may hold below the ceiling."""
    words = f"The mean over the last seconds of many large matrix products in {precision}, on an accelerator."
    return Metric(f"{precision}_matmul_sustained_flops_per_second", "FLOP/s", "higher", words)


def _share(name: str, better: Better | None, definition: str) -> Metric:
    """Return a share of a whole, which cannot exceed 1."""
    return Metric(name, "1", better, definition, most=1.0)


# fmt: off
# One metric a row, with its definition below. A share of a measured ceiling may exceed 1: the ceiling is the best that
# was seen, not a bound by physics.
register(
    Metric("training_examples_per_second", "example/s", "higher",
           "Training examples (texts, images, histories) over the time of the optimiser steps; in a packed row, each "
           "text is one, the last one, which is cut, too."),
    Metric("training_tokens_per_second", "token/s", "higher",
           "Training tokens over the time of the optimiser steps, without evaluation and checkpoints."),
    Metric("step_seconds", "s", "lower",
           "Time of one optimiser step: loading (real data), copying the batch, forward, backward, update."),
    Metric("batch_seconds", "s", "lower",
           "Time of one batch: loading (real data), copying it to the device, and the forward pass."),
    Metric("step_to_run_factor", "1", "lower",
           "Time of one epoch with set-up, warm-up, one evaluation and one checkpoint, over the time of its steps "
           "alone."),
    Metric("mfu", "1", "higher",
           "Model FLOPs utilisation (MFU): operations the model needs a second, over the matrix product's ceiling."),
    Metric("tokens_per_second", "token/s", "higher",
           "Classifying or prompted: tokens read a second. Generating: tokens written a second over the whole request, "
           "batch x new tokens / (prefill + decode). Under load: tokens that the server wrote in the measured time, "
           "those of a piece spread over the time since the one before it."),
    Metric("requests_per_second", "request/s", "higher",
           "Requests answered a second: texts, images or histories classified, answers generated."),
    Metric("prefill_tokens_per_second", "token/s", "higher",
           "Prompt tokens read a second, until the first token is there."),
    Metric("decode_tokens_per_second", "token/s", "higher",
           "Tokens a second after the first one, over all sequences of the batch."),
    Metric("tpot_seconds", "s", "lower",
           "Time per output token (TPOT): time from the first piece of output to the last, over the tokens after the "
           "first piece. Not known where an answer came in one piece."),
    Metric("tpot_seconds_p50", "s", "lower", "TPOT that half of the requests do not exceed."),
    Metric("tpot_seconds_p95", "s", "lower", "TPOT that 95 % of the requests do not exceed."),
    Metric("tpot_seconds_p99", "s", "lower",
           "TPOT that 99 % of the requests do not exceed; needs a thousand requests."),
    Metric("mbu", "1", "higher",
           "Memory bandwidth utilisation (MBU): (weights + key-value cache) in bytes / TPOT, over the copy's ceiling."),
    Metric("prefill_mfu", "1", "higher",
           "Model FLOPs utilisation of the prefill: operations a second, over the matrix product's ceiling."),
    Metric("joules_per_example", "J/example", "lower",
           "Energy of the whole device, idle power included, for each example trained or answered."),
    Metric("joules_per_token", "J/token", "lower",
           "Energy of the whole device, idle power included, for each token trained, read or written."),
    Metric("request_seconds", "s", "lower",
           "Time of the device for one request: that of a batch over its requests, tokenising left out."),
    Metric("request_tokens", "token/request", "lower",
           "Tokens that a request reads, the examples in its prompt included."),
    _share("top1_agreement", "higher",
           "Share of answers whose first choice is the same as with all weights in float32."),
)

register(
    *map(_matmul, MULTIPLIED),
    *map(_sustained, MULTIPLIED),
    # As the first records name it, whose cases all had one precision.
    Metric("matmul_flops_per_second", "FLOP/s", "higher",
           "Ceiling: the fastest of many large matrix products in the run's precision.",
           precision="matmul_flops_per_second"),
    Metric("copy_bytes_per_second", "B/s", "higher",
           "Ceiling: the fastest of many large copies in memory, bytes read plus bytes written."),
)

register(
    _share("held_out_accuracy", "higher", "Share of right answers on held-out examples, after any training."),
    _share("held_out_accuracy_before", "higher", "Share of right answers on held-out examples, before the first step."),
    Metric("course_seconds", "s/run", "lower",
           "Time of a whole training from its start to its last score, with all scores on the way."),
    Metric("labels", "example/run", None, "Labelled examples that a whole training reads."),
    Metric("held_out_loss", "1", "lower", "Mean loss on held-out examples, after training."),
    Metric("held_out_loss_before", "1", "lower", "Mean loss on held-out examples, before the first step."),
    Metric("explained_variance", "1", "higher",
           "Share of the variance of held-out numbers that is explained: 1 - squared errors over squared deviations "
           "from the mean; below 0, the mean would have been a better guess.", least=-math.inf, most=1.0),
    Metric("forgotten_accuracy", "1", "lower",
           "Accuracy on the first task, before the second task less after it; below 0, accuracy rose.",
           least=-1.0, most=1.0),
    _share("first_task_accuracy_before", "higher",
           "Accuracy on the first task's held-out examples, before the second task."),
    _share("first_task_accuracy_after", "higher",
           "Accuracy on the first task's held-out examples, after the second task."),
    _share("teacher_accuracy", "higher", "Accuracy of the teacher on the student's held-out examples."),
    Metric("distance_to_solution", "1", "lower",
           "Linear regression: distance of the weights from the least-squares solution over the same examples, "
           "relative to its length."),
)

register(
    Metric("ttft_seconds", "s", "lower",
           "Time to first token (TTFT), the mean: from the intended start of a request, so that waiting counts, to the "
           "first text that is not empty. Without load: the prefill."),
    Metric("ttft_seconds_p50", "s", "lower", "TTFT that half of the requests do not exceed."),
    Metric("ttft_seconds_p95", "s", "lower", "TTFT that 95 % of the requests do not exceed."),
    Metric("ttft_seconds_p99", "s", "lower",
           "TTFT that 99 % of the requests do not exceed; needs a thousand requests."),
    Metric("request_seconds_p50", "s", "lower",
           "End-to-end time, from the intended start to the last token, that half of the requests do not exceed."),
    Metric("request_seconds_p95", "s", "lower",
           "End-to-end time, from the intended start to the last token, that 95 % of the requests do not exceed."),
    Metric("request_seconds_p99", "s", "lower",
           "End-to-end time that 99 % of the requests do not exceed; needs a thousand requests."),
    Metric("itl_seconds_p50", "s", "lower",
           "Inter-token latency (ITL), the median: gap between streamed tokens (or pieces, where a note says so), over "
           "all gaps of all requests."),
    Metric("itl_seconds_p95", "s", "lower", "Inter-token latency (ITL) that 95 % of all gaps do not exceed."),
    Metric("itl_seconds_p99", "s", "lower",
           "Inter-token latency (ITL) that 99 % of all gaps do not exceed; needs a thousand gaps."),
    Metric("requests_per_minute_within_limits", "request/minute", "higher",
           "The largest rate of random arrivals, of those tried, at which enough requests kept the case's limits."),
    Metric("littles_law_ratio", "1", None,
           "Measured value over the one that Little's law expects; it should be 1. Closed loop: tokens a second over "
           "c·OSL / (TTFT + (OSL - 1)·ITL). Open loop: open requests over arrival rate x time in the server."),
    Metric("client_lateness_seconds_p99", "s", "lower",
           "Delay by which the client itself sent the latest 1 % of requests; part of TTFT."),
    _share("goodput_share", "higher",
           "Share of the requests that kept the limits on TTFT and TPOT that the case names; a failed one kept none."),
)
# fmt: on
