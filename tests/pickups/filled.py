"""A district with pick-up requests of every kind, for tests that look at every page."""

from dataclasses import dataclass

from lending.requests.pickups.own import cancel_pickup
from lending.requests.pickups.tables import Where
from tests.personas import Loop
from tests.pickups.conftest import Deliveries
from tests.pickups.test_ask import TYPED


@dataclass(frozen=True)
class PickupsMade:
    """`free` can be asked for, `asked` was, `back` is back; the codes of requests and an id each."""

    free: str
    nowhere: str
    asked: str
    back: str
    open_code: str
    taken_code: str
    ended_code: str
    decide: str
    taken: str
    ended: str


def fill_pickups(loop: Loop) -> PickupsMade:
    """Requests that wait, were late, failed, are taken and are over."""
    shop = Deliveries(loop)
    free, asked, taken, decide, ended, back = (shop.order(1)[1][0] for _ in range(6))
    nowhere = shop.order(1, home=None)[1][0]
    waits = shop.ask(asked, place=Where.NOTE, spot=TYPED)
    gone, failed, over = shop.ask(taken), shop.ask(decide), shop.ask(ended)
    shop.take(gone.pickup.id)
    for _ in range(3):
        shop.miss(failed.pickup.id)
    shop.write(cancel_pickup, secret=over.code, keys=loop.keys)
    loop.give_back(back)
    shop.settle()
    assert waits.code
    assert gone.code
    assert over.code
    return PickupsMade(
        free, nowhere, asked, back, waits.code, gone.code, over.code, str(failed.pickup.id),
        str(gone.pickup.id), str(over.pickup.id),
    )  # fmt: skip
