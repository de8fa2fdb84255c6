"""The worker as a process: it sends, ends within seconds, survives SIGKILL and sends nothing twice."""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import load_keys
from lending.db import make_engine
from lending.notices.tables import InboxMessage, Message, MessageState, WorkerBeat
from tests.late import end_leases, found_waking_town, late_people
from tests.mail import make_demo
from tests.personas import Loop
from tests.processes import LENDING, wait_until

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def town(make_database: Callable[[], str], tmp_path: Path) -> Iterator[tuple[Loop, str]]:
    """A demo town in a database of its own, and its URL."""
    url = make_database()
    engine = make_engine(url)
    loop = found_waking_town(engine, load_keys(tmp_path))
    make_demo(loop)
    yield loop, url
    engine.dispose()


@pytest.fixture
def start(town: tuple[Loop, str], tmp_path: Path) -> Iterator[Start]:
    """Starts workers on the town's database."""
    workers: list[subprocess.Popen[str]] = []

    def start_one() -> "subprocess.Popen[str]":
        worker = subprocess.Popen(
            [LENDING, "worker"],
            env=os.environ
            | {
                "LENDING_DATABASE_URL": town[1],
                "LENDING_INSTANCE": str(tmp_path),
                "LENDING_WORKER_SECONDS": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        workers.append(worker)
        return worker

    yield start_one
    for worker in workers:
        if worker.poll() is None:
            worker.kill()
        worker.wait(10)
        assert worker.stdout is not None
        worker.stdout.close()


def phones(count: int) -> list[str]:
    return [f"010-2{n // 1000:03}-{n % 1000:04}" for n in range(count)]


def received(loop: Loop) -> int:
    with Session(loop.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(InboxMessage)) or 0


def beats(loop: Loop) -> set[str]:
    """The worker's jobs that have run; asked in a transaction of its own, which sees what is new."""
    with Session(loop.engine) as session:
        return set(session.scalars(sa.select(WorkerBeat.job)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_sends_what_is_due_and_ends_within_seconds(
    town: tuple[Loop, str], start: Start, number: signal.Signals
) -> None:
    loop, _ = town
    late_people(loop, phones(3))
    worker = start()
    assert worker.stdout is not None
    jobs = set(json.loads(worker.stdout.readline())["jobs"])
    assert {"send_phone", "alerts", "platforms", "events", "machines"} <= jobs
    wait_until(lambda: received(loop) == 3, 30)
    wait_until(lambda: beats(loop) == jobs, 30)
    worker.send_signal(number)
    assert worker.wait(8) == 0
    lines = [json.loads(line) for line in worker.stdout]
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update({k: v for k, v in line.items() if isinstance(v, int)})
    assert (counts["planned"], counts["collected"], counts["sent"]) == (3, 3, 3)
    assert not any(line["level"] == "error" for line in lines)
    assert "2000000" not in json.dumps(lines)  # no digit of a phone


def test_killed_in_mid_load_nothing_is_sent_twice(town: tuple[Loop, str], start: Start) -> None:
    loop, _ = town
    late_people(loop, phones(150))
    before = 0
    for _ in range(3):
        worker = start()
        wait_until(lambda before=before: received(loop) >= min(before + 20, 150), 30)
        worker.kill()
        worker.wait()
        before = received(loop)
    assert before < 150 or received(loop) == 150
    end_leases(loop)
    two = [start(), start()]
    wait_until(lambda: not left(loop), 40)
    for worker in two:
        worker.terminate()
        assert worker.wait(8) == 0

    with Session(loop.engine) as session:
        per_person = session.execute(
            sa.select(InboxMessage.contact_digest, sa.func.count())
            .group_by(InboxMessage.contact_digest)
        ).all()  # fmt: skip
        states = Counter(session.scalars(sa.select(Message.state)))
        doubtful = session.scalars(
            sa.select(Message.id).where(Message.state == MessageState.MAYBE_SENT)
        ).all()
        inbox = set(session.scalars(sa.select(InboxMessage.id)))
    assert {count for _, count in per_person} == {1}
    assert states[MessageState.SENT] + states[MessageState.MAYBE_SENT] == 150
    assert len(doubtful) <= 3 * 2  # one attempt per killed worker and kind of contact
    assert len(inbox) == states[MessageState.SENT] + len(inbox & set(doubtful))
    loop.check()


def left(loop: Loop) -> bool:
    """Whether a message still waits, or a cup is not yet spoken of."""
    with Session(loop.engine) as session:
        open_ones = sa.select(sa.func.count()).where(
            Message.state.in_([MessageState.QUEUED, MessageState.SENDING])
        )
        made = sa.select(sa.func.count()).select_from(Message)
        return bool(session.scalar(open_ones)) or (session.scalar(made) or 0) < 150
