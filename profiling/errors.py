"""Every error that profiling raises for people to read, on one screen.

Each error carries what is wrong, where, and what to do; `str` joins them into one sentence. `brief`, `counted` and
`rounded` write parts of such sentences, and a `Phrase` is a part that can be translated.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, Self

# The parts of an error have at most this many bytes each: a file may hold a name of a megabyte, and an error that
# repeats it would fill the screen. Together they stay below 5 kB.
MOST_BYTES = 1_600
# The longest path that Linux allows has 4,096 bytes; the beginning is enough to find the place.
MOST_PLACE_BYTES = 500


class Phrase(str):
    """A text with values filled in that keeps both, so that a page can translate the template and fill it anew.

    Elsewhere it is its English text. A value may be a phrase, too.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        """Fill the {named} gaps of a template as `str.format` does."""
        text = super().__new__(cls, template.format(**values))
        text.template, text.values = template, values
        return text

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Return what makes the phrase again when an error comes from another process."""
        return (self.template,), self.values


def brief(text: str, most_bytes: int = MOST_BYTES) -> str:
    """Return the text, cut at the end where it has more bytes than that."""
    content = text.encode("utf-8", "replace")
    return text if len(content) <= most_bytes else content[: most_bytes - 3].decode("utf-8", "ignore") + "…"


def counted(count: float, things: str) -> str:
    """Return a number of things: 1 request at a time, 2 requests at a time."""
    return f"{f'{count:,}' if isinstance(count, int) else f'{count:g}'} {named(count, things)}"


def rounded(value: float, digits: int = 3) -> str:
    """Return a number to `digits` significant digits, without an exponent: 42,300 and 0.0305."""
    return f"{float(f'{value:.{digits}g}'):,.12g}"


def named(count: float, things: str) -> str:
    """Return what is counted, whose first word is a plural, in the singular where it is one."""
    many, *more = things.split(" ")
    one = many.removesuffix("es") if many.endswith(("sses", "ches")) else many.removesuffix("s")
    return " ".join([one if count == 1 else many, *more])


def joined(*parts: str) -> str:
    """Return the parts of a refusal in a row, each of which can be translated; empty ones are left out."""
    told = [part for part in parts if part] or [""]
    return reduce(lambda what, todo: Phrase("{what}; {todo}", what=what, todo=todo), told)


class ProfilingError(Exception):
    """Base class of the errors below: what is wrong, where, and what to do about it."""

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        """`what` alone may be the whole sentence."""
        super().__init__(what)
        self.what, self.where, self.todo = brief(what), brief(where, MOST_PLACE_BYTES), brief(todo)

    @property
    def told(self) -> str:
        """What is wrong, after the place."""
        return Phrase("{where}: {what}", where=self.where, what=self.what) if self.where else self.what

    def __str__(self) -> str:
        return joined(self.told, self.todo)


class RecordError(ProfilingError):
    """A measurement record is unreadable, invalid, or does not hold what was asked of it."""


class WorkloadError(ProfilingError):
    """A workload asks for something that cannot be measured."""


class UnsupportedError(WorkloadError):
    """The device or a library cannot do what a case asks; the other cases of the run continue."""


class PrecisionError(UnsupportedError):
    """The device cannot compute in the precision that the workload names."""


class JobError(ProfilingError):
    """A run's folder cannot be found, created, or read."""


class DeviceBusyError(JobError):
    """Another run holds the device, and the caller asked not to wait."""


class CancelledError(ProfilingError):
    """The run was cancelled by whoever started it, or from another terminal."""


class DeviceError(ProfilingError):
    """The requested device is not in this computer."""


class SensorError(ProfilingError):
    """The driver stopped answering while a measurement ran."""


class LoadError(ProfilingError):
    """A server under load cannot be reached, fails too many requests, or the client could not keep its schedule."""


class LateClientError(LoadError):
    """The client sent too many requests of a load after their time."""


class RepeatLostError(ProfilingError):
    """The process that measured one repeat ended without a result."""


class TableError(ProfilingError):
    """A table of data sheets or prices has an unreadable row, or lacks the requested one."""


class PredictionError(ProfilingError):
    """The available measurements and tables do not support the requested estimate."""
