"""The centre counts what came back from an event: counted ware by number, the rest by scan."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.counting.booking import book_back
from lending.events.counting.found import KindSeen, kinds_seen, uncounted_lines
from lending.events.crates.follow import follow_crates
from lending.events.crates.ledger import staff_of
from lending.events.crates.undoing import record_all_scans
from lending.events.reading import stage_of
from lending.events.rights import check_centre, get_event
from lending.events.stages import USED, out_now
from lending.events.statements.disputes import answer_by_recount
from lending.events.statements.reading import load_statement
from lending.events.statements.writing import Figures, Writing, tracked_figures, write_statement
from lending.events.tables import Event, EventCrate, Statement, StatementPhoto
from lending.events.values import (
    CountIn,
    ForeignLine,
    Stage,
    StatementView,
    StatementWhy,
    ToCount,
)
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.tables import ItemKind
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.photos.keep import Snapshot, keep_photo
from lending.places.sites import SiteView
from lending.places.tables import SiteKind
from lending.places.texts import read_text
from lending.requests.acting import check_count, place_of, signature

MOST_PIECES = 100_000  # of one line
MOST_LINES = 100
MOST_PHOTOS = 6
LONGEST_NOTE = 500


def counting_sheet(session: Session, *, event_id: uuid.UUID, actor: Actor) -> list[ToCount]:
    """What the centre counts an event by, a line for each kind. NOT_ALLOWED, NOT_FOUND (event)."""
    check_centre(actor)
    get_event(session, event_id=event_id, actor=actor)
    return [
        ToCount(
            one.kind_id, one.kind, one.name, one.name_en, one.counted, one.carrier, one.sent,
            one.found, one.broken,
        )
        for one in kinds_seen(session, event_id=event_id)
    ]  # fmt: skip


def count_event(
    session: Session, count: CountIn, *, actor: Actor, keys: Keys, now: datetime
) -> StatementView:
    """Takes the centre's count and writes the next version of the statement, which the hall sees
    once the centre confirms it. The same count again changes nothing.

    NOT_ALLOWED for all but the centre and the office; NOT_FOUND (event, kind, crate), INVALID (site:
    no washing centre; lines: one for each counted kind, none twice; found, broken, foreign, note,
    photos), TOO_LARGE (codes), CONFLICT (event): `out` while crates are, its stage where nothing was
    handed out or all is settled.
    """
    check_centre(actor)
    centre = place_of(session, actor=actor, code=count.site)
    if centre.kind is not SiteKind.WASH_CENTRE:
        raise LendingError(Code.INVALID, field="site")
    event = get_event(session, event_id=count.event_id, actor=actor, lock=True)
    if session.get(Statement, count.id) is None:
        _refuse_shape(count)
        _scan_pieces(session, count, centre, actor, keys, now)
        follow_crates(
            session, district_id=event.district_id, now=now, crate_ids=_crates(session, event)
        )
        _refuse_stage(session, event, count)
        _write(session, count, event, centre, actor, now)
    return load_statement(session, event_id=event.id, actor=actor, now=now)


def _refuse_shape(count: CountIn) -> None:
    read_text(count.note, "note", longest=LONGEST_NOTE, empty=True)
    if len(count.photos) > MOST_PHOTOS:
        raise LendingError(Code.INVALID, field="photos")
    if max(len(count.lines), len(count.foreign)) > MOST_LINES:
        raise LendingError(Code.TOO_LARGE, field="lines")
    for line in count.lines:
        check_count(line.found, "found", least=0, most=MOST_PIECES)
        check_count(line.broken, "broken", least=0, most=MOST_PIECES)
    for one in count.foreign:
        read_text(one.what, "foreign")
        check_count(one.pieces, "foreign", most=MOST_PIECES)


def _scan_pieces(
    session: Session, count: CountIn, centre: SiteView, actor: Actor, keys: Keys, now: datetime
) -> None:
    """What was scanned with the count: it is here, and what is broken goes out of use."""
    scans = [
        ScanIn(
            uuid.uuid5(count.id, f"received {code}"), Action.RECEIVE, code, count.at,
            site=centre.code, crate=count.crate,
        )
        for code in dict.fromkeys(count.received)
    ]  # fmt: skip
    scans += [
        ScanIn(
            uuid.uuid5(count.id, f"broken {code}"), Action.RETIRE, code, count.at,
            site=centre.code, reason="break",
        )
        for code in dict.fromkeys(count.broken)
    ]  # fmt: skip
    record_all_scans(session, scans, actor, keys, now)


def _crates(session: Session, event: Event) -> list[int]:
    query = sa.select(EventCrate.crate_id).where(EventCrate.event_id == event.id).distinct()
    return list(session.scalars(query))


def _refuse_stage(session: Session, event: Event, count: CountIn) -> None:
    handed = sa.select(EventCrate.id).where(
        EventCrate.event_id == event.id,
        sa.or_(EventCrate.back_at.is_(None), EventCrate.back_how.in_(USED)),
    )
    stage = stage_of(session, event_id=event.id)
    none = session.scalar(handed.limit(1)) is None
    if none or stage in (Stage.SETTLED, Stage.CANCELLED):
        raise LendingError(Code.CONFLICT, field="event", detail=stage)
    if stage is Stage.OUT and not count.anyway:
        raise LendingError(Code.CONFLICT, field="event", detail="out")


def _write(
    session: Session,
    count: CountIn,
    event: Event,
    centre: SiteView,
    actor: Actor,
    now: datetime,
) -> None:
    kinds = kinds_seen(session, event_id=event.id)
    figures = _counted_figures(session, count, kinds, actor) + tracked_figures(kinds)
    lines = uncounted_lines(session, event_id=event.id, still_out=True)
    book_back(
        session, lines, centre_id=centre.id, district_id=event.district_id, at=now,
        staff_id=staff_of(actor), now=now,
    )  # fmt: skip
    before = session.scalar(sa.select(Statement.id).where(Statement.event_id == event.id).limit(1))
    writing = Writing(
        count.id, StatementWhy.COUNT if before is None else StatementWhy.RECOUNT, centre.id,
        min(count.at, now), signature(actor), figures,
        [ForeignLine(one.what.strip(), one.pieces) for one in count.foreign],
        count.note.strip(), staff_of(actor),
    )  # fmt: skip
    answer_by_recount(session, event, actor=actor, now=now)
    write_statement(session, event, writing, now=now)
    used = sa.or_(out_now(), EventCrate.back_how.in_(USED))
    session.execute(
        sa.update(EventCrate)
        .where(EventCrate.event_id == event.id, EventCrate.counted_in.is_(None), used)
        .values(counted_in=count.id)
        .execution_options(synchronize_session=False)
    )
    _keep_photos(session, count, event, centre, now)
    session.expire_all()


def _counted_figures(
    session: Session, count: CountIn, kinds: Sequence[KindSeen], actor: Actor
) -> list[Figures]:
    """The count beside what was sent; every kind that was sent is counted, others may be."""
    codes = [line.kind for line in count.lines]
    sent = {one.kind: one for one in kinds if one.counted}
    if len(set(codes)) != len(codes):
        raise LendingError(Code.INVALID, field="lines", detail="twice")
    if missing := sorted(sent.keys() - set(codes)):
        raise LendingError(Code.INVALID, field="lines", detail=missing[0])
    query = sa.select(ItemKind.code, ItemKind.id).where(
        ItemKind.district_id == actor.district_id, ItemKind.counted, ItemKind.code.in_(codes)
    )
    ids = {row[0]: row[1] for row in session.execute(query)}
    if unknown := sorted(set(codes) - ids.keys()):
        raise LendingError(Code.NOT_FOUND, field="kind", detail=unknown[0])
    return [
        Figures(
            ids[line.kind], True, sent[line.kind].sent if line.kind in sent else 0, line.found,
            line.broken,
        )
        for line in count.lines
    ]  # fmt: skip


def _keep_photos(
    session: Session, count: CountIn, event: Event, centre: SiteView, now: datetime
) -> None:
    for number, jpeg in enumerate(count.photos):
        id = uuid.uuid5(count.id, f"photo {number}")
        keep_photo(session, Snapshot(jpeg, event.district_id, centre.id, id), now=now)
        session.add(StatementPhoto(id=id, statement_id=count.id))
    session.flush()
