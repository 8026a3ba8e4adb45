"""What each metric of a record means, in a sentence; reports print those that they show."""

from __future__ import annotations

from profiling.load import figures as load_figures
from profiling.making import learned
from profiling.measure.work import BYTES

DEFINITIONS = {
    "training_examples_per_second": "Examples over the time of the optimiser steps: texts, images, histories.",
    "training_tokens_per_second": "Tokens over the time of the optimiser steps; evaluation and checkpoints apart.",
    "step_seconds": "Time of one optimiser step: loading (real data), copying the batch, forward, backward, update.",
    "batch_seconds": "Time of one batch: loading (real data), copying it to the device, and the forward pass.",
    "step_to_run_factor": "Time of one epoch with set-up, warm-up, one evaluation and one checkpoint, over its steps'.",
    "mfu": "Model FLOPs utilisation (MFU): operations the model needs a second, over the matrix product's ceiling.",
    "tokens_per_second": "Classifying: tokens read a second. Generating: tokens written a second over the whole"
    " request, batch x new tokens / (prefill + decode). Under load: what left the server in the measured time.",
    "requests_per_second": "Requests answered a second: texts, images or histories classified, answers generated.",
    "prefill_tokens_per_second": "Prompt tokens read a second, until the first token is there.",
    "decode_tokens_per_second": "Tokens a second after the first one, over all sequences of the batch.",
    "tpot_seconds": "Time per output token (TPOT): (end-to-end - TTFT) / (tokens - 1), for each sequence.",
    "mbu": "Memory bandwidth utilisation (MBU): (weights + key-value cache) in bytes / TPOT, over the copy's ceiling.",
    "prefill_mfu": "Model FLOPs utilisation of the prefill.",
    "joules_per_example": "Energy of the whole device, idle power included, for each example trained or answered.",
    "joules_per_token": "Energy of the whole device, idle power included, for each token trained, read or written.",
    "top1_agreement": "Share of answers whose first choice is the same as with all weights in float32.",
    **{
        f"{precision}_matmul_flops_per_second": f"Ceiling: the fastest of many large matrix products in {precision}."
        for precision in (*BYTES, "int8")
    },
    "copy_bytes_per_second": "Ceiling: the fastest of many large copies in memory, bytes read plus bytes written.",
    **learned.DEFINITIONS,
    **load_figures.DEFINITIONS,
}
