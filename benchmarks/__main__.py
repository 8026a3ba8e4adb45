"""`python -m benchmarks`: all that `make bench` prints."""

from benchmarks import commands, counts, decode, edits, published

if __name__ == "__main__":
    for part in (published, commands, counts, edits, decode):
        part.main()
