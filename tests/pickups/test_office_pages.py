"""The office's pages of pick-ups: its own district's requests, decided over HTTP, page by page."""

import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import AccessLog, Role
from lending.pickups.desk import list_ended
from lending.requests.pickups.own import cancel_pickup
from lending.requests.pickups.tables import Pickup, Where
from tests.callers import PASSWORD, Caller, staff_caller
from tests.personas import Loop, found_town
from tests.pickups.asker import ask
from tests.pickups.asker import loop as loop
from tests.pickups.asker import phone as phone
from tests.pickups.conftest import HOME, Deliveries
from tests.pickups.test_ask import TYPED


@pytest.fixture
def officer(app: Flask, loop: Loop) -> Caller:
    with transaction(loop.engine) as session:
        return staff_caller(app, session, loop.town, Role.OFFICER)


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
