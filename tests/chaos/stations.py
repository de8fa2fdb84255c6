"""What all stations do: keep each scan until its receipt has come, and send what waits."""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.chaos.network import Line, Lost
from tests.chaos.truth import Act, Post
from tests.chaos.world import World

MOST_SENT = 500  # scans a call
PATIENCE = 90.0  # seconds after the storm in which everything must have got through


@dataclass(slots=True)
class Waiting:
    """A scan in the queue: its act, or none where it is no scan at all, and what is sent of it."""

    id: str
    seq: int
    body: dict[str, Any]
    true: datetime
    sends: int = 0


@dataclass
class Storm:
    """When the run began and how many seconds it blows at least; `over` once its end has come."""

    seconds: float
    began: float = field(default_factory=time.monotonic)
    over: bool = False

    @property
    def share(self) -> float:
        """How much of it has passed, 0 to 1."""
        return min(1.0, (time.monotonic() - self.began) / self.seconds)


class Station(threading.Thread):
    """One device. `receipts` by id, `refused` those for good; `trouble`: what should not happen."""

    path = "/api/v1/scans"

    def __init__(
        self, world: World, post: Post, acts: Iterable[Act], port: int, storm: Storm, seed: int
    ):
        super().__init__(name=post.name, daemon=True)
        self.world, self.post, self.storm = world, post, storm
        self.rng = random.Random(seed)
        self.line = Line(port, random.Random(seed + 1))
        self.counts: Counter[str] = Counter()
        self.queue: list[Waiting] = []
        self.receipts: dict[str, dict[str, Any]] = {}
        self.refused: dict[str, str] = {}
        self.rubbish: dict[str, str] = {}  # what must be refused for good, with its error
        self.sent: dict[str, Waiting] = {}
        self.trouble: list[str] = []
        self.acts: list[Act] = list(acts)
        self.told: list[Act] = []  # what it decided itself during the run
        self._guard = threading.Lock()
        # Some come back only when nearly all is over, with everything at once.
        self.away_until = self.rng.uniform(0.6, 0.9) if self.rng.random() < 0.35 else 0.0
        self._sign_in(world.credentials[post.number])

    def run(self) -> None:
        try:
            self.work()
            self.line.calm = True
            until = time.monotonic() + PATIENCE
            while self.queue:
                assert time.monotonic() < until, f"{len(self.queue)} scans still wait"
                self.flush() or time.sleep(0.05)
            self.line.hang_up()
        except Exception as error:  # of a thread nobody would hear of it
            self.trouble.append(repr(error))

    def work(self) -> None:
        """Through the storm: pauses and flushes."""
        self.fill_queue()
        while not self.storm.over:
            time.sleep(self.rng.expovariate(1 / self._pause()))
            if self.storm.share >= self.away_until:
                self.flush()

    def fill_queue(self) -> None:
        """All its scans, and among them some that are none: a digit misread, a time of no clock."""
        for act in self.acts:
            self.keep(act)
        if not self.queue:
            return
        for part, value, error in (
            ("code", _misread(self.queue[-1].body["code"]), "bad_check_digit"),
            ("at", "at noon", "invalid"),
        ):
            place = self.rng.randrange(len(self.queue))
            like = self.queue[place]
            id_ = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
            self.rubbish[id_] = error
            body = like.body | {"id": id_, part: value}
            self.queue.insert(place, Waiting(id_, like.seq, body, like.true))

    def keep(self, act: Act) -> None:
        """Into the queue, as the device has it."""
        body = self.body_of(act)
        self.queue.append(Waiting(str(act.id), act.seq, body, act.at))

    def body_of(self, act: Act) -> dict[str, Any]:
        """The scan as this device writes it, clock error apart."""
        more = {"to": act.to, "of": act.of and str(act.of), "reason": act.reason}
        return {
            "id": str(act.id), "action": act.action, "code": act.cup, "seq": act.seq,
            "at": self.post.clock.reads(act.at).isoformat(), "site": act.site, "intent": "fact",
            **{name: value for name, value in more.items() if value is not None},
        }  # fmt: skip

    def clock_of(self, one: Waiting) -> dict[str, Any]:
        error, _ = self.post.clock.measured(one.true)
        return {} if error is None else {"clock_error": error}

    def flush(self) -> bool:
        """Sends once: the oldest that wait, or now and then others first, backwards, or twice."""
        with self._guard:
            size = self._batch_size()
            start = 0
            if self.rng.random() < 0.25 and not self.line.calm:
                start = self.rng.randrange(max(1, len(self.queue)))
            batch = self.queue[start : start + size]
        if not batch:
            return False
        if self.rng.random() < 0.3:
            batch.reverse()
        if self.rng.random() < 0.1:  # two tabs
            self.counts["double"] += 1
            other = threading.Thread(target=self.send, args=(batch,), daemon=True)
            other.start()
            done = self.send(batch)
            other.join()
            return done
        return self.send(batch)

    def send(self, batch: list[Waiting]) -> bool:
        """One call; whether an answer came. Its receipts take their scans out of the queue."""
        with self._guard:
            for one in batch:
                self.counts["resent" if one.sends else "sent"] += 1
                one.sends += 1
                self.sent[one.id] = one
            scans = [one.body | self.clock_of(one) for one in batch]
        sent_at = self.post.clock.now()
        try:
            answer = self.line.post(self.path, {"sent_at": sent_at.isoformat(), "scans": scans})
        except Lost:
            self.counts["unanswered"] += 1
            return False
        except AssertionError as error:
            self.trouble.append(str(error))
            raise
        self.note_now(sent_at, answer)
        self._take_receipts(batch, answer["receipts"])
        return True

    def note_now(self, sent_at: datetime, answer: dict[str, Any]) -> None:
        now = datetime.fromisoformat(answer["now"])
        self.post.clock.note_contact(sent_at, now, self.post.clock.now())

    def _take_receipts(self, batch: list[Waiting], receipts: list[dict[str, Any]]) -> None:
        if [receipt["id"] for receipt in receipts] != [one.id for one in batch]:
            self.trouble.append("receipts of other scans than sent")
            return
        with self._guard:
            for receipt in receipts:
                self.counts[receipt["result"]] += 1
                if receipt["result"] != "refused":
                    self.receipts.setdefault(receipt["id"], receipt)
                elif receipt.get("final", True):
                    self.refused[receipt["id"]] = receipt["error"]["code"]
                else:
                    continue
            done = self.receipts.keys() | self.refused.keys()
            self.queue = [one for one in self.queue if one.id not in done]

    def _batch_size(self) -> int:
        """Small calls, so that many things can go wrong; now and then, and in the end, all."""
        if self.line.calm or self.rng.random() < 0.02:
            return MOST_SENT
        whole = len(self.acts)
        return self.rng.choice((1, 2, 1 + whole // 40, 1 + whole // 20, 1 + whole // 10))

    def _sign_in(self, credential: str) -> None:
        self.line.token = credential

    def _pause(self) -> float:
        """Seconds between two flushes: so that the queue lasts through the storm."""
        return max(0.05, self.storm.seconds / 60)


def _misread(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def now() -> datetime:
    return datetime.now(UTC)
