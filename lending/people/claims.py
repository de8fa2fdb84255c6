"""What a till read or typed claims to be: a member code, a card, a contact, or nothing known."""

from dataclasses import dataclass

from lending.people.contacts import BadContact, Contact, read_contact
from lending.people.keys import Keys
from lending.people.members import MemberClaim, read_card_code, read_member_code
from lending.people.sealing import digest

LONGEST = 300


@dataclass(frozen=True, slots=True)
class CardClaim:
    """A card code of the right form, not yet looked up."""

    code: str


Claim = MemberClaim | CardClaim | Contact | None


def read_borrower(raw: str) -> Claim:
    """What `raw` claims to be: a member code, a card, a contact, or None for anything else."""
    if len(raw) > LONGEST or "\0" in raw:
        return None
    if member := read_member_code(raw):
        return member
    if card := read_card_code(raw):
        return CardClaim(card)
    try:
        return read_contact(raw)
    except BadContact:
        return None


def borrower_digest(keys: Keys, raw: str) -> bytes:
    """The keyed digest of whom `raw` names, the same for every way of writing it."""
    claim = read_borrower(raw)
    match claim:
        case MemberClaim():
            text = f"member:{claim.number}"
        case CardClaim():
            text = f"card:{claim.code}"
        case Contact():
            text = f"contact:{claim.normal}"
        case None:
            text = f"raw:{raw.strip()}"
    return digest(keys, "borrower", text)
