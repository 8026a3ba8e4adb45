"""`python -m benchmarks`: all that `make bench` prints."""

from benchmarks import commands, decode, edits

if __name__ == "__main__":
    for part in (commands, edits, decode):
        part.main()
