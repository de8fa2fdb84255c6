"""Word of a crate's earlier way that comes when the crate is long on another one."""

import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import Action
from lending.moving.packing.crates import contents_of, view_crates
from lending.moving.packing.sealing import dissolve_crate
from lending.moving.rounds.beeps import Move
from lending.moving.rounds.driving import StopTold, tell_stop
from lending.moving.supply.place import load_place_supply
from lending.places.sites import load_sites
from lending.requests.round_tables import Consignment, Stop, StopOutcome
from tests.loop.test_queries import plan_of
from tests.moving.conftest import TOMORROW, Moving
from tests.moving.kai import Kai
from tests.personas import HARU, MINUTE, NABI, WASH, Loop


def ways(moving: Moving):
    """Every crate's ways in the order in which they were opened."""
    return sorted(
        moving.read(lambda s: view_crates(s, Consignment.dissolved_at.is_(None))),
        key=lambda one: one.loaded_at or moving.loop.now,
    )


def gone_and_back(moving: Moving) -> str:
    """A crate that was taken in at Haru and that the centre received again."""
    crate = moving.sealed_crate()
    moving.beep(Move.LOAD, crate)
    moving.beep(Move.RECEIVE, crate)
    return crate


def pack_anew(moving: Moving, crate: str) -> None:
    """The crate stands at the centre again, is emptied and packed for Nabi."""
    crate_id = moving.loop.item_id(crate)
    for piece in moving.read(contents_of, crate_id=crate_id):
        moving.loop.one(Action.UNPACK, piece.code, by=moving.town.jun)
    moving.pack(moving.list_for(NABI, day=TOMORROW), crate, *moving.loop.passed_cups(2))
    moving.seal(crate)


def test_a_late_take_leaves_the_crate_on_the_way_it_is_packed_for(
    loop: Loop, moving: Moving
) -> None:
    crate = gone_and_back(moving)
    at = loop.now
    loop.now += 30 * MINUTE
    loop.receive(crate, from_=loop.site(HARU))
    pack_anew(moving, crate)
    moving.beep(Move.TAKE, crate, at=at, site=HARU, to=WASH)
    out, back, packed = ways(moving)
    assert (out.to_site, out.received_at is not None) == (HARU, True)
    assert (back.loaded_at, back.received_at is not None) == (at, True)
    assert (packed.to_site, packed.received_at) == (NABI, None)
    assert moving.beep(Move.LOAD, crate, ask=True).crate.to_site == NABI
    loop.check()


def test_a_late_bring_leaves_the_crate_on_the_way_it_is_packed_for(
    loop: Loop, moving: Moving
) -> None:
    crate = gone_and_back(moving)
    moving.beep(Move.TAKE, crate, site=HARU, to=WASH)
    at = loop.now
    loop.now += 30 * MINUTE
    loop.receive(crate, from_=loop.site(HARU))
    pack_anew(moving, crate)
    moving.beep(Move.BRING, crate, at=at, site=WASH)
    packed = ways(moving)[-1]
    assert (packed.to_site, packed.sealed_at is not None, packed.received_at) == (NABI, True, None)
    loop.check()


def test_a_late_taking_in_leaves_the_crate_on_the_way_it_is_packed_for(
    loop: Loop, moving: Moving
) -> None:
    crate = moving.sealed_crate()
    moving.beep(Move.LOAD, crate)
    at = loop.now
    loop.now += 30 * MINUTE
    moving.beep(Move.TAKE, crate, site=HARU, to=WASH)
    moving.beep(Move.BRING, crate)
    pack_anew(moving, crate)
    moving.beep(Move.RECEIVE, crate, at=at)
    assert ways(moving)[-1].received_at is None
    loop.check()


def test_a_crate_that_came_unloaded_goes_anew_where_somebody_says(
    loop: Loop, moving: Moving
) -> None:
    crate = moving.sealed_crate()
    moving.beep(Move.RECEIVE, crate)  # nobody scanned that it was loaded
    loop.receive(crate, from_=loop.site(HARU))
    answer = moving.beep(Move.LOAD, crate, by=loop.town.jun, to=NABI)
    assert answer.crate.to_site == NABI
    assert loop.item(crate).to_site == loop.town.sites[NABI]


def test_a_loading_that_two_people_scan_is_one(kai: Kai, now_loop: Loop) -> None:
    [crate, _] = kai.day.clean
    kai.day.moving.beep(Move.LOAD, crate, by=now_loop.town.jun)
    record = kai.record("load", code=crate)
    kai.at += 5 * MINUTE
    told = [record, kai.record("deliver", HARU, code=crate)]
    assert kai.told(*told) == ["recorded"] * 2
    now_loop.now = kai.at + MINUTE
    kai.day.moving.beep(Move.RECEIVE, crate)
    assert kai.told(*told) == ["recorded"] * 2
    [one] = [one for one in kai.day.stop(HARU).crates if one.code == crate]
    assert one.loaded_at and one.delivered_at and one.received_at
    now_loop.check()


def test_a_delivery_told_again_after_the_crate_was_taken_back_is_still_known(
    kai: Kai, now_loop: Loop
) -> None:
    [crate, _] = kai.day.clean
    told = [kai.record("load", code=crate), kai.record("deliver", HARU, code=crate)]
    assert kai.told(*told) == ["recorded"] * 2
    kai.at += 10 * MINUTE
    assert kai.told(kai.record("take", HARU, code=crate)) == ["recorded"]
    before = kai.day.stored()
    assert kai.told(*told) == ["recorded"] * 2
    assert kai.day.stored() == before
    now_loop.check()


def test_what_another_driver_told_while_this_one_waited_for_the_stop_counts(
    kai: Kai, now_loop: Loop
) -> None:
    stop, courier = kai.day.stop(HARU), now_loop.town.courier
    early, late = now_loop.now, now_loop.now + 5 * MINUTE

    def tell(session: Session) -> None:
        seen = session.get_one(Stop, stop.id)  # as it was before the lock was had
        other = sa.update(Stop).where(Stop.id == stop.id)
        other = other.values(outcome=StopOutcome.DONE, told_id=uuid.uuid4(), told_at=late)
        session.execute(other, execution_options={"synchronize_session": False})
        told = StopTold(uuid.uuid4(), stop.id, StopOutcome.NOBODY, early)
        tell_stop(session, told, actor=courier, now=late)
        assert seen.outcome is StopOutcome.DONE

    now_loop.write(tell)
    assert (kai.day.stop(HARU).outcome, kai.day.stop(HARU).told_at) == (StopOutcome.DONE, late)


def test_a_first_piece_refused_and_sent_again_after_the_crate_was_given_up(
    loop: Loop, moving: Moving
) -> None:
    crate, [dirty], [clean] = loop.new_crate(), loop.new_cups(), loop.passed_cups(1)
    packing, id = moving.list_for(), uuid.uuid4()
    moving.pack(packing, crate, dirty, id=id)
    moving.write(dissolve_crate, crate=crate, actor=loop.town.jun)
    moving.pack(packing, crate, dirty, id=id)
    assert moving.pack(packing, crate, clean).crate.pieces == {"cup-355": 1}


def test_giving_a_crate_up_told_again_is_the_same_word(loop: Loop, moving: Moving) -> None:
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    packing = moving.list_for()
    moving.pack(packing, crate, cups[0])
    at = loop.now
    for _ in range(2):  # the answer did not arrive
        loop.now = at
        moving.write(dissolve_crate, crate=crate, actor=loop.town.jun)
    moving.pack(packing, crate, cups[1])  # by somebody else, for the same list
    loop.now = at
    again = moving.write(dissolve_crate, crate=crate, actor=loop.town.jun)
    assert again.packing_id == packing.id


def test_a_place_awaits_no_crate_that_was_seen_elsewhere(loop: Loop, moving: Moving) -> None:
    crate = moving.sealed_crate()
    moving.beep(Move.LOAD, crate)
    site = moving.read(lambda s: load_sites(s, site_ids=[loop.town.sites[HARU]]))
    haru = site[loop.town.sites[HARU]]
    coming = lambda: moving.read(load_place_supply, site=haru, now=loop.now).crates_coming  # noqa: E731
    assert coming() == 1
    loop.now += timedelta(hours=3)
    loop.receive(crate, from_=loop.site(HARU))
    assert coming() == 0


def test_a_crate_s_ways_are_found_by_an_index(loop: Loop) -> None:
    query = sa.select(Consignment.id).where(Consignment.crate_id == sa.bindparam("crate"))
    with Session(loop.engine) as session:
        plan = plan_of(session, query, {"crate": 1})
    assert not [line for line in plan if "Seq Scan" in line or line.startswith("SCAN ")]
