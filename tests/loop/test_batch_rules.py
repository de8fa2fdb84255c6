"""What a wash batch forbids the loop: no pass without one where required, no shipment too early."""

import uuid
from datetime import timedelta

import pytest

from lending.errors import Code
from lending.loop.scans import Result
from lending.loop.steps import Action, Gap, State
from tests.personas import WASH, Loop
from tests.washing.centre import Centre


@pytest.fixture
def centre(loop: Loop) -> Centre:
    return Centre(loop)


def test_a_plain_wash_is_enough_where_no_batch_is_required(loop: Loop) -> None:
    [cup] = loop.new_cups()
    loop.wash(cup)
    assert loop.pass_(cup).result is Result.RECORDED
    assert loop.item(cup).clean


def test_a_pass_without_a_finished_batch_is_refused_where_one_is_required(centre: Centre) -> None:
    loop = centre.loop
    centre.require_batch()
    plain, batched = loop.new_cups(2)
    loop.wash(plain)
    refused = loop.pass_(plain)
    assert (refused.result, refused.error) == (Result.REFUSED, Code.NO_BATCH)
    batch = centre.begin()
    centre.put(batch, batched)
    assert loop.pass_(batched).error is Code.NOT_CLEAN  # not finished: not washed
    centre.finish(batch)
    assert loop.pass_(batched).result is Result.RECORDED
    assert loop.item(batched).clean and not loop.item(plain).clean
    loop.check()


def test_such_a_pass_that_happened_is_kept_and_makes_nothing_clean(centre: Centre) -> None:
    loop = centre.loop
    centre.require_batch()
    [cup] = loop.new_cups()
    loop.wash(cup)
    loop.pass_(cup, ask=False)
    assert (loop.item(cup).state, loop.item(cup).clean) == (State.READY, False)
    assert Gap.NO_BATCH in loop.gaps(cup)
    assert loop.lend(cup).error is Code.NOT_CLEAN
    loop.check()


def test_a_batch_of_before_the_last_use_makes_nothing_clean(centre: Centre) -> None:
    loop = centre.loop
    centre.require_batch()
    [cup] = loop.new_cups()
    centre.passed(cup)
    loop.lend(cup)
    loop.receive(cup)
    loop.wash(cup)
    assert loop.pass_(cup).error is Code.NO_BATCH
    loop.check()


def test_a_crate_with_one_piece_of_no_batch_is_not_passed(centre: Centre) -> None:
    loop = centre.loop
    centre.require_batch()
    crate = loop.new_crate()
    first, second = loop.new_cups(2)
    loop.pack(crate, first)
    centre.washed(crate)
    loop.wash(second)
    loop.pack(crate, second)
    assert loop.pass_(crate).error is Code.NO_BATCH
    loop.unpack(second)
    assert loop.pass_(crate).carried == 1
    loop.check()


@pytest.mark.parametrize("what", ["unknown", "open", "no wash"])
def test_a_scan_cannot_name_a_batch_that_did_not_wash_it(centre: Centre, what: str) -> None:
    loop = centre.loop
    [cup] = loop.new_cups()
    batch = {"unknown": uuid.uuid4(), "open": centre.begin()}.get(what) or centre.washed()
    action = Action.PASS if what == "no wash" else Action.WASH
    receipt = loop.one(action, cup, ask=False, batch=batch, by=loop.town.jun)
    assert (receipt.error, receipt.field) == (Code.INVALID, "batch")


def test_a_sampled_batch_is_not_shipped_before_its_result(centre: Centre) -> None:
    loop = centre.loop
    crate = loop.new_crate()
    loose, packed, other = loop.new_cups(3)
    batch = centre.passed(loose, packed)
    centre.passed(other)
    loop.pack(crate, packed)
    test = centre.sample(batch)
    assert loop.ship(loose).error is Code.AWAITING_RESULT
    assert loop.ship(crate).error is Code.AWAITING_RESULT
    assert loop.ship(other).result is Result.RECORDED
    assert centre.result(test, 120).passed
    assert loop.ship(loose).result is Result.RECORDED
    assert loop.ship(crate).carried == 1
    loop.check()


def test_a_shipment_that_happened_is_kept_whatever_is_awaited(centre: Centre) -> None:
    loop = centre.loop
    [cup] = loop.new_cups()
    batch = centre.passed(cup)
    centre.sample(batch)
    assert loop.ship(cup, ask=False).result is Result.RECORDED


def test_the_days_washes_wait_for_their_sample_too(centre: Centre) -> None:
    from lending.washing.batches.days import name_day

    loop = centre.loop
    old, new = loop.new_cups(2)
    loop.wash(old)
    loop.pass_(old)
    loop.now += timedelta(days=1)
    loop.wash(new)
    loop.pass_(new)
    day = loop.now.date()  # 10:00 in Seoul is the same day in UTC
    batch = centre.write(name_day, site=centre.site(WASH), day=day, actor=loop.town.jun)
    test = centre.sample(batch)
    assert loop.ship(new).error is Code.AWAITING_RESULT
    assert loop.ship(old).result is Result.RECORDED
    centre.result(test, 20)
    assert loop.ship(new).result is Result.RECORDED
