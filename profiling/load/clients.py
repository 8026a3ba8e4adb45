"""Several client processes that share one load, since a single event loop falls behind at high rates.

The clocks of all processes are one, as Linux, macOS and Windows keep it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Coroutine
from dataclasses import replace
from multiprocessing.connection import Connection
from threading import BrokenBarrierError
from typing import Any

from profiling.errors import LoadError, ProfilingError
from profiling.load.drive import Outcome
from profiling.load.traffic import Traffic

# A process imports its libraries for a second or a few.
START_SECONDS = 120.0
POLL_SECONDS = 0.05

Work = Callable[[Traffic], Coroutine[Any, Any, Outcome]]


async def drive(work: Work, traffic: Traffic) -> Outcome:
    """Return what came of the load, of which each process does its share; raise LoadError where one is lost."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(traffic.clients)
    receivers, processes = [], []
    try:
        for client in range(traffic.clients):
            receiver, sender = context.Pipe(duplex=False)
            arguments = (sender, start, work, replace(traffic, client=client))
            process = context.Process(target=_main, args=arguments, daemon=True)
            process.start()
            sender.close()
            receivers.append(receiver)
            processes.append(process)
        return Outcome.joined([await _answer(receiver) for receiver in receivers])
    finally:
        for process in processes:
            process.kill()
            process.join()


async def _answer(receiver: Connection) -> Outcome:
    """Return what one process sends, without keeping the event loop from being cancelled."""
    while not receiver.poll():
        await asyncio.sleep(POLL_SECONDS)
    try:
        answer = receiver.recv()
    except EOFError:
        raise LoadError("a client process ended without a result", todo="see the run's log.txt") from None
    if isinstance(answer, ProfilingError):
        raise answer
    found: Outcome = answer
    return found


def _main(sender: Connection, start: Any, work: Work, traffic: Traffic) -> None:
    """Do one process's share once all are ready, and send what came of it, or the error."""
    try:
        start.wait(START_SECONDS)
        sender.send(asyncio.run(work(traffic)))
    except BrokenBarrierError:
        sender.send(LoadError("a client process did not start", todo="ask for fewer clients"))
    except ProfilingError as error:
        sender.send(error)
