"""How often and with what the asker's pages may be used: bounds per browser, photos read before they are kept."""

import io
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lending.photos.tables import Photo
from lending.requests.pickups.ask import OF_BROWSER
from tests.callers import Caller
from tests.photos.pictures import jpeg_with_metadata
from tests.pickups.asker import ask, form, rows
from tests.pickups.asker import loop as loop
from tests.pickups.asker import phone as phone
from tests.pickups.conftest import Deliveries


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
