"""As many pieces as one call may move: 20,000 scans go through, one more is refused whole."""

import pytest

from lending.errors import Code, LendingError
from lending.loop.scans import Result
from lending.loop.steps import Action, State
from tests.conftest import LONG
from tests.loop.test_registering import counts
from tests.personas import HARU, Loop

CRATES = 10
INSIDE = 1999  # and the crate's own scan: 2,000 each


@pytest.mark.skipif(not LONG, reason="two minutes on both databases")
def test_twenty_thousand_scans_and_not_one_more(loop: Loop) -> None:
    crates = [loop.new_crate() for _ in range(CRATES)]
    pieces = [cup for _ in range(2) for cup in loop.new_cups(CRATES * INSIDE // 2)]
    for number, crate in enumerate(crates):
        loop.pack(crate, *pieces[number * INSIDE : (number + 1) * INSIDE])
    [one_more] = loop.new_cups()
    before = counts(loop)
    scans = [loop.scan(Action.RECEIVE, code) for code in (*crates, one_more)]
    with pytest.raises(LendingError) as caught:
        loop.go(*scans, by=loop.town.jun)
    assert (caught.value.code, caught.value.field) == (Code.TOO_LARGE, "scans")
    assert counts(loop) == before
    receipts = loop.go(*scans[:CRATES], by=loop.town.jun)
    assert [(one.result, one.carried) for one in receipts] == [(Result.RECORDED, INSIDE)] * CRATES
    assert counts(loop)[2] == before[2] + 20_000
    ship = loop.scan(Action.SHIP, crates[0], to=HARU)
    assert loop.go(ship, by=loop.town.jun)[0].carried == INSIDE
    assert loop.item(pieces[0]).state is State.SHIPPED
    loop.check()
