"""Architectures that were walked: those that ship, those that this user's computer keeps, and a process for the others.

Transformers knows every model, and takes seconds to import; a child process asks it once for each config, offline and
with bounds on its time and memory.  No code of a config's own is run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from profiling import places
from profiling.architecture.model import Architecture, Attention, Cache, Matrix, Rows
from profiling.checks import parse_json
from profiling.errors import WorkloadError
from profiling.files import write_atomic

SHIPPED = Path(__file__).with_name("shipped.json")
WALK = "profiling.models.walk"
# Importing transformers takes up to half a minute from a cold disk, and building the largest published model seconds.
MOST_SECONDS = 90.0
# The modules by whose rules models are walked; an answer that other rules gave is not read.
_RULES = (
    *("architecture/model", "methods/lora", "models/decoders", "models/matrices", "models/models", "models/own_models"),
    *("models/passage", "models/tracing", "models/walk"),
)
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}


@lru_cache(maxsize=1000)
def answer(request: str) -> tuple[Architecture, tuple[str, ...]]:
    """Return the architecture that is asked for, and the counts that its config leaves to transformers.

    Raise WorkloadError where transformers cannot build the model, or where its sizes would not be known.
    """
    found = _shipped().get(key(request)) or _kept(request)
    if "refused" in found:
        raise WorkloadError(found["refused"], todo=found["todo"])
    return _architecture(found["architecture"]), tuple(found["unstated"])


def key(request: str) -> str:
    """Return the name under which the answer to a request is kept."""
    return sha256(request.encode()).hexdigest()[:32]


@cache
def _rules() -> str:
    """Return a name for the rules and for the version of transformers."""
    folder = Path(__file__).parents[1]
    sources = b"".join((folder / f"{name}.py").read_bytes() for name in _RULES)
    return f"{version('transformers')}-{sha256(sources).hexdigest()[:12]}"


@cache
def _shipped() -> dict[str, Any]:
    return dict(json.loads(SHIPPED.read_text(encoding="utf-8")))


def _kept(request: str) -> dict[str, Any]:
    """Return the answer that this computer keeps, or else ask for it and keep it."""
    path = places.architectures() / _rules() / f"{key(request)}.json"
    with suppress(OSError, ValueError):
        return dict(parse_json(path.read_bytes()))
    found = asked(request)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps(found))
    return found


def asked(request: str) -> dict[str, Any]:
    """Return what a child process answers; raise WorkloadError where it is killed for its time, or dies."""
    try:
        # Torch leaves folders where temporary files go.
        with TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
            done = subprocess.run(
                [sys.executable, "-m", WALK],
                input=request,
                capture_output=True,
                text=True,
                errors="replace",  # of what libraries say, in whatever encoding
                timeout=MOST_SECONDS,
                check=False,
                cwd=Path(__file__).parents[2],
                env={**os.environ, **_OFFLINE, "TMPDIR": temporary},
            )
    except subprocess.TimeoutExpired as error:
        raise WorkloadError(
            f"building the model without weights took longer than {MOST_SECONDS:.0f} s", todo="take fewer layers"
        ) from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"code {done.returncode}"])[-1]
        raise WorkloadError(
            f"the process that builds the model without weights ended ({last})", todo="take fewer layers"
        )
    return dict(json.loads(done.stdout))


def _architecture(data: Mapping[str, Any]) -> Architecture:
    """Return an architecture from its JSON."""
    parts = {
        "matrices": tuple(Matrix(**{**one, "rows": Rows(**one["rows"])}) for one in data["matrices"]),
        "attentions": tuple(Attention(**one) for one in data["attentions"]),
        "caches": tuple(Cache(**one) for one in data["caches"]),
        "adapted": tuple(data["adapted"]),
    }
    return Architecture(**{**data, **parts})
