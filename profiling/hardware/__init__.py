"""The device: choosing it, timing on it, its limits, and what its driver tells."""
