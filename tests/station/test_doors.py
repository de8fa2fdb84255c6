"""Who may stand at the till, how a tablet gets there, and what a forged request is told."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from lending.db import transaction
from lending.people.devices import make_pairing, revoke_device
from lending.people.tables import Role
from lending.web.identity import DEVICE_COOKIE
from tests.callers import Caller, all_callers, staff_caller
from tests.personas import BOX, HARU, MINJI, NABI, OFFICE, WASH, Loop
from tests.station.conftest import Till

POSTS = ("beep", "person", "claim", "seen")


def test_only_cafés_and_officers_get_in(app: Flask, loop: Loop, engine: sa.Engine) -> None:
    with transaction(engine) as session:
        callers = all_callers(app, session, loop.town)
    for caller in callers:
        answer = caller.open("/scan", headers={"Accept": "text/html"})
        inside = caller.name in {"staff cafe", "staff officer", "tablet cafe"}
        assert (answer.status_code == 200) == inside, caller.name
    stranger = app.test_client().get("/scan", headers={"Accept": "text/html"})
    assert stranger.headers["Location"].startswith("/staff/sign-in")


@pytest.mark.parametrize("name", POSTS)
def test_without_a_token_of_the_page_nothing_is_taken(till: Till, name: str) -> None:
    answer = till.caller.client.post(f"/scan/{name}", json={"id": str(uuid.uuid4())})
    assert answer.status_code == 403
    assert answer.get_json()["error"]["code"] == "form_expired"


@pytest.mark.parametrize("name", POSTS)
def test_nonsense_is_a_clear_error(till: Till, name: str) -> None:
    json = {"Accept": "application/json"}
    for body in (None, [], {}, {"at": 1}, {"code": "a\0b"}, {"id": "x", "code": "😀" * 300_000}):
        answer = till.caller.open(f"/scan/{name}", "POST", json=body, headers=json)
        assert answer.status_code == 422
        assert answer.get_json()["error"]["next_step"]


def test_a_place_cannot_scan_for_another(till: Till, loop: Loop) -> None:
    cup = loop.lent_cup()
    till.beep(cup, site=loop.site(NABI))  # the tablet's own place counts, whatever it is told
    assert loop.item(cup).site == loop.town.sites[HARU]


def test_an_officer_names_the_place(app: Flask, loop: Loop, engine: sa.Engine) -> None:
    with transaction(engine) as session:
        till = Till(staff_caller(app, session, loop.town, Role.OFFICER))
    choose = till.caller.open("/scan", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "카페 하루" in choose
    cup = loop.lent_cup()
    body = {"id": str(uuid.uuid4()), "code": cup}
    assert till.post("/scan/beep", body, 422)["error"]["field"] == "site"
    assert till.beep(cup, site=NABI)["action"] == "return"
    assert loop.item(cup).site == loop.town.sites[NABI]
    page = till.caller.open(f"/scan?site={NABI}", headers={"Accept": "text/html"})
    assert "카페 나비" in page.get_data(as_text=True)
    assert till.caller.open("/scan?site=NOWHERE").status_code == 404


def test_no_contact_in_the_page_or_the_answers(till: Till, loop: Loop) -> None:
    loop.lent_cup(MINJI)
    shown = till.sealed(MINJI)
    told = [till.person(shown), till.beep(loop.clean_cup(), shown), till.board()]
    assert "23456789" not in str(told).replace("-", "")
    assert str(loop.town.residents[MINJI]) not in str(told)


def pair(loop: Loop, engine: sa.Engine, site: str = HARU, minutes: int = 0) -> tuple[int, str]:
    with transaction(engine) as session:
        pairing = make_pairing(
            session, district_id=loop.town.id, site_id=loop.town.sites[site], name="counter",
            by=None, now=datetime.now(UTC) - timedelta(minutes=minutes),
        )  # fmt: skip
    return pairing.device_id, pairing.secret


def knock(client: FlaskClient, secret: str) -> tuple[int, dict[str, str]]:
    caller = Caller("tablet", client)
    answer = caller.open("/pair/", "POST", json={"secret": secret})
    return answer.status_code, answer.get_json()


@pytest.mark.parametrize(
    ("site", "start"),
    [(HARU, "/scan"), (WASH, "/wash"), (BOX, "/return"), (OFFICE, "/offices/desk")],
)
def test_a_tablet_is_paired_once(
    app: Flask, loop: Loop, engine: sa.Engine, site: str, start: str
) -> None:
    _, secret = pair(loop, engine, site)
    tablet = app.test_client()
    assert tablet.get("/pair/").status_code == 200
    assert knock(tablet, secret) == (200, {"next": start})
    assert tablet.get("/scan", headers={"Accept": "text/html"}).status_code == (
        200 if site in {HARU, OFFICE} else 403
    )
    status, body = knock(app.test_client(), secret)
    assert (status, body["error"]["code"]) == (404, "not_found")  # type: ignore[index]


def test_an_old_pairing_is_refused(app: Flask, loop: Loop, engine: sa.Engine) -> None:
    _, secret = pair(loop, engine, minutes=31)
    assert knock(app.test_client(), secret)[0] == 404


def test_a_revoked_tablet_is_out(app: Flask, loop: Loop, engine: sa.Engine) -> None:
    device, secret = pair(loop, engine)
    tablet = app.test_client()
    knock(tablet, secret)
    assert tablet.get_cookie(DEVICE_COOKIE) is not None
    assert tablet.get("/scan/board").status_code == 200
    with transaction(engine) as session:
        revoke_device(session, district_id=loop.town.id, device_id=device, now=datetime.now(UTC))
    answer = tablet.get("/scan/board", headers={"Accept": "application/json"})
    assert answer.status_code == 401


def test_two_counters_see_their_own(tills: Callable[[str], Till], loop: Loop) -> None:
    mina, yuna = tills(HARU), tills(NABI)
    mina.beep(loop.lent_cup())
    assert (mina.board()["returned"], yuna.board()["returned"]) == (1, 0)
