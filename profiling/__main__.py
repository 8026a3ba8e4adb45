"""`python -m profiling`: measure models on this computer, and list, show and compare what was measured.

Results go to stdout, progress and errors to stderr.  Exit codes: 0 done, 1 the run failed, 2 the command
was wrong, 130 cancelled by Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from profiling import commands
from profiling.errors import ProfilingError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    try:
        code: int = options.command(options)
        return code
    except ProfilingError as error:
        print(f"profiling: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader of the output went away, and Python would complain at exit
        return 1


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The commands, each with its own options and those that all of them share.

    Where one is named, it alone is loaded.
    """
    parser = argparse.ArgumentParser(prog="python -m profiling", description="Measure models on this machine.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    names = commands.available()
    for name in [name for name in arguments[:1] if name in names] or names:
        command = commands.load(name)
        one = subparsers.add_parser(name, help=command.HELP, description=command.HELP)
        one.set_defaults(command=command.run)
        one.add_argument(
            "--out", type=Path, metavar="DIR", help="the folder of all runs (default: the user's data folder)"
        )
        one.add_argument("--json", action="store_true", help="print one JSON object")
        command.arguments(one)
    return parser


if __name__ == "__main__":
    sys.exit(main())
