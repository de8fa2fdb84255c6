"""A mail server that keeps every mail, and kills whom it is told to in the middle of one."""

import email
import os
import signal
from collections.abc import Callable
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """aiosmtpd's handler: `mails` are (Message-ID, recipient) in the order in which they came.

    `blows` are numbers of mails: with the so many-th mail kept, and again while the next one's
    recipient is named, the process that `victim` names is killed before it hears the answer.
    """

    def __init__(self, blows: set[int]) -> None:
        self.mails: list[tuple[str, str]] = []
        self.victim: Callable[[], int | None] = lambda: None
        self.killed: list[str] = []
        self._after_text, self._after_name = set(blows), {blow + 5 for blow in blows}

    async def handle_RCPT(self, _s: Any, _x: Any, envelope: Any, to: str, _o: Any) -> str:
        envelope.rcpt_tos.append(to)
        self._strike(self._after_name, "RCPT")
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = email.message_from_bytes(envelope.content, policy=default)
        self.mails.append((mail["Message-ID"], mail["To"]))
        self._strike(self._after_text, "DATA")
        return "250 OK"

    def _strike(self, blows: set[int], where: str) -> None:
        pid = self.victim()
        if len(self.mails) in blows and pid is not None:
            blows.discard(len(self.mails))
            os.kill(pid, signal.SIGKILL)
            self.killed.append(where)


def start_mail_server(mailbox: Mailbox, port: int) -> Controller:
    """The running server on 127.0.0.1; `stop()` ends it."""
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    return server
