"""A piece put into a box although its code cannot be read: kept for review, once, with its photo."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lending.loop.care.unreadable import Unreadable, report_unreadable
from lending.loop.clock import moment_told
from lending.photos.keep import Snapshot, keep_photo
from lending.places.sites import SiteView


@dataclass(frozen=True, slots=True)
class Told:
    """What a resident told of a piece. `id`: of the report, or of the scan with the unknown code;
    `code`: what can be read on it; `at` and `sent_at` by the device's clock."""

    id: uuid.UUID
    at: datetime
    sent_at: datetime
    code: str = ""
    clock_error: float | None = None
    clock_lost: bool = False


def take_report(
    session: Session, told: Told, *, jpeg: bytes | None, site: SiteView, now: datetime
) -> bool:
    """Opens the review entry and keeps the photo (from `clean_picture`); False when the report is
    known already. Sent again with a photo that was missing, it gets it."""
    moment = moment_told(told, now=now)
    report = Unreadable(told.id, site.district_id, site.id, moment, told.code)
    new = report_unreadable(session, report, now=now)
    if jpeg is not None:
        keep_photo(session, Snapshot(jpeg, site.district_id, site.id, told.id), now=now)
    return new
