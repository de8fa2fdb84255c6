"""What time and care bring to mixed ware: write-offs, erasure, and whose it is."""

import uuid
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import Base
from lending.delivery.tables import OrderStatus
from lending.loop.erase import erase_person
from lending.loop.loans.occasions import loans_of
from lending.loop.steps import State
from lending.loop.tables import ScanBorrower
from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.residents.attach import attach_cup
from tests.personas import MINJI
from tests.whole.mixed import World

# -- nobody brings it --------------------------------------------------------------------------------


def test_an_orders_containers_are_written_off_after_thirty_days(world: World) -> None:
    """A known orderer only after they were told; nobody's by the date alone; both come back to life."""
    (known, lost), (nobodys,) = world.shop.containers(2), world.shop.containers(1)
    attached, alone = world.shop.packed(known, lost), world.shop.packed(nobodys)
    world.shop.contact(attached, MINJI)
    world.shop.later(days=60)
    world.work()
    assert (world.loop.item(known).state, world.loop.item(nobodys).state) == (
        State.LENT, State.LOST,
    )  # fmt: skip
    for _ in range(8):
        world.shop.later(days=1)
        world.work()
    assert world.loop.item(known).state is State.LOST
    assert (world.status(attached), world.status(alone)) == (OrderStatus.LOST,) * 2
    assert world.shop.row(attached).closed_at is not None
    world.is_true()
    world.machine(lost)
    world.hall(nobodys)
    world.work()
    assert world.status(alone) is OrderStatus.RETURNED
    assert world.status(attached) in (OrderStatus.PART_RETURNED, OrderStatus.LOST)
    world.next_cafe(known)
    world.work()
    assert world.status(attached) is OrderStatus.RETURNED
    world.is_true()


def test_a_written_off_container_can_be_picked_up(world: World) -> None:
    """Found behind the door after two months: asked for, fetched, closed, and no reproach."""
    [lid] = world.shop.containers()
    order = world.shop.packed(lid)
    world.shop.later(days=60)
    world.work()
    assert world.loop.item(lid).state is State.LOST
    asked = world.ask(lid)
    world.work()
    world.couriers.take(asked, lid)
    world.loop.receive(lid, ask=False)
    world.work()
    assert world.couriers.view(asked).closed_at is not None
    assert world.status(order) is OrderStatus.RETURNED
    assert world.texts() == []
    world.is_true()


# -- whose it is ------------------------------------------------------------------------------------


def test_a_guest_does_not_become_the_borrower_of_an_events_cup(world: World) -> None:
    """Who scans a cup at a funeral owes nothing: the hall stands for it. An order's lid is the
    orderer's to take on."""
    loop = world.loop
    packed = world.halls.out(world.halls.plan(), cups=1)
    [lid] = world.shop.containers()
    world.shop.packed(lid)
    minji = Actor(
        ActorKind.RESIDENT, Role.RESIDENT, loop.town.id, resident_id=loop.town.residents[MINJI]
    )

    def attach(code: str) -> bool:
        do = partial(attach_cup, resident=minji, code=code, keys=loop.keys, now=loop.now)
        done: bool = loop.write(do)
        return done

    assert [attach(code) for code in (packed.codes[0], lid)] == [False, True]
    world.shop.later(days=20)
    world.work()
    assert len(world.texts()) == 1  # of the lid
    world.is_true()


# -- erasure -----------------------------------------------------------------------------------------


def erase(world: World, contact: str) -> uuid.UUID:
    resident = world.loop.town.residents[contact]
    world.loop.write(partial(erase_person, resident_id=resident, now=world.loop.now))
    world.loop.now += timedelta(minutes=1)
    return resident


def traces(world: World, resident: uuid.UUID) -> list[str]:
    """The tables that still name somebody."""
    found = []
    with Session(world.loop.engine) as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, sa.Uuid) or "uuid" in str(column.type).lower():
                    query = sa.select(sa.func.count()).where(column == resident)
                    if session.scalar(query):
                        found.append(f"{table.name}.{column.name}")
    return found


def test_an_erased_orderers_open_order_goes_on_as_nobodys(world: World) -> None:
    lids = world.shop.containers(2)
    order = world.shop.packed(*lids)
    world.shop.contact(order, MINJI)
    asked = world.ask(lids[0])
    assert traces(world, world.loop.town.residents[MINJI])
    gone = erase(world, MINJI)
    assert not _borrowed(world, order)
    assert traces(world, gone) == []
    [more] = world.shop.containers()
    world.shop.beep(more, order)  # packed later: it does not bring the person back
    assert not _borrowed(world, order)
    world.couriers.take(asked)
    world.loop.receive(lids[0], ask=False)
    world.work()
    world.shop.later(days=3)
    world.work()
    assert world.couriers.view(asked).missing == 2
    assert world.texts() == []
    world.shop.later(days=60)
    world.work()
    world.work()
    assert world.status(order) is OrderStatus.LOST
    assert traces(world, gone) == []
    world.is_true()


def test_an_erased_orderers_closed_order_stays_as_it_was(world: World) -> None:
    [lid] = world.shop.containers()
    order = world.shop.packed(lid)
    world.shop.contact(order, MINJI)
    world.box(lid)
    world.work()
    gone = erase(world, MINJI)
    world.work()
    row = world.shop.row(order)
    assert (row.status, row.contact_sealed) == (OrderStatus.RETURNED, None)
    assert traces(world, gone) == []
    with Session(world.loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ScanBorrower)) == 0
    world.is_true()


def test_erased_after_the_message_about_the_bag(world: World) -> None:
    """What was queued is not sent to whoever asked to be forgotten."""
    lid, lost = world.shop.containers(2)
    world.shop.contact(world.shop.packed(lid, lost), MINJI)
    asked = world.ask(lid)
    world.couriers.take(asked)
    world.loop.receive(lid, ask=False)
    world.couriers.settle()
    world.shop.later(days=2)
    world.couriers.settle()
    assert world.couriers.view(asked).missing == 1
    gone = erase(world, MINJI)
    world.work()
    assert (world.texts(), traces(world, gone)) == ([], [])
    world.is_true()


def _borrowed(world: World, order: uuid.UUID) -> bool:
    with Session(world.loop.engine) as session:
        return any(loan.borrower for loan in loans_of(session, [order])[order])
