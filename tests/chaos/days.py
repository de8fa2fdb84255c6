"""A town's days, simulated: people borrow and bring back, some scans are missed, some come late.

A tenth of the returns is not scanned, so that the cup is seen later, by the courier, the centre or
the next lend; a twentieth of what the places send arrives hours or days late. The worker's rounds
run every simulated hour, its mail goes into a box of ours.
"""

import heapq
import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from sqlalchemy.orm import Session

from lending.loop.judge import BorrowerFile
from lending.loop.loans.due import load_terms
from lending.loop.record import record_scans
from lending.loop.scans import Receipt, Result, ScanIn
from lending.loop.steps import Action
from lending.loop.write.load import load_borrower_files
from lending.notices.senders import SenderName
from tests.chaos.trust import Trip, Trust
from tests.mail import Courier, Mail
from tests.personas import BOX, DAY, HARU, MINUTE, NABI, WASH, Loop, add_resident

HOUR = timedelta(hours=1)
CAFES = (HARU, NABI)
MISSED = {Action.RETURN: 0.10, Action.COLLECT: 0.08, Action.RECEIVE: 0.05}
LATE = 0.05  # of the syncs: what a place scanned within three hours goes out together
SYNC = 3 * 3600  # seconds


class Days:
    """The town's days, one event after the other. Times are true and simulated."""

    def __init__(self, loop: Loop, rng: random.Random, *, residents: int, cups: int) -> None:
        self.loop, self.rng, self.start = loop, rng, loop.now
        self.post = Courier()
        self.mail = Mail(loop, {SenderName.SMTP: self.post, SenderName.SOLAPI: self.post})
        self.people: dict[str, uuid.UUID] = {}
        self.trust = Trust()
        self.shelves: dict[str, list[str]] = {
            cafe: loop.clean_cups(cups // 2, at=cafe) for cafe in CAFES
        }
        self._delays: dict[tuple[str, int], timedelta] = {}
        self._events: list[tuple[datetime, int, Callable[[], object]]] = []
        self._number = count()
        self._next_day = loop.now
        loop.write(lambda session: self._settle_people(session, residents))

    def run(self, days: int, wants_a_day: float, *, every: int = 1) -> Trust:
        """So many days, in each of which every resident wants so many cups; what was measured.
        The worker has a round every so many hours."""
        for who in self.people:
            self._want(who, wants_a_day)
        end = self.start + days * DAY
        hour = self.start
        while hour < end:
            hour += HOUR
            while self._events and self._events[0][0] <= hour:
                moment, _, happen = heapq.heappop(self._events)
                self.loop.now = moment
                happen()
            self.loop.now = hour
            if (hour - self.start) // HOUR % every == 0:
                self._work()
        with Session(self.loop.engine) as session:
            self.trust.note_told(session)
        return self.trust

    # -- what people do -----------------------------------------------------------------------

    def _settle_people(self, session: Session, count: int) -> None:
        for number in range(count):
            contact = f"010{20000000 + number}" if number % 4 == 0 else f"r{number}@example.org"
            self.people[contact] = add_resident(
                session, self.loop.keys, self.loop.town.id, contact, now=self.start
            )

    def _want(self, who: str, a_day: float) -> None:
        """The next time this resident stands at a till, by day."""
        moment = self.loop.now + timedelta(days=self.rng.expovariate(a_day))
        local = moment.replace(hour=self.rng.randrange(10), minute=self.rng.randrange(60))
        self._at(max(local, self.loop.now + HOUR), lambda: self._borrow(who, a_day))

    def _borrow(self, who: str, a_day: float) -> None:
        self._want(who, a_day)
        cafe = self.rng.choice(CAFES)
        if not self.shelves[cafe]:
            self.trust.counts["no clean cup"] += 1
            return
        shelf = self.shelves[cafe]
        cup = shelf.pop(self.rng.randrange(len(shelf)))
        now, delay = self.loop.now, self._delay(cafe)
        lend = self.loop.scan(Action.LEND, cup, ask=not delay, borrower=who, site=cafe)
        if delay:
            self._at(now + delay, lambda: self._record(lend))
        elif (receipt := self._record(lend)).result is Result.REFUSED:
            self._refused(receipt, cup, cafe, who)
            return
        trip = Trip(lend.id, cup, who, now)
        self.trust.add(trip)
        self._plan_return(trip)

    def _refused(self, receipt: Receipt, cup: str, cafe: str, who: str) -> None:
        """The guest goes without; a cup that is not clean goes to the used ones."""
        assert receipt.error is not None
        self.trust.counts[receipt.error.value] += 1
        if receipt.error.value == "borrower_paused":
            self.trust.note_pause(who, self.loop.now)
        if receipt.error.value == "not_clean":
            self._to_the_wash(cup, cafe)
        else:
            self.shelves[cafe].append(cup)

    def _plan_return(self, trip: Trip) -> None:
        """Most within the week, some late, a few never or after months."""
        roll = self.rng.random()
        days = self.rng.uniform(0.02, 6.5) if roll < 0.85 else self.rng.uniform(6, 20)
        if roll > 0.97:
            days = self.rng.uniform(20, 80)
        self._at(self.loop.now + timedelta(days=days), lambda: self._give_back(trip))

    def _give_back(self, trip: Trip) -> None:
        place = self.rng.choice((*CAFES, BOX))
        trip.back = self.loop.now
        self._scan(Action.RETURN, trip.cup, place)
        self._to_the_wash(trip.cup, place)

    def _to_the_wash(self, cup: str, place: str) -> None:
        """Collected at the next round, received, washed, passed and back on a shelf."""
        collected = self.loop.now + timedelta(hours=self.rng.uniform(3, 30))
        received = collected + timedelta(hours=self.rng.uniform(0.5, 3))
        washed = received + timedelta(hours=self.rng.uniform(1, 20))
        stocked = washed + timedelta(hours=self.rng.uniform(2, 30))
        cafe = self.rng.choice(CAFES)
        for moment, action, site in (
            (collected, Action.COLLECT, place), (received, Action.RECEIVE, WASH),
            (washed, Action.WASH, WASH), (washed + 5 * MINUTE, Action.PASS, WASH),
            (stocked, Action.STOCK, cafe),
        ):  # fmt: skip
            self._at(moment, partial(self._scan, action, cup, site))
        self._at(stocked + MINUTE, lambda: self.shelves[cafe].append(cup))

    # -- what reaches the server --------------------------------------------------------------

    def _scan(self, action: Action, cup: str, site: str) -> None:
        """A fact of this moment, unless nobody scans; it arrives now, or when the place sends."""
        if self.rng.random() < MISSED.get(action, 0.0):
            self.trust.counts["returns nobody scanned"] += action is Action.RETURN
            return
        scan = self.loop.scan(action, cup, site=site)
        self._at(self.loop.now + self._delay(site), lambda: self._record(scan))

    def _delay(self, site: str) -> timedelta:
        """How long what is scanned at a place now takes to arrive."""
        key = (site, int(self.loop.now.timestamp()) // SYNC)
        if key not in self._delays:
            late = self.rng.random() < LATE
            hours = 3 + 93 * self.rng.random() ** 3  # up to four days
            self._delays[key] = timedelta(hours=hours if late else 0)
        self.trust.counts["late scans"] += bool(self._delays[key])
        return self._delays[key]

    def _record(self, scan: ScanIn) -> Receipt:
        loop, trust = self.loop, self.trust

        def record(session: Session) -> Receipt:
            [receipt] = record_scans(
                session, [scan], actor=loop.town.officer, keys=loop.keys, now=loop.now
            )
            if receipt.result is not Result.REFUSED:
                trust.note_sighting(
                    session, scan.code, scan.action, scan.at, loop.now, scan.borrower
                )
            return receipt

        receipt: Receipt = loop.write(record)
        return receipt

    def _work(self) -> None:
        """The worker's rounds; once a day also what passes by itself, and a look at the paused."""
        self.mail.sweep()
        self.mail.send()
        if self.loop.now < self._next_day:
            return
        self._next_day += DAY
        self.mail.upkeep()
        now, town = self.loop.now, self.loop.town
        files = {resident: BorrowerFile(True, True) for resident in self.people.values()}
        with Session(self.loop.engine) as session:
            load_borrower_files(session, files, ())
            terms = load_terms(session, town.id).at(None, now)
        for who, resident in self.people.items():
            if files[resident].is_paused(now, terms):
                self.trust.note_pause(who, now)

    def _at(self, moment: datetime, happen: Callable[[], object]) -> None:
        heapq.heappush(self._events, (moment, next(self._number), happen))
