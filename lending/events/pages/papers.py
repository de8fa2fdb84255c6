"""The statement as PDF: put together from what is stored, for staff and for the hall's link."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from flask import Response, send_file

from lending.events.documents.paper import HallWord, PaperLine, Signed, StatementPaper
from lending.events.documents.statement import write_statement
from lending.events.pages import words
from lending.events.values import Answer, StatementView
from lending.web.context import district

WORD = {
    None: HallWord.AWAITED,
    Answer.CONFIRMED: HallWord.ACCEPTED,
    Answer.ACCEPTED: HallWord.BY_ITSELF,
    Answer.DISPUTED: HallWord.DISPUTED,
}


def number_of(statement: StatementView) -> str:
    """`20261123-4F2A91C0`: the day it was counted, and the head of the event's id."""
    day = statement.counted_at.astimezone(district().zone)
    return f"{day:%Y%m%d}-{statement.event.id.hex[:8].upper()}"


def send_statement(
    statement: StatementView,
    photos: Sequence[bytes],
    *,
    address: str,
    lang: str,
    now: datetime,
    named: bool = True,
) -> Response:
    """The PDF in a language, shown by the browser. `named`: with who signed for the centre; without
    it only the centre, for who has no account."""
    if not named:
        statement = replace(statement, counted_by="", sent_by="")
    file = io.BytesIO()
    write_statement(file, make_paper(statement, photos, address, lang, now), lang=lang)
    file.seek(0)
    plain = f"statement-{number_of(statement)}.pdf"
    answer = send_file(file, mimetype="application/pdf", download_name=plain)
    if lang != "en":  # beside the name that any browser can write
        name = {"filename*": f"UTF-8''{quote(f'회수부족확인서-{number_of(statement)}.pdf')}"}
        answer.headers.set("Content-Disposition", "inline", filename=plain, **name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def make_paper(
    statement: StatementView, photos: Sequence[bytes], address: str, lang: str, now: datetime
) -> StatementPaper:
    """What the page says, from the stored version."""
    event, english = statement.event, lang == "en"
    centre = (english and statement.centre_name_en) or statement.centre_name
    disputed = {one.position for one in statement.disputes if one.decision is None}
    lines = [
        PaperLine(
            words.line_name(line, lang), line.sent, line.returned, line.broken, line.missing,
            line.price, line.position in disputed, line.surplus, line.carrier,
        )
        for line in statement.lines
        if line.kind and (line.sent or line.returned or line.broken or line.missing)
    ]  # fmt: skip
    confirmed = None
    if statement.sent_at:
        confirmed = Signed(statement.sent_by or centre, statement.sent_at)
    return StatementPaper(
        number_of(statement), statement.version,
        (english and statement.district_en) or statement.district, statement.helpdesk,
        (english and event.site_name_en) or event.site_name, event.where, event.from_at,
        event.until_at, event.guests, *words.crates_of(statement), lines,
        [(words.line_name(one, lang), one.foreign) for one in statement.lines if one.foreign],
        photos, Signed(statement.counted_by or centre, statement.counted_at), confirmed,
        WORD[statement.answer], statement.answered_at, statement.answer_by, address,
        district().zone, now, statement.answer_name,
    )  # fmt: skip
