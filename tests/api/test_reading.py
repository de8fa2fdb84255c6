"""What the API lists and shows: rights, pages, filters, one error shape; the reference page."""

import re
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Program
from tests.personas import DANA, HARU, NABI, WASH, Loop

LISTS = ("/items", "/loans", "/stock", "/sites", "/review")


def whole(program: Program, path: str, **query: Any) -> list[Any]:
    """Every entry of a list, page by page."""
    found: list[Any] = []
    page = program.get(path, **query)
    for _ in range(100):
        assert set(page) == {"items", "next"}
        found += page["items"]
        if page["next"] is None:
            return found
        page = program.get(path, cursor=page["next"], **query)
    raise AssertionError("the list never ends")


def test_pieces_are_registered_once_per_id(programs: dict[str, Program], loop: Loop) -> None:
    wanted = {"id": str(uuid.uuid4()), "kind": "cup-414", "count": 3, "site": WASH}
    codes = programs["jun"].post("/items", wanted)["codes"]
    assert len(set(codes)) == 3 and all(re.fullmatch("[1-9][0-9]{11}", code) for code in codes)
    assert programs["jun"].post("/items", wanted)["codes"] == codes
    item = programs["officer"].get(f"/items/{codes[0]}")
    assert (item["kind"], item["state"], item["clean"]) == ("cup-414", "dirty", False)
    assert (item["site"], item["uses"], item["due_at"]) == (WASH, 0, None)


@pytest.mark.parametrize(
    ("who", "wanted", "status", "field"),
    [
        ("officer", {"kind": "cup-355", "count": 0, "site": WASH}, 422, "count"),
        ("officer", {"kind": "cup-355", "count": 10_001, "site": WASH}, 422, "count"),
        ("officer", {"kind": "cup-355", "count": 2**70, "site": WASH}, 422, "count"),
        ("officer", {"kind": "cup-355", "count": "1", "site": WASH}, 422, "count"),
        ("officer", {"kind": "cup-355", "count": True, "site": WASH}, 422, "count"),
        ("officer", {"kind": "cup\x00", "count": 1, "site": WASH}, 422, "kind"),
        ("officer", {"kind": "k" * 1_000_000, "count": 1, "site": WASH}, 422, "kind"),
        ("officer", {"kind": "🥤", "count": 1, "site": WASH}, 404, "kind"),
        ("officer", {"kind": "cup-355", "count": 1, "site": "MOON"}, 404, "site"),
        ("officer", {"kind": "cup-355", "count": 1}, 422, "site"),
        ("officer", {"kind": "cup-355", "count": 1, "site": WASH, "id": "x"}, 422, "id"),
        ("officer", {"kind": "cup-355", "count": 1, "site": WASH, "extra": 1}, 422, "extra"),
        ("officer", [], 422, None),
        ("jun", {"kind": "cup-355", "count": 1, "site": HARU}, 403, "site"),
        ("mina", {"kind": "cup-355", "count": 1, "site": HARU}, 403, None),
        ("machine", {"kind": "cup-355", "count": 1, "site": WASH}, 403, None),
        ("stranger", {"kind": "cup-355", "count": 1, "site": WASH}, 401, None),
    ],
)
def test_who_registers_what(
    programs: dict[str, Program], who: str, wanted: Any, status: int, field: str | None
) -> None:
    error = programs[who].post("/items", wanted, status)["error"]
    assert field is None or error["field"] == field


def test_no_json_is_no_piece(officer: Program) -> None:
    for body in (b"", b"{", b"\xff", b"NaN"):
        assert officer.post("/items", body, 422)["error"]["code"] == "invalid"


def test_an_item_by_its_code(programs: dict[str, Program], loop: Loop) -> None:
    cup = loop.lent_cup()
    mina = programs["mina"]
    assert mina.get(f"/items/{cup}") == mina.get(f"/items/{cup[:4]}-{cup[4:8]}-{cup[8:]}")
    assert mina.get(f"/items/{cup}")["code"] == cup
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    assert mina.get(f"/items/{wrong}", 422)["error"]["code"] == "bad_check_digit"
    for text in ("x", "%00", "%F0%9F%A5%A4", "1" * 5000):
        assert mina.get(f"/items/{text}", 422)["error"]["code"] == "invalid"
    for name in ("yuna", "jun", "machine"):
        assert programs[name].get(f"/items/{cup}", 404)["error"]["code"] == "not_found"
        assert programs[name].get(f"/items/{cup}/scans", 404)["error"]["code"] == "not_found"
    for name in ("courier", "officer"):
        assert programs[name].get(f"/items/{cup}")["state"] == "lent"


def test_a_story_by_pages(officer: Program, loop: Loop) -> None:
    cup = loop.lent_cup()
    loop.give_back(cup)
    story = whole(officer, f"/items/{cup}/scans", limit=2)
    assert [scan["action"] for scan in story] == [
        "return", "lend", "stock", "ship", "pass", "wash", "register",
    ]  # fmt: skip
    assert story == whole(officer, f"/items/{cup}/scans")
    assert story[1]["intent"] == "ask" and story[0]["site"] == HARU


def test_lists_by_pages_and_filters(programs: dict[str, Program], loop: Loop) -> None:
    officer, mina = programs["officer"], programs["mina"]
    here, there = loop.clean_cups(3), loop.clean_cups(2, at=NABI, kind="cup-473")
    for cup in here[:2]:
        loop.lend(cup, DANA)
    loop.give_back(here[0])
    codes = [item["code"] for item in whole(officer, "/items", limit=2)]
    assert codes == here + there
    assert [item["code"] for item in whole(mina, "/items")] == here
    assert {i["code"] for i in whole(officer, "/items", state="lent")} == {here[1]}
    assert {i["code"] for i in whole(officer, "/items", kind="cup-473", site=NABI)} == set(there)
    loans = whole(officer, "/loans", limit=1)
    assert [loan["code"] for loan in loans] == [here[1], here[0]]
    assert [loan["code"] for loan in whole(mina, "/loans", open="true")] == [here[1]]
    assert [loan["code"] for loan in whole(mina, "/loans", open="false")] == [here[0]]
    assert whole(officer, "/loans", overdue="true") == whole(programs["yuna"], "/loans") == []
    stock = whole(mina, "/stock")
    assert {(line["state"], line["count"], line["clean"]) for line in stock} == {
        ("lent", 1, 0), ("ready", 1, 1), ("returned", 1, 0),
    }  # fmt: skip
    assert whole(officer, "/stock", limit=1) == whole(officer, "/stock")
    sites = whole(mina, "/sites", limit=2)
    assert [site["code"] for site in sites] == ["BOX", "HARU", "NABI", "OFFICE", "WASH"]
    assert sites[4]["kind"] == "wash_centre" and sites[1]["name"] == "카페 하루"


@pytest.mark.parametrize("path", ["/items", "/loans", "/stock", "/review"])
def test_a_place_asks_for_itself_alone(programs: dict[str, Program], path: str) -> None:
    assert programs["mina"].get(path, site="haru")["next"] is None
    error = programs["mina"].get(path, 403, site=NABI)["error"]
    assert (error["code"], error["field"]) == ("not_allowed_here", "site")
    programs["officer"].get(path, site=NABI)
    assert programs["officer"].get(path, 404, site="MOON")["error"]["field"] == "site"


WRONG_PAGES = (
    ("cursor", "x"),
    ("cursor", "eyJ9"),
    ("cursor", "a" * 100_000),
    ("cursor", "WyJcdTAwMDAiXQ"),
    ("cursor", "W05hTl0"),
    ("limit", "0"),
    ("limit", "1001"),
    ("limit", str(2**70)),
    ("limit", "9" * 5000),
    ("limit", "ten"),
)


def test_a_wrong_page_is_422(officer: Program, loop: Loop) -> None:
    for path in (*LISTS, f"/items/{loop.new_cups()[0]}/scans"):
        for name, value in WRONG_PAGES:
            error = officer.get(path, 422, **{name: value})["error"]
            assert (error["code"], error["field"]) == ("invalid", name)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/items", {"state": "gone"}),
        ("/items", {"state": "\x00"}),
        ("/items", {"kind": "a\x00"}),
        ("/items", {"site": "\x00"}),
        ("/loans", {"open": "perhaps"}),
        ("/loans", {"overdue": "\x00"}),
        ("/stock", {"site": "s" * 100_000}),
    ],
)
def test_a_wrong_filter_is_422(officer: Program, path: str, query: dict[str, str]) -> None:
    error = officer.get(path, 422, **query)["error"]
    assert (error["code"], error["field"]) == ("invalid", next(iter(query)))


def test_tokens_and_roles(programs: dict[str, Program]) -> None:
    for path in LISTS:
        assert programs["stranger"].get(path, 401)["error"]["code"] == "sign_in_needed"
    for path in ("/loans", "/review"):
        assert programs["machine"].get(path, 403)["error"]["code"] == "not_allowed"


def test_what_is_not_there_has_the_same_error_shape(mina: Program) -> None:
    for method, path, status in (
        ("get", "/nothing", 404), ("delete", "/items", 405), ("get", "/scans", 405),
        ("put", "/scans", 405),
    ):  # fmt: skip
        answer = mina.client.open(f"/api/v1{path}", method=method.upper(), headers=mina.headers)
        assert answer.status_code == status
        assert set(answer.get_json()["error"]) == {"code", "message", "next_step"}


def test_the_reference_page_shows_every_endpoint_and_loads_nothing_foreign(
    client: FlaskClient, loop: Loop
) -> None:
    spec = client.get("/api/v1/openapi.json").get_json()
    assert spec["openapi"].startswith("3.1")
    page = client.get("/api/v1/docs")
    assert page.status_code == 200 and page.mimetype == "text/html"
    for path, operations in spec["paths"].items():
        assert path in page.text
        for method in set(operations) & {"get", "post"}:
            assert operations[method]["summary"] in page.text.replace("&#39;", "'")
    for name in ("ScanInSchema", "ReceiptOut", "ItemOut", "clock_error"):
        assert re.sub("Schema$", "", name) in page.text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)
    assert not re.search(r"<script(?![^>]*src=)[^>]*>[^<]*\w|\sstyle=|\son\w+=", page.text)
    assert "API reference" in client.get("/api/v1/docs", headers={"Accept-Language": "en"}).text
