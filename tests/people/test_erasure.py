"""After an erasure nothing of the person is left; the access log outlives it, for its time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import transaction
from lending.errors import LendingError
from lending.people.access_log import Access, drop_old_access, list_access, record_access
from lending.people.actors import Actor, ActorKind
from lending.people.borrowers import BorrowerWanted, resolve_borrowers
from lending.people.cards import bind_card, print_cards
from lending.people.contacts import read_contact
from lending.people.erasure import erase_resident
from lending.people.login_codes import Asking, make_login_code
from lending.people.residents import contact_digest, load_reachable
from lending.people.staff import NewStaff, add_staff
from lending.people.tables import Role

CONTACT = read_contact("010-1234-5678")


def test_erasure_leaves_nothing_that_leads_to_the_person(
    engine: sa.Engine, table_names: list[str], place: Any, keys: Any, now: datetime
) -> None:
    def resolve(session: Session, raw: str) -> Any:
        wanted = [BorrowerWanted(raw, now)]
        return resolve_borrowers(
            session, keys=keys, district_id=place.district, wanted=wanted, now=now
        )[0]

    with transaction(engine) as session:
        sora = resolve(session, CONTACT.normal).resident_id
        jun = resolve(session, "jun@cup.kr").resident_id
        (card,) = print_cards(session, district_id=place.district, count=1, now=now)
        bind_card(session, district_id=place.district, card=card, resident_id=sora, now=now)
        asking = Asking(place.district, "browser", "10.0.0.1")
        make_login_code(session, keys=keys, contact=CONTACT, asking=asking, now=now)
        reachable = load_reachable(session, keys=keys, resident_ids=[sora, jun])
        assert reachable[sora].contact == CONTACT
    with transaction(engine) as session:
        assert erase_resident(session, resident_id=sora, now=now)
        assert not erase_resident(session, resident_id=sora, now=now)
    with transaction(engine) as session:
        stored = [
            value
            for table in table_names
            for row in session.execute(sa.text(f"SELECT * FROM {table}"))
            for value in row
        ]
        assert not any(value in (sora, sora.hex, str(sora)) for value in stored)
        assert contact_digest(keys, CONTACT) not in stored
        assert list(load_reachable(session, keys=keys, resident_ids=[sora, jun])) == [jun]
        assert resolve(session, card) is None
        again = resolve(session, CONTACT.normal)
        assert again.created
        assert again.resident_id != sora


@pytest.fixture
def officer(session: Session, place: Any, now: datetime) -> Actor:
    new = NewStaff("officer", "two beeps per loan", Role.OFFICER)
    staff = add_staff(session, district_id=place.district, new=new, now=now)
    return Actor(ActorKind.STAFF, Role.OFFICER, place.district, id=staff)


def test_each_view_is_logged_and_paged(session: Session, officer: Actor, now: datetime) -> None:
    for minute in (0, 1, 1, 2):
        access = Access("10.0.0.1", f"resident {minute}", reason="전화 문의")
        record_access(session, actor=officer, access=access, now=now + timedelta(minutes=minute))
    first = list_access(session, district_id=officer.district_id, limit=2)
    last = (first[-1].at, first[-1].id)
    rest = list_access(session, district_id=officer.district_id, before=last, limit=5)
    assert [entry.what[-1] for entry in first + rest] == ["2", "1", "1", "0"]
    assert len({entry.id for entry in first + rest}) == 4
    assert (first[0].login, first[0].address, first[0].reason) == (
        "officer",
        "10.0.0.1",
        "전화 문의",
    )
    with pytest.raises(LendingError):
        record_access(session, actor=officer, access=Access("10.0.0.1", "x", reason="\0"), now=now)


def test_the_log_is_kept_a_year(session: Session, officer: Actor, now: datetime) -> None:
    for days in (0, 365, 367):
        at = now - timedelta(days=days)
        record_access(session, actor=officer, access=Access("10.0.0.1", "resident"), now=at)
    assert drop_old_access(session, now=now) == 1
    assert len(list_access(session, district_id=officer.district_id)) == 2
