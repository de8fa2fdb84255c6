"""A district with something in every list, for tests that look at every page."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time

from lending.db import transaction
from lending.labels.jobs import LabelOrder, request_label_job
from lending.people.first_officer import make_first_officer_link
from lending.people.profile import agree_terms
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from lending.places.spots import Spot, place_site
from lending.requests.collections import CollectWhy, NewCollect, ask_collection
from tests.callers import PASSWORD
from tests.delivery.filled import fill_delivery
from tests.delivery.platforms.filled import fill_platforms
from tests.drops import ask_desk, drop_loan
from tests.events.filled import EventsMade, fill_events
from tests.machines.filled import MachinesMade, fill_machines
from tests.mail import URL, Mail, make_demo
from tests.moving.conftest import Moving
from tests.moving.drivers_day import SEOUL, midnight
from tests.offices.filled import OfficesMade, fill_offices
from tests.personas import BOX, DAY, HARU, MINJI, NABI, Loop
from tests.pickups.filled import PickupsMade, fill_pickups
from tests.wares.filled import WaresMade, fill_wares
from tests.washing.filled import WashingMade, fill_washing
from tests.washing.filled_hygiene import HygieneMade, fill_hygiene


@dataclass(frozen=True)
class Made:
    """What stands in the district and has an address of its own."""

    loan: str  # of `cup`, late
    borrowed: str  # the loan of a minute ago
    cup: str  # lent to Minji
    ready: str
    job: int
    notice: str
    first: str
    round: str
    wares: WaresMade
    packing: str
    hygiene: HygieneMade
    washing: WashingMade
    order: str  # of a delivery shop
    platform: int
    pickups: PickupsMade
    offices: OfficesMade
    events: EventsMade
    machines: MachinesMade


def fill_district(loop: Loop) -> Made:
    """A demo district with something in every list, twelve days after its first lends."""
    loop.now = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) - 12 * DAY
    make_demo(loop)
    mail = Mail(loop)
    mail.monday = loop.now.astimezone(mail.monday.tzinfo)
    cup, second, back, ready, fresh = loop.clean_cups(5)
    loan, said = loop.lend(cup).id, loop.lend(second).id
    loop.lend(back)
    loop.give_back(back)
    loop.lend(loop.clean_cup(), None)
    loop.hold(loop.new_cups()[0])
    (text,) = mail.go(10)
    drop_loan(loop, said)
    ask_desk(loop)
    notice = re.findall(rf"{URL}/n/(\S+)", text)[0]
    where = {"district_id": loop.town.id, "site_id": loop.town.sites[BOX]}
    loop.write(lambda s: place_site(s, **where, spot=Spot(1, 37.5, 126.6)))
    loop.give_back(loop.clean_cup(), by=loop.town.machine)
    loop.now = datetime.now(UTC)
    borrowed = loop.lend(fresh).id
    first = add_people(loop)
    return Made(
        str(loan), str(borrowed), cup, ready, order_labels(loop), notice, first, plan_round(loop),
        fill_wares(loop), pack_crate(loop), fill_hygiene(loop), fill_washing(loop),
        fill_delivery(loop), fill_platforms(loop), fill_pickups(loop), fill_offices(loop),
        fill_events(loop), fill_machines(loop),
    )  # fmt: skip


def plan_round(loop: Loop) -> str:
    """A round of today for what Haru asked for; Nabi still waits for one."""
    moving, day = Moving(loop), datetime.now(UTC).astimezone(SEOUL).date()
    moving.van(10, "1호차", leaves=time(0), back=time(23, 59))
    for site in (HARU, NABI):
        new = NewCollect(uuid.uuid4(), CollectWhy.SURPLUS, loop.site(site), 2, "뒷문")
        moving.write(ask_collection, new=new, actor=loop.town.officer)
        if site == HARU:
            [opened] = moving.drive(moving.plan(day, now=midnight(day)))
    return str(opened.id)


def pack_crate(loop: Loop) -> str:
    """What the officer gives Nabi today, with the first crate begun."""
    moving, day = Moving(loop), datetime.now(UTC).astimezone(SEOUL).date()
    moving.decide(NABI, 5, day=day)
    packing = moving.list_for(NABI, day=day)
    moving.pack(packing, loop.new_crate(), *loop.passed_cups(2))
    return str(packing.id)


def add_people(loop: Loop) -> str:
    """An officer with a password; Minji has read the notice. The secret of the first officer's link."""
    now = datetime.now(UTC)
    with transaction(loop.engine) as session:
        first = make_first_officer_link(session, now=now)
        new = NewStaff("olga", PASSWORD, Role.OFFICER)
        add_staff(session, district_id=loop.town.id, new=new, now=now)
        agree_terms(session, resident_id=loop.town.residents[MINJI], how="test", now=now)
    assert first
    return first


def order_labels(loop: Loop) -> int:
    now = datetime.now(UTC)
    order = LabelOrder(kind="cup-355", count=3)
    with transaction(loop.engine) as session:
        return request_label_job(
            session, order, district_id=loop.town.id, staff_id=None, now=now
        ).id
