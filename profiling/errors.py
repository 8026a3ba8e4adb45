"""Every error that profiling raises for people to read, on one screen.

Each message is a sentence that says what is wrong, where, and what to do.
"""


class ProfilingError(Exception):
    """Anything that profiling reports to its user; catch this one at the edge."""


class RecordError(ProfilingError):
    """A measurement record is unreadable, invalid, or does not hold what was asked of it."""


class WorkloadError(ProfilingError):
    """A workload asks for something that cannot be measured."""


class PrecisionError(WorkloadError):
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


class RepeatLostError(ProfilingError):
    """The process that measured one repeat ended without a result."""
