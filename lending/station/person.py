"""Who is shown at a till: four digits, what is out, and whether lending is possible today."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.clock import moment_told
from lending.loop.judge import BorrowerFile
from lending.loop.loans.due import load_terms
from lending.loop.read.loans import loans_of_resident
from lending.loop.terms import max_open
from lending.loop.write.load import load_borrower_files
from lending.people.actors import Actor
from lending.people.borrowers import drop_unused, resolve_borrower
from lending.people.claims import read_borrower
from lending.people.contacts import Contact, grouped
from lending.people.envelopes import open_borrower
from lending.people.sealing import Keys


@dataclass(frozen=True, slots=True)
class CupOut:
    """A cup that the person shown has out; `name` and `name_en` of its kind."""

    code: str
    name: str
    name_en: str
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A resident at the till. `read_back` is a contact typed in the open, grouped; None for what
    came sealed (whoever sealed it has the number before their eyes), for codes and cards.

    `left`: how many more cups are possible now, `left_group` with a group's limit; `is_new`:
    nobody known yet, a first cup makes a resident of them.
    """

    label: str
    read_back: str | None
    is_new: bool
    confirmed: bool
    paused: bool
    open_cups: int
    left: int
    left_group: int
    cups: list[CupOut]


@dataclass(frozen=True, slots=True)
class PersonWanted:
    """A member code, card or contact, sealed or plain, as the till has it; the device's times."""

    borrower: str
    at: datetime
    sent_at: datetime
    clock_error: float | None = None
    clock_lost: bool = False


def look_up_person(
    session: Session, wanted: PersonWanted, *, actor: Actor, keys: Keys, now: datetime
) -> PersonShown:
    """The person shown; stores nothing. Raises BORROWER_UNKNOWN.

    Runs in a writing transaction, for it finds people as the writer does; residents and cards that
    are new are taken back before its end.
    """
    shown = open_borrower(keys, wanted.borrower, at=wanted.at, sent_at=wanted.sent_at)
    read_at = shown.read_at(wanted.at, moment_told(wanted, now=now))
    borrower = resolve_borrower(
        session, shown.raw, keys=keys, district_id=actor.district_id, read_at=read_at, now=now
    )
    if borrower is None:
        raise LendingError(Code.BORROWER_UNKNOWN, field="borrower")
    file = BorrowerFile(borrower.confirmed, borrower.has_contact)
    load_borrower_files(session, {borrower.resident_id: file}, ())
    loans = loans_of_resident(session, resident_id=borrower.resident_id, limit=1).open
    if borrower.created:
        drop_unused(session, [borrower.resident_id])
    terms = load_terms(session, actor.district_id).at(None, now)
    limits = [
        max_open(terms, confirmed=file.confirmed, has_contact=file.has_contact, group=group)
        for group in (False, True)
    ]
    claim = read_borrower(shown.raw)
    out = file.open_count()
    return PersonShown(
        label=borrower.label,
        read_back=grouped(claim) if isinstance(claim, Contact) and not shown.sealed else None,
        is_new=borrower.created,
        confirmed=borrower.confirmed,
        paused=file.is_paused(now, terms),
        open_cups=out,
        left=max(0, limits[0] - out),
        left_group=max(0, limits[1] - out),
        cups=[
            CupOut(loan.code, loan.kind_name, loan.kind_name_en, loan.opened_at, loan.due_at)
            for loan in loans
        ],
    )
