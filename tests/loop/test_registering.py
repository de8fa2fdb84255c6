"""Pieces registered from a file: 5,000 rows, twenty of them wrong, none of it half done."""

import io
import uuid
from collections.abc import Iterable
from functools import partial

import pytest
import sqlalchemy as sa
import xlsxwriter
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.codes import check_digit, format_code, item_url, make_codes
from lending.loop.pieces.claims import print_labels
from lending.loop.pieces.kinds import NewKind, Sort, add_kind
from lending.loop.pieces.registering import COLUMNS, register_pieces
from lending.loop.steps import Action, State
from lending.loop.tables import Item, ItemKind, Label, Scan
from lending.loop.verify import verify
from lending.places.districts import create_district
from lending.places.texts import BadRows, Problem
from lending.places.uploads import read_rows
from tests.loop.test_races import at_once
from tests.personas import CRATE, HARU, WASH, Loop

Rows = list[list[object]]
CUP = "cup-355"


def xlsx(rows: Iterable[Iterable[object]]) -> bytes:
    """A workbook with the header of pieces and these rows."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["code", "kind", "site"], *rows]):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def take(loop: Loop, rows: Rows, request_id: uuid.UUID | None = None) -> int:
    """Registers what a workbook with these rows says."""
    table, request = read_rows(xlsx(rows), COLUMNS), request_id or uuid.uuid4()
    made: int = loop.write(
        lambda s: register_pieces(
            s, table=table, request_id=request, actor=loop.town.officer, now=loop.now
        )
    )
    return made


def faults(loop: Loop, rows: Rows) -> list[tuple[int, str, Problem]]:
    with pytest.raises(BadRows) as caught:
        take(loop, rows)
    return [(one.line, one.field, one.problem) for one in caught.value.errors]


def counts(loop: Loop) -> list[int]:
    """Rows of items, labels and scans."""
    with Session(loop.engine) as session:
        tables = (Item, Label, Scan)
        return [session.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in tables]


def wrong_digit(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def add_counted(loop: Loop) -> None:
    new = NewKind("spoon", "숟가락", sort=Sort.COUNTED)
    loop.write(lambda s: add_kind(s, district_id=loop.town.id, new=new, now=loop.now))


def labels(loop: Loop, kind: str, count: int) -> list[str]:
    """Codes printed ahead for a kind."""

    def work(session: Session) -> list[str]:
        kind_id = session.scalar(sa.select(ItemKind.id).where(ItemKind.code == kind))
        assert kind_id is not None
        return print_labels(
            session, kind_id=kind_id, count=count, district_id=loop.town.id, now=loop.now
        )

    printed: list[str] = loop.write(work)
    return printed


def test_five_thousand_rows_with_twenty_wrong_ones_name_each_and_store_nothing(
    loop: Loop,
) -> None:
    add_counted(loop)
    [known] = loop.new_cups()
    [for_crates] = labels(loop, CRATE, 1)
    codes = make_codes(5000)
    rows: Rows = [[code, CUP, WASH] for code in codes]
    wrong: dict[int, tuple[int, object, str, Problem]] = {}
    kinds: list[tuple[int, object, str, Problem]] = [
        (0, wrong_digit(codes[0]), "code", Problem.BAD_CHECK_DIGIT),
        (0, "12345", "code", Problem.NOT_A_CODE),
        (0, "", "code", Problem.EMPTY),
        (0, codes[10], "code", Problem.TWICE),
        (0, known, "code", Problem.ALREADY_A_PIECE),
        (0, for_crates, "code", Problem.OTHER_KIND),
        (1, "mug", "kind", Problem.UNKNOWN_KIND),
        (1, "spoon", "kind", Problem.COUNTED_KIND),
        (2, "NOWHERE", "site", Problem.NO_SUCH_SITE),
        (2, "", "site", Problem.EMPTY),
    ]
    for number, fault in enumerate(kinds * 2):
        wrong[200 + 230 * number] = fault
    for at, (column, value, _, _) in wrong.items():
        rows[at][column] = value
    expected = [(at + 2, field, problem) for at, (_, _, field, problem) in wrong.items()]
    # The same code a second time in the file is told as that, whatever else it is.
    expected = [
        (line, field, Problem.TWICE if line > 2500 and value_is_repeated(problem) else problem)
        for line, field, problem in expected
    ]
    before = counts(loop)
    assert faults(loop, rows) == expected
    assert counts(loop) == before
    for at in wrong:
        rows[at] = [codes[at], CUP, WASH]
    assert take(loop, rows) == 5000
    after = counts(loop)
    assert [new - old for new, old in zip(after, before, strict=True)] == [5000, 5000, 5000]
    assert loop.item(codes[4999]).state is State.DIRTY
    assert list(verify(loop.engine)) == []


def value_is_repeated(problem: Problem) -> bool:
    """Whether the second half of the wrong rows above repeats the code of the first."""
    return problem in {Problem.ALREADY_A_PIECE, Problem.OTHER_KIND}


def test_a_row_with_three_faults_names_all_of_them(loop: Loop) -> None:
    assert faults(loop, [["x", "mug", "NOWHERE"]]) == [
        (2, "code", Problem.NOT_A_CODE),
        (2, "kind", Problem.UNKNOWN_KIND),
        (2, "site", Problem.NO_SUCH_SITE),
    ]


def test_codes_come_as_numbers_groups_or_addresses_and_printed_labels_are_used(loop: Loop) -> None:
    one, two, three = make_codes(3)
    [printed] = labels(loop, CRATE, 1)
    rows: Rows = [
        [int(one), CUP.upper(), WASH.lower()],
        [format_code(two), CUP, HARU],
        [item_url("https://cups.example", three), CUP, HARU],
        [printed, CRATE, WASH],
    ]
    assert take(loop, rows) == 4
    assert loop.item(two).site == loop.town.sites[HARU]
    assert loop.item(printed).carrier
    loop.pack(printed, one)
    loop.check()
    assert list(verify(loop.engine)) == []


def test_the_same_upload_twice_registers_once(loop: Loop) -> None:
    request, codes = uuid.uuid4(), make_codes(3)
    rows: Rows = [[code, CUP, WASH] for code in codes]
    assert take(loop, rows, request) == 3
    before = counts(loop)
    assert take(loop, rows, request) == 3
    assert counts(loop) == before
    with pytest.raises(LendingError) as caught:
        take(loop, rows[:2], request)
    assert caught.value.code is Code.ID_REUSED
    assert {problem for *_, problem in faults(loop, rows)} == {Problem.ALREADY_A_PIECE}


def test_a_code_of_another_district_is_not_taken(loop: Loop) -> None:
    other = loop.write(lambda s: create_district(s, name="검단구", now=loop.now).id)
    [code] = make_codes(1)

    def foreign_label(session: Session) -> None:
        kind = session.scalars(sa.select(ItemKind).where(ItemKind.code == CUP)).one()
        session.add(Label(code=code, district_id=other, kind_id=kind.id, created_at=loop.now))

    loop.write(foreign_label)
    assert faults(loop, [[code, CUP, WASH]]) == [(2, "code", Problem.ALREADY_A_PIECE)]


def test_what_was_scanned_before_joins_the_piece(loop: Loop) -> None:
    """A cup that was lent and packed before anybody registered it has its story at once."""
    crate, [code] = loop.new_crate(), make_codes(1)
    loop.lend(code, ask=False)
    loop.one(Action.PACK, code, ask=False, crate=crate, by=loop.town.jun)
    loop.one(Action.SHIP, crate, to=HARU, by=loop.town.jun, ask=False)
    assert take(loop, [[code, CUP, WASH]]) == 1
    piece = loop.item(code)
    assert (piece.uses, piece.state) == (1, State.SHIPPED)
    assert piece.stay is not None and piece.stay.crate == loop.item_id(crate)
    loop.check()
    assert list(verify(loop.engine)) == []


def test_a_code_that_is_no_piece_of_ours_never_passes(loop: Loop) -> None:
    phone = "05012345678"
    assert faults(loop, [[phone + check_digit(phone), CUP, WASH]]) == [
        (2, "code", Problem.NOT_A_CODE)
    ]


def test_two_uploads_of_the_same_ware_at_once_and_one_is_taken(loop: Loop) -> None:
    codes = make_codes(300)
    rows: Rows = [[code, CUP, WASH] for code in codes]

    def upload(order: Rows) -> int | str:
        try:
            return take(loop, order)
        except BadRows as error:
            return {one.problem for one in error.errors}.pop()

    before = counts(loop)
    answers = at_once([partial(upload, order) for order in (rows, rows[::-1]) * 2])
    assert sorted(map(str, answers)) == ["300", *["already_a_piece"] * 3]
    assert [new - old for new, old in zip(counts(loop), before, strict=True)] == [300] * 3


def test_one_upload_sent_twice_at_once_registers_once(loop: Loop) -> None:
    rows: Rows = [[code, CUP, WASH] for code in make_codes(100)]
    request, before = uuid.uuid4(), counts(loop)
    assert at_once([partial(take, loop, rows, request) for _ in range(4)]) == [100] * 4
    assert counts(loop) == [have + 100 for have in before]


def test_ware_without_codes_gets_none(loop: Loop) -> None:
    add_counted(loop)
    with pytest.raises(LendingError) as caught:
        loop.new_cups(1, "spoon")
    assert (caught.value.code, caught.value.field) == (Code.NOT_FOUND, "kind")
    with pytest.raises(LendingError) as caught:
        labels(loop, "spoon", 1)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, "kind")
