"""A small district and its people, and a driver whose methods read like the loop itself."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import run_transaction
from lending.loop.advance import Event, Piece
from lending.loop.claims import register_items
from lending.loop.record import record_scans
from lending.loop.replay import Story, replay
from lending.loop.rows import (
    EVENT_COLUMNS,
    ITEM_COLUMNS,
    LoanRow,
    event_from_row,
    loans_of,
    piece_from_row,
)
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action, Gap
from lending.loop.tables import Item, ItemKind, Label, Loan, Scan, ScanGap, TermVersion
from lending.loop.terms import Terms
from lending.people.actors import Actor, ActorKind
from lending.people.contacts import read_contact
from lending.people.keys import Keys
from lending.people.residents import new_resident
from lending.people.tables import Resident, Role
from lending.places.tables import District, Site, SiteKind

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 10:00 in Seoul
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

HARU, NABI, WASH, OFFICE, BOX = "HARU", "NABI", "WASH", "OFFICE", "BOX"
SITES = {
    HARU: (SiteKind.CAFE, "카페 하루", "Café Haru"),
    NABI: (SiteKind.CAFE, "카페 나비", "Café Nabi"),
    WASH: (SiteKind.WASH_CENTRE, "세척장", "Washing centre"),
    OFFICE: (SiteKind.OFFICE, "구청", "District office"),
    BOX: (SiteKind.BOX, "반납함", "Return box"),
}
KINDS = {"cup-355": "컵 355 mL", "cup-414": "컵 414 mL", "cup-473": "컵 473 mL"}

# Residents: Minji, Dana and Tomas have proven their contacts; nobody knows Sora yet.
MINJI, DANA, TOMAS = "010-2345-6789", "dana@example.org", "+49 151 23456789"
SORA = "010-8765-4321"
RESIDENTS = (MINJI, DANA, TOMAS)


@dataclass(frozen=True)
class Town:
    """A district of two cafés, a washing centre, an office and a box, with who works there."""

    id: int
    sites: dict[str, int]
    kinds: dict[str, int]
    residents: dict[str, uuid.UUID]  # by contact as typed
    prefix: str  # of its sites' codes
    mina: Actor  # works at café Haru
    yuna: Actor  # works at café Nabi
    jun: Actor  # works at the washing centre
    courier: Actor
    officer: Actor
    machine: Actor  # the return box


def found_town(session: Session, keys: Keys, *, now: datetime = MONDAY, prefix: str = "") -> Town:
    """Inserts the town; `prefix` sets its site codes apart from those of a second one."""
    long_ago = now - 500 * DAY
    district = District(name="서해구", name_en="Seohae", timezone="Asia/Seoul", created_at=long_ago)
    session.add(district)
    session.flush()
    sites = {
        code: Site(
            district_id=district.id, code=prefix + code, kind=kind, name=name, name_en=name_en,
            created_at=long_ago,
        )
        for code, (kind, name, name_en) in SITES.items()
    }  # fmt: skip
    kinds = {
        code: ItemKind(district_id=district.id, code=code, name=name, created_at=long_ago)
        for code, name in KINDS.items()
    }
    session.add_all([*sites.values(), *kinds.values()])
    session.flush()
    residents = {
        contact: add_resident(session, keys, district.id, contact, now=long_ago)
        for contact in RESIDENTS
    }

    def works(role: Role, at: str | None, kind: ActorKind = ActorKind.TOKEN) -> Actor:
        return Actor(kind, role, district.id, sites[at].id if at else None)

    return Town(
        id=district.id,
        sites={code: site.id for code, site in sites.items()},
        kinds={code: kind.id for code, kind in kinds.items()},
        residents=residents,
        prefix=prefix,
        mina=works(Role.CAFE, HARU, ActorKind.DEVICE),
        yuna=works(Role.CAFE, NABI, ActorKind.DEVICE),
        jun=works(Role.WASH, WASH, ActorKind.DEVICE),
        courier=works(Role.COURIER, None),
        officer=works(Role.OFFICER, None, ActorKind.STAFF),
        machine=works(Role.MACHINE, BOX),
    )


def add_resident(
    session: Session,
    keys: Keys,
    district_id: int,
    contact: str | None,
    *,
    now: datetime,
    confirmed: bool = True,
) -> uuid.UUID:
    """A resident with this contact (or none), proven by default; the id."""
    row = new_resident(
        keys, district_id=district_id, contact=read_contact(contact) if contact else None, now=now
    )
    session.execute(sa.insert(Resident), [row | {"confirmed_at": now if confirmed else None}])
    resident_id: uuid.UUID = row["id"]
    return resident_id


def add_terms(
    session: Session, district_id: int, terms: Terms, *, since: datetime, kind: int | None = None
) -> None:
    """A version of the loan terms, in force from `since` on."""
    values = {field.name: getattr(terms, field.name) for field in fields(Terms)}
    session.add(TermVersion(district_id=district_id, kind_id=kind, valid_from=since, **values))
    session.flush()


@dataclass(frozen=True)
class Stored:
    """What the database holds of one item, all of it a cache of the log."""

    piece: Piece
    loans: dict[uuid.UUID, LoanRow]
    gaps: dict[uuid.UUID, tuple[Gap, ...]]


class Loop:
    """Drives the loop through the writer; every call commits and takes one minute.

    Questions are asked unless `ask=False`; `at` is when it happened (now by default), `by` who
    scans. Facts from the past: `loop.give_back(cup, at=loop.now - DAY)`.
    """

    def __init__(self, engine: sa.Engine, keys: Keys, town: Town, *, now: datetime = MONDAY):
        self.engine, self.keys, self.town, self.now = engine, keys, town, now

    # -- the writer ---------------------------------------------------------------------------

    def go(
        self, *scans: ScanIn, by: Actor | None = None, sent_at: datetime | None = None
    ) -> list[Receipt]:
        """One call of the writer with these scans; then a minute passes."""
        actor, now = by or self.town.officer, self.now
        receipts = self.write(
            lambda session: record_scans(
                session, scans, actor=actor, keys=self.keys, now=now, sent_at=sent_at
            )
        )
        self.now += MINUTE
        return receipts

    def write(self, work: Callable[[Session], Any]) -> Any:
        """`work` in a transaction of its own, committed."""
        return run_transaction(self.engine, work)

    def one(
        self,
        action: Action,
        cup: str,
        *,
        by: Actor | None = None,
        ask: bool = True,
        sent_at: datetime | None = None,
        **more: Any,
    ) -> Receipt:
        """One scan in a call of its own."""
        return self.go(self.scan(action, cup, ask=ask, **more), by=by, sent_at=sent_at)[0]

    def scan(
        self,
        action: Action,
        cup: str,
        *,
        id: uuid.UUID | None = None,
        at: datetime | None = None,
        ask: bool = False,
        **more: Any,
    ) -> ScanIn:
        """A scan with a fresh id, made now; a fact unless asked."""
        return ScanIn(id or uuid.uuid4(), action, cup, at or self.now, ask, **more)

    # -- what people do -----------------------------------------------------------------------

    def lend(self, cup: str, to: str | None = MINJI, *, by: Actor | None = None, **more: Any):
        """Mina lends a cup to a resident (`to`: what the till reads)."""
        return self.one(Action.LEND, cup, by=by or self.town.mina, borrower=to, **more)

    def give_back(self, cup: str, *, by: Actor | None = None, **more: Any):
        """Somebody brings a cup back to Mina's café."""
        return self.one(Action.RETURN, cup, by=by or self.town.mina, **more)

    def collect(self, cup: str, site: str = HARU, **more: Any):
        """The courier takes a used cup along."""
        return self.one(Action.COLLECT, cup, by=self.town.courier, site=site, **more)

    def receive(self, cup: str, **more: Any):
        return self.one(Action.RECEIVE, cup, by=self.town.jun, **more)

    def wash(self, cup: str, **more: Any):
        return self.one(Action.WASH, cup, by=self.town.jun, **more)

    def pass_(self, cup: str, **more: Any):
        return self.one(Action.PASS, cup, by=self.town.jun, **more)

    def rewash(self, cup: str, **more: Any):
        return self.one(Action.REWASH, cup, by=self.town.jun, **more)

    def ship(self, cup: str, to: str = HARU, **more: Any):
        return self.one(Action.SHIP, cup, by=self.town.jun, to=to, **more)

    def stock(self, cup: str, *, by: Actor | None = None, **more: Any):
        return self.one(Action.STOCK, cup, by=by or self.town.mina, **more)

    def hold(self, cup: str, reason: str = "crack?", *, by: Actor | None = None, **more: Any):
        return self.one(Action.HOLD, cup, by=by or self.town.mina, reason=reason, **more)

    def release(self, cup: str, **more: Any):
        return self.one(Action.RELEASE, cup, by=self.town.jun, **more)

    def retire(self, cup: str, reason: str = "break", *, by: Actor | None = None, **more: Any):
        return self.one(Action.RETIRE, cup, by=by or self.town.jun, reason=reason, **more)

    def lose(self, cup: str, *, by: Actor | None = None, **more: Any):
        return self.one(Action.LOSE, cup, by=by or self.town.mina, **more)

    def void(self, cup: str, of: uuid.UUID, *, by: Actor | None = None, **more: Any):
        return self.one(Action.VOID, cup, by=by or self.town.mina, of=of, **more)

    def extend(self, cup: str, *, by: Actor | None = None, **more: Any):
        return self.one(Action.EXTEND, cup, by=by or self.town.mina, **more)

    def relabel(self, cup: str, to: str, *, by: Actor | None = None, **more: Any):
        return self.one(Action.RELABEL, cup, by=by or self.town.jun, to=to, **more)

    def claim(self, cup: str, *, by: Actor | None = None, **more: Any):
        return self.one(Action.CLAIM, cup, by=by or self.town.mina, **more)

    # -- cups in a given state ----------------------------------------------------------------

    def new_cups(self, count: int = 1, kind: str = "cup-355") -> list[str]:
        """Registered pieces: dirty at the washing centre."""
        codes: list[str] = self.write(
            lambda session: register_items(
                session, kind=kind, count=count, site=self.site(WASH), actor=self.town.officer,
                now=self.now,
            )
        )  # fmt: skip
        self.now += MINUTE
        return codes

    def clean_cups(self, count: int = 1, at: str = HARU, kind: str = "cup-355") -> list[str]:
        """Washed, passed and stocked pieces, ready at a café, in three calls."""
        cups = self.new_cups(count, kind)
        wash = [self.scan(Action.WASH, cup, ask=True) for cup in cups]
        check = [self.scan(Action.PASS, cup, ask=True) for cup in cups]
        ship = [self.scan(Action.SHIP, cup, ask=True, to=self.site(at)) for cup in cups]
        receipts = self.go(*wash, *check, *ship, by=self.town.jun)
        stock = [self.scan(Action.STOCK, cup, site=self.site(at)) for cup in cups]
        receipts += self.go(*stock, by=self.town.courier)
        assert {receipt.result for receipt in receipts} == {Result.RECORDED}
        assert not any(receipt.gaps for receipt in receipts)
        return cups

    def clean_cup(self, at: str = HARU, kind: str = "cup-355") -> str:
        return self.clean_cups(1, at, kind)[0]

    def lent_cup(self, to: str | None = MINJI) -> str:
        """A cup that Mina has just lent."""
        cup = self.clean_cup()
        assert self.lend(cup, to).result is Result.RECORDED
        return cup

    def site(self, code: str) -> str:
        """The full code of one of this town's sites."""
        return self.town.prefix + code

    # -- what is stored -----------------------------------------------------------------------

    def item_id(self, cup: str) -> int:
        """The id of the item that this label, present or replaced, is on."""
        with Session(self.engine) as session:
            return _item_id(session, cup)

    def item(self, cup: str) -> Piece:
        """The stored piece that this label, present or replaced, is on."""
        return self.stored(cup).piece

    def loans(self, cup: str) -> list[LoanRow]:
        """All loans of a piece, the earliest first."""
        return sorted(self.stored(cup).loans.values(), key=lambda loan: loan.opened_at)

    def due(self, lend: uuid.UUID) -> datetime:
        """When a loan is due."""
        with Session(self.engine) as session:
            return session.scalars(sa.select(Loan.due_at).where(Loan.id == lend)).one()

    def gaps(self, cup: str) -> list[Gap]:
        """The gaps of a piece in the order in which they happened."""
        with Session(self.engine) as session:
            query = (
                sa.select(ScanGap.gap)
                .where(ScanGap.item_id == _item_id(session, cup))
                .order_by(ScanGap.occurred_at, ScanGap.scan_id, ScanGap.gap)
            )
            return list(session.scalars(query))

    def stored(self, cup: str) -> Stored:
        """Everything cached of the piece that this label is on."""
        with Session(self.engine) as session:
            return stored_of(session, [_item_id(session, cup)]).popitem()[1]

    def story(self, cup: str) -> Story:
        """The piece's log, replayed from nothing."""
        with Session(self.engine) as session:
            return replay(events_of(session, [_item_id(session, cup)]).popitem()[1])

    def check(self) -> None:
        """Every stored item, loan and gap of the town is what replaying the log gives."""
        with Session(self.engine) as session:
            ids = session.scalars(sa.select(Item.id).where(Item.district_id == self.town.id)).all()
            check_items(session, ids)


def check_items(session: Session, ids: Sequence[int]) -> None:
    """Asserts that what is stored of these items equals a replay of their scans."""
    stories = {item: replay(events) for item, events in events_of(session, ids).items()}
    stored = stored_of(session, ids)
    assert stored.keys() == stories.keys()
    for item, now in stored.items():
        story = stories[item]
        assert now.piece == story.piece
        assert now.loans == loans_of(story)
        assert now.gaps == {scan: tuple(sorted(gaps)) for scan, gaps in story.gaps.items()}


def stored_of(session: Session, ids: Collection[int]) -> dict[int, Stored]:
    """What is stored of each item; gaps of one scan sorted."""
    pieces = {}
    for row in session.execute(sa.select(*ITEM_COLUMNS).where(Item.id.in_(ids))):
        pieces[row[0]] = Stored(piece_from_row(row), {}, {})
    for loan in session.scalars(sa.select(Loan).where(Loan.item_id.in_(ids))):
        pieces[loan.item_id].loans[loan.id] = LoanRow(
            loan.id, loan.site_id, loan.opened_at, loan.extensions, loan.lost_at, loan.closed_at,
            loan.closed_by, loan.outcome,
        )  # fmt: skip
    for gap in session.scalars(sa.select(ScanGap).where(ScanGap.item_id.in_(ids))):
        assert gap.item_id is not None
        gaps = pieces[gap.item_id].gaps
        gaps[gap.scan_id] = tuple(sorted((*gaps.get(gap.scan_id, ()), gap.gap)))
    return pieces


def events_of(session: Session, ids: Collection[int]) -> dict[int, list[Event]]:
    """The log of each item."""
    events: dict[int, list[Event]] = {item: [] for item in ids}
    for row in session.execute(
        sa.select(*EVENT_COLUMNS, Scan.item_id).where(Scan.item_id.in_(ids))
    ):
        events[row[-1]].append(event_from_row(row))
    return events


def _item_id(session: Session, cup: str) -> int:
    item = session.scalars(sa.select(Label.item_id).where(Label.code == cup)).one()
    assert item is not None
    return item
