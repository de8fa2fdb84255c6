"""One round of telling platforms: claim, sign, post, settle; each step a transaction of its own."""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import glancing, run_transaction
from lending.delivery.platforms.callbacks import Reply
from lending.delivery.platforms.outbox import (
    Claimed,
    begin_webhook,
    claim_webhooks,
    give_up_old,
    let_rest,
    platforms_due,
    put_back,
    settle_failed,
    settle_taken,
)
from lending.delivery.platforms.register import end_old_keys, secrets_of
from lending.delivery.platforms.signatures import HEADER, sign
from lending.delivery.platforms.tables import Platform
from lending.delivery.tables import Order, OrderChange
from lending.people.keys import Keys

AT_ONCE = 20  # of one platform; each begins its lease anew when its turn comes

# Posts a body to an address: (url, body, headers) -> Reply.
Post = Callable[[str, bytes, Mapping[str, str]], Reply]


@dataclass(frozen=True, slots=True)
class Telling:
    """All that telling needs."""

    engine: Engine
    keys: Keys
    clock: Callable[[], datetime]
    post: Post


@dataclass(frozen=True, slots=True)
class _Ready:
    url: str
    body: bytes
    secrets: Sequence[str]


def tell_platforms(telling: Telling, *, stop: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Tells every platform what it can be told now, until nothing is left; counts by outcome.

    Several workers are safe. Of one order a status is sent only after the one before it was taken
    or given up. A platform that fails rests and holds up no other.
    """
    counts: Counter[str] = Counter()
    tried: set[int] = set()
    while not stop():
        with glancing(telling.engine) as session:
            due = [one for one in platforms_due(session, now=telling.clock()) if one not in tried]
        if not due:
            break
        for platform_id in due:
            if not stop() and not _tell_some(telling, platform_id, counts):
                tried.add(platform_id)
    return +counts


def sweep_platforms(engine: Engine, *, clock: Callable[[], datetime]) -> Counter[str]:
    """What falls due by itself: webhooks given up, old keys ended; several workers are safe."""
    counts: Counter[str] = Counter()
    counts["gave_up"] = run_transaction(engine, lambda s: give_up_old(s, now=clock()))
    counts["old_keys"] = run_transaction(engine, lambda s: end_old_keys(s, now=clock()))
    return +counts


def _tell_some(telling: Telling, platform_id: int, counts: Counter[str]) -> bool:
    """A handful of one platform's webhooks; whether it makes sense to go on with it at once."""
    claimed = run_transaction(
        telling.engine,
        lambda session: claim_webhooks(
            session, platform_id=platform_id, limit=AT_ONCE, now=telling.clock()
        ),
    )
    is_up = True
    for one in claimed:
        outcome = _tell(telling, one) if is_up else _put_back(telling, one)
        is_up = is_up and outcome != "down"
        counts[outcome] += 1
    return bool(claimed) and is_up


def _tell(telling: Telling, claimed: Claimed) -> str:
    ready = run_transaction(telling.engine, lambda s: _prepare(s, telling, claimed))
    if ready is None:
        return _put_back(telling, claimed)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "reusable-ware-webhooks/1",
        HEADER: sign(ready.body, secrets=ready.secrets, at=telling.clock()),
    }
    reply = telling.post(ready.url, ready.body, headers)
    return run_transaction(telling.engine, lambda s: _settle(s, claimed, reply, telling.clock()))


def _prepare(session: Session, telling: Telling, claimed: Claimed) -> _Ready | None:
    """Where it goes and what it says; None when the platform cannot be told any more."""
    row = session.get_one(Platform, claimed.platform_id)
    if not row.active or row.callback_url is None:
        return None
    if not begin_webhook(session, claimed=claimed, now=telling.clock()):
        return None
    body = orjson.dumps(_message(session, claimed.id, claimed.order_id, claimed))
    return _Ready(row.callback_url, body, secrets_of(row, telling.keys, telling.clock()))


def _message(
    session: Session, id: uuid.UUID, order_id: uuid.UUID | None, claimed: Claimed
) -> dict[str, object]:
    if order_id is None:
        return {"id": id, "event": "trial", "at": claimed.created_at}
    query = (
        sa.select(Order.platform_ref, OrderChange.status, OrderChange.at)
        .join(Order, Order.id == OrderChange.order_id)
        .where(OrderChange.order_id == order_id, OrderChange.seq == claimed.seq)
    )
    ref, status, at = session.execute(query).one()
    return {
        "id": id, "event": "order.status", "order": ref, "seq": claimed.seq,
        "status": status.value, "at": at,
    }  # fmt: skip


def _settle(session: Session, claimed: Claimed, reply: Reply, now: datetime) -> str:
    if reply.taken:
        return "told" if settle_taken(session, claimed=claimed, now=now) else "lost"
    if not settle_failed(session, claimed=claimed, error=reply.error, down=reply.down, now=now):
        return "lost"
    if not reply.down:
        return "refused"
    let_rest(session, platform_id=claimed.platform_id, error=reply.error, now=now)
    return "down"


def _put_back(telling: Telling, claimed: Claimed) -> str:
    run_transaction(telling.engine, lambda session: put_back(session, claimed=claimed))
    return "put_back"
