"""The demo's delivery shop: containers go out with orders and come back by cafés, a box and a courier."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lending.delivery.orders.book import Pass
from lending.delivery.orders.page import give_place
from lending.delivery.orders.records import Record, What, record_all
from lending.delivery.orders.refresh import sweep_orders
from lending.demo.desk import Desk
from lending.demo.plan import working_days_before
from lending.demo.town import Town, moment
from lending.loop.steps import Action
from lending.requests.pickups.ask import NewPickup, ask_pickup
from lending.requests.pickups.places import OrderSpot
from lending.requests.pickups.tables import Where

SHOP = "SHOP-01"
SAFE = "0504-1234-0001"
SPOT = OrderSpot("서곶로 301, 1502호", "벨을 누르지 말아 주세요", 37.5461, 126.6739)
ANOTHER_SPOT = OrderSpot("가정로 12, 2층", "복도 신발장 위", 37.5502, 126.6712)
JUST_PACKED = timedelta(minutes=25)  # before the demo is made
JUST_ASKED = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Plan:
    """An order: so many working days ago, at what hour, and how its containers come back: `back`:
    (working days ago, hour, place); `asked`: (working days ago, hour) of the request for pick-up."""

    days: int
    hour: float
    pieces: int
    number: str
    contact: str = ""
    spot: OrderSpot | None = None
    back: tuple[int, float, str] | None = None
    asked: tuple[int, float] | None = None


PLANS = (
    Plan(3, 12.1, 2, "0412", back=(2, 11.3, "CAFE-02")),
    Plan(3, 18.4, 1, "1187", contact=SAFE, back=(2, 19.1, SHOP)),
    Plan(2, 12.3, 2, "1203", spot=SPOT, asked=(1, 16.5)),
    Plan(2, 18.2, 1, "1210", back=(1, 12.4, "CAFE-01")),
    Plan(1, 12.2, 1, "1233", contact="010-0000-1002"),
    Plan(1, 18.6, 2, "", spot=ANOTHER_SPOT),
)
SINGLE_USE = ((3, 12.6), (2, 13.1), (2, 18.9), (1, 12.7))  # orders that chose none
LAST = len(PLANS)  # today's, by its number


def live_orders(town: Town, day: date, today: date) -> None:
    """Three working days of orders."""
    if working_days_before(today, 3) < town.first:
        return
    for number, plan in enumerate(PLANS):
        if day == working_days_before(today, plan.days):
            _take_containers(town, number, plan.pieces)
            town.happen(moment(day, plan.hour), _packing(town, number, plan))
        if plan.back is not None and day == working_days_before(today, plan.back[0]):
            _, hour, place = plan.back
            for code in town.orders.get(number, ()):
                town.scan(place, Action.RETURN, code, moment(day, hour))
        if plan.asked is not None and day == working_days_before(today, plan.asked[0]):
            town.happen(moment(day, plan.asked[1]), _asking(town, number))
    for days, hour in SINGLE_USE:
        if day == working_days_before(today, days):
            town.happen(moment(day, hour), lambda desk, at: _single_use(desk, town, at))


def finish_orders(desk: Desk, town: Town) -> None:
    """An order was packed a moment ago and has no number yet; somebody just asked for pick-up."""
    if not town.orders:
        return
    _take_containers(town, LAST, 1)
    _pack(desk, town, LAST, Plan(0, 0, 1, ""), desk.now - JUST_PACKED)
    _ask(desk, town, len(PLANS) - 1, desk.now - JUST_ASKED)
    after = None
    while True:
        _, after = sweep_orders(
            desk.session, district_id=desk.district_id, after=after, now=desk.now
        )
        if after is None:
            return


def _take_containers(town: Town, number: int, pieces: int) -> None:
    """The shop's containers, each once; a small demo has fewer of them."""
    used = {code for codes in town.orders.values() for code in codes}
    there = town.containers[: len(town.containers) // 2]
    town.orders[number] = [code for code in there if code not in used][:pieces]


def _packing(town: Town, number: int, plan: Plan) -> Callable[[Desk, datetime], None]:
    return lambda desk, at: _pack(desk, town, number, plan, at)


def _asking(town: Town, number: int) -> Callable[[Desk, datetime], None]:
    return lambda desk, at: _ask(desk, town, number, at)


def _pack(desk: Desk, town: Town, number: int, plan: Plan, at: datetime) -> None:
    codes, order = town.orders[number], town.make_id(at)
    if not codes:
        return
    here = Pass(desk.site(SHOP), desk.actor(SHOP), desk.keys, at)
    records = [Record(town.make_id(at), What.BEEP, order, at, at, code=code) for code in codes]
    for what, text in ((What.NUMBER, plan.number), (What.CONTACT, plan.contact)):
        if text:
            records.append(Record(town.make_id(at), what, order, at, at, text=text))
    refused = [one.error for one in record_all(desk.session, records, here=here) if one.error]
    assert not refused, refused
    if plan.spot is not None:
        give_place(desk.session, occasion_id=order, spot=plan.spot, here=here)


def _single_use(desk: Desk, town: Town, at: datetime) -> None:
    record = Record(town.make_id(at), What.SINGLE_USE, town.make_id(at), at, at)
    here = Pass(desk.site(SHOP), desk.actor(SHOP), desk.keys, at)
    record_all(desk.session, [record], here=here)


def _ask(desk: Desk, town: Town, number: int, at: datetime) -> None:
    """By the lid's code, without saying who asks."""
    codes = town.orders.get(number)
    if codes:
        wanted = NewPickup(town.make_id(at), codes[0], Where.DOOR, "demo")
        ask_pickup(desk.session, wanted, keys=desk.keys, now=at)
