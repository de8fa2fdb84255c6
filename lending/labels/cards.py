"""Sheets of blank member cards: ten to an A4 page, each of the size of a bank card."""

from collections.abc import Sequence
from typing import BinaryIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lending.errors import Code, LendingError
from lending.fonts import BOLD, REGULAR, register_fonts, shorten
from lending.people.members import grouped_card
from lending.qr import draw_symbol, text_symbol

WIDTH, HEIGHT = 85.6, 53.98  # mm: ID-1 of ISO/IEC 7810
COLUMNS, ROWS = 2, 5
PER_SHEET = COLUMNS * ROWS
SYMBOL = 26.0  # mm

_LEFT, _BOTTOM = (210 - COLUMNS * WIDTH) / 2, (297 - ROWS * HEIGHT) / 2
_INK = HexColor(0x0B50D0)
_TITLE = ("컵 빌리기 카드", "Cup lending card")
_LINES = (
    "컵을 빌릴 때 직원에게 보여 주세요.",
    "Show it to staff when you take a cup.",
    "잃어버리면 새 카드로 바꿔 드려요.",
    "Lost? Staff give you a new one.",
)


def write_cards(file: BinaryIO, codes: Sequence[str], *, district_name: str, helpdesk: str) -> None:
    """Writes the PDF of the cards `codes` to `file`; blank until staff scan one for a person.

    INVALID for no codes.
    """
    if not codes:
        raise LendingError(Code.INVALID, field="count")
    register_fonts()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(f"{_TITLE[0]} – {district_name}")
    for start in range(0, len(codes), PER_SHEET):
        for place, code in enumerate(codes[start : start + PER_SHEET]):
            _draw_card(canvas, place, code, district_name, helpdesk)
        canvas.showPage()
    canvas.save()


def _draw_card(canvas: Canvas, place: int, code: str, district_name: str, helpdesk: str) -> None:
    row, column = divmod(place, COLUMNS)
    left = _LEFT + column * WIDTH
    bottom = _BOTTOM + (ROWS - 1 - row) * HEIGHT
    canvas.setStrokeGray(0.6)
    canvas.setLineWidth(0.2)
    canvas.rect(left * mm, bottom * mm, WIDTH * mm, HEIGHT * mm)
    room = (WIDTH - 12) * mm
    canvas.setFillColor(_INK)
    canvas.setFont(BOLD, 13)
    canvas.drawString((left + 6) * mm, (bottom + 44) * mm, _TITLE[0])
    canvas.setFillGray(0.2)
    canvas.setFont(REGULAR, 7.5)
    second = f"{_TITLE[1]} · {district_name}"
    canvas.drawString((left + 6) * mm, (bottom + 39.5) * mm, shorten(second, REGULAR, 7.5, room))
    symbol = text_symbol(code, correction="Q")
    draw_symbol(canvas, symbol, (left + 6) * mm, (bottom + 9) * mm, SYMBOL * mm)
    beside = left + 6 + SYMBOL + 6
    for number, line in enumerate(_LINES):
        canvas.setFont(REGULAR, 7.5 if number % 2 == 0 else 6.5)
        canvas.drawString(beside * mm, (bottom + 32 - 4.2 * number) * mm, line)
    canvas.setFont(REGULAR, 7.5)
    canvas.drawString(beside * mm, (bottom + 12) * mm, shorten(helpdesk, REGULAR, 7.5, 41 * mm))
    canvas.setFillGray(0)
    canvas.setFont(BOLD, 9.5)
    canvas.drawString((left + 6) * mm, (bottom + 4) * mm, grouped_card(code))
