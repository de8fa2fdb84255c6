"""Pictures to send: red on the left, blue on the right, with or without what a phone adds."""

import io

from PIL import Image
from PIL.ExifTags import IFD, Base


def picture(width: int, height: int) -> Image.Image:
    """Half red, half blue."""
    image = Image.new("RGB", (width, height), (240, 10, 10))
    image.paste((10, 10, 240), (width // 2, 0, width, height))
    return image


def sent_as(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def jpeg_with_metadata(width: int, height: int, *, orientation: int) -> bytes:
    """A phone's photo: where, with what, edited how, a remark, and which way it was held."""
    image = picture(width, height)
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.Model] = "Mina's phone"
    exif.get_ifd(IFD.GPSInfo)[29] = "37.5172"
    return sent_as(
        image, "JPEG", quality=95, exif=exif, comment=b"secret comment",
        xmp=b"<?xpacket begin='x' id='W5M0MpCehiHzreSzNTczkc9d'?><x/>",
    )  # fmt: skip
