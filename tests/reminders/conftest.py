"""The town with an inbox, as the tests of reminders and of what time brings know it."""

import pytest

from tests.mail import Mail, make_demo
from tests.personas import Loop
from tests.reminders.alarms import want_clean


@pytest.fixture
def mail(loop: Loop) -> Mail:
    make_demo(loop)
    return Mail(loop)


@pytest.fixture
def nobody_wants_clean_cups(loop: Loop) -> None:
    want_clean(loop, 0)
