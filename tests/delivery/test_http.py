"""A shop's pages and its tablet over HTTP: who may, what shape, and what is never in a page."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role
from tests.callers import PASSWORD, Caller, device_caller, staff_caller, token_caller
from tests.delivery.shop import NOODLES, SHOP, Shop
from tests.personas import HARU, Loop

ADDRESS = "심곡로 12, 101동 1203호"


@pytest.fixture
def shop(loop: Loop) -> Shop:
    loop.now = datetime.now(UTC).replace(microsecond=0)
    return Shop(loop)


@pytest.fixture
def bora(app: Flask, shop: Shop, engine: sa.Engine) -> Caller:
    """The tablet at the shop's pass."""
    with transaction(engine) as session:
        return device_caller(app, session, shop.town, SHOP)


@pytest.fixture
def others(app: Flask, shop: Shop, engine: sa.Engine) -> dict[str, Caller]:
    with transaction(engine) as session:
        return {
            "officer": staff_caller(app, session, shop.town, Role.OFFICER),
            "noodles": device_caller(app, session, shop.town, NOODLES),
            "wash": staff_caller(app, session, shop.town, Role.WASH),
            "courier": staff_caller(app, session, shop.town, Role.COURIER),
            "nobody": Caller("nobody", app.test_client()),
        }


def call(*records: dict[str, Any], site: str | None = SHOP) -> dict[str, Any]:
    return {"sent_at": datetime.now(UTC).isoformat(), "site": site, "records": list(records)}


def record(what: str, order: uuid.UUID, **more: Any) -> dict[str, Any]:
    given = {"id": str(uuid.uuid4()), "at": datetime.now(UTC).isoformat(), "order": str(order)}
    return given | {"what": what} | more


def send(caller: Caller, *records: dict[str, Any], site: str | None = SHOP) -> Any:
    return caller.open("/delivery/records", "POST", json=call(*records, site=site))


def test_a_call_of_the_tablet(bora: Caller, shop: Shop) -> None:
    bag, cups = shop.bag(2)
    order = uuid.uuid4()
    answer = send(bora, record("beep", order, code=bag), record("number", order, text="A-1"))
    beep, number = answer.get_json()["receipts"]
    assert (beep["result"], beep["answer"]["word"], beep["answer"]["carried"]) == (
        "recorded",
        "담았어요",
        2,
    )
    assert number["answer"]["order"]["number"] == "A-1"
    state = bora.open("/delivery/state").get_json()
    assert [(one["number"], one["pieces"], one["bags"]) for one in state["orders"]] == [
        ("A-1", 2, 1)
    ]
    assert state["bags"] == [bag] and len(cups) == 2


def test_a_wrong_shape_is_refused_by_itself(bora: Caller, shop: Shop) -> None:
    [cup], order = shop.containers(), uuid.uuid4()
    good = record("beep", order, code=cup)
    wrong = [
        "text", {}, record("fly", order), record("beep", order) | {"order": 7},
        record("number", order, text="A\x00"), record("beep", order, code="x" * 400),
        record("number", order, text=""), record("contact", order, text="010-12"),
    ]  # fmt: skip
    receipts = send(bora, *wrong, good).get_json()["receipts"]  # type: ignore[arg-type]
    assert [one["result"] for one in receipts] == ["refused"] * len(wrong) + ["recorded"]
    assert all(one["final"] and one["error"]["message"] for one in receipts[:-1])
    assert len(shop.orders()) == 1


@pytest.mark.parametrize("body", [None, [], {}, {"records": []}, {"records": "x", "sent_at": 1}])
def test_what_is_no_call_is_refused_whole(bora: Caller, body: Any) -> None:
    assert bora.open("/delivery/records", "POST", json=body).status_code == 422


def test_nobody_elses_records_are_taken(
    bora: Caller, others: dict[str, Caller], shop: Shop
) -> None:
    [cup] = shop.containers()
    beep = record("beep", uuid.uuid4(), code=cup)
    assert send(bora, beep, site=NOODLES).status_code == 403
    assert send(others["noodles"], beep).status_code == 403
    for who in ("wash", "courier"):
        assert send(others[who], beep).status_code == 403
    assert send(others["nobody"], beep).status_code == 401
    assert shop.orders() == []
    assert send(others["officer"], beep).get_json()["receipts"][0]["result"] == "recorded"


def test_an_order_is_its_shops_and_the_officers(
    bora: Caller, others: dict[str, Caller], shop: Shop
) -> None:
    order = shop.packed(*shop.containers())
    address = f"/delivery/orders/{order}"
    assert bora.open(address).status_code == 200
    assert others["officer"].open(address).status_code == 200
    assert others["noodles"].open(address).status_code == 404
    assert others["wash"].open(address).status_code == 403
    for part, form in (
        ("number", {"number": "X"}), ("contact", {"contact": "tok"}),
        ("place", {"address": ADDRESS}), ("cancel", {}),
    ):  # fmt: skip
        given = {"method": "POST", "data": form}
        assert others["noodles"].open(f"{address}/{part}", **given).status_code == 404
    assert (shop.row(order).number, shop.row(order).cancelled_at) == (None, None)
    assert bora.open(f"/delivery/orders/{uuid.uuid4()}").status_code == 404


def test_forms_say_what_is_wrong(bora: Caller, shop: Shop) -> None:
    order = shop.packed(*shop.containers())
    address = f"/delivery/orders/{order}"
    for part, form in (
        ("number", {"number": ""}), ("number", {"number": "A\x00"}), ("number", {"number": "9" * 41}),
        ("contact", {"contact": "010-99"}), ("contact", {"contact": "a\x00"}),
        ("place", {"address": ""}), ("place", {"address": "x" * 201}),
    ):  # fmt: skip
        answer = bora.open(f"{address}/{part}", method="POST", data=form)
        assert answer.status_code == 422, (part, form)
        if part != "number":
            assert next(iter(form.values())) not in answer.text or not next(iter(form.values()))
    assert bora.open(
        f"{address}/number?next=//evil.example", method="POST", data={"number": "1"}
    ).location.startswith("/delivery/")


def test_no_address_and_no_number_stands_in_any_page(
    bora: Caller, others: dict[str, Caller], shop: Shop
) -> None:
    [cup] = shop.containers()
    order = shop.packed(cup)
    address = f"/delivery/orders/{order}"
    bora.open(f"{address}/place", method="POST", data={"address": ADDRESS, "note": "벨 고장"})
    bora.open(f"{address}/contact", method="POST", data={"contact": "0507-1234-9876"})
    pages = [
        address,
        "/delivery",
        f"/delivery?site={SHOP}",
        "/delivery/state",
        "/delivery/shops",
        f"/i/{cup}",
    ]
    for who in (bora, others["officer"], others["nobody"]):
        for page in pages:
            text = who.open(page).text
            for secret in (ADDRESS, "심곡로", "벨 고장", "0507", "12349876", "1234-9876"):
                assert secret not in text, (who.name, page)
    assert "9876" in bora.open(address).text


def test_the_shelfs_days_are_the_officers(
    bora: Caller, others: dict[str, Caller], shop: Shop
) -> None:
    assert bora.open("/delivery/shops").status_code in {302, 401, 403}
    officer = others["officer"]
    assert (
        officer.open("/delivery/shops", method="POST", data={"shelf_days": "0"}).status_code == 422
    )
    assert (
        officer.open("/delivery/shops", method="POST", data={"shelf_days": "21"}).status_code == 302
    )
    assert 'value="21"' in officer.open("/delivery/shops").text


def test_the_menu_is_for_shops(
    app: Flask, others: dict[str, Caller], shop: Shop, engine: sa.Engine
) -> None:
    def menu(site: str) -> str:
        with transaction(engine) as session:
            new = NewStaff(f"at-{site.lower()}", PASSWORD, Role.CAFE, shop.town.sites[site])
            staff_id = add_staff(session, district_id=shop.town.id, new=new, now=shop.now)
        client = app.test_client()
        with client.session_transaction() as cookies:
            cookies["_user_id"] = f"{staff_id}.0"
        return client.get("/wares").text

    assert 'href="/delivery"' in menu(SHOP)
    assert 'href="/delivery"' not in menu(HARU)


def test_programs_have_no_way_in(app: Flask, shop: Shop, engine: sa.Engine) -> None:
    with transaction(engine) as session:
        token = token_caller(app, session, Role.CAFE)
    assert send(token, record("single_use", uuid.uuid4()), site=None).status_code in {401, 403}
