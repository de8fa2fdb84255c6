"""Every table of the installation, in an order in which rows can be inserted."""

import importlib
import importlib.util
import pkgutil

import sqlalchemy as sa

import lending
from lending.db import Base


def import_tables() -> None:
    """Imports each package's `tables`, so that Base.metadata knows every table."""
    for package in pkgutil.iter_modules(lending.__path__):
        name = f"lending.{package.name}.tables"
        if package.ispkg and importlib.util.find_spec(name) is not None:
            importlib.import_module(name)


def all_tables() -> list[sa.Table]:
    """Every table, those before whose rows others refer to."""
    import_tables()
    return Base.metadata.sorted_tables
