"""The Solapi client against a local HTTP server that checks what its documentation asks for."""

import hashlib
import hmac
import json
import re
import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from lending.notices.solapi import SolapiSettings, send_by_solapi
from lending.notices.wire import Answer, Fate, Outgoing
from lending.people.contacts import read_contact

NOW = datetime(2026, 3, 2, 1, 2, 3, 456000, tzinfo=UTC)
OUT = Outgoing(
    uuid.UUID(int=7),
    1,
    read_contact("010-2345-6789"),
    "[서해구 리플컵] 안내",
    "컵 1개: 오늘까지예요.",
)


@dataclass
class Solapi:
    """The other side: keeps messages and answers as told; `hang_up` after reading the request."""

    url: str = ""
    status: int = 200
    answer: bytes = b'{"statusCode": "2000", "messageId": "M4V2"}'
    hang_up: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)


@pytest.fixture
def solapi() -> Iterator[Solapi]:
    other = Solapi()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/messages/v4/send"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            other.messages.append(json.loads(body)["message"])
            other.headers.append(self.headers["Authorization"])
            if other.hang_up:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(other.status)
            self.end_headers()
            self.wfile.write(other.answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    other.url = f"http://127.0.0.1:{server.server_port}"
    yield other
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(solapi: Solapi) -> SolapiSettings:
    return SolapiSettings(solapi.url, "KEY", "SECRET", "0325600000")


def send(settings: SolapiSettings, out: Outgoing = OUT) -> Answer:
    return send_by_solapi(settings, out, now=NOW)


def test_a_short_text_goes_as_sms_with_our_id(solapi: Solapi, settings: SolapiSettings) -> None:
    assert send(settings) == Answer(Fate.SENT)
    assert solapi.messages == [
        {
            "to": "01023456789",
            "from": "0325600000",
            "text": OUT.text,
            "type": "SMS",
            "customFields": {"id": str(OUT.id)},
        }
    ]


def test_the_request_is_signed(solapi: Solapi, settings: SolapiSettings) -> None:
    send(settings)
    send(settings)
    pattern = r"HMAC-SHA256 apiKey=KEY, date=(\S+), salt=([0-9a-f]{32}), signature=([0-9a-f]{64})"
    salts = set()
    for header in solapi.headers:
        found = re.fullmatch(pattern, header)
        assert found is not None
        date, salt, signature = found.groups()
        assert date == "2026-03-02T01:02:03.456Z"
        signed = hmac.new(b"SECRET", (date + salt).encode(), hashlib.sha256).hexdigest()
        assert signature == signed
        salts.add(salt)
    assert len(salts) == 2
    assert "SECRET" not in repr(settings)


def test_a_long_text_goes_as_lms_and_a_foreign_number_with_its_country(
    solapi: Solapi, settings: SolapiSettings
) -> None:
    send(settings, replace(OUT, text="컵" * 46))
    send(settings, replace(OUT, contact=read_contact("+49 151 23456789")))
    long, foreign = solapi.messages
    assert (long["type"], long["subject"]) == ("LMS", "[서해구 리플컵] 안내")
    assert (foreign["country"], foreign["to"]) == ("49", "15123456789")


def test_with_a_channel_and_a_template_it_is_an_alimtalk(
    solapi: Solapi, settings: SolapiSettings
) -> None:
    send(replace(settings, channel="KA01PF", template="KA01TP"))
    (message,) = solapi.messages
    assert message["type"] == "ATA"
    assert message["kakaoOptions"] == {
        "pfId": "KA01PF",
        "templateId": "KA01TP",
        "variables": {"#{내용}": OUT.text},
    }


@pytest.mark.parametrize(
    ("status", "answer", "fate"),
    [
        (200, b'{"statusCode": "3014"}', Fate.REFUSED),
        (200, b"<html>", Fate.UNSURE),
        (200, b"[]", Fate.UNSURE),
        (400, b'{"errorCode": "ValidationError"}', Fate.REFUSED),
        (401, b"{}", Fate.LATER),
        (402, b"{}", Fate.LATER),
        (429, b"{}", Fate.LATER),
        (500, b"{}", Fate.UNSURE),
        (503, b"{}", Fate.LATER),
    ],
)
def test_what_an_answer_means(
    solapi: Solapi, settings: SolapiSettings, status: int, answer: bytes, fate: Fate
) -> None:
    solapi.status, solapi.answer = status, answer
    found = send(settings)
    assert found.fate is fate
    assert "2345" not in found.error


def test_a_connection_that_breaks_after_the_request_leaves_it_open(
    solapi: Solapi, settings: SolapiSettings
) -> None:
    solapi.hang_up = True
    assert send(settings).fate is Fate.UNSURE


def test_no_server_is_surely_not_sent(settings: SolapiSettings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert send(replace(settings, url=url)) == Answer(Fate.LATER, "ConnectionRefusedError")
