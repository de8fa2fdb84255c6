"""The short form of scripts/chaos: a storm of 20 seconds over a real server on either database."""

from collections import Counter

from tests.chaos.run import quick_plan, run_chaos
from tests.chaos.table import write_table
from tests.processes import free_port

SEED = 7


def test_what_was_acknowledged_is_stored_once_and_says_what_truly_happened(backend: str) -> None:
    outcome = run_chaos(quick_plan(backend, free_port(), SEED))

    assert outcome.good, "\n".join([*write_table(outcome), *outcome.said[-15:]])
    felt: Counter[str] = Counter()
    for station in outcome.stations:
        felt.update(station.counts + station.line.counts)
    assert not {"unheard", "unread", "twice", "copy", "double", "resent"} - felt.keys()
    assert not {"asked", "decided alone", "voided"} - felt.keys()
    errands: Counter[str] = Counter()
    for errand in outcome.errands:
        errands.update(errand.counts)
    assert {"sent", "unanswered", "crates"} <= errands.keys()
    assert {"worker killed", "all workers killed", "server killed"} <= outcome.blows.keys()
    assert ("database killed" in outcome.blows) is (backend == "postgresql")
    assert all(finding.count for finding in outcome.findings if not finding.what.startswith("("))
