"""What the terminal is sent: text alone, since a file may hold characters that a terminal obeys.

Standard library only.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO

# Controls of both sets, with which a text moves the cursor, hides what was said or sets the clipboard, and those that
# turn the direction of writing.  A line of progress begins and ends with a carriage return, which stays there.
OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|(?<=.)\r(?=.)", re.DOTALL)


class Plain:
    """A stream that writes each character that a terminal would obey as in JSON, such as \\u001b."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, and return the number of its characters."""
        self._stream.write(OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """Print text alone, on stdout and stderr."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # the name of a file may hold what no text can
    with contextlib.redirect_stdout(Plain(sys.stdout)), contextlib.redirect_stderr(Plain(sys.stderr)):
        yield


def drop_output() -> None:
    """Send what is still to be printed nowhere, as nobody reads it or no room is left, or Python fails at its exit."""
    with contextlib.suppress(OSError):  # a stream that is no file has nothing left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
