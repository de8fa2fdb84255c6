"""What time and care bring to mixed ware: recalls, write-offs, erasure."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import Base, reading
from lending.delivery.tables import OrderStatus
from lending.errors import Code, LendingError
from lending.loop.erase import erase_person
from lending.loop.occasions import loans_of
from lending.loop.steps import Action, State
from lending.loop.tables import ScanBorrower
from lending.washing.hygiene.aside import list_to_set_aside
from tests.delivery.shop import SHOP
from tests.personas import DANA, HARU, MINJI, OFFICE
from tests.washing.centre import told
from tests.whole.mixed import World

# -- recalls -----------------------------------------------------------------------------------------


def stocked(world: World, site: str, *cups: str) -> None:
    for cup in cups:
        world.loop.ship(cup, to=world.loop.site(site))
        world.loop.one(Action.STOCK, cup, by=world.loop.town.officer, site=world.loop.site(site))


def test_a_recall_reaches_ware_wherever_it_went(world: World) -> None:
    """An attached order's person is told, once it is confirmed; of ware that nobody stands for the
    place is shown where it went, and every piece is held when it comes back."""
    loop, centre = world.loop, world.centre
    mine, nobodys, desk, shelf, event_cup, cafe = cups = loop.new_cups(6)
    batch = centre.passed(*cups)
    stocked(world, SHOP, mine, nobodys, shelf)
    stocked(world, OFFICE, desk)
    stocked(world, HARU, cafe)
    attached, alone = world.shop.packed(mine), world.shop.packed(nobodys)
    world.shop.contact(attached, MINJI)
    world.shop.contact(alone, "050-1234-5678")
    loop.lend(cafe, DANA)
    world.office.hand(desk, world.office.book())
    event = world.halls.plan()
    packed = world.halls.pack_in(event)
    loop.pack(packed.crate, event_cup)
    world.pack(packed)
    world.halls.bring(packed.crate)
    world.halls.hand(event, packed)
    sample = centre.sample(batch)
    recall = centre.result(sample, 2000).recall_id
    assert recall is not None
    loop.now += timedelta(minutes=1)
    world.work()
    assert centre.held(recall) == set(cups)
    assert world.texts() == []  # nobody is alarmed by one value
    centre.again(sample, 2000)
    assert centre.confirm(recall) == 2  # Minji and Dana; a safe number is never written to
    world.work()
    assert told(loop) == 2
    assert len(world.texts()) == 2
    assert all("위생" in text for text in world.texts())
    view = centre.recall(recall)
    assert (view.out, view.elsewhere) == (5, 1)
    out = {line.site: line.count for line in view.places if line.state is State.LENT}
    assert out == {SHOP: 2, OFFICE: 1, "HALL": 1, HARU: 1}  # whom the officer can call
    aside = {code: _aside(world, code) for code in (SHOP, "HALL", OFFICE, HARU)}
    assert aside == {SHOP: {shelf}, "HALL": set(), OFFICE: set(), HARU: set()}
    # What is asked for now is refused wherever it lies; what comes back is to be set aside there.
    assert world.shop.beep(shelf, uuid.uuid4()).error is Code.HELD
    for way, code in (("cafe", mine), ("hall", event_cup), ("desk", desk), ("cafe", nobodys)):
        getattr(world, way)(code)
    assert _aside(world, HARU) == {mine, nobodys}
    assert _aside(world, "HALL") == {event_cup}
    assert _aside(world, OFFICE) == {desk}
    world.work()
    assert (world.status(attached), world.status(alone)) == (OrderStatus.RETURNED,) * 2
    world.is_true()


def _aside(world: World, site: str) -> set[str]:
    with reading(world.loop.engine) as session:
        lines = list_to_set_aside(session, site_id=world.loop.town.sites[site])
    return {line.code for line in lines}


def test_a_held_piece_keeps_its_crate_in_the_store(world: World) -> None:
    """A sealed crate with a recalled cup goes to no room, and back unopened it is still held."""
    loop, centre, halls = world.loop, world.centre, world.halls
    [cup] = loop.new_cups()
    batch = centre.passed(cup)
    event = halls.plan()
    packed = halls.pack_in(event)
    loop.pack(packed.crate, cup)
    world.pack(packed)
    halls.bring(packed.crate)
    halls.hand(event, packed)
    centre.fail(batch)
    halls.back(packed, sealed=True)
    assert loop.item(cup).hold is not None
    assert _aside(world, "HALL") == {cup}
    with pytest.raises(LendingError) as refused:
        halls.hand(halls.plan(), packed)
    assert refused.value.code is Code.HELD
    world.is_true()


def test_someone_who_attaches_after_the_recall_was_confirmed_is_told(world: World) -> None:
    """The order was nobody's when people were told; the worker's round tells whoever has it now."""
    loop, centre = world.loop, world.centre
    [lid] = loop.new_cups()
    batch = centre.passed(lid)
    stocked(world, SHOP, lid)
    order = world.shop.packed(lid)
    sample = centre.sample(batch)
    recall = centre.result(sample, 2000).recall_id
    assert recall is not None
    loop.now += timedelta(minutes=1)
    centre.again(sample, 2000)
    assert centre.confirm(recall) == 0
    world.shop.contact(order, MINJI)
    world.work()
    assert told(loop) == 1
    assert len(world.texts()) == 1
    world.is_true()


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
