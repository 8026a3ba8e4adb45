"""llama.cpp's server as a program, by xllamacpp, which brings the server in a wheel and no command for it.

It runs in the Python that has xllamacpp, which may be another than this one, so it imports nothing of this package. Its
flags are fields of xllamacpp's CommonParams: `--n_ctx 8192 --n_parallel 4 --cpuparams.n_threads 8`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from enum import Enum
from itertools import zip_longest
from typing import Any

TRUTHS = {"true": True, "false": False}


def set_fields(params: Any, flags: Sequence[str]) -> None:
    """Set the fields that flags name, each to a value of its own type; raise SystemExit for any other flag."""
    words = [part for flag in flags for part in (flag.split("=", 1) if flag.startswith("--") else [flag])]
    for flag, text in zip_longest(words[::2], words[1::2], fillvalue="--"):
        if text.startswith("--"):
            raise SystemExit(f"{flag} has no value")
        *path, name = flag.removeprefix("--").replace("-", "_").split(".")
        holder = params
        for part in path:
            holder = getattr(holder, part, None)
        before = getattr(holder, name, None)
        if not flag.startswith("--") or name.startswith("_") or not isinstance(before, (int, float, str, Enum)):
            raise SystemExit(f"{flag} is no number, word or choice of xllamacpp's CommonParams")
        try:
            setattr(holder, name, _value(text, before))
        except (KeyError, ValueError):
            raise SystemExit(f"{flag} cannot be {text!r}: it is {before!r} unless set") from None


def _value(text: str, before: float | str | Enum) -> Any:
    """Return a text as a value of the type that the field has; raise KeyError or ValueError where it is none."""
    if isinstance(before, bool):
        return TRUTHS[text]
    return type(before)[text] if isinstance(before, Enum) else type(before)(text)


def main() -> None:
    """Serve until the process is ended."""
    import xllamacpp  # noqa: PLC0415 (there is none where the engines are only listed)

    params = xllamacpp.CommonParams()
    set_fields(params, sys.argv[1:])
    server = xllamacpp.Server(params)
    print(f"listening on {server.listening_address}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
