"""Every setting, read once from LENDING_* in the environment, and the secrets of one installation."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lending.people.keys import Keys as Keys

ROOT = Path(__file__).resolve().parent
SENDERS = ("auto", "log", "inbox", "smtp", "solapi")


@dataclass(frozen=True, slots=True)
class Config:
    """All settings; each field is LENDING_<FIELD IN CAPITALS>, except `port`, which is PORT."""

    database_url: str
    public_url: str  # what labels, links and cookies are made for; without a slash at the end
    instance: Path  # the folder with the SQLite file, the keys and other files of this installation
    bind: str = "127.0.0.1"
    port: int = 8000
    demo: bool = True
    sender: str = "auto"  # auto: smtp and solapi where set, the inbox in a demo, else the log
    smtp_url: str = ""  # smtp://user:password@host:587 (STARTTLS) or smtps://…:465
    mail_from: str = ""
    solapi_url: str = "https://api.solapi.com"
    solapi_key: str = ""
    solapi_secret: str = ""
    solapi_sender: str = ""
    solapi_channel: str = ""  # the 알림톡 channel (pfId); empty: plain SMS
    solapi_template: str = ""  # its template, with the one variable #{내용}
    callbacks_anywhere: bool = False  # for trials: platforms' callbacks in plain http, private nets
    worker_seconds: int = 5  # between two rounds of the worker
    workers: int = 2
    threads: int = 8
    log_level: str = "info"
    proxies: int = 0  # how many reverse proxies in front may be trusted to name the client
    build: Path = ROOT / "static" / "build"

    @property
    def is_https(self) -> bool:
        """Whether the public address is https: cookies are Secure and labels are real."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Config":
        """The settings of `environ`; ValueError with one sentence for one that makes no sense."""
        instance = Path(_text(environ, "INSTANCE", str(ROOT / "instance"))).absolute()
        port = _number(environ.get("PORT") or "8000", "PORT", 1, 65535)
        sender = _text(environ, "SENDER", "auto")
        if sender not in SENDERS:
            raise ValueError(f"LENDING_SENDER is one of {', '.join(SENDERS)}, not {sender!r}.")
        public_url = _text(environ, "PUBLIC_URL", f"http://localhost:{port}").rstrip("/")
        if not public_url.startswith(("http://", "https://")):
            raise ValueError("LENDING_PUBLIC_URL begins with http:// or https://.")
        return cls(
            database_url=_database(environ, instance),
            public_url=public_url,
            instance=instance,
            bind=_text(environ, "BIND", "127.0.0.1"),
            port=port,
            demo=_yes(_text(environ, "DEMO", "1"), "LENDING_DEMO"),
            sender=sender,
            smtp_url=_text(environ, "SMTP_URL"),
            mail_from=_text(environ, "MAIL_FROM"),
            solapi_url=_text(environ, "SOLAPI_URL", "https://api.solapi.com").rstrip("/"),
            solapi_key=_text(environ, "SOLAPI_KEY"),
            solapi_secret=_text(environ, "SOLAPI_SECRET"),
            solapi_sender=_text(environ, "SOLAPI_SENDER"),
            solapi_channel=_text(environ, "SOLAPI_CHANNEL"),
            solapi_template=_text(environ, "SOLAPI_TEMPLATE"),
            callbacks_anywhere=_yes(
                _text(environ, "CALLBACKS_ANYWHERE", "0"), "LENDING_CALLBACKS_ANYWHERE"
            ),
            worker_seconds=_number(
                _text(environ, "WORKER_SECONDS", "5"), "LENDING_WORKER_SECONDS", 1, 3600
            ),
            workers=_number(_text(environ, "WORKERS", "2"), "LENDING_WORKERS", 1, 64),
            threads=_number(_text(environ, "THREADS", "8"), "LENDING_THREADS", 1, 64),
            log_level=_text(environ, "LOG_LEVEL", "info").lower(),
            proxies=_number(_text(environ, "PROXIES", "0"), "LENDING_PROXIES", 0, 5),
        )


def load_keys(instance: Path) -> Keys:
    """The secrets in `instance`/keys.json, made at the first call (mode 0600, safe in a race)."""
    path = instance / "keys.json"
    if not path.exists():
        _make_keys(path)
    stored = json.loads(path.read_text())
    decoded = {name: base64.b64decode(stored[name]) for name in ("session", "contact", "digest")}
    return Keys(session=stored["session"], contact=decoded["contact"], digest=decoded["digest"])


def _make_keys(path: Path) -> None:
    """Writes new keys beside `path` and links them into place: of several makers the first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".keys-{secrets.token_hex(8)}")
    made = {
        name: base64.b64encode(secrets.token_bytes(32)).decode()
        for name in ("session", "contact", "digest")
    }
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(made, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was first; its keys count
    finally:
        fresh.unlink()


def _text(environ: Mapping[str, str], name: str, default: str = "") -> str:
    return environ.get(f"LENDING_{name}", "").strip() or default


def _database(environ: Mapping[str, str], instance: Path) -> str:
    url = _text(environ, "DATABASE_URL", f"sqlite:///{instance / 'lending.sqlite3'}")
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("LENDING_DATABASE_URL begins with sqlite:/// or postgresql+psycopg://.")
    return url


def _number(text: str, name: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ValueError(f"{name} is a number from {low} to {high}, not {text!r}.")
    return int(text)


def _yes(text: str, name: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{name} is 1 or 0, not {text!r}.")
