"""The parts of a certificate: where and how it was washed, the machine's readings, the tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lending.fonts import BOLD, REGULAR
from lending.paper import (
    BAD,
    BRAND,
    CARE,
    GOOD,
    INK,
    SOFT,
    Column,
    Look,
    draw_head,
    draw_row,
    fit,
    wrap,
    write,
)
from lending.washing.documents.words import (
    MEASURES,
    NO_MACHINE,
    STAGES,
    recall_of,
    verdict_of,
    write_clock,
    write_counts,
    write_moment,
    write_value,
)
from lending.washing.hygiene.book import BatchLine, TestLine

LEFT, WIDE = 18.0, 174.0  # mm: margin and room of an A4 page of 210 × 297
MOST_TESTS, MOST_READINGS = 9, 8  # rows of one page; more are named by number
LOOK = Look()
READINGS = (
    Column("읽은 값", 40), Column("단계", 34), Column("값", 40, True), Column("기준", 30, True),
    Column("때", 30, True),
)  # fmt: skip
TESTS = (
    Column("검사", 38), Column("값", 28, True), Column("기준", 28, True), Column("판정", 26, air=5),
    Column("시료를 뜬 때", 32), Column("검사 기관", 22),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says beside its batch; `address` goes into the QR and leads to the same
    values, as they stand then."""

    line: BatchLine
    district_name: str
    site_name: str
    helpdesk: str
    address: str
    kinds: Mapping[str, str]  # names by code
    zone: ZoneInfo
    made_at: datetime


def draw_facts(canvas: Canvas, one: Certificate, top: float) -> float:
    """Where, by what, when, by whom, and what was washed."""
    batch, zone = one.line.batch, one.zone
    ends = write_moment(batch.ended_at, zone)
    day = batch.day.isoformat() if batch.day else None
    passed = f"{one.line.passed:,} / {one.line.inspected:,}개" if one.line.inspected else "–"
    pairs = (
        ("세척한 곳", one.site_name), ("담당", one.line.operator or "–"),
        ("세척기", batch.machine or NO_MACHINE), ("프로그램", batch.programme or "–"),
        ("시작", day or write_moment(batch.started_at, zone)), ("끝", day or ends),
        ("컵·용기", f"{batch.pieces:,}개"), ("한 번에 통과", passed),
    )  # fmt: skip
    for at, (label, value) in enumerate(pairs):
        column, row = at % 2, at // 2
        x, y = LEFT + column * WIDE / 2, top - row * 8.2
        write(canvas, x, y, label, size=8.5, colour=SOFT)
        size = fit(value, BOLD, 11, WIDE / 2 - 29)
        write(canvas, x + 25, y, value, size=size, font=BOLD, room=WIDE / 2 - 29)
    y = top - 4 * 8.2
    for label, counts in (("종류별", batch.kinds), ("그릇", batch.counted)):
        if counts:
            write(canvas, LEFT, y, label, size=8.5, colour=SOFT)
            for text in wrap(write_counts(counts, one.kinds), 9.5, WIDE - 26, 2):
                write(canvas, LEFT + 25, y, text, size=9.5)
                y -= 5.6
            y -= 1
    return y


def draw_stages(canvas: Canvas, one: Certificate, top: float) -> float:
    """The programme's stages as a line of steps, each with when it began; hollow where nobody noted it."""
    batch = one.line.batch
    if not batch.stages:
        return top + 6
    _title(canvas, top, "세척 단계")
    across = WIDE / len(batch.stages)
    base = top - 11
    canvas.setStrokeColor(BRAND)
    canvas.setLineWidth(1.4)
    canvas.line((LEFT + across / 2) * mm, base * mm, (LEFT + WIDE - across / 2) * mm, base * mm)
    for at, stage in enumerate(batch.stages):
        x, began = LEFT + across * (at + 0.5), batch.began.get(stage)
        canvas.setFillColorRGB(1, 1, 1)
        if began:
            canvas.setFillColor(BRAND)
        canvas.circle(x * mm, base * mm, 2.6 * mm, stroke=1, fill=1)
        canvas.setFillColor(SOFT)
        if began:
            canvas.setFillColorRGB(1, 1, 1)
        canvas.setFont(BOLD, 8)
        canvas.drawCentredString(x * mm, (base - 1) * mm, str(at + 1))
        canvas.setFillColor(INK)
        canvas.setFont(BOLD, 9.5)
        canvas.drawCentredString(x * mm, (base - 7.5) * mm, STAGES[stage])
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, 8)
        noted = write_clock(began, one.zone) if began else "적지 않음"
        canvas.drawCentredString(x * mm, (base - 11.5) * mm, noted)
    return base - 13


def draw_readings(canvas: Canvas, one: Certificate, top: float) -> float:
    batch = one.line.batch
    _title(canvas, top, "기계에서 읽은 값")
    if not batch.readings:
        write(canvas, LEFT, top - 7.5, "적힌 값이 없어요.", size=9, colour=SOFT)
        return top - 8
    y = draw_head(canvas, READINGS, LEFT, top - 3.5, LOOK)
    for reading in batch.readings[:MOST_READINGS]:
        name, unit = MEASURES[reading.measure]
        heat = unit == "°C" and batch.min_temperature is not None
        cells = (
            name,
            STAGES[reading.stage] if reading.stage else "–",
            write_value(reading.value, unit),
            f"{write_value(batch.min_temperature, unit)} 이상" if heat else "–",
            write_clock(reading.at, one.zone),
        )
        y = draw_row(canvas, READINGS, cells, LEFT, y, LOOK)
    return _more(canvas, y, len(batch.readings) - MOST_READINGS)


def draw_tests(canvas: Canvas, one: Certificate, top: float) -> float:
    _title(canvas, top, "위생 검사")
    tests = one.line.tests
    if not tests:
        write(canvas, LEFT, top - 7.5, "이 배치에서는 시료를 뜨지 않았어요.", size=9, colour=SOFT)
        return top - 8
    y = draw_head(canvas, TESTS, LEFT, top - 3.5, LOOK)
    for test in tests[-MOST_TESTS:]:
        cells = (
            test.name,
            write_value(test.value, test.unit),
            f"{write_value(test.limit, test.unit)} 이하",
            verdict_of(test),
            write_moment(test.sampled_at, one.zone),
            test.lab or "–",
        )
        colours = (None, None, None, _colour(test))
        y = draw_row(canvas, TESTS, cells, LEFT, y, LOOK, colours=colours)
    y = _more(canvas, y, len(tests) - MOST_TESTS)
    if told := recall_of(tests):
        write(canvas, LEFT, y - 5, f"회수 기록: {told}", size=8.5, colour=SOFT, room=WIDE)
    return y


def _title(canvas: Canvas, y: float, text: str) -> None:
    write(canvas, LEFT, y, text, size=12, font=BOLD)


def _more(canvas: Canvas, y: float, count: int) -> float:
    if count <= 0:
        return y
    write(
        canvas, LEFT + 1.2, y - 4.5, f"그 밖에 {count}건은 위생 대장에 있어요.", size=8, colour=SOFT
    )
    return y - 5


def _colour(test: TestLine) -> Color:
    if test.corrected:
        return SOFT
    return {True: GOOD, False: BAD, None: CARE}[test.passed]
