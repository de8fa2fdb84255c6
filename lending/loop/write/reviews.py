"""Review entries that follow gaps: opened with them, closed when they vanish."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import Gap
from lending.loop.tables import Review, ScanBorrower
from lending.people.upserts import insert_or

SETTLE_AFTER = timedelta(days=14)  # then the automatic, reversible outcome comes
VANISHED = "vanished"
AUTOMATIC = "automatic"


class Saying(StrEnum):
    """What a borrower says of a loan, as the subject of an entry."""

    RETURNED = "says_returned"
    NOT_ME = "not_me"


# Gaps that need a head: they touch a person, safety or somebody else's ware. A missed ship, stock,
# collect or receive repairs itself and is only counted.
REVIEWED = frozenset(
    {
        Gap.UNCLEAN_LEND,
        Gap.HELD_LEND,
        Gap.NOT_CLEAN,
        Gap.RETIRED_SEEN,
        Gap.SUPERSEDED,
        Gap.BORROWER_UNRESOLVED,
        Gap.CLOCK_SUSPECT,
        Gap.UNKNOWN_CODE,
    }
)


def review_row(gap: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """The review entry of one row of scan_gap."""
    return {
        "district_id": gap["district_id"],
        "site_id": gap["site_id"],
        "subject": gap["gap"].value,
        "scan_id": gap["scan_id"],
        "item_id": gap["item_id"],
        "opened_at": now,
        "settle_by": now + SETTLE_AFTER,
    }


def open_reviews(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Opens entries; one that had vanished and is back is open again, a decided one stays so."""
    if not rows:
        return
    insert = insert_or(session, Review)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["scan_id", "subject"],
            set_={"settled_at": None, "settled_how": None},
            where=Review.settled_how == VANISHED,
        ),
        rows,
    )


def close_vanished(
    session: Session, gone: Iterable[tuple[uuid.UUID, Gap]], *, now: datetime
) -> None:
    """Closes the open entries of gaps that a replay removed.

    What a till could not resolve was kept for its entry alone: it goes with it.
    """
    keys = [(scan, gap.value) for scan, gap in gone if gap in REVIEWED]
    if not keys:
        return
    session.execute(
        sa.update(Review)
        .where(sa.tuple_(Review.scan_id, Review.subject).in_(keys), Review.settled_at.is_(None))
        .values(settled_at=now, settled_how=VANISHED)
    )
    if lends := [scan for scan, gap in keys if gap == Gap.BORROWER_UNRESOLVED]:
        session.execute(
            sa.update(ScanBorrower)
            .where(ScanBorrower.scan_id.in_(lends))
            .values(sealed=None)
            .execution_options(synchronize_session=False)
        )
