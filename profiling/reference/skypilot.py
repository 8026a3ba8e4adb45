"""Rental prices in the columns of SkyPilot's catalogue, as a user downloads them: one CSV a provider.

A catalogue lists an instance once for each region and zone, and the price of all its devices together. Here each
provider has one offer of a device on demand and one at spot prices: the instance whose price per device, the median
over its regions, is the median of the provider's instances. Otherwise the provider that lists most sizes would decide
what is usual. Left out are instances without a device, devices without a data sheet, prices of 0 or none, and rows
without an instance, whose price lacks the host that the device needs. Only the standard library is imported.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from io import TextIOWrapper
from pathlib import Path
from statistics import median
from typing import Any

from profiling import places
from profiling.errors import TableError, brief
from profiling.files import moment_of, open_regular
from profiling.reference import datasheets
from profiling.reference.datasheets import Device, Price

# Below the user's tables: PROVIDER.csv, or PROVIDER/vms.csv as SkyPilot itself lays them out.
FOLDER = "skypilot"
VMS = "vms"
NEEDED = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "SpotPrice", "Region")
KINDS = {"on-demand": "Price", "spot": "SpotPrice"}
# What an instance, or its device, is called where it has a form factor.
FORMS = {"SXM": r"sxm|hgx|hbm3", "PCIe": r"pcie", "NVL": r"(?<![a-z])nvl(?!ink)"}
# Instances of the large clouds whose names do not say it: the form factor of the devices that they are built with.
SOCKETED = re.compile(r"(p4de?|p5(e|en)?|p6-b\d+)\.|a[23]-(high|mega|ultra|edge)gpu|Standard_ND\d+\w*_[AH][12]00_v")
MIB_PER_GB = 1e9 / 2**20
# Catalogues give the memory of a device in several roundings, and in the worst case for all devices of an instance.
MEMORY = re.compile(r"SizeInMiB\W+(\d+)")

Instance = tuple[str, str, str]  # its type, its device and the description of that


def offers(of: Device) -> tuple[Price, ...]:
    """Return the offers of a device in the user's catalogues; raise TableError for a file that is none."""
    return tuple(price for path in _files() for price in _offers(path) if of in datasheets.candidates(price.device))


def _files() -> list[Path]:
    folder = places.home() / "tables" / FOLDER
    return sorted([*folder.glob("*.csv"), *folder.glob(f"*/{VMS}.csv")])


def _offers(path: Path) -> tuple[Price, ...]:
    """Return a file's offers, read once for as long as neither it nor the data sheets change."""
    try:
        now = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return _read(path, now.st_mtime_ns, now.st_size, datasheets.rows(Device))


@lru_cache(maxsize=64)
def _read(path: Path, changed: int, _size: int, _sheets: tuple[Device, ...]) -> tuple[Price, ...]:
    provider = path.parent.name if path.stem == VMS else path.stem
    day = f"{moment_of(changed / 1e9):%Y-%m-%d}"
    found = []
    by_device: dict[tuple[str, str], list[tuple[float, str, int, int]]] = defaultdict(list)
    for (instance, device, kind, count), prices in _by_instance(path).items():
        by_device[device, kind].append((median(prices) / count, instance, count, len(prices)))
    for (device, kind), listed in by_device.items():
        each, instance, count, regions = sorted(listed)[(len(listed) - 1) // 2]
        where = f"median of {regions} regions and zones" if regions > 1 else ""
        source = f"SkyPilot's catalogue, {len(listed)} instances in {path.name}"
        told = {"region": where, "verified": "secondary", "source": source}
        found.append(Price(**told, provider=provider, sku=instance, device=device, devices=count,
                           usd_per_hour=each * count, kind=kind, date=day))  # fmt: skip
    return tuple(found)


def _by_instance(path: Path) -> Mapping[tuple[str, str, str, int], Sequence[float]]:
    """Return the prices over all regions by instance, device, kind of offer and number of devices."""
    prices: dict[tuple[str, str, str, int], list[float]] = defaultdict(list)
    devices: dict[Instance, str] = {}
    for line, row in _rows(path):
        instance = row["InstanceType"], row["AcceleratorName"], row.get("GpuInfo") or ""
        if not (instance[0] and instance[1]):
            continue
        if instance not in devices:
            devices[instance] = _device(*instance)
        if not (device := devices[instance]):
            continue
        count = int(_number(row, "AcceleratorCount", f"{path}, line {line}"))
        for kind, column in KINDS.items():
            if count and (price := _number(row, column, f"{path}, line {line}")):
                prices[instance[0], device, kind, count].append(price)
    return prices


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each row with its line; raise TableError for a file without the columns."""
    try:
        with TextIOWrapper(open_regular(path), encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if missing := [name for name in NEEDED if name not in (reader.fieldnames or ())]:
                raise TableError(
                    f"{path}, line 1: there is no column {missing[0]!r}",
                    todo="a catalogue of SkyPilot has it; download the file again, or move it away",
                )
            for row in reader:
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> TableError:
    return TableError(f"cannot be read ({error})", todo="download the file again, or move it away", where=str(path))


def _number(row: Mapping[str, Any], column: str, where: str) -> float:
    """Return a number of a row, 0 where it has none; raise TableError for what is no finite number from 0."""
    text = (row[column] or "").strip()
    try:
        value = float(text or 0)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise TableError(
            f"{where}: {column} is {brief(repr(text), 80)}, which is no number from 0", todo="download the file again"
        )
    return value


def _device(instance: str, name: str, described: str) -> str:
    """Return the name of the device of an instance; empty for one without a data sheet.

    Where the catalogue's name leaves the variant open, the instance or its description may tell memory and form factor.
    """
    name = re.sub(r"(?<=\d)G\b", "GB", name)
    known = datasheets.candidates(name) or datasheets.candidates(re.sub(r"-NVLink$", "", name))
    text = f"{instance} {name} {described}"
    forms = _forms(text) or (["SXM"] if SOCKETED.search(instance) else [])
    fitting = [one for one in known if not forms or not (own := _forms(one.name)) or set(own) & set(forms)]
    told = MEMORY.search(described)
    if len(fitting) > 1 and told and (gigabytes := int(told[1]) / MIB_PER_GB) > 1:
        fitting = [one for one in fitting if one.memory_gb and abs(one.memory_gb / gigabytes - 1) < 0.15] or fitting
    # A variant that no data sheet has must not get the price of another.
    if known and not fitting:
        return ""
    return fitting[0].name if len(fitting) == 1 else name if known else ""


def _forms(text: str) -> list[str]:
    return [form for form, spelled in FORMS.items() if re.search(spelled, text, re.IGNORECASE)]
