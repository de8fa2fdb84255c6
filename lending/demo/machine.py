"""The demo's return machine: set up, just heard of, with some bottles and a cup it did not take."""

from datetime import timedelta

import sqlalchemy as sa

from lending.demo.desk import Desk
from lending.demo.plan import CUPS, OFFICE
from lending.demo.town import Town
from lending.loop.steps import State
from lending.loop.tables import Item
from lending.machines.beats import Beat
from lending.machines.bottles import Deposit, take_deposits
from lending.machines.heartbeat import take_heartbeat
from lending.machines.refusals import Refused, tell_refusal
from lending.machines.setting import SetUp, set_machine
from lending.machines.tables import Why

MACHINE = "MACHINE-01"
BOTTLES = ((12, "010-0000-1001"), (30, "010-0000-1003"), (7, None))  # put in, by whom
REFUSED_AGO = timedelta(hours=2)


def run_machine(desk: Desk, town: Town) -> None:
    """The machine in the lobby, two thirds full."""
    site, now = desk.site(MACHINE), desk.now
    set_up = SetUp(model="RB-200", keeper=OFFICE, accepts=tuple(CUPS), takes_bottles=True)
    began = now - timedelta(days=town.scale.days)
    set_machine(desk.session, set_up, site_id=site.id, actor=desk.actor(OFFICE), now=began)
    beat = Beat(fullness=66, temperature=24.5, software="2.4.1")
    take_heartbeat(desk.session, beat, actor=desk.actor(MACHINE), now=now)
    at = now - timedelta(hours=3)
    deposits = [Deposit(town.make_id(at), put_in, at, at, who) for put_in, who in BOTTLES]
    take_deposits(desk.session, deposits, site=site, keys=desk.keys, now=at)
    out = sa.select(Item.code).where(
        Item.district_id == desk.district_id, Item.state == State.LENT, ~Item.carrier,
        Item.loan_opened_at < now - REFUSED_AGO,
    )  # fmt: skip
    code = desk.session.scalar(out.order_by(Item.due_at.desc(), Item.id).limit(1))
    if code is not None:
        at = now - REFUSED_AGO
        refused = Refused(town.make_id(at), Why.DAMAGED, at, at, code)
        tell_refusal(desk.session, refused, jpeg=None, site=site, now=at)
