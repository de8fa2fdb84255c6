"""A stocktaking's result as CSV and as XLSX: quantities, and every piece with what was found of it."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lending.people.actors import Actor
from lending.spreadsheets import TEXTS_STAY_TEXTS, make_plain
from lending.wares.pages.words import CONDITIONS, STATES, VERDICTS
from lending.wares.stocktaking.result import StocktakeResult, list_pieces
from lending.wares.stocktaking.tables import Verdict
from lending.web.context import district
from lending.web.i18n import group_code

CHUNK = 5_000
Cell = str | int | None
Rows = Iterator[Sequence[Cell]]
Table = tuple[str, list[str], Rows]  # name, columns, rows


def write_csv(headline: Sequence[str], tables: Iterable[Table]) -> bytes:
    """Both tables below each other, with the mark by which spreadsheets know UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(map(make_plain, headline))
    for name, columns, rows in tables:
        writer.writerow([])
        writer.writerow([name])
        writer.writerow(columns)
        writer.writerows([make_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(headline: Sequence[str], tables: Iterable[Table]) -> bytes:
    """One sheet per table; texts stay texts."""
    file = io.BytesIO()
    options = {"in_memory": True} | TEXTS_STAY_TEXTS
    with xlsxwriter.Workbook(file, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#EEF2F7", "bottom": 1})
        number = book.add_format({"num_format": "#,##0"})
        for name, columns, rows in tables:
            sheet = book.add_worksheet(name[:31])
            sheet.write_row(0, 0, headline)
            sheet.write_row(2, 0, columns, head)
            sheet.freeze_panes(3, 0)
            for at, row in enumerate(rows, start=3):
                for column, cell in enumerate(row):
                    sheet.write(at, column, cell, number if isinstance(cell, int) else None)
            sheet.set_column(0, len(columns) - 1, 18)
    return file.getvalue()


def headline_of(result: StocktakeResult, sites: Mapping[str, str]) -> list[str]:
    """What was counted where, from when until when."""
    one, zone = result.session, district().zone
    ended = one.ended_at or one.begun_at
    return [
        _("재고 조사"),
        sites.get(one.site, one.site),
        *(
            at.astimezone(zone).isoformat(sep=" ", timespec="minutes")
            for at in (one.begun_at, ended)
        ),
    ]


def tables_of(
    session: Session,
    result: StocktakeResult,
    *,
    actor: Actor,
    kinds: Mapping[str, str],
    sites: Mapping[str, str],
) -> Iterator[Table]:
    """The quantities, then the pieces, read while they are written; by the names of kinds and sites."""
    yield (
        _("수량"),
        [_("종류"), _("상태"), _("상자"), _("기록"), _("센 수"), _("차이")],
        (
            (
                kinds.get(one.kind, one.kind), str(CONDITIONS[one.condition]),
                group_code(one.crate or ""), one.expected, one.counted, one.difference,
            )
            for one in result.figures
        ),
    )  # fmt: skip
    yield (
        _("용기"),
        [
            _("번호"),
            _("결과"),
            _("종류"),
            _("기록의 상태"),
            _("기록의 장소"),
            _("상자"),
            _("찍은 때"),
        ],
        _pieces(session, result, actor, kinds, sites),
    )


def _pieces(
    session: Session,
    result: StocktakeResult,
    actor: Actor,
    kinds: Mapping[str, str],
    sites: Mapping[str, str],
) -> Rows:
    zone = district().zone
    after: Sequence[Any] | None = None
    while True:
        page = list_pieces(
            session, session_id=result.session.id, actor=actor, verdicts=tuple(Verdict),
            after=after, limit=CHUNK,
        )  # fmt: skip
        for one in page.items:
            noted = _written(one.noted_at, zone)
            yield (
                group_code(one.code), str(VERDICTS[one.verdict]), kinds.get(one.kind or "", ""),
                str(STATES[one.state]) if one.state else "", sites.get(one.site or "", one.site),
                group_code(one.crate or ""), noted,
            )  # fmt: skip
        if page.next is None:
            return
        after = page.next


def _written(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(sep=" ", timespec="seconds") if at else ""
