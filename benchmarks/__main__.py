"""`python -m benchmarks`: everything that `make bench` promises, one after the other."""

import sys

from benchmarks import decode, page, plan

if __name__ == "__main__":
    plan.main()
    page.main()
    sys.exit(decode.main())
