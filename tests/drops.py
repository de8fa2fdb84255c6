"""What people say of cups they brought back, in tests."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.care.decisions import Decision
from lending.loop.care.drop_sweep import ask_about_claims, settle_seen_claims
from lending.loop.care.drops import Dropped, Taken, say_dropped, withdraw_claim
from lending.loop.care.review import reopen_review, settle_review
from lending.loop.care.sayings import disown_loans
from lending.loop.dropped import DropClaim, SaidBy
from lending.loop.tables import Review
from lending.loop.verify import verify
from tests.mail import Mail
from tests.personas import DAY, HARU, MINJI, MINUTE, Loop


def lend_of(loop: Loop, cup: str) -> uuid.UUID:
    return loop.loans(cup)[-1].id


def drop(loop: Loop, cup: str, place: str | None = HARU, at: datetime | None = None) -> Taken:
    """The borrower says that the cup lies at this place."""
    return drop_loan(loop, lend_of(loop, cup), place, at)


def drop_loan(
    loop: Loop, lend: uuid.UUID, place: str | None = HARU, at: datetime | None = None
) -> Taken:
    site, now = loop.town.sites[place] if place else None, loop.now
    dropped = Dropped(site, at or now, SaidBy.RESIDENT)
    taken: list[Taken] = loop.write(
        lambda s: say_dropped(s, lend_ids=[lend], dropped=dropped, now=now)
    )
    loop.now += MINUTE
    return taken[0]


def withdraw(loop: Loop, cup: str) -> bool:
    lend = lend_of(loop, cup)
    done: bool = loop.write(lambda s: withdraw_claim(s, lend_id=lend, now=loop.now))
    loop.now += MINUTE
    return done


def say_not_me(loop: Loop, cup: str) -> int:
    """The borrower says never to have had it; the review entry."""
    lend = lend_of(loop, cup)
    loop.write(lambda s: disown_loans(s, lend_ids=[lend], now=loop.now))
    return reviews(loop)[-1].id


def claims(loop: Loop) -> list[DropClaim]:
    """All of them, the oldest first."""
    with Session(loop.engine) as session:
        return list(session.scalars(sa.select(DropClaim).order_by(DropClaim.said_at)))


def reviews(loop: Loop) -> list[Review]:
    with Session(loop.engine) as session:
        return list(session.scalars(sa.select(Review).order_by(Review.id)))


def settle(loop: Loop, review: int, decision: Decision, **more: object) -> int:
    actor = more.pop("actor", loop.town.officer)
    done: int = loop.write(
        lambda s: settle_review(
            s, review_id=review, decision=decision, actor=actor, keys=loop.keys, now=loop.now,
            **more,
        )
    )  # fmt: skip
    loop.now += MINUTE
    return done


def reopen(loop: Loop, review: int) -> None:
    loop.write(
        lambda s: reopen_review(
            s, review_id=review, actor=loop.town.officer, keys=loop.keys, now=loop.now
        )
    )


def ask_desk(loop: Loop) -> int:
    """A week later the worker asks the desk about what nothing has confirmed."""
    loop.now += 7 * DAY
    return loop.write(lambda s: ask_about_claims(s, district_id=loop.town.id, now=loop.now))


def confirm(loop: Loop) -> int:
    """The worker looks which pieces were seen; how many claims it settled."""
    done: int = loop.write(lambda s: settle_seen_claims(s, district_id=loop.town.id, now=loop.now))
    return done


def late_cup(mail: Mail, loop: Loop) -> tuple[str, str]:
    """A cup that Minji was warned of and has had too long, and a clean one; on the twelfth day."""
    cup, fresh = loop.clean_cups(2)
    loop.lend(cup, MINJI)
    mail.go(7)
    mail.at(12)
    return cup, fresh


def check_whole(loop: Loop) -> None:
    """`lending verify` finds nothing, and every cache is what the log replays to."""
    loop.check()
    assert list(verify(loop.engine)) == []
