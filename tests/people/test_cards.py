"""Cards are printed blank, bound once, replaced in one step and revoked for ever."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.borrowers import Borrower, BorrowerWanted, resolve_borrowers
from lending.people.cards import (
    bind_card,
    find_card_owner,
    list_cards,
    list_cards_of,
    print_cards,
    replace_card,
    revoke_card,
)
from lending.people.members import grouped_card


@pytest.fixture
def use(session: Session, place: Any, keys: Any, now: datetime) -> Any:
    def use(raw: str) -> Borrower | None:
        wanted = [BorrowerWanted(raw, now)]
        return resolve_borrowers(
            session, keys=keys, district_id=place.district, wanted=wanted, now=now
        )[0]

    return use


def test_a_card_is_replaced_in_one_step(
    session: Session, place: Any, now: datetime, use: Any
) -> None:
    here = {"district_id": place.district, "now": now}
    old, new, third = print_cards(session, count=3, **here)
    owner = use(old).resident_id
    replace_card(session, old=grouped_card(old), new=f"https://x.kr/c/{new}", **here)
    assert use(new).resident_id == owner
    assert use(old) is None
    assert [card.code for card in list_cards_of(session, resident_id=owner)] == [new, old]
    for pair in [(old, new), (third, new), (third, third), (new, old)]:
        with pytest.raises(LendingError) as caught:
            replace_card(session, old=pair[0], new=pair[1], **here)
        assert caught.value.code is Code.CONFLICT
    with pytest.raises(LendingError) as caught:
        replace_card(session, old=new, new="nonsense", **here)
    assert caught.value.code is Code.NOT_FOUND
    # A card that was revoked as lost can still be replaced: it names its owner.
    revoke_card(session, card=new, **here)
    replace_card(session, old=new, new=third, **here)
    assert use(third).resident_id == owner


def test_a_card_is_bound_to_a_known_resident(
    session: Session, place: Any, now: datetime, use: Any
) -> None:
    here = {"district_id": place.district, "now": now}
    (card,) = print_cards(session, count=1, **here)
    sora = use("010-1234-5678").resident_id
    assert find_card_owner(session, district_id=place.district, card=card) is None
    bind_card(session, card=card, resident_id=sora, **here)
    assert find_card_owner(session, district_id=place.district, card=card) == sora
    assert use(card).label == "5678"
    with pytest.raises(LendingError) as caught:
        bind_card(session, card=card, resident_id=sora, **here)
    assert caught.value.code is Code.CONFLICT


def test_a_revoked_card_ends_for_ever(
    session: Session, place: Any, now: datetime, use: Any
) -> None:
    (card,) = print_cards(session, district_id=place.district, count=1, now=now)
    revoke_card(session, district_id=place.district, card=card, now=now)
    assert use(card) is None
    with pytest.raises(LendingError):
        revoke_card(session, district_id=place.district + 1, card=card, now=now)
    with pytest.raises(LendingError):
        find_card_owner(session, district_id=place.district, card="482109375518")


def test_cards_are_paged_and_counted(session: Session, place: Any, now: datetime) -> None:
    codes = print_cards(session, district_id=place.district, count=5, now=now)
    first = list_cards(session, district_id=place.district, limit=3)
    rest = list_cards(session, district_id=place.district, before=first[-1].id, limit=3)
    assert [card.code for card in first + rest] == codes[::-1]
    for count in (0, 1001):
        with pytest.raises(LendingError):
            print_cards(session, district_id=place.district, count=count, now=now)
