"""Every text shown anywhere, and the English of each; run as a script it adds what is missing.

`.venv/bin/python -m tests.web.texts_used PACKAGE` writes the untranslated texts of one package
into its `translations/en/LC_MESSAGES/messages.po`, to be filled in.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
OPTIONS = {"extensions": "jinja2.ext.i18n", "silent": "false", "trimmed": "true"}

HEADER = b"""msgid ""
msgstr ""
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

Message = str | tuple[str, ...]


def package_of(path: Path) -> str:
    """The package that owns a file: of lending/<package>/… or templates/<package>/…."""
    parts = path.relative_to(ROOT).parts
    return "web" if parts[1] == "shared" or len(parts) == 2 else parts[1]


def texts_used() -> Iterator[tuple[Path, Message]]:
    """(file, text) of every text in Python and in templates; a plural's text is a pair."""
    for path in sorted((ROOT / "lending").rglob("*.py")):
        yield from ((path, text) for text in _texts_in(path, "python"))
    for path in sorted((ROOT / "templates").rglob("*.*")):
        yield from ((path, text) for text in _texts_in(path, "jinja2.ext:babel_extract"))


def catalogue_path(package: str) -> Path:
    """Where the English of a package stands."""
    return ROOT / "lending" / package / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def read_catalogue(package: str) -> Catalog:
    """The English catalogue of a package; an empty one before the first text."""
    path = catalogue_path(package)
    if not path.exists():
        return Catalog(locale="en", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def all_catalogues() -> dict[str, Catalog]:
    """Every package's English catalogue."""
    return {
        path.parents[3].name: read_catalogue(path.parents[3].name)
        for path in sorted((ROOT / "lending").glob("*/translations/en/LC_MESSAGES/messages.po"))
    }


def add_missing(package: str) -> int:
    """Writes the package's untranslated texts into its catalogue; how many."""
    known = all_catalogues()
    catalogue = read_catalogue(package)
    missing = 0
    for path, text in texts_used():
        if package_of(path) != package or any(text in each for each in known.values()):
            continue
        if text not in catalogue:
            catalogue.add(text, locations=[(str(path.relative_to(ROOT)), 0)])
            missing += 1
    target = catalogue_path(package)
    target.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_po(buffer, catalogue, no_location=True, omit_header=True, width=0)
    target.write_bytes(HEADER + buffer.getvalue().strip() + b"\n")
    return missing


def _texts_in(path: Path, method: str) -> Iterator[Message]:
    with path.open("rb") as file:
        for _line, text, _comments, _context in extract(
            method, file, keywords=KEYWORDS, options=OPTIONS
        ):
            yield tuple(text) if isinstance(text, list | tuple) else text


if __name__ == "__main__":
    print(add_missing(sys.argv[1]), "texts to translate")
