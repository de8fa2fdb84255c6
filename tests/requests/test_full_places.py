"""Full places: where there is room instead, who is told, what officers and the public see."""

import pytest
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.loop.codes import make_code
from lending.notices.alerts import open_alerts
from lending.people.tables import Role
from lending.places.opening import Hours, set_opening
from lending.reminders.alerts import sweep_alerts
from lending.requests.fullness import boxes_full
from lending.requests.ways_back import list_ways_back
from tests.callers import staff_caller
from tests.personas import BOX, HARU, NABI, OFFICE, Loop
from tests.requests.boxes import fullness, hold, put_in


def test_only_counted_active_places_of_the_district(loop: Loop) -> None:
    assert fullness(loop) == {}
    hold(loop, BOX, 1)
    hold(loop, HARU, 100)
    put_in(loop, loop.lent_cup(None))
    assert list(fullness(loop)) == [BOX, HARU]  # the fullest first
    with Session(loop.engine) as session:
        assert boxes_full(session, district_id=loop.town.id + 1) == []


def test_the_nearest_with_room(loop: Loop) -> None:
    def full() -> dict[int, tuple[str, float | None] | None]:
        with Session(loop.engine) as session:
            lines = list_ways_back(session, district_id=loop.town.id, now=loop.now)
        return {
            line.site.id: line.instead and (line.instead.site.code, line.instead.metres)
            for line in lines
            if line.place.full
        }

    box = loop.town.sites[BOX]
    assert full() == {}
    hold(loop, BOX, 1)
    put_in(loop, loop.lent_cup(None))
    # Without positions: the first of the list, and no distance.
    assert full() == {box: (HARU, None)}
    hold(loop, BOX, 1, 37.50, 126.60)
    assert full() == {box: (HARU, None)}
    hold(loop, HARU, 0, 37.60, 126.60)
    hold(loop, NABI, 0, 37.51, 126.60)
    near = full()[box]
    assert near is not None and near[0] == NABI
    assert near[1] == pytest.approx(1112, abs=1)
    # What is full itself is not recommended, what is nearly full is.
    hold(loop, NABI, 1, 37.51, 126.60)
    assert full()[box][0] == NABI
    loop.give_back(loop.lent_cup(None), by=loop.town.yuna)
    shown = full()
    assert shown[box][0] == HARU
    assert shown[loop.town.sites[NABI]][0] == HARU


def test_no_room_anywhere(loop: Loop) -> None:
    hold(loop, BOX, 1)
    put_in(loop, loop.lent_cup(None))
    never = Hours(loop.now, 0)
    for code in (HARU, NABI, OFFICE):
        site = loop.town.sites[code]
        loop.write(lambda s, id=site: set_opening(s, site_id=id, hours=never, now=loop.now))
    with Session(loop.engine) as session:
        lines = list_ways_back(session, district_id=loop.town.id, now=loop.now)
    assert [line.instead for line in lines if line.place.full] == [None]
    assert not any(line.place.is_ready for line in lines)


def test_who_is_told_of_a_full_box(loop: Loop) -> None:
    def alerts(actor) -> list[tuple[str, str, int]]:
        loop.write(lambda s: sweep_alerts(s, district_id=loop.town.id, now=loop.now))
        with Session(loop.engine) as session:
            found = open_alerts(session, actor=actor)
        return [(a.site, a.kind, a.count) for a in found if a.kind == "box_full"]

    hold(loop, BOX, 2)
    hold(loop, HARU, 1)
    put_in(loop, loop.lent_cup(None))
    assert alerts(loop.town.officer) == []
    put_in(loop, make_code())
    cup = loop.lent_cup(None)
    loop.give_back(cup)
    # Nobody stands at a box: an officer is told at once. At a café its own people are.
    assert alerts(loop.town.officer) == [(BOX, "box_full", 2)]
    assert alerts(loop.town.mina) == [(HARU, "box_full", 1)]
    loop.collect(cup)
    assert alerts(loop.town.mina) == []


def test_officers_see_it_in_the_overview(loop: Loop, app) -> None:
    hold(loop, BOX, 2)
    hold(loop, OFFICE, 50)
    for _ in range(2):
        put_in(loop, loop.lent_cup(None))
    with transaction(loop.engine) as session:
        officer = staff_caller(app, session, loop.town, Role.OFFICER)
    page = officer.open("/office").text
    assert page.index("반납함</span>" if "반납함</span>" in page else "반납함") < page.rindex(
        "구청"
    )
    assert "가득 찼어요" in page and "2개 가운데 2개" in page and "50개 가운데 0개" in page
    cup = loop.clean_cup()
    public = app.test_client().get(f"/i/{cup}").text
    assert "가득 찼어요 – 자리가 있는 곳: " in public
