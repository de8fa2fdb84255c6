"""Whose bottles: a member QR, card or contact becomes a person known by a keyed digest alone."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import table_of
from lending.machines.tables import BottlePerson
from lending.notices.tables import Erasure
from lending.people.borrowers import BorrowerWanted, resolve_borrowers
from lending.people.claims import CardClaim, read_borrower
from lending.people.contacts import Contact
from lending.people.envelopes import open_borrower
from lending.people.keys import Keys
from lending.people.members import MemberClaim
from lending.people.residents import contact_digest
from lending.people.sealing import digest
from lending.people.tables import Card, Resident
from lending.people.upserts import insert_or

KEPT = timedelta(days=90)  # as other links between a person and what they did (domain.md §5)


@dataclass(frozen=True, slots=True)
class Whose:
    """`raw` as the machine read it, sealed or plain, for the deposit `id` of its times `at` and
    `sent_at`, which happened at `moment`, on that local `day`."""

    id: uuid.UUID
    raw: str
    at: datetime
    sent_at: datetime
    moment: datetime
    day: date


@dataclass(frozen=True, slots=True)
class _Person:
    """The digest by which a person's bottles are counted; who it is, where that is known."""

    key: bytes
    resident_id: uuid.UUID | None


def find_people(
    session: Session, shown: Sequence[Whose], *, district_id: int, keys: Keys, now: datetime
) -> dict[uuid.UUID, int]:
    """The number of each deposit's person by its id; who cannot be told is left out. Half a dozen statements.

    A telephone number and the member QR of the resident with that number are one person. Nobody
    becomes a resident by bottles; a stale member code, a blank card and a safe number name nobody.
    """
    people = _read(session, shown, district_id, keys, now)
    if not people:
        return {}
    last = {one.id: one.day for one in shown}
    wanted = {person.key: (person, last[which]) for which, person in people.items()}
    rows = _store(session, district_id, wanted)
    by_key = {row.key: row for row in rows}
    by_resident = {row.resident_id: row for row in rows if row.resident_id}
    found: dict[uuid.UUID, int] = {}
    changed: dict[int, dict[str, object]] = {}
    for which, person in people.items():
        row = by_resident.get(person.resident_id) or by_key[person.key]
        found[which] = row.id
        if row.last_on < last[which] or (row.resident_id is None and person.resident_id):
            who, day = row.resident_id or person.resident_id, max(row.last_on, last[which])
            changed[row.id] = {"person": row.id, "day": day, "who": who}
    _note(session, changed)
    return found


def drop_old_people(session: Session, *, now: datetime) -> int:
    """Cuts the link to whoever is no resident and brought no bottle for 90 days; how many. The
    deposits stay, of nobody; the files are cleaned after."""
    old = sa.delete(BottlePerson).where(
        BottlePerson.resident_id.is_(None), BottlePerson.last_on < (now - KEPT).date()
    )
    gone = len(session.execute(old.returning(BottlePerson.id)).all())
    if gone:
        session.execute(sa.insert(Erasure), [{"at": now}])
    return gone


def _store(
    session: Session, district_id: int, wanted: Mapping[bytes, tuple[_Person, date]]
) -> Sequence[Any]:
    """The rows of these persons, made where there was none yet."""
    rows = [
        {"district_id": district_id, "key": key, "resident_id": who.resident_id, "last_on": day}
        for key, (who, day) in sorted(wanted.items(), key=lambda one: one[0])
    ]
    session.execute(insert_or(session, BottlePerson).on_conflict_do_nothing(), rows)
    residents = [who.resident_id for who, _ in wanted.values() if who.resident_id]
    p = BottlePerson
    query: sa.Select[*tuple[Any, ...]] = sa.select(p.id, p.key, p.resident_id, p.last_on)
    own = p.key.in_(list(wanted)) | p.resident_id.in_(residents)
    return session.execute(query.where(p.district_id == district_id, own).order_by(p.id)).all()


def _note(session: Session, changed: Mapping[int, Mapping[str, object]]) -> None:
    if changed:
        people = table_of(BottlePerson)
        update = sa.update(people).where(people.c.id == sa.bindparam("person"))
        values: dict[str, object] = {
            "last_on": sa.bindparam("day"),
            "resident_id": sa.bindparam("who"),
        }
        rows = [dict(changed[person]) for person in sorted(changed)]
        session.connection().execute(update.values(values), rows)


def _read(
    session: Session, shown: Sequence[Whose], district_id: int, keys: Keys, now: datetime
) -> dict[uuid.UUID, _Person]:
    """The persons by deposit, those that can be told."""
    contacts: dict[uuid.UUID, bytes] = {}
    cards: dict[uuid.UUID, str] = {}
    members: dict[uuid.UUID, BorrowerWanted] = {}
    for one in shown:
        opened = open_borrower(keys, one.raw, at=one.at, sent_at=one.sent_at)
        match read_borrower(opened.raw):
            case Contact() as contact:
                contacts[one.id] = contact_digest(keys, contact)
            case CardClaim(code):
                cards[one.id] = code
            case MemberClaim():
                read_at = opened.read_at(one.at, one.moment)
                members[one.id] = BorrowerWanted(opened.raw, read_at)
            case None:
                pass
    residents = _holders(session, cards, district_id) | _members(
        session, members, district_id, keys, now
    )
    own = _digests(session, district_id, list(residents.values()), list(contacts.values()))
    owner = {found: resident for resident, found in own.items() if found}
    people = {
        which: _Person(_key(keys, own.get(resident), resident), resident)
        for which, resident in residents.items()
    }
    return people | {
        which: _Person(_key(keys, found, None), owner.get(found))
        for which, found in contacts.items()
    }


def _key(keys: Keys, contact: bytes | None, resident_id: uuid.UUID | None) -> bytes:
    return digest(keys, "bottles", contact.hex() if contact else f"resident {resident_id}")


def _holders(
    session: Session, cards: Mapping[uuid.UUID, str], district_id: int
) -> dict[uuid.UUID, uuid.UUID]:
    """Whose card each is, by deposit; a blank card is nobody's yet."""
    if not cards:
        return {}
    query = sa.select(Card.code, Card.resident_id).where(
        Card.district_id == district_id, Card.code.in_(list(cards.values())),
        Card.resident_id.is_not(None), Card.revoked_at.is_(None),
    )  # fmt: skip
    holders = {row.code: row.resident_id for row in session.execute(query)}
    return {which: holders[code] for which, code in cards.items() if code in holders}


def _members(
    session: Session,
    members: Mapping[uuid.UUID, BorrowerWanted],
    district_id: int,
    keys: Keys,
    now: datetime,
) -> dict[uuid.UUID, uuid.UUID]:
    """Who showed a code that was good when it was read, by deposit."""
    wanted = list(members.values())
    found = resolve_borrowers(session, keys=keys, district_id=district_id, wanted=wanted, now=now)
    return {
        which: one.resident_id for which, one in zip(members, found, strict=True) if one is not None
    }


def _digests(
    session: Session,
    district_id: int,
    residents: Collection[uuid.UUID],
    contacts: Collection[bytes],
) -> dict[uuid.UUID, bytes | None]:
    """The contact's digest of each of these residents, and of those who have one of the contacts."""
    if not residents and not contacts:
        return {}
    query = sa.select(Resident.id, Resident.contact_digest).where(
        Resident.district_id == district_id,
        Resident.id.in_(residents) | Resident.contact_digest.in_(contacts),
    )
    return {row.id: row.contact_digest for row in session.execute(query)}
