"""The departments' month: what each borrowed, brought back, lost and still has; and its files."""

import csv
import io
from datetime import timedelta

from openpyxl import load_workbook

from lending.loop.steps import Action
from lending.loop.system import system_actor
from lending.offices.files import COLUMNS, write_csv, write_xlsx
from lending.offices.values import MonthLine
from lending.places.spans import Month
from tests.loop.occasions import packed_crate
from tests.offices.office import Office, local
from tests.personas import OFFICE


def numbers(line: MonthLine) -> tuple[int, ...]:
    return line.pieces, line.uses, line.by_card, line.returned, line.missing, line.out


def test_a_month_counts_pieces_uses_and_how_they_ended(office: Office) -> None:
    loop = office.loop
    crate, cups = packed_crate(loop, 3, OFFICE)
    first = office.book()
    office.hand(crate, first)
    office.back(cups[0])
    loop.lose(cups[1], by=system_actor(loop.town.id), site=loop.site(OFFICE))
    (tall,) = loop.clean_cups(1, OFFICE, "cup-473")
    office.hand(tall, office.book(office.culture))
    month = office.month()
    assert month.keys() == {("총무과", "cup-355"), ("문화과", "cup-473")}
    assert numbers(month["총무과", "cup-355"]) == (3, 3, 0, 1, 1, 1)
    assert numbers(month["문화과", "cup-473"]) == (1, 1, 0, 0, 0, 1)
    assert office.month(4) == {}


def test_a_loan_over_two_months_begins_in_one_and_ends_in_the_other(office: Office) -> None:
    loop = office.loop
    (cup,) = loop.clean_cups(1, OFFICE)
    loop.now = local(3, 31)
    office.hand(cup, office.book(begins=local(3, 31, 10), ends=local(4, 2)))
    loop.now = local(4, 1, 9)
    assert numbers(office.month()["총무과", "cup-355"]) == (1, 1, 0, 0, 0, 1)
    assert numbers(office.month(4)["총무과", "cup-355"]) == (0, 0, 0, 0, 0, 1)
    office.back(cup)
    assert numbers(office.month()["총무과", "cup-355"]) == (1, 1, 0, 0, 0, 1)
    assert numbers(office.month(4)["총무과", "cup-355"]) == (0, 0, 0, 1, 0, 0)
    loop.now += timedelta(days=40)
    assert office.month(5) == {}


def test_one_cup_borrowed_twice_is_one_piece_and_two_uses(office: Office) -> None:
    loop, card = office.loop, office.new_card()
    (cup,) = loop.clean_cups(1, OFFICE)
    office.hand(cup, office.book())
    office.back(cup)
    loop.receive(cup)
    loop.wash(cup)
    loop.pass_(cup)
    loop.ship(cup, to=office.site)
    loop.one(Action.STOCK, cup, ask=False, site=office.site)
    office.hand(cup, card=card)
    assert numbers(office.month()["총무과", "cup-355"]) == (1, 2, 1, 1, 0, 1)


def test_the_files_hold_what_the_page_shows(office: Office) -> None:
    lines = [
        MonthLine(1, "=cmd|' /C calc'!A0", "", "cup-355", "컵 355 mL", "Cup", 2, 3, 1, 1, 1, 1),
        MonthLine(2, "총무과", "General", "cup-473", "컵 473 mL", "Cup", 9, 9, 0, 9, 0, 0),
    ]
    at = local(4, 1)
    text = write_csv(lines, month=Month(2026, 3), at=at).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["month", "2026-03"]
    assert rows[3] == list(COLUMNS)
    assert rows[4] == ["'=cmd|' /C calc'!A0", "컵 355 mL", "2", "3", "1", "1", "1", "1"]
    raw = write_xlsx(lines, month=Month(2026, 3), at=at, title="3월", words=lambda name: name)
    sheet = load_workbook(io.BytesIO(raw)).worksheets[0]
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert values[0] == list(COLUMNS)
    assert values[2] == ["총무과", "컵 473 mL", 9, 9, 0, 9, 0, 0]
    assert sheet["A2"].data_type == "s"  # a text, no formula
