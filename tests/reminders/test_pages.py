"""The pages behind a message's links: no sign-in, GET changes nothing, the word is taken once."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lending.loop.dropped import SaidBy
from lending.loop.erase import erase_person
from lending.loop.tables import Review
from lending.notices.beats import SILENT_AFTER, WATCHED, beat
from lending.notices.links import VALID
from tests.callers import form_token
from tests.drops import claims
from tests.mail import URL, Mail, make_demo
from tests.personas import DAY, MINJI, NABI, Loop


@pytest.fixture
def mail(loop: Loop) -> Mail:
    """A town ten days ago by the real clock, so that links made now are valid now."""
    loop.now = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) - 12 * DAY
    make_demo(loop)
    mail = Mail(loop)
    mail.monday = loop.now.astimezone(mail.monday.tzinfo)
    return mail


def links(mail: Mail, cups: int = 1) -> list[str]:
    """Two paths out of the message about this many late cups."""
    for cup in mail.loop.clean_cups(cups):
        mail.loop.lend(cup, MINJI)
    (text,) = mail.go(10)
    found = re.findall(rf"{URL}(/n/\S+)", text)
    assert len(found) == 2 and found[1] == f"{found[0]}/not-me"
    return found


def post(client: FlaskClient, path: str, **data: object) -> object:
    token = form_token(client)
    return client.post(path, data={"csrf_token": token, **data})


def reviews(mail: Mail) -> list[tuple[str, int | None]]:
    with Session(mail.engine) as session:
        rows = session.execute(sa.select(Review.subject, Review.settled_by).order_by(Review.id))
        return [(row.subject, row.settled_by) for row in rows]


def test_opening_a_link_changes_nothing(mail: Mail, client: FlaskClient) -> None:
    for path in links(mail):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "컵 355 mL" in answer.text
        told = re.sub(r"<select.*?</select>", "", answer.text, flags=re.S)
        assert "6789" not in told and "카페" not in told  # neither who nor where
    assert reviews(mail) == []


@pytest.mark.parametrize("which", [0, 1])
def test_a_word_is_taken_once_and_thanked_for(mail: Mail, client: FlaskClient, which: int) -> None:
    path = links(mail)[which]
    for _ in range(2):
        assert post(client, path).status_code == 303
    assert reviews(mail) == [[], [("not_me", None)]][which]
    assert [claim.said_by for claim in claims(mail.loop)] == [[SaidBy.LINK], []][which]
    assert "더 하실 일은 없어요" in client.get(path).text
    assert mail.go(14) == []


def test_without_the_form_token_nothing_is_taken(mail: Mail, client: FlaskClient) -> None:
    assert client.post(links(mail)[0]).status_code == 403
    assert reviews(mail) == []


def test_of_several_cups_the_person_says_which(mail: Mail, client: FlaskClient) -> None:
    path = links(mail, cups=3)[0]
    boxes = re.findall(r'name="cup" type="checkbox" value="([0-9a-f-]{36})"', client.get(path).text)
    assert len(boxes) == 3
    refused = post(client, path)
    assert refused.status_code == 422
    assert "골라 주세요" in refused.text
    assert post(client, path, cup=boxes[:2]).status_code == 303
    assert [claim.site_id for claim in claims(mail.loop)] == [None, None]


def test_where_it_was_left_can_be_said(mail: Mail, client: FlaskClient) -> None:
    path = links(mail)[0]
    assert post(client, path, site="NOWHERE").status_code == 422
    assert claims(mail.loop) == []
    assert post(client, path, site=mail.loop.site(NABI)).status_code == 303
    assert [claim.site_id for claim in claims(mail.loop)] == [mail.loop.town.sites[NABI]]


def test_a_third_unconfirmed_word_is_looked_into_and_stops_nothing(
    mail: Mail, client: FlaskClient
) -> None:
    path = links(mail, cups=3)[0]
    boxes = re.findall(r'name="cup" type="checkbox" value="([0-9a-f-]{36})"', client.get(path).text)
    assert post(client, path, cup=boxes).status_code == 303
    assert "담당자가 직접 살펴볼게요" in client.get(path).text
    assert sorted(claim.stops_clock for claim in claims(mail.loop)) == [False, True, True]
    assert reviews(mail) == [("says_returned", None)]


def test_other_peoples_cups_cannot_be_named(mail: Mail, client: FlaskClient) -> None:
    path = links(mail, cups=2)[0]
    strange = "00000000-0000-4000-8000-000000000000"
    assert post(client, path, cup=[strange]).status_code == 422
    assert reviews(mail) == []


def test_cups_brought_back_meanwhile_are_gone_from_the_page(
    mail: Mail, client: FlaskClient
) -> None:
    cup = mail.loop.lent_cup(MINJI)
    (text,) = mail.go(10)
    (path, _) = re.findall(rf"{URL}(/n/\S+)", text)
    mail.loop.give_back(cup)
    assert "돌려줄 컵이 없어요" in client.get(path).text


@pytest.mark.parametrize(
    "path", ["/n/x", "/n/" + "A" * 43, "/n/x/not-me", "/n/%00", "/n/" + "가" * 9]
)
def test_a_made_up_link_is_not_found(mail: Mail, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert post(client, path).status_code == 404


def test_a_link_ends_with_its_time_and_with_the_person(mail: Mail, client: FlaskClient) -> None:
    path = links(mail)[0]
    with time_machine.travel(mail.clock() + VALID + timedelta(days=1)):
        assert client.get(path).status_code == 404
    person = mail.loop.town.residents[MINJI]
    mail.loop.write(lambda s: erase_person(s, resident_id=person, now=mail.clock()))
    assert client.get(path).status_code == 404


def test_the_page_speaks_english(mail: Mail, client: FlaskClient) -> None:
    path = links(mail)[0]
    client.get("/language/en")
    page = client.get(path).text
    assert "Already brought back?" in page and "Yes, I brought it back" in page


def test_health_tells_of_a_silent_worker(mail: Mail, app: Flask, client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    later = app.extensions["lending"].started + SILENT_AFTER + timedelta(seconds=1)
    with time_machine.travel(later, tick=False):
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert "15분" in answer.get_json()["checks"][0]
        for job in WATCHED:
            mail.loop.write(lambda s, job=job: beat(s, job=job, now=later))
        assert client.get("/healthz").status_code == 200
