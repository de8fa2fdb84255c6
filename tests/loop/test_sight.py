"""The read side: how a piece is found, and who sees which."""

import uuid
from random import Random

import pytest
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.codes import make_code
from lending.loop.pieces.claims import print_labels
from lending.loop.read.loans import list_loans
from lending.loop.read.pieces import find_item, list_items, list_kinds, public_item
from lending.loop.read.stock import stock_of_sites
from lending.loop.steps import State
from lending.people.actors import Actor
from tests.personas import HARU, NABI, Loop


def sees(session: Session, actor: Actor, code: str) -> bool:
    try:
        return find_item(session, code=code, actor=actor).view.code == code
    except LendingError as error:
        assert error.code is Code.NOT_FOUND
        return False


def test_an_item_is_found_by_any_reading_of_its_code(loop: Loop, read: Session) -> None:
    cup = loop.lent_cup()
    written = f"https://old.example/i/{cup}"
    hyphened = f"{cup[:4]}-{cup[4:8]}-{cup[8:]}"
    for text in (cup, written, hyphened):
        view = find_item(read, code=text, actor=None).view
        assert (view.code, view.state, view.site, view.uses) == (cup, State.LENT, HARU, 1)
    assert view.due_at == loop.due(find_item(read, code=cup, actor=None).loan_id or uuid.uuid4())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no code", Code.INVALID),
        ("482109375517", Code.BAD_CHECK_DIGIT),
        (make_code(Random(7)), Code.NOT_FOUND),
    ],
)
def test_what_is_no_item_is_not_found(loop: Loop, read: Session, text: str, code: Code) -> None:
    if code is Code.BAD_CHECK_DIGIT:
        good = make_code()
        text = good[:-1] + str((int(good[-1]) + 1) % 10)
    for look in (
        lambda: find_item(read, code=text, actor=None),
        lambda: public_item(read, code=text),
    ):
        with pytest.raises(LendingError) as refused:
            look()
        assert refused.value.code is code


def test_a_replaced_label_finds_the_piece_and_a_blank_one_nothing(
    loop: Loop, read: Session
) -> None:
    cup, town = loop.clean_cup(), loop.town
    (fresh,) = loop.write(
        lambda s: print_labels(
            s, kind_id=town.kinds["cup-355"], count=1, district_id=town.id, now=loop.now
        )
    )
    with pytest.raises(LendingError):
        find_item(read, code=fresh, actor=town.officer)
    loop.relabel(cup, fresh)
    assert find_item(read, code=cup, actor=None).view.code == fresh
    assert public_item(read, code=cup).code == fresh


def test_a_place_sees_what_stands_there_was_last_there_or_comes_there(
    loop: Loop, read: Session
) -> None:
    mina, yuna, jun = loop.town.mina, loop.town.yuna, loop.town.jun
    cup = loop.new_cups()[0]
    assert sees(read, jun, cup) and not sees(read, mina, cup)
    loop.wash(cup)
    loop.pass_(cup)
    loop.ship(cup, to=HARU)
    assert sees(read, mina, cup) and sees(read, jun, cup) and not sees(read, yuna, cup)
    loop.stock(cup)
    assert sees(read, mina, cup) and not sees(read, jun, cup)
    loop.lend(cup)
    loop.give_back(cup, by=yuna)
    assert sees(read, yuna, cup) and not sees(read, mina, cup)
    loop.hold(cup, by=mina)  # a mark: the piece stands at Nabi, last scanned at Haru
    assert sees(read, yuna, cup) and sees(read, mina, cup)
    assert sees(read, loop.town.courier, cup) and sees(read, loop.town.officer, cup)


def test_lists_hold_what_a_place_sees_and_no_more(loop: Loop, read: Session) -> None:
    here, there = loop.clean_cups(3, at=HARU), loop.clean_cups(2, at=NABI, kind="cup-473")
    loop.lend(here[0])
    listed = list_items(read, actor=loop.town.mina).items
    assert {item.code for item in listed} == set(here)
    everything = list_items(read, actor=loop.town.officer)
    assert [item.code for item in everything.items] == here + there
    lent = list_items(read, actor=loop.town.mina, state=State.LENT).items
    assert [item.code for item in lent] == [here[0]]
    kind = list_items(read, actor=loop.town.officer, kind="cup-473", site="nabi").items
    assert [item.code for item in kind] == there
    assert list_items(read, actor=loop.town.officer, kind="spoon").items == []
    with pytest.raises(LendingError) as refused:
        list_items(read, actor=loop.town.mina, site=NABI)
    assert (refused.value.code, refused.value.field) == (Code.NOT_ALLOWED_HERE, "site")
    with pytest.raises(LendingError) as refused:
        list_items(read, actor=loop.town.officer, site="NOWHERE")
    assert refused.value.code is Code.NOT_FOUND


def test_another_district_stays_unseen(loop: Loop, read: Session) -> None:
    from dataclasses import replace

    cup = loop.lent_cup()
    stranger = replace(loop.town.officer, district_id=loop.town.id + 1)
    assert not sees(read, stranger, cup)
    assert list_items(read, actor=stranger).items == []
    assert list_loans(read, actor=stranger, now=loop.now).items == []
    assert stock_of_sites(read, actor=stranger).items == []


def test_the_public_view_tells_of_washing_only(loop: Loop, read: Session) -> None:
    cup = loop.lent_cup()
    shown = public_item(read, code=cup)
    story = loop.story(cup)
    assert (shown.uses, shown.washes, shown.kind.code) == (1, 1, "cup-355")
    assert shown.last_wash_at and shown.last_pass_at and shown.last_wash_at <= shown.last_pass_at
    assert shown.kind.break_even_uses == 6
    wash = loop.wash(cup)
    assert public_item(read, code=cup).last_wash_at > shown.last_wash_at
    loop.void(cup, wash.id, by=loop.town.jun)
    assert public_item(read, code=cup).last_wash_at == shown.last_wash_at
    assert story.piece.washes == 1


def test_kinds_by_code(loop: Loop, read: Session) -> None:
    kinds = list_kinds(read, district_id=loop.town.id)
    assert [kind.code for kind in kinds] == ["crate", "cup-355", "cup-414", "cup-473"]
