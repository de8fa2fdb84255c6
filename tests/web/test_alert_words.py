"""Every kind of alert has words wherever alerts are shown: a till, the washing table, the office."""

import pytest

from lending.loop.steps import State
from lending.machines.watch import FULL, SILENT
from lending.office.pages.words import ALERT_PAGES, ALERTS
from lending.reminders.waiting import BOX_FULL, CLEAN_LOW, WAITING
from lending.requests.watch import HOURS
from lending.station.api.till import ALERT_WORDS as TILL
from lending.washing.hygiene.alerts import MACHINE_FULL, RECALL, TEST_DUE
from lending.washing.schemas import ALERT_WORDS as TABLE

WAITS = ("collected", "returned", "dirty", "washed", "ready", "shipped", "held", "review")
KINDS = {
    CLEAN_LOW, BOX_FULL, RECALL, TEST_DUE, MACHINE_FULL, SILENT, FULL, *HOURS, *(WAITING + one for one in WAITS),
}  # fmt: skip


@pytest.mark.parametrize("words", [TILL, TABLE, ALERTS], ids=["till", "table", "office"])
def test_every_alert_has_words(words: dict[str, object]) -> None:
    assert set(words) == KINDS


def test_alerts_lead_to_pages_that_are_there(app: object) -> None:
    assert set(ALERT_PAGES) <= KINDS
    rules = {rule.rule for rule in app.url_map.iter_rules()}  # type: ignore[attr-defined]
    assert set(ALERT_PAGES.values()) <= rules


def test_the_waiting_states_are_states() -> None:
    assert set(WAITS) - {"held", "review"} <= {state.value for state in State}
