"""Items come to be: registered in bulk, or claimed from a label printed ahead."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import insert_rows, update_rows
from lending.db import table_of
from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.loop.advance import advance
from lending.loop.codes import make_codes
from lending.loop.steps import Action, Gap
from lending.loop.tables import Item, ItemKind, Label, Scan, ScanBorrower, ScanGap
from lending.loop.values import Event, Piece
from lending.loop.write.reviews import close_vanished
from lending.loop.write.rows import item_values
from lending.people.actors import Actor
from lending.places.tables import Site

ITEMS, LABELS, SCANS = table_of(Item), table_of(Label), table_of(Scan)
MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Birth:
    """A piece about to be registered."""

    code: str
    kind: int
    site: int
    scan_id: uuid.UUID
    at: datetime
    position: int = 0
    carrier: bool = False  # of the kind


def register_items(
    session: Session,
    *,
    kind: str,
    count: int,
    site: str,
    actor: Actor,
    now: datetime,
    request_id: uuid.UUID | None = None,
) -> list[str]:
    """Registers `count` new pieces (1 to 10,000) that stand dirty at a site; returns their codes.

    The same `request_id` again returns the same codes; with another kind, count or site it is
    ID_REUSED. NOT_FOUND for an unknown kind or site, INVALID for a wrong count.
    """
    if not 1 <= count <= MOST_AT_ONCE:
        raise LendingError(Code.INVALID, field="count")
    request = request_id or uuid.uuid4()
    ids = [uuid.uuid5(request, str(number)) for number in range(count)]
    of_kind = session.execute(
        sa.select(ItemKind.id, ItemKind.carrier).where(
            ItemKind.district_id == actor.district_id, ItemKind.code == kind, ~ItemKind.counted
        )
    ).one_or_none()
    kind_id = of_kind.id if of_kind else None
    site_id = session.scalar(
        sa.select(Site.id).where(Site.district_id == actor.district_id, Site.code == site)
    )
    if of_kind is None or kind_id is None or site_id is None:
        raise LendingError(Code.NOT_FOUND, field="kind" if kind_id is None else "site")
    if known := _registered(session, request):
        if {(kind_id, site_id)} != {row[1:] for row in known} or len(known) != count:
            raise LendingError(Code.ID_REUSED, field="id")
        return [row[0] for row in known]
    codes = make_codes(count)
    labels = [label_row(code, kind_id, actor.district_id, now) for code in codes]
    if insert_rows(session, LABELS, labels, skip_known=True) != count:
        raise ChangedMeanwhile  # a random code was taken: draw again
    births = [
        Birth(code, kind_id, site_id, scan_id, now, position, of_kind.carrier)
        for position, (code, scan_id) in enumerate(zip(codes, ids, strict=True))
    ]
    give_birth(session, births, actor=actor, now=now, request=request)
    return codes


def print_labels(
    session: Session, *, kind_id: int, count: int, district_id: int, now: datetime
) -> list[str]:
    """Codes for labels printed ahead; each becomes a piece with its first `claim` scan. INVALID
    (field kind) for a kind that is known by quantities only."""
    if session.scalar(sa.select(ItemKind.counted).where(ItemKind.id == kind_id)):
        raise LendingError(Code.INVALID, field="kind")
    codes = make_codes(count)
    rows = [label_row(code, kind_id, district_id, now) for code in codes]
    if insert_rows(session, LABELS, rows, skip_known=True) != count:
        raise ChangedMeanwhile
    return codes


def claim_labels(
    session: Session,
    claims: Sequence[tuple[str, uuid.UUID, int, datetime]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Makes a piece of each printed label that a claim scan names for the first time.

    `claims`: (code, scan id, site id, when it happened). Scans of the code that came before the
    claim join their piece. A code that was never printed stays unknown, and a claim under the id
    of a recorded scan makes nothing: it is that scan again, or refused.
    """
    if not claims:
        return
    used = set(session.scalars(sa.select(Scan.id).where(Scan.id.in_([c[1] for c in claims]))))
    by_code = {claim[0]: claim for claim in reversed(claims) if claim[1] not in used}
    query = (
        sa.select(Label.code, Label.kind_id, ItemKind.carrier)
        .join(ItemKind, ItemKind.id == Label.kind_id)
        .where(Label.code.in_(by_code), Label.item_id.is_(None))
        .where(Label.district_id == actor.district_id)
        .order_by(Label.code)
        .with_for_update(of=LABELS)
    )
    births = []
    for code, kind_id, carrier in session.execute(query):
        _, scan_id, site, at = by_code[code]
        register = uuid.uuid5(scan_id, "register")
        births.append(Birth(code, kind_id, site, register, at, carrier=carrier))
    if births:
        items = give_birth(session, births, actor=actor, now=now, request=None)
        join_unknown(session, items, now=now)


def join_unknown(session: Session, items: dict[str, int], *, now: datetime) -> set[int]:
    """Scans kept under an unknown code join their piece; `items`: item id by code. Returns the
    items that got any: their caches are the caller's to write."""
    unknown = (Scan.item_id.is_(None), Scan.code.in_(items))
    orphans = session.execute(sa.select(Scan.id, Scan.code).where(*unknown)).all()
    if not orphans:
        return set()
    rows = [{"scan": row.id, "item": items[row.code]} for row in orphans]
    scans = table_of(Scan)
    update = sa.update(scans).where(scans.c.id == sa.bindparam("scan"))
    session.connection().execute(update.values(item_id=sa.bindparam("item")), rows)
    _unite_parties(session, set(items.values()))
    ids = [row.id for row in orphans]
    session.execute(
        sa.delete(ScanGap).where(ScanGap.scan_id.in_(ids), ScanGap.gap == Gap.UNKNOWN_CODE)
    )
    close_vanished(session, [(scan, Gap.UNKNOWN_CODE) for scan in ids], now=now)
    return {row["item"] for row in rows}


def _unite_parties(session: Session, items: Collection[int]) -> None:
    """One borrower stands under one number on a piece, whichever label they borrowed it by."""
    query = (
        sa.select(Scan.id, Scan.item_id, Scan.party, ScanBorrower.resident_id)
        .join(ScanBorrower, ScanBorrower.scan_id == Scan.id)
        .where(Scan.item_id.in_(items), ScanBorrower.resident_id.is_not(None))
        .order_by(Scan.occurred_at, Scan.id)
    )
    numbers: dict[tuple[int, uuid.UUID], int] = {}
    changed = []
    for row in session.execute(query):
        number = numbers.setdefault((row.item_id, row.resident_id), row.party)
        if number != row.party:
            changed.append({"id": row.id, "party": number})
    update_rows(session, SCANS, changed)


def give_birth(
    session: Session,
    births: Sequence[Birth],
    *,
    actor: Actor,
    now: datetime,
    request: uuid.UUID | None,
) -> dict[str, int]:
    """Inserts items, whose labels are there, with their register scans; returns item ids by code.
    ChangedMeanwhile when the scans are there already."""
    items = [_item_row(birth, actor.district_id) for birth in births]
    connection = session.connection()
    insert_rows(session, ITEMS, items)
    codes = [birth.code for birth in births]
    made = connection.execute(sa.select(ITEMS.c.code, ITEMS.c.id).where(ITEMS.c.code.in_(codes)))
    ids: dict[str, int] = {row.code: row.id for row in made}
    scans = [_scan_row(birth, ids[birth.code], actor, now, request) for birth in births]
    if insert_rows(session, SCANS, scans, skip_known=True) != len(scans):
        raise ChangedMeanwhile  # the same request, sent twice at once
    of_code = sa.select(ITEMS.c.id).where(ITEMS.c.code == LABELS.c.code).scalar_subquery()
    connection.execute(sa.update(LABELS).where(LABELS.c.code.in_(ids)).values(item_id=of_code))
    return ids


def _item_row(birth: Birth, district_id: int) -> dict[str, Any]:
    event = Event(birth.scan_id, Action.REGISTER, birth.at, birth.site, code=birth.code)
    piece = advance(Piece(carrier=birth.carrier), event).piece
    fixed = {"district_id": district_id, "kind_id": birth.kind, "carrier": birth.carrier}
    return item_values(piece, None) | fixed


def label_row(code: str, kind_id: int, district_id: int, now: datetime) -> dict[str, Any]:
    """A printed code on no piece yet."""
    return {"code": code, "kind_id": kind_id, "district_id": district_id, "created_at": now}


def _scan_row(
    birth: Birth, item_id: int, actor: Actor, now: datetime, request: uuid.UUID | None
) -> dict[str, Any]:
    return {
        "id": birth.scan_id,
        "district_id": actor.district_id,
        "item_id": item_id,
        "code": birth.code,
        "action": Action.REGISTER,
        "site_id": birth.site,
        "at": birth.at,
        "occurred_at": birth.at,
        "recorded_at": now,
        "asked": False,
        "position": birth.position,
        "of": request,
        "new_code": birth.code,
        "sender_kind": actor.kind.value,
        "sender_id": actor.id,
        "sender_role": actor.role,
    }


def _registered(session: Session, request: uuid.UUID) -> list[tuple[str, int, int]]:
    """(code, kind, site) of what an earlier call with this id registered, in order."""
    query = (
        sa.select(Scan.code, Item.kind_id, Scan.site_id)
        .join(Item, Item.id == Scan.item_id)
        .where(Scan.of == request, Scan.action == Action.REGISTER)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query.order_by(Scan.position))]
