"""How full a machine says it is counts as the pieces in a counted box do: lists, rounds, alerts."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.moving.rounds.wishes import gather_wishes
from lending.notices.alerts import open_alerts
from lending.people.tables import Role
from lending.places.spots import Spot, place_site
from lending.reminders.alerts import sweep_alerts
from lending.requests.fullness import Fullness, boxes_full
from lending.requests.ways_back import list_ways_back
from tests.callers import device_caller, staff_caller
from tests.machines.conftest import GLAS, ROBO, Machines
from tests.personas import BOX, HARU, MINUTE, NABI, WASH


def put(machines: Machines, code: str, *, capacity: int = 0, at: float = 0.0) -> None:
    """A place, `at` kilometres north of the first one, that holds so many pieces."""
    town = machines.loop.town
    site = machines.sites[code].id if code in machines.sites else town.sites[code]
    spot = Spot(capacity, 37.5 + at / 111.2, 126.6)
    machines.write(lambda s: place_site(s, district_id=town.id, site_id=site, spot=spot))


def fullness(machines: Machines) -> dict[int, Fullness]:
    with Session(machines.loop.engine) as session:
        found = boxes_full(session, district_id=machines.loop.town.id)
    return {one.site.id: one for one in found}


def elsewhere(machines: Machines, code: str) -> str | None:
    """Where the lists of places send somebody who stands before this full one; None: not full."""
    town = machines.loop.town
    with Session(machines.loop.engine) as session:
        lines = list_ways_back(session, district_id=town.id, now=machines.loop.now)
    [other] = [line.instead for line in lines if line.site.id == machines.sites[code].id]
    return other and other.site.name


def wanted(machines: Machines) -> dict[str, tuple[int, int | None]]:
    """(crates to take, per cent) by place of what the next round is wanted for."""
    town, day = machines.loop.town, machines.loop.now.date()
    more: dict[str, Any] = {"depot_id": town.sites[WASH], "day": day, "today": day}
    with Session(machines.loop.engine) as session:
        found = gather_wishes(session, district_id=town.id, **more)
    return {one.site.name: (one.take, one.full) for one in found}


def test_a_machine_that_says_it_is_full_counts_as_a_full_box(machines: Machines) -> None:
    robo = machines.sites[ROBO]
    put(machines, ROBO)
    put(machines, GLAS, at=1)
    put(machines, BOX, at=2)
    machines.beat(ROBO, fullness=40)
    assert (fullness(machines)[robo.id].percent, wanted(machines)) == (40, {})
    assert elsewhere(machines, ROBO) is None
    machines.beat(ROBO, fullness=92)
    assert fullness(machines)[robo.id].is_full
    assert elsewhere(machines, ROBO) == "병 회수기"
    assert wanted(machines) == {robo.name: (1, 92)}  # a crate at least, whatever was scanned
    machines.beat(ROBO, fullness=83)  # as its alert: it has room only well below
    assert fullness(machines)[robo.id].is_full and wanted(machines) == {robo.name: (1, 83)}
    machines.beat(ROBO)  # it cannot tell any more
    assert fullness(machines)[robo.id].is_full
    machines.beat(ROBO, fullness=5)
    assert (elsewhere(machines, ROBO), wanted(machines)) == (None, {})


def test_what_is_full_or_silent_is_nobodys_way_out(machines: Machines) -> None:
    for place, code in enumerate((ROBO, GLAS, BOX)):
        put(machines, code, at=place)
    machines.beat(ROBO, fullness=95)
    machines.beat(GLAS, fullness=95)
    assert elsewhere(machines, ROBO) == machines.sites[BOX].name
    machines.beat(GLAS, fullness=0)
    assert elsewhere(machines, ROBO) == "병 회수기"
    machines.loop.now += 11 * MINUTE
    machines.beat(ROBO, fullness=95)
    machines.watch()
    assert elsewhere(machines, ROBO) == machines.sites[BOX].name


def test_its_measure_stands_before_the_count_until_it_is_emptied(machines: Machines) -> None:
    loop, box = machines.loop, machines.sites[BOX]
    put(machines, BOX, capacity=2)
    cups = [loop.lent_cup(None) for _ in range(2)]
    for cup in cups:
        loop.give_back(cup, by=loop.town.machine)
    assert fullness(machines)[box.id].is_full
    machines.beat(BOX, fullness=30)  # they lie flat
    one = fullness(machines)[box.id]
    assert (one.percent, one.fill, one.is_full) == (30, 2, False)
    machines.beat(BOX, fullness=99)
    assert fullness(machines)[box.id].is_full
    for cup in cups:
        loop.collect(cup, site=BOX)
    one = fullness(machines)[box.id]  # its newest word is older than the collection
    assert (one.percent, one.is_full, one.measured) == (0, False, None)
    machines.beat(BOX, fullness=12)
    assert fullness(machines)[box.id].percent == 12


def test_one_alert_tells_of_a_full_machine(machines: Machines) -> None:
    """Its keeper's; of a counted box the officer's, as before."""
    loop = machines.loop
    machines.set_up(ROBO, keeper=HARU)
    put(machines, ROBO, capacity=1)
    loop.give_back(loop.lent_cup(None), by=machines.actor(ROBO))
    machines.beat(ROBO, fullness=97)
    machines.watch()
    machines.write(lambda s: sweep_alerts(s, district_id=loop.town.id, now=loop.now))
    with Session(loop.engine) as session:
        seen = {who: open_alerts(session, actor=who) for who in (loop.town.mina, loop.town.officer)}
    kinds = {who: [a.kind for a in found if "full" in a.kind] for who, found in seen.items()}
    assert kinds == {loop.town.mina: ["machine_full"], loop.town.officer: []}


def test_pages_and_the_boxs_own_screen_say_it(app: Flask, today: Machines) -> None:
    machines, loop = today, today.loop
    for place, code in enumerate((ROBO, BOX, NABI)):
        put(machines, code, at=place)
    machines.beat(ROBO, fullness=96)
    machines.beat(BOX, fullness=91)
    with transaction(loop.engine) as session:
        officer = staff_caller(app, session, loop.town, Role.OFFICER)
        tablet = device_caller(app, session, loop.town, BOX)
    page = officer.open("/office").text
    assert "96 %" in page and "기계가 잰 값" in page and "가득 찼어요" in page
    public = app.test_client().get(f"/i/{loop.clean_cup()}").text
    assert public.count("가득 찼어요 – ") == 2
    state = tablet.open("/return/state").get_json()
    assert state["full"] is True and state["capacity"] == 0
    loop.now += timedelta(minutes=1)
    machines.beat(BOX, fullness=3)
    assert tablet.open("/return/state").get_json()["full"] is False
