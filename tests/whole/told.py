"""All that can be told of a person, by every door there is: numbers, addresses, notes, tokens."""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.delivery.tables import Order
from lending.loop.codes import make_code
from tests.callers import Caller
from tests.whole.told_town import OWN, Town


def say_everything(town: Town) -> dict[str, str]:
    """Numbers and addresses by every door; the pieces that are out for orders, by address kind."""
    number, words = town.known.number, town.known.words
    now = datetime.now(UTC)
    borrowers = [
        number("010-7391-4628"), number("+82 10 8264 1597"), number("0507-6418-2935"),
        number("010-9999-7777-1"), words("kanarienvogel@example.org"),
    ]  # fmt: skip
    scans = [
        {
            "id": str(uuid.uuid4()), "action": "lend", "code": cup, "at": now.isoformat(),
            "borrower": borrower, "intent": "fact",
        }
        for cup, borrower in zip([*town.cups, *town.ware[6:]], borrowers, strict=True)
    ]  # fmt: skip
    town.tell(town.program, "/api/v1/scans", {"sent_at": now.isoformat(), "scans": scans})
    for borrower in borrowers:
        town.tell(
            town.till,
            "/scan/person",
            {"raw": borrower, "at": now.isoformat(), "sent_at": now.isoformat()},
            200,
            404,
            409,
            422,
        )
        town.form(town.stranger, "/my/sign-in", 302, 422, 429, contact=borrower)
    platforms_and_pass(town)
    orders = town_orders(town)
    town.form(
        town.office,
        "/office/residents",
        302,
        422,
        contact=number("010-2958-7314"),
        reason="전화 문의",
    )
    town.form(town.office, "/office/residents", contact=borrowers[0], reason="전화 문의")
    for path in (
        f"/i/{number('01064173829')}",
        f"/office/loans?after={number('010-6417-3830')}",
        f"/p/{number('01064173831')}",
    ):
        for caller in (town.office, town.stranger):
            caller.open(path)
    bottles(town, number("010-5173-8264"), number("050-7351-7382"))
    hostile(town, number("010-1827-3645"))
    return orders


def platforms_and_pass(town: Town) -> None:
    """What platforms and the shop's tablet tell of orderers."""
    number, words = town.known.number, town.known.words
    for ref, contact, address in (
        ("A-1", number("010-6284-9175"), words("달무리아파트 508동 1917호")),
        ("A-2", number("0507-1846-2953"), words("은하수로 731 별빛빌라")),
        ("A-3", number("010-3857-29"), words("안개골목 94-2")),
    ):
        place = {
            "text": address,
            "note": words(f"{ref} 우산꽂이 뒤"),
            "latitude": 37.5,
            "longitude": 126.7,
        }
        answer = town.platform(
            {"order": ref, "revision": 1, "shop": OWN, "reusable": True, "number": ref,
             "contact": contact, "address": place}
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
    token = words("주문자-8842-초롱")
    refused = town.platform({"order": token, "revision": 1, "shop": number("010-7777-2468")})
    assert refused.status_code == 422
    answer = town.platform(
        {"order": "A-4", "revision": 1, "shop": OWN, "reusable": True, "orderer": token}
    )
    assert answer.status_code == 201


def town_orders(town: Town) -> dict[str, str]:
    """Three orders packed: the platform's first two, and one that the shop knows alone."""
    number, words = town.known.number, town.known.words
    occasions = [str(uuid.uuid4()) for _ in range(3)]
    told = []
    for place, occasion in enumerate(occasions):
        told += [
            {"what": "beep", "order": occasion, "code": town.ware[2 * place]},
            {"what": "beep", "order": occasion, "code": town.ware[2 * place + 1]},
        ]
    told += [
        {"what": "number", "order": occasions[0], "text": "A-1"},
        {"what": "number", "order": occasions[1], "text": "A-2"},
        {"what": "contact", "order": occasions[2], "text": number("010-3857-2946")},
    ]
    assert {one["result"] for one in town.records(*told)} == {"recorded"}
    with Session(town.loop.engine) as session:
        last = session.scalars(
            sa.select(Order.id).where(Order.occasion_id == uuid.UUID(occasions[2]))
        ).one()
    page = f"/delivery/orders/{last}"
    town.form(town.shop, f"{page}/contact", contact=number("0504-9273-1856"))
    town.form(town.shop, f"{page}/contact", 422, contact=number("010-8163-59"))
    town.form(
        town.shop, f"{page}/place", address=words("노을마을 26단지"), note=words("화분 밑 열쇠")
    )
    asked = {}
    for place, (cup, how) in enumerate(((town.ware[0], "door"), (town.ware[2], "elsewhere"))):
        phone = Caller(f"phone {place}", town.app.test_client())
        phone.open(f"/i/{cup}/pickup")
        answer = town.form(
            phone, f"/i/{cup}/pickup", id=str(uuid.uuid4()), place=how, window="any",
            note=words(f"{how} 파란 대문 옆"), address=words("물레방아길 3-17") if how == "elsewhere" else "",
        )  # fmt: skip
        asked[cup] = answer.location
    return asked


def bottles(town: Town, *people: str) -> None:
    """Bottles of persons at a machine, and pieces beside which they show what they have."""
    now = datetime.now(UTC).isoformat()
    deposits = [
        {"id": str(uuid.uuid4()), "offered": 3, "at": now, "person": person} for person in people
    ]
    town.tell(town.machine, "/api/v1/machines/bottles", {"sent_at": now, "deposits": deposits})
    returns = [
        {"id": str(uuid.uuid4()), "code": make_code(), "at": now, "member": person}
        for person in people
    ]
    told = town.tell(town.machine, "/api/v1/machines/returns", {"sent_at": now, "returns": returns})
    assert [one["result"] for one in told.get_json()["receipts"]] == ["recorded"] * len(people)


def hostile(town: Town, number: str) -> None:
    """A number where none belongs: ids, codes, unknown fields, broken JSON."""
    for caller, path in (
        (town.program, "/api/v1/scans"), (town.machine, "/api/v1/machines/returns"),
        (town.machine, "/api/v1/machines/heartbeat"), (town.program, "/api/v1/moves"),
        (town.shop, "/delivery/records"), (town.till, "/scan/beep"),
    ):  # fmt: skip
        for body in (
            {number: number},
            {"sent_at": number, "scans": [{"id": number, "code": number}]},
        ):
            assert caller.open(path, "POST", json=body).status_code < 500, path
        broken = caller.open(path, "POST", data=f'{{"{number}', content_type="application/json")
        assert broken.status_code < 500, path
