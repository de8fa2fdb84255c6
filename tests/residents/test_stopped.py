"""What a resident reads of a loan whose clock stands: at a machine's refusal it is theirs to bring."""

import uuid
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.loans.clock_stops import stop_clocks
from lending.loop.loans.standing_still import StopWhy
from lending.loop.loans.stopped import word_waits
from lending.loop.tables import Loan
from tests.callers import Caller
from tests.personas import Loop
from tests.residents.conftest import lend

CHECKING, LATE = "확인 중", "일 지났어요"


@pytest.mark.parametrize("why", StopWhy)
def test_whose_cup_a_machine_refused_may_still_say_where_it_is(
    loop: Loop, minji: Caller, why: StopWhy
) -> None:
    _, loan = lend(loop, days=13)
    page = minji.open("/my").text
    assert LATE in page and f"{loan}/dropped" in page
    stop = partial(stop_clocks, lend_ids=[loan], ref=uuid.uuid4(), why=why, now=loop.now)
    assert loop.write(stop) == 1
    page = minji.open("/my").text
    refused = why is StopWhy.REFUSED
    assert LATE not in page  # not while its clock stands
    assert (CHECKING in page, f"{loan}/dropped" in page) == (not refused, refused)
    with Session(loop.engine) as session:  # nobody has said anything: no link claims it
        assert session.scalars(sa.select(word_waits(Loan.id)).where(Loan.id == loan)).all() == [0]
