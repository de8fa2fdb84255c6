"""Crates under random scans: whatever order they arrive in, every piece ends where it ended."""

import uuid
from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import CARRYING, Action
from lending.loop.system import system_actor
from lending.loop.tables import CrateStay, Item, Scan, ScanGap
from lending.loop.verify import verify
from tests.loop.facts import minutes
from tests.personas import BOX, HARU, MINJI, MONDAY, WASH, Loop, found_town

PIECES, CRATES = 3, 2
PLACES = (WASH, HARU, BOX)
OF_PIECES = (*sorted(CARRYING), Action.LEND, Action.RETIRE)


@dataclass(frozen=True)
class Told:
    """A scan before it has a town. `which`: a piece, or past them a crate; `crate`: the one named;
    `of`: the number of the scan that a void takes back."""

    action: Action
    which: int
    place: str
    crate: int | None = None
    of: int | None = None


pieces, crates = st.integers(0, PIECES - 1), st.integers(0, CRATES - 1)
packs = st.builds(Told, st.just(Action.PACK), pieces, st.sampled_from(PLACES), crates)
unpacks = st.builds(Told, st.just(Action.UNPACK), pieces, st.sampled_from(PLACES))
found = st.builds(Told, st.just(Action.RECEIVE), pieces, st.just(WASH), crates)
moves = st.builds(Told, st.sampled_from(OF_PIECES), pieces, st.sampled_from(PLACES))
crated = st.builds(
    Told,
    st.sampled_from(sorted(CARRYING)),
    st.integers(PIECES, PIECES + CRATES - 1),
    st.sampled_from(PLACES),
)


@st.composite
def stories(draw: st.DrawFn) -> list[Told]:
    """What happened, in order; a void names a scan of the same piece or crate, voids apart."""
    some = draw(
        st.lists(
            st.one_of(packs, packs, crated, crated, unpacks, moves, found), min_size=2, max_size=12
        )
    )
    for number in range(len(some)):
        if draw(st.integers(0, 6)) == 0:
            targets = [
                i
                for i, one in enumerate(some)
                if i != number and one.which == some[number].which and one.action is not Action.VOID
            ]
            if targets and not any(one.of == number for one in some):
                some[number] = Told(
                    Action.VOID, some[number].which, WASH, of=draw(st.sampled_from(targets))
                )
    return some


def tell(loop: Loop, story: list[Told], order: list[int], cuts: set[int]) -> list[object]:
    """Where the pieces are after the scans came in this order; in a town of its own."""
    with transaction(loop.engine) as session:
        town = found_town(session, loop.keys, prefix=uuid.uuid4().hex)
    there = Loop(loop.engine, loop.keys, town)
    codes = there.new_cups(PIECES) + [there.new_crate() for _ in range(CRATES)]
    ids = [uuid.uuid4() for _ in story]
    scans = [make(there, one, codes, ids, number) for number, one in enumerate(story)]
    there.now = MONDAY + minutes(60 + 7 * len(story))
    worker = system_actor(town.id)
    call: list[ScanIn] = []
    for place, number in enumerate(order):
        call.append(scans[number])
        if place in cuts or place == len(order) - 1:
            results = {one.result for one in there.go(*call, by=worker)}
            assert results == {Result.RECORDED}
            call = []
    there.check()
    assert list(verify(loop.engine)) == []
    with Session(loop.engine) as session:
        for code in codes:
            check_inside(session, there.item_id(code))
        return [where(there, session, codes, town.sites, code) for code in codes[:PIECES]]


def make(loop: Loop, one: Told, codes: list[str], ids: list[uuid.UUID], number: int) -> ScanIn:
    return loop.scan(
        one.action,
        codes[one.which],
        id=ids[number],
        at=MONDAY + minutes(60 + 7 * number),
        site=loop.site(one.place),
        to=loop.site(HARU) if one.action is Action.SHIP else None,
        crate=None if one.crate is None else codes[PIECES + one.crate],
        of=None if one.of is None else ids[one.of],
        borrower=MINJI if one.action is Action.LEND else None,
        reason="crack" if one.action in (Action.HOLD, Action.RETIRE) else None,
    )


def where(
    loop: Loop, session: Session, codes: list[str], sites: dict[str, int], code: str
) -> object:
    piece = loop.item(code)
    names = {id: name for name, id in sites.items()}
    crate = piece.stay and session.scalar(sa.select(Item.code).where(Item.id == piece.stay.crate))
    gaps = session.scalars(sa.select(ScanGap.gap).where(ScanGap.item_id == loop.item_id(code)))
    loans = Counter((loan.opened_at, loan.closed_at, loan.outcome) for loan in loop.loans(code))
    return (
        piece.state, piece.clean, piece.hold, piece.uses, piece.washes, piece.since,
        names.get(piece.site or 0), crate and codes.index(crate), Counter(gaps), loans,
    )  # fmt: skip


def check_inside(session: Session, item: int) -> None:
    """No piece is in two crates, none in itself, and none is in a crate that is in one."""
    open_stays = session.scalars(
        sa.select(CrateStay.crate_id).where(CrateStay.item_id == item, CrateStay.left_at.is_(None))
    ).all()
    assert len(open_stays) <= 1 and item not in open_stays
    nested = sa.select(Item.id).where(Item.carrier, Item.crate_id.is_not(None))
    assert session.scalars(nested).all() == []
    doubles = (
        sa.select(Scan.of)
        .where(Scan.item_id == item, Scan.crate_id.is_not(None), Scan.of.is_not(None))
        .group_by(Scan.of)
        .having(sa.func.count() > 1)
    )
    assert session.scalars(doubles).all() == []


@given(data=st.data())
def test_crates_in_any_order_of_arrival(loop: Loop, data: st.DataObject) -> None:
    story = data.draw(stories())
    numbers = list(range(len(story)))
    order = data.draw(st.permutations(numbers))
    cuts = data.draw(st.sets(st.sampled_from(numbers)))
    as_it_happened = tell(loop, story, numbers, set(numbers))
    assert tell(loop, story, order, cuts) == as_it_happened
