"""What truly happened: cups going their rounds through cafés, machines, couriers and the wash.

Made first, from a seed, before any station sends anything. Some steps nobody scans, some scans
are wrong and taken back; scans of one cup by different stations lie at least 60 seconds apart.
"""

import random
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.chaos.clocks import Clock

APART = 60.0  # seconds between two stations' scans of one cup
MISSED = {
    "lend": 0.05, "return": 0.08, "collect": 0.08, "receive": 0.05, "wash": 0.03, "pass": 0.03,
    "ship": 0.06, "stock": 0.06,
}  # fmt: skip
MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Act:
    """One scan that was made: by the station number `by` at the place `site`, truly at `at`."""

    id: uuid.UUID
    action: str
    cup: str
    by: int
    site: str
    at: datetime
    seq: int = 0
    person: str | None = None
    to: str | None = None
    of: uuid.UUID | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A station: a café's tablet, a return machine, the washing centre or a courier.

    `site` is None for a courier, who scans wherever a cup is taken or left.
    """

    number: int
    kind: str  # tablet, machine, wash, courier
    site: str | None
    clock: Clock

    @property
    def name(self) -> str:
        return f"{self.kind} {self.number:02d}" + (f" {self.site}" if self.site else "")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and when it all happens, and who can scan."""

    posts: Sequence[Post]
    cafes: Sequence[str]
    boxes: Sequence[str]
    washing: str
    people: Sequence[str]
    start: datetime
    end: datetime

    def at(self, site: str, *kinds: str) -> list[Post]:
        """Who may scan at a place: those who stand there, and couriers where `kinds` says so."""
        return [p for p in self.posts if p.kind in kinds and p.site in (site, None)]


def make_truth(rng: random.Random, stage: Stage, cups: dict[str, str]) -> list[Act]:
    """Every scan made of the cups, which begin clean at the café `cups` names; each station's
    scans are numbered in the order in which it made them."""
    acts = [act for cup, cafe in cups.items() for act in _Journey(rng, stage, cup).travel(cafe)]
    numbers: defaultdict[int, int] = defaultdict(int)
    numbered = []
    for act in sorted(acts, key=lambda act: act.at):
        numbers[act.by] += 1
        numbered.append(replace(act, seq=numbers[act.by]))
    return numbered


class _Journey:
    """One cup's way; `now` is true time."""

    def __init__(self, rng: random.Random, stage: Stage, cup: str) -> None:
        self.rng, self.stage, self.cup = rng, stage, cup
        self.now = stage.start + (stage.end - stage.start) * rng.uniform(0, 0.6)
        self.acts: list[Act] = []
        self.last_by: int | None = None

    def travel(self, cafe: str) -> list[Act]:
        """One to three rounds, the last of which may break off anywhere."""
        for _ in range(self.rng.randint(1, 3)):
            cafe = self._round(cafe)
        whole = len(self.acts)
        kept = whole if self.rng.random() < 0.4 else self.rng.randint(whole // 2, whole)
        undone = {act.of for act in self.acts[kept : kept + 1] if act.action == "void"}
        kept += bool(undone)  # a mistake is not left standing
        return [act for act in self.acts[:kept] if act.at <= self.stage.end]

    def _round(self, cafe: str) -> str:
        """From a café's shelf over a guest, a return and the wash to a café's shelf again."""
        stage, rng = self.stage, self.rng
        if rng.random() < 0.1:
            self._mistake(cafe)
        person = rng.choice(stage.people) if rng.random() < 0.93 else None
        self._go(10 * MINUTE, 6 * HOUR)
        self._scan("lend", cafe, stage.at(cafe, "tablet"), person=person)
        while rng.random() < 0.07:  # from hand to hand, rinsed at the counter: nobody scans that
            self._go(10 * MINUTE, 6 * HOUR)
            cafe = rng.choice(stage.cafes)
            person = person if rng.random() < 0.4 else rng.choice(stage.people)
            self._scan("lend", cafe, stage.at(cafe, "tablet"), person=person)
        back = rng.choice(stage.boxes) if rng.random() < 0.3 else rng.choice(stage.cafes)
        self._go(5 * MINUTE, 8 * HOUR)
        for _ in range(2 if rng.random() < 0.06 else 1):
            self._scan("return", back, stage.at(back, "tablet", "machine"))
            self._go(20, 4 * MINUTE)
        self._go(10 * MINUTE, 5 * HOUR)
        self._scan("collect", back, stage.at(back, "courier"))
        self._go(5 * MINUTE, 2 * HOUR)
        self._wash()
        goal = rng.choice(stage.cafes)
        self._go(5 * MINUTE, 3 * HOUR)
        self._scan("ship", stage.washing, stage.at(stage.washing, "wash"), to=goal)
        self._go(10 * MINUTE, 2 * HOUR)
        self._scan("stock", goal, stage.at(goal, "tablet", "courier"))
        return goal

    def _wash(self) -> None:
        """Received, washed and passed, often within a breath by one table: only the running
        number then tells the order."""
        here = self.stage.washing
        crew = self.stage.at(here, "wash")
        if self.rng.random() < 0.8:
            crew = [self.rng.choice(crew)]
        steps = ["receive", "wash", "pass"]
        if self.rng.random() < 0.08:
            steps[2:] = ["rewash", "wash", "pass"]
        if self.rng.random() < 0.05:
            steps[1:1] = ["hold", "release"]
        for step in steps:
            self._go(0.05, 2) if len(crew) == 1 else self._go(5, 20 * MINUTE)
            self._scan(step, here, crew, reason="crack?" if step == "hold" else None)

    def _mistake(self, cafe: str) -> None:
        """The wrong cup under the reader, taken back at once."""
        self._go(MINUTE, HOUR)
        hand = [self.rng.choice(self.stage.at(cafe, "tablet"))]
        before = len(self.acts)
        if self.rng.random() < 0.5:
            self._scan("return", cafe, hand)
        else:
            self._scan("lend", cafe, hand, person=self.rng.choice(self.stage.people))
        if len(self.acts) > before:
            self._go(3, 20)
            self._scan("void", cafe, hand, of=self.acts[-1].id)

    def _go(self, least: float, most: float) -> None:
        """Time passes, more often little than much."""
        self.now += timedelta(seconds=least + (most - least) * self.rng.random() ** 2)

    def _scan(self, action: str, site: str, posts: Sequence[Post], **more: object) -> None:
        if self.rng.random() < MISSED.get(action, 0.0) or self.now > self.stage.end:
            return
        post = self.rng.choice(posts)
        if self.acts and self.last_by != post.number:
            earliest = self.acts[-1].at + timedelta(seconds=APART + self.rng.random())
            self.now = max(self.now, earliest)
        id_ = uuid.UUID(int=self.rng.getrandbits(128), version=4)
        made = Act(id_, action, self.cup, post.number, site, self.now, **more)  # type: ignore[arg-type]
        self.acts.append(made)
        self.last_by = post.number
