"""What an engine is: the program that serves a model, and how it is asked for its version."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from profiling.architecture import source
from profiling.errors import WorkloadError

HOST = "127.0.0.1"
# Engines import for some ten seconds before they tell their version.
VERSION_SECONDS = 120.0
# A line of its own: `0.11.0`, `Python 3.11.4` or `version: 4589 (eb7cf15a)`.  Before it vLLM may log lines of code,
# and llama.cpp the compute capability of each device.
VERSION = re.compile(r"^(?:\w+:? )?v?(\d[\w.+-]*)(?: \(\w+\))?\s*$", re.MULTILINE)
# A key on a command line would be seen by everybody on this computer, and stand in the record.
SECRET = re.compile(r"api.?key|password|secret|(hf|auth|api|access).?token|^-hft$", re.IGNORECASE)


@dataclass(frozen=True)
class Engine:
    """One engine: `{model}` and `{port}` in its arguments are filled in, and flags of the user follow."""

    name: str
    title: str
    order: int
    program: tuple[str, ...]  # the first is a command, looked up in the path
    arguments: tuple[str, ...]
    version_arguments: tuple[str, ...]  # after the first word of the program
    tried: bool  # whether this command line was run by whoever wrote it

    def command(self, model: str, port: int | str, flags: Sequence[str] = (), program: str | None = None) -> list[str]:
        """Return the words that start the server; `program` takes the place of the command."""
        filled = [word.format(model=model, port=port, host=HOST) for word in self.arguments]
        return [program or self.program[0], *self.program[1:], *filled, *flags]

    def told(self, model: str, flags: Sequence[str], program: str) -> list[str]:
        """Return the command as a record keeps it, the same on each computer.

        A record goes to others: it has no folders, which tell of their owner, and no port, which is chance.
        """
        words = (word.split("=", 1) for word in self.command(model, "PORT", flags, program))
        return ["=".join(map(source.place_of, word)) for word in words]

    def found(self, program: str | None = None) -> str:
        """Return the path of the command, which this Python's own environment is searched for first.

        Raise WorkloadError where it is not installed.
        """
        wanted = program or self.program[0]
        places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        if (path := shutil.which(wanted, path=places)) is None:
            todo = f"install {self.title}, or name its command with --program"
            raise WorkloadError(f"there is no command {wanted!r} here", where=self.name, todo=todo)
        return path

    def version(self, program: str) -> str:
        """Return the version that the engine tells; raise WorkloadError where it does not start."""
        command = [program, *self.version_arguments]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=VERSION_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            done = None
        said = "" if done is None else f"{done.stdout}\n{done.stderr}"
        if done is None or done.returncode != 0:
            what = f"`{shlex.join(command)}` does not tell the version of {self.title}"
            raise WorkloadError(what, where=self.name, todo="install it there, or name its command with --program")
        told = VERSION.search(said)
        return told[1] if told else "of an unknown version"


def checked_flags(text: str) -> list[str]:
    """Return an engine's own flags; raise WorkloadError for one that would show a secret, or quotes left open."""
    try:
        flags = shlex.split(text)
    except ValueError as error:
        raise WorkloadError(f"the flags cannot be told apart ({error})", where="serve", todo="close quotes") from error
    if any(flag.startswith("-") and SECRET.search(flag.partition("=")[0]) for flag in flags):
        what = "a flag holds a key, which would stand in the record and in the list of processes"
        raise WorkloadError(what, where="serve", todo="leave it out: a server on this computer needs none")
    return flags
