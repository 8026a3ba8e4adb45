"""`python -m simulator`: project a scenario, explain its numbers, and attach measurements to it.

Results go to stdout, errors to stderr. Exit codes: 0 done, 1 a bundle does not hold what it claims, 2 the file or the
call is wrong, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from profiling.printed import drop_output, plainly
from simulator import commands
from simulator.errors import BreakevenError

# What shells expect of a program that Ctrl-C ended.
STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    with plainly():
        return _main(sys.argv[1:] if arguments is None else arguments)


def _main(given: Sequence[str]) -> int:
    options = _parser(given).parse_args(given)
    try:
        code: int = options.command(options)
        sys.stdout.flush()  # a full disk is told here, and not by Python at its exit
        return code
    except BreakevenError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped before the end: nothing was printed or written", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:  # the reader, such as `head`, closed the pipe
        drop_output()
        return 0
    except OSError as error:
        drop_output()
        print(f"{error.filename or 'the result cannot be printed'}: {error.strerror}", file=sys.stderr)
        return 2


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of all commands, or of the named one alone, so that no other has to be imported."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description="Project a startup's scenario.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in [name for name in arguments[:1] if name in commands.NAMES] or commands.NAMES:
        command = commands.load(name)
        says, keys, raw = command.HELP, _documented(command.KEYS), argparse.RawDescriptionHelpFormatter
        listed = says.replace("%", "%%")  # argparse fills gaps in this text, and not in the description
        one = subparsers.add_parser(name, help=listed, description=says, epilog=keys, formatter_class=raw)
        one.set_defaults(command=command.run)
        one.add_argument("--json", action="store_true", help="print JSON with the keys listed below")
        command.arguments(one)
    return parser


def _documented(keys: Mapping[str, str]) -> str:
    """Return the table of JSON keys for the end of a command's help."""
    width = max(map(len, keys))
    return "\n".join(["JSON keys (words in capitals stand for names):", *(f"  {k:<{width}}  {keys[k]}" for k in keys)])


if __name__ == "__main__":
    sys.exit(main())
