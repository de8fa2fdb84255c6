"""Security headers, cookie flags, the proxy in front, the size limit and the CSRF check."""

from flask import Flask, Response, request, session
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Config

MAX_BODY = 12 * 1024 * 1024  # 10,000 scans of about 800 bytes, with room

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = "max-age=31536000"

_csrf = CSRFProtect()


def secure_application(app: Flask, config: Config) -> None:
    """Set cookie flags, limits and headers of the application for its public address."""
    https = config.is_https
    app.config.update(
        SESSION_COOKIE_NAME="session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        PERMANENT_SESSION_LIFETIME=12 * 3600,  # staff: a working day from the last renewal
        SESSION_REFRESH_EACH_REQUEST=False,  # lending/web/identity.py renews it now and then
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        WTF_CSRF_CHECK_DEFAULT=False,  # lending/web/access.py asks for the check itself
        WTF_CSRF_TIME_LIMIT=None,  # a till's page stays open for days; the session ends it
    )
    _csrf.init_app(app)
    if config.proxies:
        # Only so many entries were added by our own proxies; what stands before them is hearsay.
        trusted = dict.fromkeys(("x_for", "x_proto", "x_host"), config.proxies)
        app.wsgi_app = ProxyFix(app.wsgi_app, **trusted)  # type: ignore[method-assign]
    headers = list((HEADERS | ({"Strict-Transport-Security": HSTS} if https else {})).items())

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers:
            response.headers.setdefault(name, value)  # a view may have set a stricter one
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def check_form_token() -> None:
    """Refuse a form or a page's JSON without its CSRF token (`csrf_token` or `X-CSRFToken`)."""
    _csrf.protect()


def has_form_token() -> bool:
    """Whether a page has given this browser's session a CSRF token."""
    return "csrf_token" in session


def form_token() -> str:
    """The CSRF token of this browser's session."""
    return str(generate_csrf())
