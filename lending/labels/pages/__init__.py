"""The pages of everything printed or shown to be scanned: labels, cards, wall codes, pairing."""

from lending.labels.pages import cards, devices, posters, sheets
from lending.labels.pages.desk import blueprint

__all__ = ["blueprint", "cards", "devices", "posters", "sheets"]
