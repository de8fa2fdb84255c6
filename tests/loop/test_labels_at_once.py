"""Labels claimed under ids already used, and while others scan them: nothing is born, none lost."""

import threading
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.errors import Code
from lending.loop.pieces.claims import print_labels
from lending.loop.record import record_scans
from lending.loop.scans import Result
from lending.loop.steps import Action
from lending.loop.tables import Item, Scan
from tests.personas import Loop


def printed(loop: Loop, count: int) -> list[str]:
    return loop.write(
        lambda session: print_labels(
            session, kind_id=loop.town.kinds["cup-414"], count=count, district_id=loop.town.id,
            now=loop.now,
        )
    )  # fmt: skip


def how_many_items(loop: Loop) -> int:
    with Session(loop.engine) as session:
        return session.scalars(sa.select(sa.func.count()).select_from(Item)).one()


def test_a_claim_under_a_used_id_makes_no_piece(loop: Loop) -> None:
    first, second = printed(loop, 2)
    claim, cup = uuid.uuid4(), loop.lent_cup()
    assert loop.claim(first, id=claim).result is Result.RECORDED
    before = how_many_items(loop)
    receipts = loop.go(
        loop.scan(Action.CLAIM, second, id=claim), loop.scan(Action.RETURN, cup), by=loop.town.mina
    )
    assert [one.error for one in receipts] == [Code.ID_REUSED, None]
    assert how_many_items(loop) == before


def test_one_id_for_two_labels_in_one_call_makes_one_piece(loop: Loop) -> None:
    codes, claim = printed(loop, 3), uuid.uuid4()
    cup, back = loop.lent_cup(), uuid.uuid4()
    before = how_many_items(loop)
    receipts = loop.go(
        loop.scan(Action.CLAIM, codes[0], id=claim),
        loop.scan(Action.CLAIM, codes[1], id=claim),
        loop.scan(Action.RETURN, cup, id=back),
        loop.scan(Action.CLAIM, codes[2], id=back),
        by=loop.town.mina,
    )
    assert [one.error for one in receipts] == [None, Code.ID_REUSED, None, Code.ID_REUSED]
    assert how_many_items(loop) == before + 1


def test_a_scan_beside_the_claim_of_its_label_finds_its_piece(loop: Loop) -> None:
    [code] = printed(loop, 1)
    seen = loop.scan(Action.RETURN, code)
    done: list[object] = []

    def scan_beside() -> None:
        with transaction(loop.engine) as session:
            done.extend(
                record_scans(session, [seen], actor=loop.town.mina, keys=loop.keys, now=loop.now)
            )

    beside = threading.Thread(target=scan_beside)
    with transaction(loop.engine) as session:
        claim = loop.scan(Action.CLAIM, code)
        record_scans(session, [claim], actor=loop.town.mina, keys=loop.keys, now=loop.now)
        beside.start()
        beside.join(0.3)
    beside.join(20)
    assert len(done) == 1
    with Session(loop.engine) as session:
        item = session.scalars(sa.select(Scan.item_id).where(Scan.id == seen.id)).one()
    assert item == loop.item_id(code)
    loop.check()
