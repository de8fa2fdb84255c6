"""Asking for pick-up: by anybody who has a lid or a bag, once for each order, kept within bounds."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import table_of
from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.people.budgets import Allowance, spend_all
from lending.people.keys import Keys
from lending.people.upserts import insert_or
from lending.places.districts import load_district
from lending.places.texts import Problem
from lending.requests.pickups.codes import hash_browser, hash_request_code, make_request_code
from lending.requests.pickups.days import closed_days
from lending.requests.pickups.places import (
    NOWHERE,
    OrderSpot,
    check_place,
    is_place_known,
    seal_spot,
)
from lending.requests.pickups.subjects import Subject, find_subject
from lending.requests.pickups.tables import Pickup, PickupLoan, Where
from lending.requests.pickups.views import PickupView, find_open, load_pickups
from lending.requests.pickups.windows import Window

DAY = 24 * 3600
# [I] One household orders from a few shops a day; a block of flats may share one address.
OF_BROWSER = Allowance(limit=5, seconds=DAY)
OF_ADDRESS = Allowance(limit=40, seconds=DAY)
OF_SUBJECT = Allowance(limit=4, seconds=DAY)


@dataclass(frozen=True, slots=True)
class NewPickup:
    """`code`: the label that was scanned; `window` None: any time; `browser`: a random id that the
    asker's browser keeps, and `spot` the address (for ELSEWHERE, and where none is known), the note
    and the position, if it was shared."""

    id: uuid.UUID
    code: str
    place: Where
    browser: str
    window: Window | None = None
    spot: OrderSpot = NOWHERE


@dataclass(frozen=True, slots=True)
class Asked:
    """The request. `code`: its own, only for the browser that asked; None: somebody else has asked
    already."""

    pickup: PickupView
    code: str | None


@dataclass(frozen=True, slots=True)
class Askable:
    """What a label can be asked for. `out`: there is something to pick up, of the district
    `district_id` (it was lent there); `open`: the request that was made already, `own_code`: its
    code, for the browser that made it; `place_known`: where it was brought to need not be typed;
    `closed`: days on which nobody drives."""

    out: bool
    district_id: int | None = None
    open: PickupView | None = None
    own_code: str | None = None
    place_known: bool = False
    closed: frozenset[date] = frozenset()


def look_askable(
    session: Session, *, code: str, browser: str, keys: Keys, now: datetime
) -> Askable:
    """What the asker's form has to know; errors as `find_subject`."""
    subject = find_subject(session, code=code)
    if subject is None:
        return Askable(out=False)
    known = is_place_known(session, occasion_id=subject.occasion_id)
    found = find_open(session, subject_key=subject.key)
    own = None
    if found is not None:
        asker = session.scalar(sa.select(Pickup.device_digest).where(Pickup.id == found.id))
        if asker == hash_browser(keys, browser):
            own = make_request_code(keys, found.id)
    zone = load_district(session, district_id=subject.district_id).zone
    closed = closed_days(session, district_id=subject.district_id, zone=zone, now=now)
    return Askable(True, subject.district_id, found, own, known, closed)


def spend_ask(session: Session, new: NewPickup, *, address: str, keys: Keys, now: datetime) -> None:
    """Counts one asking by its browser, its network address and the order or piece; a request that
    is sent again, or was made already, counts no more. TOO_MANY_TRIES.

    To be committed by itself, before `ask_pickup`. Never a phone number is asked for instead.
    """
    if session.get(Pickup, new.id) is not None:
        return
    subject = find_subject(session, code=new.code)
    if subject is None or find_open(session, subject_key=subject.key) is not None:
        return
    uses = [
        ("pickup_browser", new.browser, OF_BROWSER),
        ("pickup_address", address, OF_ADDRESS),
        ("pickup_subject", subject.key, OF_SUBJECT),
    ]
    spend_all(session, keys=keys, uses=uses, now=now)


def ask_pickup(session: Session, new: NewPickup, *, keys: Keys, now: datetime) -> Asked:
    """Asks for everything of the order (or the one piece) to be picked up. While a request for it is
    open it is that one which is returned, and its code only to the browser that made it.

    CONFLICT (code) where there is nothing to pick up; INVALID (address) where it is not known where
    to go, (note) where the note is to say it; ID_REUSED (id). Errors as `find_subject`, `check_place`.
    """
    known = session.get(Pickup, new.id)
    subject = find_subject(session, code=new.code)
    if known is not None:
        if subject is not None and subject.key != known.subject_key:
            raise LendingError(Code.ID_REUSED, field="id")
        return _asked(session, known, new, keys)
    if subject is None or not subject.lends:
        raise LendingError(Code.CONFLICT, field="code")
    spot = _check_spot(session, new, subject)
    row = _row(new, subject, spot, keys, now)
    insert = insert_or(session, Pickup).on_conflict_do_nothing().returning(Pickup.id)
    if session.execute(insert, [row]).first() is None:
        return _asked_before(session, new, subject, keys)
    session.execute(
        sa.insert(table_of(PickupLoan)),
        [{"pickup_id": new.id, "lend_id": x.lend_id, "item_id": x.item_id} for x in subject.lends],
    )
    return Asked(
        load_pickups(session, pickup_ids=[new.id])[new.id], make_request_code(keys, new.id)
    )


def pickup_about(id: uuid.UUID) -> str:
    """What a request's sealed place is about."""
    return f"pickup:{id}"


def _check_spot(session: Session, new: NewPickup, subject: Subject) -> OrderSpot:
    spot = check_place(new.spot)
    known = is_place_known(session, occasion_id=subject.occasion_id)
    if not spot.address and (new.place is Where.ELSEWHERE or not known):
        raise LendingError(Code.INVALID, field="address", detail=Problem.EMPTY)
    if not spot.note and new.place is Where.NOTE:
        raise LendingError(Code.INVALID, field="note", detail=Problem.EMPTY)
    return spot


def _row(
    new: NewPickup, subject: Subject, spot: OrderSpot, keys: Keys, now: datetime
) -> dict[str, object]:
    window = new.window
    return {
        "id": new.id,
        "district_id": subject.district_id,
        "site_id": subject.site_id,
        "subject_key": subject.key,
        "occasion_id": subject.occasion_id,
        "item_id": subject.item_id,
        "secret_hash": hash_request_code(keys, make_request_code(keys, new.id)),
        "device_digest": hash_browser(keys, new.browser),
        "place": new.place,
        "sealed": None if spot == NOWHERE else seal_spot(keys, spot, about=pickup_about(new.id)),
        "from_at": window.from_at if window else None,
        "to_at": window.to_at if window else None,
        "asked_at": now,
        "tries": 0,
    }


def _asked_before(session: Session, new: NewPickup, subject: Subject, keys: Keys) -> Asked:
    """Two who ask at once, or one whose answer was lost: the first request stands for both."""
    query = sa.select(Pickup).where(
        sa.or_(
            Pickup.id == new.id,
            sa.and_(Pickup.subject_key == subject.key, Pickup.closed_at.is_(None)),
        )
    )
    found = session.scalars(query).first()
    if found is None:  # closed between the two statements
        raise ChangedMeanwhile
    return _asked(session, found, new, keys)


def _asked(session: Session, row: Pickup, new: NewPickup, keys: Keys) -> Asked:
    own = row.id == new.id and row.device_digest == hash_browser(keys, new.browser)
    view = load_pickups(session, pickup_ids=[row.id])[row.id]
    return Asked(view, make_request_code(keys, row.id) if own else None)
