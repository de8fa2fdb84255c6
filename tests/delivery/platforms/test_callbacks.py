"""Callbacks go to the public network and nowhere else, once, and are not held up for ever."""

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lending.delivery.platforms.callbacks import Reply, is_public, post_callback, read_callback
from lending.errors import Code, LendingError
from tests.delivery.platforms.receiver import Receiver


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.example/told",  # plain
        "https://127.0.0.1/", "https://10.0.0.1/", "https://192.168.1.1/", "https://172.16.0.1/",
        "https://169.254.169.254/latest/meta-data", "https://0.0.0.0/", "https://100.64.0.1/",
        "https://[::1]/", "https://[fe80::1]/", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://224.0.0.1/",
        "https://localhost/", "https://db.internal/", "https://printer.local/", "https://intranet/",
        "https://2130706433/", "https://0x7f.1/", "https://127.1/", "https://0177.0.0.1/",
        "https://platform.example:22/", "https://platform.example:8080/", "https://platform.example:0/",
        "https://platform.example:99999/", "https://user@platform.example/",
        "https://user:secret@platform.example/", "https://platform.example@10.0.0.1/",
        "https://platform.example/#x", "https:///told", "https://", "//platform.example/", "file:///etc/passwd",
        "gopher://platform.example/", "https://platform.example\\@10.0.0.1/", "https://plat form.example/",
        "https://１２７.0.0.1/", "https://platform.example/\r\nHost: x", "https://platform.example/\x00",
        "https://[::1", "https://" + "a" * 500 + ".example/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_refused(url: str) -> None:
    with pytest.raises(LendingError) as caught:
        read_callback(url)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, "callback_url")


@pytest.mark.parametrize(
    "url",
    ["https://platform.example/told?x=1", "https://platform.example:8443/", "https://8.8.8.8/"],
)
def test_a_public_address_is_kept(url: str) -> None:
    assert read_callback(f" {url} ") == url


def test_no_address_is_none_and_trials_may_stay_on_this_machine() -> None:
    assert read_callback("  ") is None
    assert read_callback("http://127.0.0.1:8105/", anywhere=True) == "http://127.0.0.1:8105/"
    with pytest.raises(LendingError):
        read_callback("file:///etc/passwd", anywhere=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_name_that_leads_into_our_own_network_is_not_called(
    receiver: Receiver, host: str
) -> None:
    # What was public when it was typed in may lead elsewhere when it is called.
    reply = post_callback(f"http://{host}:{receiver.port}/", b"{}", {})
    assert reply == Reply(False, down=True, error="not a public address")
    assert receiver.connections == 0


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("127.0.0.1", False), ("::", False),
        ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True), ("169.254.169.254", False),
        ("100.64.0.1", False), ("192.0.2.1", False), ("255.255.255.255", False), ("ff02::1", False),
        ("fe80::1%eth0", False), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False),
        ("240.0.0.1", False), ("198.18.0.1", False),
    ],
)  # fmt: skip
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (200, Reply(True)),
        (204, Reply(True)),
        (302, Reply(False, error="HTTP 302")),
        (400, Reply(False, error="HTTP 400")),
        (404, Reply(False, error="HTTP 404")),
        (429, Reply(False, down=True, error="HTTP 429")),
        (503, Reply(False, down=True, error="HTTP 503")),
        (0, Reply(False, down=True, error="RemoteDisconnected")),
    ],
)
def test_what_an_answer_means_and_redirects_lead_nowhere(
    receiver: Receiver, status: int, reply: Reply
) -> None:
    receiver.answers = [status]
    assert post_callback(receiver.url, b"{}", {"X-Signature": "t=1"}, anywhere=True) == reply
    [heard] = receiver.heard
    assert (heard.path, heard.body) == ("/told?shop=1", b"{}")
    assert heard.headers["Host"] == f"127.0.0.1:{receiver.port}"


def test_who_is_not_there_is_down(receiver: Receiver) -> None:
    receiver.stop()
    reply = post_callback(receiver.url, b"{}", {}, anywhere=True)
    assert reply == Reply(False, down=True, error="ConnectionRefusedError")


def test_one_that_sends_a_byte_now_and_then_is_cut_off(receiver: Receiver) -> None:
    receiver.answers = [-1]
    reply = post_callback(receiver.url, b"{}", {}, anywhere=True, within=0.2)
    assert not reply.taken
    assert reply.down


def test_a_certificate_nobody_vouches_for_is_not_trusted(
    receiver: Receiver, tmp_path: Path
) -> None:
    receiver.wrap(own_certificate(tmp_path))
    url = receiver.url.replace("http:", "https:")
    reply = post_callback(url, b"{}", {}, anywhere=True)
    assert reply == Reply(False, down=True, error="SSLCertVerificationError")
    assert receiver.heard == []


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "own.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
