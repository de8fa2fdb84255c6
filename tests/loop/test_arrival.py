"""Facts may come in any order, alone or together: the state in the end is the same."""

import uuid
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.loop.pieces.claims import print_labels
from lending.loop.scans import Result, ScanIn
from lending.loop.system import system_actor
from tests.loop.facts import Fact, minutes, stories, told
from tests.personas import MONDAY, Loop, found_town


def tell(loop: Loop, facts: list[Fact], order: list[int], cuts: set[int]) -> object:
    """What is stored after the facts came in this order, cut into calls; in a town of its own."""
    with transaction(loop.engine) as session:
        town = found_town(session, loop.keys, prefix=uuid.uuid4().hex)
    there = Loop(loop.engine, loop.keys, town)
    codes = there.new_cups(1) + there.write(
        lambda session: print_labels(
            session, kind_id=town.kinds["cup-355"], count=1, district_id=town.id, now=there.now
        )
    )
    ids = [uuid.uuid4() for _ in facts]
    scans = [
        fact.scan(there, codes, ids, number, moment(number)) for number, fact in enumerate(facts)
    ]
    there.now = moment(len(facts))
    worker = system_actor(town.id)
    call: list[ScanIn] = []
    for place, number in enumerate(order):
        call.append(scans[number])
        if place in cuts or place == len(order) - 1:
            assert {one.result for one in there.go(*call, by=worker)} == {Result.RECORDED}
            call = []
    there.check()
    with Session(loop.engine) as session:
        items = [there.item_id(code) for code in codes]
        return told(session, town, items, ids)


def moment(number: int) -> datetime:
    return MONDAY + minutes(60 + 7 * number)


@given(data=st.data())
def test_any_order_of_arrival_ends_in_the_same_state(loop: Loop, data: st.DataObject) -> None:
    facts = data.draw(stories())
    numbers = list(range(len(facts)))
    order = data.draw(st.permutations(numbers))
    cuts = data.draw(st.sets(st.sampled_from(numbers)))
    as_it_happened = tell(loop, facts, numbers, set(numbers))
    assert tell(loop, facts, order, cuts) == as_it_happened
