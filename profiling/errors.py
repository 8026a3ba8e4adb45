"""Every error that profiling raises for people to read, on one screen.

Each message is a sentence that says what is wrong, where, and what to do.
"""


class ProfilingError(Exception):
    """Anything that profiling reports to its user: what is wrong, where, and what to do about it."""

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        """`what` alone may be the whole sentence."""
        super().__init__(what)
        self.what, self.where, self.todo = what, where, todo

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f"; {self.todo}" if self.todo else "")


class RecordError(ProfilingError):
    """A measurement record is unreadable, invalid, or does not hold what was asked of it."""


class WorkloadError(ProfilingError):
    """A workload asks for something that cannot be measured."""


class UnsupportedError(WorkloadError):
    """The device or a library cannot do what a case asks; the other cases of the run can go on."""


class PrecisionError(UnsupportedError):
    """The device cannot compute in the precision that the workload names."""


class JobError(ProfilingError):
    """A run's folder cannot be found, created, or read."""


class DeviceBusyError(JobError):
    """Another run holds the device, and the caller asked not to wait."""


class CancelledError(ProfilingError):
    """The run was cancelled by whoever started it, or from another terminal."""


class DeviceError(ProfilingError):
    """The device asked for is not on this machine."""


class SensorError(ProfilingError):
    """The driver stopped answering while a measurement ran."""


class LoadError(ProfilingError):
    """A server under load cannot be reached, fails too many requests, or the client could not keep its times."""


class RepeatLostError(ProfilingError):
    """The process that measured one repeat ended without a result."""


class TableError(ProfilingError):
    """A table of data sheets or prices holds a row that cannot be read, or lacks one that was asked for."""


class PredictionError(ProfilingError):
    """The measurements and tables at hand do not carry the estimate that was asked for."""
