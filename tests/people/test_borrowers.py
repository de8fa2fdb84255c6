"""What a till read becomes a resident: set by set, locked, and taken back when nothing was lent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import reading, run_transaction, transaction
from lending.people.borrowers import (
    Borrower,
    BorrowerWanted,
    borrower_digest,
    drop_unused,
    find_resident,
    resolve_borrowers,
)
from lending.people.cards import print_cards, revoke_card
from lending.people.contacts import read_contact
from lending.people.members import grouped_card, member_code, member_digits
from lending.people.profile import load_profile
from lending.people.tables import Card, Resident


@pytest.fixture
def resolve(engine: sa.Engine, place: Any, keys: Any, now: datetime) -> Any:
    def resolve(
        *raws: str, at: datetime = now, district: int | None = None
    ) -> list[Borrower | None]:
        def work(session: Session) -> list[Borrower | None]:
            return resolve_borrowers(
                session,
                keys=keys,
                district_id=district or place.district,
                wanted=[BorrowerWanted(raw, at) for raw in raws],
                now=now,
            )

        return run_transaction(engine, work)

    return resolve


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements sent inside the block, BEGIN aside."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


def test_an_unknown_contact_becomes_an_unconfirmed_resident_once(resolve: Any) -> None:
    first, again, email = resolve("010-1234-5678", "+82 10 1234 5678", "Mina@cup.kr")
    assert (first.created, first.confirmed, first.has_contact, first.label) == (
        True,
        False,
        True,
        "5678",
    )
    assert again == first
    assert email.resident_id != first.resident_id
    (later,) = resolve("0082 10 1234 5678")
    assert (later.resident_id, later.created) == (first.resident_id, False)


def test_nothing_is_stored_in_the_clear(resolve: Any, engine: sa.Engine) -> None:
    resolve("010-1234-5678", "mina@cup.kr")
    with reading(engine) as session:
        stored = repr(session.execute(sa.select(Resident.__table__)).all())
    assert "12345678" not in stored
    assert "mina" not in stored


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "482109375518",
        "https://x.kr/i/482109375518",
        "050-7123-4567",
        "M1.K7R4WQ81W.29923400.HJPDZYTKWR24MKPC",
        "PDQ8-C877-SWVY",
        "010\u00001234 5678",
        "\ud800",
        "x" * 1_000_000,
    ],
)
def test_what_cannot_be_resolved_is_none_and_spoils_no_neighbour(resolve: Any, raw: str) -> None:
    wrong, right = resolve(raw, "010-1234-5678")
    assert wrong is None
    assert right.label == "5678"


def test_a_member_code_finds_its_resident_by_the_time_of_the_scan(
    resolve: Any, engine: sa.Engine, keys: Any, now: datetime
) -> None:
    (made,) = resolve("010-1234-5678")
    with reading(engine) as session:
        own = load_profile(session, keys=keys, resident_id=made.resident_id)
    code, typed = (make(own.secret, own.number, now) for make in (member_code, member_digits))
    forged = member_code(b"x" * 32, own.number, now)
    by_code, by_typed, by_forged = resolve(code, typed, forged)
    assert by_code.resident_id == by_typed.resident_id == made.resident_id
    assert by_code.label == "5678"
    assert by_forged is None
    assert resolve(code, at=now + timedelta(minutes=10)) == [None]
    assert resolve(code, at=now + timedelta(minutes=2)) != [None]


def test_a_blank_card_is_bound_by_its_first_scan(
    resolve: Any, engine: sa.Engine, place: Any, now: datetime
) -> None:
    with transaction(engine) as session:
        card, other = print_cards(session, district_id=place.district, count=2, now=now)
    first, same = resolve(f"https://x.kr/c/{card}", grouped_card(card))
    assert (first.created, first.has_contact, first.label) == (True, False, card[-4:])
    assert same == first
    later, second = resolve(card.lower(), other)
    assert (later.resident_id, later.created) == (first.resident_id, False)
    assert second.resident_id != first.resident_id
    with transaction(engine) as session:
        revoke_card(session, district_id=place.district, card=card, now=now)
    assert resolve(card) == [None]


def test_another_district_has_other_residents(
    resolve: Any, engine: sa.Engine, place: Any, keys: Any, now: datetime
) -> None:
    from lending.places.districts import create_district

    with transaction(engine) as session:
        other = create_district(session, name="검단구", now=now).id
        (card,) = print_cards(session, district_id=place.district, count=1, now=now)
    (here,) = resolve("010-1234-5678")
    there, by_card = resolve("010-1234-5678", card, district=other)
    assert here.resident_id != there.resident_id
    assert by_card is None
    with reading(engine) as session:
        own = load_profile(session, keys=keys, resident_id=here.resident_id)
    assert resolve(member_code(own.secret, own.number, now), district=other) == [None]


def test_unused_residents_are_taken_back_and_their_cards_blank_again(
    resolve: Any, engine: sa.Engine, place: Any, keys: Any, now: datetime
) -> None:
    with transaction(engine) as session:
        (card,) = print_cards(session, district_id=place.district, count=1, now=now)
        made = resolve_borrowers(
            session,
            keys=keys,
            district_id=place.district,
            wanted=[BorrowerWanted(card, now), BorrowerWanted("01012345678", now)],
            now=now,
        )
        drop_unused(session, [one.resident_id for one in made if one])
        drop_unused(session, [])
    with reading(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Resident)) == 0
        assert session.scalars(sa.select(Card)).one().bound_at is None
    (bound,) = resolve(card)
    assert bound.created


def test_the_number_of_statements_does_not_grow(
    resolve: Any, engine: sa.Engine, place: Any, now: datetime
) -> None:
    with transaction(engine) as session:
        cards = print_cards(session, district_id=place.district, count=100, now=now)
    contacts = [f"010{20_000_000 + i:08d}" for i in range(300)]
    with counted(engine) as sent:
        resolve(*contacts)
    assert len(sent) == 2
    with counted(engine) as sent:
        resolve(*contacts)
    assert len(sent) == 1
    with counted(engine) as sent:
        resolve(*contacts, *cards)
    assert len(sent) == 4
    with counted(engine) as sent:
        resolve(*contacts, *cards)
    assert len(sent) == 2


@pytest.mark.parametrize("kind", ["contact", "card"])
def test_eight_tills_at_once_make_one_resident(
    resolve: Any, engine: sa.Engine, place: Any, now: datetime, kind: str
) -> None:
    raw = "010-1234-5678"
    if kind == "card":
        with transaction(engine) as session:
            (raw,) = print_cards(session, district_id=place.district, count=1, now=now)
    start = threading.Barrier(8)
    found: list[Borrower | None] = []

    def till() -> None:
        start.wait()
        # Other contacts beside it, in another order at each till: nobody may block in a circle.
        others = [f"0103333000{i}" for i in range(5)]
        found.append(resolve(raw, *others[:: 1 if len(found) % 2 else -1])[0])

    threads = [threading.Thread(target=till) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({one.resident_id for one in found if one}) == 1
    assert sum(one.created for one in found if one) == 1


def test_a_contact_is_found_without_making_anybody(
    resolve: Any, engine: sa.Engine, place: Any, keys: Any
) -> None:
    contact = read_contact("010-1234-5678")
    look = {"keys": keys, "district_id": place.district, "contact": contact}
    with reading(engine) as session:
        assert find_resident(session, **look) is None
    (made,) = resolve("010-1234-5678")
    with reading(engine) as session:
        assert find_resident(session, **look) == made.resident_id


def test_a_borrower_has_one_digest_in_every_writing(keys: Any) -> None:
    phone = {
        borrower_digest(keys, raw) for raw in ("010-1234-5678", "+821012345678", " 01012345678")
    }
    card = {borrower_digest(keys, raw) for raw in ("PDQ8C877SWVY", "https://x.kr/c/pdq8-c877-swvy")}
    member = {
        borrower_digest(keys, f"{head}K7R4WQ81W{tail}")
        for head, tail in [("M1.", ".29923400.HJPDZYTKWR24MKPC"), ("", "-903947")]
    }
    odd = {borrower_digest(keys, raw) for raw in ("", "\ud800", "garbage", "Garbage")}
    assert [len(phone), len(card), len(member), len(odd)] == [1, 1, 1, 4]
    assert len(phone | card | member | odd) == 7
