"""What everybody reads of a piece's hygiene at /i/<code>, and what its place is asked over HTTP."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from lending.db import transaction
from lending.people.tables import Role
from tests.callers import Caller, device_caller, staff_caller
from tests.personas import DANA, HARU, MINJI, NABI
from tests.washing.centre import Centre, out_to

BANNER = "위생 검사를 다시 하고 있어요"


@pytest.fixture
def today(centre: Centre) -> Centre:
    """The centre an hour ago by the real clock."""
    centre.loop.now = datetime.now(UTC) - timedelta(hours=1)
    return centre


def page(client: FlaskClient, cup: str) -> str:
    answer = client.get(f"/i/{cup}")
    assert answer.status_code == 200
    return answer.text


def test_it_says_when_it_was_washed_and_what_was_measured(
    today: Centre, client: FlaskClient
) -> None:
    new, cup, late = today.loop.new_cups(3)
    assert "아직 없음" in page(client, new)
    batch = today.washed(cup)
    assert "검사 전" in page(client, cup)
    today.result(today.sample(batch), 45.5)
    today.loop.pass_(cup)
    text = page(client, cup)
    for words in ("45.5</b> RLU", "기준 200 RLU 이하", "기준 안", "ATP 오염도"):
        assert words in text
    assert "검사 전" not in text and BANNER not in text
    today.loop.wash(late)  # without a machine: no reading is its own
    assert "RLU" not in page(client, late)
    client.set_cookie("lang", "en")
    for words in ("Last washed", "limit 200 RLU", "within the limit"):
        assert words.lower() in page(client, cup).lower()


def test_the_banner_stands_from_confirming_to_releasing_and_names_nobody(
    today: Centre, client: FlaskClient
) -> None:
    loop = today.loop
    cup, other = loop.new_cups(2)
    batch = today.passed(cup)
    today.passed(other)
    out_to(loop, cup)
    loop.lend(cup, MINJI)
    test = today.sample(batch)
    recall = today.result(test, 2000).recall_id
    assert recall is not None
    quiet = page(client, cup)
    assert BANNER not in quiet and "RLU" not in quiet  # nobody outside is alarmed yet
    today.result(today.sample(batch, retest_of=test), 900)
    today.confirm(recall)
    lent = page(client, cup)
    assert BANNER in lent and "기준 안" not in lent and "900</b> RLU" in lent
    assert MINJI not in lent and DANA not in lent
    loop.give_back(cup)
    assert page(client, cup) == lent  # in or out, it says the same
    assert BANNER not in page(client, other)
    today.result(today.sample(batch, retest_of=test), 90)
    today.release(recall)
    assert BANNER not in page(client, cup)


def test_it_costs_the_page_one_statement(today: Centre, client: FlaskClient) -> None:
    plain, rich = today.loop.new_cups(2)
    batch = today.passed(rich)
    for value in (20, 30, 40):
        today.result(today.sample(batch), value)
    page(client, plain)
    with _counted(today.loop.engine) as seen:
        page(client, rich)
    about = [text for text in seen if "recall_piece" in text or "hygiene" in text]
    assert len(about) == 1


# -- set aside -------------------------------------------------------------------------------------


def aside(caller: Caller, *codes: str, site: str | None = None, id: str | None = None) -> Any:
    now = datetime.now(UTC).isoformat()
    body = {
        "id": id or str(uuid.uuid4()),
        "at": now,
        "sent_at": now,
        "site": site,
        "codes": list(codes),
    }
    return caller.open("/wash/aside", "POST", json=body)


@pytest.fixture
def spread_out(today: Centre) -> tuple[Centre, list[str]]:
    """Two held pieces at Café Haru, one at Nabi, one lent."""
    loop = today.loop
    cups = loop.new_cups(4)
    batch = today.passed(*cups)
    for cup, site in zip(cups, (HARU, HARU, NABI, HARU), strict=True):
        out_to(loop, cup, site)
    loop.lend(cups[3])
    today.fail(batch)
    return today, cups


def test_a_café_reads_its_list_and_ticks_it_off(
    spread_out: tuple[Centre, list[str]], app: Flask
) -> None:
    centre, cups = spread_out
    with transaction(centre.loop.engine) as session:
        haru = device_caller(app, session, centre.loop.town, HARU)
    asked = haru.open("/wash/aside").get_json()
    assert asked["count"] == 2 and {one["code"] for one in asked["lines"]} == set(cups[:2])
    assert asked["title"] == "컵 2개를 따로 두어 주세요"
    assert {one["kind_name"] for one in asked["lines"]} == {"컵 355 mL"}
    first = aside(haru, cups[0], cups[2], cups[3], "12", "482109375511").get_json()
    assert (first["ticked"], first["count"]) == (1, 1)  # neither Nabi's nor who has one
    assert first["misread"] == ["12", "482109375511"]
    again = aside(haru, cups[0]).get_json()
    assert (again["ticked"], again["count"]) == (0, 1)
    last = aside(haru, f"https://x.kr/i/{cups[1]}").get_json()
    assert (last["count"], last["lines"], last["title"]) == (0, [], "따로 둘 컵이 없어요")


def test_nobody_ticks_for_another_place(
    spread_out: tuple[Centre, list[str]], app: Flask, client: FlaskClient
) -> None:
    centre, cups = spread_out
    with transaction(centre.loop.engine) as session:
        nabi = device_caller(app, session, centre.loop.town, NABI)
        officer = staff_caller(app, session, centre.loop.town, Role.OFFICER)
    assert aside(nabi, cups[0], site=HARU).get_json()["ticked"] == 0  # its own place counts
    headers = {"Accept": "application/json"}
    assert client.get("/wash/aside", headers=headers).status_code == 401
    assert officer.open("/wash/aside").status_code == 422  # which place?
    assert officer.open(f"/wash/aside?site={HARU}").get_json()["count"] == 2
    assert aside(officer, cups[0], site=HARU).get_json()["ticked"] == 1
    for wrong in ({"codes": []}, {"codes": ["\x00"]}, {"codes": 3}, {"id": "x"}):
        now = datetime.now(UTC).isoformat()
        body = {"id": str(uuid.uuid4()), "at": now, "sent_at": now, "codes": [cups[1]]} | wrong
        assert nabi.open("/wash/aside", "POST", json=body).status_code == 422


@contextmanager
def _counted(engine: sa.Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)
