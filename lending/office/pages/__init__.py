"""The pages under /office: one module per noun, all on one blueprint."""

from lending.office.pages import (
    access_log,
    district,
    dropped,
    first,
    kinds,
    limits,
    loans,
    opening,
    overview,
    pieces,
    residents,
    review,
    sites,
    staff,
    terms,
    tokens,
)
from lending.office.pages.desk import blueprint

__all__ = [
    "access_log", "blueprint", "district", "dropped", "first", "kinds", "limits", "loans", "opening",
    "overview", "pieces", "residents", "review", "sites", "staff", "terms", "tokens",
]  # fmt: skip
