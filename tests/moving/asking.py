"""Places ask to be collected from, drivers tell how a stop went; what a plan then says."""

import uuid

from lending.moving.rounds.driving import StopTold, tell_stop
from lending.requests.collections import CollectWhy, NewCollect, ask_collection, open_collections
from lending.requests.round_tables import StopOutcome
from tests.moving.conftest import Moving
from tests.personas import HARU


def ask(moving: Moving, site: str = HARU, why=CollectWhy.FULL, crates: int = 0):
    new = NewCollect(uuid.uuid4(), why, moving.loop.site(site), crates)
    return moving.write(ask_collection, new=new, actor=moving.town.officer)


def tell(moving: Moving, stop, outcome=StopOutcome.DONE, jpeg=None, **more):
    given = {"id": uuid.uuid4(), "at": moving.loop.now} | more
    told = StopTold(stop_id=stop.id, outcome=outcome, **given)
    return moving.write(tell_stop, told=told, actor=moving.town.courier, jpeg=jpeg)


def waiting(moving: Moving) -> list[str]:
    return [one.site for one in moving.read(open_collections, district_id=moving.town.id)]


def stops(plan) -> list[tuple[str, int, int]]:
    [one] = plan.rounds
    return sorted((stop.wish.site.code, stop.leave, stop.take) for stop in one.stops)
