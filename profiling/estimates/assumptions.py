"""What an estimate assumes of a case, beside its coordinates, as sentences for people.

They are fixed sentences without numbers, so that the dashboard can translate each.
"""

from __future__ import annotations

from profiling import methods
from profiling.architecture import quantised, remarks
from profiling.estimates.question import Question
from profiling.workload.kinds import KINDS

ENGINES = {
    "eager": "Engine: transformers, which launches each kernel by itself.",
    "compiled": "Engine: transformers, with kernels that a compiler fused.",
    "server": "Engine: a server that captures its kernels as graphs and schedules the requests, such as vLLM.",
}
LENGTHS = {
    "full": "Lengths: every example has all of its tokens; nothing is padded or packed.",
    "padded": "Lengths: drawn; each batch is padded to its longest example.",
    "packed": "Lengths: drawn; examples are packed into full rows.",
}
OPTIMISERS = {
    "mixed": "Optimiser: AdamW in mixed precision, which takes 16 bytes for each trained weight.",
    "pure": "Optimiser: AdamW all in 16 bits, which takes 8 bytes for each trained weight.",
}
ACTIVATIONS = {
    "yes": "Activations: computed again in the backward pass.",
    "no": "Activations: kept for the backward pass.",
}
OFFLOADS = {
    "no": "Offload: none; everything is in the device's memory.",
    "activations": "Offload: activations are in the host's memory.",
    "state": "Offload: weights and the optimiser's state are in the host's memory.",
}
ADAPTERS = "Adapters: rank 8 on queries and values; a larger rank or more places take more memory."
STORED = "Weights: read as the config's quantization_config stores them; --precision asks for another way."
UNREAD = "Weights: in 16 bits; no rule reads the config's quantization_config, and --precision asks for another way."
EIGHT_BITS = "Cache: in FP8, like the weights; in 16 bits it takes twice as much."
LONG = "Length: more tokens than the positions that the config names; the model may not have been trained for them."
FULL_LOAD = "Load: all sequences run at once, each with its whole prompt and answer."
SENTENCES = (
    *(one for said in (ENGINES, LENGTHS, OPTIMISERS, ACTIVATIONS, OFFLOADS) for one in said.values()),
    ADAPTERS,
    STORED,
    UNREAD,
    EIGHT_BITS,
    LONG,
    FULL_LOAD,
)


def of(question: Question) -> tuple[str, ...]:
    """Return the assumptions of an estimate from published figures, one sentence each."""
    kind = KINDS[question.kind]
    engine = ENGINES[question.engine]
    longer = question.longest > (remarks.positions(question.config) or question.longest)
    if kind.takes_method:
        way = methods.find(question.method or "")
        return (
            engine,
            *((ADAPTERS,) if way.trains == "adapters" and way.published_as else ()),
            LENGTHS[question.arrangement],
            OPTIMISERS[question.weights],
            ACTIVATIONS["yes" if question.computed_again else "no"],
            OFFLOADS[question.offload],
            *((LONG,) if longer else ()),
        )
    stored = quantised.stored(question.config) is not None
    read = (STORED if stored else UNREAD,) if question.precision is None and quantised.says(question.config) else ()
    cached = (EIGHT_BITS,) if kind.writes and question.weights_in == "fp8" else ()
    return (engine, *read, *cached, *((LONG,) if longer else ()), *((FULL_LOAD,) if kind.writes else ()))
