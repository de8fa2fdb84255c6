"""The tablet knows how full its box is and where there is room."""

from lending.loop.codes import make_code
from lending.places.spots import Spot, place_site
from tests.boxes.conftest import report, returned_here, scan, send_scans
from tests.callers import Caller
from tests.personas import BOX, NABI, Loop


def test_the_tablet_knows_how_full_its_box_is_and_where_there_is_room(
    loop: Loop, box: Caller
) -> None:
    state = box.open("/return/state").get_json()
    assert (state["capacity"], state["fill"]) == (0, 0)

    def place(site: str, *spot: float) -> None:
        where = {"district_id": loop.town.id, "site_id": loop.town.sites[site]}
        loop.write(lambda s: place_site(s, **where, spot=Spot(*spot)))

    place(BOX, 2, 37.5, 126.6)
    place(NABI, 0, 37.51, 126.6)
    for _ in range(2):
        returned_here(loop, box)
    state = box.open("/return/state").get_json()
    assert (state["capacity"], state["fill"]) == (2, 2)
    assert state["elsewhere"] == {"ko": "카페 나비", "en": "Café Nabi", "metres": 1112}
    assert "now" in state
    # A full box takes returns all the same.
    returned_here(loop, box)
    assert box.open("/return/state").get_json()["fill"] == 3
    # And what is unknown and told of counts once.
    stranger = scan(make_code())
    [receipt] = send_scans(box, stranger).get_json()["receipts"]
    assert receipt["gap"] == "unknown_code"
    report(box, id=stranger["id"])
    assert box.open("/return/state").get_json()["fill"] == 4
