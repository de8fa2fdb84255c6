"""What a resident sees and changes of themselves: member QR, terms, language."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.contacts import masked
from lending.people.keys import Keys
from lending.people.members import make_member_number, make_member_secret
from lending.people.residents import resident_label, seal_secret, unseal_contact, unseal_secret
from lending.people.tables import Resident
from lending.places.texts import Problem

LANGUAGES = ("ko", "en")


@dataclass(frozen=True, slots=True)
class Profile:
    """A resident's own data: all that is stored of them beside their loans; the contact masked.

    `secret` goes to the resident's own phone only, over HTTPS, to derive the member QR.
    """

    resident_id: uuid.UUID
    contact: str | None
    label: str
    number: str
    secret: bytes
    language: str
    confirmed: bool
    terms_agreed_at: datetime | None


def load_profile(session: Session, *, keys: Keys, resident_id: uuid.UUID) -> Profile:
    """The resident's own data; NOT_FOUND after an erasure."""
    row = session.execute(
        sa.select(Resident.__table__).where(Resident.id == resident_id)
    ).one_or_none()
    if row is None or row.member_secret is None:
        raise LendingError(Code.NOT_FOUND, field="resident")
    contact = None
    if row.contact_sealed is not None:
        contact = masked(unseal_contact(keys, row.id, row.contact_kind, row.contact_sealed))
    return Profile(
        resident_id=row.id,
        contact=contact,
        label=resident_label(keys, row),
        number=row.member_number,
        secret=unseal_secret(keys, row.id, row.member_secret),
        language=row.language,
        confirmed=row.confirmed_at is not None,
        terms_agreed_at=row.terms_agreed_at,
    )


def agree_terms(session: Session, *, resident_id: uuid.UUID, how: str, now: datetime) -> None:
    """Keeps when and how the notice was given and age 14+ stated; the first time counts."""
    session.execute(
        sa.update(Resident)
        .where(Resident.id == resident_id, Resident.terms_agreed_at.is_(None))
        .values(terms_agreed_at=now, terms_agreed_how=how)
        .execution_options(synchronize_session=False)
    )


def change_language(session: Session, *, resident_id: uuid.UUID, language: str) -> None:
    """The language of pages and messages; INVALID for one we do not speak."""
    if language not in LANGUAGES:
        raise LendingError(Code.INVALID, field="language", detail=Problem.UNKNOWN_LANGUAGE)
    session.execute(
        sa.update(Resident)
        .where(Resident.id == resident_id)
        .values(language=language)
        .execution_options(synchronize_session=False)
    )


def renew_member_code(session: Session, *, keys: Keys, resident_id: uuid.UUID) -> None:
    """Another member number and secret: codes of a lost phone no longer count."""
    session.execute(
        sa.update(Resident)
        .where(Resident.id == resident_id)
        .values(
            member_number=make_member_number(),
            member_secret=seal_secret(keys, resident_id, make_member_secret()),
            session_epoch=Resident.session_epoch + 1,
        )
        .execution_options(synchronize_session=False)
    )
