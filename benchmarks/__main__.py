"""`python -m benchmarks`: all that `make bench` prints."""

from benchmarks import commands, counts, decode, edits, many, published

if __name__ == "__main__":
    for part in (published, commands, many, counts, edits, decode):
        part.main()
