"""What stands open in the demo at the moment it is made, whatever the time of day."""

import math
from datetime import timedelta

from lending.demo.batches import TAKES, Load, begin, finish, note_stages
from lending.demo.desk import Desk
from lending.demo.equipment import BUBBLE, TUNNEL
from lending.demo.hygiene import open_todays_recall
from lending.demo.machine import run_machine
from lending.demo.orders import finish_orders
from lending.demo.town import Town
from lending.requests.collections import NewCollect, ask_collection
from lending.requests.round_tables import CollectWhy

INSPECTED_SOON = timedelta(minutes=4)  # since the last batch ended
IN_MACHINE = timedelta(minutes=22)  # since the next one began
SURPLUS = "CAFE-01"


def finish_today(desk: Desk, town: Town) -> None:
    """A third of what waits is washed and to be inspected, a third in the machine, a third waits; a
    recall is open; a café asks for collection."""
    third = math.ceil(len(town.waiting) / 3)
    washing, washed = town.waiting[:third], town.waiting[third : 2 * third]
    now = desk.now
    if washed:
        ended = now - INSPECTED_SOON
        load = Load(town.make_id(now), BUBBLE, ended - TAKES, washed)
        begin(desk, town, load, load.begins)
        finish(desk, town, load, ended)
    if washing:
        load = Load(town.make_id(now), TUNNEL, now - IN_MACHINE, washing)
        begin(desk, town, load, load.begins)
        note_stages(desk, town, load, now, until=now)
    open_todays_recall(desk, town)
    asked = NewCollect(
        town.make_id(now), CollectWhy.FULL, crates=1, note="바구니 두 개가 가득 찼어요"
    )
    ask_collection(desk.session, asked, actor=desk.actor(SURPLUS), now=now)
    finish_orders(desk, town)
    run_machine(desk, town)
