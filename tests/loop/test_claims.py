"""Pieces come to be: registered by the thousand, claimed from labels printed ahead, relabelled."""

import time
import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.codes import is_item_code, make_code
from lending.loop.pieces.claims import print_labels, register_items
from lending.loop.scans import Result
from lending.loop.steps import Action, Gap, State
from lending.loop.tables import Item, Label, Review, Scan
from tests.personas import BOX, DAY, HARU, MINJI, MINUTE, NABI, WASH, Loop


def register(loop: Loop, count: int, request: uuid.UUID | None = None, kind: str = "cup-355"):
    def work(session: Session) -> list[str]:
        return register_items(
            session, kind=kind, count=count, site=WASH, actor=loop.town.jun, now=loop.now,
            request_id=request,
        )  # fmt: skip

    return loop.write(work)


def printed(loop: Loop, count: int = 1) -> list[str]:
    """Labels that are on the shelf, on no piece yet."""

    def work(session: Session) -> list[str]:
        return print_labels(
            session, kind_id=loop.town.kinds["cup-414"], count=count, district_id=loop.town.id,
            now=loop.now,
        )  # fmt: skip

    return loop.write(work)


def test_registered_pieces_stand_dirty_at_the_centre(loop: Loop) -> None:
    codes = register(loop, 3)
    assert len(set(codes)) == 3 and all(is_item_code(code) for code in codes)
    for code in codes:
        piece = loop.item(code)
        assert (piece.state, piece.clean, piece.uses, piece.washes) == (State.DIRTY, False, 0, 0)
        assert piece.site == loop.town.sites[WASH]
        assert loop.lend(code).error is Code.NOT_CLEAN
    loop.check()


def test_ten_thousand_pieces_are_one_call(loop: Loop) -> None:
    began = time.perf_counter()
    codes = register(loop, 10_000)
    assert time.perf_counter() - began < 20
    assert len(set(codes)) == 10_000
    with Session(loop.engine) as session:
        for counted in (Item, Label, Scan):
            assert session.scalar(sa.select(sa.func.count()).select_from(counted)) == 10_000
    assert loop.wash(codes[9_999]).item.state is State.WASHED


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_another_count_is_invalid(loop: Loop, count: int) -> None:
    with pytest.raises(LendingError) as refused:
        register(loop, count)
    assert refused.value.code is Code.INVALID


def test_the_same_request_again_registers_nothing_new(loop: Loop) -> None:
    request = uuid.uuid4()
    codes = register(loop, 5, request)
    assert register(loop, 5, request) == codes
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Item)) == 5


@pytest.mark.parametrize(("count", "kind"), [(5, "cup-473"), (4, "cup-355"), (6, "cup-355")])
def test_another_order_under_a_used_id_is_refused(loop: Loop, count: int, kind: str) -> None:
    request = uuid.uuid4()
    register(loop, 5, request)
    with pytest.raises(LendingError) as refused:
        register(loop, count, request, kind)
    assert refused.value.code is Code.ID_REUSED


def test_an_unknown_kind_or_site_registers_nothing(loop: Loop) -> None:
    with pytest.raises(LendingError) as refused:
        register(loop, 1, kind="cup-999")
    assert refused.value.code is Code.NOT_FOUND


def test_a_printed_label_becomes_a_piece_with_its_claim(loop: Loop) -> None:
    (code,) = printed(loop)
    assert loop.give_back(code).gaps == (Gap.UNKNOWN_CODE,)
    claim = loop.claim(code)
    assert (claim.result, claim.item.kind, claim.item.site) == (Result.RECORDED, "cup-414", HARU)
    assert loop.item(code).state is State.RETURNED
    loop.check()


def test_a_claimed_label_is_claimed_once(loop: Loop) -> None:
    (code,) = printed(loop)
    loop.claim(code)
    item = loop.item_id(code)
    assert loop.claim(code, by=loop.town.yuna).result is Result.RECORDED
    assert loop.item_id(code) == item
    with Session(loop.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Item)) == 1


def test_an_unknown_code_is_kept_and_joins_its_piece_once_claimed(loop: Loop) -> None:
    (code,) = printed(loop)
    start = loop.now
    loop.now += DAY
    back = loop.give_back(code, at=start + 2 * MINUTE)
    assert (back.result, back.item, back.gaps) == (Result.RECORDED, None, (Gap.UNKNOWN_CODE,))
    lend = loop.lend(code, MINJI, ask=False, at=start + MINUTE)
    assert (lend.result, lend.item) == (Result.RECORDED, None)
    assert loop.claim(code).item.uses == 1
    piece = loop.item(code)
    assert (piece.state, piece.uses) == (State.RETURNED, 1)
    assert [loan.id for loan in loop.loans(code)] == [lend.id]
    assert Gap.UNKNOWN_CODE not in loop.gaps(code)
    with Session(loop.engine) as session:
        query = sa.select(Review.settled_how).where(Review.subject == Gap.UNKNOWN_CODE)
        assert set(session.scalars(query)) == {"vanished"}
    loop.check()


def test_a_lend_before_the_claim_knows_its_borrower(loop: Loop) -> None:
    (code,), start = printed(loop), loop.now
    loop.now += DAY
    lend = loop.lend(code, MINJI, ask=False, at=start)
    assert lend.gaps == (Gap.UNKNOWN_CODE,)
    again = loop.lend(code, "+82 10 2345 6789", ask=False, at=start + MINUTE)
    loop.claim(code)
    assert loop.gaps(code) == [Gap.UNCLEAN_LEND, Gap.LENT_TWICE]
    third = loop.lend(code, MINJI, ask=False)
    assert third.gaps == (Gap.LENT_TWICE,)
    assert [loan.id for loan in loop.loans(code)] == [lend.id] != [again.id]
    loop.check()


def test_a_code_never_printed_stays_unknown(loop: Loop) -> None:
    code = make_code()
    assert loop.claim(code, ask=False).gaps == (Gap.UNKNOWN_CODE,)
    assert loop.give_back(code).item is None


def test_claim_and_first_use_in_one_call(loop: Loop) -> None:
    (code,) = printed(loop)
    scans = [
        loop.scan(Action.WASH, code, site=WASH),
        loop.scan(Action.CLAIM, code, site=WASH),
        loop.scan(Action.PASS, code, site=WASH),
    ]
    assert [one.result for one in loop.go(*scans)] == [Result.RECORDED] * 3
    assert (loop.item(code).state, loop.item(code).clean) == (State.READY, True)
    loop.check()


def test_a_worn_label_is_replaced_and_the_old_one_resolves_for_ever(loop: Loop) -> None:
    cup, new, newer = loop.lent_cup(), make_code(), make_code()
    before = loop.item(cup)
    assert loop.relabel(cup, new).item.code == new
    loop.relabel(new, newer)
    assert loop.item_id(cup) == loop.item_id(new) == loop.item_id(newer)
    piece = loop.item(cup)
    assert (piece.code, piece.state, piece.uses) == (newer, before.state, before.uses)
    assert loop.give_back(cup).item.code == newer
    assert loop.item(newer).state is State.RETURNED
    loop.check()


def test_a_relabel_takes_another_pieces_label_never(loop: Loop) -> None:
    one, other = loop.new_cups(2)
    assert loop.relabel(one, other, ask=False).error is Code.INVALID
    assert loop.item_id(one) != loop.item_id(other)
    label = make_code()
    receipts = loop.go(*(loop.scan(Action.RELABEL, cup, to=label) for cup in (one, other)),
                       by=loop.town.jun)  # fmt: skip
    assert [receipt.error for receipt in receipts] == [None, Code.INVALID]
    loop.check()


def test_a_relabel_needs_a_code(loop: Loop) -> None:
    (cup,) = loop.new_cups()
    assert loop.relabel(cup, "").error is Code.INVALID
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    assert loop.relabel(cup, wrong).error is Code.BAD_CHECK_DIGIT


def test_scans_of_a_new_label_before_its_relabel_join_the_piece(loop: Loop) -> None:
    cup, new, start = loop.lent_cup(), make_code(), loop.now
    loop.now += DAY
    assert loop.give_back(new, at=start + MINUTE, by=loop.town.yuna).item is None
    loop.relabel(cup, new, at=start, ask=False)
    piece = loop.item(new)
    assert (piece.state, piece.site) == (State.RETURNED, loop.town.sites[NABI])
    assert loop.loans(cup)[0].closed_at == start + MINUTE
    loop.check()


def test_a_new_label_works_in_the_call_that_puts_it_on(loop: Loop) -> None:
    cup, new, now = loop.clean_cup(), make_code(), loop.now
    scans = [
        loop.scan(Action.RELABEL, cup, to=new),
        loop.scan(Action.LEND, new, ask=True, borrower=MINJI),
        loop.scan(Action.STOCK, new, at=now - 3 * MINUTE),
    ]
    receipts = loop.go(*scans, by=loop.town.mina)
    assert [receipt.error for receipt in receipts] == [None] * 3
    assert loop.item(new).state is State.LENT
    loop.check()


def test_a_voided_relabel_gives_the_old_label_back(loop: Loop) -> None:
    (cup,), new = loop.new_cups(), make_code()
    relabel = loop.relabel(cup, new)
    loop.void(new, relabel.id, by=loop.town.jun)
    assert loop.item(cup).code == cup
    assert loop.item_id(new) == loop.item_id(cup)
    loop.check()


def test_a_receipt_shows_a_place_that_only_a_replayed_step_knew(loop: Loop) -> None:
    """The piece stood in the box between two steps of the call, and neither before nor after."""
    (code,), start = printed(loop), loop.now
    loop.now += DAY
    loop.give_back(code, by=loop.town.machine, at=start + 2 * MINUTE)
    scans = [
        loop.scan(Action.CLAIM, code, at=start + MINUTE),
        loop.scan(Action.LEND, code, at=start, borrower=MINJI),
        loop.scan(Action.STOCK, code),
    ]
    receipts = loop.go(*scans, by=loop.town.mina)
    assert [receipt.item.site for receipt in receipts] == [BOX, BOX, HARU]
    loop.check()
