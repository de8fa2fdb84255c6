"""A device's clock that is wrong, gets changed, and is measured now and then."""

import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

DAY = 86_400.0  # seconds
SLOWEST_CONTACT = 3.0  # seconds of a round trip; a slower one tells too little
EXACT, ROUGH = 2.0, 35.0  # seconds by which a corrected time may miss the true one


@dataclass(frozen=True, slots=True)
class Epoch:
    """A stretch of true time in which the clock ran evenly. `error` and `known` are seconds ahead.

    `known` None: no contact in it. `over`: the clock was changed at its end, so that what it
    showed before can be told no more.
    """

    start: datetime
    error: float
    known: float | None
    over: bool

    @property
    def is_lost(self) -> bool:
        return self.over and self.known is None

    @property
    def tolerance(self) -> float:
        """How far the corrected time of a scan of this epoch may lie from the true one."""
        return ROUGH if self.known is None else EXACT


@dataclass
class Clock:
    """Epochs in order; the last one runs on. Contacts in it are measured in the real run.

    `grain` in seconds: what the clock's readings are rounded down to.
    """

    epochs: list[Epoch]
    grain: float = 0.0
    _contacts: list[tuple[float, float]] = field(default_factory=list)  # (true s, error s)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def epoch_at(self, true: datetime) -> Epoch:
        return [one for one in self.epochs if one.start <= true][-1]

    def reads(self, true: datetime) -> datetime:
        """What the device shows at that moment."""
        shown = true + timedelta(seconds=self.epoch_at(true).error)
        if not self.grain:
            return shown
        seconds = shown.timestamp() // self.grain * self.grain
        return datetime.fromtimestamp(seconds, UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.epochs[-1].error)

    def note_contact(self, sent: datetime, server_now: datetime, received: datetime) -> None:
        """A round trip between two readings of this clock; the server's time lay in the middle."""
        if (received - sent).total_seconds() > SLOWEST_CONTACT:
            return
        middle = sent + (received - sent) / 2
        error = (middle - server_now).total_seconds()
        with self._guard:
            self._contacts.append((middle.timestamp() - self.epochs[-1].error, error))

    def measured(self, true: datetime) -> tuple[float | None, bool]:
        """(clock_error, clock_lost) to send with a scan made at that moment."""
        epoch = self.epoch_at(true)
        if epoch.known is not None or epoch.over:
            return epoch.known, epoch.is_lost
        with self._guard:
            if not self._contacts:
                return None, False
            return min(self._contacts, key=lambda one: abs(one[0] - true.timestamp()))[1], False


def make_clock(rng: random.Random, start: datetime, end: datetime, *, kind: str) -> Clock:
    """A clock of a kind: right, wrong (a day at most), silent (wrong, never in contact before the
    run), changed (twice, in contact each time) or lost (changed without any contact)."""
    if kind == "right":
        error = rng.uniform(-3, 3)
        known = _measured(rng, error) if rng.random() < 0.7 else None
        return Clock([Epoch(start, error, known, over=False)])
    if kind == "silent":
        return Clock([Epoch(start, _wrong(rng), None, over=False)])
    if kind == "wrong":
        error = _wrong(rng)
        return Clock([Epoch(start, error, _measured(rng, error), over=False)])
    first = rng.uniform(0.2, 0.7)
    cuts = [start + (end - start) * share for share in (first, first + rng.uniform(0.08, 0.2))]
    epochs = []
    for number, moment in enumerate((start, *cuts)):
        error = _wrong(rng)
        lost = kind == "lost" and number == 1
        known = None if lost else _measured(rng, error)
        epochs.append(Epoch(moment, error, known, over=number < 2))
    return Clock(epochs)


def _wrong(rng: random.Random) -> float:
    """Between a minute and a day, ahead or behind."""
    return rng.choice((-1, 1)) * min(DAY, 60 * 1440 ** rng.random())


def _measured(rng: random.Random, error: float) -> float:
    return error + rng.uniform(-0.5, 0.5)
