"""Founds the demo district: its row, sites, kinds of cups, accounts and residents."""

from dataclasses import dataclass
from datetime import datetime, time
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.demo.plan import (
    BY_CODE,
    CENTRE,
    DISTRICT,
    DISTRICT_EN,
    EVERY_DAY,
    HALL,
    HELPDESK,
    KINDS,
    LENDING_PLACES,
    OFFICE,
    PLACES,
)
from lending.loop.pieces.kinds import add_kind
from lending.loop.policy.defaults import write_default_terms
from lending.loop.system import system_actor
from lending.people.actors import Actor, ActorKind
from lending.people.cards import print_cards
from lending.people.contacts import read_contact
from lending.people.devices import make_pairing, pair_device
from lending.people.keys import Keys
from lending.people.passwords import make_password
from lending.people.residents import new_resident
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Resident, Role
from lending.places.districts import change_district, create_district, rename_district
from lending.places.opening import Hours, set_opening
from lending.places.sites import add_site
from lending.places.spots import place_site

LOGINS = {  # login → (role, site)
    "mina": (Role.CAFE, "CAFE-01"),
    "jun": (Role.WASH, CENTRE),
    "officer": (Role.OFFICER, None),
    "courier": (Role.COURIER, None),
    "bora": (Role.CAFE, "SHOP-01"),
    "haein": (Role.CAFE, HALL),
    "suji": (Role.CAFE, OFFICE),
}
RESIDENT = "010-0000-1001"  # the one who signs in in the demo
CARDS = 12
CARDS_IN_USE = 6


@dataclass(frozen=True, slots=True)
class Founded:
    """The district, who acts in it (by site code or role) and the passwords of its accounts."""

    district_id: int
    actors: dict[str, Actor]
    passwords: dict[str, str]


@dataclass(frozen=True, slots=True)
class Borrower:
    """What a till types or reads for a resident, and how many cups they may have out."""

    raw: str
    most_open: int


def found_district(session: Session, *, now: datetime) -> Founded:
    """The district with its sites, kinds and accounts, as of `now` (the first day)."""
    district = create_district(session, name=DISTRICT, now=now, is_demo=True)
    rename_district(session, district_id=district.id, name=DISTRICT, name_en=DISTRICT_EN)
    change_district(session, district_id=district.id, helpdesk=HELPDESK, timezone="Asia/Seoul")
    write_default_terms(session, district_id=district.id, now=now)
    sites = _add_sites(session, district.id, now)
    for kind in KINDS:
        add_kind(session, district_id=district.id, new=kind, now=now)
    passwords = {login: make_password() for login in LOGINS}
    staff = {}
    for login, (role, site) in LOGINS.items():
        new = NewStaff(login, passwords[login], role, sites[site] if site else None)
        staff[login] = add_staff(session, district_id=district.id, new=new, now=now)
    actors = _make_actors(session, district.id, sites, staff, now)
    return Founded(district.id, actors, passwords)


def add_residents(
    session: Session, *, keys: Keys, district_id: int, count: int, rng: Random, now: datetime
) -> list[Borrower]:
    """`count` residents, the first the one who signs in; a tenth of them is not yet confirmed, and
    some have no telephone but a card."""
    rows, borrowers = [], []
    for number in range(count - CARDS_IN_USE):
        raw = f"010-0000-{1001 + number}"
        confirmed = number == 0 or rng.random() < 0.9
        borrowers.append(Borrower(raw, 4 if confirmed else 1))
        # Unconfirmed ones come to be at the till, by their first scan.
        if confirmed:
            contact = read_contact(raw)
            row = new_resident(keys, district_id=district_id, contact=contact, now=now)
            agreed = {"confirmed_at": now, "terms_agreed_at": now, "terms_agreed_how": "web"}
            language = {"language": "en" if rng.random() < 0.08 else "ko"}
            rows.append(row | agreed | language)
    if rows:
        session.execute(sa.insert(Resident), rows)
    cards = print_cards(session, district_id=district_id, count=CARDS, now=now)
    return borrowers + [Borrower(card, 1) for card in cards[:CARDS_IN_USE]]


def _add_sites(session: Session, district_id: int, now: datetime) -> dict[str, int]:
    ids = {}
    for place in PLACES:
        site = add_site(
            session,
            district_id=district_id,
            code=place.code,
            kind=place.kind.value,
            name=place.name,
            name_en=place.name_en,
            now=now,
        )
        place_site(session, district_id=district_id, site_id=site.id, spot=place.spot)
        ids[place.code] = site.id
        if place.weekdays != EVERY_DAY:
            hours = Hours(now, place.weekdays, time(8), time(20))
            set_opening(session, site_id=site.id, hours=hours, now=now)
    return ids


def _make_actors(
    session: Session, district_id: int, sites: dict[str, int], staff: dict[str, int], now: datetime
) -> dict[str, Actor]:
    """Who scans where: Mina, Jun and the officer themselves, elsewhere the place's tablet."""
    actors = {}
    for place in (*LENDING_PLACES, BY_CODE[HALL]):
        pairing = make_pairing(
            session,
            district_id=district_id,
            site_id=sites[place.code],
            name=f"{place.name} 태블릿",
            by=staff["officer"],
            now=now,
        )
        actors[place.code] = pair_device(session, secret=pairing.secret, now=now).actor
    person = ActorKind.STAFF
    actors["CAFE-01"] = Actor(person, Role.CAFE, district_id, sites["CAFE-01"], staff["mina"])
    actors[CENTRE] = Actor(person, Role.WASH, district_id, sites[CENTRE], staff["jun"])
    actors["courier"] = Actor(person, Role.COURIER, district_id, None, staff["courier"])
    actors[OFFICE] = Actor(person, Role.OFFICER, district_id, None, staff["officer"])
    machine = ActorKind.DEVICE
    actors["MACHINE-01"] = Actor(machine, Role.MACHINE, district_id, sites["MACHINE-01"])
    actors["system"] = system_actor(district_id)
    return actors
