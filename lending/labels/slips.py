"""The due slip: a receipt of 80 mm that tells until when, and where, a cup goes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from babel.dates import format_date
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from lending.fonts import BOLD, REGULAR, register_fonts, shorten
from lending.loop.codes import format_code

WIDTH, MARGIN = 80.0, 5.0  # mm: the usual receipt paper, 72 mm of it printable
MOST_PLACES = 8

_WORDS = {
    "ko": {
        "lent": "컵 {count}개를 빌렸어요",
        "until": "돌려줄 날",
        "where": "돌려주는 곳",
        "more": "그 밖에 {count}곳",
        "anyone": "누가 가져와도 괜찮아요. 컵만 있으면 돼요.",
        "help": "도움이 필요하면",
    },
    "en": {
        "lent": "Cups taken: {count}",
        "until": "Bring back by",
        "where": "Where to return",
        "more": "and {count} more places",
        "anyone": "Anyone may bring it. The cup is all it takes.",
        "help": "Need help?",
    },
}


@dataclass(frozen=True, slots=True)
class DueSlip:
    """What a slip says; it names no person. `due` is the last local day to bring the cups back."""

    district_name: str
    codes: tuple[str, ...]
    due: date
    places: tuple[str, ...]  # names, the nearest first
    helpdesk: str
    language: str = "ko"


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float = 9.0
    font: str = REGULAR
    above: float = 1.2  # mm of air


def write_due_slip(file: BinaryIO, slip: DueSlip) -> None:
    """Writes the slip as one PDF page, as long as it needs to be; no colour, for thermal paper."""
    register_fonts()
    room = (WIDTH - 2 * MARGIN) * mm
    lines = list(_break(_lines(slip), room))
    height = 2 * MARGIN + sum(line.above + line.size * 1.25 / mm for line in lines)
    canvas = Canvas(file, pagesize=(WIDTH * mm, height * mm), pageCompression=1, invariant=1)
    canvas.setTitle(slip.district_name)
    top = height - MARGIN
    for line in lines:
        top -= line.above + line.size * 1.25 / mm
        canvas.setFont(line.font, line.size)
        canvas.drawString(MARGIN * mm, top * mm, line.text)
    canvas.showPage()
    canvas.save()


def _lines(slip: DueSlip) -> Iterator[_Line]:
    words = _WORDS["en" if slip.language == "en" else "ko"]
    yield _Line(slip.district_name)
    yield _Line(words["lent"].format(count=len(slip.codes)), 13, BOLD, 2)
    for code in slip.codes:
        yield _Line(format_code(code), 8.5, above=0.6)
    yield _Line(words["until"], above=4)
    yield _Line(format_date(slip.due, _date_pattern(slip), slip.language), 15, BOLD)
    yield _Line(words["where"], above=4)
    for place in slip.places[:MOST_PLACES]:
        yield _Line(place, 10, BOLD, 0.8)
    if len(slip.places) > MOST_PLACES:
        yield _Line(words["more"].format(count=len(slip.places) - MOST_PLACES))
    yield _Line(words["anyone"], above=3)
    if slip.helpdesk:
        yield _Line(words["help"], above=4)
        yield _Line(slip.helpdesk, 12, BOLD)


def _date_pattern(slip: DueSlip) -> str:
    return "EEE d MMMM y" if slip.language == "en" else "y년 M월 d일 (E)"


def _break(lines: Iterator[_Line], room: float) -> Iterator[_Line]:
    """Breaks what is too wide at its spaces; a single word that is too wide is cut with …"""
    for line in lines:
        for number, part in enumerate(simpleSplit(line.text, line.font, line.size, room)):
            text = shorten(part, line.font, line.size, room)
            yield _Line(text, line.size, line.font, line.above if number == 0 else 0)
