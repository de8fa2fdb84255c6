"""The new actors in the storm: each does its errand step by step and repeats what nobody answered.

An order goes from its platform over the shop's pass, an orderer's phone and a courier's bag to the
centre; a hall hands crates out and takes them back; machines tell of pieces and of bottles.
"""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lending.web.identity import DEVICE_COOKIE
from tests.chaos.lines import PhoneLine, SignedLine
from tests.chaos.network import Line, Lost
from tests.chaos.places import OWN, Errands
from tests.chaos.stations import PATIENCE, Storm
from tests.delivery.shop import SHOP
from tests.personas import WASH

BOTTLES = 3  # in one go
PERSON = "010-5173-8264"
ORDERS = "/api/v1/delivery/orders"


class Errand(threading.Thread):
    """One actor; `trouble`: what should not happen."""

    def __init__(self, name: str, place: Errands, port: int, storm: Storm, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.place, self.port, self.storm = place, port, storm
        self.rng = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.trouble: list[str] = []
        self.lines: list[Line] = []

    def run(self) -> None:
        try:
            self.work()
            for line in self.lines:
                line.hang_up()
        except Exception as error:  # of a thread nobody would hear of it
            self.trouble.append(repr(error))

    def work(self) -> None:
        raise NotImplementedError

    def line(self, token: str | None = None) -> Line:
        made = Line(self.port, random.Random(self.rng.random()), token=token)
        self.lines.append(made)
        return made

    def insist(self, line: Line, send: Callable[[], Any]) -> Any:
        """What is answered in the end; each try is sent as the one before."""
        until = time.monotonic() + self.storm.seconds + PATIENCE
        while True:
            line.calm = self.storm.over
            self.counts["sent"] += 1
            try:
                return send()
            except Lost:
                self.counts["unanswered"] += 1
                assert time.monotonic() < until, f"{self.name} gets no answer"
            time.sleep(self.rng.uniform(0.02, 0.2))

    def rest(self) -> None:
        time.sleep(self.rng.uniform(0.1, 0.4))


@dataclass
class Way:
    """An order on its way."""

    ref: str
    occasion: str
    bag: str
    cups: list[str]
    asked: bool


class Deliveries(Errand):
    """One order after the other, with everybody who has to do with it."""

    def __init__(self, *args: Any, bags: list[tuple[str, list[str]]]) -> None:
        super().__init__(*args)
        self.bags, self.ways = bags, list[Way]()
        self.platform = SignedLine(
            self.port, random.Random(self.rng.random()), token=self.place.made.token,
            secret=self.place.made.secret,
        )  # fmt: skip
        self.lines.append(self.platform)
        self.tablet = self.line()
        self.tablet.cookies[DEVICE_COOKIE] = self.place.tablet
        self.courier = self.line(self.place.tokens["courier"])
        self.centre = self.line(self.place.tokens["centre"])

    def work(self) -> None:
        for number, (bag, cups) in enumerate(self.bags):
            way = Way(f"{self.name[-1]}-{number}", str(uuid.uuid4()), bag, cups, number % 2 == 0)
            early = self.rng.random() < 0.5
            if early:
                self._tell_platform(way)
            self._pack(way)
            if not early:
                self._tell_platform(way)
            if way.asked:
                self._ask(way, number)
            self._fetch(way)
            self.ways.append(way)
            self.rest()

    def _tell_platform(self, way: Way) -> None:
        """Two revisions, the later one often first."""
        words = [
            {"order": way.ref, "revision": revision, "shop": OWN, "reusable": True,
             "number": way.ref, "contact": contact, "address": {"text": "한빛로 12"}}
            for revision, contact in ((1, None), (2, "0507-1846-2953"))
        ]  # fmt: skip
        for word in self.rng.sample(words, 2):
            self.insist(
                self.platform,
                lambda word=word: self.platform.post(ORDERS, word, good=(200, 201)),
            )

    def _pack(self, way: Way) -> None:
        """A beep of the bag, and the number with it or in a call of its own."""
        records = [
            {"id": str(uuid.uuid4()), "at": _now(), "order": way.occasion} | what
            for what in ({"what": "beep", "code": way.bag}, {"what": "number", "text": way.ref})
        ]
        calls = [records] if self.rng.random() < 0.5 else [[one] for one in records]
        for call in calls:
            answer = self.insist(
                self.tablet,
                lambda call=call: self.tablet.post(
                    "/delivery/records", {"sent_at": _now(), "records": call}
                ),
            )
            results = {receipt["result"] for receipt in answer["receipts"]}
            assert results == {"recorded"}, answer

    def _ask(self, way: Way, number: int) -> None:
        """Somebody asks by the bag, somebody else by a lid in it: one request."""
        for phone in range(2):
            address = f"198.51.{100 + phone}.{number + 1}"
            line = PhoneLine(self.port, random.Random(self.rng.random()), address=address)
            self.lines.append(line)
            fields = {"id": str(uuid.uuid4()), "place": "door", "window": "any"}
            code = way.bag if phone == 0 else way.cups[0]
            self.insist(
                line,
                lambda line=line, code=code, fields=fields: line.send_form(
                    f"/i/{code}/pickup", fields
                ),
            )

    def _fetch(self, way: Way) -> None:
        """The courier takes the bag along as it is; at the centre each container is taken out."""
        for line, action, site, codes in (
            (self.courier, "collect", SHOP, [way.bag]),
            (self.centre, "receive", WASH, [way.bag, *way.cups]),
        ):
            scans = [
                {"id": str(uuid.uuid4()), "action": action, "code": code, "at": _now(),
                 "site": self.place.site(site), "intent": "fact"}
                for code in codes
            ]  # fmt: skip
            self.counts["crates"] += 1
            self._scan(line, scans)
            self.rest()

    def _scan(self, line: Line, scans: list[dict[str, Any]]) -> None:
        answer = self.insist(
            line,
            lambda: line.post("/api/v1/scans", {"sent_at": _now(), "scans": scans}),
        )
        results = {receipt["result"] for receipt in answer["receipts"]}
        assert results <= {"recorded", "repeated"}, answer


class Hall(Errand):
    """Hands sealed crates out to a room; some come back unopened."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.back: dict[str, bool] = {}  # crate → whether it came back sealed

    def work(self) -> None:
        line = self.line(self.place.tokens["hall"])
        for number, (crate, seal) in enumerate(self.place.crates):
            for path, more in (
                (f"/api/v1/events/{self.place.event}/crates", {"ask": False}),
                ("/api/v1/events/returns", {"sealed": number % 2 == 0}),
            ):
                body = {
                    "id": str(uuid.uuid4()), "crate": crate, "signed": "실장", "at": _now(),
                    "seal": seal,
                } | more  # fmt: skip
                self.insist(
                    line, lambda path=path, body=body: line.post(path, body | {"sent_at": _now()})
                )
                self.counts["crates"] += 1
                self.rest()
            self.back[crate] = number % 2 == 0


class Machine(Errand):
    """Heartbeats, pieces put in, and bottles of one and the same person at every machine."""

    def __init__(self, *args: Any, token: str, dropped: list[str]) -> None:
        super().__init__(*args)
        self.token, self.dropped = token, dropped
        self.deposits: dict[str, int] = {}  # id → granted

    def work(self) -> None:
        line = self.line(self.token)
        for code in self.dropped:
            self._tell(line, "heartbeat", {"fullness": 12, "software": "1.0"})
            piece = {"id": str(uuid.uuid4()), "code": code, "at": _now()}
            told = self._tell(line, "returns", {"returns": [piece]})
            assert told["receipts"][0]["result"] in {"recorded", "repeated"}, told
            bottles = {
                "id": str(uuid.uuid4()), "offered": BOTTLES, "person": PERSON,
                "at": self.place.moment.isoformat(),
            }  # fmt: skip
            told = self._tell(line, "bottles", {"deposits": [bottles]})
            self.deposits[str(bottles["id"])] = told["receipts"][0]["granted"]
            self.rest()

    def _tell(self, line: Line, what: str, body: dict[str, Any]) -> dict[str, Any]:
        stamp = {} if what == "heartbeat" else {"sent_at": _now()}
        answer: dict[str, Any] = self.insist(
            line, lambda: line.post(f"/api/v1/machines/{what}", body | stamp)
        )
        return answer


def _now() -> str:
    return datetime.now(UTC).isoformat()
