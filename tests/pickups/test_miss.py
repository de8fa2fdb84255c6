"""The courier at the door in vain: nothing is there, so it is looked for again, then it is the officer's."""

import uuid

import pytest

from lending.errors import Code, LendingError
from lending.requests.pickups.miss import MOST_TRIES
from lending.requests.pickups.tables import Why
from lending.requests.pickups.views import PickupState
from tests.personas import Loop
from tests.pickups.conftest import Deliveries, add_round


def test_of_what_another_has_nothing_is_missed(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    asked = shop.ask(lid)
    took = shop.take(asked.pickup.id, by=shop.kim)
    missed = shop.miss(asked.pickup.id)
    assert (missed.tries, missed.to_officer) == (0, False)
    assert (missed.taken_at, missed.taken_by) == (took.taken_at, "token:8")


def test_in_vain_three_times_it_is_the_officers(shop: Deliveries) -> None:
    _, (lid, _) = shop.order()
    asked = shop.ask(lid)
    id = uuid.uuid4()
    for told in range(2):  # told again, it counts once
        missed = shop.miss(asked.pickup.id, id=id)
        assert (missed.tries, missed.to_officer) == (1, False), told
    assert shop.waiting() == [asked.pickup.id]
    shop.miss(asked.pickup.id)
    assert shop.waiting() == [asked.pickup.id]
    assert shop.miss(asked.pickup.id).to_officer
    view = shop.view(asked.pickup.id)
    assert (view.tries, view.state, view.to_officer_why) == (
        MOST_TRIES, PickupState.OFFICER, Why.TRIES
    )  # fmt: skip
    assert shop.waiting() == []
    _, (other, _) = shop.order()
    with pytest.raises(LendingError) as refused:
        shop.miss(shop.ask(other).pickup.id, id=id)
    assert refused.value.code is Code.ID_REUSED
    # A courier who finds it after all has it.
    shop.take(asked.pickup.id)
    assert shop.view(asked.pickup.id).state is PickupState.TAKEN


def test_twice_in_vain_on_one_round_is_one_try(shop: Deliveries, loop: Loop) -> None:
    """It is retried on the next two rounds, however often the driver of one tells it."""
    _, (lid, _) = shop.order()
    asked = shop.ask(lid).pickup.id
    rounds = [add_round(loop) for _ in range(MOST_TRIES)]
    for tries, round_id in enumerate(rounds, 1):
        for _ in range(3):
            shop.plan(asked, round_id)
            missed = shop.miss(asked, round_id=round_id)
            assert (missed.tries, missed.to_officer) == (tries, tries == MOST_TRIES)
            assert shop.view(asked).round_id is None  # it waits for another
    assert shop.view(asked).to_officer_why is Why.TRIES


def test_word_of_an_earlier_round_does_not_undo_that_of_a_later_one(
    shop: Deliveries, loop: Loop
) -> None:
    """The first driver's phone had no network: when it was looked for last stays."""
    _, (lid, _) = shop.order()
    asked, earlier = shop.ask(lid).pickup.id, shop.now
    rounds = [add_round(loop) for _ in range(2)]
    shop.later(hours=2)
    last = shop.now
    shop.miss(asked, round_id=rounds[1])
    shop.plan(asked, rounds[1])
    missed = shop.miss(asked, round_id=rounds[0], at=earlier)
    view = shop.view(asked)
    assert (missed.tries, view.failed_at, view.round_id) == (2, last, rounds[1])
