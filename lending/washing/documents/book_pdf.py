"""The hygiene book of a month as PDF: day by day, its batches and its tests, on A4 across."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from lending.fonts import BOLD, register_fonts
from lending.paper import (
    BAD,
    BRAND,
    CARE,
    GOOD,
    INK,
    LINE,
    SOFT,
    Column,
    Look,
    draw_head,
    draw_row,
    rule,
    write,
)
from lending.washing.documents.totals import Totals
from lending.washing.documents.words import (
    NO_MACHINE,
    VERDICTS,
    atp_of,
    detergent,
    recall_of,
    verdict_of,
    warmest,
    write_clock,
    write_counts,
    write_moment,
    write_value,
)
from lending.washing.hygiene.book import BatchLine, BookDay, HygieneBook, TestLine, Verdict

LEFT, WIDE, TOP, BOTTOM = 14.0, 269.0, 196.0, 18.0  # mm of 297 × 210
LOOK = Look(row=5.8, head=6.2, size=7.8)
COLOURS = {Verdict.GOOD: GOOD, Verdict.WAITING: CARE, Verdict.FAILED: BAD, Verdict.UNTESTED: None}
WEEKDAYS = "월화수목금토일"
BATCHES = (
    Column("시작", 13), Column("끝", 13), Column("세척기", 26), Column("프로그램", 28),
    Column("담당", 26), Column("컵·용기", 17, True), Column("그릇", 40, air=5),
    Column("최고 온도", 19, True), Column("세제", 19, True), Column("통과/검사", 21, True),
    Column("ATP", 21, True), Column("판정", 26, air=5),
)  # fmt: skip
TESTS = (
    Column("때", 13), Column("검사", 34), Column("무엇을", 58), Column("값", 26, True),
    Column("기준", 26, True), Column("판정", 24, air=5), Column("검사 기관", 40), Column("다음 검사", 22),
    Column("회수", 26),
)  # fmt: skip


def write_book_pdf(
    file: BinaryIO, book: HygieneBook, *, kinds: Mapping[str, str], made_at: datetime
) -> Totals:
    """Writes the book to `file`, page by page: a month takes the memory of its finished pages.

    `kinds`: names of kinds of ware by code.
    """
    register_fonts()
    pages, totals = _Pages(file, book, made_at), Totals()
    zone = ZoneInfo(book.zone)
    for day in book.days:
        totals.add(day)
        pages.day(day, totals.days[-1].numbers, zone, kinds)
    pages.sum(totals)
    pages.close()
    return totals


class _Pages:
    """Writes downwards, turning the page where it ends."""

    def __init__(self, file: BinaryIO, book: HygieneBook, made_at: datetime) -> None:
        self.canvas = Canvas(file, pagesize=landscape(A4), pageCompression=1, invariant=1)
        self.title = f"위생 대장 {book.year}년 {book.month}월"
        self.place = f"{book.site_name} ({book.site})"
        self.made = f"만든 때 {write_moment(made_at, ZoneInfo(book.zone))}"
        self.number = 0
        self.y = TOP
        self.canvas.setTitle(f"{self.title} {book.site_name}")
        self._turn()

    def day(
        self, day: BookDay, numbers: Sequence[int], zone: ZoneInfo, kinds: Mapping[str, str]
    ) -> None:
        """One day: its numbers, its batches, its tests."""
        self._need(30)
        self.y -= 9
        write(self.canvas, LEFT, self.y, _day_words(day.day), size=12, font=BOLD)
        told = _numbers(numbers)
        write(self.canvas, LEFT + WIDE, self.y, told, size=9, colour=SOFT, right=True)
        self.y -= 3
        if day.batches:
            rows = [_batch(line, zone, kinds) for line in day.batches]
            self._table(BATCHES, rows, at=11)
        tests = Totals.tests_of(day)
        if tests:
            self.y -= 3
            batches = {line.batch.id: line for line in day.batches}
            of = [batches.get(one.batch_id) if one.batch_id else None for one in tests]
            pairs = zip(tests, of, strict=True)
            self._table(TESTS, [_test(test, line, zone) for test, line in pairs], at=5)

    def sum(self, totals: Totals) -> None:
        """The month's numbers, and a line for whoever answers for the book."""
        self._need(34)
        self.y -= 12
        rule(self.canvas, LEFT, self.y + 7, WIDE, INK, 1)
        write(self.canvas, LEFT, self.y, "한 달 합계", size=12, font=BOLD)
        told = _numbers(totals.sum) if totals.days else "이 달에는 적힌 것이 없어요."
        write(self.canvas, LEFT + 40, self.y, told, size=10.5)
        self.y -= 16
        for at, label in enumerate(("적은 사람", "확인한 사람")):
            x = LEFT + WIDE - 150 + at * 78
            write(self.canvas, x, self.y, label, size=9, colour=SOFT)
            rule(self.canvas, x + 20, self.y - 1, 50, LINE, 0.6)

    def close(self) -> None:
        """Ends the last page and the file."""
        self.canvas.showPage()
        self.canvas.save()

    def _table(
        self,
        columns: Sequence[Column],
        rows: Sequence[tuple[Sequence[str], Color | None]],
        *,
        at: int,
    ) -> None:
        """A table whose head stands on each page it goes over; the verdict in column `at` is
        coloured."""
        self._need(LOOK.head + LOOK.row)
        self.y = draw_head(self.canvas, columns, LEFT, self.y, LOOK)
        for cells, colour in rows:
            if self.y - LOOK.row < BOTTOM:
                self._turn()
                self.y = draw_head(self.canvas, columns, LEFT, self.y - 4, LOOK)
            colours = [colour if n == at else None for n in range(len(columns))]
            self.y = draw_row(
                self.canvas, columns, cells, LEFT, self.y, LOOK, colours=colours
            )  # fmt: skip

    def _need(self, room: float) -> None:
        if self.y - room < BOTTOM:
            self._turn()

    def _turn(self) -> None:
        if self.number:
            self.canvas.showPage()
        self.number += 1
        canvas = self.canvas
        canvas.setFillColor(BRAND)
        canvas.rect(0, 206 * mm, 297 * mm, 4 * mm, stroke=0, fill=1)
        first = self.number == 1
        write(
            canvas, LEFT, TOP - 2 if first else TOP, self.title, size=20 if first else 10, font=BOLD
        )
        write(canvas, LEFT + WIDE, TOP, self.place, size=11 if first else 9, right=True, room=150)
        write(canvas, LEFT, 11, self.made, size=7.5, colour=SOFT)
        write(canvas, LEFT + WIDE, 11, f"{self.number}쪽", size=8, colour=SOFT, right=True)
        self.y = TOP - (6 if first else 3)
        rule(canvas, LEFT, self.y, WIDE, INK if first else LINE, 1 if first else 0.5)


def _day_words(day: date) -> str:
    return f"{day.month}월 {day.day}일 ({WEEKDAYS[day.weekday()]})"


def _numbers(numbers: Sequence[int]) -> str:
    batches, pieces, counted, inspected, passed, tests, failed, waiting = numbers
    parts = [f"배치 {batches:,}개", f"컵·용기 {pieces:,}개"]
    if counted:
        parts.append(f"그릇 {counted:,}개")
    if inspected:
        parts.append(f"한 번에 통과 {100 * passed / inspected:.1f} %")
    parts.append(f"위생 검사 {tests:,}건")
    if failed:
        parts.append(f"부적합 {failed:,}건")
    if waiting:
        parts.append(f"결과 기다림 {waiting:,}건")
    return " · ".join(parts)


def _batch(
    line: BatchLine, zone: ZoneInfo, kinds: Mapping[str, str]
) -> tuple[list[str], Color | None]:
    batch, atp = line.batch, atp_of(line)
    is_day = batch.day is not None
    told = recall_of(line.tests)
    cells = [
        "하루" if is_day else write_clock(batch.started_at, zone),
        "" if is_day else write_clock(batch.ended_at, zone),
        batch.machine or NO_MACHINE,
        batch.programme or "–",
        line.operator or "–",
        f"{batch.pieces:,}",
        write_counts(batch.counted, kinds),
        write_value(warmest(batch), "°C"),
        write_value(detergent(batch), "g/L"),
        f"{line.passed:,}/{line.inspected:,}" if line.inspected else "–",
        write_value(atp.value, atp.unit) if atp else "–",
        f"{VERDICTS[line.verdict]}{' · 회수' if told else ''}",
    ]
    return cells, COLOURS[line.verdict]


def _test(test: TestLine, line: BatchLine | None, zone: ZoneInfo) -> tuple[list[str], Color | None]:
    of = "세척장 전체" if test.machine_id is None else "세척기 자체"
    if line is not None:
        of = f"{line.batch.machine or NO_MACHINE} {write_clock(line.batch.started_at, zone)} 배치"
    cells = [
        write_clock(test.sampled_at, zone),
        test.name,
        of,
        write_value(test.value, test.unit),
        f"{write_value(test.limit, test.unit)} 이하",
        verdict_of(test),
        test.lab or "–",
        test.next_due.isoformat() if test.next_due else "–",
        recall_of([test]) or "–",
    ]
    colour = None if test.corrected else {True: GOOD, False: BAD, None: CARE}[test.passed]
    return cells, colour
