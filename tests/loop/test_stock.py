"""The read side: stock, what waits, loans and reviews of a place."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from lending.loop.codes import make_code
from lending.loop.read.loans import list_loans, loans_of_resident
from lending.loop.read.review_queue import list_reviews
from lending.loop.read.stock import oldest_items, stock_of_sites
from lending.loop.steps import Action, Gap, Outcome, State
from lending.people.actors import Actor
from tests.personas import DANA, DAY, HARU, MINJI, WASH, Loop


def test_stock_counts_clean_and_held_pieces(loop: Loop, read: Session) -> None:
    cups = loop.clean_cups(4)
    loop.hold(cups[0])
    loop.lend(cups[1])
    loop.give_back(cups[1])
    new = loop.new_cups(2)
    loop.wash(new[0])
    loop.pass_(new[0])
    loop.ship(new[0], to=HARU)
    lines = stock_of_sites(read, actor=loop.town.mina).items
    assert [(s.site, s.state, s.to, s.count, s.clean, s.held) for s in lines] == [
        (HARU, State.READY, None, 3, 2, 1),
        (HARU, State.RETURNED, None, 1, 0, 0),
        (WASH, State.SHIPPED, HARU, 1, 1, 0),
    ]
    assert stock_of_sites(read, actor=loop.town.yuna).items == []
    officer = stock_of_sites(read, actor=loop.town.officer).items
    assert sum(line.count for line in officer) == 6
    assert officer[-2:][0].state is State.DIRTY


def test_what_waits_longest(loop: Loop, read: Session) -> None:
    cups = loop.new_cups(3)
    loop.wash(cups[0])
    longest = oldest_items(read, site_id=loop.town.sites[WASH], states=[State.DIRTY], limit=1)
    assert [item.code for item in longest] == [cups[1]]


def test_loans_open_overdue_and_closed(loop: Loop, read: Session) -> None:
    cups = loop.clean_cups(3)
    old = loop.lend(cups[0], at=loop.now - 20 * DAY, ask=False)
    assert old.result == "recorded"
    done = loop.lend(cups[1], DANA)
    loop.give_back(cups[1])
    fresh = loop.lend(cups[2], DANA)
    mina = loop.town.mina

    def ids(**wanted: Any) -> list[uuid.UUID]:
        return [loan.id for loan in list_loans(read, actor=mina, now=loop.now, **wanted).items]

    # The late fact lies before the stocking: the cup was seen since, so that loan is closed.
    assert ids(open=True) == [fresh.id]
    assert set(ids()) == {old.id, done.id, fresh.id} and ids()[0] == fresh.id
    assert ids(open=False) == [done.id, old.id]
    assert ids(overdue=True) == []
    later = list_loans(read, actor=mina, now=loop.now + 20 * DAY, overdue=True).items
    assert [loan.id for loan in later] == [fresh.id] and later[0].is_overdue(loop.now + 20 * DAY)
    closed = {loan.id: loan.outcome for loan in list_loans(read, actor=mina, now=loop.now).items}
    assert closed == {old.id: Outcome.IMPLIED, done.id: Outcome.RETURNED, fresh.id: None}
    assert list_loans(read, actor=loop.town.yuna, now=loop.now).items == []


def test_a_resident_sees_the_own_loans(loop: Loop, read: Session) -> None:
    cups = loop.clean_cups(4)
    mine = [loop.lend(cup) for cup in cups[:3]]
    loop.lend(cups[3], DANA)
    loop.give_back(cups[0])
    loop.give_back(cups[1])
    minji = loop.town.residents[MINJI]
    found = loans_of_resident(read, resident_id=minji, limit=1)
    assert [loan.id for loan in found.open] == [mine[2].id]
    assert [loan.id for loan in found.history.items] == [mine[1].id]
    rest = loans_of_resident(
        read, resident_id=minji,
        after=[part.isoformat() if hasattr(part, "isoformat") else part
               for part in found.history.next or ()],
    )  # fmt: skip
    assert [loan.id for loan in rest.history.items] == [mine[0].id]
    assert (found.open[0].site_name, found.open[0].kind_name_en) == ("카페 하루", "")


def test_reviews_are_the_places_own(loop: Loop, read: Session) -> None:
    dirty = loop.new_cups()[0]
    loop.lend(dirty, ask=False)
    unknown = make_code()
    loop.give_back(unknown, by=loop.town.yuna, ask=False)
    mina, yuna = (
        list_reviews(read, actor=actor).items for actor in (loop.town.mina, loop.town.yuna)
    )
    assert [(r.subject, r.code, r.kind, r.action) for r in mina] == [
        (Gap.UNCLEAN_LEND, dirty, "cup-355", Action.LEND)
    ]
    assert [(r.subject, r.code, r.kind) for r in yuna] == [(Gap.UNKNOWN_CODE, unknown, None)]
    officer = list_reviews(read, actor=loop.town.officer, limit=1)
    assert officer.items == mina and officer.next is not None
    assert list_reviews(read, actor=loop.town.officer, settled=True).items == []


def test_a_place_sees_no_state_of_a_piece_that_went_on(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    loop.lend(cup, ask=False)  # unclean: Mina's to look at
    loop.give_back(cup)

    def states(actor: Actor) -> list[State | None]:
        with Session(loop.engine) as session:
            return [entry.state for entry in list_reviews(session, actor=actor).items]

    assert states(loop.town.mina) == [State.RETURNED]
    loop.collect(cup)
    loop.receive(cup)
    loop.wash(cup)
    assert states(loop.town.mina) == [None]
    assert states(loop.town.officer) == [State.WASHED]
