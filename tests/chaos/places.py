"""A second district for errands: a delivery shop with bags, a hall with crates, two machines."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import Engine

from lending.db import transaction
from lending.delivery.platforms.register import KeysMade, add_platform
from lending.delivery.platforms.shops import name_shop
from lending.machines.setting import SetUp, set_machine
from lending.people.devices import make_pairing, pair_device
from lending.people.keys import Keys
from lending.people.tables import Role
from lending.people.tokens import create_token
from lending.places.tables import Site, SiteKind
from tests.delivery.platforms.receiver import Receiver
from tests.delivery.shop import SHOP, Shop
from tests.events.halls import HALL, Halls, open_hall
from tests.personas import BOX, WASH, Loop, found_town
from tests.wares.conftest import Wares, add_counted

PREFIX, CORNER, OWN = "E-", "CORNER", "shop-17"


@dataclass
class Errands:
    """What the errands begin with: keys by who uses them, and the ware of each."""

    loop: Loop
    made: KeysMade
    tokens: dict[str, str]
    tablet: str  # the shop's device cookie
    bags: list[tuple[str, list[str]]]
    crates: list[tuple[str, str]]  # (code, seal), in the hall's store
    event: uuid.UUID
    dropped: list[str]  # what guests put into machines
    moment: datetime  # of all bottles: on one day, whatever midnight does
    receiver: Receiver = field(default_factory=Receiver)

    def site(self, code: str) -> str:
        return self.loop.site(code)


def found_errands(
    engine: Engine, keys: Keys, receiver: Receiver, *, bags: int, crates: int, dropped: int
) -> Errands:
    """The district, half a day before the run begins."""
    now = datetime.now(UTC)
    with transaction(engine) as session:
        town = found_town(session, keys, prefix=PREFIX, now=now - timedelta(hours=12))
    loop = Loop(engine, keys, town, now=now - timedelta(hours=12))
    shop = Shop(loop)
    packed = [shop.bag(2) for _ in range(bags)]
    with transaction(engine) as session:
        bowl, plate = add_counted(session, loop, ["bowl", "plate"])
    halls = open_hall(Wares(loop, bowl, plate))
    event = halls.plan()
    ready = [halls.crate(None, 2) for _ in range(crates)]
    cups = loop.clean_cups(dropped)
    assert loop.now < now, "the past has run into the present"
    loop.now = now
    made, tokens, tablet = _hand_out_keys(loop, halls, receiver, now)
    return Errands(
        loop, made, tokens, tablet, packed, [(one.crate, one.seal) for one in ready], event.id,
        cups, now, receiver,
    )  # fmt: skip


def _hand_out_keys(
    loop: Loop, halls: Halls, receiver: Receiver, now: datetime
) -> tuple[KeysMade, dict[str, str], str]:
    town = loop.town
    with transaction(loop.engine) as session:
        corner = Site(
            district_id=town.id, code=PREFIX + CORNER, kind=SiteKind.MACHINE, name="모퉁이 기계",
            created_at=now,
        )  # fmt: skip
        session.add(corner)
        session.flush()
        for machine in (town.sites[BOX], corner.id):
            set_machine(
                session, SetUp(takes_bottles=True), site_id=machine, actor=town.officer, now=now
            )
        tokens = {
            name: create_token(session, site=PREFIX + site, role=role, now=now).token
            for name, site, role in (
                ("courier", WASH, Role.COURIER), ("centre", WASH, Role.WASH),
                ("hall", HALL, Role.CAFE), ("box", BOX, Role.MACHINE),
                ("corner", CORNER, Role.MACHINE),
            )
        }  # fmt: skip
        pairing = make_pairing(
            session, district_id=town.id, site_id=town.sites[SHOP], name="pass", by=None, now=now
        )
        tablet = pair_device(session, secret=pairing.secret, now=now).credential
        made = add_platform(
            session, name="배달하루", callback_url=receiver.url, actor=town.officer,
            keys=loop.keys, now=now, anywhere=True,
        )  # fmt: skip
        name_shop(
            session, platform_id=made.platform_id, shop=OWN, site=PREFIX + SHOP,
            actor=town.officer, now=now,
        )  # fmt: skip
    return made, tokens, tablet
