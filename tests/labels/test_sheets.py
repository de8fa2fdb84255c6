"""Label sheets as a printer and a phone would see them: rendered, measured, read back."""

import io
import random
from collections.abc import Iterator

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from lending.errors import Code, LendingError
from lending.labels.qr import item_symbol
from lending.labels.sheets import (
    CELL_HEIGHT,
    CELL_WIDTH,
    PER_SHEET,
    SYMBOL,
    SYMBOL_BOTTOM,
    SYMBOL_LEFT,
    SheetText,
    cell_corner,
    write_sheets,
)
from lending.loop.codes import format_code, item_url, make_codes, read_code

REAL = SheetText("https://cups.example.kr", "컵 355 mL", "인천 서구")
DEMO = SheetText("http://localhost:8000", "컵 355 mL", "인천 서구")
PAGE_HEIGHT = 297.0
PER_MM = 10  # pixels


@pytest.fixture(scope="module")
def codes() -> list[str]:
    return make_codes(200, random.Random(200))


def draw(codes: list[str], text: SheetText, **options: str) -> pypdfium2.PdfDocument:
    file = io.BytesIO()
    write_sheets(file, codes, text, **options)
    return pypdfium2.PdfDocument(file.getvalue())


def picture(page: pypdfium2.PdfPage, per_mm: float = PER_MM) -> Image.Image:
    return page.render(scale=per_mm * 25.4 / 72).to_pil().convert("L")


def read_all(image: Image.Image) -> Iterator[str]:
    return (found.text for found in zxingcpp.read_barcodes(image))


@pytest.mark.parametrize("text", [REAL, DEMO])
def test_two_hundred_codes_are_all_read_back(codes: list[str], text: SheetText) -> None:
    pages = draw(codes, text)
    assert len(pages) == 4  # three full sheets and the rest
    read = [word for page in pages for word in read_all(picture(page, 300 / 25.4))]
    assert sorted(map(read_code, read)) == sorted(codes)
    assert set(read) == {item_url(text.public_url, code) for code in codes}


def test_each_code_stands_at_its_place_and_size(codes: list[str]) -> None:
    """Measured in the picture, not taken from the code that draws it: 18 mm, on a 31 × 30 grid."""
    image = picture(draw(codes, REAL)[0])
    found = {read_code(one.text): one.position for one in zxingcpp.read_barcodes(image)}
    assert len(found) == PER_SHEET
    for place, code in enumerate(codes[:PER_SHEET]):
        row, column = divmod(place, 6)
        corner = found[code].top_left
        assert corner.x / PER_MM == pytest.approx(12 + 31 * column + 6.5, abs=0.25)
        assert corner.y / PER_MM == pytest.approx(8 + 30 * row + 3.8, abs=0.25)
        side = (found[code].top_right.x - corner.x) / PER_MM
        assert 15 <= side <= 20
        assert side == pytest.approx(SYMBOL, abs=0.3)


def test_at_least_four_modules_stay_white_around_each_symbol(codes: list[str]) -> None:
    for text in (REAL, DEMO):
        quiet = 4 * SYMBOL / len(item_symbol(text.public_url, codes[0]))
        image = picture(draw(codes[:PER_SHEET], text)[0])
        for place in range(PER_SHEET):
            left, bottom = cell_corner(place)
            x, y = left + SYMBOL_LEFT, PAGE_HEIGHT - bottom - SYMBOL_BOTTOM - SYMBOL
            around = (x - quiet, y - quiet, x + SYMBOL + quiet, y + SYMBOL + quiet)
            ring = image.crop(tuple(round(side * PER_MM) for side in around))  # type: ignore[arg-type]
            inner = round(SYMBOL * PER_MM) + 2
            start = round(quiet * PER_MM) - 1
            ring.paste(255, (start, start, start + inner, start + inner))
            assert ring.getextrema()[0] == 255, (text.public_url, place)


def test_the_grid_fits_the_page() -> None:
    right, top = cell_corner(5)[0] + CELL_WIDTH, cell_corner(0)[1] + CELL_HEIGHT
    assert right == pytest.approx(210 - 12)
    assert top == pytest.approx(297 - 8)
    assert len({cell_corner(place) for place in range(PER_SHEET)}) == 54


def test_the_ruler_is_a_hundred_millimetres(codes: list[str]) -> None:
    image = picture(draw(codes[:1], REAL)[0], 20)
    line = image.crop((0, round((PAGE_HEIGHT - 11.5) * 20) - 1, image.width, round(285.5 * 20) + 2))
    dark = [
        x for x in range(line.width) if any(line.getpixel((x, y)) < 200 for y in range(line.height))
    ]  # type: ignore[operator]
    assert (dark[-1] - dark[0]) / 20 == pytest.approx(100, abs=0.3)
    assert dark[-1] - dark[0] + 1 == len(dark)


def page_text(page: pypdfium2.PdfPage) -> str:
    return str(page.get_textpage().get_text_range())


def test_the_code_stands_under_each_symbol(codes: list[str]) -> None:
    printed = page_text(draw(codes, REAL)[0])
    assert all(format_code(code) in printed for code in codes[:PER_SHEET])


def test_the_footer_says_sheet_kind_and_district(codes: list[str]) -> None:
    printed = page_text(draw(codes, REAL)[2])
    assert "3 / 4" in printed
    assert "컵 355 mL" in printed
    assert "인천 서구" in printed


def test_only_labels_without_https_are_marked_demo(codes: list[str]) -> None:
    assert not REAL.demo
    assert "DEMO" not in page_text(draw(codes, REAL)[0])
    assert page_text(draw(codes[:3], DEMO)[0]).count("DEMO") == 6
    shown = picture(draw(codes[:1], DEMO)[0], 20).crop((12 * 20, 8 * 20, 18 * 20, 38 * 20))
    assert shown.getextrema()[0] < 200


def test_long_names_are_shortened_before_the_ruler(codes: list[str]) -> None:
    long = SheetText("https://" + "a" * 40 + ".kr", "아주 긴 이름의 컵 " * 20, "긴 이름의 구 " * 20)
    image = picture(draw(codes[:1], long)[0])
    gap = image.crop(
        (round(94 * PER_MM), round(279.5 * PER_MM), round(97.5 * PER_MM), 297 * PER_MM)
    )
    assert gap.getextrema()[0] == 255


def test_a_crate_label_has_more_correction(codes: list[str]) -> None:
    assert len(item_symbol(REAL.public_url, codes[0], correction="H")) >= len(
        item_symbol(REAL.public_url, codes[0])
    )
    read = list(read_all(picture(draw(codes[:3], REAL, correction="H")[0], 300 / 25.4)))
    assert sorted(map(read_code, read)) == sorted(codes[:3])
    level = zxingcpp.read_barcodes(picture(draw(codes[:1], REAL, correction="H")[0]))[0].ec_level
    assert level == "H"


def test_cup_labels_are_small_and_corrected_with_q(codes: list[str]) -> None:
    image = picture(draw(codes[:1], REAL)[0])
    assert zxingcpp.read_barcodes(image)[0].ec_level == "Q"
    # Bytes alone, as a plain QR of the same text, need a larger symbol for a usual address.
    assert len(item_symbol("https://reuse.seogu.incheon.go.kr", codes[0])) == 33


def test_an_address_too_long_for_a_label_is_refused(codes: list[str]) -> None:
    with pytest.raises(LendingError) as caught:
        draw(codes[:1], SheetText("https://" + "a" * 90 + ".kr", "컵", "구"))
    assert caught.value.code is Code.INVALID
    assert caught.value.field == "public_url"


def test_no_codes_are_refused() -> None:
    with pytest.raises(LendingError):
        draw([], REAL)


def test_progress_counts_labels(codes: list[str]) -> None:
    told: list[int] = []
    write_sheets(io.BytesIO(), codes, REAL, progress=told.append)
    assert told == [54, 108, 162, 200]


def test_the_same_order_gives_the_same_file(codes: list[str]) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    write_sheets(first, codes, REAL)
    write_sheets(second, codes, REAL)
    assert first.getvalue() == second.getvalue()
