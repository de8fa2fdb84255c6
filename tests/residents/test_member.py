"""The member code on the phone, own data, a lost phone, and leaving."""

import json
import re
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa

from lending.db import transaction
from lending.loop.steps import Outcome
from lending.loop.tables import ScanBorrower
from lending.people.members import check_member_code, read_member_code
from lending.people.profile import load_profile
from lending.people.tables import Resident
from tests.callers import Caller
from tests.personas import MINJI, Loop
from tests.residents.conftest import Phones, lend, recently


def test_the_member_code_of_the_page_is_the_servers(loop: Loop, minji: Caller) -> None:
    with transaction(loop.engine) as session:
        profile = load_profile(session, keys=loop.keys, resident_id=loop.town.residents[MINJI])
    block = re.search(r'id="member-secret">(.*?)</script>', minji.open("/my").text)
    assert block
    given = json.loads(block[1])
    assert given["number"] == profile.number
    assert abs(given["now"] / 1000 - datetime.now(UTC).timestamp()) < 30
    codes = minji.open("/my/code").get_json()
    for text in (codes["code"], codes["digits"]):
        claim = read_member_code(text)
        assert claim
        assert check_member_code(profile.secret, claim, datetime.now(UTC))


def test_the_offline_page_holds_no_person(loop: Loop, minji: Caller) -> None:
    lend(loop, days=1)
    page = minji.open("/my/offline").text
    assert "member-secret" not in page
    assert not re.search(r"(?<!\w)(2345|6789)(?!\w)", page)  # the page's token has any digits
    assert "23456789" not in page
    assert not re.search(r"\d{4}-\d{4}-\d{4}", page)


def test_the_worker_may_rule_my(minji: Caller, stranger: Caller) -> None:
    with minji.open("/my/worker.js") as answer:  # it streams a file, which is to be closed
        assert answer.status_code == 200
        assert answer.headers["Service-Worker-Allowed"] == "/my"
        assert answer.mimetype == "text/javascript"
    assert stranger.open("/my/worker.js").status_code in {302, 401}


def test_own_data_are_shown_and_the_language_is_changed(loop: Loop, minji: Caller) -> None:
    page = minji.open("/my/settings").text
    assert "010-****-6789" in page
    assert "2345-6789" not in page
    assert "90일" in page
    answer = minji.open("/my/settings/language", "POST", data={"language": "en"})
    assert answer.location == "/my/settings"
    assert "My data" in minji.open("/my/settings").text
    assert minji.open("/my/settings/language", "POST", data={"language": "xx"}).status_code == 422
    with transaction(loop.engine) as session:
        query = sa.select(Resident.language).where(Resident.id == loop.town.residents[MINJI])
        assert session.scalar(query) == "en"


def test_a_lost_phone_counts_no_more(phones: Phones, minji: Caller) -> None:
    lost = phones.of(MINJI)
    old = lost.open("/my/code").get_json()["code"]
    assert minji.open("/my/settings/new-code", "POST").location == "/my/sign-in"
    assert lost.open("/my").location == "/my/sign-in?next=/my"
    cup = phones.loop.clean_cup()
    recently(phones.loop)
    assert phones.loop.lend(cup, old).error == "borrower_unknown"


def test_erasure_waits_for_cups_and_then_is_complete(loop: Loop, minji: Caller) -> None:
    cup, _ = lend(loop, days=1)
    refused = minji.open("/my/erase", "POST")
    assert refused.status_code == 409
    assert "아직 빌린 컵이 있어서 지울 수 없어요." in refused.text
    loop.give_back(cup)
    assert minji.open("/my/erase", "POST").location == "/"
    assert "저장된 내용을 모두 지웠어요." in minji.open("/").text
    assert minji.open("/my").location == "/my/sign-in?next=/my"
    with transaction(loop.engine) as session:
        rows = session.execute(sa.select(ScanBorrower.__table__)).all()
        people = session.scalars(sa.select(Resident.id)).all()
    assert rows == []
    assert loop.town.residents[MINJI] not in people
    assert loop.loans(cup)[0].outcome is Outcome.RETURNED
    loop.check()


def test_residents_pages_are_nobody_elses(loop: Loop, stranger: Caller) -> None:
    loan = uuid.uuid4()
    for path in ("/my", "/my/history", "/my/settings", "/my/erase", f"/my/cups/{loan}/dropped"):
        assert stranger.open(path).location == f"/my/sign-in?next={path}"
