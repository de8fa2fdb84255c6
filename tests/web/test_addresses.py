"""Addresses with the number of a row, whatever number that is."""

import re

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound


def test_a_number_that_no_row_can_have_is_an_address_that_is_not_there(app: Flask) -> None:
    urls = app.url_map.bind("localhost")
    numbered = [rule for rule in app.url_map.iter_rules() if "<int:" in rule.rule]
    assert numbered
    for rule in numbered:
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))

        def path(digits: int, rule: str = rule.rule) -> str:
            return re.sub(r"<int:[^>]+>", "9" * digits, rule)

        assert urls.match(path(18), method)[0] == rule.endpoint
        for digits in (19, 30, 5000):
            with pytest.raises(NotFound):
                urls.match(path(digits), method)
