"""A command of the simulator, run in the process of the tests, which has imported everything."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from simulator import terminal
from simulator.__main__ import main


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    returncode: Any
    stdout: str
    stderr: str


def command(*arguments: str | Path, typed: str = "") -> Done:
    """Run `python -m simulator …` with what is typed into it."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), mock.patch.object(sys, "stdin", io.StringIO(typed)):
        try:
            code: Any = main([*map(str, arguments)])
        except SystemExit as ended:  # argparse's, for what no command takes
            code = ended.code
    return Done(code, out.getvalue(), err.getvalue())


def both(*arguments: str | Path) -> tuple[Any, str]:
    """Return what a command that succeeds prints as JSON and as text, which it computes once."""
    found: list[tuple[Any, str]] = []

    def show(_: object, values: Any, table: Callable[[Any], str]) -> int:
        found.append((json.loads(json.dumps(values, allow_nan=False)), table(values)))
        return 0

    with mock.patch.object(terminal, "show", show):
        assert command(*arguments) == (0, "", "")
    ((shown, text),) = found
    return shown, text
