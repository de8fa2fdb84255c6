"""Tickets: a resident once shown at a till, kept there in sealed form for an hour.

A member code is good for two minutes, but a cup is often taken many minutes after the order. So
the till gets a ticket for the person it showed: it opens only here, names nobody to who reads it,
and keeps the telephone number that was typed out of the browser's storage.
"""

import base64
import binascii
import json
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.people.actors import Actor
from lending.people.claims import read_borrower
from lending.people.members import MemberClaim, member_code
from lending.people.residents import unseal_secret
from lending.people.sealing import Keys, Unreadable, seal, unseal
from lending.people.tables import Resident

PREFIX = "T1."
GOOD_FOR = timedelta(hours=1)
_ABOUT = "station.ticket"


def make_ticket(keys: Keys, raw: str, *, actor: Actor, now: datetime) -> str:
    """A ticket for the person whose code or contact `raw` is, good in this district for an hour."""
    told = {"raw": raw, "district": actor.district_id, "until": (now + GOOD_FOR).timestamp()}
    sealed = seal(keys, json.dumps(told), about=_ABOUT)
    return PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def open_ticket(
    session: Session, text: str, *, actor: Actor, keys: Keys, happened_at: datetime
) -> str:
    """What the writer can read as a borrower, for a ticket used at that moment.

    Anything but a ticket is handed back as it is; a ticket that is too old or foreign becomes the
    empty text, which names nobody. A member's ticket becomes the member code of that moment.
    """
    if not text.startswith(PREFIX):
        return text
    try:
        packed = text[len(PREFIX) :]
        sealed = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        told = json.loads(unseal(keys, sealed, about=_ABOUT))
    except (Unreadable, binascii.Error, ValueError):
        return ""
    if told["district"] != actor.district_id or happened_at.timestamp() > told["until"]:
        return ""
    raw = str(told["raw"])
    claim = read_borrower(raw)
    return _renewed(session, claim, actor, keys, happened_at) if _is_member(claim) else raw


def _is_member(claim: object) -> bool:
    return isinstance(claim, MemberClaim)


def _renewed(
    session: Session, claim: object, actor: Actor, keys: Keys, happened_at: datetime
) -> str:
    assert isinstance(claim, MemberClaim)
    row = session.execute(
        sa.select(Resident.id, Resident.member_secret).where(
            Resident.district_id == actor.district_id, Resident.member_number == claim.number
        )
    ).one_or_none()
    if row is None or row.member_secret is None:
        return ""  # erased meanwhile
    return member_code(unseal_secret(keys, row.id, row.member_secret), claim.number, happened_at)
