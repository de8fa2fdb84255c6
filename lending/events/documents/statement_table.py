"""The statement's table: sent, back, broken, missing by kind, and what it comes to."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from lending.events.documents.paper import PaperLine, StatementPaper
from lending.events.documents.statement_parts import LEFT, WIDE
from lending.fonts import BOLD
from lending.paper import BAD, CARE, SOFT, Column, Look, draw_head, draw_row, write

LOW, HIGH = 4.3, 7.4  # mm: rows at their lowest and highest
HEAD, NOTE = 5.0, 5.0  # mm of the title above the table and the sentence below
_CARE, _BAD = 3, 4  # columns that are coloured where they say something


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table; `price` None: nothing stands there."""

    name: str
    numbers: tuple[int, int, int, int]  # sent, back, broken, missing
    price: int | None
    amount: int
    is_disputed: bool = False
    surplus: int = 0


def rows_that_fit(top: float, bottom: float) -> int:
    """How many kinds have room between these heights, beside the head and the total."""
    return int((top - HEAD - bottom - NOTE) / LOW - 2.2)


def draw_lines(
    canvas: Canvas, one: StatementPaper, top: float, bottom: float, words: dict[str, str]
) -> float:
    """The table from `top` mm down, its rows as high as fit above `bottom`; where it ends. Kinds
    for which there is no room are summed up in the last row."""
    write(canvas, LEFT, top - 2, words["counts"], size=12, font=BOLD)
    crates = [_summed(words["crates"], one.crates)] if one.crates else []
    rows = _rows(one, max(1, rows_that_fit(top, bottom) - len(crates)), words)
    # A head, the total and the crates below it are rows too.
    room = (top - HEAD - bottom - NOTE) / (len(rows) + len(crates) + 2.2)
    row = min(HIGH, max(LOW, room))
    look = Look(row=row, head=row * 1.1, size=min(9.5, row * 1.5))
    columns = _columns(one, words)
    y = draw_head(canvas, columns, LEFT, top - HEAD, look)
    for line in rows:
        cells = _cells(one, line, words)
        y = draw_row(canvas, columns, cells, LEFT, y, look, colours=_colours(line))
    total = _cells(one, _summed(words["total"], one.ware), words)
    y = draw_row(canvas, columns, total, LEFT, y, look, bold=True)
    for line in crates:
        y = draw_row(
            canvas, columns, _cells(one, line, words), LEFT, y, look, colours=_colours(line)
        )
    note = words["charge" if one.is_charged else "no_charge"]
    write(canvas, LEFT, y - 4, note, size=7.5, colour=SOFT)
    return y - NOTE


def _columns(one: StatementPaper, words: dict[str, str]) -> list[Column]:
    parts = ("sent", "returned", "broken", "missing")
    each = 21.0 if one.is_charged else 27.0
    columns = [Column(words[part], each, is_number=True) for part in parts]
    if one.is_charged:
        columns += [Column(words["price"], 22, True), Column(words["amount"], 24, True)]
    name = WIDE - sum(column.width for column in columns)
    return [Column(words["kind"], name), *columns]


def _cells(one: StatementPaper, row: _Row, words: dict[str, str]) -> list[str]:
    name = f"{row.name} ({words['disputed_mark']})" if row.is_disputed else row.name
    if row.surplus:
        name += f" ({words['surplus'].format(count=row.surplus)})"
    cells = [name, *(f"{number:,}" for number in row.numbers)]
    if one.is_charged:
        cells += ["" if row.price is None else f"{row.price:,}", f"{row.amount:,}"]
    return cells


def _colours(row: _Row) -> Sequence[Color | None]:
    colours: list[Color | None] = [None] * 5
    if row.is_disputed:
        colours[0] = CARE
    if row.numbers[2]:
        colours[_CARE] = CARE
    if row.numbers[3]:
        colours[_BAD] = BAD
    return colours


def _rows(one: StatementPaper, most: int, words: dict[str, str]) -> list[_Row]:
    lines = one.ware
    kept = lines if len(lines) <= most else lines[: most - 1]
    rows = [_row(line) for line in kept]
    if rest := lines[len(kept) :]:
        rows.append(_summed(words["others"].format(count=len(rest)), rest))
    return rows


def _row(line: PaperLine) -> _Row:
    numbers = (line.sent, line.returned, line.broken, line.missing)
    return _Row(line.name, numbers, line.price, line.amount, line.is_disputed, line.surplus)


def _summed(name: str, lines: Sequence[PaperLine]) -> _Row:
    sent, returned, broken, missing = (
        sum(getattr(line, part) for line in lines)
        for part in ("sent", "returned", "broken", "missing")
    )
    amount = sum(line.amount for line in lines)
    disputed = any(line.is_crate and line.is_disputed for line in lines)
    return _Row(name, (sent, returned, broken, missing), None, amount, disputed)
