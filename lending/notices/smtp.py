"""Sends a message by SMTP, and tells apart what was surely not sent from what may have been."""

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from lending.notices.wire import Answer, Fate, Outgoing
from lending.people.contacts import mail_address

TIMEOUT = 15.0  # seconds, for each step of the conversation


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A mail server: `smtp` uses STARTTLS where offered, and always before a password."""

    host: str
    port: int
    mail_from: str
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = TIMEOUT


def read_smtp_url(url: str, *, mail_from: str) -> SmtpSettings:
    """`smtp://user:password@host:587` or `smtps://…:465` as settings; ValueError otherwise."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not mail_from:
        raise ValueError("LENDING_SMTP_URL is smtp://… or smtps://…, with LENDING_MAIL_FROM set.")
    tls = parts.scheme == "smtps"
    return SmtpSettings(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587),
        mail_from=mail_from,
        tls=tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def send_by_smtp(settings: SmtpSettings, out: Outgoing) -> Answer:
    """Hands the message over; its id is the Message-ID, so that a repetition can be known.

    Up to the end of RCPT nothing was sent; after DATA began, a broken connection leaves it open.
    """
    try:
        server = _connect(settings)
    except (OSError, smtplib.SMTPException) as error:
        return Answer(Fate.LATER, _say(error))
    try:
        return _hand_over(server, settings, out)
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _connect(settings: SmtpSettings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if settings.tls:
        server = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=settings.timeout, context=context
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    try:
        server.ehlo_or_helo_if_needed()
        if not settings.tls and (settings.user or server.has_extn("starttls")):
            server.starttls(context=context)
            server.ehlo()
        if settings.user:
            server.login(settings.user, settings.password)
    except BaseException:
        server.close()
        raise
    return server


def _hand_over(server: smtplib.SMTP, settings: SmtpSettings, out: Outgoing) -> Answer:
    steps = (("MAIL", _address(settings.mail_from)), ("RCPT", mail_address(out.contact)))
    try:
        for step, address in steps:
            code, _ = server.mail(address) if step == "MAIL" else server.rcpt(address)
            if code not in {250, 251}:
                return _refusal(step, code)
        code, _ = server.docmd("DATA")
        if code != 354:
            return _refusal("DATA", code)
    except (OSError, smtplib.SMTPException) as error:
        return Answer(Fate.LATER, _say(error))
    # Not server.data(): it does not tell a server that refused the text from one that vanished
    # with it.
    content = re.sub(rb"(?m)^\.", b"..", _write(settings, out).as_bytes(policy=SMTP))
    try:
        server.send(content.rstrip(b"\r\n") + b"\r\n.\r\n")
        code, _ = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Answer(Fate.UNSURE, _say(error))
    return Answer(Fate.SENT) if code == 250 else _refusal("text", code)


def _refusal(step: str, code: int) -> Answer:
    """What a refusal at a step means: of ourselves, of the address now, or of it for good."""
    if step == "MAIL" or code == 421:  # 421: the server itself is closing (RFC 5321 §3.8)
        return Answer(Fate.LATER, f"{step} {code}")
    return Answer(Fate.REFUSED if code >= 500 else Fate.BUSY, f"{step} {code}")


def _write(settings: SmtpSettings, out: Outgoing) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = settings.mail_from
    mail["To"] = mail_address(out.contact)
    mail["Subject"] = out.subject
    mail["Message-ID"] = f"<{out.id}@{_address(settings.mail_from).rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(out.text)
    return mail


def _address(mail_from: str) -> str:
    return mail_from.rpartition("<")[2].rstrip("> ") or mail_from


def _say(error: Exception) -> str:
    """The kind of an error; its text may quote an address."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
