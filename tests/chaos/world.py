"""The district the chaos happens in: places, people, cups on their shelves, stations with keys."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import run_transaction, transaction
from lending.loop.pieces.claims import register_items
from lending.loop.policy.defaults import write_default_terms
from lending.loop.record import record_scans
from lending.loop.scans import ScanIn
from lending.loop.steps import Action
from lending.loop.tables import ItemKind
from lending.people.actors import Actor, ActorKind
from lending.people.cards import print_cards
from lending.people.contacts import read_contact
from lending.people.devices import make_pairing, pair_device
from lending.people.keys import Keys
from lending.people.members import member_code
from lending.people.residents import new_resident, unseal_secret
from lending.people.tables import Resident, Role
from lending.people.tokens import create_token
from lending.places.tables import District, Site, SiteKind
from tests.chaos.clocks import make_clock
from tests.chaos.truth import Act, Post, Stage

PAST = timedelta(days=4)  # so long ago the first cup set out
QUIET = timedelta(minutes=2)  # between the last scan of the past and the run
WASH = "WASH"
ROLES = {"machine": Role.MACHINE, "wash": Role.WASH, "courier": Role.COURIER}


@dataclass
class World:
    """All that is set up before the first station sends."""

    engine: Engine
    keys: Keys
    district: int
    stage: Stage
    people: dict[str, "Person"]
    sites: dict[str, int] = field(default_factory=dict)
    credentials: dict[int, str] = field(default_factory=dict)  # cookie or token, by station
    cups: dict[str, str] = field(default_factory=dict)  # the café where each begins
    live_cups: dict[int, list[str]] = field(default_factory=dict)  # by the tablet that lends them
    base: list[Act] = field(default_factory=list)  # what was done to all of them before

    def begun(self, cup: str) -> list[Act]:
        """The scans that brought a cup onto its first shelf."""
        shelf = self.cups.get(cup) or self._shelf_of(cup)
        return [
            replace(act, cup=cup, site=shelf if act.action == "stock" else act.site)
            for act in self.base
        ]

    def _shelf_of(self, cup: str) -> str:
        [number] = [number for number, own in self.live_cups.items() if cup in own]
        return self.stage.posts[number].site or ""


@dataclass(frozen=True)
class Person:
    """Somebody who borrows: `show(rng, at)` is what the till reads at that moment.

    `resident` None: a card nobody has used yet.
    """

    name: str
    show: Callable[[random.Random, datetime], str]
    resident: uuid.UUID | None


def found_world(
    engine: Engine, keys: Keys, rng: random.Random, *, stations: int, cups: int, live_each: int
) -> World:
    """A district with so many stations; `cups` go round in the past, `live_each` wait at each
    tablet for the run itself."""
    end = datetime.now(UTC) - QUIET
    start = end - PAST
    with transaction(engine) as session:
        district = District(name="소란구", timezone="Asia/Seoul", created_at=start - PAST)
        session.add(district)
        session.flush()
        write_default_terms(session, district_id=district.id, now=start - PAST)
        session.add(
            ItemKind(district_id=district.id, code="cup-355", name="컵", created_at=start - PAST)
        )
        people = _people(session, keys, district.id, max(12, cups // 3), start - PAST)
        stage = _stage(rng, stations, list(people), start, end)
        world = World(engine, keys, district.id, stage, people)
        world.sites = _sites(session, district.id, stage, start - PAST)
    _hand_out_keys(world)
    _fill_shelves(world, rng, cups, live_each)
    return world


def _stage(
    rng: random.Random, stations: int, people: list[str], start: datetime, end: datetime
) -> Stage:
    """About two tablets to a café, a fifth of the stations machines, two tables, some couriers."""
    couriers, tables = max(1, stations // 15), 2
    machines = max(1, stations // 5)
    tablets = max(2, stations - couriers - tables - machines)
    cafes = [f"CAFE{n:02d}" for n in range(max(2, tablets // 2))]
    boxes = [f"BOX{n:02d}" for n in range(machines)]
    places: list[tuple[str, str | None]] = [
        *(("tablet", cafes[n % len(cafes)]) for n in range(tablets)),
        *(("machine", box) for box in boxes),
        *(("wash", WASH) for _ in range(tables)),
        *(("courier", None) for _ in range(couriers)),
    ]
    posts = []
    for number, (kind, site) in enumerate(places):
        clock = make_clock(rng, start, end, kind=_clock_kind(kind, number))
        clock.grain = 10.0 if kind == "wash" else 0.0
        posts.append(Post(number, kind, site, clock))
    return Stage(posts, cafes, boxes, WASH, people, start, end)


def _clock_kind(kind: str, number: int) -> str:
    """The tables of the washing centre have clocks that are wrong but known; a few tablets one
    that was changed while nobody heard from them."""
    if kind == "wash":
        return "wrong"
    if kind == "tablet" and number % 4 == 1:
        return "lost"
    return ("right", "wrong", "silent", "changed", "wrong")[number % 5]


def _people(
    session: Session, keys: Keys, district: int, count: int, now: datetime
) -> dict[str, Person]:
    """In turn: by telephone number in three spellings, e-mail, the phone's member code, a card."""
    cards = print_cards(session, district_id=district, count=count // 6 + 1, now=now)
    people, rows = [], []
    for number in range(count):
        if number % 6 == 5:
            people.append(_with_card(cards[number // 6]))
            continue
        contact = f"who{number}@example.org" if number % 6 == 3 else f"0102{number:03d}{number:04d}"
        row = new_resident(keys, district_id=district, contact=read_contact(contact), now=now)
        rows.append(row | {"confirmed_at": now})
        if number % 6 == 4:
            secret = unseal_secret(keys, row["id"], row["member_secret"])
            people.append(_with_phone(secret, row["member_number"], row["id"]))
        else:
            people.append(_with_contact(contact, row["id"]))
    session.execute(sa.insert(Resident), rows)
    return {person.name: person for person in people}


def _with_contact(contact: str, resident: uuid.UUID) -> Person:
    ways = [contact, f" {contact.upper()} "]
    if "@" not in contact:
        ways = [contact, f"{contact[:3]}-{contact[3:7]}-{contact[7:]}", f"+82 {contact[1:]}"]
    return Person(contact, lambda rng, at: rng.choice(ways), resident)


def _with_phone(secret: bytes, number: str, resident: uuid.UUID) -> Person:
    return Person(number, lambda rng, at: member_code(secret, number, at), resident)


def _with_card(code: str) -> Person:
    return Person(code, lambda rng, at: rng.choice([code, f"https://cups.example/c/{code}"]), None)


def _sites(session: Session, district: int, stage: Stage, now: datetime) -> dict[str, int]:
    kinds = {stage.washing: SiteKind.WASH_CENTRE} | dict.fromkeys(stage.boxes, SiteKind.BOX)
    rows = [
        Site(
            district_id=district, code=code, kind=kinds.get(code, SiteKind.CAFE), name=code,
            created_at=now,
        )
        for code in (stage.washing, *stage.cafes, *stage.boxes)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return {row.code: row.id for row in rows}


def _hand_out_keys(world: World) -> None:
    """A device cookie for each tablet, a token for everybody else."""
    now = datetime.now(UTC)
    with transaction(world.engine) as session:
        for post in world.stage.posts:
            site = post.site or world.stage.washing
            if post.kind == "tablet":
                pairing = make_pairing(
                    session, district_id=world.district, site_id=world.sites[site],
                    name=post.name, by=None, now=now,
                )  # fmt: skip
                key = pair_device(session, secret=pairing.secret, now=now).credential
            else:
                key = create_token(session, site=site, role=ROLES[post.kind], now=now).token
            world.credentials[post.number] = key


def _fill_shelves(world: World, rng: random.Random, cups: int, live_each: int) -> None:
    """All cups registered, washed and put on the shelves, well before the first sets out."""
    stage, made = world.stage, world.stage.start - timedelta(hours=2)
    tablets = [post for post in stage.posts if post.kind == "tablet"]
    officer = Actor(ActorKind.SYSTEM, Role.OFFICER, world.district)
    total = cups + live_each * len(tablets)
    codes: list[str] = run_transaction(
        world.engine,
        lambda session: register_items(
            session, kind="cup-355", count=total, site=stage.washing, actor=officer, now=made
        ),
    )
    shelves = {code: rng.choice(stage.cafes) for code in codes[:cups]}
    for place, post in enumerate(tablets):
        own = codes[cups + place * live_each :][:live_each]
        world.live_cups[post.number] = own
        shelves |= dict.fromkeys(own, post.site or "")
    world.cups = {code: shelves[code] for code in codes[:cups]}
    for action in (Action.WASH, Action.PASS, Action.STOCK):
        made += timedelta(minutes=5)
        scans = [
            ScanIn(
                uuid.UUID(int=rng.getrandbits(128), version=4), action, code, made,
                site=shelf if action is Action.STOCK else stage.washing,
            )
            for code, shelf in shelves.items()
        ]  # fmt: skip
        world.base.append(Act(scans[0].id, action.value, "", -1, stage.washing, made))
        with transaction(world.engine) as session:
            record_scans(session, scans, actor=officer, keys=world.keys, now=made)
