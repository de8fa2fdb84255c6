"""The wall sheets of command codes for the washing centre: scanned with gloves, touched never."""

from typing import BinaryIO

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lending.fonts import BOLD, REGULAR, register_fonts, shorten
from lending.labels.icons import draw_icon
from lending.loop.commands import FAULTS, Command, command_text
from lending.loop.steps import Action
from lending.qr import draw_symbol, text_symbol

# Both languages stand on the wall: whoever works there reads one of them.
WORDS = {
    Command.RECEIVE: ("세척장 도착", "Receive"),
    Command.WASH: ("세척", "Wash"),
    Command.PASS: ("검사 통과", "Pass"),
    Command.UNDO: ("되돌리기", "Undo"),
    Command.FINISH: ("마침", "Finish"),
    Command.LIPSTICK: ("립스틱 자국", "Lipstick"),
    Command.FOREIGN_MATTER: ("이물질", "Foreign matter"),
    Command.WATER_SPOTS: ("물 얼룩", "Water spots"),
    Command.STAIN: ("착색", "Stain"),
    Command.SCRATCH: ("깊은 흠집", "Deep scratch"),
    Command.HEAT: ("열 변형", "Heat damage"),
    Command.BREAK: ("깨짐", "Broken"),
}
PAGES = (
    ("작업", "Work", tuple(command for command in Command if command not in FAULTS)),
    ("문제가 있는 컵", "Faults", tuple(FAULTS)),
)
COLUMNS = 2
SYMBOL = 40.0  # mm; read from about half a metre

_LEFT, _TOP, _WIDTH, _HEIGHT = 12.0, 262.0, 93.0, 60.0  # mm, of the grid's cells
_INK = {Action.REWASH: HexColor(0x8A4B00), Action.RETIRE: HexColor(0xA3161D)}
_WORK_INK = HexColor(0x0B50D0)
_OUTCOME = {Action.REWASH: ("다시 세척", "Rewash"), Action.RETIRE: ("폐기", "Retire")}


def write_wall_sheets(file: BinaryIO, *, district_name: str) -> None:
    """Writes two A4 pages to `file`: the steps of the work, and the faults with what they lead to."""
    register_fonts()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(f"세척장 벽 코드 – {district_name}")
    for korean, english, commands in PAGES:
        canvas.setFont(BOLD, 24)
        canvas.drawString(_LEFT * mm, 275 * mm, korean)
        canvas.setFont(REGULAR, 13)
        canvas.drawString(_LEFT * mm, 267 * mm, english)
        canvas.drawRightString(198 * mm, 275 * mm, shorten(district_name, REGULAR, 13, 90 * mm))
        for place, command in enumerate(commands):
            _draw_command(canvas, place, command)
        canvas.showPage()
    canvas.save()


def _draw_command(canvas: Canvas, place: int, command: Command) -> None:
    """One cell: the QR, beside it icon and words; far enough apart to aim at one."""
    row, column = divmod(place, COLUMNS)
    left = _LEFT + column * _WIDTH
    bottom = _TOP - (row + 1) * _HEIGHT
    outcome = FAULTS.get(command)
    ink = _INK[outcome] if outcome else _WORK_INK
    canvas.setStrokeColor(ink)
    canvas.setLineWidth(1.2)
    canvas.roundRect((left + 1.5) * mm, (bottom + 2) * mm, (_WIDTH - 3) * mm, (_HEIGHT - 4) * mm, 8)
    symbol = text_symbol(command_text(command), correction="H")
    middle = bottom + _HEIGHT / 2
    draw_symbol(canvas, symbol, (left + 8) * mm, (middle - SYMBOL / 2) * mm, SYMBOL * mm)
    words = left + 8 + SYMBOL + 7
    room = (left + _WIDTH - 3 - words) * mm
    draw_icon(canvas, command, words * mm, (middle + 4) * mm, 14 * mm)
    korean, english = WORDS[command]
    canvas.setFillColor(ink)
    canvas.setFont(BOLD, 17)
    canvas.drawString(words * mm, (middle - 6) * mm, shorten(korean, BOLD, 17, room))
    canvas.setFillGray(0.15)
    canvas.setFont(REGULAR, 12)
    canvas.drawString(words * mm, (middle - 12.5) * mm, shorten(english, REGULAR, 12, room))
    if outcome:
        canvas.setFont(REGULAR, 9.5)
        line = " · ".join(_OUTCOME[outcome])
        canvas.drawString(words * mm, (middle - 19) * mm, f"→ {line}")
