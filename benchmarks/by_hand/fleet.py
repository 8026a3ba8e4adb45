"""Devices that the company owns: bought, written off, retired and sold."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import aged, total


def bought(
    now: SimpleNamespace, last: SimpleNamespace, past: SimpleNamespace, age: SimpleNamespace, month: int
) -> None:
    """A month of the fleet: by number, and by what it is worth in the books and for tax."""
    bought_before = last.devices_bought if month else 0
    past.bought_before[..., month] = bought_before
    devices_retired = aged(past.bought_before, age.retirement_age, month)
    left = last.owned_devices - devices_retired
    now.devices_bought = np.maximum(np.ceil(now.wanted_devices) - left, 0)
    now.owned_devices = left + now.devices_bought
    now.fleet = now.owned_devices + now.reserved_devices
    _books(now, last, past, age, month)


def _books(
    now: SimpleNamespace, last: SimpleNamespace, past: SimpleNamespace, age: SimpleNamespace, month: int
) -> None:
    now.device_capex = now.devices_bought * now.device_list_price
    past.device_capex[..., month] = now.device_capex
    life = np.ceil(now.book_life)
    now.depreciation_of_start = np.where(month < life, now.opening_equipment / life, 0)
    now.device_depreciation = aged(past.device_capex, age.book_weight, month) + now.depreciation_of_start
    capex_before = last.device_capex if month else 0
    past.capex_before[..., month] = capex_before
    now.devices_disposed = aged(past.capex_before, age.leftover_weight, month)
    now.disposal_proceeds = aged(past.capex_before, age.sale_weight, month)
    now.disposal_gain = now.disposal_proceeds - now.devices_disposed
    now.equipment = last.equipment + now.device_capex - now.device_depreciation - now.devices_disposed
    now.capital_expenditure = total(now.device_capex)
    past.capital_expenditure[..., month] = now.capital_expenditure
    now.tax_depreciation = aged(past.capital_expenditure, age.macrs_weight, month)
