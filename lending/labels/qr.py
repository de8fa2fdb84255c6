"""The QR of an item on a label: its address as bytes, its digits as numbers, so that it stays small."""

from typing import Final, Literal

from qrcode.util import QRData

from lending.loop.codes import item_url_prefix
from lending.qr import Symbol, make_symbol

_NUMBERS: Final[Literal[1]] = 1  # segment modes, as ISO/IEC 18004 numbers them
_BYTES: Final[Literal[4]] = 4


def item_symbol(public_url: str, code: str, *, correction: str = "Q") -> Symbol:
    """The QR of an item's address.

    `correction` is Q (about 25 % may be lost) on a curved cup, H (30 %) on flat lids and crates.
    """
    address = QRData(item_url_prefix(public_url).encode(), mode=_BYTES)
    digits = QRData(code.encode(), mode=_NUMBERS)
    return make_symbol(address, digits, correction=correction)
