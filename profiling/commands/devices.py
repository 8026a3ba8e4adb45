"""`devices`: what this machine can measure on."""

from __future__ import annotations

import argparse

from profiling.commands import shared

HELP = "what this machine can measure on"


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(options: argparse.Namespace) -> int:
    """The device that a run would take, and what the NVIDIA driver knows."""
    from profiling.hardware import device, nvml

    chosen, nvidia = device.describe(device.choose("auto")), nvml.devices()
    lines = [f"a run measures on: {chosen['kind']}, {chosen['name']}"]
    lines += [f"nvidia: {each['name']}, driver {each['driver']}" for each in nvidia]
    if not nvidia:
        lines.append("nvidia: no driver answers; power and energy will not be known")
    shared.show({"chosen": chosen, "cpu": device.cpu_name(), "nvidia": nvidia}, "\n".join(lines), options)
    return 0
