"""A box emptied without its bag: what lay there is collected, whenever word of it comes."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.codes import make_code
from lending.loop.steps import Action, State
from lending.loop.tables import Scan
from lending.requests.collections import NewCollect, ask_collection, open_collections
from lending.requests.emptying import Emptied, empty_box
from lending.requests.round_tables import CollectWhy, Emptying
from tests.personas import BOX, DAY, HARU, MINUTE, NABI, WASH, Loop
from tests.requests.test_fullness import fullness, hold, put_in


def empty(loop: Loop, site: str = BOX, *, by=None, **more) -> Emptied:
    given = {"id": uuid.uuid4(), "at": loop.now} | more
    done: Emptied = loop.write(
        lambda s: empty_box(
            s, site_id=loop.town.sites[site], actor=by or loop.town.courier, keys=loop.keys,
            now=loop.now, **given,
        )
    )  # fmt: skip
    loop.now += MINUTE
    return done


def collects(loop: Loop) -> int:
    with Session(loop.engine) as session:
        query = sa.select(sa.func.count()).where(Scan.action == Action.COLLECT)
        return session.scalar(query) or 0


def test_one_tap_collects_what_lies_there(loop: Loop) -> None:
    hold(loop, BOX, 10)
    cups = [loop.lent_cup(None) for _ in range(3)]
    for cup in cups:
        put_in(loop, cup)
    put_in(loop, make_code())  # nobody knows it
    elsewhere = loop.lent_cup(None)
    loop.give_back(elsewhere)
    done = empty(loop)
    assert (done.pieces, done.again) == (3, False)
    assert {loop.item(cup).state for cup in cups} == {State.COLLECTED}
    assert {tuple(loop.gaps(cup)) for cup in cups} == {()}
    assert loop.item(elsewhere).state is State.RETURNED
    box = fullness(loop)[BOX]
    assert (box.fill, box.emptied_at) == (0, done.at)
    put_in(loop, make_code())
    assert fullness(loop)[BOX].fill == 1
    loop.check()


def test_told_again_it_is_the_same(loop: Loop) -> None:
    put_in(loop, loop.lent_cup(None))
    id, at = uuid.uuid4(), loop.now
    first = empty(loop, id=id, at=at)
    late = loop.lent_cup(None)
    put_in(loop, late)
    again = empty(loop, id=id, at=at)
    assert (again.pieces, again.at, again.again) == (first.pieces, first.at, True)
    assert loop.item(late).state is State.RETURNED
    assert collects(loop) == 1
    with pytest.raises(LendingError) as refused:
        empty(loop, HARU, id=id)
    assert (refused.value.code, refused.value.field) == (Code.ID_REUSED, "id")


def test_an_empty_box_is_emptied_too(loop: Loop) -> None:
    hold(loop, BOX, 5)
    put_in(loop, make_code())
    assert empty(loop).pieces == 0
    assert fullness(loop)[BOX].fill == 0


def test_word_of_it_comes_late(loop: Loop) -> None:
    """The van was offline: what lay there then is collected then, and what happened since stays."""
    hold(loop, BOX, 10)
    gone, still, after = (loop.lent_cup(None) for _ in range(3))
    put_in(loop, gone)
    put_in(loop, still)
    loop.now += MINUTE
    emptied_at = loop.now
    loop.now += MINUTE
    loop.receive(gone)
    put_in(loop, after)
    assert empty(loop, at=emptied_at).pieces == 2
    assert loop.item(gone).state is State.DIRTY
    assert loop.gaps(gone) == []  # its collection was not missed after all
    assert loop.item(still).state is State.COLLECTED
    assert loop.item(after).state is State.RETURNED
    assert fullness(loop)[BOX].fill == 1
    loop.check()


def test_what_was_brought_before_and_is_told_after_fills_nothing(loop: Loop) -> None:
    hold(loop, BOX, 10)
    cup = loop.lent_cup(None)
    put_in_at = loop.now
    loop.now += MINUTE
    empty(loop)
    put_in(loop, cup, at=put_in_at, sent_at=loop.now)
    assert loop.item(cup).state is State.RETURNED
    assert fullness(loop)[BOX].fill == 0


def test_what_was_taken_before_is_not_taken_again(loop: Loop) -> None:
    cup = loop.lent_cup(None)
    put_in(loop, cup)
    at = loop.now
    loop.collect(cup, site=BOX)
    loop.now += MINUTE
    assert empty(loop, at=at + MINUTE).pieces == 0
    loop.now += DAY
    assert empty(loop).pieces == 0
    assert collects(loop) == 1


def test_a_return_taken_back_lies_nowhere(loop: Loop) -> None:
    cup = loop.lent_cup(None)
    put = put_in(loop, cup)
    loop.void(cup, put.id, by=loop.town.officer, site=BOX)
    assert empty(loop).pieces == 0
    assert loop.item(cup).state is State.LENT


def test_a_clock_ahead_is_not_believed(loop: Loop) -> None:
    now = loop.now
    assert empty(loop, at=loop.now + timedelta(hours=3)).at == now


def test_it_settles_what_the_box_asked_for(loop: Loop) -> None:
    def ask(why: CollectWhy) -> None:
        new = NewCollect(uuid.uuid4(), why, loop.site(BOX))
        loop.write(lambda s: ask_collection(s, new, actor=loop.town.officer, now=loop.now))

    ask(CollectWhy.FULL)
    ask(CollectWhy.SURPLUS)
    loop.now += MINUTE
    empty(loop)
    with Session(loop.engine) as session:
        left = open_collections(session, district_id=loop.town.id)
    assert [one.why for one in left] == [CollectWhy.SURPLUS]


def test_who_may_and_where(loop: Loop) -> None:
    def refused(site: str, by) -> tuple[Code, str | None]:
        with pytest.raises(LendingError) as error:
            empty(loop, site, by=by)
        return error.value.code, error.value.field

    town = loop.town
    put_in(loop, loop.lent_cup(None))
    assert refused(BOX, town.machine) == (Code.NOT_ALLOWED_HERE, "site")  # anybody may tap it
    assert refused(NABI, town.mina) == (Code.NOT_ALLOWED_HERE, "site")
    assert refused(WASH, town.jun) == (Code.INVALID, "site")
    assert empty(loop, HARU, by=town.mina).pieces == 0
    assert empty(loop, by=town.officer).pieces == 1
    with Session(loop.engine) as session:
        rows = session.execute(sa.select(Emptying.site_id, Emptying.pieces, Emptying.by)).all()
    assert sorted(row.pieces for row in rows) == [0, 1]


def test_another_districts_box_is_none(loop: Loop) -> None:
    with pytest.raises(LendingError) as error:
        loop.write(
            lambda s: empty_box(
                s, site_id=10_000, id=uuid.uuid4(), at=loop.now, actor=loop.town.officer,
                keys=loop.keys, now=loop.now,
            )
        )  # fmt: skip
    assert error.value.code is Code.NOT_FOUND
