"""Labels as they come from the printer: the PDF's sheets rendered and cut."""

import random
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from lending.labels.qr import item_symbol
from lending.labels.sheets import (
    CELL_HEIGHT,
    CELL_WIDTH,
    PER_SHEET,
    SYMBOL,
    SheetText,
    cell_corner,
    write_sheets,
)
from lending.loop.codes import make_code

PUBLIC_URL = "https://cups.example.kr"
A4_HEIGHT = 297.0  # mm
DOTS = 12  # per millimetre, as an office printer draws

Picture = NDArray[np.float32]  # rows × columns × (red, green, blue), 0 to 255


@dataclass(frozen=True)
class PrintedLabel:
    """One label of CELL_WIDTH × CELL_HEIGHT mm at DOTS per mm; `code` stands in its QR."""

    code: str
    picture: Image.Image

    @property
    def module(self) -> float:
        """The side of one module of the QR in mm."""
        return SYMBOL / len(item_symbol(PUBLIC_URL, self.code))


def make_codes(seed: int, count: int) -> list[str]:
    """Codes that are always the same for a seed."""
    chance = random.Random(seed)
    return [make_code(chance) for _ in range(count)]


def print_labels(codes: list[str], public_url: str = PUBLIC_URL) -> list[PrintedLabel]:
    """The labels of these codes, cut from the sheets that `lending` prints."""
    sheet = BytesIO()
    write_sheets(sheet, codes, SheetText(public_url, "컵 355 mL", "서해구"))
    document = pypdfium2.PdfDocument(sheet.getvalue())
    labels = []
    for number, page in enumerate(document):
        paper = page.render(scale=DOTS * 25.4 / 72).to_pil().convert("RGB")
        for place, code in enumerate(codes[number * PER_SHEET : (number + 1) * PER_SHEET]):
            left, bottom = cell_corner(place)
            top = A4_HEIGHT - bottom - CELL_HEIGHT
            cell = (left, top, left + CELL_WIDTH, top + CELL_HEIGHT)
            box = tuple(round(edge * DOTS) for edge in cell)
            labels.append(PrintedLabel(code, paper.crop(box)))  # type: ignore[arg-type]
    document.close()
    return labels
