"""The board of what is out: counts by age, a list to act on, and whom no message reaches."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.read.paging import DEFAULT_LIMIT, KeyPart, Page, beyond, cut, read_key
from lending.loop.read.sight import site_asked
from lending.loop.tables import Forgiveness, Item, ItemKind, Loan, ScanBorrower
from lending.notices.tables import Notice, NoticeState
from lending.people.actors import Actor
from lending.people.tables import Resident
from lending.places.tables import Site

HOPELESS = (NoticeState.FAILED, NoticeState.MAYBE_SENT)


class Band(StrEnum):
    """How long a loan is past its due date; LOST: written off, until the piece is seen again."""

    ON_TIME = "on_time"
    DAYS_3 = "1-3"
    DAYS_7 = "4-7"
    DAYS_14 = "8-14"
    DAYS_30 = "15-30"
    MORE = "30+"
    LOST = "lost"


# Late by more than the first and at most the second number of days; those written off stand apart.
EDGES: dict[Band, tuple[int | None, int | None]] = {
    Band.ON_TIME: (None, 0),
    Band.DAYS_3: (0, 3),
    Band.DAYS_7: (3, 7),
    Band.DAYS_14: (7, 14),
    Band.DAYS_30: (14, 30),
    Band.MORE: (30, None),
}


class Reach(StrEnum):
    """Why nobody can be told of a loan."""

    NOBODY = "nobody"  # lent to nobody known, or the person was erased
    NO_CONTACT = "no_contact"  # a card without a contact
    FAILED = "failed"
    MAYBE_SENT = "maybe_sent"


@dataclass(frozen=True, slots=True)
class BandCount:
    """How many open loans are late by so much."""

    band: Band
    count: int


@dataclass(frozen=True, slots=True)
class BoardLine:
    """An open loan to act on, without its borrower; `site` is where it was lent.

    `told`: when a reminder last went out. `reach`: why nobody can be told, if so.
    """

    id: uuid.UUID
    code: str
    kind_name: str
    kind_name_en: str
    site: str
    site_name: str
    site_name_en: str
    opened_at: datetime
    due_at: datetime
    extensions: int
    lost_at: datetime | None
    told: datetime | None
    forgiven: bool
    reach: Reach | None


def count_bands(session: Session, *, district_id: int, now: datetime) -> list[BandCount]:
    """The open loans by how late they are; every band, also the empty ones. One statement."""
    whens: list[tuple[Any, str]] = [
        (Loan.lost_at.is_not(None), Band.LOST.value),
        *(
            (Loan.due_at >= now - timedelta(days=last), band.value)
            for band, (_, last) in EDGES.items()
            if last is not None
        ),
    ]  # the first that fits counts
    band = sa.case(*whens, else_=Band.MORE.value)
    query = (
        sa.select(band, sa.func.count())
        .where(Loan.district_id == district_id, Loan.closed_at.is_(None))
        .group_by(band)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in session.execute(query)}
    return [BandCount(band, counts.get(band, 0)) for band in Band]


def list_board(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    band: Band | None = None,
    overdue: bool = False,
    site: str | None = None,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[BoardLine]:
    """Open loans by due date, the most late first; those written off only under their own band.

    Errors: `site_asked`, cursor INVALID.
    """
    query = _lines().where(Loan.district_id == actor.district_id, Loan.closed_at.is_(None))
    lent_at = site_asked(session, actor=actor, code=site)
    if lent_at is not None:
        query = query.where(Loan.site_id == lent_at)
    lost = Loan.lost_at.is_not(None)
    query = query.where(lost if band is Band.LOST else ~lost)
    if overdue:
        query = query.where(Loan.due_at < now)
    more, most = EDGES.get(band or Band.LOST, (None, None))
    if more is not None:
        query = query.where(Loan.due_at < now - timedelta(days=more))
    if most is not None:
        query = query.where(Loan.due_at >= now - timedelta(days=most))
    return _page(session, query, after, limit)


def list_unreachable(
    session: Session,
    *,
    actor: Actor,
    after: Sequence[KeyPart] | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[BoardLine]:
    """Open loans whose borrower has no contact, or whose last message failed or may not have
    gone out, by due date. Cursor INVALID."""
    query = _lines().where(
        Loan.district_id == actor.district_id,
        Loan.closed_at.is_(None),
        sa.or_(
            Resident.id.is_(None), Resident.contact_sealed.is_(None), _last_state().in_(HOPELESS)
        ),
    )
    return _page(session, query, after, limit)


def find_line(session: Session, *, lend_id: uuid.UUID) -> BoardLine:
    """One loan as the board shows it, open or closed; it must exist."""
    return _view(session.execute(_lines().where(Loan.id == lend_id)).one())


def _lines() -> sa.Select[*tuple[Any, ...]]:
    told = sa.select(sa.func.max(Notice.sent_at)).where(Notice.lend_id == Loan.id)
    columns: tuple[Any, ...] = (
        Loan.id, Item.code, ItemKind.name, ItemKind.name_en, Site.code, Site.name, Site.name_en,
        Loan.opened_at, Loan.due_at, Loan.extensions, Loan.lost_at,
        told.scalar_subquery().label("told"), Forgiveness.lend_id.label("forgiven"),
        Resident.id.label("resident"), Resident.contact_kind.label("contact_kind"),
        _last_state().label("last_state"),
    )  # fmt: skip
    return (
        sa.select(*columns)
        .join(Item, Item.id == Loan.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .join(Site, Site.id == Loan.site_id)
        .outerjoin(ScanBorrower, ScanBorrower.scan_id == Loan.id)
        .outerjoin(Resident, Resident.id == ScanBorrower.resident_id)
        .outerjoin(Forgiveness, Forgiveness.lend_id == Loan.id)
    )


def _last_state() -> sa.ScalarSelect[NoticeState]:
    """The state of a loan's last notice that was to go out, failed or in doubt or not."""
    told = (NoticeState.SENT, *HOPELESS)
    return (
        sa.select(Notice.state)
        .where(Notice.lend_id == Loan.id, Notice.state.in_(told))
        .order_by(Notice.created_at.desc(), Notice.id)
        .limit(1)
        .scalar_subquery()
    )


def _page(
    session: Session,
    query: sa.Select[*tuple[Any, ...]],
    after: Sequence[KeyPart] | None,
    limit: int,
) -> Page[BoardLine]:
    key = read_key(after, datetime, uuid.UUID)
    order = (Loan.due_at, Loan.id)
    rows = session.execute(query.where(beyond(order, key)).order_by(*order).limit(limit + 1)).all()
    return cut(rows, limit, _view, lambda row: (row.due_at, str(row.id)))


def _view(row: Any) -> BoardLine:
    values: list[Any] = [*row[:12], row.forgiven is not None, _reach(row)]
    return BoardLine(*values)


def _reach(row: Any) -> Reach | None:
    if row.resident is None:
        return Reach.NOBODY
    if row.contact_kind is None:
        return Reach.NO_CONTACT
    if row.last_state is NoticeState.FAILED:
        return Reach.FAILED
    return Reach.MAYBE_SENT if row.last_state is NoticeState.MAYBE_SENT else None
