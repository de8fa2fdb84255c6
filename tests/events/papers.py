"""A statement of made-up numbers, drawn."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PIL import Image

from lending.events.documents.paper import HallWord, PaperLine, Signed, StatementPaper
from lending.events.documents.statement import write_statement

AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def make_paper(kinds: int) -> StatementPaper:
    """A hundred pieces of each kind, one missing; photos and foreign ware."""
    file = io.BytesIO()
    Image.new("RGB", (80, 60), "#8ab").save(file, "JPEG")
    lines = [PaperLine(f"그릇 {n}", 100, 99, 0, 1, 1000) for n in range(kinds)]
    return StatementPaper(
        "20261123-4F2A91C0", 1, "서해구", "032-000-0000", "서해 장례식장", "1호실", AT, AT, 250, 14, 14,
        lines, [("유리컵", 3)], [file.getvalue()] * 3, Signed("jun", AT), None, HallWord.AWAITED, None,
        AT, "https://example.kr/events/s/abc", ZoneInfo("Asia/Seoul"), AT,
    )  # fmt: skip


def write_pdf(paper: StatementPaper, lang: str = "ko") -> bytes:
    file = io.BytesIO()
    write_statement(file, paper, lang=lang)
    return file.getvalue()
