"""What pieces got with their crates is proven against the crates' own scans, and mended."""

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.crates.carry import carried_id
from lending.loop.scans import Receipt, Result
from lending.loop.steps import Action, State
from lending.loop.tables import CrateStay, Item, Scan, ScanGap
from lending.loop.verify import rebuild, verify
from tests.personas import BOX, Loop


@pytest.fixture
def shipped(loop: Loop) -> tuple[str, list[str], Receipt]:
    """A crate with three cups, shipped to the café: crate, cups, the crate's receipt."""
    crate, cups = loop.new_crate(), loop.passed_cups(3)
    loop.pack(crate, *cups)
    return crate, cups, loop.ship(crate)


Shipped = tuple[str, list[str], Receipt]


def differences(loop: Loop) -> list[str]:
    """What verify says, one line each."""
    return [str(one) for one in verify(loop.engine)]


def damage(loop: Loop, *statements: sa.Executable) -> None:
    def work(session: Session) -> None:
        for statement in statements:
            session.execute(statement)

    loop.write(work)


def mended(loop: Loop) -> int:
    """Rebuilds until nothing differs; how many pieces were repaired."""
    repaired = rebuild(loop.engine, now=loop.now)
    assert differences(loop) == []
    loop.check()
    return repaired


def test_a_carried_scan_that_is_gone_is_missed_and_added_again(
    loop: Loop, shipped: Shipped
) -> None:
    crate, cups, receipt = shipped
    before = {cup: loop.item(cup) for cup in cups}
    lost = carried_id(receipt.id, loop.item_id(cups[0]))
    damage(loop, sa.delete(ScanGap), sa.delete(Scan).where(Scan.id == lost))
    said = "\n".join(differences(loop))
    assert cups[0] in said and f"with crate {crate}" in said and cups[1] not in said
    assert mended(loop) == 1
    assert {cup: loop.item(cup) for cup in cups} == before
    with Session(loop.engine) as session:
        assert session.get_one(Scan, lost).of == receipt.id


def test_scan_and_cache_gone_together_are_seen_too(loop: Loop, shipped: Shipped) -> None:
    """The item says what the remaining log says: only the crate's own story tells of the loss."""
    crate, cups, receipt = shipped
    item, lost = loop.item_id(cups[0]), carried_id(receipt.id, loop.item_id(cups[0]))
    damage(loop, sa.delete(Scan).where(Scan.id == lost))
    damage(loop, sa.update(Item).where(Item.id == item).values(state=State.READY))
    rebuilt_wrong = [line for line in differences(loop) if f"with crate {crate}" not in line]
    assert len(differences(loop)) > len(rebuilt_wrong)
    assert mended(loop) == 1
    assert loop.item(cups[0]).state is State.SHIPPED


def test_a_carried_scan_of_a_crate_it_was_never_in_is_taken_back(
    loop: Loop, shipped: Shipped
) -> None:
    _, cups, receipt = shipped
    [stranger] = loop.passed_cups()
    before = loop.item(stranger)

    def forge(session: Session) -> None:
        true = session.get_one(Scan, carried_id(receipt.id, loop.item_id(cups[0])))
        values = {c.name: getattr(true, c.key) for c in sa.inspect(Scan).columns}
        item = loop.item_id(stranger)
        forged = values | {"id": carried_id(receipt.id, item), "item_id": item, "code": stranger}
        session.execute(sa.insert(Scan).values(forged))

    loop.write(forge)
    assert any(stranger in line and "carried with a crate" in line for line in differences(loop))
    assert mended(loop) == 1
    assert loop.item(stranger) == before


def test_a_void_that_should_not_stand_is_taken_back(loop: Loop, shipped: Shipped) -> None:
    """A derived scan that was taken out by the crate's logic, though the crate's scan stands."""
    _, cups, receipt = shipped
    item = loop.item_id(cups[0])
    lost = carried_id(receipt.id, item)

    def forge(session: Session) -> None:
        true = session.get_one(Scan, lost)
        values = {c.name: getattr(true, c.key) for c in sa.inspect(Scan).columns}
        void = values | {
            "id": uuid.uuid5(lost, "not carried 0"), "action": Action.VOID, "of": lost,
            "crate_id": None, "to_site_id": None,
        }  # fmt: skip
        session.execute(sa.insert(Scan).values(void))

    loop.write(forge)
    rebuild_wanted = differences(loop)
    assert rebuild_wanted and all(cups[0] in line for line in rebuild_wanted)
    mended(loop)
    assert loop.item(cups[0]).state is State.SHIPPED


def test_a_stay_that_is_gone_or_wrong_is_written_anew(loop: Loop, shipped: Shipped) -> None:
    _, cups, _ = shipped
    ids = [loop.item_id(cup) for cup in cups]
    damage(
        loop,
        sa.delete(CrateStay).where(CrateStay.item_id == ids[0]),
        sa.update(CrateStay).where(CrateStay.item_id == ids[1]).values(left_at=loop.now),
        sa.update(Item).where(Item.id == ids[2]).values(crate_id=None, packed_by=None),
    )
    said = "\n".join(differences(loop))
    assert all(cup in said for cup in cups)
    assert mended(loop) == 3
    assert loop.stock(shipped[0]).carried == 3


def test_the_implied_collection_of_a_liner_bag_is_proven_too(loop: Loop) -> None:
    bag, cup = loop.new_crate(), loop.lent_cup()
    loop.collect(bag, site=BOX)
    loop.receive(bag)
    loop.receive(cup, crate=bag)
    assert differences(loop) == []
    implied = sa.select(Scan.id).where(
        Scan.item_id == loop.item_id(cup), Scan.action == Action.COLLECT
    )
    with Session(loop.engine) as session:
        [scan] = session.scalars(implied)
    damage(loop, sa.delete(Scan).where(Scan.id == scan))
    assert any(f"with crate {bag}" in line for line in differences(loop))
    before = loop.loans(cup)
    mended(loop)
    assert loop.loans(cup) == before
    with Session(loop.engine) as session:
        assert list(session.scalars(implied)) == [scan]


def test_what_people_took_back_by_themselves_stays_taken_back(loop: Loop, shipped: Shipped) -> None:
    _, cups, receipt = shipped
    derived = carried_id(receipt.id, loop.item_id(cups[0]))
    taken_back = loop.void(cups[0], derived, by=loop.town.jun)
    assert taken_back.result is Result.RECORDED
    assert loop.item(cups[0]).state is State.READY
    assert differences(loop) == []
    assert rebuild(loop.engine, now=loop.now) == 0
    assert loop.stock(shipped[0]).carried == 3
