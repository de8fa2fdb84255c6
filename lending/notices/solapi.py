"""Sends SMS and 알림톡 through Solapi's HTTP API (POST /messages/v4/send)."""

import hmac
import http.client
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import phonenumbers

from lending.notices.wire import Answer, Fate, Outgoing

TIMEOUT = 15.0  # seconds
LONGEST_SMS = 90  # bytes in EUC-KR; longer ones go as LMS


@dataclass(frozen=True, slots=True)
class SolapiSettings:
    """`sender` is a number registered there; with `channel` (pfId) and `template` it is 알림톡,
    whose template holds the one variable `#{내용}`; Solapi falls back to a text message itself."""

    url: str
    key: str
    secret: str = field(repr=False)
    sender: str = ""
    channel: str = ""
    template: str = ""
    timeout: float = TIMEOUT


def send_by_solapi(settings: SolapiSettings, out: Outgoing, *, now: datetime) -> Answer:
    """Hands the message over; its id goes along as a custom field.

    Solapi keeps no key against repetition: what broke off after the request was written may have
    been sent.
    """
    parts = urlsplit(settings.url)
    plain = parts.scheme == "http"
    make = http.client.HTTPConnection if plain else http.client.HTTPSConnection
    connection = make(parts.hostname or "", parts.port, timeout=settings.timeout)
    body = json.dumps({"message": _message(settings, out)}, ensure_ascii=False).encode()
    headers = {
        "Authorization": authorization(settings, now=now, salt=secrets.token_hex(16)),
        "Content-Type": "application/json; charset=utf-8",
    }
    try:
        try:
            connection.connect()
        except OSError as error:
            return Answer(Fate.LATER, type(error).__name__)
        try:
            connection.request("POST", f"{parts.path}/messages/v4/send", body, headers)
            response = connection.getresponse()
            return _read(response.status, response.read())
        except (OSError, http.client.HTTPException) as error:
            return Answer(Fate.UNSURE, type(error).__name__)
    finally:
        connection.close()


def authorization(settings: SolapiSettings, *, now: datetime, salt: str) -> str:
    """The header Solapi's documentation asks for: HMAC-SHA256 over date and salt."""
    date = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    signature = hmac.digest(settings.secret.encode(), (date + salt).encode(), "sha256").hex()
    return f"HMAC-SHA256 apiKey={settings.key}, date={date}, salt={salt}, signature={signature}"


def _message(settings: SolapiSettings, out: Outgoing) -> dict[str, Any]:
    number = phonenumbers.parse(out.contact.normal, None)
    message: dict[str, Any] = {
        "to": f"{'0' if number.country_code == 82 else ''}{number.national_number}",
        "from": settings.sender,
        "text": out.text,
        "customFields": {"id": str(out.id)},
    }
    if number.country_code != 82:
        return message | {"country": str(number.country_code), "type": "SMS"}
    if settings.channel and settings.template:
        options = {
            "pfId": settings.channel,
            "templateId": settings.template,
            "variables": {"#{내용}": out.text},
        }
        return message | {"type": "ATA", "kakaoOptions": options}
    if len(out.text.encode("euc-kr", "replace")) > LONGEST_SMS:
        return message | {"type": "LMS", "subject": out.subject[:20]}
    return message | {"type": "SMS"}


def _read(status: int, body: bytes) -> Answer:
    if status == 200:
        return _accepted(body)
    if status in {401, 402, 403, 429, 503}:  # our account or their limits, not this message
        return Answer(Fate.LATER, f"HTTP {status}")
    if status >= 500:
        return Answer(Fate.UNSURE, f"HTTP {status}")
    return Answer(Fate.REFUSED, f"HTTP {status}")


def _accepted(body: bytes) -> Answer:
    """200 with statusCode 2000 (or 3000, 4000 once on its way) is accepted; others are refusals."""
    try:
        code = str(json.loads(body)["statusCode"])
    except (ValueError, KeyError, TypeError):
        return Answer(Fate.UNSURE, "an answer without statusCode")
    accepted = code in {"2000", "3000", "4000"}
    return Answer(Fate.SENT) if accepted else Answer(Fate.REFUSED, f"status {code[:8]}")
