"""The machine itself: what people put in, what it tells, and what its screen shows."""

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lending.loop.codes import is_readable
from tests.machine.buffer import Buffer
from tests.machine.hours import is_open
from tests.machine.line import Line, NoLine
from tests.sealed import seal_borrower

SORTS = {"returns": ("returns", 200), "bottles": ("deposits", 50)}  # path: (field, at once)
ALONE = (  # shown where the server cannot be asked
    "지금은 여기에 넣을 수 없어요. 카페나 다른 반납함에 돌려주세요.",
    "This machine cannot take it now. Please bring it to a café or another return box.",
)


@dataclass
class Machine:
    """`holds` pieces fit in; `clock` is its own, which may be wrong. What it could not tell waits in
    the buffer and is told again, with the same ids, until the server has answered."""

    line: Line
    buffer: Buffer
    holds: int = 200
    software: str = "sim 1.0"
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    pieces: int = 0
    temperature: float = 20.0
    errors: list[str] = field(default_factory=list)
    version: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    clock_error: float | None = None
    screen: list[str] = field(default_factory=list)  # what people read, the newest last
    refused_for_good: list[dict[str, Any]] = field(default_factory=list)
    silence: str = ""  # why the last heartbeat did not get through, in words

    # -- what people do -------------------------------------------------------------------------

    def put_in(self, code: str, kind: str | None = None, member: str | None = None) -> bool:
        """Somebody puts a piece in, and may have shown a member QR; whether the machine took it. It
        needs no server for that. A scanner checks the digits: what is no code is refused unread."""
        if not is_readable(code):
            self._show(
                "코드를 읽지 못했어요. 다시 대 주세요.",
                "The code cannot be read. Please try again.",
            )
            return False
        accepts = self.settings.get("accepts")
        why = "full" if self.pieces >= self.holds else None
        if not is_open(self.settings, self._true_time()):
            why = "closed"
        if kind is not None and accepts is not None and kind not in accepts:
            why = "not_accepted"
        if "fault" in " ".join(self.errors):
            why = "fault"
        if why is not None:
            self.refuse(code, why)
            return False
        self.pieces += 1
        self.buffer.put("returns", self._fact(code=code) | self._sealed("member", member))
        self._show("고마워요. 반납했어요.", "Thank you, taken back.")
        self.flush()
        return True

    def refuse(self, code: str, why: str, photo: bytes | None = None) -> None:
        """A piece is not taken: the person is told where to go, now or in general words."""
        told = self._fact(code=code, why=why)
        if photo is not None:
            told["photo"] = base64.b64encode(photo).decode()
        number = self.buffer.put("refusals", told)
        try:
            status, answer = self.line.post("refusals", told | {"sent_at": self._now()})
        except NoLine:
            self._show(*ALONE)
            return
        self.buffer.drop([number])
        if status != 200:
            self.refused_for_good.append(answer)
            self._show(*ALONE)
            return
        for language in ("ko", "en"):
            words = answer["screen"][language]
            self.screen.append(f"{words['title']} {words['where']} {words['clock']}".strip())

    def bottles(self, count: int, person: str | None = None) -> None:
        """Bottles of one person; whom it is for is sealed before it is kept."""
        self.buffer.put("bottles", self._fact(offered=count) | self._sealed("person", person))
        self._show(f"페트병 {count}개를 받았어요.", f"{count} bottles taken.")
        self.flush()

    def empty(self) -> None:
        """Somebody empties it."""
        self.pieces = 0

    # -- what it tells --------------------------------------------------------------------------

    def beat(self) -> bool:
        """A heartbeat; whether it got through. The answer sets the clock's error and settings."""
        told = {
            "fullness": min(100, 100 * self.pieces // self.holds),
            "temperature": self.temperature, "software": self.software, "errors": self.errors,
            "settings": self.version,
        }  # fmt: skip
        try:
            status, answer = self.line.post("heartbeat", told)
        except NoLine as error:
            advice = "check --url and the network" if self.line.plugged else "plug it in again"
            self.silence = f"no answer from {self.line.url} ({error}): {advice}"
            return False
        if status != 200:
            self.refused_for_good.append(answer)
            self.silence = _refused(status, answer, self.line.url)
            return False
        self.silence = ""
        self.clock_error = (self.clock() - datetime.fromisoformat(answer["now"])).total_seconds()
        self.version = answer["version"]
        self.settings = answer["settings"] or self.settings
        self.flush()
        return True

    def flush(self) -> int:
        """Tells what waits, the oldest first; how many facts the server has answered."""
        done = 0
        try:
            for number, told in self.buffer.first("refusals", 50):
                status, answer = self.line.post("refusals", told | {"sent_at": self._now()})
                self._settle([number], [] if status == 200 else [answer])
                done += 1
            for path, (name, most) in SORTS.items():
                while rows := self.buffer.first(path, most):
                    body = {"sent_at": self._now(), name: [told for _, told in rows]}
                    status, answer = self.line.post(path, body)
                    receipts = answer["receipts"] if status == 200 else [answer]
                    bad = [one for one in receipts if one.get("result", "refused") == "refused"]
                    self._settle([number for number, _ in rows], bad)
                    done += len(rows)
        except NoLine:
            pass
        return done

    def _settle(self, numbers: list[int], bad: list[dict[str, Any]]) -> None:
        self.buffer.drop(numbers)
        self.refused_for_good += bad

    def _fact(self, **more: Any) -> dict[str, Any]:
        told = {"id": str(uuid.uuid4()), "at": self._now()} | more
        return told if self.clock_error is None else told | {"clock_error": self.clock_error}

    def _sealed(self, name: str, person: str | None) -> dict[str, str]:
        """Who was named, sealed before it is kept."""
        key = self.settings.get("sealing_key")
        if not person:
            return {}
        return {name: seal_borrower(key, person, self.clock()) if key else person}

    def _true_time(self) -> datetime:
        return self.clock() - timedelta(seconds=self.clock_error or 0.0)

    def _now(self) -> str:
        return self.clock().isoformat()

    def _show(self, *words: str) -> None:
        self.screen += words


def _refused(status: int, answer: dict[str, Any], url: str) -> str:
    """What to do about a refused heartbeat."""
    if status in (401, 403):
        return "this token is not known as a machine's: check --token (made at /office/machines)"
    if status == 404:
        return f"nothing for machines at {url}: check --url"
    return f"refused: {answer.get('error', answer)}"
