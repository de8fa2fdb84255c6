"""A small district: two cafés, a washing centre, an office, a box, and the people in it."""

import uuid
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.policy.tables import TermVersion
from lending.loop.tables import ItemKind
from lending.loop.terms import Terms
from lending.people.actors import Actor, ActorKind
from lending.people.contacts import read_contact
from lending.people.keys import Keys
from lending.people.residents import new_resident
from lending.people.tables import Resident, Role
from lending.places.tables import District, Site, SiteKind

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 10:00 in Seoul
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

HARU, NABI, WASH, OFFICE, BOX = "HARU", "NABI", "WASH", "OFFICE", "BOX"
SITES = {
    HARU: (SiteKind.CAFE, "카페 하루", "Café Haru"),
    NABI: (SiteKind.CAFE, "카페 나비", "Café Nabi"),
    WASH: (SiteKind.WASH_CENTRE, "세척장", "Washing centre"),
    OFFICE: (SiteKind.OFFICE, "구청", "District office"),
    BOX: (SiteKind.BOX, "반납함", "Return box"),
}
KINDS = {"cup-355": "컵 355 mL", "cup-414": "컵 414 mL", "cup-473": "컵 473 mL"}
CRATE = "crate"

# Residents: Minji, Dana and Tomas have proven their contacts; nobody knows Sora yet.
MINJI, DANA, TOMAS = "010-2345-6789", "dana@example.org", "+49 151 23456789"
SORA = "010-8765-4321"
RESIDENTS = (MINJI, DANA, TOMAS)


@dataclass(frozen=True)
class Town:
    """A district of two cafés, a washing centre, an office and a box, with who works there."""

    id: int
    sites: dict[str, int]
    kinds: dict[str, int]
    residents: dict[str, uuid.UUID]  # by contact as typed
    prefix: str  # of its sites' codes
    mina: Actor  # works at café Haru
    yuna: Actor  # works at café Nabi
    jun: Actor  # works at the washing centre
    courier: Actor
    officer: Actor
    machine: Actor  # the return box


def found_town(session: Session, keys: Keys, *, now: datetime = MONDAY, prefix: str = "") -> Town:
    """Inserts the town; `prefix` sets its site codes apart from those of a second one."""
    long_ago = now - 500 * DAY
    district = District(name="서해구", name_en="Seohae", timezone="Asia/Seoul", created_at=long_ago)
    session.add(district)
    session.flush()
    sites = {
        code: Site(
            district_id=district.id, code=prefix + code, kind=kind, name=name, name_en=name_en,
            created_at=long_ago,
        )
        for code, (kind, name, name_en) in SITES.items()
    }  # fmt: skip
    kinds = {
        code: ItemKind(district_id=district.id, code=code, name=name, created_at=long_ago)
        for code, name in KINDS.items()
    }
    kinds[CRATE] = ItemKind(
        district_id=district.id, code=CRATE, name="상자", carrier=True, created_at=long_ago
    )
    session.add_all([*sites.values(), *kinds.values()])
    session.flush()
    residents = {
        contact: add_resident(session, keys, district.id, contact, now=long_ago)
        for contact in RESIDENTS
    }

    def works(role: Role, at: str | None, kind: ActorKind = ActorKind.TOKEN) -> Actor:
        return Actor(kind, role, district.id, sites[at].id if at else None)

    return Town(
        id=district.id,
        sites={code: site.id for code, site in sites.items()},
        kinds={code: kind.id for code, kind in kinds.items()},
        residents=residents,
        prefix=prefix,
        mina=works(Role.CAFE, HARU, ActorKind.DEVICE),
        yuna=works(Role.CAFE, NABI, ActorKind.DEVICE),
        jun=works(Role.WASH, WASH, ActorKind.DEVICE),
        courier=works(Role.COURIER, None),
        officer=works(Role.OFFICER, None, ActorKind.STAFF),
        machine=works(Role.MACHINE, BOX),
    )


def add_resident(
    session: Session,
    keys: Keys,
    district_id: int,
    contact: str | None,
    *,
    now: datetime,
    confirmed: bool = True,
) -> uuid.UUID:
    """A resident with this contact (or none), proven by default; the id."""
    row = new_resident(
        keys, district_id=district_id, contact=read_contact(contact) if contact else None, now=now
    )
    session.execute(sa.insert(Resident), [row | {"confirmed_at": now if confirmed else None}])
    resident_id: uuid.UUID = row["id"]
    return resident_id


def add_terms(
    session: Session, district_id: int, terms: Terms, *, since: datetime, kind: int | None = None
) -> None:
    """A version of the loan terms, in force from `since` on."""
    values = {field.name: getattr(terms, field.name) for field in fields(Terms)}
    session.add(TermVersion(district_id=district_id, kind_id=kind, valid_from=since, **values))
    session.flush()
