"""A café's tablet: a queue of facts, and at the till questions that become facts after a silence."""

import base64
import json
import os
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lending.web.identity import DEVICE_COOKIE
from tests.chaos.network import TILL_FAULTS, Lost
from tests.chaos.stations import Station, Waiting, now
from tests.chaos.truth import Act

BETWEEN = 6.0  # seconds from one beep of a cup to its next, more than clocks are measured wrong
WAITS = 1.5  # seconds for the answer to a question
PROBE_FINDS = 0.3  # of the looks whether the server is there again
SEALED_FOR = b"lending borrower S1"


class Tablet(Station):
    """Its past waits in the queue; `live` cups are lent and taken back while the storm blows.

    What it told its guests is in `told`: the server's word where that came in time, else its own.
    `undecided` are the beeps it told something about before the server had answered.
    """

    path = "/station/scans"

    def __init__(self, *args: Any):
        self.key: bytes | None = None
        super().__init__(*args)
        self.inside = dict.fromkeys(self.world.live_cups[self.post.number], "clean")
        self.beeped: dict[str, float] = {}
        self.offline = False
        self.undecided: dict[uuid.UUID, Act] = {}
        self.next_seq = max((act.seq for act in self.acts), default=0) + 1

    def work(self) -> None:
        self._open_page()
        self.fill_queue()
        flush_at = 0.0
        while not self.storm.over:
            time.sleep(self.rng.uniform(0.05, 0.3) * self._pause())
            self._serve_guest()
            self.offline = self.offline and self.rng.random() > PROBE_FINDS
            if time.monotonic() >= flush_at and self.storm.share >= self.away_until:
                self.flush()
                flush_at = time.monotonic() + self.rng.expovariate(1 / self._pause())

    def body_of(self, act: Act) -> dict[str, Any]:
        body = super().body_of(act)
        del body["site"], body["intent"]
        if act.person is not None:
            body["borrower"] = self._show(act)
        return body

    def clock_of(self, one: Waiting) -> dict[str, Any]:
        error, lost = self.post.clock.measured(one.true)
        return {"clock_error": error, "clock_lost": lost}

    # -- at the till --------------------------------------------------------------------------

    def _serve_guest(self) -> None:
        """One cup of its own, if one has rested long enough: a question, or a fact when offline."""
        rested = [
            cup for cup in self.inside if time.monotonic() - self.beeped.get(cup, 0) > BETWEEN
        ]
        measured = self.post.clock.measured(now())[0] is not None
        if not rested or not measured or self.storm.share > 0.95:
            return
        cup = self.rng.choice(rested)
        self.beeped[cup] = time.monotonic()
        lends = self.inside[cup] != "out"
        act = Act(
            uuid.UUID(int=self.rng.getrandbits(128), version=4), "lend" if lends else "return", cup,
            self.post.number, self.post.site or "", now(), self.next_seq,
            person=self.rng.choice(self.world.stage.people) if lends else None,
        )  # fmt: skip
        self.next_seq += 1
        if self.offline:
            self._decide(act, asked=False)
        else:
            self._ask(act)

    def _ask(self, act: Act) -> None:
        body = self.body_of(act)
        del body["action"]
        self.counts["asked"] += 1
        sent_at = self.post.clock.now()
        one = Waiting(str(act.id), act.seq, body, act.at)
        clock = {"clock_error": self.clock_of(one)["clock_error"]}
        try:
            asked = body | clock | {"sent_at": sent_at.isoformat(), "site": None}
            answer = self.line.post("/scan/beep", asked, TILL_FAULTS)
            if (now() - act.at).total_seconds() > WAITS:
                raise Lost  # the guest was told something long ago
        except Lost:
            self.counts["unanswered"] += 1
            self.offline = True
            self._decide(act, asked=True)
            return
        self.note_now(sent_at, answer)
        self._obey(act, answer)

    def _obey(self, act: Act, answer: dict[str, Any]) -> None:
        """Done as the server says: recorded as it meant it, refused, or taken in beside."""
        self.counts[f"question {answer['result']}"] += 1
        for id_ in answer["recorded"]:
            action = answer["action"] if id_ == str(act.id) else "return"
            self._tell(_made(act, uuid.UUID(id_), action))
            self.receipts[id_] = answer

    def _decide(self, act: Act, *, asked: bool) -> None:
        """No answer: what the snapshot says, staff now and then set it aside; a no is a void."""
        self.counts["decided alone"] += 1
        doubtful = act.action == "lend" and self.inside[act.cup] != "clean"
        says_no = self.rng.random() < (0.8 if doubtful else 0.2)
        if asked:
            self.undecided[act.id] = act
        if not says_no:
            if doubtful:
                self.counts["lent all the same"] += 1
            self._tell(act)
            self.keep(act)
        elif asked:
            self.counts["voided"] += 1
            void = Act(
                uuid.UUID(int=self.rng.getrandbits(128), version=4), "void", act.cup, act.by,
                act.site, now(), self.next_seq, of=act.id,
            )  # fmt: skip
            self.next_seq += 1
            self._tell(void)
            self.keep(void)

    def _tell(self, act: Act) -> None:
        self.told.append(act)
        if act.action == "return":
            self.inside[act.cup] = "used"
        elif act.action == "lend":
            # Some come back unseen and stand there as if clean: the server will take the next
            # lend for their return, and the tablet may tell its guest otherwise.
            self.inside[act.cup] = "clean" if self.rng.random() < 0.3 else "out"

    # -- page, keys ---------------------------------------------------------------------------

    def _sign_in(self, credential: str) -> None:
        self.line.cookies[DEVICE_COOKIE] = credential

    def _open_page(self) -> None:
        """The snapshot brings the server's key and the first look at its clock."""
        while True:
            sent_at = self.post.clock.now()
            try:
                answer = self.line.post(
                    "/station/snapshot", {"sent_at": sent_at.isoformat(), "known": {}}
                )
            except Lost:
                time.sleep(0.1)
                continue
            # A clock that nobody had measured before its queue leaves stays so until then.
            if self.rng.random() < 0.5:
                self.note_now(sent_at, answer)
            text = answer["key"]
            self.key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return

    def _show(self, act: Act) -> str:
        """What the reader read of the person: sealed, or as it is by an older page."""
        person = self.world.people[act.person or ""]
        read = person.show(self.rng, act.at)
        if self.rng.random() < 0.3 or self.key is None:
            return read
        before = act.at - timedelta(seconds=self.rng.uniform(0, 40))
        return seal(self.key, read, self.post.clock.reads(before))


def seal(key: bytes, read: str, at: datetime) -> str:
    """What was read at a device's time, for the holder of the private key alone."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), theirs)
    secret = HKDF(hashes.SHA256(), 32, point, SEALED_FOR).derive(shared)
    nonce = os.urandom(12)
    plain = json.dumps({"r": read, "t": int(at.timestamp() * 1000)}).encode()
    packed = point + nonce + AESGCM(secret).encrypt(nonce, plain, SEALED_FOR)
    return "S1." + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _made(act: Act, id_: uuid.UUID, action: str) -> Act:
    person = act.person if action == "lend" else None
    return Act(id_, action, act.cup, act.by, act.site, act.at, act.seq, person=person)
