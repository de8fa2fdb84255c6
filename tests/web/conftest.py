"""A committed town and everybody who may knock at the door of its application."""

import pytest
import sqlalchemy as sa
from flask import Flask

from lending.db import transaction
from lending.people.keys import Keys
from tests.callers import Caller, all_callers
from tests.personas import Town, found_town


@pytest.fixture
def town(engine: sa.Engine, keys: Keys) -> Town:
    """A district with sites, residents and nobody of the staff yet."""
    with transaction(engine) as session:
        return found_town(session, keys)


@pytest.fixture
def callers(app: Flask, engine: sa.Engine, town: Town) -> dict[str, Caller]:
    """One caller of every kind, by name."""
    with transaction(engine) as session:
        return {caller.name: caller for caller in all_callers(app, session, town)}
