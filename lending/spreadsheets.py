"""Cells of files that spreadsheets open: no text in them is ever run as a formula."""

from typing import TypeVar

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a spreadsheet knows one: never from a name of ours
TEXTS_STAY_TEXTS = {"strings_to_formulas": False, "strings_to_urls": False}  # for xlsxwriter

T = TypeVar("T", bound=str | int | float | None)


def make_plain(cell: T) -> T | str:
    """The cell as CSV takes it: a text that a spreadsheet would run gets a mark in front."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
