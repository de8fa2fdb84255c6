"""Codes as CSV, for engraving or for a printer of one's own."""

import csv
import io
from collections.abc import Iterable, Iterator

from lending.loop.codes import format_code, item_url

COLUMNS = ("code", "printed", "address")


def write_codes_csv(codes: Iterable[str], *, public_url: str) -> Iterator[str]:
    """The file line by line: the digits, the printed form, the address for the QR."""
    line = io.StringIO()
    writer = csv.writer(line)
    for row in [
        COLUMNS,
        *((code, format_code(code), item_url(public_url, code)) for code in codes),
    ]:
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()
