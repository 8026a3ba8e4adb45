"""Contracts: what is signed each month, and what a mean customer has signed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import Array, aged


def month_of(
    now: SimpleNamespace, last: SimpleNamespace, past: SimpleNamespace, age: SimpleNamespace, month: int
) -> None:
    """A month of signatures, and the prices that hold after it."""
    past.signed_before[..., month] = last.contracts_signed if month else 0
    contracts_running = aged(past.signed_before, age.goes_on, month)
    now.contracts_signed = np.maximum(now.contracts - contracts_running, 0)

    def signed(amounts: Array, price: Array) -> Array:
        """The mean over contracts of a price in the month in which each was signed."""
        amounts[..., month] = now.contracts_signed * price
        return np.where(now.contracts > 0, aged(amounts, age.in_term, month) / now.contracts, price)

    now.signed_fee = signed(past.fees_signed, now.fee)
    now.signed_seat_fee = signed(past.seat_fees_signed, now.seat_fee)
    now.signed_commitment = signed(past.commitments_signed, now.commitment)
    now.signed_level = signed(past.levels_signed, now.price_level)
