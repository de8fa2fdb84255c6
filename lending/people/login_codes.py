"""One-time codes by which residents sign in: made, and confirmed in the browser that asked."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import UtcDateTime
from lending.errors import ChangedMeanwhile
from lending.people.budgets import Allowance, spend_all
from lending.people.contacts import Contact, ContactKind
from lending.people.credentials import hash_credential
from lending.people.keys import Keys
from lending.people.residents import contact_digest, lock_residents, new_resident
from lending.people.sealing import digest, seal, unseal
from lending.people.tables import LoginCode, Resident
from lending.people.upserts import insert_or

VALID = timedelta(minutes=5)
TRIES = 5
KEPT = timedelta(days=1)

# A code costs the district a message, and its receiver a moment: few per number and address, and a
# ceiling for the district, so that nobody can run up its bill from many addresses.
PER_CONTACT = Allowance(limit=5, seconds=3600)
PER_CONTACT_DAY = Allowance(limit=15, seconds=86400)
PER_ADDRESS = Allowance(limit=30, seconds=3600)
PER_DISTRICT = Allowance(limit=1000, seconds=3600)


@dataclass(frozen=True, slots=True)
class CodeToSend:
    """A code to be sent to its contact; only `id` may be told to the browser that asked."""

    id: uuid.UUID
    district_id: int
    contact: Contact
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who signed in; `needs_terms`: the notice is still to be given and age 14+ to be stated."""

    resident_id: uuid.UUID
    epoch: int
    needs_terms: bool
    language: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a code: the browser's own secret, its address and the district."""

    district_id: int
    browser: str
    address: str


def make_login_code(
    session: Session, *, keys: Keys, contact: Contact, asking: Asking, now: datetime
) -> CodeToSend:
    """A new code for any contact, known or not; the caller hands it to the outbox.

    TOO_MANY_TRIES when the contact, the address or the district asked too often.
    """
    key = contact_digest(keys, contact)
    uses = [
        ("code-contact", key.hex(), PER_CONTACT),
        ("code-contact-day", key.hex(), PER_CONTACT_DAY),
        ("code-address", asking.address, PER_ADDRESS),
        ("code-district", str(asking.district_id), PER_DISTRICT),
    ]
    spend_all(session, keys=keys, uses=uses, now=now)
    code_id = uuid.uuid4()
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        LoginCode(
            id=code_id,
            district_id=asking.district_id,
            contact_digest=key,
            contact_sealed=seal(keys, f"{contact.kind} {contact.normal}", about=_about(code_id)),
            browser_digest=hash_credential(asking.browser),
            code_hash=_hash(keys, code_id, code),
            made_at=now,
            expires_at=now + VALID,
        )
    )
    session.flush()
    return CodeToSend(code_id, asking.district_id, contact, code, now + VALID)


def confirm_login_code(
    session: Session, *, keys: Keys, code_id: uuid.UUID, browser: str, code: str, now: datetime
) -> Confirmed | None:
    """Signs in with a code, in the browser that asked for it, within five minutes and five tries.

    None for everything else, without saying which; the try counts, so the caller commits also
    then. The resident is made or confirmed: the contact is proven.
    """
    tried = session.execute(
        sa.update(LoginCode)
        .where(
            LoginCode.id == code_id,
            LoginCode.browser_digest == hash_credential(browser),
            LoginCode.used_at.is_(None),
            LoginCode.expires_at > now,
            LoginCode.tries < TRIES,
        )
        .values(tries=LoginCode.tries + 1)
        .returning(LoginCode.code_hash, LoginCode.contact_sealed, LoginCode.district_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    digits = "".join(code.split())
    if tried is None or not secrets.compare_digest(tried.code_hash, _hash(keys, code_id, digits)):
        return None
    session.execute(
        sa.update(LoginCode)
        .where(LoginCode.id == code_id)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    kind, normal = unseal(keys, tried.contact_sealed, about=_about(code_id)).split(" ", 1)
    return _confirm_resident(
        session, keys, tried.district_id, Contact(ContactKind(kind), normal), now
    )


def drop_old_login_codes(session: Session, *, now: datetime) -> int:
    """Deletes codes made more than a day ago; how many."""
    old = sa.delete(LoginCode).where(LoginCode.made_at < now - KEPT)
    return len(session.execute(old.returning(LoginCode.id)).all())


def _confirm_resident(
    session: Session, keys: Keys, district_id: int, contact: Contact, now: datetime
) -> Confirmed:
    row = new_resident(keys, district_id=district_id, contact=contact, now=now)
    session.execute(insert_or(session, Resident).on_conflict_do_nothing(), [row])
    digests = [row["contact_digest"]]
    found = lock_residents(session, district_id=district_id, digests=digests)
    if not found:
        raise ChangedMeanwhile  # the random member number was taken
    resident = session.execute(
        sa.update(Resident)
        .where(Resident.id == found[0].id)
        .values(
            confirmed_at=sa.func.coalesce(Resident.confirmed_at, sa.literal(now, UtcDateTime()))
        )
        .returning(Resident.session_epoch, Resident.terms_agreed_at, Resident.language)
        .execution_options(synchronize_session=False)
    ).one()
    return Confirmed(
        resident_id=found[0].id,
        epoch=resident.session_epoch,
        needs_terms=resident.terms_agreed_at is None,
        language=resident.language,
    )


def _hash(keys: Keys, code_id: uuid.UUID, code: str) -> bytes:
    # Keyed: six digits alone would be found from any plain hash by trying them all.
    return digest(keys, "login-code", f"{code_id.hex}:{code}")


def _about(code_id: uuid.UUID) -> bytes:
    return b"login_code.contact:" + code_id.bytes
