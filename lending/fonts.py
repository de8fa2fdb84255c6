"""The Korean font that every PDF embeds, taken from the npm parts the set-up installed."""

import io
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont as FontFile  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from lending.errors import Code, LendingError

REGULAR, BOLD = "LabelRegular", "LabelBold"

# PretendardGOV (SIL Open Font License), as the design system krds-uiux ships it.
FOLDER = Path(__file__).resolve().parents[1] / "node_modules/krds-uiux/resources/fonts"
_FILES = {
    REGULAR: "PretendardGOV-Regular.subset.woff",
    BOLD: "PretendardGOV-Bold.subset.woff",
}


@cache
def register_fonts(folder: Path = FOLDER) -> None:
    """Makes REGULAR and BOLD known to reportlab, once per process (about 0.15 s).

    Only the characters used are embedded in a PDF. UNAVAILABLE when the set-up was not run.
    """
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, _unpack(_find(folder / file))))


def width(text: str, font: str, size: float) -> float:
    """How wide `text` is drawn, in points."""
    return float(pdfmetrics.stringWidth(text, font, size))


def shorten(text: str, font: str, size: float, room: float) -> str:
    """`text`, cut and ended with … where it is wider than `room` points."""
    if width(text, font, size) <= room:
        return text
    while text and width(text + "…", font, size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _find(path: Path) -> Path:
    if not path.is_file():
        raise LendingError(
            Code.UNAVAILABLE,
            detail=f"the font {path.name} is missing: run scripts/serve or scripts/test once, "
            "they install it with the npm parts",
        )
    return path


def _unpack(path: Path) -> io.BytesIO:
    """The TrueType file inside a WOFF: reportlab reads nothing else."""
    unpacked = io.BytesIO()
    with FontFile(path, lazy=True) as font:
        font.flavor = None
        font.save(unpacked, reorderTables=False)
    unpacked.seek(0)
    return unpacked
