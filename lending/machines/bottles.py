"""Bottles put into machines: each deposit once, at most so many a person and day over all machines."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import table_of
from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.loop.clock import moment_told
from lending.machines.bottle_people import Whose, find_people
from lending.machines.rules import load_rules
from lending.machines.settings import KINDS
from lending.machines.tables import BottleDay, BottleDeposit
from lending.people.keys import Keys
from lending.people.upserts import insert_or
from lending.places.districts import load_district
from lending.places.sites import SiteView

MOST_AT_ONCE = 200  # deposits in a call
MOST_OFFERED = 500  # bottles in one go: more is a machine that counts wrong
KEPT_DAYS = timedelta(days=60)  # counters of past days, until no machine tells of them any more


@dataclass(frozen=True, slots=True)
class Deposit:
    """Bottles put in by one person in one go. `person`: the member QR, card or contact as the
    machine read it, sealed or plain; None for nobody. `at` and `sent_at` by the machine's clock."""

    id: uuid.UUID
    offered: int
    at: datetime
    sent_at: datetime
    person: str | None = None
    clock_error: float | None = None
    clock_lost: bool = False


@dataclass(frozen=True, slots=True)
class DepositReceipt:
    """What became of a deposit: `granted` of its bottles count, for the person if `named`.

    `error` INVALID (more than 500 or less than 1) or ID_REUSED (it stands for another): nothing is
    stored.
    """

    id: uuid.UUID
    granted: int = 0
    named: bool = False
    repeated: bool = False
    error: Code | None = None


@dataclass(frozen=True, slots=True)
class _Placed:
    """A deposit with its true time and local day."""

    told: Deposit
    at: datetime
    day: date


Key = tuple[int, date]  # a person's number and a local day


def take_deposits(
    session: Session, deposits: Sequence[Deposit], *, site: SiteView, keys: Keys, now: datetime
) -> list[DepositReceipt]:
    """Counts up to 200 deposits of one machine, a receipt for each in their order.

    A person's bottles of one day count up to the district's limit, whatever the number of machines
    that tell of them at the same moment; a deposit told again gets its first answer. What names
    nobody counts for nobody, up to the same number in one go. Raises ChangedMeanwhile when the same
    deposit came by another way in between; NOT_ALLOWED_HERE where no machine is.
    """
    if site.kind not in KINDS:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    zone = load_district(session, district_id=site.district_id).zone
    limit = load_rules(session, district_id=site.district_id).bottles_a_day
    known = _known(session, deposits)
    placed = [_place(one, zone, now) for one in deposits]
    new = [one for one in placed if one.told.id not in known and _is_right(one.told)]
    people = find_people(
        session,
        [Whose(one.told.id, one.told.person, one.told.at, one.told.sent_at, one.at, one.day)
         for one in new if one.told.person],
        district_id=site.district_id, keys=keys, now=now,
    )  # fmt: skip
    counted = [(owner, one.day) for one in new if (owner := people.get(one.told.id))]
    used = _lock_days(session, counted)
    before, receipts, rows = dict(used), [], []
    for one in placed:
        owner = people.get(one.told.id)
        receipt = _judge(one, owner, site.id, known, used, limit)
        receipts.append(receipt)
        if receipt.error is None and not receipt.repeated:
            known[one.told.id] = row = _row(one, owner, receipt.granted, site, now)
            rows.append(row)
    _store(session, rows, {key: used[key] - n for key, n in before.items() if used[key] != n})
    return receipts


def drop_old_days(session: Session, *, now: datetime) -> int:
    """Deletes the counters of days more than 60 days ago; how many. The deposits stay."""
    old = sa.delete(BottleDay).where(BottleDay.day < (now - KEPT_DAYS).date())
    return len(session.execute(old.returning(BottleDay.day)).all())


def _known(session: Session, deposits: Sequence[Deposit]) -> dict[uuid.UUID, dict[str, Any]]:
    """Deposits of these ids that stand on record."""
    d = BottleDeposit
    query = sa.select(d.id, d.site_id, d.named, d.told_at, d.offered, d.granted)
    rows = session.execute(query.where(d.id.in_([one.id for one in deposits])))
    return {row.id: row._asdict() for row in rows}


def _place(told: Deposit, zone: tzinfo, now: datetime) -> _Placed:
    moment = moment_told(told, now=now)
    return _Placed(told, moment, moment.astimezone(zone).date())


def _is_right(told: Deposit) -> bool:
    return 1 <= told.offered <= MOST_OFFERED


def _lock_days(session: Session, counted: Collection[Key]) -> dict[Key, int]:
    """How many bottles of each person and day count so far; the rows stay locked, taken in fixed
    order. One statement."""
    if not counted:
        return {}
    rows = [{"person_id": who, "day": day, "granted": 0} for who, day in sorted(set(counted))]
    insert = insert_or(session, BottleDay).values(rows)
    touch = insert.on_conflict_do_update(
        index_elements=["person_id", "day"], set_={"granted": table_of(BottleDay).c.granted}
    ).returning(BottleDay.person_id, BottleDay.day, BottleDay.granted)
    return {(row.person_id, row.day): row.granted for row in session.execute(touch)}


def _judge(
    one: _Placed,
    owner: int | None,
    site_id: int,
    known: Mapping[uuid.UUID, Mapping[str, Any]],
    used: dict[Key, int],
    limit: int,
) -> DepositReceipt:
    told, before = one.told, known.get(one.told.id)
    if before is not None:
        stated = {"site_id": site_id, "told_at": told.at, "offered": told.offered}
        if any(before[name] != value for name, value in stated.items()):
            return DepositReceipt(told.id, error=Code.ID_REUSED)
        return DepositReceipt(told.id, before["granted"], before["named"], repeated=True)
    if not _is_right(told):
        return DepositReceipt(told.id, error=Code.INVALID)
    if owner is None:
        return DepositReceipt(told.id, min(told.offered, limit))
    granted = max(0, min(told.offered, limit - used[owner, one.day]))
    used[owner, one.day] += granted
    return DepositReceipt(told.id, granted, named=True)


def _row(
    one: _Placed, owner: int | None, granted: int, site: SiteView, now: datetime
) -> dict[str, Any]:
    return {
        "id": one.told.id, "district_id": site.district_id, "site_id": site.id,
        "person_id": owner, "named": owner is not None, "told_at": one.told.at, "at": one.at,
        "day": one.day, "offered": one.told.offered, "granted": granted, "recorded_at": now,
    }  # fmt: skip


def _store(session: Session, rows: Sequence[Mapping[str, Any]], more: Mapping[Key, int]) -> None:
    """The deposits, and what they add to each person's day."""
    if not rows:
        return
    insert = insert_or(session, BottleDeposit).on_conflict_do_nothing()
    if len(session.execute(insert.returning(BottleDeposit.id), rows).all()) != len(rows):
        raise ChangedMeanwhile
    if more:
        days = table_of(BottleDay)
        update = (
            sa.update(days)
            .where(days.c.person_id == sa.bindparam("who"), days.c.day == sa.bindparam("on"))
            .values(granted=days.c.granted + sa.bindparam("more"))
        )
        added = [{"who": who, "on": day, "more": n} for (who, day), n in sorted(more.items())]
        session.connection().execute(update, added)
