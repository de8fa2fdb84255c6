"""The shortfall statement as one A4 page, in Korean or in English."""

from typing import BinaryIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lending.events.documents.paper import StatementPaper
from lending.events.documents.statement_parts import (
    LEFT,
    WIDE,
    draw_facts,
    draw_foreign,
    draw_photos,
    draw_signatures,
)
from lending.events.documents.statement_table import draw_lines, rows_that_fit
from lending.events.documents.words import WORDS, headline, sentence, write_at
from lending.fonts import BOLD, REGULAR, register_fonts, width
from lending.paper import BRAND, CARE, GOOD, INK, LINE, SOFT, draw_qr, fit, rule, wrap, write

FOOT = 24.0  # mm: below it only the foot is written
PHOTOS = 36.0  # mm that photos take


def write_statement(file: BinaryIO, one: StatementPaper, *, lang: str = "ko") -> None:
    """Writes one page to `file`; `lang`: "ko" or "en". However many kinds there are, it stays one
    page: rows grow smaller, and past some 20 the last row sums up what is left."""
    register_fonts()
    words = WORDS[lang]
    canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(f"{words['title']} {one.number}")
    canvas.setAuthor(one.district)
    _draw_top(canvas, one, words)
    y = _draw_band(canvas, one, words, 233)
    y = draw_facts(canvas, one, y - 9, words, lang)
    bottom = FOOT + 46 + (17 if one.foreign else 0)
    with_photos = bool(one.photos) and len(one.lines) <= rows_that_fit(y - 6, bottom + PHOTOS)
    y = draw_lines(canvas, one, y - 6, bottom + (PHOTOS if with_photos else 0), words)
    if one.foreign:
        draw_foreign(canvas, one, y - 7, words)
    if with_photos:
        draw_photos(canvas, one, FOOT + 47, words)
    draw_signatures(canvas, one, FOOT + 37, words, lang)
    _draw_foot(canvas, one, words, lang)
    canvas.showPage()
    canvas.save()


def _draw_top(canvas: Canvas, one: StatementPaper, words: dict[str, str]) -> None:
    canvas.setFillColor(BRAND)
    canvas.rect(0, 291 * mm, 210 * mm, 6 * mm, stroke=0, fill=1)
    write(canvas, LEFT, 277, one.district, size=11, font=BOLD, colour=BRAND, room=130)
    write(canvas, LEFT, 263.5, words["title"], size=25, font=BOLD)
    number = words["number"].format(number=one.number, version=one.version)
    write(canvas, LEFT, 255.5, number, size=10, colour=SOFT, room=134)
    if one.address:
        draw_qr(canvas, one.address, 162, 252, 30)
        write(canvas, LEFT + WIDE, 249.5, words["qr"], size=7.5, colour=SOFT, right=True)
    rule(canvas, LEFT, 247, WIDE, INK, 1.2)


def _draw_band(
    canvas: Canvas, one: StatementPaper, words: dict[str, str], top: float
) -> float:  # fmt: skip
    """The result in one coloured band: what somebody who looks for a second reads."""
    short = any(line.missing or line.broken for line in one.lines)
    canvas.setFillColor(CARE if short else GOOD)
    canvas.roundRect(LEFT * mm, (top - 8) * mm, WIDE * mm, 18 * mm, 3 * mm, stroke=0, fill=1)
    said = headline(one, words)
    size = fit(said, BOLD, 20, 96)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.setFont(BOLD, size)
    canvas.drawString((LEFT + 7) * mm, (top - 1.8) * mm, said)
    start = LEFT + 15 + width(said, BOLD, size) / mm
    lines = wrap(sentence(one, words), 10, LEFT + WIDE - start - 5, 2)
    canvas.setFont(REGULAR, 10)
    for at, text in enumerate(lines):
        y = top - 0.6 + (len(lines) - 1) * 2.5 - at * 5.0
        canvas.drawString(start * mm, y * mm, text)
    return top - 8


def _draw_foot(canvas: Canvas, one: StatementPaper, words: dict[str, str], lang: str) -> None:
    rule(canvas, LEFT, 20, WIDE, LINE, 0.6)
    made = words["made"].format(at=write_at(one.made_at, one.zone, lang))
    write(canvas, LEFT, 15, f"{made} · {one.number}", size=8, colour=SOFT, room=100)
    told = " · ".join(filter(None, (one.district, one.helpdesk)))
    write(canvas, LEFT + WIDE, 15, told, size=8, colour=SOFT, room=70, right=True)
