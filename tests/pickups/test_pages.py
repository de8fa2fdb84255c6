"""The pages over HTTP: what they show and to whom, what they refuse, and how often they may be used."""

import io
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import AccessLog, Role
from lending.photos.tables import Photo
from lending.pickups.desk import list_ended
from lending.places.tables import District
from lending.requests.pickups.ask import OF_BROWSER
from lending.requests.pickups.own import cancel_pickup
from lending.requests.pickups.sheet import load_sheets
from lending.requests.pickups.tables import Pickup, Where
from tests.callers import PASSWORD, Caller, staff_caller
from tests.personas import Loop, found_town
from tests.photos.pictures import jpeg_with_metadata
from tests.pickups.conftest import HOME, Deliveries
from tests.pickups.test_ask import TYPED


@pytest.fixture
def loop(loop: Loop) -> Loop:
    """The town of the last hours: pages live in the present."""
    loop.now = datetime.now(UTC) - timedelta(hours=2)
    return loop


@pytest.fixture
def phone(app: Flask) -> Caller:
    return Caller("stranger", app.test_client())


@pytest.fixture
def officer(app: Flask, loop: Loop) -> Caller:
    with transaction(loop.engine) as session:
        return staff_caller(app, session, loop.town, Role.OFFICER)


def form(**more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "place": "door", "window": "any"} | more


def ask(phone: Caller, lid: str, **more: Any) -> Any:
    if not phone.client.get_cookie("asker"):
        phone.open(f"/i/{lid}/pickup")
    return phone.open(f"/i/{lid}/pickup", "POST", data=form(**more))


def rows(shop: Deliveries) -> int:
    with Session(shop.loop.engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Pickup)) or 0


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
    bag = shop.loop.new_crate()
    assert "/pickup" not in phone.open(f"/i/{bag}").text
    order, _ = shop.order()
    shop.pack(order, bag)
    assert f'href="/i/{bag}/pickup"' in phone.open(f"/i/{bag}").text


def test_no_page_shows_where_it_was_brought_to(
    shop: Deliveries, phone: Caller, officer: Caller
) -> None:
    _, (lid, _) = shop.order()
    answers = [phone.open(f"/i/{lid}/pickup")]
    posted = ask(phone, lid, place="elsewhere", address=TYPED.address, note=TYPED.note)
    assert posted.status_code == 302
    own = posted.headers["Location"]
    assert re.fullmatch(r"/pickup/[0-9A-Z]{10}", own)
    answers += [phone.open(path) for path in (own, f"/i/{lid}", f"/i/{lid}/pickup")]
    [id] = shop.read(lambda session: session.scalars(sa.select(Pickup.id)).all())
    answers += [
        officer.open(path)
        for path in ("/office/pickups", f"/office/pickups/{id}", f"/i/{lid}", own)
    ]
    for answer in answers:
        assert answer.status_code == 200
        for secret in (HOME.address, HOME.note, TYPED.address, TYPED.note):
            assert secret not in answer.text
    looked = officer.open(f"/office/pickups/{id}/where", "POST")
    assert TYPED.address in looked.text
    with Session(shop.loop.engine) as session:
        assert session.scalars(sa.select(AccessLog.what)).all() == ["pickup"]


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


def as_bytes(values: dict[str, Any], photo: bytes) -> dict[str, Any]:
    """A form with a photo as one body: the test client would leave its own large file open."""
    head = 'Content-Disposition: form-data; name="{}"'
    parts = [f"{head.format(name)}\r\n\r\n{value}".encode() for name, value in values.items()]
    parts.append(f'{head.format("photo")}; filename="door.jpg"\r\n\r\n'.encode() + photo)
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return {"data": body, "content_type": "multipart/form-data; boundary=edge"}


def test_photos_are_read_before_anything_is_kept(shop: Deliveries, phone: Caller) -> None:
    _, (lid, _) = shop.order()
    sent = jpeg_with_metadata(2000, 1000, orientation=6)
    for bad in (b"no picture", sent[:200]):
        answer = ask(phone, lid, photo=(io.BytesIO(bad), "door.jpg"))
        assert (answer.status_code, rows(shop)) == (422, 0)
        assert "읽을 수 없는 사진" in answer.text
    huge = phone.open(f"/i/{lid}/pickup", "POST", **as_bytes(form(), b"x" * (6 * 1024 * 1024)))
    assert huge.status_code in (413, 422)
    assert rows(shop) == 0
    assert ask(phone, lid, photo=(io.BytesIO(sent), "door.jpg")).status_code == 302
    with Session(shop.loop.engine) as session:
        [jpeg] = session.scalars(sa.select(Photo.jpeg))
    assert b"secret comment" not in jpeg


def test_what_is_no_piece_or_not_out(shop: Deliveries, phone: Caller) -> None:
    cup = shop.loop.lent_cup()
    back = phone.open(f"/i/{cup}/pickup")
    assert (back.status_code, "가지러 갈 것이 없어요" in back.text) == (200, True)
    assert ask(phone, cup).headers["Location"] == f"/i/{cup}/pickup"
    for code in ("482109375518", "x", "1" * 13):
        assert phone.open(f"/i/{code}/pickup").status_code in (404, 422)


def test_without_the_forms_token_nothing_is_asked(shop: Deliveries, app: Flask) -> None:
    _, (lid, _) = shop.order()
    assert app.test_client().post(f"/i/{lid}/pickup", data=form()).status_code == 403
    assert rows(shop) == 0


def test_a_browser_asks_so_often_a_day(shop: Deliveries, phone: Caller, app: Flask) -> None:
    lids = [shop.order(1)[1][0] for _ in range(OF_BROWSER.limit + 1)]
    for lid in lids[:-1]:
        assert ask(phone, lid).status_code == 302
    answer = ask(phone, lids[-1])
    assert (answer.status_code, rows(shop)) == (429, OF_BROWSER.limit)
    assert "수거를 더 요청할 수 없어요" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    # Another phone in the same house is not held up by it.
    assert ask(Caller("neighbour", app.test_client()), lids[-1]).status_code == 302


def test_a_browser_without_cookies_counts_as_its_address(shop: Deliveries, phone: Caller) -> None:
    lids = [shop.order(1)[1][0] for _ in range(OF_BROWSER.limit + 1)]
    answers = [phone.open(f"/i/{lid}/pickup", "POST", data=form()).status_code for lid in lids]
    assert answers == [302] * OF_BROWSER.limit + [429]


def test_the_code_opens_it_and_guessing_is_slowed(shop: Deliveries, phone: Caller) -> None:
    _, (lid, _) = shop.order()
    code = shop.ask(lid).code
    assert code
    found = phone.open(f"/pickup?code={code[:5]}-{code[5:].lower()}")
    assert found.headers["Location"] == f"/pickup/{code}"
    assert phone.open(f"/pickup/{code}").status_code == 200
    assert phone.open("/pickup?code=abc").status_code == 422
    statuses = {phone.open(f"/pickup/{number:010}").status_code for number in range(15)}
    assert statuses == {404, 429}


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


def test_the_office_works_on_its_own_districts_requests(
    shop: Deliveries, officer: Caller, app: Flask
) -> None:
    _, (lid, _) = shop.order()
    id = shop.ask(lid, place=Where.ELSEWHERE, spot=TYPED).pickup.id
    with transaction(shop.loop.engine) as session:
        town = found_town(session, shop.loop.keys, prefix="B-")
        new = NewStaff("officer-b", PASSWORD, Role.OFFICER)
        staff_id = add_staff(session, district_id=town.id, new=new, now=shop.now)
    stranger = Caller("officer b", app.test_client())
    with stranger.client.session_transaction() as cookies:
        cookies["_user_id"] = f"{staff_id}.0"
    paths = ["where", "again", "missing", "refuse", "forgive"]
    for path in paths:
        answer = stranger.open(f"/office/pickups/{id}/{path}", "POST", data={"reason": "x"})
        assert answer.status_code == 404, path
    assert stranger.open(f"/office/pickups/{id}").status_code == 404
    assert "두리분식" not in stranger.open("/office/pickups").text
    assert "두리분식" in officer.open("/office/pickups").text
    # Not taken yet: nothing is missing; said calmly, and nothing changed.
    for path in ("missing", "forgive"):
        answer = officer.open(
            f"/office/pickups/{id}/{path}", "POST", data={"reason": "x"}, follow_redirects=True
        )
        assert "그대로 두었어요" in answer.text
    assert officer.open(f"/office/pickups/{id}/refuse", "POST", data={}).status_code == 422
    officer.open(f"/office/pickups/{id}/refuse", "POST", data={"reason": "장난"})
    assert "담당자가 요청을 닫았어요" in officer.open("/office/pickups/ended").text
    assert officer.open("/office/pickups/ended?after=zzz").status_code in (200, 400, 422)


def test_ended_requests_are_paged(shop: Deliveries, officer: Caller) -> None:

    _, (lid, _) = shop.order()
    for _ in range(5):
        code = shop.ask(lid).code
        shop.write(cancel_pickup, secret=code, keys=shop.loop.keys)
    seen: list[uuid.UUID] = []
    after: Any = None
    while True:
        page = shop.read(list_ended, district_id=shop.town.id, after=after, limit=2)
        seen += [one.id for one in page.items]
        if page.next is None:
            break
        after = [str(part) for part in page.next]
    assert len(seen) == len(set(seen)) == 5
