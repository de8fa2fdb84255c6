"""What must hold of the errands: each order, request, crate and bottle once, each status in order."""

import time
import uuid
from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.platforms.tables import Webhook
from lending.delivery.tables import Order, OrderChange, OrderStatus
from lending.events.tables import EventCrate
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Label, Loan, Scan
from lending.machines.tables import BottleDay, BottleDeposit
from lending.requests.pickups.tables import Pickup
from tests.chaos.errands import BOTTLES, Deliveries, Errand, Hall, Machine
from tests.chaos.findings import Finding
from tests.chaos.places import Errands

PATIENCE = 60.0  # seconds in which the worker must have followed up and told everything
A_DAY = 30  # bottles of one person


def check_errands(place: Errands, errands: Sequence[Errand]) -> list[Finding]:
    """Every finding, the server and its worker still running."""
    done = Finding("errands done")
    for errand in errands:
        done.expect(not errand.trouble, f"{errand.name}: {errand.trouble}")
    deliveries = [one for one in errands if isinstance(one, Deliveries)]
    refs = [way.ref for one in deliveries for way in one.ways]
    _wait(place, len(refs))
    with Session(place.loop.engine) as session:
        return [
            done,
            *_check_orders(session, place, deliveries),
            _check_told(session, place, refs),
            _check_hall(session, place, [one for one in errands if isinstance(one, Hall)]),
            *_check_machines(session, place, [one for one in errands if isinstance(one, Machine)]),
        ]


def _wait(place: Errands, orders: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with Session(place.loop.engine) as session:
            over = sa.select(sa.func.count()).where(Order.status == OrderStatus.RETURNED)
            untold = sa.select(sa.func.count()).where(Webhook.delivered_at.is_(None))
            if session.scalar(over) == orders and not session.scalar(untold):
                return
        time.sleep(0.3)


def _check_orders(
    session: Session, place: Errands, deliveries: Sequence[Deliveries]
) -> list[Finding]:
    orders, asked = Finding("each order once, and over"), Finding("one request for each order")
    ware = Finding("each container lent once and back at the centre")
    rows = session.scalars(sa.select(Order).where(Order.district_id == place.loop.town.id)).all()
    by_ref = Counter(row.platform_ref for row in rows)
    for way in (way for one in deliveries for way in one.ways):
        orders.expect(by_ref[way.ref] == 1, f"{way.ref}: {by_ref[way.ref]} times")
        row = next(row for row in rows if row.platform_ref == way.ref)
        said = (row.occasion_id, row.revision, row.status, row.contact_sealed)
        orders.expect(
            said == (uuid.UUID(way.occasion), 2, OrderStatus.RETURNED, None), f"{way.ref}: {said}"
        )
        query = sa.select(sa.func.count()).where(Pickup.occasion_id == row.occasion_id)
        requests = session.scalar(query)
        asked.expect(requests == way.asked, f"{way.ref}: {requests} requests")
        for code in way.cups:
            item = _item(session, code)
            loans = session.scalars(sa.select(Loan).where(Loan.item_id == item.id)).all()
            told = [(loan.occasion_id == row.occasion_id, loan.closed_at is None) for loan in loans]
            ware.expect(
                (told, item.state) == ([(True, False)], State.DIRTY), f"{code}: {told} {item.state}"
            )
    orders.expect(len(rows) == len(by_ref), f"{len(rows)} orders in all: {by_ref}")
    return [orders, asked, ware]


def _check_told(session: Session, place: Errands, refs: Sequence[str]) -> Finding:
    """What the platform's receiver heard of each order, first hearings only."""
    found = Finding("each status told once, in order")
    twice = Counter(place.receiver.ids())
    for ref in refs:
        heard = place.receiver.told(ref)
        firsts = list(dict.fromkeys(heard))
        lines = session.execute(
            sa.select(OrderChange.seq, OrderChange.status)
            .join(Order, Order.id == OrderChange.order_id)
            .where(Order.platform_ref == ref)
            .order_by(OrderChange.seq)
        )
        found.expect(firsts == [(seq, status.value) for seq, status in lines], f"{ref}: {heard}")
    # What is told again was under way when the worker was killed.
    again = sum(count - 1 for count in twice.values())
    found.expect(again <= 20, f"{again} told again")
    return found


def _check_hall(session: Session, place: Errands, halls: Sequence[Hall]) -> Finding:
    found = Finding("each crate out once and back as it was told")
    for hall in halls:
        for code, sealed in hall.back.items():
            item = _item(session, code)
            rows = session.scalars(
                sa.select(EventCrate).where(EventCrate.crate_id == item.id)
            ).all()
            told = [(row.back_at is not None, row.back_how) for row in rows]
            state = State.READY if sealed else State.RETURNED
            found.expect(len(rows) == 1 and told[0][0], f"{code}: {told}")
            found.expect(item.state is state, f"{code}: {item.state} {told}")
    return found


def _check_machines(session: Session, place: Errands, machines: Sequence[Machine]) -> list[Finding]:
    pieces, bottles = Finding("each piece in a machine once"), Finding("bottles, thirty a day")
    offered = {id: granted for one in machines for id, granted in one.deposits.items()}
    for code in (code for one in machines for code in one.dropped):
        query = sa.select(sa.func.count()).where(
            Scan.item_id == _item(session, code).id, Scan.action == Action.RETURN
        )
        pieces.expect(session.scalar(query) == 1, f"{code}: {session.scalar(query)} returns")
    stored = {
        str(row.id): row.granted
        for row in session.scalars(
            sa.select(BottleDeposit).where(BottleDeposit.district_id == place.loop.town.id)
        )
    }
    bottles.expect(stored == offered, f"{stored} are stored, {offered} were told")
    most = min(A_DAY, BOTTLES * len(offered))
    bottles.expect(sum(offered.values()) == most, f"{sum(offered.values())} of {most}")
    days = list(session.scalars(sa.select(BottleDay.granted)))
    bottles.expect(days == [most], f"{days} in the day's row")
    return [pieces, bottles]


def _item(session: Session, code: str) -> Item:
    query = sa.select(Item).join(Label, Label.item_id == Item.id).where(Label.code == code)
    return session.scalars(query).one()
