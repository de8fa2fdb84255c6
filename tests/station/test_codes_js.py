"""The browser tells codes as the server does (static/shared/scan/codes.js)."""

import json
import os
import shutil
import subprocess
import uuid
from pathlib import Path
from random import Random

from lending.errors import LendingError
from lending.loop.codes import format_code, item_url, make_codes, read_code
from lending.people.members import make_card_code, member_code, member_digits
from tests.personas import MONDAY

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import { readBeep, groupTyped } from "./static/shared/scan/codes.js";
import { newId } from "./static/shared/scan/ids.js";
const asked = JSON.parse(process.argv[1]);
console.log(JSON.stringify({ read: asked.map(readBeep), grouped: asked.map(groupTyped), id: newId() }));
"""


def in_the_browser(texts: list[str]) -> dict[str, list[dict[str, str]]]:
    """What the page's module makes of these texts."""
    path = f"{os.environ['PATH']}:{ROOT / '.venv' / 'bin'}"
    node = shutil.which("node", path=path)
    assert node, "node is missing: scripts/test installs it"
    command = [node, "--input-type=module", "-e", SCRIPT, "--", json.dumps(texts)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    told: dict[str, list[dict[str, str]]] = json.loads(answer.stdout)
    return told


def test_the_same_codes_are_right_and_wrong() -> None:
    rng = Random(7)
    good = make_codes(300, rng)
    texts = good + [str(rng.randrange(10**11, 10**12)) for _ in range(700)]
    read = in_the_browser(texts)["read"]
    for text, told in zip(texts, read, strict=True):
        try:
            read_code(text)
        except LendingError:
            assert told["kind"] != "item", text
        else:
            assert told == {"kind": "item", "code": text}


def test_every_way_of_writing_a_piece() -> None:
    [code] = make_codes(1, Random(3))
    ways = [
        format_code(code), item_url("https://reple.example.kr", code), f"]Q1{code}", f"X{code}",
        f"{item_url('https://a.kr/seohae', code)}?x=1\r", f"HTTPS://A.KR/I/{code}", f" {code}\t",
    ]  # fmt: skip
    assert {told.get("code") for told in in_the_browser(ways)["read"]} == {code}


def test_people_are_never_taken_for_pieces() -> None:
    secret, number = bytes(32), "K7R4WQ81W"
    people = [
        "010-2345-6789", "01023456789", "+82 10-2345-6789", "821023456789", "+49 151 23456789",
        "dana@example.org", make_card_code(), f"https://a.kr/c/{make_card_code()}",
        member_code(secret, number, MONDAY), member_digits(secret, number, MONDAY),
    ]  # fmt: skip
    told = in_the_browser(people)
    assert {one["kind"] for one in told["read"]} == {"person"}
    assert told["read"][3]["text"] == "+821023456789"
    assert told["grouped"][1] == "010-2345-6789"
    assert in_the_browser(["CMD:finish", "cmd:UNDO"])["read"] == [
        {"kind": "command", "command": "finish"},
        {"kind": "command", "command": "undo"},
    ]


def test_ids_tell_their_time() -> None:
    made = uuid.UUID(in_the_browser([])["id"])  # type: ignore[arg-type]
    assert made.version == 7
