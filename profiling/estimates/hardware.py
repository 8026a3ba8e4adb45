"""The data sheet, the rates and the price of a device, by any of the names that it has."""

from __future__ import annotations

from functools import lru_cache
from statistics import median

from profiling.errors import Phrase, PredictionError
from profiling.estimates.footprint import PACKED, WEIGHT_BITS
from profiling.estimates.published_terms import Rates
from profiling.reference import datasheets
from profiling.reference.datasheets import Device, MatmulPeak
from profiling.results.costs import Priced, typical

# Weights in fewer bits are unpacked, and multiplied in 16 bits.
COMPUTED_IN = dict.fromkeys(PACKED, "bfloat16")


@lru_cache(maxsize=256)  # called for each record and row; a name always means the same device
def sheet(name: str | None) -> Device | None:
    """Return the data sheet of a device; None for a CPU, without a name, and without a sheet.  Raise TableError."""
    return None if name is None else datasheets.device(name)


def sheet_name(name: str) -> str | None:
    """Return the name of a device's data sheet; None where the name matches no sheet, or several."""
    found = datasheets.candidates(name)
    return found[0].name if len(found) == 1 else None


def rates(of: Device, precision: str) -> Rates:
    """Return peak, bandwidth and memory for a precision; raise PredictionError where the sheet lacks one."""
    computed = COMPUTED_IN.get(precision, precision)
    flops = of.flops_per_second(computed)
    if flops is None:
        known = ", ".join(name for name in WEIGHT_BITS if of.flops_per_second(COMPUTED_IN.get(name, name)))
        slow = "the data sheet of {device} does not tell how fast it computes in {precision}"
        raise PredictionError(
            Phrase(slow, device=of.name, precision=precision),
            todo=Phrase("choose one of {known}, or add a row to your own devices.csv", known=known),
        )
    if of.bytes_per_second is None or of.memory_bytes is None:
        lacking = Phrase("bandwidth") if of.bytes_per_second is None else Phrase("memory")
        none = Phrase("the data sheet of {device} has no {lacking}", device=of.name, lacking=lacking)
        raise PredictionError(none, todo="add a row to your own devices.csv")
    reached = flops * matmul_share(of, computed)
    half = (of.flops_per_second() or flops) * matmul_share(of, "bfloat16")
    return Rates(flops, of.bytes_per_second, of.memory_bytes, reached, half)


def matmul_share(of: Device | None, precision: str) -> float:
    """Return the share of the peak that matrix products reach; where nobody published it, the median of all."""
    alike = "bfloat16" if precision == "float16" else precision
    known = [row.fraction for row in (datasheets.matmul_peaks(of) if of else ()) if row.precision == alike]
    return median(known or [row.fraction for row in datasheets.rows(MatmulPeak)])


def price(name: str | None) -> Priced | None:
    """Return the usual price of one device; None where none is listed."""
    found = sheet(name)
    return None if found is None else typical(found)
