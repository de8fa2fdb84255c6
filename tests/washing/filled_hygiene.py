"""Hygiene with something on every page: a recall that was confirmed, tests of every fate."""

from dataclasses import dataclass

from tests.personas import MINUTE, Loop
from tests.washing.centre import Centre, out_to


@dataclass(frozen=True)
class HygieneMade:
    """What has an address of its own."""

    recall: str
    failed: str  # tests
    awaiting: str
    batch: str  # finished, tested, good


def fill_hygiene(loop: Loop) -> HygieneMade:
    """Two batches of today: one good, one recalled and confirmed; a sample that awaits its result."""
    now = loop.now
    loop.now = now - 90 * MINUTE
    centre, cups = Centre(loop), loop.new_cups(3)
    good = centre.passed(cups[0], machine="위생 1호")
    centre.result(centre.sample(good), 45)
    bad = centre.passed(*cups[1:], machine="위생 2호")
    out_to(loop, cups[1])
    awaiting = centre.sample(kind="e-coli", lab="연구원")
    failed = centre.sample(bad)
    recall = centre.result(failed, 2000).recall_id
    loop.now += MINUTE
    centre.again(failed, 1900)
    assert recall is not None
    centre.confirm(recall)
    loop.now = now
    return HygieneMade(str(recall), str(failed), str(awaiting), str(good))
