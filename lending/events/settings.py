"""What a district sets for its events: times, pieces for 100 guests, prices."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.rights import check_officer
from lending.events.tables import EventKindSetting, EventSetting
from lending.events.values import EventKind, KindSetting, Times
from lending.loop.tables import ItemKind
from lending.people.actors import Actor
from lending.people.upserts import insert_or
from lending.requests.acting import check_count, signature

MOST_HOURS = 24 * 14
MOST_DAYS = 60
MOST_PER_100 = 10_000
MOST_PRICE = 10_000_000  # won for a piece


def load_times(session: Session, *, district_id: int) -> Times:
    """The district's times; ours (24 hours to count, 7 days to answer) where it set none."""
    row = session.get(EventSetting, district_id)
    return Times() if row is None else Times(row.count_hours, row.answer_days)


def set_times(
    session: Session, *, count_hours: int, answer_days: int, actor: Actor, now: datetime
) -> Times:
    """Sets the times; statements already sent keep theirs. NOT_ALLOWED for all but the office,
    INVALID (count_hours: 1–336, answer_days: 1–60)."""
    check_officer(actor)
    values = {
        "count_hours": check_count(count_hours, "count_hours", most=MOST_HOURS),
        "answer_days": check_count(answer_days, "answer_days", most=MOST_DAYS),
        "changed_at": now,
        "changed_by": signature(actor),
    }
    insert = insert_or(session, EventSetting).values(district_id=actor.district_id, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["district_id"], set_=values))
    session.expire_all()
    return Times(count_hours, answer_days)


def list_kind_settings(
    session: Session, *, district_id: int, event: EventKind
) -> list[KindSetting]:
    """A line for every kind that can be lent, by name: what is set for this sort of event (0 pieces
    and no price where nothing is)."""
    query = (
        sa.select(ItemKind, EventKindSetting)
        .select_from(ItemKind)
        .outerjoin(
            EventKindSetting,
            (EventKindSetting.kind_id == ItemKind.id) & (EventKindSetting.event == event),
        )
        .where(ItemKind.district_id == district_id, ~ItemKind.carrier)
        .order_by(ItemKind.name, ItemKind.id)
    )
    return [
        KindSetting(
            kind.id, kind.code, kind.name, kind.name_en, kind.counted, event,
            found.per_100 if found else 0, found.price if found else None,
            found.crate_pieces if found else None,
        )
        for kind, found in session.execute(query)
    ]  # fmt: skip


def set_kind(
    session: Session,
    *,
    kind: str,
    event: EventKind,
    per_100: int,
    price: int | None,
    crate_pieces: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Pieces of a kind for 100 guests (0: none goes out), the price of one that does not come back
    (won; None: not charged), how many go into a crate (None: 100).

    NOT_ALLOWED for all but the office; NOT_FOUND (kind); INVALID (per_100, price, crate_pieces).
    """
    check_officer(actor)
    query = sa.select(ItemKind.id).where(
        ItemKind.district_id == actor.district_id, ItemKind.code == kind, ~ItemKind.carrier
    )
    kind_id = session.scalar(query)
    if kind_id is None:
        raise LendingError(Code.NOT_FOUND, field="kind")
    values = {
        "per_100": check_count(per_100, "per_100", least=0, most=MOST_PER_100),
        "price": None if price is None else check_count(price, "price", least=0, most=MOST_PRICE),
        "crate_pieces": None if crate_pieces is None else check_count(crate_pieces, "crate_pieces"),
        "changed_at": now,
        "changed_by": signature(actor),
    }
    insert = insert_or(session, EventKindSetting).values(
        kind_id=kind_id, event=event, district_id=actor.district_id, **values
    )
    session.execute(insert.on_conflict_do_update(index_elements=["kind_id", "event"], set_=values))
    session.expire_all()


def prices_of(session: Session, *, district_id: int, event: EventKind) -> dict[int, int]:
    """Won by kind id, where the district charges for this sort of event."""
    query = sa.select(EventKindSetting.kind_id, EventKindSetting.price).where(
        EventKindSetting.district_id == district_id,
        EventKindSetting.event == event,
        EventKindSetting.price.is_not(None),
    )
    return {kind: price for kind, price in session.execute(query) if price is not None}
