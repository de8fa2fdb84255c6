"""The worker's body: each kind of work in a thread of its own, until it is told to stop."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.engine import Engine

from lending.db import run_transaction
from lending.notices.beats import beat

BEAT_EVERY = timedelta(minutes=1)
LONGEST_ROUND = 60.0  # seconds: then a round of work begins anew, so that its heartbeat shows
GRACE = 5.0  # seconds for threads to end; what hangs in a sender's network call is left behind

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work: `run(stop)` does a round and returns counts; `every` seconds anew."""

    name: str
    every: float
    run: Callable[[Stop], Mapping[str, int]]


def run_worker(
    engine: Engine,
    jobs: Sequence[Job],
    *,
    clock: Callable[[], datetime],
    stop: threading.Event,
) -> None:
    """Runs every job in its own thread until `stop` is set; returns within seconds then.

    A job that fails is logged by the kind of its error and tried again; the others go on. A
    thread that hangs in a sender holds nobody up: its message is settled after the lease.
    """
    threads = [
        threading.Thread(
            target=_keep_on, args=(engine, job, clock, stop), name=job.name, daemon=True
        )
        for job in jobs
    ]
    for thread in threads:
        thread.start()
    stop.wait()
    until = time.monotonic() + GRACE
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


def set_up_worker_logs(level: str) -> None:
    """JSON lines on standard output: counts, ids and kinds of errors, never contacts or texts."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
    )


def _keep_on(
    engine: Engine, job: Job, clock: Callable[[], datetime], stop: threading.Event
) -> None:
    log = structlog.get_logger("lending.worker")
    beaten: datetime | None = None
    while not stop.is_set():
        try:
            counts = job.run(partial(_should_end, stop, time.monotonic() + LONGEST_ROUND))
            if counts:
                log.info("round", job=job.name, **counts)
            now = clock()
            if beaten is None or now - beaten >= BEAT_EVERY:
                run_transaction(engine, partial(beat, job=job.name, now=now))
                beaten = now
        except Exception as error:  # whatever it is, the next round may succeed
            # Its text may quote what was to be stored: the kind and the place are enough.
            log.error("round failed", job=job.name, error=type(error).__name__, at=_place(error))
        stop.wait(job.every)


def _should_end(stop: threading.Event, end: float) -> bool:
    return stop.is_set() or time.monotonic() > end


def _place(error: BaseException) -> str:
    """Where it happened: file and line of the innermost frame of our own code."""
    place = "-"
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if str(name).startswith("lending."):
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
