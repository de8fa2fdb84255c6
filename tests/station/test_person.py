"""Who is shown: four digits, and no trace of a person in what the browser keeps."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from lending.db import transaction
from lending.notices.tables import Notice, NoticeKind, NoticeState
from lending.people.envelopes import public_key
from lending.people.keys import make_keys
from lending.people.members import member_code
from lending.people.residents import unseal_secret
from lending.people.tables import Resident
from tests.personas import MINJI, SORA, Loop
from tests.sealed import seal_borrower
from tests.station.conftest import Till


def member_qr(loop: Loop, contact: str, at: datetime) -> str:
    """What the resident's phone shows at a moment."""
    with loop.engine.connect() as connection:
        row = connection.execute(
            sa.select(Resident.id, Resident.member_number, Resident.member_secret).where(
                Resident.id == loop.town.residents[contact]
            )
        ).one()
    return member_code(unseal_secret(loop.keys, row.id, row.member_secret), row.member_number, at)


def test_a_number_is_read_back_and_what_is_out_is_told(till: Till, loop: Loop) -> None:
    cup = loop.lent_cup()
    shown = till.person("01023456789")
    assert (shown["label"], shown["read_back"], shown["open_cups"], shown["left"]) == (
        "6789", "010-2345-6789", 1, 4,
    )  # fmt: skip
    assert [one["code"] for one in shown["cups"]] == [cup]
    assert not shown["is_new"]


def test_a_stranger_is_shown_but_not_stored(till: Till, loop: Loop) -> None:
    before = residents(loop)
    shown = till.person(SORA)
    assert (shown["is_new"], shown["left"], shown["left_group"]) == (True, 2, 10)
    assert residents(loop) == before


def test_what_is_sealed_tells_nothing_and_lends(till: Till, loop: Loop) -> None:
    sealed = till.sealed(MINJI)
    assert "23456789" not in re.sub(r"\D", "", sealed)
    shown = till.person(sealed)
    assert (shown["label"], shown["read_back"]) == ("6789", None)
    assert till.beep(loop.clean_cup(), sealed)["label"] == "6789"


def test_a_member_code_is_parked_longer_than_its_two_minutes(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    old = datetime.now(UTC) - timedelta(minutes=20)
    parked = till.sealed(member_qr(loop, MINJI, old), ago=20)
    assert till.person(parked)["label"] == "6789"
    assert till.beep(cup, parked)["label"] == "6789"
    # The code itself is too old by now.
    assert till.person(member_qr(loop, MINJI, old), 404)["error"]["code"] == "borrower_unknown"
    fresh = till.person(member_qr(loop, MINJI, datetime.now(UTC)))
    assert (fresh["label"], fresh["read_back"]) == ("6789", None)


def test_an_old_member_code_or_a_foreign_envelope_names_nobody(till: Till, loop: Loop) -> None:
    cup = loop.clean_cup()
    old = member_qr(loop, MINJI, datetime.now(UTC) - timedelta(minutes=62))
    foreign = seal_borrower(public_key(make_keys()), MINJI, datetime.now(UTC))
    for sealed in (till.sealed(old, ago=62), till.sealed(old), foreign, "S1.AAAA", "S1."):
        assert till.beep(cup, sealed)["error"] == "borrower_unknown"
        assert till.person(sealed, 404)["error"]["code"] == "borrower_unknown"
    assert loop.item(cup).loan is None


def test_a_contact_sealed_long_ago_still_names_its_owner(till: Till, loop: Loop) -> None:
    assert till.beep(loop.clean_cup(), till.sealed(MINJI, ago=300))["label"] == "6789"


@pytest.mark.parametrize("text", ["050-1234-5678", "1588-1234", "M1.nonsense"])
def test_nobody_is_told_calmly(till: Till, text: str) -> None:
    assert till.person(text, 404)["error"]["code"] == "borrower_unknown"


def test_a_pause_is_told_at_once_and_softly(till: Till, loop: Loop, engine: sa.Engine) -> None:
    loop.now -= timedelta(days=20)
    cup, other = loop.clean_cups(2)
    assert loop.lend(cup, MINJI).loan is not None
    warn(engine, loop, cup, loop.now + timedelta(days=8))
    shown = till.person(MINJI)
    assert shown["paused"]
    told = till.beep(other, till.sealed(MINJI))
    assert told["error"] == "borrower_paused"
    assert "연체" not in f"{told['word']} {told['next_step']}"
    assert "휴대폰" in told["next_step"]
    lent = till.beep(other, till.sealed(MINJI), override="반납한 것을 직접 확인했어요")
    assert lent["result"] == "recorded"


def warn(engine: sa.Engine, loop: Loop, cup: str, at: datetime) -> None:
    """A reminder about this cup was sent."""
    [loan] = loop.loans(cup)
    with transaction(engine) as session:
        session.add(
            Notice(
                id=uuid.uuid4(), district_id=loop.town.id, lend_id=loan.id, kind=NoticeKind.DUE_TODAY,
                state=NoticeState.SENT, created_at=at, sent_at=at,
            )
        )  # fmt: skip


def residents(loop: Loop) -> int:
    with loop.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM resident")).scalar_one())
