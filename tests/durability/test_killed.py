"""Killed in mid-load and started again: nothing acknowledged is lost, nothing counts twice."""

import contextlib
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Item, Loan, Scan
from lending.notices.tables import Message, MessageState, Notice, NoticeState
from tests.conftest import LONG
from tests.durability.conftest import LATE
from tests.durability.mailbox import Mailbox
from tests.durability.tills import Till
from tests.late import end_leases
from tests.personas import Loop
from tests.processes import LENDING, Server, children, is_gone, wait_until

ROUNDS = 12 if LONG else 1
BETWEEN = 40  # scans answered between two blows

Blow = Callable[[Server], None]


def test_every_acknowledged_scan_is_there_once_and_no_notice_twice(
    town: Loop,
    start: Callable[[], Server],
    tills: Callable[[int], list[Till]],
    mailbox: Mailbox,
) -> None:
    server = start()
    opened = tills(server.port)
    for blow in (one_web_worker, every_web_worker, the_web_master, the_notice_worker) * ROUNDS:
        wait_for_answers(opened)
        blow(server)
    wait_for_answers(opened)
    everything(server)
    server = start()
    wait_for_answers(opened)
    wait_until(lambda: len(mailbox.killed) >= 2, 60)
    for till in opened:
        till.closing.set()
    for till in opened:
        till.join(60)
    assert not any(till.is_alive() for till in opened)

    assert [till.trouble for till in opened] == [[], [], [], []]
    assert sum(till.unanswered for till in opened) > 0  # the blows were felt
    check_scans(town, opened)
    check_mails(town, mailbox)
    verify = subprocess.run(
        [LENDING, "verify"], env=os.environ | server.settings, capture_output=True, text=True
    )
    assert (verify.returncode, "differ" in verify.stdout) == (0, False), verify.stdout


# -- the blows --------------------------------------------------------------------------------


def one_web_worker(server: Server) -> None:
    wait_until(lambda: len(web_workers(server)) == 2, 30)
    kill(web_workers(server)[:1])


def every_web_worker(server: Server) -> None:
    wait_until(lambda: len(web_workers(server)) == 2, 30)
    kill(web_workers(server))


def the_web_master(server: Server) -> None:
    master = server.web()
    assert master is not None
    kill([master])


def the_notice_worker(server: Server) -> None:
    wait_until(lambda: server.worker() is not None, 60)
    kill([server.worker() or 0])


def everything(server: Server) -> None:
    """As when the machine's own hand reaps them: the supervisor, and at once all below it."""
    family = server.family()
    kill([server.process.pid, *family])
    wait_until(lambda: all(is_gone(pid) for pid in family), 15)
    server.process.wait(15)


def web_workers(server: Server) -> list[int]:
    return children(server.web() or 0)


def kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # ended with one killed before
            os.kill(pid, signal.SIGKILL)


def wait_for_answers(tills: list[Till]) -> None:
    """Until each till has had some more scans answered: the load goes on."""
    before = [len(till.answers) for till in tills]
    wait_until(
        lambda: all(
            till.trouble or len(till.answers) >= had + BETWEEN // len(tills)
            for till, had in zip(tills, before, strict=True)
        ),
        60,
    )


# -- what must hold ---------------------------------------------------------------------------


def check_scans(town: Loop, tills: list[Till]) -> None:
    sent = {scan_id: scan for till in tills for scan_id, scan in till.sent.items()}
    answers = Counter(chain.from_iterable(chain.from_iterable(t.answers.values()) for t in tills))
    assert set(answers) <= {"recorded", "repeated"}
    assert sum(answers.values()) == len(sent)  # each was answered once
    cups = [cup for till in tills for cup in till.cups]
    with Session(town.engine) as session:
        stored = dict(
            session.execute(sa.select(Scan.id, Scan.code).where(Scan.recorded_at > town.now)).all()
        )
        counted = session.execute(
            sa.select(Item.code, Item.uses, Item.washes).where(Item.code.in_(cups))
        ).all()
        loans = session.scalar(
            sa.select(sa.func.count()).select_from(Loan).join(Item, Item.id == Loan.item_id)
            .where(Item.code.in_(cups))
        )  # fmt: skip
    assert {str(scan_id): code for scan_id, code in stored.items()} == {
        scan_id: scan["code"] for scan_id, scan in sent.items()
    }
    done = Counter((scan["code"], scan["action"]) for scan in sent.values())
    # One wash more: the one before the tills opened.
    assert {(cup, done[cup, "lend"], done[cup, "wash"] + 1) for cup in cups} == set(counted)
    assert loans == sum(done[cup, "lend"] for cup in cups)
    assert {result for till in tills for result in till.send_all_again()} == {"repeated"}


def check_mails(town: Loop, mailbox: Mailbox) -> None:
    """Each late person has one mail, or stands there as one whose mail is in doubt."""
    mailbox.victim = lambda: None
    end_leases(town)
    wait_until(lambda: nothing_waits(town), 60)
    with Session(town.engine) as session:
        states = {
            str(row[0]): row[1] for row in session.execute(sa.select(Message.id, Message.state))
        }
        notices = Counter(session.scalars(sa.select(Notice.state)))
    ids = [message_id.strip("<>").split("@")[0] for message_id, _ in mailbox.mails]
    assert max(Counter(ids).values()) == max(Counter(to for _, to in mailbox.mails).values()) == 1
    assert set(states.values()) <= {MessageState.SENT, MessageState.MAYBE_SENT}
    assert len(states) == LATE
    doubtful = {one for one, state in states.items() if state is MessageState.MAYBE_SENT}
    assert states.keys() - set(ids) <= doubtful  # who has no mail is shown to the officer
    assert {"RCPT", "DATA"} <= set(mailbox.killed)
    assert len(doubtful) >= 2  # the two kinds of blow in the middle of a mail
    assert notices[NoticeState.MAYBE_SENT] >= len(doubtful)


def nothing_waits(town: Loop) -> bool:
    with Session(town.engine) as session:
        waiting = sa.select(sa.func.count()).where(
            Message.state.in_([MessageState.QUEUED, MessageState.SENDING])
        )
        made = sa.select(sa.func.count()).select_from(Message)
        return session.scalar(waiting) == 0 and session.scalar(made) == LATE
