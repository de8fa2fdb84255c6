"""The pages of counted ware: what is there, what came and went, and telling what happened."""

import re
import uuid
from datetime import UTC, datetime, timedelta

from lending.wares.ways import Condition, Outside, Why, beyond, in_crate
from tests.callers import Caller
from tests.personas import HARU, NABI, WASH
from tests.wares.conftest import CLEAN, DIRTY, WASHED, Wares
from tests.wares.doors import Door, alerts


def row_of(page: str, name: str) -> list[str]:
    """The cells of the first row of a table that begins with a name."""
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.S):
        cells = [
            re.sub(r"<[^>]+>|\s+", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        if cells and cells[0] == name:
            return cells
    raise AssertionError(f"no row of {name}")


# -- what is there ----------------------------------------------------------------------------------


def test_a_place_sees_its_ware_by_condition_and_in_crates_there(wares: Wares, jun: Door) -> None:
    wares.buy(40, wares.at(WASH))
    wares.buy(7, wares.at(WASH, DIRTY))
    wares.buy(5, wares.at(HARU))
    wares.buy(12, in_crate(wares.crate(), CLEAN))
    page = jun.get("/wares")
    # kind, clean, washed, dirty, held, in crates, all, coming
    assert row_of(page, "bowl") == ["bowl", "40", "0", "7", "0", "12", "59", "0"]
    assert row_of(page, "plate")[1:] == ["0"] * 7


def test_opening_and_what_came_and_went_add_up_to_the_end(wares: Wares, olga: Door) -> None:
    haru, nabi = wares.at(HARU), wares.at(NABI)
    day = datetime(2026, 5, 10, 3, tzinfo=UTC)
    wares.loop.now = day + timedelta(days=60)
    wares.buy(100, haru, at=day)
    inside = {"at": day + timedelta(days=3)}
    wares.record(
        wares.move(30, nabi, haru, Why.MOVED, **inside),
        wares.move(20, haru, nabi, Why.MOVED, **inside),
        wares.move(4, haru, beyond(Outside.BROKEN), Why.BROKEN, **inside),
        wares.move(1, haru, beyond(Outside.RETIRED), Why.RETIRED, **inside),
    )
    wares.count(wares.figure(103, haru, at=day + timedelta(days=4)))
    page = olga.get("/wares", **{"from": "2026-05-11", "to": "2026-05-14"})
    period = page[page.index("들고 난 수") :]
    assert row_of(period, "bowl") == ["bowl", "100", "+30", "−20", "−5", "2개모자람", "103"]
    before = olga.get("/wares", **{"from": "2026-05-11", "to": "2026-05-12"})
    assert row_of(before[before.index("들고 난 수") :], "bowl")[-1] == "100"


def test_a_period_that_makes_no_sense_is_named_and_nothing_breaks(olga: Door) -> None:
    backwards = olga.get("/wares", **{"from": "2026-05-14", "to": "2026-05-11"})
    assert "끝나는 날이 시작하는 날보다 앞서요." in alerts(backwards)
    for asked in (
        {"from": "gestern"}, {"to": "0001-01-01"}, {"from": "\x00"},
        {"from": "9999-12-31", "to": "9999-12-31"},
    ):  # fmt: skip
        assert alerts(olga.get("/wares", **asked)), asked


def test_a_difference_shows_who_counted_and_when(wares: Wares, olga: Door, mina: Door) -> None:
    wares.buy(10, wares.at(HARU))
    told = mina.record("counted", quantity="8")
    assert "기록은 10개였어요: 2개 모자람" in told
    page = olga.get("/wares/moves")
    first = re.findall(r"<tr class=\"off-row\">(.*?)</tr>", page, re.S)[0]
    assert "세어 보니 다름" in first and "tablet" in first and "매장" in first
    assert wares.held(wares.at(HARU)) == 8


def test_moves_are_paged_and_kept_apart_by_kind(wares: Wares, olga: Door) -> None:
    haru = wares.at(HARU)
    wares.record(*(wares.move(1, beyond(Outside.BOUGHT), haru, Why.BOUGHT) for _ in range(60)))
    wares.buy(9, haru, kind_id=wares.plate)
    page = olga.get("/wares/moves", kind="bowl")
    after = re.findall(r'href="[^"]*after=([^"&]+)"', page)[0]
    second = olga.get("/wares/moves", kind="bowl", after=after)
    assert [text.count("새로 들어옴</th>") for text in (page, second)] == [50, 10]
    olga.get("/wares/moves", 422, after="no-cursor")


def test_who_acts_for_the_district_sees_all_places_and_others_only_their_own(
    wares: Wares, olga: Door, mina: Door, doors: dict[str, Caller]
) -> None:
    wares.buy(5, wares.at(NABI))
    everywhere = doors["olga"].open("/wares").text
    assert "카페 나비" in everywhere and "카페 하루" in everywhere
    own = doors["mina"].open(f"/wares?site={wares.loop.site(NABI)}").text  # another's is not shown
    assert "카페 나비" not in own and row_of(own, "bowl")[1] == "0"
    assert doors["driver"].open("/wares").status_code == 403
    Door(doors["olga"], wares, "NOWHERE").get("/wares", 404)


# -- what happened ----------------------------------------------------------------------------------


def test_each_thing_told_moves_what_it_says(wares: Wares, jun: Door) -> None:
    at = wares.at
    jun.record("bought", quantity="100", condition="dirty")
    jun.record("washed", quantity="90", condition="dirty")
    jun.record("passed", quantity="80", condition="washed")
    jun.record("rewashed", quantity="10", condition="washed")
    jun.record("broken", quantity="3")
    jun.record("retired", quantity="2", note="금이 감")
    jun.record("held", quantity="5")
    jun.record("released", quantity="5", condition="held")
    jun.record("moved", quantity="20", to=wares.loop.site(HARU))
    jun.record("used", quantity="1")
    assert wares.held(at(WASH)) == 80 - 3 - 2 - 5 - 20 - 1
    assert wares.held(at(WASH, DIRTY)) == 10 + 10 + 5 + 1
    assert wares.held(at(WASH, WASHED)) == 0 and wares.held(at(HARU)) == 20
    wares.check()


def test_told_twice_it_counts_once(wares: Wares, mina: Door) -> None:
    wares.buy(10, wares.at(HARU))
    id = str(uuid.uuid4())
    mina.record("broken", quantity="2", id=id)
    assert "이미 기록했어요" in mina.record("broken", quantity="2", id=id)
    assert wares.held(wares.at(HARU)) == 8
    refused = mina.record("broken", 422, quantity="3", id=id)
    assert "이미 다른 기록을 남겼어요" in refused
    mina.record("counted", quantity="5", id=id)  # figures have ids of their own
    assert wares.held(wares.at(HARU)) == 5


def test_a_number_that_is_none_is_refused_in_words(wares: Wares, mina: Door) -> None:
    wares.buy(10, wares.at(HARU))
    said = {
        "-3": "1 이상의 수", "0": "1 이상의 수", "12개": "숫자만", "많이": "숫자만", "1.5": "숫자만",
        "1e3": "숫자만", "": "채워", "1000001": "1,000,000개까지", "1_000": "숫자만", "1,2": "숫자만",
        "99999999999999999999": "숫자만", "12\x00": "숫자만", "１２": "숫자만",
    }  # fmt: skip
    for quantity, words in said.items():
        assert words in mina.record("broken", 422, quantity=quantity), quantity
    assert wares.held(wares.at(HARU)) == 10


def test_a_count_may_be_nought_but_not_less(wares: Wares, mina: Door) -> None:
    wares.buy(10, wares.at(HARU))
    assert "0 이상의 수" in mina.record("counted", 422, quantity="-1")
    mina.record("counted", quantity="0")
    assert wares.held(wares.at(HARU)) == 0
    mina.record("counted", quantity="1,200")
    assert wares.held(wares.at(HARU)) == 1_200


def test_more_than_was_known_of_is_taken_and_told(wares: Wares, mina: Door) -> None:
    wares.buy(3, wares.at(HARU))
    assert "2개 더 나갔어요" in mina.record("broken", quantity="5")
    assert wares.held(wares.at(HARU)) == -2
    assert "아는 것보다 많이 나간" in mina.get("/wares")


def test_told_later_with_its_time(wares: Wares, mina: Door) -> None:
    wares.buy(10, wares.at(HARU), at=datetime.now(UTC) - timedelta(days=5))
    yesterday = datetime.now(UTC).astimezone() - timedelta(days=1)
    local = (datetime.now(UTC) + timedelta(hours=9) - timedelta(days=1)).isoformat()[:16]
    mina.record("broken", quantity="1", at=local)
    page = mina.get("/wares/moves")
    assert "에 적음" in page and yesterday
    for at in ("2999-01-01T10:00", "1999-01-01T10:00", "gestern", "9999-12-31T23:59"):
        assert mina.record("broken", 422, quantity="1", at=at)
    assert wares.held(wares.at(HARU)) == 9


def test_ware_goes_into_a_crate_and_out_by_its_label(wares: Wares, jun: Door) -> None:
    wares.buy(50, wares.at(WASH))
    crate = wares.loop.new_crate()
    jun.record("packed", quantity="20", crate=f"https://cups.example.kr/i/{crate}")
    inside = in_crate(wares.loop.item_id(crate), CLEAN)
    assert (wares.held(inside), wares.held(wares.at(WASH))) == (20, 30)
    jun.record("unpacked", quantity="5", crate=crate)
    jun.record("broken", quantity="1", crate=crate)  # in the crate
    assert (wares.held(inside), wares.held(wares.at(WASH))) == (14, 35)
    cup = wares.loop.new_cups()[0]
    for wrong in ("", "hello", cup, crate[:-1] + str((int(crate[-1]) + 1) % 10)):
        assert jun.record("packed", 422, quantity="1", crate=wrong), wrong
    assert wares.held(inside) == 14


def test_moving_to_the_same_place_or_to_nowhere_is_refused(wares: Wares, mina: Door) -> None:
    wares.buy(5, wares.at(HARU))
    for to in ("", wares.loop.site(HARU), "NOWHERE", "x\x00"):
        assert mina.record("moved", 422, quantity="1", to=to), to
    assert wares.held(wares.at(HARU)) == 5


def test_a_cafe_neither_buys_nor_passes(wares: Wares, mina: Door) -> None:
    for what in ("bought", "washed", "passed", "released"):
        assert f"/wares/record/{what}" not in mina.get("/wares")
        mina.get(f"/wares/record/{what}", 403)
        mina.post(f"/wares/record/{what}", 403, id=str(uuid.uuid4()), kind="bowl")
    for what in ("joined", "nothing"):
        mina.get(f"/wares/record/{what}", 404)


def test_a_form_that_was_tampered_with_changes_nothing(wares: Wares, mina: Door) -> None:
    wares.buy(5, wares.at(HARU))
    for field in ("kind", "condition", "id"):
        for value in ("", "x", "cup-355", "\x00"):
            mina.record("broken", 422, quantity="1", **{field: value})
    assert wares.held(wares.at(HARU)) == 5


def test_every_condition_of_the_form_is_one_the_ledger_takes(wares: Wares, jun: Door) -> None:
    crate = wares.loop.new_crate()
    for why in ("counted", "packed", "unpacked", "moved", "used", "washed", "passed", "rewashed",
                "broken", "retired", "bought", "held", "released"):  # fmt: skip
        page = jun.get(f"/wares/record/{why}")
        offered = re.findall(r'name="condition" value="(\w+)"', page)
        assert offered and set(offered) <= set(Condition)
        for condition in offered:
            more = {"crate": crate} if why in ("packed", "unpacked") else {}
            more |= {"to": wares.loop.site(NABI)} if why == "moved" else {}
            jun.record(why, quantity="1", condition=condition, **more)
    wares.check()
