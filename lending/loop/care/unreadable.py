"""Pieces put into a box although their code is unknown or cannot be read: told of, for review."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lending.loop.care.decisions import UNREADABLE_RETURN
from lending.loop.tables import Review
from lending.loop.write.reviews import SETTLE_AFTER
from lending.people.upserts import insert_or

LONGEST = 40
_KEPT = re.compile(r"[^0-9A-Z -]")
_TELEPHONE = re.compile(r"(0|82)\d{7,}")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One piece told of. `id`: of the scan with its unknown code, or of this report alone; `text`:
    what somebody could read on the piece; `at`: when it was put in."""

    id: uuid.UUID
    district_id: int
    site_id: int
    at: datetime
    text: str = ""


def report_unreadable(session: Session, report: Unreadable, *, now: datetime) -> bool:
    """Opens a review entry at the site; False when this report is known already."""
    row = {
        "district_id": report.district_id,
        "site_id": report.site_id,
        "subject": UNREADABLE_RETURN,
        "scan_id": report.id,
        "opened_at": min(report.at, now),
        "settle_by": now + SETTLE_AFTER,
        "note": read_off(report.text) or None,
    }
    insert = insert_or(session, Review).on_conflict_do_nothing().returning(Review.id)
    return session.execute(insert, [row]).first() is not None


def read_off(text: str) -> str:
    """What of a typed text may be a piece's code: capitals, digits, blanks and hyphens, 40 at most.

    Nothing of a text without a digit, of an e-mail address, or of digits that begin like a
    telephone number: that is somebody, and is not kept.
    """
    if "@" in text or not any(sign.isdecimal() for sign in text):
        return ""
    kept = " ".join(_KEPT.sub("", text.upper()).split())[:LONGEST]
    digits = re.sub(r"[ -]", "", kept)
    return "" if _TELEPHONE.fullmatch(digits) else kept
