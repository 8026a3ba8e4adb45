"""Data sheets, dated prices and published runs, each with its source.

Shipped tables are CSV files in `tables/`.  A user adds rows in `$BREAKEVEN_HOME/tables/`, in files of the same names
with the same columns; a user's row replaces a shipped one with the same key.  An unknown value is empty in the file
and None here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from profiling import places
from profiling.errors import TableError
from profiling.files import is_file
from profiling.reference.csvrows import AnyRow, Row, read

# A number of devices in the name of an offer, such as gpu_8x_v100, 8 x A100 or H100x8; that of 24xlarge is a size.
SEVERAL = re.compile(r"(?<![a-z0-9.])(?:[2-9]|\d\d)\s?x(?![a-z0-9])|x\s?(?:[2-9]|\d\d)(?![a-z0-9])", re.IGNORECASE)

SHIPPED = Path(__file__).parent / "tables"
GIGA, TERA, GIBI = 1e9, 1e12, 2**30


@dataclass(frozen=True)
class Device(Row):
    """One accelerator's data sheet; rates are dense, never those with sparsity.

    `bf16_dense_tflops` is the float16 peak on a device without bfloat16, as the note says.
    """

    FILE = "devices.csv"
    KEY = ("name",)

    name: str
    aliases: tuple[str, ...]  # further names, the driver's first
    bf16_dense_tflops: float | None
    fp8_dense_tflops: float | None
    memory_gb: float | None
    bandwidth_gb_s: float | None
    tdp_w: float | None  # a limit, not a measured power
    as_of: str
    note: str

    def flops_per_second(self, precision: str = "bfloat16") -> float | None:
        """Return the dense peak in a precision; None where the sheet has none."""
        known = {"bfloat16": self.bf16_dense_tflops, "float16": self.bf16_dense_tflops, "fp8": self.fp8_dense_tflops}
        peak = known.get(precision)
        return None if peak is None else peak * TERA

    @property
    def memory_bytes(self) -> float | None:
        """Memory with a gigabyte as 10^9 bytes; some drivers report up to 7 % more."""
        return None if self.memory_gb is None else self.memory_gb * GIGA

    @property
    def bytes_per_second(self) -> float | None:
        """Bandwidth of the memory."""
        return None if self.bandwidth_gb_s is None else self.bandwidth_gb_s * GIGA


@dataclass(frozen=True)
class MatmulPeak(Row):
    """Fastest published matrix product on a device, over many shapes."""

    FILE = "matmul_peaks.csv"
    KEY = ("device", "precision", "source")

    device: str
    precision: str
    peak_tflops: float
    measured_tflops: float
    as_of: str

    @property
    def fraction(self) -> float:
        """Measured share of the data sheet's peak."""
        return self.measured_tflops / self.peak_tflops


@dataclass(frozen=True)
class Price(Row):
    """Price of an hour of one or several devices on one day; an offer may leave the device's variant open."""

    FILE = "prices.csv"
    KEY = ("provider", "sku", "device", "kind", "date")

    provider: str
    sku: str
    device: str
    devices: int | None  # that the price buys; None: one, where the sku does not say otherwise
    usd_per_hour: float  # of all of them together
    kind: str  # on-demand, spot, reserved block
    date: str
    region: str

    def __post_init__(self) -> None:
        """Raise ValueError where the offer seems to be of several devices, and the row does not say how many."""
        if self.devices is None and SEVERAL.search(self.sku):
            raise ValueError(f"{self.sku!r} seems to be of several devices; say how many in the column devices")

    @property
    def usd_per_device_hour(self) -> float:
        """Price of one device for an hour."""
        return self.usd_per_hour / (self.devices or 1)


@dataclass(frozen=True)
class Model(Row):
    """Config of a well-known model, with the published number of parameters where known."""

    FILE = "models.csv"
    KEY = ("name",)

    name: str
    parameters: int | None
    config: Mapping[str, Any]
    as_of: str


@dataclass(frozen=True)
class TrainingRun(Row):
    """Published training run, or the speed of one; `clean_6nd` says whether 6·N·D describes it."""

    FILE = "training_runs.csv"
    KEY = ("model", "method", "device", "devices", "precision", "sequence_tokens", "note", "source")

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
    rank: int | None  # of adapters on all matrices of the layers; empty: the method's usual adapters
    checkpointing: str  # yes: activations are computed again; no: they are kept; empty: not said
    compiled: bool  # kernels are fused by a compiler, instead of launched one by one
    sharded: bool  # each pass gathers the weights from their shards, even those of one device
    recipe: str  # of the optimiser, as in estimates.footprint; empty: mixed precision
    offload: str  # to the host's memory: activations, or the state (weights and optimiser)
    chunked: bool  # the loss is computed in chunks of the sequence
    tokens_per_second_per_device: float | None
    seconds_per_iteration: float | None
    tflops_per_device: float | None
    mfu_percent: float | None
    hfu_percent: float | None
    memory_gb: float | None
    memory_gib: float | None  # where the source counts in 2^30 bytes
    device_hours: float | None
    minutes: float | None
    energy_mwh: float | None
    pue: float | None
    cost_usd: float | None
    clean_6nd: str
    published: str  # year and month of a pretraining, or of its page, which tell how old its software is
    as_of: str
    note: str

    @property
    def memory_bytes(self) -> float | None:
        """Peak memory, on each device or over all of them; None where the source has none."""
        if self.memory_gib is not None:
            return self.memory_gib * GIBI
        return None if self.memory_gb is None else self.memory_gb * GIGA


@dataclass(frozen=True)
class ServingRun(Row):
    """Published tokens written per second by a server, on all its devices together."""

    FILE = "serving_runs.csv"
    KEY = ("benchmark", "model", "scenario", "system", "device", "devices", "precision", "concurrency")

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
    eager: bool  # kernels are launched one by one, and the layers of several devices take turns
    bare: bool  # a loop of captured graphs, without a scheduler between its steps
    tokens_per_second: float
    ttft_seconds: float | None
    itl_seconds: float | None
    system_watts: float | None
    as_of: str
    note: str


def rows(kind: type[AnyRow]) -> tuple[AnyRow, ...]:
    """Return all rows of one kind, shipped and the user's; raise TableError with file and line for a wrong one."""
    shipped: tuple[AnyRow, ...] = _shipped(kind)  # type: ignore[arg-type]  # mypy takes a type for unhashable
    own = places.home() / "tables" / kind.FILE
    if not is_file(own):
        return shipped
    return tuple({row.key: row for row in (*shipped, *read(own, kind))}.values())


@cache
def _shipped(kind: Any) -> tuple[Any, ...]:
    return read(SHIPPED / kind.FILE, kind)


def device(name: str) -> Device | None:
    """Return the data sheet for a name, also the driver's name; None where there is none, as for a CPU.

    Raise TableError where the name leaves the variant open.
    """
    found = candidates(name)
    if len(found) > 1:
        raise TableError(f"{name!r} may be {' or '.join(one.name for one in found)}", todo="name one of them")
    return found[0] if found else None


def candidates(name: str) -> tuple[Device, ...]:
    """Return every device that a name may mean: those with exactly that name, or with all of its words."""
    return _candidates(name, rows(Device))


def _candidates(name: str, devices: tuple[Device, ...]) -> tuple[Device, ...]:
    words = _words(name)
    exact = tuple(one for one in devices if any(words == spelled for spelled in _spellings(one)))
    if exact or not words:
        return exact
    return tuple(one for one in devices if any(words <= spelled for spelled in _spellings(one)))


def _spellings(one: Device) -> list[frozenset[str]]:
    return [_words(name) for name in (one.name, *one.aliases)]


# Words that do not distinguish devices.
_IDLE_WORDS = {"nvidia", "amd", "google", "geforce", "tesla", "instinct", "corporation"}


@lru_cache(maxsize=4096)  # each row of a table is compared with every name of every device
def _words(name: str) -> frozenset[str]:
    """Return `NVIDIA GeForce RTX 4090` as {rtx4090}; the generation of SXM follows from the device."""
    plain = re.sub(r"\b(rtx|tpu)\s+", r"\1", name.casefold())
    found = re.findall(r"[a-z0-9]+", re.sub(r"\bsxm\d\b", "sxm", plain))
    return frozenset(found) - _IDLE_WORDS


def matmul_peaks(of: Device) -> tuple[MatmulPeak, ...]:
    """Return the measured peaks of a device; a row that names only the chip counts for all memory sizes."""
    devices = rows(Device)
    return tuple(row for row in rows(MatmulPeak) if of in _candidates(row.device, devices))


def model(name: str) -> Model | None:
    """Return the model of that name, without regard to case; None where there is none."""
    return next((row for row in rows(Model) if row.name.casefold() == name.casefold()), None)
