"""What a kind of case is: its point, what it reports, and what runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from profiling import registry
from profiling.architecture import Architecture
from profiling.workload.kinds.work import Quotients, Setting, Works

# With fewer steps the Mann-Kendall test cannot tell a trend from chance.
FEWEST_STEPS = 8


Plain = Mapping[str, Any]
# What a step counts in each repeat, or one number for all; None: it is the time of the step itself.
Counts = Sequence[float] | None


@dataclass(frozen=True)
class Kind:
    """One kind of case.

    `way` says how a repeat is measured, and what `runner` names: with `steps`, a measure.method.Method that takes
    steps until they are steady; with `course`, a function that does the whole in one go; with `server`, a function
    that puts a load on a running server.
    """

    name: str
    title: str  # what a case finds out, for people
    order: int  # position in listings
    tasks: tuple[str, ...]  # of the models that it can be done with
    coordinates: tuple[str, ...]
    way: Literal["steps", "course", "server"]
    runner: str
    optional: tuple[str, ...] = ()  # coordinates that a point may leave out
    takes_method: bool = False  # whether `method` is a coordinate, too
    check: Callable[[dict[str, Any], str], None] | None = None  # of a point; None: every coordinate is a whole number
    needs_labels: bool = False  # whether it answers labelled texts of somebody's, which nobody can make up
    fields: tuple[str, ...] = ()  # fields of a workload that only some kinds make use of, this one among them
    rates: tuple[str, ...] = ()  # the metrics that are its throughput; the first that a case has is shown
    outcomes: tuple[str, ...] = ()  # the metrics that a case without a throughput is about
    utilisation: str = ""  # the metric that is its share of the device's ceiling
    # What each stage of a step needs, and the metrics that tell its seconds, of which the first that a record has
    # is taken; a rate is one over the whole batch.
    stages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    work: Callable[[Setting, Architecture], Works] | None = None
    quotients: Callable[[Setting, Works, Any], Quotients] | None = None  # the metrics of one repeat
    # What a step counts for each metric, such as its tokens, from the point, what a case notes beside it, and the
    # workload; and what follows for whole requests from the case's other metrics.
    by_step: Callable[[Plain, Plain, Plain], Mapping[str, Counts]] | None = None
    whole: Callable[[Mapping[str, Any], Mapping[str, float]], Mapping[str, float]] | None = None
    result: str = ""  # what makes a case of the record of the repeats; empty: their steps do, with the quotients
    repeats_step_of: str = ""  # the kind whose step its own course repeats
    informs: str = ""  # the section of a scenario that it measures quantities for

    @property
    def own_coordinates(self) -> tuple[str, ...]:
        """Every coordinate that the kind knows."""
        return (*(("method",) if self.takes_method else ()), *self.coordinates, *self.optional)

    @property
    def writes(self) -> bool:
        """Whether the model writes tokens."""
        return "new_tokens" in self.coordinates

    @property
    def run(self) -> Callable[..., Any]:
        """The code that measures a repeat, imported on use."""
        found: Callable[..., Any] = registry.load(self.runner)
        return found
