"""Counted ware over the API: moves recorded once each, balances read, wrong ones told apart."""

import uuid
from typing import Any

import pytest

from lending.db import transaction
from lending.loop.codes import make_code
from lending.wares.balances import balances
from lending.wares.verify import verify_counts
from tests.api.conftest import Program, moment
from tests.personas import HARU, NABI, WASH, Loop
from tests.wares.conftest import add_counted


@pytest.fixture
def bowls(loop: Loop) -> Loop:
    with transaction(loop.engine) as session:
        add_counted(session, loop, ["bowl", "plate"])
    return loop


def move(why: str, quantity: Any = 10, **more: Any) -> dict[str, Any]:
    clean = {"site": HARU, "condition": "clean"}
    ends = {"bought": {"to": clean}, "broken": {"from": clean}, "used": {"from": clean}}
    if why == "used":
        more.setdefault("to", {"site": HARU, "condition": "dirty"})
    return {
        "id": str(uuid.uuid4()), "kind": "bowl", "quantity": quantity, "why": why, "at": moment(),
    } | ends.get(why, {}) | more  # fmt: skip


def post(program: Program, *moves: Any, status: int = 200) -> list[Any]:
    answer = program.post("/wares/moves", {"sent_at": moment(), "moves": list(moves)}, status)
    return answer["receipts"] if status == 200 else [answer["error"]]


def held(program: Program, **query: Any) -> dict[tuple[str, str | None, str], int]:
    rows = program.get("/wares/balances", **query)["items"]
    return {(one["kind"], one["site"], one["condition"]): one["quantity"] for one in rows}


def test_moves_are_recorded_once_and_read_as_balances(
    bowls: Loop, officer: Program, mina: Program
) -> None:
    bought, used = move("bought", 100), move("used", 30)
    first = post(officer, bought, used)
    assert [(one["result"], one["left"]) for one in first] == [("recorded", None), ("recorded", 70)]
    again = post(officer, used, bought)
    assert [one["result"] for one in again] == ["repeated", "repeated"]
    other = post(officer, used | {"quantity": 31})
    assert other[0]["error"]["code"] == "id_reused"
    wanted = {("bowl", HARU, "clean"): 70, ("bowl", HARU, "dirty"): 30}
    assert held(mina) == held(officer, site=HARU) == held(officer, kind="bowl") == wanted
    assert held(officer, kind="plate") == {}


def test_one_wrong_move_never_spoils_its_neighbours(bowls: Loop, officer: Program) -> None:
    post(officer, move("bought", 100))
    wrong = [
        move("broken", -3),
        move("broken", 0),
        move("broken", "12"),
        move("broken", 1.5),
        move("broken", True),
        move("broken", 1_000_001),
        move("broken", None),
        move("broken", kind="cup-355"),  # has codes
        move("broken", kind="nothing"),
        move("broken", to={"site": HARU, "condition": "clean"}),
        move("broken", **{"from": {"site": "NOWHERE", "condition": "clean"}}),
        move("broken", **{"from": {"site": HARU, "condition": "sparkling"}}),
        move("broken", **{"from": {"crate": make_code(), "condition": "clean"}}),
        move("counted"),
        move("broken", note="a\x00b"),
        move("broken", at="yesterday"),
        move("broken", id="1"),
        move("broken", extra=1),
        "a text",
        None,
    ]
    receipts = post(officer, *wrong, move("broken", 4))
    assert [one["result"] for one in receipts] == ["refused"] * len(wrong) + ["recorded"]
    fields = [one["error"].get("field") for one in receipts[:-1]]
    assert fields == [
        "quantity", "quantity", "quantity", "quantity", "quantity", "quantity", "quantity",
        "kind", "kind", "to", "from", "from.condition", "from", "why", "note", "at", "id",
        "extra", None, None,
    ]  # fmt: skip
    assert held(officer) == {("bowl", HARU, "clean"): 96}


def test_a_crate_is_named_by_its_label(bowls: Loop, officer: Program) -> None:
    crate = bowls.new_crate()
    inside = {"crate": crate, "condition": "clean"}
    at_wash = {"site": WASH, "condition": "clean"}
    post(officer, move("bought", 200, to=at_wash))
    [packed] = post(officer, move("packed", 200, **{"from": at_wash}, to=inside))
    assert packed["left"] == 0
    [row] = officer.get("/wares/balances", crate=crate)["items"]
    assert (row["crate"], row["site"], row["quantity"]) == (crate, None, 200)
    assert officer.get("/wares/balances", site=WASH)["items"] == [row]
    [into_itself] = post(officer, move("moved", **{"from": inside}, to=inside))
    assert into_itself["error"]["field"] == "to"


def test_a_place_moves_and_sees_only_its_own(bowls: Loop, officer: Program, mina: Program) -> None:
    there = {"site": NABI, "condition": "clean"}
    post(officer, move("bought", 50), move("bought", 50, to=there))
    receipts = post(mina, move("broken", 1), move("broken", 1, **{"from": there}), move("bought"))
    assert [one["result"] for one in receipts] == ["recorded", "refused", "refused"]
    assert receipts[1]["error"]["code"] == receipts[2]["error"]["code"] == "not_allowed_here"
    assert held(mina) == {("bowl", HARU, "clean"): 49}
    mina.get("/wares/balances", 403, site=NABI)
    own = {"condition": "clean"}  # the token's own place
    assert post(mina, move("broken", 2, **{"from": own}))[0]["left"] == 47


def test_five_thousand_moves_in_one_call_and_no_more(bowls: Loop, officer: Program) -> None:
    post(officer, move("bought", 900_000))
    moves = [move("broken", 2) for _ in range(5_000)]
    assert {one["result"] for one in post(officer, *moves)} == {"recorded"}
    assert held(officer) == {("bowl", HARU, "clean"): 890_000}
    [error] = post(officer, *moves, move("broken"), status=413)
    assert (error["code"], error["field"]) == ("too_large", "moves")
    with transaction(bowls.engine) as session:
        assert list(verify_counts(session)) == []
        assert len(balances(session, district_id=bowls.town.id)) == 1


def test_balances_are_paged(bowls: Loop, officer: Program) -> None:
    post(officer, *(move("bought", 5, to={"site": HARU, "condition": one})
                    for one in ("clean", "dirty", "washed", "held")))  # fmt: skip
    first = officer.get("/wares/balances", limit=3)
    second = officer.get("/wares/balances", limit=3, cursor=first["next"])
    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 1, None)
    officer.get("/wares/balances", 422, cursor="x")


def test_a_call_of_a_wrong_shape_is_refused_as_a_whole(bowls: Loop, officer: Program) -> None:
    for body, field in (
        ({"sent_at": moment(), "moves": []}, "moves"),
        ({"sent_at": moment(), "moves": "x"}, "moves"),
        ({"sent_at": "x", "moves": [move("bought")]}, "sent_at"),
        ({"sent_at": moment(), "moves": [move("bought")], "more": 1}, "more"),
    ):
        assert officer.post("/wares/moves", body, 422)["error"]["field"] == field
    officer.post("/wares/moves", b"{", 422)
