"""Languages and how times, numbers and codes are written.

Texts are written in Korean where they are shown: `{{ _("반납했어요") }}` in templates,
`gettext("…")` in Python, `lazy_gettext` for module constants. The English stands in the
package's own `translations/en/LC_MESSAGES/messages.po`; Korean needs no catalogue. A plural:
`ngettext("컵 %(num)s개", "컵 %(num)s개", n)`.

Texts for JavaScript: put them into a data block of the page, which the CSP lets through because
it is never run, and read them with `texts()` from `static/shared/texts.js`:

    {{ ui.texts({"returned": _("반납했어요"), "undo": _("되돌리기")}) }}

    import { texts } from "../shared/texts.js";
    const t = texts();                     // t.returned

So every text stays in a template, and one extraction finds them all.
"""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale

LANGUAGES = ("ko", "en")
LANGUAGE_COOKIE = "lang"
PACKAGES = Path(__file__).resolve().parent.parent

# Babel's own Korean "medium" says 오후 by `a` only in some versions: the patterns are spelled out.
PATTERNS = {
    "ko": {
        "day": "M월 d일 (E)",
        "date": "y년 M월 d일 (E)",
        "time": "aaaa h:mm",
        "month": "y년 M월",
    },
    "en": {"day": "EEE d MMM", "date": "EEE d MMM y", "time": "h:mm a", "month": "MMMM y"},
}


class Named(Protocol):
    """A site, kind or district: its name, and the English one, which may be empty."""

    @property
    def name(self) -> str: ...

    @property
    def name_en(self) -> str: ...


def set_up_languages(app: Flask) -> None:
    """flask-babel over the catalogues of every package, and the filters for templates."""
    compile_catalogues()
    folders = sorted(str(path) for path in PACKAGES.glob("*/translations"))
    app.config.update(
        BABEL_DEFAULT_LOCALE="ko",
        BABEL_TRANSLATION_DIRECTORIES=";".join(folders),
        BABEL_DOMAIN=";".join("messages" for _ in folders),
    )
    Babel(app, locale_selector=language)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.filters.update(
        moment=write_moment,
        clock=write_clock,
        day=write_day,
        number=write_number,
        grouped=group_code,
        named=name_of,
    )


def language() -> str:
    """`ko` or `en` for this request: the switch, then the person's own, then Korean.

    A program that asks the API may name its language in `Accept-Language`.
    """
    if not has_request_context():
        return "ko"
    chosen = request.cookies.get(LANGUAGE_COOKIE) or g.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(LANGUAGES) or "ko"
    return "ko"


def compile_catalogues() -> None:
    """Make the binary catalogue beside every `messages.po` that is newer than it."""
    for source in PACKAGES.glob("*/translations/*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        fresh = target.with_suffix(f".{id(catalogue)}.tmp")
        with fresh.open("wb") as file:
            write_mo(file, catalogue)
        fresh.replace(target)  # several processes start at once: never a half-written file


def write_moment(at: datetime, zone: str = "Asia/Seoul") -> str:
    """Day and time of day in the district's zone: `11월 23일 (월) 오후 2:05`."""
    return f"{write_day(at, zone)} {write_clock(at, zone)}"


def write_clock(at: datetime, zone: str = "Asia/Seoul") -> str:
    """The time of day in the district's zone: `오후 2:05`."""
    locale = _locale()
    pattern = PATTERNS[locale.language]["time"]
    return format_time(at, pattern, tzinfo=_zone(zone), locale=locale)


def write_day(at: datetime | date, zone: str = "Asia/Seoul", style: str = "day") -> str:
    """A day (`style` day, date with the year, or month), in the district's zone for a datetime."""
    locale = _locale()
    pattern = PATTERNS[locale.language][style]
    if isinstance(at, datetime):
        return format_datetime(at, pattern, tzinfo=_zone(zone), locale=locale)
    return format_date(at, pattern, locale=locale)


def write_number(value: float, digits: int = 0) -> str:
    """A number with thousands separators and this many digits after the point."""
    return format_decimal(round(value, digits), locale=_locale())


def name_of(thing: Named, code: str | None = None) -> str:
    """The name of a site, kind or district in a language, by default that of the page."""
    return ((code or language()) == "en" and thing.name_en) or thing.name


def group_code(code: str) -> str:
    """An item's code as it is printed: `4821-0937-5518`; another text stays as it is."""
    if len(code) != 12 or not code.isdigit():
        return code
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def _locale() -> Locale:
    return get_locale() or Locale("ko")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
