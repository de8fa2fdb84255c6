"""A piece that a machine did not take: written down, its loan's clock stopped, and where to go."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.clock import moment_told
from lending.loop.codes import read_code
from lending.loop.loans.clock_stops import stop_clocks
from lending.loop.loans.standing_still import StopWhy
from lending.loop.loans.stopped import lock_pieces
from lending.loop.tables import Item, ItemKind, Label, Loan
from lending.machines.settings import KINDS
from lending.machines.tables import MachineRefusal, Why
from lending.people.upserts import insert_or
from lending.photos.keep import Snapshot, keep_photo
from lending.places.sites import SiteView, load_sites
from lending.requests.ways_back import WayOut, ways_out

STOPPED_FOR = timedelta(hours=24)
MOST_STOPS = 3  # refusals that stop the clock of one loan: after these somebody is to be asked


@dataclass(frozen=True, slots=True)
class Refused:
    """What a machine tells of a piece it did not take; `code` as it read it, "" for nothing;
    `at` and `sent_at` by its clock."""

    id: uuid.UUID
    why: Why
    at: datetime
    sent_at: datetime
    code: str = ""
    clock_error: float | None = None
    clock_lost: bool = False


class Clock(StrEnum):
    """What a refusal means for the loan of whoever may have borrowed the piece; whether anybody has
    is never told."""

    STOPS = "stops"  # for 24 hours
    NO_MORE = "no_more"  # it was refused too often since it was handed out
    NONE = "none"  # no piece of ours could be read, or the word came a day late


@dataclass(frozen=True, slots=True)
class Told:
    """`new`: not told before; `ways`: where it can go instead."""

    new: bool
    clock: Clock
    ways: list[WayOut]


@dataclass(frozen=True, slots=True)
class RefusedNow:
    """A refusal of the last day as the piece's public page tells it."""

    site: SiteView
    why: Why
    at: datetime
    ways: list[WayOut]


def tell_refusal(
    session: Session, refused: Refused, *, jpeg: bytes | None, site: SiteView, now: datetime
) -> Told:
    """Writes a refusal down and stops the clock of the piece's open loan until 24 hours after it.

    What cannot be read as a code is kept as none. At most three refusals stop the clock of one
    loan. The same id again changes nothing but a photo that was missing (`jpeg`: from
    `clean_picture`); ID_REUSED for another refusal under it, NOT_ALLOWED_HERE where no machine is.
    """
    if site.kind not in KINDS:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    code = _read(refused.code)
    piece = _piece(session, code) if code else None
    if piece is not None:
        lock_pieces(session, [piece.id])
    moment = moment_told(refused, now=now)
    row = {
        "id": refused.id, "district_id": site.district_id, "site_id": site.id, "code": code,
        "item_id": piece and piece.id, "why": refused.why, "told_at": refused.at, "at": moment,
        "recorded_at": now,
    }  # fmt: skip
    insert = insert_or(session, MachineRefusal).on_conflict_do_nothing()
    new = bool(session.execute(insert.returning(MachineRefusal.id), [row]).all())
    if not new:
        _check_same(session, row)
    clock = _judge(session, piece, moment, now)
    if new and piece is not None and clock is Clock.STOPS:
        _stop_clock(session, piece.id, refused.id, moment, now)
    if jpeg is not None:
        keep_photo(session, Snapshot(jpeg, site.district_id, site.id, refused.id), now=now)
    kind = piece.kind if piece is not None else None
    return Told(new, clock, ways_out(session, site=site, kind=kind, now=now))


def refused_now(session: Session, *, item_id: int, now: datetime) -> RefusedNow | None:
    """The piece's newest refusal of the last 24 hours, whatever became of the piece since: the page
    is the same in and out. One statement where there is none."""
    query = (
        sa.select(MachineRefusal.site_id, MachineRefusal.why, MachineRefusal.at, ItemKind.code)
        .join(Item, Item.id == MachineRefusal.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(MachineRefusal.item_id == item_id, MachineRefusal.at > now - STOPPED_FOR)
        .order_by(MachineRefusal.at.desc(), MachineRefusal.id)
        .limit(1)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    site = load_sites(session, site_ids=[row.site_id])[row.site_id]
    return RefusedNow(site, row.why, row.at, ways_out(session, site=site, kind=row.code, now=now))


def drop_old_refusals(session: Session, *, before: datetime) -> int:
    """Deletes what was recorded before a moment; how many."""
    old = sa.delete(MachineRefusal).where(MachineRefusal.recorded_at < before)
    return len(session.execute(old.returning(MachineRefusal.id)).all())


def _read(code: str) -> str:
    """The code; "" for anything else, which may be whatever was held before the camera."""
    try:
        return read_code(code) if code else ""
    except LendingError:
        return ""


def _piece(session: Session, code: str) -> Any:
    """(id, kind's code, since when it is in its state) of the piece this label is on, of whichever
    district."""
    query = (
        sa.select(Item.id, ItemKind.code.label("kind"), Item.since)
        .join(Label, Label.item_id == Item.id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Label.code == code)
    )
    return session.execute(query).first()


def _check_same(session: Session, row: dict[str, Any]) -> None:
    query = sa.select(
        MachineRefusal.site_id, MachineRefusal.code, MachineRefusal.why, MachineRefusal.told_at
    )
    known = session.execute(query.where(MachineRefusal.id == row["id"])).one()
    if known._asdict() != {name: row[name] for name in known._fields}:
        raise LendingError(Code.ID_REUSED, field="id")


def _judge(session: Session, piece: Any, moment: datetime, now: datetime) -> Clock:
    """By the refusals since the open loan began, or since the piece came into its state where it
    has none: so the answer is the same for both. A word that comes a day late stops nothing."""
    if piece is None or moment + STOPPED_FOR <= now:
        return Clock.NONE
    loan = _open_loan(session, piece.id, moment)
    refusals = session.scalar(
        sa.select(sa.func.count())
        .select_from(MachineRefusal)
        .where(MachineRefusal.item_id == piece.id)
        .where(MachineRefusal.at >= (loan.opened_at if loan else piece.since))
    )
    return Clock.STOPS if (refusals or 0) <= MOST_STOPS else Clock.NO_MORE


def _stop_clock(
    session: Session, item_id: int, refusal_id: uuid.UUID, moment: datetime, now: datetime
) -> None:
    """Of the loan that was open when it happened, if there was one."""
    loan = _open_loan(session, item_id, moment)
    if loan is not None:
        until = moment + STOPPED_FOR
        why = StopWhy.REFUSED
        stop_clocks(session, lend_ids=[loan.id], ref=refusal_id, why=why, now=now, until=until)


def _open_loan(session: Session, item_id: int, moment: datetime) -> Any:
    """(id, opened_at) of the open loan that had begun by then."""
    query = sa.select(Loan.id, Loan.opened_at).where(
        Loan.item_id == item_id, Loan.closed_at.is_(None), Loan.opened_at <= moment
    )
    return session.execute(query).first()
