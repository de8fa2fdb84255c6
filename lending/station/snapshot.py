"""What a tablet knows when the network is gone: its place's pieces and who is asked to wait."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.db import fetch
from lending.errors import Code
from lending.loop.judge import refuse_piece
from lending.loop.meaning import LOOK, Meaning, mean_beep
from lending.loop.read.paused import paused_residents
from lending.loop.steps import Action, State
from lending.loop.tables import Item, ItemKind
from lending.loop.values import Piece
from lending.people.keys import Keys
from lending.people.sealing import digest
from lending.people.ways import ways_to_name
from lending.places.sites import SiteView
from lending.station.crates import Contents, load_contents

MOST_ITEMS = 20_000  # a café holds hundreds; a store room beyond this is not asked at a till
HASH_DIGITS = 5  # 20 bits: about a hundred of the 10^8 Korean mobile numbers share one
LETTERS = {None: "r", Code.HELD: "h", Code.RETIRED: "x"}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A place's pieces in buckets by the last two digits of their codes: bucket → (digest, text).

    A text holds `<12 digits><letter><kind>` for each piece, with blanks between; `kinds` are the
    kinds' codes in the order of the numbers (base 36) that stand for them. A crate's entry goes on
    with what is in it, `:<kind>*<pieces>,…`, both numbers in base 36. `paused` are short
    hashes keyed with `salt`, good for one `day`.
    """

    day: date
    salt: str
    paused: list[str]
    kinds: list[str]
    buckets: dict[str, tuple[str, str]]


def take_snapshot(
    session: Session,
    *,
    site: SiteView,
    zone: str,
    keys: Keys,
    lends: bool,
    known: Mapping[str, str],
    now: datetime,
) -> Snapshot:
    """The place's snapshot, of its buckets only those whose digest the tablet does not hold.

    `known`: bucket → digest as the tablet has them; one that has become empty comes as an empty
    text. `zone`: the time zone whose day the salt lasts; `lends`: whether anybody can be asked to
    wait there at all. A handful of statements whatever the count.
    """
    day = now.astimezone(ZoneInfo(zone)).date()
    salt = _salt(keys, site.id, day)
    kinds = _kinds(session, site.district_id)
    residents = paused_residents(session, district_id=site.district_id, now=now) if lends else []
    names = ways_to_name(session, keys=keys, resident_ids=residents)
    return Snapshot(
        day=day,
        salt=salt.hex(),
        paused=sorted({hash_name(salt, name) for name in names}),
        kinds=[code for _, code in kinds],
        buckets=_changed(_buckets(session, site, kinds), kinds, known),
    )


PIECES = sa.union(
    *(
        sa.select(
            Item.code, Item.kind_id, Item.state, Item.site_id, Item.clean,
            Item.hold.is_not(None), Item.carrier, Item.id,
        ).where(Item.district_id == sa.bindparam("district"), here)
        for here in (Item.site_id == sa.bindparam("site"), Item.to_site_id == sa.bindparam("site"))
    )
).order_by("code").limit(sa.bindparam("most"))  # fmt: skip
"""(code, kind, state, place, clean, held, carrier, id) of what stands at a place or is on its way to it; an
index for each. What was lent there stands there in the log until it is seen elsewhere."""


def hash_name(salt: bytes, name: str) -> str:
    """The short hash of one way to name a resident, as people.ways writes it."""
    return hmac.digest(salt, name.encode(), "sha256").hex()[:HASH_DIGITS]


def _salt(keys: Keys, site_id: int, day: date) -> bytes:
    """Another for each place and day, so that lists cannot be put together or searched twice."""
    return digest(keys, "station salt", f"{site_id} {day.isoformat()}")[:16]


def _kinds(session: Session, district_id: int) -> list[tuple[int, str]]:
    """(id, code) of the district's kinds in the order they were added: numbers never change."""
    query = sa.select(ItemKind.id, ItemKind.code).where(ItemKind.district_id == district_id)
    return [(row.id, row.code) for row in fetch(session, query.order_by(ItemKind.id))]


def _buckets(
    session: Session, site: SiteView, kinds: list[tuple[int, str]]
) -> dict[str, list[str]]:
    numbers = {id: _base36(number) for number, (id, _) in enumerate(kinds)}
    buckets: dict[str, list[str]] = defaultdict(list)
    pieces = fetch(session, PIECES, _given(site))
    inside = load_contents(session, [row.id for row in pieces if row.carrier])
    codes = {code: numbers[id] for id, code in kinds}
    for code, kind, state, place, clean, held, carrier, id in pieces:
        here = place == site.id
        letter = _letter(State(state), here, bool(clean), bool(held), bool(carrier))
        more = _write_contents(inside[id], codes) if carrier else ""
        buckets[code[-2:]].append(f"{code}{letter}{numbers[kind]}{more}")
    return buckets


def _write_contents(contents: Contents, numbers: Mapping[str, str]) -> str:
    return ":" + ",".join(f"{numbers[kind]}*{_base36(count)}" for kind, count in contents.kinds)


def _given(site: SiteView) -> dict[str, int]:
    return {"district": site.district_id, "site": site.id, "most": MOST_ITEMS}


def _changed(
    buckets: dict[str, list[str]], kinds: list[tuple[int, str]], known: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    numbering = " ".join(code for _, code in kinds)
    changed = {}
    for bucket in sorted({*buckets, *known}):
        text = " ".join(sorted(buckets.get(bucket, ())))
        sum_ = hashlib.sha256(f"{numbering}|{text}".encode()).hexdigest()[:12]
        if known.get(bucket) != sum_:
            changed[bucket] = (sum_, text)
    return changed


@lru_cache(maxsize=256)
def _letter(state: State, here: bool, clean: bool, held: bool, carrier: bool = False) -> str:
    """What the beep of such a piece comes to, by the same rules as online."""
    place, elsewhere = 1, 2
    piece = Piece(
        state=state, site=place if here else elsewhere, clean=clean, hold="held" if held else None,
        carrier=carrier,
    )  # fmt: skip
    if carrier:
        return "c" if mean_beep(piece, site=place, borrower_shown=False) == LOOK else "a"
    if mean_beep(piece, site=place, borrower_shown=True) == Meaning(Action.RETURN):
        return "l"  # it comes back, whoever is shown
    refusal = refuse_piece(piece, Action.LEND)
    if refusal is Code.NOT_CLEAN:
        return "d" if mean_beep(piece, site=place, borrower_shown=True).take_in else "b"
    return LETTERS[refusal]


def _base36(number: int) -> str:
    return _DIGITS[number] if number < 36 else _base36(number // 36) + _DIGITS[number % 36]
