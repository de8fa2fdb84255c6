"""Every kind of alert has words wherever alerts are shown: a till, the washing table, the office."""

import pytest

from lending.events import alerts as events
from lending.loop.steps import State
from lending.machines.watch import FULL, SILENT
from lending.office.pages.alert_words import ALERT_PAGES, ALERTS
from lending.offices.alerts import OVERDUE
from lending.reminders.waiting import BOX_FULL, CLEAN_LOW, WAITING
from lending.requests.pickups.settle import LATE_ALERT, OFFICER_ALERT
from lending.requests.watch import HOURS
from lending.station.api.till import ALERT_WORDS as TILL
from lending.washing.hygiene.alerts import MACHINE_FULL, RECALL, RECALL_OUT, TEST_DUE
from lending.washing.schemas import ALERT_WORDS as TABLE

WAITS = ("collected", "returned", "dirty", "washed", "ready", "shipped", "held", "review")
KINDS = {
    CLEAN_LOW, BOX_FULL, RECALL, RECALL_OUT, TEST_DUE, MACHINE_FULL, SILENT, FULL, *HOURS, *(WAITING + one for one in WAITS),
}  # fmt: skip
# Whose they are has a page of its own for them, or is the officer.
ELSEWHERE = {
    events.COUNT, events.RETURN, events.STATEMENT, events.DISPUTE, OVERDUE, LATE_ALERT, OFFICER_ALERT
}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "kinds"),
    [(TILL, KINDS), (TABLE, KINDS), (ALERTS, KINDS | ELSEWHERE)],
    ids=["till", "table", "office"],
)
def test_every_alert_has_words(words: dict[str, object], kinds: set[str]) -> None:
    assert set(words) == kinds


def test_alerts_lead_to_pages_that_are_there(app: object) -> None:
    assert set(ALERT_PAGES) <= KINDS | ELSEWHERE
    rules = {rule.rule for rule in app.url_map.iter_rules()}  # type: ignore[attr-defined]
    assert set(ALERT_PAGES.values()) <= rules


def test_the_waiting_states_are_states() -> None:
    assert set(WAITS) - {"held", "review"} <= {state.value for state in State}
