"""Undo, what was given out earlier, what is said to be back, and the board beside the results."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from lending.db import transaction
from lending.loop.dropped import SaidBy
from lending.loop.steps import State
from lending.notices.tables import Alert, AlertOwner
from tests.drops import claims
from tests.personas import HARU, MINJI, NABI, Loop
from tests.station.conftest import Till

SEOUL = ZoneInfo("Asia/Seoul")


def test_undo_takes_a_lend_back(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    lent = till.beep(cup, MINJI)
    assert till.undo(lent) == ["recorded"]
    piece = loop.item(cup)
    assert (piece.state, piece.clean, piece.loan) == (State.READY, True, None)
    assert till.person(MINJI)["open_cups"] == 0
    loop.check()


def test_undo_of_a_refusal_takes_the_note_back(till: Till, loop: Loop) -> None:
    cup = loop.new_cups()[0]
    till.undo(till.beep(cup, MINJI))
    assert loop.item(cup).state is State.DIRTY


def test_undo_repeated_is_one_undo(till: Till, loop: Loop) -> None:
    cup = loop.lent_cup()
    [returned] = till.beep(cup)["recorded"]
    back = till.entry("void", cup, of=returned)
    results = [till.send(back)[0]["result"] for _ in range(3)]
    assert results == ["recorded", "repeated", "repeated"]
    assert loop.item(cup).state is State.LENT
    with loop.engine.connect() as connection:
        voids = connection.execute(sa.text("SELECT count(*) FROM scan WHERE action = 'void'"))
        assert voids.scalar_one() == 1


def test_another_place_cannot_undo(till: Till, other_till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    [lent] = till.beep(cup, MINJI)["recorded"]
    [receipt] = other_till.send(other_till.entry("void", cup, of=lent))
    assert (receipt["result"], receipt["error"]["code"]) == ("refused", "not_allowed_here")
    assert loop.item(cup).state is State.LENT


def test_given_out_earlier_is_due_from_then(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    at = datetime.now(UTC) - timedelta(minutes=50)
    earlier = till.entry("lend", cup, borrower=till.sealed(MINJI), note="given out earlier")
    assert till.send(earlier | {"at": at.isoformat()})[0]["result"] == "recorded"
    [loan] = loop.loans(cup)
    assert abs(loan.opened_at - at) < timedelta(seconds=1)
    assert till.person(MINJI)["open_cups"] == 1


def test_said_to_be_back_is_looked_into(till: Till, loop: Loop) -> None:
    cup = loop.lent_cup()
    today = datetime.now(SEOUL).date().isoformat()
    body = {"code": cup, "where": "카페 나비", "day": today}
    answer = till.post("/scan/claim", body)
    assert (answer["new"], answer["stops"]) == (True, True)
    assert till.post("/scan/claim", body)["new"] is False
    assert loop.item(cup).state is State.LENT  # until somebody sees it
    (claim,) = claims(loop)
    assert (claim.site_id, claim.note) == (loop.town.sites[NABI], None)
    assert (claim.said_by, claim.stops_clock) == (SaidBy.STAFF, True)
    elsewhere = loop.lent_cup()
    body = {"code": elsewhere, "where": "역 앞 상자", "day": today}
    till.post("/scan/claim", body)
    assert [(claim.site_id, claim.note) for claim in claims(loop)][-1] == (None, "역 앞 상자")
    late = body | {"code": loop.lent_cup(), "day": "2099-01-01"}
    assert till.post("/scan/claim", late, 422)["error"]["field"] == "day"
    back = loop.clean_cup()
    assert (
        till.post("/scan/claim", {"code": back, "where": "x", "day": "2026-11-20"}, 404)["error"][
            "field"
        ]
        == "code"
    )


def test_the_board_counts_today(till: Till, other_till: Till, loop: Loop) -> None:
    cups = loop.clean_cups(4)
    lent = [till.beep(cup, MINJI) for cup in cups[:2]]
    till.beep(cups[0])
    till.undo(lent[1])
    board = till.board()
    assert (board["lent"], board["returned"], board["clean_here"], board["to_collect"]) == (
        1, 1, 3, 1,
    )  # fmt: skip
    assert [scan["voided"] for scan in board["scans"][:3]] == [False, True, False]
    assert other_till.board()["scans"] == []
    assert "borrower" not in str(board)


def test_an_alert_is_shown_until_seen(till: Till, other_till: Till, loop: Loop) -> None:
    now = datetime.now(UTC)
    with transaction(loop.engine) as session:
        session.add(
            Alert(
                district_id=loop.town.id, site_id=loop.town.sites[HARU], kind="clean_low",
                owner=AlertOwner.PLACE, count=3, opened_at=now,
            )
        )  # fmt: skip
    [alert] = till.board()["alerts"]
    assert alert["words"] == "깨끗한 컵이 3개 남았어요"
    assert other_till.board()["alerts"] == []
    other_till.post("/scan/seen", {"alert": alert["id"]}, 404)
    till.post("/scan/seen", {"alert": alert["id"]})
    assert till.board()["alerts"] == []


def test_the_story_is_right_after_everything(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    for _ in range(3):
        till.undo(till.beep(cup, MINJI))
    till.beep(cup, MINJI)
    till.beep(cup)
    assert loop.story(cup).piece.state is State.RETURNED
    loop.collect(cup)
    assert loop.item(cup).uses == 1
    loop.check()
