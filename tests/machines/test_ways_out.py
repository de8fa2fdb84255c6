"""Where else a piece can go: the nearest three that are open, have room and take its kind."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from flask import Flask

from lending.db import reading
from lending.places.opening import Hours, announce_closures, set_opening
from lending.places.spots import Spot, place_site
from lending.requests.ways_back import PlaceBack, list_ways_back
from tests.machines.conftest import GLAS, ROBO, Machines
from tests.personas import BOX, DAY, HARU, MINUTE, NABI, OFFICE

HOUR = timedelta(hours=1)


def place(machines: Machines, **north: float) -> None:
    """Puts places so many thousandths of a degree north of Robo."""
    loop = machines.loop
    ids = loop.town.sites | {code: site.id for code, site in machines.sites.items()}
    for code, far in {ROBO: 0.0, **north}.items():
        spot = Spot(0, 37.5 + far / 1000, 126.6)
        machines.write(
            lambda s, spot=spot, id=ids[code]: place_site(
                s, district_id=loop.town.id, site_id=id, spot=spot
            )
        )
        if code in machines.sites:
            machines.sites[code] = replace(machines.sites[code], spot=spot)


def ways(machines: Machines, cup: str = "") -> list[str]:
    told = machines.refuse(machines.refused(cup))
    return [way.site.code + ("" if way.open else " closed") for way in told.ways]


def test_the_nearest_three_that_take_it(machines: Machines) -> None:
    place(machines, GLAS=1, NABI=2, BOX=3, HARU=4)
    assert ways(machines) == [GLAS, NABI, BOX]
    machines.beat(GLAS, fullness=100)
    assert ways(machines) == [NABI, BOX, HARU]
    machines.beat(GLAS, fullness=1)
    machines.loop.now += 20 * MINUTE
    machines.watch()
    assert ways(machines) == [NABI, BOX, HARU]
    machines.beat(GLAS, fullness=1)
    assert ways(machines)[0] == GLAS
    told = machines.refuse(machines.refused())
    assert [round(way.metres or 0) for way in told.ways] == [111, 222, 334]


def test_a_machine_that_does_not_take_the_kind_is_left_out(machines: Machines) -> None:
    place(machines, GLAS=1, NABI=2, BOX=3)
    machines.set_up(GLAS, accepts=("cup-473",))
    small, large = machines.loop.clean_cup(), machines.loop.clean_cup(kind="cup-473")
    assert ways(machines, small)[0] == NABI
    assert ways(machines, large)[0] == GLAS
    assert ways(machines)[0] == NABI  # of what kind it is nobody knows: only where all are taken


def lines(machines: Machines, kind: str) -> list[PlaceBack]:
    """The places that a piece's own page names."""
    loop = machines.loop
    with reading(loop.engine) as session:
        return list_ways_back(session, district_id=loop.town.id, kinds=[kind], now=loop.now)


def listed(machines: Machines, kind: str = "cup-355") -> list[str]:
    """Their codes, each with what is said of it now."""
    said = {line.site.code: line.place for line in lines(machines, kind)}
    return [
        code + " silent" * one.silent + " closed" * (not one.open) for code, one in said.items()
    ]


def instead_of(machines: Machines, code: str) -> str | None:
    """Where the list sends somebody who stands before a full one."""
    [line] = [line for line in lines(machines, "cup-355") if line.site.code == code]
    return line.instead and line.instead.site.code


def test_the_list_of_a_piece_leaves_out_what_does_not_take_it(machines: Machines) -> None:
    place(machines, GLAS=1, NABI=2, BOX=3)
    machines.set_up(GLAS, accepts=("cup-473",))
    assert GLAS not in listed(machines)
    assert GLAS in listed(machines, "cup-473")
    machines.beat(GLAS, fullness=100)
    machines.beat(ROBO, fullness=100)
    assert instead_of(machines, ROBO) == NABI
    machines.beat(GLAS, fullness=1)
    assert instead_of(machines, ROBO) == NABI  # GLAS has room, but takes none of them


def test_the_list_names_what_is_closed_or_silent_last(machines: Machines) -> None:
    loop = machines.loop
    machines.beat(ROBO, fullness=1)
    never = Hours(loop.now, 0)
    machines.write(
        lambda s: set_opening(s, site_id=loop.town.sites[HARU], hours=never, now=loop.now)
    )
    loop.now += 20 * MINUTE
    machines.watch()
    machines.beat(GLAS, fullness=1)
    shown = listed(machines)
    assert set(shown[-2:]) == {f"{HARU} closed", f"{ROBO} silent"}
    assert GLAS in shown[:-2]


def test_the_public_page_of_a_piece_sends_nobody_in_vain(machines: Machines, app: Flask) -> None:
    loop = machines.loop
    machines.set_up(GLAS, accepts=("cup-473",))
    cup = loop.clean_cup()
    site = loop.town.sites[HARU]
    begins = datetime.now(UTC) - DAY
    machines.write(lambda s: set_opening(s, site_id=site, hours=Hours(begins, 0), now=begins))
    page = app.test_client().get(f"/i/{cup}").text
    places = page.split('class="places"')[1].split("</ul>")[0]
    assert machines.sites[GLAS].name not in places
    assert machines.sites[ROBO].name in places
    assert "지금은 문을 닫았어요" in places.split("</li>")[-2]


def test_places_open_now_come_first(machines: Machines) -> None:
    loop = machines.loop
    place(machines, NABI=1, HARU=2, BOX=3, GLAS=4)
    hours = Hours(loop.now - 3 * DAY, 0b1111111, time(6), time(9))

    def open_from(hours: Hours, code: str = NABI) -> None:
        machines.write(
            lambda s: set_opening(
                s, site_id=loop.town.sites[code], hours=hours, now=hours.valid_from
            )
        )

    open_from(hours)
    assert ways(machines) == [HARU, BOX, GLAS]  # it is ten in the morning
    open_from(Hours(loop.now - 2 * DAY, 0b1111111, time(10), time(22)))
    assert ways(machines)[0] == NABI
    open_from(Hours(loop.now - DAY, 0b1111110, time(10), time(22)))  # not on Mondays
    assert ways(machines)[0] == HARU
    open_from(Hours(loop.now - HOUR, 0b1111111, time(20), time(11)))  # through the night
    assert ways(machines)[0] == NABI
    today = loop.now.date()
    machines.write(
        lambda s: announce_closures(
            s, site_id=loop.town.sites[HARU], days=[today], today=today, now=loop.now
        )
    )
    assert ways(machines) == [NABI, BOX, GLAS]
    for code in (NABI, BOX, OFFICE):
        open_from(Hours(loop.now - HOUR, 0, None, None), code)
    assert ways(machines) == [GLAS, "NABI closed", "HARU closed"]
