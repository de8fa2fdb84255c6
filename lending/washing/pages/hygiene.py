"""The pages of hygiene, on one blueprint: tests, settings, recalls, the book and certificates."""

from lending.washing.pages import hygiene_documents, hygiene_settings, hygiene_tests, recalls
from lending.washing.pages.hygiene_desk import blueprint

__all__ = ["blueprint", "hygiene_documents", "hygiene_settings", "hygiene_tests", "recalls"]
