"""The bare route: the same reads and writes as one lend or return, with the driver alone."""

import hashlib
import os
import secrets
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from flask import Flask, Response, request

LOCAL = threading.local()
ITEM_SELECT = """SELECT item.id, item.kind_id, item.state, item.clean, item.washed, item.hold,
 item.site_id, item.to_site_id, item.uses, item.washes, item.gaps, item.last_at, item.last_id,
 item.loan_id, item.due_at, item_kind.code, label.code FROM item JOIN label ON label.item_id = item.id
 JOIN item_kind ON item_kind.id = item.kind_id WHERE label.code = %s ORDER BY item.id"""
INSERT_SCAN = """INSERT INTO scan (id, district_id, item_id, code, action, site_id, at, occurred_at,
 recorded_at, asked, seq, position, clock_suspect, party, unresolved, sender_kind, sender_role)
 VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, 0, %s, %s, %s, 'token', 'officer')
 ON CONFLICT DO NOTHING"""
UPDATE_ITEM = """UPDATE item SET state = %s, site_id = %s, clean = %s, washed = %s, uses = %s,
 last_at = %s, last_id = %s, last_site_id = %s, since = %s, loan_id = %s, loan_site_id = %s,
 loan_opened_at = %s, loan_party = %s, due_at = %s WHERE id = %s"""


class Bare:
    """One connection's statements; `?` for SQLite, `FOR UPDATE` for PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.sqlite = url.startswith("sqlite")
        if self.sqlite:
            import sqlite3

            path = url.removeprefix("sqlite:///")
            self.connection: Any = sqlite3.connect(path, timeout=30, isolation_level=None)
            self.connection.execute("PRAGMA synchronous=FULL")
        else:
            import psycopg

            self.connection = psycopg.connect(url.replace("+psycopg", ""), prepare_threshold=2)

    def run(self, sql: str, *values: Any) -> Any:
        if self.sqlite:
            sql = sql.replace("%s", "?")
            values = tuple(self._plain(value) for value in values)
        return self.connection.execute(sql, values)

    @staticmethod
    def _plain(value: Any) -> Any:
        if isinstance(value, uuid.UUID):
            return value.hex
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M:%S.%f")
        return value

    def record(self, scan: dict[str, Any], token: str) -> dict[str, Any]:
        """One lend or return from start to commit; what it reads it does not judge."""
        if self.sqlite:
            self.connection.execute("BEGIN IMMEDIATE")
        now = datetime.now(UTC)
        digest = hashlib.sha256(token.encode()).digest()
        self.run(
            "SELECT id, role, district_id, site_id FROM api_token WHERE token_hash = %s", digest
        ).fetchone()
        site = self.run("SELECT id, district_id FROM site WHERE code = %s", scan["site"]).fetchone()
        lock = "" if self.sqlite else " FOR UPDATE OF item"
        item = self.run(ITEM_SELECT + lock, scan["code"]).fetchone()
        scan_id = uuid.UUID(scan["id"])
        self.run("SELECT id FROM scan WHERE id = %s OR of = %s", scan_id, scan_id).fetchone()
        party, lends = None, scan["action"] == "lend"
        if lends:
            party = self._borrower(scan, site[1], lock)
        self.run(INSERT_SCAN, scan_id, site[1], item[0], scan["code"], scan["action"], site[0], now,
                 now, now, False, False, party, False)  # fmt: skip
        (self._lend if lends else self._give_back)(scan, scan_id, site, item, now, party)
        self.connection.execute("COMMIT") if self.sqlite else self.connection.commit()
        return {"id": scan["id"], "result": "recorded", "item": {"code": scan["code"]}}

    def _borrower(self, scan: dict[str, Any], district: int, lock: str) -> int:
        digest = hashlib.sha256(scan["borrower"].encode()).digest()
        lock = lock.replace("item", "resident")
        find = "SELECT id FROM resident WHERE district_id = %s AND contact_digest = %s" + lock
        if self.run(find, district, digest).fetchone() is None:
            self.run(
                "INSERT INTO resident (id, district_id, contact_digest, contact_kind, language,"
                " member_number, session_epoch, created_at) VALUES (%s, %s, %s, 'phone', 'ko', %s, 0, %s)",
                uuid.uuid4(), district, digest, secrets.token_hex(8), datetime.now(UTC),
            )  # fmt: skip
        resident = self.run(find, district, digest).fetchone()[0]
        self.run(
            "SELECT scan.item_id, loan.id FROM scan_borrower b JOIN scan ON scan.id = b.scan_id"
            " LEFT JOIN loan ON loan.id = b.scan_id AND loan.closed_at IS NULL"
            " WHERE b.resident_id = %s", resident,
        ).fetchall()  # fmt: skip
        self.run("SELECT max(id) FROM term_version WHERE district_id = %s", district).fetchone()
        scan["_digest"], scan["_resident"] = digest, resident
        return secrets.randbits(62)

    def _lend(
        self, scan: Any, scan_id: Any, site: Any, item: Any, now: datetime, party: Any
    ) -> None:
        due = now + timedelta(days=7)
        resident = scan["_resident"]
        self.run(
            "INSERT INTO scan_borrower (scan_id, district_id, resident_id, digest)"
            " VALUES (%s, %s, %s, %s)", scan_id, site[1], resident, scan["_digest"],
        )  # fmt: skip
        self.run(UPDATE_ITEM, "lent", site[0], False, False, item[8] + 1, now, scan_id, site[0], now,
                 scan_id, site[0], now, party, due, item[0])  # fmt: skip
        self.run(
            "INSERT INTO loan (id, district_id, item_id, site_id, opened_at, due_at, extensions)"
            " VALUES (%s, %s, %s, %s, %s, %s, 0)", scan_id, site[1], item[0], site[0], now, due,
        )  # fmt: skip

    def _give_back(
        self, _: Any, scan_id: Any, site: Any, item: Any, now: datetime, __: Any
    ) -> None:
        self.run(
            "UPDATE loan SET closed_at = %s, closed_by = %s, outcome = 'returned' WHERE id = %s",
            now, scan_id, uuid.UUID(item[13]) if isinstance(item[13], str) else item[13],
        )  # fmt: skip
        self.run(UPDATE_ITEM, "returned", site[0], False, False, item[8], now, scan_id, site[0], now,
                 None, None, None, None, None, item[0])  # fmt: skip


def make_app() -> Flask:
    """A Flask application with a route that does nothing and the bare route."""
    app = Flask("bare")
    url = os.environ["LENDING_DATABASE_URL"]

    @app.get("/nothing")
    def nothing() -> str:
        return "ok"

    @app.post("/bare")
    def bare() -> Response:
        if not hasattr(LOCAL, "bare"):
            LOCAL.bare = Bare(url)
        scans = orjson.loads(request.get_data())["scans"]
        token = request.headers["Authorization"].removeprefix("Bearer ")
        receipts = [LOCAL.bare.record(scan, token) for scan in scans]
        return Response(orjson.dumps({"receipts": receipts}), mimetype="application/json")

    return app
