"""Turns whatever was sent as a photo into a small JPEG without metadata; no database."""

import io

from PIL import Image, ImageOps

from lending.errors import Code, LendingError

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 20_000_000
LONGEST_SIDE = 1600  # pixels of what is kept
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 80


def clean_picture(sent: bytes) -> bytes:
    """`sent` decoded and encoded anew: upright, at most 1600 pixels wide or high, no metadata.

    At most 5 MB and 20 megapixels by its header, else TOO_LARGE, before anything is decoded;
    INVALID (both field photo) for what is no JPEG, PNG or WebP, or does not decode.
    """
    if len(sent) > MOST_BYTES:
        raise LendingError(Code.TOO_LARGE, field="photo", detail="bytes")
    try:
        # This reads the header only.
        with Image.open(io.BytesIO(sent), formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise LendingError(Code.TOO_LARGE, field="photo", detail="pixels")
            return _encoded(picture)
    except LendingError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise LendingError(Code.TOO_LARGE, field="photo", detail="pixels") from error
    # Broken or hostile bytes make a decoder fail in any way: OSError, ValueError, struct.error, …
    except Exception as error:
        raise LendingError(Code.INVALID, field="photo", detail=type(error).__name__) from error


def _encoded(picture: Image.Image) -> bytes:
    # A JPEG is decoded at the smallest scale that is still large enough: an eighth of the memory.
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # Pasted on a fresh page: comments and profiles hang on the old picture and stay there.
    fresh = Image.new("RGB", upright.size, "white")
    layer = upright.convert("RGBA") if upright.mode not in {"RGB", "L", "CMYK"} else None
    fresh.paste(layer or upright.convert("RGB"), mask=layer)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
