"""`size`: parameters, memory, operations and cost of a model from its config, before anything is run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from profiling import architecture
from profiling.architecture import Architecture, quantised, remarks, source
from profiling.commands import shared
from profiling.errors import TableError, WorkloadError, counted, named, rounded
from profiling.estimates import duration, fitting, footprint
from profiling.estimates.fitting import Place
from profiling.estimates.footprint import Footprint, Plan
from profiling.methods import METHODS
from profiling.reference import datasheets
from profiling.reference.datasheets import Device
from profiling.results.costs import typical

HELP = "a model's parameters, memory, operations and cost, from its config alone"
KEYS = {
    "model": "the name or path that was given",
    "model_type": "model type of the config",
    "sequence_tokens": "tokens of an example",
    "batch": "examples at once on each device",
    "checkpointing": "whether the ways of training compute activations again",
    "parameters": "weights of the model; active_ and matmul_parameters are parts of them",
    "layers": "number of layers; hidden and vocab are the width and the number of words",
    "kv_bytes_per_token": "key-value cache of one token at 16 bits",
    "positions_per_example": "positions of one example",
    "forward_flops_per_example": "operations of a forward pass; training_flops_ with all weights trained",
    "weight_bytes": "bytes of the weights, by precision",
    "stored": "precision in which the checkpoint keeps its weights, by its quantization_config; null: 16 bits",
    "remarks": "what the config says besides, and what the counts leave out",
    "memory": "ways of serving and training: bytes on each device; the devices where they fit, smallest first; where "
    "none does, fits_on is the least further count of devices on which they do",
    "training_run": "device hours and cost, with --tokens and --device",
}

SIZES = ("parameters", "active_parameters", "matmul_parameters", "layers", "hidden", "vocab")
SERVED = ("bfloat16", "int4")
PRECISIONS = ("float32", "bfloat16", "int8", "int4", "nf4-double")
# Of the dense peak; Llama-3.1-405B reached 38-43 % on up to 16,384 H100s (arXiv:2407.21783, table 4).
USUAL_MFU = 0.4
GIGA = 1e9
USUAL_SEQUENCE = 2048


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model, how it would be trained, and on what."""
    parser.add_argument("model", metavar="MODEL", help="a name of the table of models, a config.json, or its folder")
    parser.add_argument("--sequence", type=shared.whole, metavar="N", help="tokens of an example (2048, or fewer)")
    parser.add_argument(
        "--batch", type=shared.whole, default=1, metavar="N", help="examples at once on each device (1)"
    )
    parser.add_argument("--devices", type=shared.whole, default=8, metavar="N", help="devices to spread over (8)")
    parser.add_argument(
        "--checkpointing",
        choices=("yes", "no"),
        default="yes",
        help="train: whether activations are computed again, as most people do from 3B on (yes)",
    )
    parser.add_argument("--tokens", type=shared.positive, metavar="N", help="tokens to train on, for hours and cost")
    parser.add_argument("--device", metavar="NAME", help="a device of the data sheets, for hours and cost")
    parser.add_argument(
        "--price-per-hour",
        type=shared.positive,
        metavar="USD",
        help="of one device (default: the median of the listed prices)",
    )
    parser.add_argument(
        "--mfu", type=_share, default=USUAL_MFU, metavar="SHARE", help=f"of the peak that a run keeps up ({USUAL_MFU})"
    )


def _share(text: str) -> float:
    value = shared.positive(text)
    if value > 1:
        raise argparse.ArgumentTypeError(f"{text} is more than 1, the whole peak")
    return value


def run(options: argparse.Namespace) -> int:
    """Print the sheet of one model; raise WorkloadError or TableError for an unknown name."""
    sheet = Sheet.of(options)
    shared.show(sheet.to_json(), sheet.text(), options)
    return 0


def config_of(name: str) -> dict[str, Any]:
    """Return the config of a well-known model, or the one in a file or folder; raise WorkloadError."""
    known = datasheets.model(name)
    if known is not None:
        return dict(known.config)
    path = Path(name)
    if path.is_dir():
        path = path / "config.json"
    if not path.is_file():
        names = [row.name for row in datasheets.rows(datasheets.Model)]
        near = get_close_matches(name, names, n=3, cutoff=0.4) or names
        raise WorkloadError(f"{name!r} is neither a file nor a known model", todo=f"there are {', '.join(near)}")
    config = source.read_config(path)
    architecture.checked(config)
    return config


@dataclass(frozen=True)
class Memory:
    """One way of training or serving, what it needs on each device, and the devices that hold that much."""

    way: str
    devices: int
    needs: Footprint
    fits: tuple[str, ...]
    fits_on: Place | None = None  # the least further count of a device, where none fits

    @classmethod
    def of(cls, way: str, devices: int, needs: Callable[[int], Footprint]) -> Memory:
        """Return the memory on each of some devices, with those of the data sheets that have enough.

        Where none has, a way over several devices is offered on more of them.
        """
        wanted = needs(devices)
        here = cls(way, devices, wanted, _room(wanted))
        more = [] if here.fits or devices == 1 else [count for count in fitting.COUNTS if count > devices]
        further = (Place(room[0], count) for count in more if (room := _room(needs(count))))
        return replace(here, fits_on=next(further, None))

    def to_json(self) -> dict[str, Any]:
        """Return bytes on each device, and the devices where they fit."""
        needs = {f"{part}_bytes": value for part, value in asdict(self.needs).items()}
        further = None if self.fits_on is None else vars(self.fits_on)
        told = {"total_bytes": self.needs.total, "fits": self.fits, "fits_on": further}
        return {"way": self.way, "devices": self.devices, **needs, **told}


def _room(needs: Footprint) -> tuple[str, ...]:
    """Return the devices that hold so much, the smallest first; none where it is not known how much."""
    return () if needs.total is None else tuple(one.name for one in fitting.roomy(needs.total))


@dataclass(frozen=True)
class Hours:
    """Device hours of one training run, and what they cost; None where a price is not known."""

    device: str
    tokens: float
    flops: float
    mfu: float
    device_hours: float
    usd_per_hour: float | None
    usd: float | None
    price: str  # whose, and of when


@dataclass(frozen=True)
class Sheet:
    """Everything that `size` prints about one model."""

    name: str
    model: Architecture
    sequence: int
    batch: int
    memory: tuple[Memory, ...]
    hours: Hours | None
    stored: str | None  # the checkpoint's own precision, where it is not 16 bits
    kept: Architecture  # the model as its checkpoint stores it
    remarks: tuple[str, ...]
    checkpointing: bool = True

    @classmethod
    def of(cls, options: argparse.Namespace) -> Sheet:
        """Return the sheet of the options; raise WorkloadError for more tokens than the model has positions for."""
        config = config_of(options.model)
        model, stored = architecture.of(config), quantised.stored(config)
        kept = quantised.as_stored(config, model)
        asked, longest = options.sequence, model.longest
        if asked is not None and asked > (longest or asked):
            raise WorkloadError(
                f"{asked} tokens exceed the {longest} positions of the model", todo="shorten --sequence"
            )
        sequence = asked or min(USUAL_SEQUENCE, longest or USUAL_SEQUENCE)
        memory = (
            *(_serving(kept, stored, " as stored", sequence, options) if stored else ()),
            *(one for precision in SERVED for one in _serving(model, precision, "", sequence, options)),
            *_training(model, sequence, options),
        )
        hours, further = _hours(model, sequence, options), tuple(remarks.remarks(config, model))
        if (most := remarks.positions(config) or sequence) < sequence:
            further += (f"{sequence:,} tokens exceed the {most:,} positions that the config names.",)
        again = options.checkpointing == "yes"
        return cls(options.model, model, sequence, options.batch, memory, hours, stored, kept, further, again)

    @property
    def counts(self) -> dict[str, float | int]:
        """Sizes of the model, and its operations for an example of `sequence` tokens."""
        model, tokens = self.model, self.sequence
        positions, full = model.tokens_per_example(tokens), model.training_flops(tokens, "full")
        return {
            **{name: getattr(model, name) for name in SIZES},
            "kv_bytes_per_token": model.kv_bytes_per_token(2),
            "positions_per_example": positions,
            "forward_flops_per_example": model.forward_flops(tokens),
            "training_flops_per_example": full,
            **({"training_flops_per_token": full / positions} if model.vocab else {}),
        }

    @property
    def weight_bytes(self) -> dict[str, float]:
        """Bytes of the weights by precision, the checkpoint's own first, with what it leaves in 16 bits."""
        own = {} if self.stored is None else {self.stored: footprint.weight_bytes(self.kept, self.stored)}
        return own | {one: footprint.weight_bytes(self.model, one) for one in PRECISIONS if one != self.stored}

    def to_json(self) -> dict[str, Any]:
        """Return counts, bytes and floating-point operations, without rounding."""
        return {
            "model": self.name,
            "model_type": self.model.model_type,
            "sequence_tokens": self.sequence,
            "batch": self.batch,
            "checkpointing": self.checkpointing,
            **self.counts,
            "weight_bytes": self.weight_bytes,
            "stored": self.stored,
            "remarks": self.remarks,
            "memory": [one.to_json() for one in self.memory],
            "training_run": None if self.hours is None else asdict(self.hours),
        }

    def text(self) -> str:
        """Return the sheet for people."""
        console = Console(file=StringIO(), width=118, highlight=False)
        for part in (*_counts(self), _memory_table(self.memory), *_notes(self)):
            console.print(part, markup=False) if isinstance(part, str) else console.print(part)
        written = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO above
        return str(written).rstrip()


def _serving(
    model: Architecture, precision: str, how: str, sequence: int, options: argparse.Namespace
) -> Iterator[Memory]:
    """Yield serving in a precision, on one device and split over several."""

    def share(count: int) -> Footprint:
        return footprint.inference(model, precision, batch=options.batch, context_tokens=sequence, devices=count)

    for count in sorted({1, options.devices}):
        yield Memory.of(f"serve, {precision}{how}{', split' if count > 1 else ''}", count, share)


def _training(model: Architecture, sequence: int, options: argparse.Namespace) -> Iterator[Memory]:
    """Yield every method on one device, then training spread over several."""
    batch, devices, again = options.batch, options.devices, options.checkpointing == "yes"
    alone = [(method, 0, 1) for method in METHODS.values() if 0 in method.sheet_stages]
    spread = [(method, stage, devices) for method in METHODS.values() for stage in method.sheet_stages if stage]
    for method, stage, count in [*alone, *(spread if devices > 1 else [])]:
        # Without a usual place for adapters their size is unknown.
        if method.adapter_parameters and not model.adapted:
            continue
        plan = Plan(method.name, batch, sequence, zero_stage=stage, again=again)
        way = f"train, {method.name}" + (f", ZeRO-{stage}" if stage else "")
        yield Memory.of(way, count, partial(_over, model, plan))


def _over(model: Architecture, plan: Plan, count: int) -> Footprint:
    """Return the memory of a training on each of `count` devices."""
    return footprint.training(model, replace(plan, devices=count))


def _hours(model: Architecture, sequence: int, options: argparse.Namespace) -> Hours | None:
    """Return hours and cost of training all weights on the given tokens.

    Raise WorkloadError where only one of tokens and device is named, TableError for a device without a sheet.
    """
    if options.tokens is None and options.device is None:
        return None
    if options.tokens is None or options.device is None:
        raise WorkloadError("hours and cost need both --tokens and --device", todo="name the other one too")
    sheet = datasheets.device(options.device)
    peak = None if sheet is None else sheet.flops_per_second("bfloat16")
    if sheet is None or peak is None:
        names = ", ".join(one.name for one in datasheets.rows(Device))
        raise TableError(f"no data sheet tells the peak of {options.device!r}", todo=f"there are {names}")
    flops = options.tokens * model.training_flops(sequence, "full") / model.tokens_per_example(sequence)
    hours = duration.gpu_hours(flops, peak * options.mfu)
    rate, source = _price(sheet, options.price_per_hour)
    usd = None if rate is None else hours * rate
    return Hours(sheet.name, options.tokens, flops, options.mfu, hours, rate, usd, source)


def _price(sheet: Device, given: float | None) -> tuple[float | None, str]:
    """Return the given price, or the usual one of the device, with its source."""
    if given is not None:
        return given, "as given"
    usual = typical(sheet)
    if usual is None:
        return None, f"no price of {sheet.name} is listed; give --price-per-hour"
    return usual.per_hour, f"{usual.source}, {usual.as_of}"


def _counts(sheet: Sheet) -> Iterator[str | Table]:
    """Yield the head, and a table of counts."""
    yield f"{sheet.name}: {sheet.model.model_type}, {counted(sheet.model.layers, 'layers')} x {sheet.model.hidden}"
    shown = sheet.counts
    table = _table("", "")
    for name, value in shown.items():
        words = name.replace("_", " ").replace("flops", "FLOPs").replace("kv", "KV")
        table.add_row(words, f"{value:,.0f}" if value < 1e15 else f"{value:.4g}")
    for precision, weights in sheet.weight_bytes.items():
        table.add_row(f"weights in {precision}", f"{weights / GIGA:,.2f} GB")
    yield table


def _memory_table(memory: Sequence[Memory]) -> Table:
    """Return a table with one line for each way, in gigabytes on each device."""
    table = _table("GB on each device", "devices", "weights", "gradients", "optimiser", "activations", "cache", "total")
    table.add_column("fits on", overflow="fold")
    for one in memory:
        needs = one.needs
        parts = (needs.weights, needs.gradients, needs.optimizer, needs.activations, needs.cache, needs.total)
        words = ["not known" if value is None else f"{value / GIGA:,.2f}" for value in parts]
        table.add_row(one.way, str(one.devices), *words, _smallest(one))
    return table


def _smallest(one: Memory) -> str:
    """Return the devices with the least memory that suffices; larger ones suffice too."""
    if one.needs.total is None:
        return "not known"
    sizes = {row.name: row.memory_gb or 0 for row in datasheets.rows(Device)}
    least = min((sizes[name] for name in one.fits), default=None)
    if least is None:
        return f"none; {one.fits_on} would do" if one.fits_on else "none"
    return f"{', '.join(name for name in one.fits if sizes[name] == least)} and up"


def _notes(sheet: Sheet) -> Iterator[str]:
    """Yield hours and cost, and what the numbers leave out."""
    if (hours := sheet.hours) is not None:
        cost = "cost not known" if hours.usd is None else f"{rounded(hours.usd)} USD at {hours.usd_per_hour:g} an hour"
        taken = f"{rounded(hours.device_hours)} {named(hours.device_hours, 'hours')}"
        yield (
            f"training in full on {hours.tokens:.4g} tokens: {hours.flops:.4g} FLOPs, "
            f"{taken} of {hours.device} at {hours.mfu:.0%} of its peak (assumed); {cost} ({hours.price})"
        )
        yield "Such a share takes a tuned engine with fused kernels, full or packed rows, and nothing offloaded."
        yield "Steps alone: evaluation, checkpoints, restarts and failed runs took 7-34 % more in published runs."
    yield from sheet.remarks
    yield (
        f"Computed, and a lower bound of what a run reserves: AdamW in mixed precision, 16 bytes per trained weight; "
        f"attention fused, logits of a batch at once, activations "
        f"{'computed again' if sheet.checkpointing else 'kept'}; every example full, "
        f"nothing padded, packed or offloaded to the host; framework, fragmentation and buffers come on top. "
        f"It fits where it takes at most {fitting.MEMORY_SHARE:.0%} of the memory."
    )


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="", show_header=any(columns))
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place == 0 else "right", no_wrap=place == 0)
    return table
