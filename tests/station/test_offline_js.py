"""What the tablet decides, seals and guesses alone is what the server would (static/shared/scan)."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lending.loop.meaning import mean_beep
from lending.loop.steps import Action, State
from lending.loop.values import Piece
from lending.people.claims import CardClaim, read_borrower
from lending.people.contacts import Contact
from lending.people.envelopes import open_borrower, public_key
from lending.people.keys import Keys
from lending.people.members import (
    MemberClaim,
    grouped_card,
    make_card_code,
    make_member_number,
    member_code,
    member_digits,
)
from lending.station.snapshot import hash_name

ROOT = Path(__file__).resolve().parents[2]
HERE, ELSEWHERE = 1, 2
SALT = bytes(range(16))


def run(module: str, body: str, asked: object) -> Any:
    """What the page's module makes of it."""
    path = f"{os.environ['PATH']}:{ROOT / '.venv' / 'bin'}"
    node = shutil.which("node", path=path)
    assert node, "node is missing: scripts/test installs it"
    script = f"""
      import * as m from "./static/shared/scan/{module}";
      const asked = JSON.parse(process.argv[1]);
      console.log(JSON.stringify(await (async () => {{ {body} }})()));
    """
    command = [node, "--input-type=module", "-e", script, "--", json.dumps(asked)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    return json.loads(answer.stdout)


PIECES = {
    "l": Piece(state=State.LENT, site=None),
    "r": Piece(state=State.READY, site=HERE, clean=True),
    "b": Piece(state=State.RETURNED, site=HERE),
    "d": Piece(state=State.DIRTY, site=ELSEWHERE),
    "h": Piece(state=State.READY, site=HERE, clean=True, hold="crack"),
    "x": Piece(state=State.RETIRED, site=ELSEWHERE),
    "a": Piece(state=State.SHIPPED, site=ELSEWHERE, carrier=True),
    "c": Piece(state=State.READY, site=HERE, carrier=True),
}


@pytest.mark.parametrize("person", [True, False])
@pytest.mark.parametrize("letter", PIECES)
def test_a_beep_means_the_same_offline(letter: str, person: bool) -> None:
    told = run("offline.js", "return m.meanOffline(asked)", {"letter": letter, "person": person})
    meant = mean_beep(PIECES[letter], site=HERE, borrower_shown=person)
    lends_unfit = meant.action is Action.LEND and letter != "r"
    if lends_unfit:  # online the question would be refused
        assert told["action"] is None
        assert told["no"]
        assert told["takeIn"] == meant.take_in
    else:
        assert told["action"] == meant.action
        nothing = meant.action is None
        assert told.get("looks" if letter == "c" else "waits", False) == nothing


def test_what_nothing_lends_is_not_lent_with_a_reason_either() -> None:
    letters = [*PIECES, None]
    body = "return asked.map((letter) => m.meanOffline({ letter, person: true, paused: true }))"
    told = dict(zip(letters, run("offline.js", body, letters), strict=True))
    assert {letter for letter, one in told.items() if one.get("override")} == {"r", "b", "d", None}
    assert told["r"]["no"] == "paused"
    assert told["l"]["action"] == "return"  # a paused borrower's cup comes back like any other


def test_a_piece_keeps_what_it_is_from_beep_to_beep() -> None:
    body = "return asked.map(([action, letter]) => m.letterAfter(action, letter))"
    asked = [
        ["lend", "r"], ["return", "l"], ["stock", None], ["stock", "d"], ["return", "h"],
        ["lend", "h"], ["lend", "d"], ["void", "l"], ["stock", "a"], ["stock", "c"],
    ]  # fmt: skip
    after = ["l", "b", "r", "d", "h", "l", "l", "l", "c", "c"]
    assert run("offline.js", body, asked) == after


def test_the_server_opens_what_the_page_seals(keys: Keys) -> None:
    texts = ["010-2345-6789", "한글@example.kr", "M1.K7R4WQ81W.29923400.HJPDZYTKWR24MKPC"]
    moment = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    asked = {"key": public_key(keys), "texts": texts, "at": int(moment.timestamp() * 1000)}
    body = "return Promise.all(asked.texts.map((t) => m.sealBorrower(t, { key: asked.key, readAt: asked.at })))"
    sealed = run("seal.js", body, asked)
    later = moment + timedelta(minutes=5)
    opened = [open_borrower(keys, one, at=later, sent_at=later) for one in sealed]
    assert [one.raw for one in opened] == texts
    assert {one.at for one in opened} == {moment}
    again = run("seal.js", body, asked)
    assert not {*again} & {*sealed}  # the same number looks different each time


def test_the_page_names_people_as_the_server_does() -> None:
    rng = Random(5)
    number, card = make_member_number(), make_card_code()
    secret, now = b"s" * 32, datetime(2026, 11, 23, tzinfo=UTC)
    texts = [f"010{rng.randrange(10**8):08d}" for _ in range(20)] + [
        "010-2345-6789", "+82 10-2345-6789", "+82 (0)10 2345 6789", "0082 10 2345 6789", "02-312-3456",
        "031-234-5678", "+1 650-253-0000", "Minji@Example.KR ", member_code(secret, number, now),
        member_digits(secret, number, now), member_code(secret, number, now).lower(),
        f"https://cups.example.kr/c/{card}", grouped_card(card), card.lower(),
    ]  # fmt: skip
    body = "return Promise.all(asked.texts.map((t) => m.pauseHint(t, asked.salt)))"
    told = run("seal.js", body, {"texts": texts, "salt": SALT.hex()})
    assert told == [hash_name(SALT, name_of(text)) for text in texts]
    assert run("seal.js", body, {"texts": ["4821", "hello"], "salt": SALT.hex()}) == [None, None]


def name_of(text: str) -> str:
    """As lending/people/ways.py names them."""
    match read_borrower(text):
        case MemberClaim(number=number):
            return f"member:{number}"
        case CardClaim(code=code):
            return f"card:{code}"
        case Contact(normal=normal):
            return f"contact:{normal}"
    raise AssertionError(text)
