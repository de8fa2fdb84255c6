"""The README says what is so: its diagram, its commands and its addresses."""

import re
from pathlib import Path

from flask import Flask

from config import ROOT
from lending.loop.codes import is_readable
from lending.loop.diagram import draw_loop

README = (ROOT / "README.md").read_text()


def test_the_diagram_is_the_table_of_steps() -> None:
    block = re.search(r"<!-- loop -->\n```mermaid\n(.*?)```\n<!-- /loop -->", README, re.DOTALL)
    assert block is not None
    assert block[1].strip() == draw_loop()


def test_pages_in_the_readme_exist(app: Flask) -> None:
    known = {re.sub(r"<.*?>", "<>", rule.rule) for rule in app.url_map.iter_rules()}
    named = set(re.findall(r"\| `(/[^`]*)`", README))
    assert named
    for path in named:
        if path != "/api/v1":
            assert re.sub(r"<.*?>", "<>", path) in known, path


def test_files_in_the_readme_exist() -> None:
    named = re.findall(r"`((?:lending|scripts)/[\w/.]+)`", README)
    pictures = re.findall(r"\]\((static/[^)]+)\)", README)
    assert named
    assert pictures
    for name in (*named, *pictures):
        path = Path(ROOT / name)
        assert path.exists() or path.with_suffix(".py").exists(), name


def test_codes_in_the_readme_could_be_scanned() -> None:
    codes = re.findall(r"\b\d{4}-\d{4}-\d{4}\b|\b\d{12}\b", README)
    assert codes
    assert all(is_readable(code) for code in codes)
