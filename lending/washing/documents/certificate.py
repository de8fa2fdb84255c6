"""A batch's certificate: one page that a café or a hall can hang up, with its readings and tests."""

from typing import BinaryIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lending.fonts import BOLD, REGULAR, register_fonts, width
from lending.paper import (
    BAD,
    BRAND,
    CARE,
    GOOD,
    INK,
    LINE,
    SOFT,
    draw_qr,
    rule,
    wrap,
    write,
)
from lending.washing.documents.certificate_parts import (
    LEFT,
    WIDE,
    Certificate,
    draw_facts,
    draw_readings,
    draw_stages,
    draw_tests,
)
from lending.washing.documents.words import (
    VERDICTS,
    certificate_number,
    write_moment,
)
from lending.washing.hygiene.book import Verdict

COLOURS = {
    Verdict.GOOD: GOOD,
    Verdict.WAITING: CARE,
    Verdict.FAILED: BAD,
    Verdict.UNTESTED: SOFT,
}


def write_certificate(file: BinaryIO, one: Certificate) -> None:
    """Writes one A4 page to `file`."""
    register_fonts()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
    number = certificate_number(one.line.batch, one.zone)
    canvas.setTitle(f"세척·위생 확인서 {number}")
    canvas.setAuthor(one.district_name)
    _draw_top(canvas, one, number)
    y = _draw_verdict(canvas, one, 232)
    y = draw_facts(canvas, one, y - 9)
    y = draw_stages(canvas, one, y - 8)
    y = draw_readings(canvas, one, y - 8)
    draw_tests(canvas, one, y - 8)
    _draw_foot(canvas, one, number)
    canvas.showPage()
    canvas.save()


def _draw_top(canvas: Canvas, one: Certificate, number: str) -> None:
    canvas.setFillColor(BRAND)
    canvas.rect(0, 291 * mm, 210 * mm, 6 * mm, stroke=0, fill=1)
    write(canvas, LEFT, 276, one.district_name, size=11, font=BOLD, colour=BRAND, room=130)
    write(canvas, LEFT, 262, "세척·위생 확인서", size=26, font=BOLD)
    write(canvas, LEFT, 253.5, f"확인서 번호 {number}", size=10, colour=SOFT, room=130)
    draw_qr(canvas, one.address, 162, 249, 31)
    write(canvas, 192, 246, "QR로 지금 값 확인", size=7.5, colour=SOFT, right=True)
    rule(canvas, LEFT, 243.5, WIDE, INK, 1.2)


def _draw_verdict(canvas: Canvas, one: Certificate, top: float) -> float:
    """The verdict in one coloured band: what somebody who looks for a second reads."""
    verdict = one.line.verdict
    canvas.setFillColor(COLOURS[verdict])
    canvas.roundRect(LEFT * mm, (top - 12) * mm, WIDE * mm, 20 * mm, 3 * mm, stroke=0, fill=1)
    word, white = VERDICTS[verdict], (1, 1, 1)
    canvas.setFillColorRGB(*white)
    canvas.setFont(BOLD, 24)
    canvas.drawString((LEFT + 7) * mm, (top - 5) * mm, word)
    canvas.setFont(REGULAR, 10.5)
    start = LEFT + 16 + width(word, BOLD, 24) / mm
    lines = wrap(_sentence(one), 10.5, LEFT + WIDE - start - 5, 2)
    for at, text in enumerate(lines):
        canvas.drawString(start * mm, (top - 3.4 + (len(lines) - 1) * 2.7 - at * 5.4) * mm, text)
    return top - 12


def _sentence(one: Certificate) -> str:
    line = one.line
    good = sum(test.passed is True and not test.corrected for test in line.tests)
    if line.verdict is Verdict.GOOD:
        return f"이 배치에서 뜬 시료가 위생 기준 안이에요. (위생 검사 {good}건 적합)"
    if line.verdict is Verdict.WAITING:
        return "시료의 결과를 기다리고 있어요. 결과가 나오면 QR 화면에서 볼 수 있어요."
    if line.verdict is Verdict.FAILED:
        ended = all(test.recall_ended for test in line.tests if test.recall_id)
        doing = "회수했어요" if ended else "회수하고 있어요"
        return f"위생 기준을 넘은 값이 있어 이 배치의 컵을 {doing}."
    return "이 배치에서는 시료를 뜨지 않았어요. 아래 세척 기록을 확인해 주세요."


def _draw_foot(canvas: Canvas, one: Certificate, number: str) -> None:
    rule(canvas, LEFT, 23, WIDE, LINE, 0.6)
    made = f"만든 때 {write_moment(one.made_at, one.zone)} · {number}"
    write(canvas, LEFT, 17.5, made, size=8, colour=SOFT, room=WIDE)
    told = " · ".join(filter(None, (one.district_name, one.helpdesk)))
    write(canvas, LEFT, 13, one.address, size=8, colour=SOFT, room=WIDE - 62)
    write(canvas, LEFT + WIDE, 13, told, size=8, colour=SOFT, room=60, right=True)
