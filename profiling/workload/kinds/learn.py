"""Learning: training from the start, followed by the loss and by scores on held-out examples."""

from __future__ import annotations

from profiling.architecture.source import TASKS
from profiling.workload.kinds.kind import Kind

LEARN = Kind(
    name="learn",
    title="What is learned",
    order=2,
    tasks=TASKS,
    coordinates=("batch", "tokens", "steps"),
    way="course",
    runner="profiling.making.learning:learn",
    optional=("replay_percent",),
    takes_method=True,
    fields=("weights", "checkpointing", "clipping", "memory_format"),
    outcomes=("held_out_accuracy", "explained_variance", "held_out_loss"),
    utilisation="mfu",
    result="profiling.making.learned:case",
    repeats_step_of="train",
)
