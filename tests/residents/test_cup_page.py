"""A cup's public page: what everybody may know, the same in and out, and nothing changes by it."""

import re

import sqlalchemy as sa
from flask.testing import FlaskClient

from lending.db import transaction
from lending.loop.codes import check_digit, format_code, make_code
from lending.loop.tables import Item, ItemKind, Label, Review, Scan, ScanBorrower
from lending.places.tables import District, Site
from tests.callers import Caller
from tests.personas import BOX, MINJI, NABI, Loop, found_town
from tests.residents.conftest import recently
from tests.windows import address, in_one_window


def page(client: FlaskClient, code: str) -> str:
    answer = client.get(f"/i/{code}")
    assert answer.status_code == 200
    return re.sub(r'/language/\w+[^"]*', "SWITCH", answer.text)  # it leads back to this address


def lent_and_not(loop: Loop, *, to: str | None = MINJI) -> str:
    """A cup that has gone round once and is ready again."""
    recently(loop, days=3)
    cup = loop.clean_cup()
    loop.lend(cup, to)
    loop.give_back(cup)
    for step in (loop.collect, loop.receive, loop.wash, loop.pass_, loop.ship, loop.stock):
        step(cup)
    return cup


def test_it_tells_what_the_cup_is_and_how_clean(loop: Loop, client: FlaskClient) -> None:
    cup = lent_and_not(loop)
    text = page(client, cup)
    assert "컵 355 mL" in text
    assert format_code(cup) in text
    figures = re.findall(r'figure-value">(\d+)</span><span class="figure-words">([^<]+)', text)
    assert figures == [("1", "번 썼어요"), ("2", "번 씻었어요")]
    assert "5번 더 쓰면 일회용보다 나아요." in text
    assert text.count("월") >= 2  # the days of the last wash and pass
    assert "200번까지" in text


def test_it_breaks_even(loop: Loop, client: FlaskClient) -> None:
    cup = lent_and_not(loop)
    with transaction(loop.engine) as session:
        session.execute(sa.update(ItemKind).values(break_even_uses=1))
    assert "1번을 넘겨서 쓸수록 일회용보다 나아요." in page(client, cup)


def test_hyphens_and_old_labels_resolve(loop: Loop, client: FlaskClient) -> None:
    cup = loop.clean_cup()
    new = make_code()
    before = page(client, cup)
    assert page(client, format_code(cup)) == before
    loop.relabel(cup, new)
    assert page(client, cup) == page(client, new)
    assert format_code(new) in page(client, cup)


def test_it_lists_the_active_places(loop: Loop, client: FlaskClient) -> None:
    cup = loop.clean_cup()
    text = page(client, cup)
    for name in ("카페 하루", "카페 나비", "반납함", "구청"):
        assert name in text
    with transaction(loop.engine) as session:
        session.execute(
            sa.update(Site).where(Site.id == loop.town.sites[NABI]).values(active=False)
        )
    assert "카페 나비" not in page(client, cup)


def test_the_page_is_the_same_through_lend_and_return(
    loop: Loop, client: FlaskClient, dana: Caller
) -> None:
    """Byte for byte for everybody, and for a signed-in stranger apart from the form's token."""

    def seen() -> tuple[bytes, str]:
        signed = dana.open(f"/i/{cup}").text
        return client.get(f"/i/{cup}").data, re.sub(r'value="[^"]{60,}"', "", signed)

    recently(loop, days=2)
    cup = loop.clean_cup()
    before = seen()
    for step in (loop.lend, loop.extend, loop.give_back, loop.collect, loop.hold):
        step(cup)
        assert seen() == before, step
    recently(loop)
    loop.lend(cup, ask=False)
    loop.lose(cup)
    assert seen() == before
    assert "하루" not in re.sub(r'<ul class="places">.*?</ul>', "", before[1], flags=re.S)


def test_only_the_signed_in_borrower_sees_the_due_date(
    loop: Loop, client: FlaskClient, minji: Caller, dana: Caller
) -> None:
    recently(loop, days=1)
    cup = loop.lent_cup()
    assert "까지 돌려주세요." in minji.open(f"/i/{cup}").text
    for text in (dana.open(f"/i/{cup}").text, page(client, cup)):
        assert "까지 돌려주세요." not in text
    loop.give_back(cup)
    assert "까지 돌려주세요." not in minji.open(f"/i/{cup}").text


def test_reading_changes_nothing(loop: Loop, client: FlaskClient) -> None:
    cup = loop.lent_cup()

    def everything() -> list[object]:
        with transaction(loop.engine) as session:
            tables = [t.__table__ for t in (Item, Scan, Label, ScanBorrower, Review)]
            return [session.execute(sa.select(table)).all() for table in tables]

    before = everything()
    page(client, cup)
    client.get("/i/482109375510")
    assert everything() == before


def test_a_wrong_digit_and_an_unknown_cup_are_told_kindly(loop: Loop, client: FlaskClient) -> None:
    cup = loop.clean_cup()
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    answer = client.get(f"/i/{wrong}")
    assert answer.status_code == 422
    assert "번호 한 자리가 틀렸어요." in answer.text
    unknown = client.get(f"/i/{make_code()}")
    assert unknown.status_code == 404
    assert "아직 등록되지 않은 컵이에요." in unknown.text
    for nonsense in ("x", "123", "%00", "9" * 400, "컵"):
        answer = client.get(f"/i/{nonsense}")
        assert answer.status_code == 404, nonsense
        assert "12자리" in answer.text
    phone = "01023456789"
    assert client.get(f"/i/{phone}{check_digit(phone)}").status_code == 404


def test_a_typed_number_finds_the_cup(loop: Loop, client: FlaskClient) -> None:
    cup = loop.clean_cup()
    assert "12자리 번호" in client.get("/i/").text
    answer = client.get("/i/", query_string={"code": f" {format_code(cup)} "})
    assert answer.location == f"/i/{cup}"
    wrong = client.get("/i/", query_string={"code": "12"})
    assert wrong.status_code == 422
    assert "12자리 숫자" in wrong.text
    assert client.get("/i/", query_string={"code": "\x00"}).status_code == 422


def test_probing_and_reading_too_much_are_slowed(loop: Loop, client: FlaskClient) -> None:
    answers = in_one_window(
        60, lambda n: [client.get(f"/i/{make_code()}", **address(n)) for _ in range(22)]
    )
    assert [one.status_code for one in answers][:20] == [404] * 20
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    cup = loop.clean_cup()
    answers = in_one_window(
        60, lambda n: [client.get(f"/i/{cup}", **address(100 + n)) for _ in range(121)]
    )
    assert [one.status_code for one in answers] == [200] * 120 + [429]


def test_the_page_in_english(loop: Loop, client: FlaskClient) -> None:
    cup = loop.clean_cup()
    client.set_cookie("lang", "en")
    text = page(client, cup)
    for words in ("Is it clean?", "Where does it go back?", "Café Haru", "Last washed"):
        assert words in text


def test_ware_and_places_of_the_next_district_name_their_own_help(
    loop: Loop, client: FlaskClient
) -> None:
    """Whoever reads it: the first district's number helps nobody with another's cup."""
    recently(loop)
    with transaction(loop.engine) as session:
        there = Loop(loop.engine, loop.keys, found_town(session, loop.keys, prefix="B-"))
        for town, number in ((loop.town, "032 111 1111"), (there.town, "032 222 2222")):
            district = session.get_one(District, town.id)
            district.helpdesk = number
    here, other = loop.clean_cup(), there.clean_cup()
    assert "032 111 1111" in page(client, here)
    for path in (f"/i/{other}", f"/p/{there.site(BOX)}"):
        text = client.get(path).text
        assert "032 222 2222" in text and "032 111 1111" not in text, path
