"""Offers of devices for rent: the rows of the tables, and those of SkyPilot's catalogues that the user has."""

from __future__ import annotations

from profiling.reference import datasheets, skypilot
from profiling.reference.datasheets import Device, Price


def prices(of: Device) -> tuple[Price, ...]:
    """Return the offers of a device, the newest first, and within one date the cheapest first.

    An offer that leaves the variant open counts for each device that it may mean.
    """
    listed = [row for row in datasheets.rows(Price) if of in datasheets.candidates(row.device)]
    found = [*listed, *skypilot.offers(of)]
    return tuple(sorted(sorted(found, key=lambda row: row.usd_per_device_hour), key=lambda row: row.date, reverse=True))


def on_demand(of: Device) -> tuple[Price, ...]:
    """Return the on-demand offers of exactly this device, the newest first.

    Where there are none, those that leave the variant open take their place.
    """
    found = tuple(row for row in prices(of) if row.kind == "on-demand")
    return tuple(row for row in found if datasheets.candidates(row.device) == (of,)) or found
