"""What depends on age alone, such as how many of a cohort are left: curves of shape (members, trials, months)."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import Array, months_apart


def curves(given: SimpleNamespace, months: int) -> SimpleNamespace:
    """All of them, by the name of their line."""
    age = np.arange(months, dtype=float)
    found = SimpleNamespace(macrs_weight=_macrs_weight(given.bonus_depreciation[0][..., None], age))
    found.closing_age = np.where(age == np.ceil(given.sales_cycle[0][..., None]), 1.0, 0.0)
    _customers(found, given, age)
    _devices(found, given, age)
    life = np.ceil(given.model_life[0][..., None])
    found.model_weight = np.where(age < life, 1 / life, 0)
    return SimpleNamespace(**{name: months_apart(curve) for name, curve in vars(found).items()})


def _customers(found: SimpleNamespace, given: SimpleNamespace, age: Array) -> None:
    churn, spread = given.churn[0][..., None], given.churn_spread[0][..., None]
    stays = (1 - churn + spread * (age - 1)) / (1 + spread * (age - 1))
    stays[..., 0] = 1
    survival = np.cumprod(stays, axis=-1)
    term = np.ceil(given.contract_months[0][..., None])
    ends = np.broadcast_to(term * np.floor(age / term), np.broadcast_shapes(term.shape, survival.shape))
    wide = np.broadcast_to(survival, ends.shape)
    found.contract_survival = np.take_along_axis(wide, ends.astype(np.intp), axis=-1)
    found.in_term = np.where(age < term, 1.0, 0.0)
    found.goes_on = np.where(age < term - 1, 1.0, 0.0)
    found.seat_survival = found.contract_survival * (1 + given.seat_growth[0][..., None]) ** age
    prepaid = np.ceil(given.prepaid_months[0][..., None])
    due = age == prepaid * np.floor(age / prepaid)
    found.invoice_age = np.where(due, found.contract_survival, 0)
    found.seat_invoice_age = np.where(due, found.seat_survival, 0)
    found.recognition = np.where(age < prepaid, 1 / prepaid, 0)
    rest = prepaid - 1
    falling = 2 * np.maximum(rest - age, 0) / np.maximum(rest * (rest + 1), 1)
    found.opening_earned = np.where(rest > 0, falling, np.where(age == 0, 1.0, 0.0))


def _devices(found: SimpleNamespace, given: SimpleNamespace, age: Array) -> None:
    economic, book = np.ceil(given.economic_life[0][..., None]), np.ceil(given.book_life[0][..., None])
    residual = given.residual_share[0][..., None]
    found.retirement_age = np.where(age == economic - 1, 1.0, 0.0)
    found.book_weight = np.where(age < np.minimum(economic, book), (1 - residual) / book, 0)
    written_off = (1 - residual) * np.minimum(economic / book, 1)
    found.leftover_weight = found.retirement_age * (1 - written_off)
    found.sale_weight = found.retirement_age * residual


def _macrs_weight(bonus: Array, age: Array) -> Array:
    by_year = np.array([0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576, 0])
    monthly = by_year[np.minimum(age // 12, 6).astype(np.intp)] / 12 * (1 - bonus)
    return np.asarray(monthly + np.where(age == 0, bonus, 0))
