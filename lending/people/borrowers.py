"""Who borrows: what a till read or typed, turned into residents, many at a time."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from lending.errors import ChangedMeanwhile
from lending.people.claims import CardClaim, Claim, read_borrower
from lending.people.claims import borrower_digest as borrower_digest
from lending.people.contacts import Contact, last_four
from lending.people.keys import Keys
from lending.people.members import MemberClaim, check_member_code
from lending.people.residents import (
    COLUMNS,
    Rows,
    contact_digest,
    lock_residents,
    new_resident,
    resident_label,
    unseal_secret,
)
from lending.people.tables import Card, Resident
from lending.people.upserts import insert_or


@dataclass(frozen=True, slots=True)
class BorrowerWanted:
    """`raw` as the till read or typed it, and the corrected time of the scan it stands in."""

    raw: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Borrower:
    """A resident found or made; `label` is what staff may see (four signs)."""

    resident_id: uuid.UUID
    confirmed: bool
    has_contact: bool
    created: bool
    label: str


@dataclass(frozen=True, slots=True)
class _Found:
    """Locked resident rows by every key they can be asked for."""

    by_digest: dict[bytes, sa.Row[Any]]
    by_number: dict[str, sa.Row[Any]]
    by_card: dict[str, sa.Row[Any]]
    created: frozenset[uuid.UUID]


def resolve_borrowers(
    session: Session,
    *,
    keys: Keys,
    district_id: int,
    wanted: Sequence[BorrowerWanted],
    now: datetime,
) -> list[Borrower | None]:
    """One Borrower per entry of `wanted`, None where it cannot be resolved; rows stay locked.

    One statement when all are known, three with unknown contacts, five with blank cards too.
    Unknown contacts and blank cards become unconfirmed residents (`created`); the caller gives
    those whose scans were all refused to `drop_unused`. None: a wrong or stale member code, an
    unknown or revoked card, a safe number, or no contact at all. Raises ChangedMeanwhile when
    another writer took the same random number.
    """
    claims = {one.raw: read_borrower(one.raw) for one in wanted}
    found = _find_or_make(session, keys, district_id, list(claims.values()), now)
    labels: dict[uuid.UUID, str] = {}
    return [_judge(keys, found, claims[one.raw], one.at, labels) for one in wanted]


def resolve_borrower(
    session: Session, raw: str, *, keys: Keys, district_id: int, read_at: datetime, now: datetime
) -> Borrower | None:
    """The one borrower read or typed at that true time, as `resolve_borrowers`."""
    wanted = [BorrowerWanted(raw, read_at)]
    return resolve_borrowers(session, keys=keys, district_id=district_id, wanted=wanted, now=now)[0]


def find_resident(
    session: Session, *, keys: Keys, district_id: int, contact: Contact
) -> uuid.UUID | None:
    """The resident with this contact, if there is one; changes nothing."""
    return session.scalar(
        sa.select(Resident.id).where(
            Resident.district_id == district_id,
            Resident.contact_digest == contact_digest(keys, contact),
        )
    )


def drop_unused(session: Session, resident_ids: Collection[uuid.UUID]) -> None:
    """Takes back residents created in this transaction and makes their cards blank again."""
    if not resident_ids:
        return
    blank = {"resident_id": None, "bound_at": None}
    session.execute(sa.update(Card).where(Card.resident_id.in_(resident_ids)).values(blank))
    session.execute(sa.delete(Resident).where(Resident.id.in_(resident_ids)))


def _judge(
    keys: Keys, found: _Found, claim: Claim, at: datetime, labels: dict[uuid.UUID, str]
) -> Borrower | None:
    match claim:
        case MemberClaim():
            row = found.by_number.get(claim.number)
            if row is None or row.member_secret is None:
                return None
            if not check_member_code(unseal_secret(keys, row.id, row.member_secret), claim, at):
                return None
        case CardClaim():
            row = found.by_card.get(claim.code)
        case Contact():
            row = found.by_digest.get(contact_digest(keys, claim))
        case None:
            row = None
    if row is None:
        return None
    if row.id not in labels:
        labels[row.id] = _label(keys, row, claim)
    return Borrower(
        resident_id=row.id,
        confirmed=row.confirmed_at is not None,
        has_contact=row.contact_digest is not None,
        created=row.id in found.created,
        label=labels[row.id],
    )


def _label(keys: Keys, row: sa.Row[Any], claim: Claim) -> str:
    if isinstance(claim, Contact):
        return last_four(claim)
    if isinstance(claim, CardClaim) and row.contact_digest is None:
        return claim.code[-4:]
    return resident_label(keys, row)


def _find_or_make(
    session: Session, keys: Keys, district_id: int, claims: Sequence[Claim], now: datetime
) -> _Found:
    contacts = {contact_digest(keys, c): c for c in claims if isinstance(c, Contact)}
    cards = _lock_cards(session, district_id, {c.code for c in claims if isinstance(c, CardClaim)})
    bound = {card.code: card.resident_id for card in cards if card.resident_id is not None}
    rows = lock_residents(
        session,
        district_id=district_id,
        digests=contacts.keys(),
        numbers={c.number for c in claims if isinstance(c, MemberClaim)},
        ids=set(bound.values()),
    )
    missing = contacts.keys() - {row.contact_digest for row in rows}
    # In digest order: two writers who insert the same contacts wait, and never in a circle.
    wanted: list[Contact | None] = [contacts[key] for key in sorted(missing)]
    blank = [card for card in cards if card.resident_id is None]
    new = [
        new_resident(keys, district_id=district_id, contact=contact, now=now)
        for contact in wanted + [None] * len(blank)
    ]
    made = _insert_residents(session, new)
    others = _lock_taken(session, district_id, new, made)
    bound |= _bind_cards(session, blank, [row["id"] for row in new[len(wanted) :]], now)
    by_id = {row.id: row for row in (*rows, *made, *others)}
    return _Found(
        by_digest={row.contact_digest: row for row in by_id.values() if row.contact_digest},
        by_number={row.member_number: row for row in rows},
        by_card={code: by_id[owner] for code, owner in bound.items() if owner in by_id},
        created=frozenset(row.id for row in made),
    )


def _lock_cards(session: Session, district_id: int, codes: set[str]) -> Rows:
    """Bound and blank cards that hold, in a fixed order; one whose owner was erased is neither."""
    if not codes:
        return []
    columns: tuple[InstrumentedAttribute[Any], ...] = (Card.id, Card.code, Card.resident_id)
    query = (
        sa.select(*columns)
        .where(Card.district_id == district_id, Card.code.in_(codes), Card.revoked_at.is_(None))
        .where(Card.resident_id.is_not(None) | Card.bound_at.is_(None))
        .order_by(Card.id)
    )
    return session.execute(query.with_for_update(key_share=True)).all()


def _insert_residents(session: Session, new: Sequence[dict[str, Any]]) -> Rows:
    if not new:
        return []
    insert = insert_or(session, Resident).on_conflict_do_nothing().returning(*COLUMNS)
    return session.execute(insert, new).all()


def _lock_taken(
    session: Session,
    district_id: int,
    new: Sequence[dict[str, Any]],
    made: Rows,
) -> Rows:
    """The residents another writer made first. A conflict that was not about the contact was about
    the random number: then everything is run again with other numbers."""
    made_ids = {row.id for row in made}
    refused = [row["contact_digest"] for row in new if row["id"] not in made_ids]
    digests = [key for key in refused if key is not None]
    others = lock_residents(session, district_id=district_id, digests=digests)
    if len(others) != len(refused):
        raise ChangedMeanwhile
    return others


def _bind_cards(
    session: Session, cards: Rows, owners: Sequence[uuid.UUID], now: datetime
) -> dict[str, uuid.UUID]:
    pairs = list(zip(cards, owners, strict=True))
    if pairs:
        changes = [{"id": c.id, "resident_id": owner, "bound_at": now} for c, owner in pairs]
        session.execute(sa.update(Card), changes)
    return {card.code: owner for card, owner in pairs}
