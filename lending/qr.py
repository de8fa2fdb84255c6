"""QR symbols: of any short text, as rows of modules, in a PDF or as an SVG."""

from collections.abc import Iterator

import qrcode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.util import QRData
from reportlab.pdfgen.canvas import Canvas

QUIET = 4  # modules of white around a symbol, as ISO/IEC 18004 asks
_CORRECTION = {"M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
# Trying all eight masks takes seven times as long; readers undo any of them.
_MASK = 3

Symbol = list[list[bool]]  # rows from the top, true is dark; no quiet zone


def text_symbol(text: str, *, correction: str = "Q") -> Symbol:
    """The QR of any short text; the library chooses the segments."""
    return make_symbol(text, correction=correction)


def make_symbol(*data: QRData | str, correction: str) -> Symbol:
    """The QR of these segments; `correction`: M, Q or H."""
    code = qrcode.QRCode(error_correction=_CORRECTION[correction], border=0, mask_pattern=_MASK)
    for part in data:
        code.add_data(part, optimize=0)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.modules]


def qr_svg(text: str, *, correction: str = "M") -> str:
    """An `<svg>` of the QR of `text`, quiet zone included; attributes only, for a strict CSP."""
    symbol = text_symbol(text, correction=correction)
    side = len(symbol) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{w}v1h-{w}z" for x, y, w in _runs(symbol))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        f'shape-rendering="crispEdges" aria-hidden="true" focusable="false">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def draw_symbol(canvas: Canvas, symbol: Symbol, x: float, y: float, side: float) -> None:
    """Draws `symbol`, `side` points wide, with its lower left corner at (x, y).

    One path of whole numbers in a scaled space: small, and without hairlines between its rows.
    """
    count = len(symbol)
    module = side / count
    boxes = " ".join(f"{left} {count - 1 - top} {wide} 1 re" for left, top, wide in _runs(symbol))
    canvas.addLiteral(f"q {module:.6f} 0 0 {module:.6f} {x:.4f} {y:.4f} cm 0 g {boxes} f Q")


def _runs(symbol: Symbol) -> Iterator[tuple[int, int, int]]:
    """The dark modules as (x, y from the top, width), neighbours in a row joined."""
    for y, row in enumerate(symbol):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                yield start, y, x - start
            x += 1
