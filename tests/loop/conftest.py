"""What tests of the loop share."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.personas import Loop


@pytest.fixture
def read(loop: Loop) -> Any:
    """A session to read with; each statement sees what was committed before."""
    with Session(loop.engine) as session:
        sa.event.listen(session, "do_orm_execute", lambda _state: session.rollback())
        yield session
