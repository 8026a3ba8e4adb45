"""`python -m benchmarks`: all that `make bench` prints."""

from benchmarks import commands, counts, decode, edits

if __name__ == "__main__":
    for part in (commands, counts, edits, decode):
        part.main()
