"""Label sheets: A4 pages of 54 item labels, exact to the millimetre."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lending.errors import Code, LendingError
from lending.fonts import BOLD, REGULAR, register_fonts, shorten
from lending.labels.qr import item_symbol
from lending.loop.codes import format_code
from lending.qr import QUIET, draw_symbol

# All in millimetres. 6 × 31 = 186 and 9 × 30 = 270 of an A4 page of 210 × 297.
COLUMNS, ROWS = 6, 9
PER_SHEET = COLUMNS * ROWS
CELL_WIDTH, CELL_HEIGHT = 31.0, 30.0
LEFT, BOTTOM = 12.0, 19.0  # of the grid; above it 8 mm stay free
SYMBOL = 18.0  # side of the QR without its quiet zone; design: 15–20 mm
SYMBOL_LEFT = (CELL_WIDTH - SYMBOL) / 2
SYMBOL_BOTTOM = 8.2  # above the cell's lower edge
CODE_BASE = 3.1
RULER = 100.0
SMALLEST_MODULE = 0.4  # finer modules are lost on a curved, worn cup

_CODE_SIZE = 8.5  # points
_SMALL = 6.5


@dataclass(frozen=True, slots=True)
class SheetText:
    """What the sheets say beside the codes; `public_url` goes into each QR."""

    public_url: str
    kind_name: str
    district_name: str

    @property
    def demo(self) -> bool:
        """Without an https address the labels are for trying out and are marked so."""
        return not self.public_url.lower().startswith("https://")


def write_sheets(
    file: BinaryIO,
    codes: Sequence[str],
    text: SheetText,
    *,
    correction: str = "Q",
    progress: Callable[[int], None] | None = None,
) -> int:
    """Writes the PDF of `codes`, in their order, to `file`; the number of sheets.

    `progress` is told the number of labels drawn after each sheet. INVALID for no codes, or an
    address so long that the modules would be finer than 0.4 mm.
    """
    if not codes:
        raise LendingError(Code.INVALID, field="count")
    register_fonts()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(f"{text.kind_name} – {text.district_name}")
    _make_forms(canvas)
    sheets = -(-len(codes) // PER_SHEET)
    for number in range(sheets):
        on_sheet = codes[number * PER_SHEET : (number + 1) * PER_SHEET]
        canvas.doForm("frame")
        _draw_footer(canvas, text, f"{number + 1} / {sheets}")
        for place, code in enumerate(on_sheet):
            _draw_label(canvas, place, code, text, correction)
        canvas.showPage()
        if progress is not None:
            progress(min((number + 1) * PER_SHEET, len(codes)))
    canvas.save()
    return sheets


def cell_corner(place: int) -> tuple[float, float]:
    """The lower left corner of label `place` (0 is top left, then along the row), in mm."""
    row, column = divmod(place, COLUMNS)
    return LEFT + column * CELL_WIDTH, BOTTOM + (ROWS - 1 - row) * CELL_HEIGHT


def _draw_label(canvas: Canvas, place: int, code: str, text: SheetText, correction: str) -> None:
    left, bottom = cell_corner(place)
    symbol = item_symbol(text.public_url, code, correction=correction)
    module = SYMBOL / len(symbol)
    if module < SMALLEST_MODULE:
        raise LendingError(Code.INVALID, field="public_url", detail="too long for a label")
    assert module * QUIET < min(SYMBOL_LEFT, CELL_HEIGHT - SYMBOL_BOTTOM - SYMBOL)
    draw_symbol(
        canvas, symbol, (left + SYMBOL_LEFT) * mm, (bottom + SYMBOL_BOTTOM) * mm, SYMBOL * mm
    )
    canvas.setFont(BOLD, _CODE_SIZE)
    canvas.drawCentredString(
        (left + CELL_WIDTH / 2) * mm, (bottom + CODE_BASE) * mm, format_code(code)
    )
    if text.demo:
        canvas.saveState()
        canvas.translate(left * mm, bottom * mm)
        canvas.doForm("demo")
        canvas.restoreState()


def _draw_footer(canvas: Canvas, text: SheetText, number: str) -> None:
    room = (210 - 2 * LEFT - RULER - 5) * mm
    canvas.setFillGray(0)
    canvas.setFont(BOLD, _SMALL + 1)
    first = f"{number}  ·  {text.kind_name}"
    canvas.drawString(LEFT * mm, 12 * mm, shorten(first, BOLD, _SMALL + 1, room))
    canvas.setFont(REGULAR, _SMALL)
    second = f"{text.district_name}  ·  {text.public_url}"
    canvas.drawString(LEFT * mm, 8.5 * mm, shorten(second, REGULAR, _SMALL, room))


def _make_forms(canvas: Canvas) -> None:
    """The parts that repeat, stored once in the file: cut marks and ruler; the DEMO mark."""
    canvas.beginForm("frame")
    canvas.setStrokeGray(0.55)
    canvas.setLineWidth(0.2)
    for column in range(COLUMNS + 1):
        for row in range(ROWS + 1):
            _draw_cross(canvas, LEFT + column * CELL_WIDTH, BOTTOM + row * CELL_HEIGHT)
    _draw_ruler(canvas, 210 - LEFT - RULER, 11.5)
    canvas.endForm()
    canvas.beginForm("demo")
    canvas.setFillColorRGB(0.78, 0.1, 0.1)
    canvas.setFont(BOLD, 11)
    for x, turn in ((SYMBOL_LEFT / 2 - 1.6, 90), (CELL_WIDTH - SYMBOL_LEFT / 2 + 1.6, -90)):
        canvas.saveState()
        canvas.translate(x * mm, (SYMBOL_BOTTOM + SYMBOL / 2) * mm)
        canvas.rotate(turn)
        canvas.drawCentredString(0, -4, "DEMO")
        canvas.restoreState()
    canvas.endForm()


def _draw_cross(canvas: Canvas, x: float, y: float) -> None:
    canvas.line((x - 1) * mm, y * mm, (x + 1) * mm, y * mm)
    canvas.line(x * mm, (y - 1) * mm, x * mm, (y + 1) * mm)


def _draw_ruler(canvas: Canvas, x: float, y: float) -> None:
    """A line of exactly 100 mm: a printer that fits pages to the paper shows here."""
    canvas.setStrokeGray(0)
    canvas.setLineWidth(0.4)
    canvas.line(x * mm, y * mm, (x + RULER) * mm, y * mm)
    for tick in range(11):
        high = 2.0 if tick in {0, 5, 10} else 1.2
        canvas.line((x + tick * 10) * mm, y * mm, (x + tick * 10) * mm, (y + high) * mm)
    canvas.setFont(REGULAR, _SMALL)
    canvas.drawCentredString(
        (x + RULER / 2) * mm,
        (y - 3) * mm,
        "이 선은 100 mm · 배율 100 %로 인쇄하세요 · this line is 100 mm: print at 100 %",
    )
