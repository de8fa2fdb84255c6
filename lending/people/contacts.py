"""What a person gives as a contact: a phone number of any country or an e-mail address, in one form."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberType

from lending.errors import Code, LendingError

LONGEST = 254  # of an e-mail address (RFC 5321 §4.5.3.1.3); every phone number is shorter

_PHONE = re.compile(r"[+]?[0-9() .\-]+")
_ITEM_CODE = re.compile(r"[1-9][0-9]{11}")
# Lines a person can be reached on; service, premium and paging numbers belong to nobody.
_PERSONAL = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
}


class ContactKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Contact:
    """`normal` is E.164 (`+821012345678`) for a phone, the lower-case address for an e-mail."""

    kind: ContactKind
    normal: str


class BadContact(LendingError):
    """The text is no contact: neither a valid phone number nor a valid e-mail address."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(Code.INVALID, field="contact", detail=detail)


class SafeNumber(BadContact):
    """A Korean safe number (050-…): it is somebody else's tomorrow, so it identifies nobody."""


def read_contact(text: str, *, region: str = "KR") -> Contact:
    """The contact typed or read as `text`; raises BadContact, or SafeNumber for 050 numbers.

    A number without `+` or `00` is taken as one of `region`. An item's code or address is never
    taken for a contact.
    """
    if len(text) > LONGEST:
        raise BadContact("too long")
    text = unicodedata.normalize("NFKC", text).strip()
    if any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in text):
        raise BadContact("control character")
    return _read_email(text) if "@" in text else _read_phone(text, region)


def last_four(contact: Contact) -> str:
    """What staff see of a contact: the last four digits, or the first two letters of an address."""
    if contact.kind is ContactKind.PHONE:
        return contact.normal[-4:]
    return f"{contact.normal.split('@')[0][:2]}…"


def mail_address(contact: Contact) -> str:
    """An e-mail contact as every mail server takes it: a domain with other letters in its ASCII
    form (RFC 5891)."""
    read = validate_email(contact.normal, check_deliverability=False, allow_smtputf8=False)
    return read.ascii_email or contact.normal


def grouped(contact: Contact, *, region: str = "KR") -> str:
    """The contact as it is read back to a person: `010-1234-5678`, `+1 650-253-0000`, `a@b.kr`."""
    if contact.kind is ContactKind.EMAIL:
        return contact.normal
    number = phonenumbers.parse(contact.normal, None)
    own = phonenumbers.region_code_for_number(number) == region
    formats = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, formats.NATIONAL if own else formats.INTERNATIONAL)


def masked(contact: Contact) -> str:
    """The contact as a page may hold it, enough to know it again: `010-****-5678`, `da***@b.kr`."""
    shown = grouped(contact)
    if contact.kind is ContactKind.EMAIL:
        name, _, host = shown.partition("@")
        return f"{name[:2]}***@{host}"
    first = re.match(r"[+]?[0-9]+", shown)
    kept = first.end() if first else 0
    return shown[:kept] + re.sub("[0-9]", "*", shown[kept:-4]) + shown[-4:]


def _read_email(text: str) -> Contact:
    try:
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise BadContact("not an e-mail address") from error
    # Mailboxes that differ only in case are one person's in practice, whatever RFC 5321 allows.
    return Contact(ContactKind.EMAIL, address.normalized.lower())


def _read_phone(text: str, region: str) -> Contact:
    bare = re.sub(r"[() .\-]", "", text)
    if not _PHONE.fullmatch(text) or _ITEM_CODE.fullmatch(bare):
        raise BadContact("not a phone number")
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    elif region == "KR" and not bare.startswith(("0", "+")):
        raise BadContact("a number without its leading 0, + or 00")
    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException as error:
        raise BadContact("not a phone number") from error
    normal = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if normal.startswith("+8250"):
        raise SafeNumber("safe number")
    if not phonenumbers.is_valid_number(number):
        raise BadContact("no such phone number")
    if phonenumbers.number_type(number) not in _PERSONAL:
        raise BadContact("a service number")
    return Contact(ContactKind.PHONE, normal)
