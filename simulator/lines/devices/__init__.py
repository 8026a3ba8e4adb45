"""Devices of the pools: rented, reserved or owned, what they cost, and how owned ones age."""
