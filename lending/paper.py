"""What the printed documents share: colours, text in its room, tables, the QR."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lending.fonts import BOLD, REGULAR, shorten, width

INK, SOFT, LINE, GROUND = map(HexColor, ("#1D1D1D", "#565D66", "#CDD1D5", "#F1F5FB"))
BRAND, GOOD, CARE, BAD = map(HexColor, ("#0B50D0", "#1B7A2E", "#8A5A00", "#BD2C0F"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, width in mm, whether numbers stand in it (to the right), and
    the air before a text."""

    head: str
    width: float
    is_number: bool = False
    air: float = 1.2


@dataclass(frozen=True, slots=True)
class Look:
    """How a table is drawn; heights in mm, sizes in points."""

    row: float = 6.4
    head: float = 7.0
    size: float = 8.5


def write(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    *,
    size: float = 9,
    font: str = REGULAR,
    colour: Color = INK,
    room: float | None = None,
    right: bool = False,
) -> None:
    """One line of text at (x, y) in mm, cut with … where it is wider than `room` mm."""
    if room is not None:
        text = shorten(text, font, size, room * mm)
    canvas.setFont(font, size)
    canvas.setFillColor(colour)
    if right:
        canvas.drawRightString(x * mm, y * mm, text)
    else:
        canvas.drawString(x * mm, y * mm, text)


def fit(text: str, font: str, size: float, room: float, *, least: float = 6) -> float:
    """The largest size up to `size` in which `text` fits `room` mm; `least` where none does."""
    while size > least and width(text, font, size) > room * mm:
        size -= 0.25
    return size


def wrap(text: str, size: float, room: float, lines: int) -> list[str]:
    """`text` in at most so many lines of `room` mm, broken at spaces; the last is cut with …"""
    words, made = text.split(), [""]
    for word in words:
        longer = f"{made[-1]} {word}".strip()
        if width(longer, REGULAR, size) <= room * mm or not made[-1] or len(made) == lines:
            made[-1] = longer
        else:
            made.append(word)
    return [shorten(line, REGULAR, size, room * mm) for line in made]


def draw_qr(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """A QR of `side` mm, its quiet zone included, with its lower left corner at (x, y)."""
    symbol = QrCodeWidget(text, barLevel="M", barBorder=2)
    left, bottom, right, _top = symbol.getBounds()
    scale = side * mm / (right - left)
    drawing = Drawing(side * mm, side * mm, transform=[scale, 0, 0, scale, -left, -bottom])
    drawing.add(symbol)
    renderPDF.draw(drawing, canvas, x * mm, y * mm)


def draw_head(canvas: Canvas, columns: Sequence[Column], x: float, top: float, look: Look) -> float:
    """A table's head with its upper edge at `top` mm; where the rows begin."""
    across = sum(column.width for column in columns)
    canvas.setFillColor(GROUND)
    canvas.rect(x * mm, (top - look.head) * mm, across * mm, look.head * mm, stroke=0, fill=1)
    rule(canvas, x, top, across, BRAND, 1)
    for column, left in zip(columns, _lefts(columns, x), strict=True):
        _cell(canvas, column, left, top - look.head + 2.2, column.head, look, BOLD, SOFT)
    return top - look.head


def draw_row(
    canvas: Canvas,
    columns: Sequence[Column],
    cells: Sequence[str],
    x: float,
    top: float,
    look: Look,
    *,
    colours: Sequence[Color | None] = (),
    bold: bool = False,
) -> float:
    """A row with its upper edge at `top` mm; where the next one begins."""
    bottom = top - look.row
    rule(canvas, x, bottom, sum(column.width for column in columns), LINE, 0.4)
    for at, (column, left) in enumerate(zip(columns, _lefts(columns, x), strict=True)):
        colour = colours[at] if at < len(colours) else None
        font = BOLD if bold or colour is not None else REGULAR
        _cell(canvas, column, left, bottom + 2, cells[at], look, font, colour or INK)
    return bottom


def rule(
    canvas: Canvas, x: float, y: float, across: float, colour: Color = LINE, weight: float = 0.5
) -> None:
    """A line of `across` mm to the right of (x, y)."""
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(weight)
    canvas.line(x * mm, y * mm, (x + across) * mm, y * mm)


def _cell(
    canvas: Canvas,
    column: Column,
    left: float,
    base: float,
    text: str,
    look: Look,
    font: str,
    colour: Color,
) -> None:
    room = column.width - column.air - 1.2
    at = left + column.width - 1.2 if column.is_number else left + column.air
    write(
        canvas, at, base, text, size=look.size, font=font, colour=colour, room=room,
        right=column.is_number,
    )  # fmt: skip


def _lefts(columns: Sequence[Column], x: float) -> list[float]:
    lefts = [x]
    for column in columns[:-1]:
        lefts.append(lefts[-1] + column.width)
    return lefts
