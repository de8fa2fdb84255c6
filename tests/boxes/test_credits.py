"""A member's QR shown beside returns is noted for later points; nobody else learns whose."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lending.boxes.schemas import MOST_SCANS
from lending.cli.worker import drop_old_rows
from lending.loop.erase import erase_person
from lending.loop.tables import Review, Scan
from lending.people.envelopes import public_key
from lending.people.members import member_code, member_digits
from lending.people.residents import unseal_secret
from lending.people.tables import Resident
from lending.requests.credits import drop_old_credits
from lending.requests.tables import ReturnCredit
from tests.boxes.conftest import all_of, returned_here, times
from tests.callers import Caller
from tests.personas import DANA, DAY, MINJI, Loop
from tests.sealed import seal_borrower


def member_of(loop: Loop, who: str = MINJI, *, at: datetime | None = None, typed: bool = False) -> str:  # fmt: skip
    with Session(loop.engine) as session:
        row = session.get(Resident, loop.town.residents[who])
        assert row is not None and row.member_secret is not None
        secret = unseal_secret(loop.keys, row.id, row.member_secret)
        form = member_digits if typed else member_code
        return form(secret, row.member_number, at or datetime.now(UTC))


def show(caller: Caller, member: str, *scans: str, **more: Any) -> Any:
    return caller.open("/return/member", "POST", json=times(member=member, scans=list(scans), **more))  # fmt: skip


def credits(loop: Loop) -> dict[str, uuid.UUID]:
    return {str(one.scan_id): one.resident_id for one in all_of(loop, ReturnCredit)}


def test_a_member_qr_beside_returns_is_noted_and_no_person_is_in_the_log(
    loop: Loop, box: Caller
) -> None:
    cups = [returned_here(loop, box) for _ in range(2)]
    for _ in range(2):  # the answer was lost once
        answer = show(box, member_of(loop), *cups)
        assert answer.status_code == 200
        assert set(answer.get_json()) == {"now"}  # nothing of a person comes back
    assert credits(loop) == dict.fromkeys(cups, loop.town.residents[MINJI])
    # Who comes later with the same cups gets nothing.
    show(box, member_of(loop, DANA), *cups)
    assert set(credits(loop).values()) == {loop.town.residents[MINJI]}
    for one in all_of(loop, Scan):
        assert one.note is None or str(loop.town.residents[MINJI]) not in one.note


def test_it_may_come_sealed_and_hours_late(loop: Loop, box: Caller) -> None:
    cup = returned_here(loop, box)
    at = datetime.now(UTC) - timedelta(hours=4)
    sealed = seal_borrower(public_key(loop.keys), member_of(loop, at=at), at)
    body = {"at": at.isoformat(), "sent_at": datetime.now(UTC).isoformat(), "clock_error": 0.0}
    answer = box.open("/return/member", "POST", json=body | {"member": sealed, "scans": [cup]})
    assert answer.status_code == 200
    assert credits(loop) == {cup: loop.town.residents[MINJI]}


def test_only_returns_of_this_box_count(loop: Loop, box: Caller) -> None:
    cup = loop.lent_cup()
    lend = loop.loans(cup)[0].id
    elsewhere = loop.give_back(cup).id
    show(box, member_of(loop), str(lend), str(elsewhere), str(uuid.uuid4()))
    assert credits(loop) == {}


@pytest.mark.parametrize("who", ["contact", "stale", "forged", "card", "noise"])
def test_what_is_no_member_of_now_counts_for_nobody(loop: Loop, box: Caller, who: str) -> None:
    cup = returned_here(loop, box)
    code = member_of(loop)
    shown = {
        "contact": MINJI,
        "stale": member_of(loop, at=datetime.now(UTC) - timedelta(minutes=10)),
        "forged": code[:-1] + ("0" if code[-1] != "0" else "1"),
        "card": "https://cups.example/c/K7R4-M2WQ-PX8A",
        "noise": "S1.AAAA",
    }[who]
    before = len(all_of(loop, Resident))
    assert show(box, shown, cup).status_code == 200
    assert credits(loop) == {}
    assert len(all_of(loop, Resident)) == before  # nobody comes to be at a box


def test_erasure_cuts_the_credit_and_leaves_the_return(loop: Loop, box: Caller) -> None:
    mine, hers = returned_here(loop, box), returned_here(loop, box)
    show(box, member_of(loop), mine)
    show(box, member_of(loop, DANA), hers)
    person = loop.town.residents[MINJI]
    assert loop.write(lambda s: erase_person(s, resident_id=person, now=datetime.now(UTC)))
    assert credits(loop) == {hers: loop.town.residents[DANA]}
    assert {mine, hers} <= {str(one.id) for one in all_of(loop, Scan)}
    loop.check()


def test_a_credit_is_cut_after_ninety_days(loop: Loop, box: Caller) -> None:
    cup = returned_here(loop, box)
    show(box, member_of(loop), cup)
    now = datetime.now(UTC)
    assert drop_old_rows(loop.engine)["credits"] == 0
    assert loop.write(lambda s: drop_old_credits(s, now=now + 89 * DAY)) == 0
    assert loop.write(lambda s: drop_old_credits(s, now=now + 91 * DAY)) == 1
    assert credits(loop) == {}


def test_bodies_of_another_shape_are_refused(loop: Loop, box: Caller) -> None:
    good = times(member=member_of(loop), scans=[str(uuid.uuid4())])
    for wrong in (
        {"member": ""}, {"scans": []}, {"scans": ["x"]}, {"at": "now"}, {"sent_at": None},
        {"clock_error": "NaN"}, {"scans": [str(uuid.uuid4())] * (MOST_SCANS + 1)}, {"member": "\x00"},
    ):  # fmt: skip
        assert box.open("/return/member", "POST", json=good | wrong).status_code == 422, wrong
    for wrong in ({"id": "x"}, {"id": None}, {"at": 5}, {"code": "x" * 301}, {"code": "a\x00"}):
        told = times(id=str(uuid.uuid4())) | wrong
        assert box.open("/return/report", "POST", json=told).status_code == 422, wrong
    assert not all_of(loop, Review)
