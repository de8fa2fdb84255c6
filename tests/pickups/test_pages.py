"""The asker's pages over HTTP: what they show, what they refuse, at which hours somebody may come."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from lending.db import transaction
from lending.places.opening import announce_closures, withdraw_closure
from lending.places.tables import District
from lending.requests.pickups.sheet import load_sheets
from lending.requests.pickups.tables import Pickup
from tests.callers import Caller
from tests.personas import MINUTE, WASH, Loop, found_town
from tests.pickups.asker import ask, form, rows
from tests.pickups.asker import loop as loop
from tests.pickups.asker import phone as phone
from tests.pickups.conftest import HOME, Deliveries
from tests.pickups.test_ask import SEOUL, TYPED


def test_a_delivered_pieces_page_is_the_same_whatever_becomes_of_it(
    shop: Deliveries, phone: Caller
) -> None:
    """Nobody reads from it whether the ware is out, or asked for."""

    def seen() -> str:
        return re.sub(r"(번 씻었어요|\d+</span>)", "", phone.open(f"/i/{lid}").text)

    _, (lid, other) = shop.order()
    before = seen()
    assert f'href="/i/{lid}/pickup"' in before
    asked = shop.ask(lid)
    assert seen() == before
    shop.take(asked.pickup.id)
    assert seen() == before
    shop.loop.give_back(lid)
    shop.loop.give_back(other)
    shop.settle()
    assert seen() == before
    cup = shop.loop.lent_cup()
    assert "/pickup" not in phone.open(f"/i/{cup}").text


def test_a_bag_that_was_delivered_is_no_crate_found_on_the_street(
    shop: Deliveries, phone: Caller
) -> None:
    bag, found = shop.loop.new_crate(), "길에서 보면"
    page = phone.open(f"/i/{bag}").text
    assert "/pickup" not in page and found in page
    order, _ = shop.order()
    shop.pack(order, bag)
    page = phone.open(f"/i/{bag}").text
    assert f'href="/i/{bag}/pickup"' in page and found not in page


def test_sent_twice_it_is_one_request(shop: Deliveries, phone: Caller) -> None:
    _, (lid, other) = shop.order()
    phone.open(f"/i/{lid}/pickup")
    sent = form()
    first, second = (phone.open(f"/i/{lid}/pickup", "POST", data=sent) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    again = phone.open(f"/i/{other}/pickup", "POST", data=form())
    assert again.headers["Location"] == f"/i/{other}/pickup"
    assert rows(shop) == 1
    assert first.headers["Location"] in phone.open(f"/i/{other}/pickup").text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"place": "roof"}, "다시 확인해"),
        ({"place": ""}, "채워 주세요"),
        ({"window": "2020-01-01T09"}, "다시 골라"),
        ({"place": "note"}, "채워 주세요"),
        ({"place": "elsewhere"}, "채워 주세요"),
        ({"place": "elsewhere", "address": "가" * 201}, "너무 길어요"),
        ({"place": "note", "note": "문\x00앞"}, "쓸 수 없는 글자"),
        ({"place": "elsewhere", "address": "심곡로 1", "latitude": "91", "longitude": "1"}, "위치를"),
        ({"place": "elsewhere", "address": "심곡로 1", "latitude": "nan", "longitude": "1"}, "확인해"),
        ({"id": "7"}, "확인해"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    shop: Deliveries, phone: Caller, more: dict[str, str], words: str
) -> None:
    _, (lid, _) = shop.order()
    answer = ask(phone, lid, **more)
    assert answer.status_code == 422
    assert words in answer.text
    assert rows(shop) == 0


def test_an_address_left_in_the_form_counts_only_where_it_is_chosen(
    shop: Deliveries, phone: Caller
) -> None:
    _, (lid, _) = shop.order()
    left = {"address": TYPED.address, "latitude": "37.1", "longitude": "126.1"}
    assert ask(phone, lid, **left).status_code == 302
    [id] = shop.read(lambda session: session.scalars(sa.select(Pickup.id)).all())
    [sheet] = shop.read(load_sheets, pickup_ids=[id], keys=shop.loop.keys, now=shop.now).values()
    assert (sheet.address, sheet.latitude) == (HOME.address, HOME.latitude)


def test_what_is_no_piece_or_not_out(shop: Deliveries, phone: Caller) -> None:
    cup = shop.loop.lent_cup()
    back = phone.open(f"/i/{cup}/pickup")
    assert (back.status_code, "가지러 갈 것이 없어요" in back.text) == (200, True)
    assert ask(phone, cup).headers["Location"] == f"/i/{cup}/pickup"
    for code in ("482109375518", "x", "1" * 13):
        assert phone.open(f"/i/{code}/pickup").status_code in (404, 422)


def test_hours_are_those_of_where_it_was_lent(shop: Deliveries, phone: Caller) -> None:
    """Of an installation's second district as well, and its own helpdesk answers."""
    with transaction(shop.loop.engine) as session:
        town = found_town(session, shop.loop.keys, prefix="B-")
        far = session.get_one(District, town.id)
        far.timezone, far.helpdesk = "America/New_York", "1588-0000"
    there = Deliveries(Loop(shop.loop.engine, shop.loop.keys, town, now=shop.now))
    _, (lid, _) = there.order()
    page = phone.open(f"/i/{lid}/pickup").text
    last = re.findall(r'<option value="([^"]+T[0-9]{2})"', page)[-1]
    own = ask(phone, lid, window=last)
    assert own.status_code == 302
    [from_at] = there.read(lambda s: s.scalars(sa.select(Pickup.from_at)).all())
    begins = from_at.astimezone(ZoneInfo("America/New_York"))
    assert f"{begins:%Y-%m-%dT%H}" == last
    assert begins.hour == 18
    assert "18–21" in phone.open(own.headers["Location"]).text
    stranger = Caller("stranger 2", phone.client.application.test_client())
    assert "1588-0000" in stranger.open(f"/i/{lid}/pickup").text


def test_no_hours_of_a_day_on_which_nobody_drives(shop: Deliveries, phone: Caller) -> None:
    """The washing centre is closed then; any time stays a choice, and a day it opens after all."""
    site_id, now = shop.town.sites[WASH], shop.now
    today = datetime.now(UTC).astimezone(SEOUL).date()
    days = [today + timedelta(days=number) for number in range(5)]
    _, (lid, _) = shop.order()
    shop.loop.write(
        lambda s: announce_closures(s, site_id=site_id, days=days, today=today, now=now)
    )

    def choices() -> list[str]:
        page = phone.open(f"/i/{lid}/pickup").text
        return re.findall(r'<option value="([^"]+)"', page)

    assert choices() == ["any"]
    wanted = f"{days[2].isoformat()}T09"
    refused = ask(phone, lid, window=wanted)
    assert (refused.status_code, "다시 골라" in refused.text, rows(shop)) == (422, True, 0)
    shop.loop.write(lambda s: withdraw_closure(s, site_id=site_id, day=days[2], now=now + MINUTE))
    assert {key[:10] for key in choices()} == {"any", days[2].isoformat()}
    assert ask(phone, lid, window=wanted).status_code == 302


def test_taken_back_over_http(shop: Deliveries, phone: Caller) -> None:
    _, (lid, _) = shop.order()
    own = ask(phone, lid).headers["Location"]
    for _ in range(2):
        assert phone.open(f"{own}/cancel", "POST").headers["Location"] == own
    assert "요청을 거두었어요" in phone.open(own).text
    assert "요청 거두기" not in phone.open(own).text
    anew = ask(phone, lid).headers["Location"]
    [id] = shop.read(
        lambda s: s.scalars(sa.select(Pickup.id).where(Pickup.closed_at.is_(None))).all()
    )
    shop.take(id)
    assert phone.open(f"{anew}/cancel", "POST").status_code == 302
    assert "이미 가져갔어요" in phone.open(anew).text
    assert shop.view(id).closed_at is None
