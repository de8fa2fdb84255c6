"""Wall sheets, cards and slips: every symbol reads back, every word is there."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from lending import fonts
from lending.errors import Code, LendingError
from lending.labels.cards import PER_SHEET, write_cards
from lending.labels.engraving import write_codes_csv
from lending.labels.icons import PATHS
from lending.labels.poster import Poster, place_address, write_poster
from lending.labels.slips import DueSlip, write_due_slip
from lending.labels.wall import PAGES, WORDS, write_wall_sheets
from lending.loop.codes import make_codes
from lending.loop.commands import Command, read_command
from lending.people.members import grouped_card, make_card_code, read_card_code
from lending.qr import qr_svg

SLIP = DueSlip(
    district_name="인천 서구",
    codes=("482109375518",),
    due=date(2026, 11, 30),
    places=("검암역 커피", "구청 민원실"),
    helpdesk="032-560-0000",
)


def draw(write: Callable[[io.BytesIO], object]) -> pypdfium2.PdfDocument:
    file = io.BytesIO()
    write(file)
    return pypdfium2.PdfDocument(file.getvalue())


def symbols(page: pypdfium2.PdfPage) -> list[str]:
    image = page.render(scale=200 / 72).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(image)]


def words(page: pypdfium2.PdfPage) -> str:
    return str(page.get_textpage().get_text_range())


def test_a_return_point_has_a_poster_whose_qr_leads_to_its_page() -> None:
    address = place_address("https://cups.example.org", "BOX-01")
    poster = Poster(address, "검암역 반납함", "BOX-01", "인천 서구", "032-560-0000")
    (page,) = draw(lambda file: write_poster(file, poster))
    picture = page.render(scale=2).to_pil()
    [found] = zxingcpp.read_barcodes(picture)
    assert found.text == "https://cups.example.org/p/BOX-01"
    words = page.get_textpage().get_text_range()
    for part in ("검암역 반납함", "BOX-01", "여기에 넣었어요", "I left it here", "032-560-0000"):
        assert part in words


def test_every_command_hangs_on_the_wall() -> None:
    pages = draw(lambda file: write_wall_sheets(file, district_name="인천 서구"))
    read = [read_command(text) for page in pages for text in symbols(page)]
    assert sorted(filter(None, read)) == sorted(Command)
    assert len(read) == len(Command)
    assert set(WORDS) == set(PATHS) == set(Command)
    for page, (korean, english, commands) in zip(pages, PAGES, strict=True):
        printed = words(page)
        for word in (korean, english, *(word for command in commands for word in WORDS[command])):
            assert word in printed


def test_every_card_reads_back() -> None:
    codes = [make_card_code() for _ in range(PER_SHEET + 3)]
    pages = draw(
        lambda file: write_cards(file, codes, district_name="인천 서구", helpdesk="1588-0000")
    )
    assert len(pages) == 2
    read = [read_card_code(text) for page in pages for text in symbols(page)]
    assert sorted(filter(None, read)) == sorted(codes)
    printed = words(pages[0])
    assert all(grouped_card(code) in printed for code in codes[:PER_SHEET])
    assert "1588-0000" in printed


def test_no_cards_are_refused() -> None:
    with pytest.raises(LendingError):
        write_cards(io.BytesIO(), [], district_name="", helpdesk="")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ko", ["컵 1개를 빌렸어요", "2026년 11월 30일 (월)", "4821-0937-5518", "032-560-0000"]),
        ("en", ["Cups taken: 1", "Mon 30 November 2026", "4821-0937-5518", "검암역 커피"]),
    ],
)
def test_a_slip_says_when_and_where(language: str, expected: list[str]) -> None:
    slip = DueSlip(SLIP.district_name, SLIP.codes, SLIP.due, SLIP.places, SLIP.helpdesk, language)
    page = draw(lambda file: write_due_slip(file, slip))[0]
    assert page.get_width() == pytest.approx(80 / 25.4 * 72)
    assert [text for text in expected if text not in words(page)] == []


def test_a_slip_with_much_to_say_stays_on_its_paper() -> None:
    places = ("세상에서가장긴이름" * 9, *("검암역 커피 " * 9 for _ in range(30)))
    slip = DueSlip("구" * 90, tuple(make_codes(10)), SLIP.due, places, "1" * 99, "ko")
    page = draw(lambda file: write_due_slip(file, slip))[0]
    assert "그 밖에 23곳" in words(page)
    image: Image.Image = page.render(scale=2).to_pil().convert("L")
    edge = round(4 / 25.4 * 72 * 2)
    inner = image.copy()
    inner.paste(255, (edge, edge, image.width - edge, image.height - edge))
    assert inner.getextrema()[0] == 255


def test_a_svg_symbol_needs_no_style_and_reads_back() -> None:
    text = "https://cups.example.kr/pair#" + "k" * 43
    svg = qr_svg(text)
    root = ElementTree.fromstring(svg)
    assert "style" not in svg
    side = int(root.attrib["viewBox"].split()[2])
    image = Image.new("L", (side * 4, side * 4), 255)
    for run in root[1].attrib["d"].split("M")[1:]:
        x, rest = run.split(" ", 1)
        y, wide = rest.split("v")[0].split("h")
        box = (int(x), int(y), int(x) + int(wide), int(y) + 1)
        image.paste(0, tuple(4 * edge for edge in box))  # type: ignore[arg-type]
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [text]
    assert image.crop((0, 0, image.width, 16)).getextrema() == (255, 255)


def test_codes_for_engraving() -> None:
    lines = list(write_codes_csv(["482109375518"], public_url="https://cups.example.kr"))
    assert lines == [
        "code,printed,address\r\n",
        "482109375518,4821-0937-5518,https://cups.example.kr/i/482109375518\r\n",
    ]


def test_without_the_set_up_the_font_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LendingError) as caught:
        fonts.register_fonts(tmp_path)
    assert caught.value.code is Code.UNAVAILABLE
    assert "scripts/serve" in caught.value.detail


def test_every_syllable_in_use_has_a_glyph() -> None:
    """The whole of KS X 1001, the 2,350 syllables of ordinary Korean."""
    fonts.register_fonts()
    syllables = [
        char
        for high in range(0xB0, 0xC9)
        for low in range(0xA1, 0xFF)
        for char in [bytes((high, low)).decode("euc_kr")]
    ]
    assert len(syllables) == 2350
    from reportlab.pdfbase import pdfmetrics

    for name in (fonts.REGULAR, fonts.BOLD):
        known = pdfmetrics.getFont(name).face.charToGlyph
        assert [char for char in syllables if ord(char) not in known] == []
