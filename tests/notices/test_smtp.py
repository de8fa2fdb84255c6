"""SMTP against a real local server: what arrives, and what is surely, perhaps or never sent."""

import email
import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from lending.notices.smtp import SmtpSettings, read_smtp_url, send_by_smtp
from lending.notices.wire import Answer, Fate, Outgoing
from lending.people.contacts import read_contact
from tests.processes import free_port

OUT = Outgoing(
    uuid.UUID(int=7),
    1,
    read_contact("dana@example.org"),
    "[서해구 리플컵] 안내",
    "컵 1개: 오늘까지예요.",
)


class Mailbox:
    """aiosmtpd's handler: keeps mails, or answers as told at RCPT or after DATA."""

    def __init__(self) -> None:
        self.mails: list[email.message.EmailMessage] = []
        self.rcpt = self.data = "250 OK"

    async def handle_RCPT(self, _s: Any, _x: Any, envelope: Any, to: str, _o: Any) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(to)
        return self.rcpt

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, email.message.EmailMessage)
        if self.data.startswith("250"):
            self.mails.append(mail)
        return self.data


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def settings(mailbox: Mailbox) -> Iterator[SmtpSettings]:
    port = free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    yield SmtpSettings("127.0.0.1", port, "리플컵 <cups@seohae.example>")
    server.stop()


def test_a_mail_arrives_with_our_id(settings: SmtpSettings, mailbox: Mailbox) -> None:
    assert send_by_smtp(settings, OUT) == Answer(Fate.SENT)
    (mail,) = mailbox.mails
    assert mail["Message-ID"] == f"<{OUT.id}@seohae.example>"
    assert (mail["To"], mail["Subject"]) == ("dana@example.org", "[서해구 리플컵] 안내")
    assert mail.get_content().strip() == OUT.text
    assert mail["Auto-Submitted"] == "auto-generated"


def test_an_address_with_a_korean_domain_is_written_to(
    settings: SmtpSettings, mailbox: Mailbox
) -> None:
    out = replace(OUT, contact=read_contact("dana@한국.kr"))
    assert send_by_smtp(settings, out) == Answer(Fate.SENT)
    assert mailbox.mails[0]["To"] == "dana@xn--3e0b707e.kr"


@pytest.mark.parametrize(
    ("rcpt", "data", "fate", "error"),
    [
        ("550 no such user", "250 OK", Fate.REFUSED, "RCPT 550"),
        ("450 try later", "250 OK", Fate.BUSY, "RCPT 450"),
        ("250 OK", "554 spam", Fate.REFUSED, "text 554"),
        ("250 OK", "451 try later", Fate.BUSY, "text 451"),
    ],
)
def test_refusals(
    settings: SmtpSettings, mailbox: Mailbox, rcpt: str, data: str, fate: Fate, error: str
) -> None:
    mailbox.rcpt, mailbox.data = rcpt, data
    assert send_by_smtp(settings, OUT) == Answer(fate, error)


def test_lines_that_begin_with_a_dot_arrive(settings: SmtpSettings, mailbox: Mailbox) -> None:
    text = ".hidden\n..\n.\nend"
    assert send_by_smtp(settings, replace(OUT, text=text)).fate is Fate.SENT
    assert mailbox.mails[0].get_content().split() == text.split()


def test_no_server_is_surely_not_sent(settings: SmtpSettings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        answer = send_by_smtp(replace(settings, port=closed.getsockname()[1]), OUT)
    assert answer.fate is Fate.LATER
    assert answer.error.startswith("ConnectionRefusedError")


def test_a_password_is_never_said_without_tls(settings: SmtpSettings, mailbox: Mailbox) -> None:
    answer = send_by_smtp(replace(settings, user="cups", password="secret"), OUT)
    assert answer.fate is Fate.LATER
    assert "secret" not in answer.error
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("lines", "fate"),
    [
        (["220 hi", "250 hello", "250 ok", "250 ok", "354 go on"], Fate.UNSURE),  # gone in DATA
        (["220 hi", "250 hello", "250 ok"], Fate.LATER),  # gone before RCPT was answered
        (["220 hi", "250 hello", "250 ok", "250 ok"], Fate.LATER),  # before the text was taken
    ],
)
def test_a_broken_connection(lines: list[str], fate: Fate) -> None:
    """A server that says these lines and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                for line in lines:
                    stream.write(line.encode() + b"\r\n")
                    stream.flush()
                    stream.readline()

        thread = threading.Thread(target=talk)
        thread.start()
        settings = SmtpSettings("127.0.0.1", listener.getsockname()[1], "a@b.example")
        assert send_by_smtp(settings, OUT).fate is fate
        thread.join()


def test_addresses_of_mail_servers() -> None:
    plain = read_smtp_url("smtp://us%40er:p%3Aw@mail.example:2525", mail_from="a@b.example")
    assert plain == SmtpSettings("mail.example", 2525, "a@b.example", user="us@er", password="p:w")
    assert read_smtp_url("smtps://mail.example", mail_from="a@b.example").port == 465
    assert read_smtp_url("smtp://mail.example", mail_from="a@b.example").port == 587
    assert "p:w" not in repr(plain)
    for url, sender in [("http://x", "a@b.example"), ("smtp://", "a@b.example"), ("smtp://x", "")]:
        with pytest.raises(ValueError, match="LENDING_SMTP_URL"):
            read_smtp_url(url, mail_from=sender)
