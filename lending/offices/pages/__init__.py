"""The pages of offices: bookings by week, the desk, the departments' month, departments and cards."""

from lending.offices.pages import bookings, departments, desk, month
from lending.offices.pages.frame import blueprint

__all__ = ["blueprint", "bookings", "departments", "desk", "month"]
