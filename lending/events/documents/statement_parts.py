"""The statement beside its table: what event it is about, foreign ware, photos, who confirmed."""

import io
from datetime import datetime

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from lending.events.documents.paper import HallWord, Signed, StatementPaper
from lending.events.documents.words import write_at
from lending.fonts import BOLD
from lending.paper import BAD, CARE, GOOD, GROUND, INK, SOFT, fit, wrap, write

LEFT, WIDE = 18.0, 174.0  # mm: margin and room of an A4 page of 210 × 297
MOST_PHOTOS = 3
COLOURS = {
    HallWord.AWAITED: CARE,
    HallWord.ACCEPTED: GOOD,
    HallWord.BY_ITSELF: GOOD,
    HallWord.DISPUTED: BAD,
}


def draw_facts(
    canvas: Canvas, one: StatementPaper, top: float, words: dict[str, str], lang: str
) -> float:
    """Where, when, for how many, in how many crates; where it ends."""
    crates = words["crates_value"].format(sent=one.crates_sent, back=one.crates_back)
    pairs = (
        (words["hall"], one.hall),
        (words["room"], one.room),
        (words["from"], write_at(one.begins, one.zone, lang)),
        (words["to"], write_at(one.ends, one.zone, lang)),
        (words["guests"], words["guests_value"].format(count=f"{one.guests:,}")),
        (words["crates"], crates),
    )
    half = WIDE / 2
    for at, (label, value) in enumerate(pairs):
        x, y = LEFT + at % 2 * half, top - at // 2 * 7.6
        write(canvas, x, y, label, size=8.5, colour=SOFT)
        size = fit(value, BOLD, 11, half - 34)
        write(canvas, x + 30, y, value, size=size, font=BOLD, room=half - 34)
    return top - 2 * 7.6 - 3


def draw_foreign(canvas: Canvas, one: StatementPaper, top: float, words: dict[str, str]) -> float:
    """What came along and is not ours, in at most two lines."""
    write(canvas, LEFT, top, words["foreign"], size=9, font=BOLD)
    told = " · ".join(
        f"{name} {words['pieces'].format(count=f'{count:,}')}" for name, count in one.foreign
    )
    y = top - 5
    for text in wrap(told, 9, WIDE, 2):
        write(canvas, LEFT, y, text, size=9)
        y -= 4.8
    return y


def draw_photos(canvas: Canvas, one: StatementPaper, bottom: float, words: dict[str, str]) -> None:
    """At most three photos beside each other, 29 mm high, standing on `bottom`."""
    write(canvas, LEFT, bottom + 31, words["photos"], size=8.5, colour=SOFT)
    for at, jpeg in enumerate(one.photos[:MOST_PHOTOS]):
        x = LEFT + at * (WIDE / MOST_PHOTOS)
        canvas.drawImage(
            ImageReader(io.BytesIO(jpeg)), x * mm, bottom * mm, (WIDE / MOST_PHOTOS - 3) * mm,
            29 * mm, preserveAspectRatio=True, anchor="sw",
        )  # fmt: skip


def draw_signatures(
    canvas: Canvas, one: StatementPaper, top: float, words: dict[str, str], lang: str
) -> None:
    """Two boxes, 35 mm high: what the centre put its name to, and what the hall said."""
    half = WIDE / 2 - 2
    for x in (LEFT, LEFT + half + 4):
        canvas.setFillColor(GROUND)
        canvas.roundRect(x * mm, (top - 35) * mm, half * mm, 35 * mm, 2.5 * mm, stroke=0, fill=1)
    _centre_box(canvas, one, top, words, lang)
    _hall_box(canvas, one, LEFT + half + 4, top, words, lang)


def _centre_box(
    canvas: Canvas, one: StatementPaper, top: float, words: dict[str, str], lang: str
) -> None:
    write(canvas, LEFT + 5, top - 6.5, words["centre"], size=9, colour=SOFT)
    signed: tuple[tuple[str, Signed | None], ...] = (
        (words["counted"], one.counted),
        (words["confirmed"], one.confirmed),
    )
    y = top - 14
    for label, who in signed:
        write(canvas, LEFT + 5, y, label, size=8.5, colour=SOFT)
        name = who.who if who else words["unconfirmed"]
        write(canvas, LEFT + 29, y, name, size=10.5, font=BOLD, room=51)
        if who:
            at = write_at(who.at, one.zone, lang)
            write(canvas, LEFT + 29, y - 5, at, size=8.5, colour=SOFT, room=51)
        y -= 11.5


def _hall_box(
    canvas: Canvas, one: StatementPaper, x: float, top: float, words: dict[str, str], lang: str
) -> None:
    room = WIDE / 2 - 12
    write(
        canvas,
        x + 5,
        top - 6.5,
        f"{words['the_hall']} · {one.hall}",
        size=9,
        colour=SOFT,
        room=room,
    )
    said = words[one.word]
    size = fit(said, BOLD, 13, room)
    write(canvas, x + 5, top - 14.5, said, size=size, font=BOLD, colour=COLOURS[one.word])
    y = top - 20.5
    for text in _hall_lines(one, words, lang, one.word_at):
        for line in wrap(text, 9, room, 2):
            write(canvas, x + 5, y, line, size=9, colour=INK)
            y -= 4.8


def _hall_lines(
    one: StatementPaper, words: dict[str, str], lang: str, at: datetime | None
) -> list[str]:
    told = [" · ".join(filter(None, (write_at(at, one.zone, lang), one.word_by)))] if at else []
    disputed = sum(line.is_disputed for line in one.lines)
    if one.word is HallWord.DISPUTED and disputed:
        told.append(words["lines_disputed"].format(count=disputed))
    if one.word is HallWord.AWAITED and one.until:
        told.append(words["until"].format(at=write_at(one.until, one.zone, lang)))
    return told
