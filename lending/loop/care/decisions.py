"""What can be decided about a review entry, and what happens by itself."""

from collections.abc import Mapping
from enum import StrEnum

from lending.loop.steps import Action, Gap, State
from lending.loop.write.reviews import Saying

UNREADABLE_RETURN = "unreadable_return"  # put into a box, its code unknown or not to be read
STOCKTAKING = "stocktaking"  # missing, unexpected or counted otherwise; settled in lending/wares
SHELF_OLD = "shelf_old"  # lent after too long on a shop's shelf; noted in lending/delivery
EVENT_DISPUTE = "event_dispute"  # a line of a statement; decided in lending/events
STUCK = "stuck_"  # and a state, "held" or "review": pieces that wait past their limit

# The step most likely missed when pieces wait too long in a state. A wash is never made up, and
# what stands dirty, washed or on hold is to be looked at.
PROPOSED: Mapping[str, Action] = {
    State.SHIPPED: Action.STOCK,
    State.RETURNED: Action.COLLECT,
    State.COLLECTED: Action.RECEIVE,
    State.READY: Action.LOSE,
}


class Decision(StrEnum):
    NOTED = "noted"  # looked at; nothing is to be changed
    VOID = "void"  # the scan was wrong: it leaves the story
    RETURN = "return"  # believed: recorded as returned where and when it was said
    FORGIVE = "forgive"  # believed as far as the borrower goes: no pause, no reminders
    DETACH = "detach"  # not this person: the loan is nobody's from now on, for good
    REJECT = "reject"  # not found: the clock goes on, after fresh days
    REPAIR = "repair"  # the proposed step is recorded for every piece that waits


# The first is what the page proposes. Whatever is not named here is looked at, or its scan voided.
CHOICES: Mapping[str, tuple[Decision, ...]] = {
    Saying.RETURNED: (Decision.RETURN, Decision.FORGIVE, Decision.REJECT),
    Saying.NOT_ME: (Decision.DETACH, Decision.FORGIVE, Decision.REJECT),
    Gap.UNKNOWN_CODE: (Decision.NOTED,),
    UNREADABLE_RETURN: (Decision.NOTED,),
    STOCKTAKING: (Decision.NOTED,),
    EVENT_DISPUTE: (Decision.NOTED,),
    SHELF_OLD: (Decision.NOTED,),
}
# Claims that nobody decides end in drop_sweep.py.
AUTOMATICALLY: Mapping[str, Decision] = {
    Saying.NOT_ME: Decision.FORGIVE,
}


def choices_for(subject: str) -> tuple[Decision, ...]:
    """What can be decided about a subject, the proposal first."""
    if subject.startswith(STUCK):
        repair = subject.removeprefix(STUCK) in PROPOSED
        return (Decision.REPAIR, Decision.NOTED) if repair else (Decision.NOTED,)
    return CHOICES.get(subject, (Decision.NOTED, Decision.VOID))
