"""Pages of what is printed: sheets in the background, samples, relabelling, cards, pairing."""

import re
from datetime import UTC, datetime

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from lending.db import transaction
from lending.labels.tables import LabelJob
from lending.labels.work import run_label_jobs
from lending.loop.codes import is_item_code, make_code
from lending.people.devices import pair_device
from lending.people.tables import Card, Device, Role
from tests.callers import Caller, staff_caller
from tests.personas import HARU, MINJI, Loop

PAGES = ("/office/labels", "/office/cards", "/office/devices", "/office/labels/sample.pdf")


@pytest.fixture
def officer(app: Flask, engine: sa.Engine, loop: Loop) -> Caller:
    with transaction(engine) as session:
        return staff_caller(app, session, loop.town, Role.OFFICER)


def post(caller: Caller, path: str, **form: object):
    return caller.open(path, "POST", data=form)


def draw(engine: sa.Engine, config: Config) -> None:
    """The worker's round."""
    run_label_jobs(
        engine,
        folder=config.instance / "labels",
        public_url=config.public_url,
        clock=lambda: datetime.now(UTC),
    )


def pages_of(pdf: bytes) -> int:
    return len(pypdfium2.PdfDocument(pdf))


def codes_on(pdf: bytes, page: int = 0) -> set[str]:
    """The item codes in the symbols of a page."""
    image = pypdfium2.PdfDocument(pdf)[page].render(scale=4).to_pil()
    texts = [found.text for found in zxingcpp.read_barcodes(image)]
    return {text.rsplit("/", 1)[1] for text in texts}


@pytest.mark.parametrize("role", [Role.CAFE, Role.WASH, Role.COURIER])
def test_only_officers_print(app: Flask, engine: sa.Engine, loop: Loop, role: Role) -> None:
    with transaction(engine) as session:
        caller = staff_caller(app, session, loop.town, role)
    for page in PAGES:
        assert caller.open(page).status_code == 403, page


def download(officer: Caller, path: str) -> bytes:
    """A streamed file, its answer closed as a server would."""
    with officer.open(path) as answer:
        return answer.data


def test_sheets_are_ordered_drawn_and_downloaded(
    officer: Caller, engine: sa.Engine, config: Config
) -> None:
    ordered = post(officer, "/office/labels", kind="cup-355", count="55")
    page = ordered.location
    waiting = officer.open(page).text
    assert "<progress" in waiting
    assert officer.open(f"{page}/labels.pdf").status_code == 404
    told = officer.open(page, headers={"Accept": "application/json"}).get_json()
    assert told == {"state": "waiting", "done": 0, "count": 55}
    draw(engine, config)
    assert "PDF 받기" in officer.open(page).text
    pdf = download(officer, f"{page}/labels.pdf")
    assert pages_of(pdf) == 2
    listed = officer.open(f"{page}/codes.csv").text.split()
    assert len(listed) == 56
    assert codes_on(pdf, 1) == {listed[-1].split(",")[0]}
    assert post(officer, f"{page}/again").status_code == 302
    draw(engine, config)
    assert codes_on(download(officer, f"{page}/labels.pdf"), 1) == codes_on(pdf, 1)
    assert "DEMO" in officer.open("/office/labels").text


@pytest.mark.parametrize(
    "wrong",
    [{"count": "0"}, {"count": "10001"}, {"count": "x"}, {"kind": "boat"}, {"correction": "Z"}],
)
def test_wrong_orders_are_refused(
    officer: Caller, engine: sa.Engine, wrong: dict[str, str]
) -> None:
    order = {"kind": "cup-355", "count": "54", "correction": "Q"} | wrong
    assert post(officer, "/office/labels", **order).status_code == 422
    with Session(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(LabelJob)) == 0


def test_another_districts_order_is_not_found(
    officer: Caller, engine: sa.Engine, loop: Loop
) -> None:
    from tests.personas import found_town

    page = post(officer, "/office/labels", kind="cup-355", count="1").location
    with transaction(engine) as session:
        other = found_town(session, loop.keys, prefix="X")
        session.execute(sa.update(LabelJob).values(district_id=other.id))
    for path in (page, f"{page}/labels.pdf", f"{page}/codes.csv"):
        assert officer.open(path).status_code == 404


def test_the_sample_shows_pieces_of_the_district_and_changes_nothing(
    officer: Caller, loop: Loop
) -> None:
    cups = loop.clean_cups(3)
    first = officer.open("/office/labels/sample.pdf")
    assert first.mimetype == "application/pdf"
    assert codes_on(first.data) == set(cups)
    assert first.data == officer.open("/office/labels/sample.pdf").data


def test_a_district_without_labels_gets_a_sheet_printed_ahead_once(officer: Caller) -> None:
    first = codes_on(officer.open("/office/labels/sample.pdf").data)
    assert len(first) == 54
    assert all(is_item_code(code) for code in first)
    assert codes_on(officer.open("/office/labels/sample.pdf").data) == first


def test_a_worn_label_is_replaced_and_resolves_for_ever(officer: Caller, loop: Loop) -> None:
    cup, other = loop.lent_cup(MINJI), loop.clean_cup()
    new = make_code()
    form = {"old": f"http://x.kr/i/{cup}", "new": f"{new[:4]}-{new[4:8]}-{new[8:]}"}
    assert post(officer, "/office/labels/relabel", **form).status_code == 302
    assert loop.item(new).loan == loop.item(cup).loan
    loop.check()
    wrong = new[:-1] + str((int(new[-1]) + 1) % 10)
    assert "한 자리가 틀렸어요" in post(officer, "/office/labels/relabel", old=cup, new=wrong).text
    taken = post(officer, "/office/labels/relabel", old=cup, new=other)
    assert taken.status_code == 422
    assert (
        post(officer, "/office/labels/relabel", old=make_code(), new=make_code()).status_code == 422
    )


def test_blank_cards_are_printed_replaced_and_revoked(officer: Caller, engine: sa.Engine) -> None:
    printed = post(officer, "/office/cards", count="11")
    assert pages_of(printed.data) == 2
    with Session(engine) as session:
        cards = list(session.scalars(sa.select(Card.code).order_by(Card.id)))
    assert len(cards) == 11
    listed = officer.open("/office/cards").text
    assert f"{cards[0][:4]}-{cards[0][4:8]}-{cards[0][8:]}" in listed
    assert post(officer, "/office/cards", count="1001").status_code == 422
    nobodys = post(officer, "/office/cards/replace", old=cards[0], new=cards[1])
    assert nobodys.status_code == 422
    assert post(officer, "/office/cards/replace", old="x", new="y").status_code == 422
    assert post(officer, "/office/cards/revoke", card=cards[0]).status_code == 302
    assert post(officer, "/office/cards/revoke", card="nothing").status_code == 422
    with Session(engine) as session:
        assert session.scalar(sa.select(Card.revoked_at).where(Card.code == cards[0]))


def test_a_tablet_is_paired_by_the_qr_and_revoked(
    officer: Caller, engine: sa.Engine, loop: Loop, config: Config
) -> None:
    made = post(officer, "/office/devices", site=loop.site(HARU), name="계산대 1")
    address = re.search(r"<code[^>]*>([^<]+)</code>", made.text)
    assert address is not None
    assert address[1].startswith(f"{config.public_url}/pair/#")
    assert "<svg" in made.text
    secret = address[1].split("#")[1]
    with transaction(engine) as session:
        actor = pair_device(session, secret=secret, now=datetime.now(UTC)).actor
    assert (actor.role, actor.site_id) == (Role.CAFE, loop.town.sites[HARU])
    assert secret not in officer.open("/office/devices").text
    assert "계산대 1" in officer.open("/office/devices").text
    assert post(officer, f"/office/devices/{actor.id}/revoke").status_code == 302
    assert post(officer, f"/office/devices/{actor.id}/revoke").status_code == 404
    with Session(engine) as session:
        assert session.scalar(sa.select(Device.credential_hash)) is None
    assert post(officer, "/office/devices", site="NOWHERE", name="x").status_code == 422
    assert post(officer, "/office/devices", site=loop.site(HARU), name=" ").status_code == 422


def test_pages_open_in_both_languages(officer: Caller) -> None:
    for language, word in (("ko", "라벨"), ("en", "labels")):
        officer.client.set_cookie("lang", language)
        for page in PAGES[:3]:
            assert officer.open(page).status_code == 200
        assert word in officer.open("/office/labels").text
