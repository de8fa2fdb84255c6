"""Line icons of the wall sheet, as paths in a square of 24, drawn into a PDF."""

from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from lending.loop.commands import Command

SIDE = 24.0
_CUP = "M 5 4 L 7 21 L 17 21 L 19 4 Z"
_DROP = "M 12 3 C 9 8 6 11 6 15 C 6 18 9 21 12 21 C 15 21 18 18 18 15 C 18 11 15 8 12 3 Z"

# Absolute M, L, C and Z only, y downwards as in SVG; our own drawings.
PATHS = {
    Command.RECEIVE: "M 12 3 L 12 14 M 7 10 L 12 15 L 17 10 M 3 14 L 3 21 L 21 21 L 21 14",
    Command.WASH: _DROP + " M 9 15 C 9 17 10 18 12 18",
    Command.PASS: "M 3 13 L 9 19 L 21 5",
    Command.UNDO: "M 9 4 L 4 9 L 9 14 M 4 9 L 14 9 C 18 9 20 12 20 15 C 20 18 18 21 14 21 L 9 21",
    Command.FINISH: "M 5 21 L 5 3 L 19 3 L 15 8 L 19 13 L 5 13",
    Command.LIPSTICK: (
        "M 2 12 C 6 8 9 6 10 7 C 11 8 13 8 14 7 C 15 6 18 8 22 12 C 18 19 6 19 2 12 Z "
        "M 2 12 C 8 13 16 13 22 12"
    ),
    Command.FOREIGN_MATTER: (
        _CUP + " M 9 9 L 11 9 L 11 11 L 9 11 Z M 13 13 L 15 13 L 15 15 L 13 15 Z"
        " M 10 17 L 12 17 L 12 19 L 10 19 Z"
    ),
    Command.WATER_SPOTS: (
        "M 8 3 C 6 6 4 8 4 10 C 4 12 6 14 8 14 C 10 14 12 12 12 10 C 12 8 10 6 8 3 Z "
        "M 17 10 C 15 13 14 14 14 16 C 14 18 15 20 17 20 C 19 20 20 18 20 16 C 20 14 19 13 17 10 Z"
    ),
    Command.STAIN: (
        "M 4 12 C 2 7 8 3 11 5 C 15 2 21 6 19 10 C 23 14 19 20 15 18 C 11 22 4 19 6 16 "
        "C 3 15 3 13 4 12 Z"
    ),
    Command.SCRATCH: _CUP + " M 9 8 L 14 12 M 9 12 L 15 17",
    Command.HEAT: (
        "M 7 3 C 3 8 11 11 7 16 C 5 18 6 20 7 21 M 13 3 C 9 8 17 11 13 16 C 11 18 12 20 13 21 "
        "M 19 3 C 15 8 23 11 19 16 C 17 18 18 20 19 21"
    ),
    Command.BREAK: _CUP + " M 13 4 L 10 9 L 14 13 L 11 17 L 13 21",
}


def draw_icon(canvas: Canvas, command: Command, x: float, y: float, side: float) -> None:
    """Draws the icon `side` points wide with its lower left corner at (x, y), in the stroke colour."""
    canvas.saveState()
    canvas.translate(x, y + side)
    canvas.scale(side / SIDE, -side / SIDE)
    canvas.setLineWidth(1.8)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    path = canvas.beginPath()
    _trace(path, PATHS[command])
    canvas.drawPath(path, stroke=1, fill=0)
    canvas.restoreState()


def _trace(path: PDFPathObject, drawing: str) -> None:
    """Follows a drawing; each letter is followed by its own count of numbers."""
    words = iter(drawing.split())
    for letter in words:
        if letter == "Z":
            path.close()
        elif letter == "M":
            path.moveTo(*(float(next(words)) for _ in range(2)))
        elif letter == "L":
            path.lineTo(*(float(next(words)) for _ in range(2)))
        else:
            path.curveTo(*(float(next(words)) for _ in range(6)))
