"""`python -m profiling`: profile this computer, list and show the records, and estimate what was not measured.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 the run failed, 2 the command was wrong, 130
cancelled by Ctrl-C or a request to terminate.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from profiling import commands
from profiling.errors import ProfilingError
from profiling.printed import drop_output, plainly


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code."""
    with plainly():
        return _main(sys.argv[1:] if arguments is None else arguments)


def _main(given: Sequence[str]) -> int:
    options = _parser(given).parse_args(given)
    try:
        code: int = options.command(options)
        sys.stdout.flush()  # a full disk is told here, and not by Python at its exit
        return code
    except ProfilingError as error:
        print(f"profiling: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nprofiling: stopped by Ctrl-C", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, closed the pipe
        drop_output()
        return 1
    except OSError as error:
        drop_output()
        print(f"profiling: {error.filename or 'the result cannot be printed'}: {error.strerror}", file=sys.stderr)
        return 2


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of all commands, or of the one command that is named, so that no other is imported."""
    parser = argparse.ArgumentParser(prog="python -m profiling", description="Profile models on this computer.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in [name for name in arguments[:1] if name in commands.NAMES] or commands.NAMES:
        command = commands.load(name)
        one = subparsers.add_parser(
            name,
            help=command.HELP.replace("%", "%%"),  # argparse fills gaps in this text, and not in the description
            description=command.HELP,
            epilog=_documented(command.KEYS),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        one.set_defaults(command=command.run)
        metavar, words = getattr(command, "OUT", ("DIR", "folder of all runs (default: the user's data folder)"))
        one.add_argument("--out", type=Path, metavar=metavar, help=words)
        one.add_argument("--json", action="store_true", help="print JSON with the keys listed below")
        command.arguments(one)
    return parser


def _documented(keys: Mapping[str, str]) -> str:
    """Return the table of JSON keys for the end of a command's help."""
    width = max(map(len, keys))
    return "\n".join(["JSON keys:", *(f"  {key:<{width}}  {keys[key]}" for key in keys)])


if __name__ == "__main__":
    sys.exit(main())
