"""Sets: the code sits on the container, its lid is counted and goes with it."""

import uuid
from typing import Any

import pytest

from lending.db import transaction
from lending.errors import Code, LendingError
from lending.loop.scans import Result
from lending.loop.tables import ItemKind
from lending.wares.parts import (
    PartCall,
    SetView,
    join_part,
    list_sets,
    part_apart,
    part_found,
    part_missing,
)
from tests.personas import HARU, WASH
from tests.wares.conftest import CLEAN, DIRTY, Wares, add_counted


@pytest.fixture
def lid(wares: Wares) -> int:
    """The lid of the cups of 473 mL, whose id is given."""
    with transaction(wares.loop.engine) as session:
        [lid] = add_counted(session, wares.loop, ["lid"])
        session.get_one(ItemKind, wares.loop.town.kinds["cup-473"]).part_id = lid
    return lid


def sets(wares: Wares) -> SetView:
    [found] = wares.read(lambda s: list_sets(s, district_id=wares.loop.town.id))
    return found  # type: ignore[no-any-return]


def call(wares: Wares, service: Any, quantity: int, site: str = WASH, **more: Any) -> Any:
    town = wares.loop.town
    one = PartCall(
        uuid.uuid4(), town.kinds["cup-473"], town.sites[site], quantity, wares.now, **more
    )
    return wares.write(lambda s: service(s, one, actor=town.officer, now=wares.now))


def test_lids_go_with_their_containers_and_a_missing_one_shows(wares: Wares, lid: int) -> None:
    loop = wares.loop
    cups = loop.clean_cups(3, kind="cup-473")
    wares.buy(5, wares.at(WASH), kind_id=lid)
    assert (sets(wares).pieces, sets(wares).with_part, sets(wares).short) == (3, 0, 3)
    assert call(wares, join_part, 3).left == 2
    assert sets(wares).short == 0 and sets(wares).kinds == ("cup-473",)
    loop.lend(cups[0])
    back = loop.give_back(cups[0])
    for result in (Result.RECORDED, Result.REPEATED):
        [receipt] = wares.write(
            lambda s: part_missing(s, scan_ids=[back.id], actor=loop.town.mina, now=wares.now)
        )
        assert receipt.result is result
    now = sets(wares)
    assert (now.with_part, now.missing, now.short) == (2, 1, 1)
    call(wares, part_found, 1, HARU, condition=DIRTY)
    assert (sets(wares).missing, wares.held(wares.at(HARU, DIRTY), lid)) == (0, 1)
    call(wares, part_apart, 2, condition=DIRTY)
    assert (sets(wares).with_part, wares.held(wares.at(WASH, DIRTY), lid)) == (0, 2)
    wares.check()


def test_a_kind_without_a_part_has_no_lid_to_miss(wares: Wares, lid: int) -> None:
    loop = wares.loop
    cup = loop.clean_cup()
    loop.lend(cup)
    back = loop.give_back(cup)
    [other] = loop.clean_cups(1, kind="cup-473")
    elsewhere = loop.lend(other)
    for scan, by, code in (
        (back.id, loop.town.mina, Code.NOT_FOUND),
        (uuid.uuid4(), loop.town.mina, Code.NOT_FOUND),
        (elsewhere.id, loop.town.yuna, Code.NOT_ALLOWED_HERE),
    ):
        with pytest.raises(LendingError) as caught:
            wares.write(
                lambda s, id=scan, by=by: part_missing(s, scan_ids=[id], actor=by, now=wares.now)
            )
        assert caught.value.code is code
    no_part = PartCall(
        uuid.uuid4(), loop.town.kinds["cup-355"], loop.town.sites[WASH], 1, wares.now, CLEAN
    )
    with pytest.raises(LendingError) as caught:
        wares.write(lambda s: join_part(s, no_part, actor=loop.town.officer, now=wares.now))
    assert (caught.value.code, caught.value.field) == (Code.NOT_FOUND, "kind")
