"""`torch.compile`, where the machine has what it needs."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._triton import has_triton

from profiling.errors import Phrase, UnsupportedError

# What torch's own search tries; `CXX` goes before them.
COMPILERS = {"Windows": ("cl",), "Darwin": ("clang++", "g++")}
COMPILERS_ELSEWHERE = ("g++", "clang++")


def check(device: torch.device, *, graphs: bool = False) -> None:
    """Raise UnsupportedError, with what to install, where kernels cannot be built, or not captured as graphs."""
    if graphs and device.type != "cuda":
        what = Phrase("{device} has no CUDA graphs", device=device.type)
        raise UnsupportedError(what, todo="set compile to yes or no")
    if device.type == "cuda" and not has_triton():
        raise UnsupportedError("compiling for a GPU needs Triton", todo="`pip install triton`, or set compile to no")
    names = [os.environ.get("CXX", ""), *COMPILERS.get(platform.system(), COMPILERS_ELSEWHERE)]
    if not any(shutil.which(name) for name in names if name):
        raise UnsupportedError(
            Phrase("compiling needs a C++ compiler, and {names} is not found", names=" or ".join(filter(None, names))),
            todo="install one (Debian: apt install g++), or set compile to no",
        )


def compiled(work: Callable[..., Any], *, graphs: bool = False) -> Callable[..., Any]:
    """Return the work compiled for the shapes it meets; the first call compiles, which takes seconds to minutes.

    As `graphs`, all kernels of a call are launched at once.
    """
    return torch.compile(work, dynamic=False, mode="reduce-overhead" if graphs else "default")
