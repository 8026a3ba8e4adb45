"""`python -m run_played FOLDER`: a worker whose measuring processes measure nothing, and need no torch.

They look at a device and classify at once, and train until they are killed.
"""

import sys
import time
from functools import partial

from played import EXAMINED, MEASURED

from profiling.runs.live import Report
from profiling.worker import worker
from profiling.worker.isolation import Answer, Isolation, Request


def answer(request: Request, report: Report) -> Answer:
    """What a measuring process answers."""
    if request["case"] is None:
        return {"result": EXAMINED}
    if request["case"]["kind"] == "train":
        report({"step": 1})
        time.sleep(600)
    return {"result": MEASURED}


if __name__ == "__main__":
    worker.Worker = partial(worker.Worker, isolation=Isolation(answer, "spawn"))  # type: ignore[misc, assignment]
    sys.exit(worker.main(sys.argv[1:]))
