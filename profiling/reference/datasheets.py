"""Data sheets, dated prices, and published runs: facts that others wrote down, each with its source.

They ship as CSV files in `tables/`.  A user adds rows of the same columns in `$BREAKEVEN_HOME/tables/`, in files
of the same names; a user's row takes the place of a shipped one with the same key.  What is not known is empty in
the file and None here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from profiling.errors import TableError
from profiling.reference.csvrows import AnyRow, Row, read
from profiling.runs import places

SHIPPED = Path(__file__).parent / "tables"
GIGA, TERA = 1e9, 1e12


@dataclass(frozen=True)
class Device(Row):
    """One accelerator's data sheet; rates are dense, never those with sparsity.

    `bf16_dense_tflops` is of float16 on a device without bfloat16, as its note says.
    """

    FILE: ClassVar[str] = "devices.csv"
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    aliases: tuple[str, ...]  # further names, the driver's first
    bf16_dense_tflops: float | None
    fp8_dense_tflops: float | None
    memory_gb: float | None
    bandwidth_gb_s: float | None
    tdp_w: float | None  # a limit, and no measurement of what it draws
    as_of: str
    verified: str
    note: str
    source: str

    def flops_per_second(self, precision: str = "bfloat16") -> float | None:
        """The dense peak in a precision; None where the sheet does not tell."""
        known = {
            "bfloat16": self.bf16_dense_tflops,
            "float16": self.bf16_dense_tflops,
            "fp8": self.fp8_dense_tflops,
        }
        peak = known.get(precision)
        return None if peak is None else peak * TERA

    @property
    def memory_bytes(self) -> float | None:
        """The sheet's gigabytes as 10^9 bytes, which some drivers report up to 7 % more of."""
        return None if self.memory_gb is None else self.memory_gb * GIGA

    @property
    def bytes_per_second(self) -> float | None:
        """The memory's bandwidth."""
        return None if self.bandwidth_gb_s is None else self.bandwidth_gb_s * GIGA


@dataclass(frozen=True)
class MatmulPeak(Row):
    """The fastest matrix product that was measured on a device, over many shapes."""

    FILE: ClassVar[str] = "matmul_peaks.csv"
    KEY: ClassVar[tuple[str, ...]] = ("device", "precision", "source")

    device: str
    precision: str
    peak_tflops: float
    measured_tflops: float
    as_of: str
    verified: str
    source: str

    @property
    def fraction(self) -> float:
        """Of the data sheet's peak."""
        return self.measured_tflops / self.peak_tflops


@dataclass(frozen=True)
class Price(Row):
    """An hour of one device on one day; `device` in the words of the offer, which may leave its variant open."""

    FILE: ClassVar[str] = "prices.csv"
    KEY: ClassVar[tuple[str, ...]] = ("provider", "sku", "device", "kind", "date")

    provider: str
    sku: str
    device: str
    usd_per_hour: float
    kind: str  # on-demand, spot, reserved block
    date: str
    region: str
    verified: str
    source: str


@dataclass(frozen=True)
class ApiPrice(Row):
    """What a vendor asked for a million tokens."""

    FILE: ClassVar[str] = "api_prices.csv"
    KEY: ClassVar[tuple[str, ...]] = ("vendor", "model", "date")

    vendor: str
    model: str
    usd_per_million_input: float | None
    usd_per_million_cached_input: float | None
    usd_per_million_output: float | None
    date: str
    verified: str
    note: str
    source: str


@dataclass(frozen=True)
class Model(Row):
    """A well-known model's config, and its published count of parameters where one was found."""

    FILE: ClassVar[str] = "models.csv"
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    parameters: int | None
    config: Mapping[str, Any]
    as_of: str
    verified: str
    source: str


@dataclass(frozen=True)
class TrainingRun(Row):
    """A published training run, or the speed of one; `clean_6nd` says whether 6·N·D fits it."""

    FILE: ClassVar[str] = "training_runs.csv"
    KEY: ClassVar[tuple[str, ...]] = (
        "model",
        "method",
        "device",
        "devices",
        "precision",
        "sequence_tokens",
        "note",
        "source",
    )

    model: str
    parameters: int | None
    active_parameters: int | None
    tokens: float | None
    device: str
    devices: int | None
    precision: str
    sequence_tokens: int | None
    batch: int | None
    gradient_accumulation: int | None
    method: str
    tokens_per_second_per_device: float | None
    seconds_per_iteration: float | None
    tflops_per_device: float | None
    mfu_percent: float | None
    hfu_percent: float | None
    memory_gb: float | None
    device_hours: float | None
    minutes: float | None
    energy_mwh: float | None
    pue: float | None
    cost_usd: float | None
    clean_6nd: str
    as_of: str
    verified: str
    note: str
    source: str


@dataclass(frozen=True)
class ServingRun(Row):
    """Published tokens a second of a server, written ones, of all its devices together."""

    FILE: ClassVar[str] = "serving_runs.csv"
    KEY: ClassVar[tuple[str, ...]] = (
        "benchmark",
        "model",
        "scenario",
        "system",
        "device",
        "devices",
        "precision",
        "concurrency",
    )

    benchmark: str
    model: str
    scenario: str
    system: str
    device: str
    devices: int | None
    precision: str
    prompt_tokens: int | None
    new_tokens: int | None
    concurrency: int | None
    tokens_per_second: float
    ttft_seconds: float | None
    itl_seconds: float | None
    system_watts: float | None
    as_of: str
    verified: str
    note: str
    source: str


def rows(kind: type[AnyRow]) -> tuple[AnyRow, ...]:
    """All rows of one kind, shipped and the user's; raises TableError with file and line for a broken one."""
    shipped: tuple[AnyRow, ...] = _shipped(kind)  # type: ignore[arg-type]  # mypy takes a type for unhashable
    own = places.home() / "tables" / kind.FILE
    if not own.is_file():
        return shipped
    return tuple({row.key: row for row in (*shipped, *read(own, kind))}.values())


@cache
def _shipped(kind: Any) -> tuple[Any, ...]:
    return read(SHIPPED / kind.FILE, kind)


def device(name: str) -> Device | None:
    """The data sheet that a name means, the driver's name too; None where there is none, as for a CPU.

    Raises TableError where the name leaves the variant open.
    """
    found = candidates(name)
    if len(found) > 1:
        raise TableError(f"{name!r} may be {' or '.join(one.name for one in found)}; name the one that is meant")
    return found[0] if found else None


def candidates(name: str) -> tuple[Device, ...]:
    """Every device that a name may mean: those of that very name, or those whose names have all of its words."""
    words, all_of_them = _words(name), rows(Device)
    exact = tuple(one for one in all_of_them if any(words == spelled for spelled in _spellings(one)))
    if exact or not words:
        return exact
    return tuple(one for one in all_of_them if any(words <= spelled for spelled in _spellings(one)))


def _spellings(one: Device) -> list[frozenset[str]]:
    return [_words(name) for name in (one.name, *one.aliases)]


# What says nothing about which device it is.
_IDLE_WORDS = {"nvidia", "amd", "google", "geforce", "tesla", "instinct", "corporation"}


def _words(name: str) -> frozenset[str]:
    """`NVIDIA GeForce RTX 4090` as {rtx4090}; SXM's generation follows from the device's."""
    plain = re.sub(r"\b(rtx|tpu)\s+", r"\1", name.casefold())
    found = re.findall(r"[a-z0-9]+", re.sub(r"\bsxm\d\b", "sxm", plain))
    return frozenset(found) - _IDLE_WORDS


def matmul_peaks(of: Device) -> tuple[MatmulPeak, ...]:
    """Measured peaks of a device; a table that names the chip alone stands for its memory sizes."""
    return tuple(row for row in rows(MatmulPeak) if of in candidates(row.device))


def prices(of: Device) -> tuple[Price, ...]:
    """Offers of a device, the newest first, of one date the cheapest first.

    An offer whose words leave the variant open stands with each device that it may mean.
    """
    found = [row for row in rows(Price) if of in candidates(row.device)]
    return tuple(sorted(sorted(found, key=lambda row: row.usd_per_hour), key=lambda row: row.date, reverse=True))


def offer(of: Device) -> Price | None:
    """The newest offer of a device on demand, of one day the cheapest; None where none is listed."""
    return next((row for row in prices(of) if row.kind == "on-demand"), None)


def model(name: str) -> Model | None:
    """The model of that name, whatever the case of its letters; None where there is none."""
    return next((row for row in rows(Model) if row.name.casefold() == name.casefold()), None)
