"""The poster of a return point: its own QR, for who has put a cup in and wants it off the list."""

from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lending.fonts import BOLD, REGULAR, register_fonts, shorten
from lending.qr import draw_symbol, text_symbol

SYMBOL = 110.0  # mm; read from more than a metre
_WIDTH, _MARGIN = 210.0, 15.0  # mm

# Both languages stand on the box: (words, font, size, millimetres from the bottom).
_WORDS = (
    ("컵을 여기에 넣으셨나요?", BOLD, 34, 255),
    ("Left a cup here?", REGULAR, 18, 244),
    ("QR을 찍고 “여기에 넣었어요”를 누르면", REGULAR, 18, 92),
    ("그때부터 기한과 알림이 멈춰요.", BOLD, 22, 82),
    ("Scan and tap “I left it here”: the due date waits while we check.", REGULAR, 12, 73),
    ("찍지 않고 넣기만 해도 괜찮아요. 수거할 때 저희가 찍어요.", REGULAR, 14, 62),
    ("No scan needed: we scan every cup when we empty the box.", REGULAR, 11, 55),
)


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on it besides the words; `address` goes into the QR."""

    address: str
    site_name: str
    site_code: str
    district_name: str
    helpdesk: str


def place_address(public_url: str, site_code: str) -> str:
    """The address behind a place's own QR."""
    return f"{public_url}/p/{site_code}"


def write_poster(file: BinaryIO, poster: Poster) -> None:
    """Writes one A4 page to `file`."""
    register_fonts()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(f"{poster.site_name} – {poster.district_name}")
    for words, font, size, height in _WORDS:
        _centre(canvas, words, font, size, height)
    symbol = text_symbol(poster.address, correction="Q")
    draw_symbol(canvas, symbol, (_WIDTH - SYMBOL) / 2 * mm, 118 * mm, SYMBOL * mm)
    _centre(canvas, poster.address, REGULAR, 12, 107)
    _centre(canvas, poster.site_name, BOLD, 26, 34)
    last = " · ".join(filter(None, (poster.site_code, poster.district_name, poster.helpdesk)))
    _centre(canvas, last, REGULAR, 13, 24)
    canvas.showPage()
    canvas.save()


def _centre(canvas: Canvas, words: str, font: str, size: float, height: float) -> None:
    canvas.setFont(font, size)
    room = (_WIDTH - 2 * _MARGIN) * mm
    canvas.drawCentredString(_WIDTH / 2 * mm, height * mm, shorten(words, font, size, room))
