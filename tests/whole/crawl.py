"""Walks every page somebody can reach and reads what stands in pages, spreadsheets and PDFs."""

import html
import io
import re
import zipfile
from collections.abc import Collection, Iterator

import pypdfium2

from tests.callers import Caller

HREF = re.compile(r'(?:href|action|src)="(/[^"#]*)')
SKIPPED = re.compile(r"/static/|/language/|/staff/sign-out|/healthz|/metrics|/first/")


def walk(caller: Caller, seeds: Collection[str], *, most: int = 400) -> Iterator[tuple[str, bytes]]:
    """(address, what was answered) of every page that links lead to from the seeds; one of each kind
    of address and a few more of those with numbers in them."""
    waiting, seen, kinds = list(seeds), set(seeds), dict[str, int]()
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        answer = caller.open(path)
        yield path, answer.data
        if answer.mimetype != "text/html":
            continue
        for found in HREF.findall(answer.text):
            address = html.unescape(found)
            kind = re.sub(r"[0-9a-f-]{36}|\d+|after=[^&]*", "#", address)
            if address in seen or SKIPPED.match(address) or kinds.get(kind, 0) >= 2:
                continue
            seen.add(address)
            kinds[kind] = kinds.get(kind, 0) + 1
            waiting.append(address)


def text_of(raw: bytes) -> str:
    """All that can be read in a page, a spreadsheet or a PDF."""
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            return "\n".join(
                packed.read(name).decode("utf-8", "replace") for name in packed.namelist()
            )
    if raw[:5] == b"%PDF-":
        document = pypdfium2.PdfDocument(raw)
        try:
            return "\n".join(page.get_textpage().get_text_range() for page in document)
        finally:
            document.close()
    text = raw.decode("utf-8", "replace")
    return f"{text}\n{html.unescape(text)}"


class Canaries:
    """Numbers and words that belong to persons and must never be met again, however written."""

    def __init__(self) -> None:
        self._patterns: dict[str, re.Pattern[bytes]] = {}
        self.places: set[str] = set()

    def number(self, text: str) -> str:
        """A telephone number: known by its last eight digits, grouped, in hexadecimal or not."""
        tail = re.sub(r"\D", "", text)[-8:]
        gap, hexgap = b"[^0-9]{0,3}", b"(?:2d|20|2e)?"
        plain = tail[:4].encode() + gap + tail[4:].encode()
        coded = tail[:4].encode().hex().encode() + hexgap + tail[4:].encode().hex().encode()
        self._patterns[text] = re.compile(plain + b"|" + coded)
        return text

    def words(self, text: str) -> str:
        """Words of an address, in UTF-8, as JSON writes them, or in hexadecimal."""
        ways = (text.encode(), text.encode("unicode_escape"), text.encode().hex().encode())
        self._patterns[text] = re.compile(b"|".join(re.escape(way) for way in ways))
        self.places.add(text)
        return text

    def found_in(self, raw: bytes, *, but: Collection[str] = ()) -> list[str]:
        """Which of them stand there."""
        return [text for text, one in self._patterns.items() if text not in but and one.search(raw)]
