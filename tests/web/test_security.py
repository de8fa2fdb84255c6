"""Headers, cookie flags, and pages that live under the strict policy."""

import re
from dataclasses import replace

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

import lending
from config import ROOT, Config


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    for path in ("/", "/nothing", "/api/v1/nothing", "/healthz"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self' 'wasm-unsafe-eval'" in policy
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Permissions-Policy"].startswith("camera=(self)")
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers


def test_cookies_are_locked_down(client: FlaskClient) -> None:
    cookie = client.get("/staff/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_a_stranger_without_a_page_gets_neither_token_nor_session(app: Flask) -> None:
    """What a phone sends for a driver it no longer knows must not take the place of a sign-in."""
    client = app.test_client()
    answer = client.get("/form-token")
    assert answer.status_code == 200 and answer.get_json()["now"]
    assert answer.get_json()["token"] is None
    assert "Set-Cookie" not in answer.headers
    client.get("/staff/sign-in")
    assert client.get("/form-token").get_json()["token"]


def test_https_brings_secure_cookies_and_hsts(engine: sa.Engine, config: Config) -> None:
    app = lending.create_app(replace(config, public_url="https://cups.example"))
    answer = app.test_client().get("/staff/sign-in", base_url="https://cups.example")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    app.extensions["lending"].engine.dispose()


def test_only_trusted_proxies_name_the_client(engine: sa.Engine, config: Config) -> None:
    from flask import request

    from lending.web.access import public

    for proxies, seen in ((0, "127.0.0.1"), (1, "198.51.100.9")):
        app = lending.create_app(replace(config, proxies=proxies))
        app.add_url_rule("/who", "who", public(lambda: request.remote_addr or ""))
        headers = {"X-Forwarded-For": "203.0.113.7, 198.51.100.9"}
        assert app.test_client().get("/who", headers=headers).text == seen
        app.extensions["lending"].engine.dispose()


def test_no_template_needs_an_inline_script_or_style() -> None:
    wrong = re.compile(
        r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\b(src|type=\"application/json\"))"
    )
    for path in (ROOT / "templates").rglob("*.html"):
        html = re.sub(r"\{([%#]).*?\1\}", "", path.read_text(), flags=re.DOTALL)
        found = wrong.search(html)
        assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]}"


def test_built_files_are_kept_and_typed(client: FlaskClient) -> None:
    page = client.get("/").text
    address = re.search(r"/static/build/shared/house-[0-9a-f]{10}\.css", page)
    assert address
    with client.get(address[0]) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.mimetype == "text/css"
    wasm = next((ROOT / "static/build/shared").glob("zxing_reader-*.wasm"))
    with client.get(f"/static/build/shared/{wasm.name}") as answer:
        assert answer.mimetype == "application/wasm"
