"""Every part is pinned with a hash, and no file says where a registry lives."""

import re

import pytest

from config import ROOT

FILES = ["requirements.txt", "requirements-dev.txt", "requirements-node.txt"]


@pytest.mark.parametrize("name", FILES)
def test_every_part_is_pinned_with_a_hash(name: str) -> None:
    parts = (ROOT / name).read_text().replace("\\\n", " ").strip().splitlines()
    assert parts
    for part in parts:
        assert re.match(r"[a-z0-9_.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", part), part


@pytest.mark.parametrize("name", [*FILES, "package-lock.json"])
def test_no_registry_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "file:" not in text
    assert "--index" not in text
    assert '"resolved"' not in text
    if name != "package-lock.json":  # there, projects name their sponsors' pages
        assert "http" not in text
