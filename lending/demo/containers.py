"""The demo's containers with lids: washed together, their lids counted, half of them at the shop."""

from datetime import date, datetime, timedelta
from uuid import UUID

from lending.demo.batches import Load, plan_batch
from lending.demo.desk import Desk
from lending.demo.equipment import BUBBLE
from lending.demo.plan import CENTRE, CONTAINER, LID, working_days_before
from lending.demo.town import Town, moment, some_seconds
from lending.loop.steps import Action
from lending.wares.ledger import record_moves, require_all
from lending.wares.parts import PartCall, join_part, part_missing
from lending.wares.values import MoveIn
from lending.wares.ways import Condition, Why, at_place

DAYS_AGO = 4  # working days
SHOP = "SHOP-01"
SPARE_LIDS = 10


def live_containers(town: Town, day: date, today: date) -> None:
    """On one day all containers are washed with their lids, passed, and half of them sent out."""
    if day != working_days_before(today, DAYS_AGO):
        return
    codes, begins = town.containers, moment(day, 12.2)
    lids = len(codes) + SPARE_LIDS
    ended = plan_batch(town, Load(town.make_id(begins), BUBBLE, begins, codes, {LID: lids}))
    at, passed = ended + timedelta(minutes=45), []
    for code in codes:
        at += some_seconds(town.rng, 1, 2)
        passed.append(town.scan(CENTRE, Action.PASS, code, at))
    town.happen(moment(day, 14.5), lambda desk, at: _put_lids_on(desk, town, lids, passed, at))
    crate, at = town.crates.pop(), moment(day, 14.6)
    for code in codes[: len(codes) // 2]:
        at += some_seconds(town.rng, 1, 2)
        town.scan(CENTRE, Action.PACK, code, at, crate=crate)
    town.scan(CENTRE, Action.SHIP, crate, moment(day, 14.9), to=SHOP)
    town.scan(SHOP, Action.STOCK, crate, moment(day, 16.1))


def _put_lids_on(desk: Desk, town: Town, lids: int, passed: list[UUID], at: datetime) -> None:
    """The lids are passed and put on; one container is found without."""
    washer, centre, kind = desk.actor(CENTRE), desk.site(CENTRE).id, desk.kind(LID)
    washed, clean = (at_place(centre, one) for one in (Condition.WASHED, Condition.CLEAN))
    move = MoveIn(town.make_id(at), kind, lids, washed, clean, Why.PASSED, at)
    require_all(record_moves(desk.session, [move], actor=washer, now=at))
    join = PartCall(town.make_id(at), desk.kind(CONTAINER), centre, len(passed), at)
    require_all([join_part(desk.session, join, actor=washer, now=at)])
    part_missing(desk.session, scan_ids=passed[:1], actor=washer, now=at)
