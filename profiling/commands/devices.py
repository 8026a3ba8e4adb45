"""`devices`: what this computer can measure on."""

from __future__ import annotations

import argparse

from profiling.commands import shared

HELP = "what this computer can measure on"
KEYS = {
    "chosen": "the device that a run takes: kind, name, count, memory_capacity_bytes",
    "cpu": "name of the processor",
    "nvidia": "devices that the NVIDIA driver lists",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Print the device that a run would take, and those that the NVIDIA driver lists."""
    from profiling.hardware import device, host, nvml

    chosen, nvidia = device.describe(device.choose("auto")), nvml.devices()
    lines = [f"a run measures on: {chosen['kind']}, {chosen['name']}"]
    lines += [f"nvidia: {each['name']}, driver {each['driver']}" for each in nvidia]
    if not nvidia:
        lines.append("nvidia: no driver answers; power and energy will be unknown")
    shared.show({"chosen": chosen, "cpu": host.cpu_name(), "nvidia": nvidia}, "\n".join(lines), options)
    return 0
