"""The cups as they are stored beside the cups as they must be."""

import uuid
from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import Label
from tests.chaos.clocks import ROUGH
from tests.chaos.findings import Finding
from tests.chaos.oracle import Cup, Trip, tell_story
from tests.chaos.truth import Act
from tests.chaos.world import WASH, World
from tests.stored import Stored, stored_of


def compare_cups(
    session: Session,
    world: World,
    true: list[Act],
    at_tills: set[str],
    touched: set[str],
    residents: dict[uuid.UUID, uuid.UUID | None],
) -> list[Finding]:
    """States, places, counters, loans with their times, and borrowers, of every cup whose story no
    lost clock has touched. `at_tills`: cups that were beeped in the run itself."""
    cups, loans, people = Finding("cups as the oracle says"), Finding("loans"), Finding("borrowers")
    last = Finding("the last scan of each cup")
    acts: defaultdict[str, list[Act]] = defaultdict(list)
    for act in true:
        acts[act.cup].append(act)
    codes = [*world.cups, *(cup for own in world.live_cups.values() for cup in own)]
    codes = [code for code in dict.fromkeys(codes) if code not in touched]
    stored = _stored_by_code(session, codes)
    names = {site: code for code, site in world.sites.items()}
    seen: dict[str, uuid.UUID | None] = {}
    for code in codes:
        must = tell_story(WASH, [*world.begun(code), *acts[code]])
        now = stored[code]
        cups.expect(_as_stored(now, names) == _as_told(must), _both(code, now, names, must))
        if code not in at_tills:  # there the server adds voids of its own
            last.expect(now.piece.last_id == must.last, f"{code}: {now.piece.last_id} is not last")
        loans.expect(_same_trips(now, must), f"{code}: {now.loans.values()} must be {must.trips}")
        for trip in must.trips:
            found = residents.get(trip.lend.id)
            people.expect(_is(world, trip, found, seen), f"{code}: {trip} is of {found}")
    known = [resident for resident in seen.values() if resident is not None]
    people.expect(len(known) == len(set(known)), "two cards of one resident")
    return [cups, last, loans, people]


def _stored_by_code(session: Session, codes: list[str]) -> dict[str, Stored]:
    items: dict[str, int] = {}
    for start in range(0, len(codes), 500):
        some = sa.select(Label.code, Label.item_id).where(
            Label.code.in_(codes[start : start + 500])
        )
        items |= {code: item for code, item in session.execute(some) if item is not None}
    found: dict[int, Stored] = {}
    ids = list(items.values())
    for start in range(0, len(ids), 500):
        found |= stored_of(session, ids[start : start + 500])
    return {code: found[item] for code, item in items.items()}


def _as_stored(now: Stored, names: dict[int, str]) -> tuple[object, ...]:
    piece = now.piece
    return (
        piece.state.value, names.get(piece.site or 0), piece.clean, piece.hold,
        names.get(piece.to_site or 0), piece.uses, piece.washes, piece.loan and piece.loan.id,
    )  # fmt: skip


def _as_told(cup: Cup) -> tuple[object, ...]:
    return (
        cup.state, cup.place, cup.clean, cup.hold, cup.to, cup.uses, cup.washes,
        cup.open and cup.open.lend.id,
    )  # fmt: skip


def _both(code: str, now: Stored, names: dict[int, str], must: Cup) -> str:
    return f"{code}: {_as_stored(now, names)} must be {_as_told(must)}"


def _same_trips(now: Stored, must: Cup) -> bool:
    """The same loans, each closed by the same scan in the same way, about when it happened."""
    loans = sorted(now.loans.values(), key=lambda loan: loan.opened_at)
    return len(loans) == len(must.trips) and all(
        loan.id == trip.lend.id
        and loan.closed_by == (trip.end and trip.end.id)
        and (loan.outcome and loan.outcome.value) == trip.how
        and _near(loan.opened_at, trip.lend.at)
        and _near(loan.closed_at, trip.end and trip.end.at)
        for loan, trip in zip(loans, must.trips, strict=True)
    )


def _near(stored: datetime | None, true: datetime | None) -> bool:
    if stored is None or true is None:
        return stored is true
    return abs((stored - true).total_seconds()) <= ROUGH


def _is(
    world: World, trip: Trip, found: uuid.UUID | None, seen: dict[str, uuid.UUID | None]
) -> bool:
    """The resident that was meant; a card's owner is whoever it made at its first use."""
    if trip.lend.person is None:
        return found is None
    person = world.people[trip.lend.person]
    if person.resident is not None:
        return found == person.resident
    return found is not None and seen.setdefault(person.name, found) == found
