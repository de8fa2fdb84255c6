"""Posts to a platform's callback address, never to a machine of our own network."""

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from lending.errors import Code, LendingError
from lending.places.texts import Problem, read_text

CONNECT = 5.0  # seconds
WHOLE = 15.0  # seconds for everything from the connection to the status
LONGEST_URL = 500
PORTS = frozenset({443, 8443})

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?")
# What forwards into an IPv4 network that need not be a public one (RFC 6052, 3056, 8215).
_FORWARDING = [
    ipaddress.ip_network(block) for block in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
]


class Unsafe(Exception):
    """The address leads into a network that is not the public one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: `taken` for 2xx; else `error`, and whether the receiver as a whole fails
    (`down`) or only this one thing was refused."""

    taken: bool
    down: bool = False
    error: str = ""


def read_callback(text: str, *, anywhere: bool = False) -> str | None:
    """A callback address as it is kept, None for an empty one; INVALID (field callback_url).

    https, a name that can be public, port 443 or 8443, no user, no fragment. With `anywhere`
    (a setting for trials on one machine) also http and any host and port.
    """
    text = read_text(text, "callback_url", longest=LONGEST_URL, empty=True)
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _unusable() from error
    host = (parts.hostname or "").rstrip(".")
    plain = not text.isascii() or " " in text or "\\" in text
    if plain or not host or parts.username is not None or parts.password is not None:
        raise _unusable()
    if parts.fragment or parts.scheme not in ({"https", "http"} if anywhere else {"https"}):
        raise _unusable()
    if not anywhere and ((443 if port is None else port) not in PORTS or not _may_be_public(host)):
        raise _unusable()
    return text


def post_callback(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    anywhere: bool = False,
    within: float = WHOLE,
) -> Reply:
    """Posts once. The host is looked up here and the connection goes to the very address that was
    looked at, so that a name cannot lead elsewhere a moment later. Redirects are not followed. After
    `within` seconds the line is cut."""
    parts = urlsplit(url)
    try:
        address = _look_up(parts, anywhere=anywhere)
        return _post(parts, address, body, headers, within)
    except Unsafe:
        return Reply(False, down=True, error="not a public address")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Reply(False, down=True, error=type(error).__name__)


def is_public(address: str) -> bool:
    """Whether this IP address belongs to the public network."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if any(found in block for block in _FORWARDING):
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _unusable() -> LendingError:
    return LendingError(Code.INVALID, field="callback_url", detail=Problem.NOT_AN_ADDRESS)


def _may_be_public(host: str) -> bool:
    """Names are looked at again when they are called; a number must be public at once."""
    try:
        return is_public(host)
    except ValueError:
        pass
    labels = host.split(".")
    # A name of digits alone is a number in disguise (0x7f.1, 2130706433).
    if not _HOST.fullmatch(host) or len(labels) < 2 or not re.search("[a-z]", labels[-1]):
        return False
    return labels[-1] not in {"localhost", "local", "internal", "lan", "home", "arpa", "test"}


def _look_up(parts: SplitResult, *, anywhere: bool) -> str:
    """The address to connect to; Unsafe when any of the host's is not public."""
    found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if not anywhere and not all(is_public(address) for address in addresses):
        raise Unsafe
    return addresses[0]


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _post(
    parts: SplitResult, address: str, body: bytes, headers: Mapping[str, str], within: float
) -> Reply:
    connection = http.client.HTTPConnection(parts.hostname or "", _port(parts), timeout=CONNECT)
    line = socket.create_connection((address, _port(parts)), CONNECT)
    handle = line.dup()
    # One that sends a byte now and then would hold us for ever: the line is cut at the end.
    over = threading.Event()
    deadline = threading.Timer(within, _cut, [handle, over])
    deadline.daemon = True
    deadline.start()
    try:
        connection.sock = line
        if parts.scheme == "https":
            connection.sock = _trust().wrap_socket(line, server_hostname=parts.hostname)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = {"Host": parts.netloc} if parts.port else {}
        connection.request("POST", path, body, {**headers, **host})
        status = connection.getresponse().status
        return Reply(False, down=True, error="TimeoutError") if over.is_set() else _read(status)
    finally:
        deadline.cancel()
        connection.close()
        line.close()
        handle.close()


def _cut(handle: socket.socket, over: threading.Event) -> None:
    over.set()
    with contextlib.suppress(OSError):  # it ended by itself
        handle.shutdown(socket.SHUT_RDWR)


def _read(status: int) -> Reply:
    if 200 <= status < 300:
        return Reply(True)
    return Reply(False, down=status >= 500 or status in {408, 425, 429}, error=f"HTTP {status}")


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
