"""What is sent as a photo becomes a small JPEG that tells nothing but the picture."""

import io
import struct
import zlib

import pytest
from PIL import Image

from lending.errors import Code, LendingError
from lending.photos.pictures import LONGEST_SIDE, MOST_BYTES, clean_picture
from tests.photos.pictures import jpeg_with_metadata, picture, sent_as


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_large_picture_becomes_a_small_jpeg(form: str) -> None:
    kept = opened(clean_picture(sent_as(picture(2400, 1200), form)))
    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (LONGEST_SIDE, 800))
    assert kept.getpixel((10, 10))[0] > 200  # still red at the left
    assert kept.getpixel((1590, 790))[2] > 200  # and blue at the right


def test_metadata_is_gone_and_the_picture_upright() -> None:
    sent = jpeg_with_metadata(300, 200, orientation=6)
    for secret in (b"37.5172", b"Mina's phone", b"xpacket", b"secret comment", b"Exif"):
        assert secret in sent
    kept = clean_picture(sent)
    for secret in (b"37.5172", b"Mina's phone", b"xpacket", b"secret comment", b"Exif"):
        assert secret not in kept
    image = opened(kept)
    assert image.size == (200, 300)  # turned as the camera was held
    assert image.getpixel((100, 10))[0] > 200 and image.getpixel((100, 290))[2] > 200
    assert not image.getexif() and set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}  # fmt: skip


def test_what_can_be_seen_through_stands_on_white() -> None:
    glass = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    assert min(opened(clean_picture(sent_as(glass, "PNG"))).getpixel((5, 5))) > 240


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(width: int, height: int) -> bytes:
    """A few bytes that claim to be a picture of this size."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + body + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(5000, 4001), (10_000, 9_500), (30_000, 30_000), (2**31 - 1, 9)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int], monkeypatch) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("a bomb was decoded")

    monkeypatch.setattr(Image.Image, "draft", decoded)  # the step before decoding
    with pytest.raises(LendingError) as caught:
        clean_picture(png_bomb(*size))
    assert (caught.value.code, caught.value.field) == (Code.TOO_LARGE, "photo")


def test_more_than_five_megabytes_are_not_even_opened() -> None:
    sent = sent_as(picture(50, 50), "JPEG")
    clean_picture(sent.ljust(MOST_BYTES, b"\0"))
    with pytest.raises(LendingError) as caught:
        clean_picture(sent.ljust(MOST_BYTES + 1, b"\0"))
    assert caught.value.code is Code.TOO_LARGE


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GIF89a" + bytes(40),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"%PDF-1.4",
        sent_as(picture(300, 300), "JPEG")[:400],
        sent_as(picture(60, 60), "PNG")[:60],
        sent_as(picture(60, 60), "GIF"),
        png_bomb(200, 200),
    ],
)
def test_what_is_no_photo_is_refused(sent: bytes) -> None:
    with pytest.raises(LendingError) as caught:
        clean_picture(sent)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, "photo")


def test_broken_bytes_never_do_anything_else() -> None:
    """Every tenth byte of a real photo changed: a photo or a refusal, nothing else."""
    sent = bytearray(jpeg_with_metadata(64, 48, orientation=3))
    for place in range(0, len(sent), 10):
        broken = bytes(sent[:place]) + bytes([sent[place] ^ 0xFF]) + bytes(sent[place + 1 :])
        try:
            assert opened(clean_picture(broken)).format == "JPEG"
        except LendingError as error:
            assert error.code in {Code.INVALID, Code.TOO_LARGE}
