"""What happens to a label and its picture: dirt, scratches, blur, uneven light, the sensor's noise."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lending.labels.sheets import CELL_HEIGHT, SYMBOL, SYMBOL_BOTTOM
from tests.photos_of_labels.labels import DOTS, Picture
from tests.photos_of_labels.optics import Field

Chance = np.random.Generator

COFFEE, DRIED_MILK, LIPSTICK = (70, 45, 30), (238, 232, 220), (150, 30, 60)
SYMBOL_MIDDLE = CELL_HEIGHT - SYMBOL_BOTTOM - SYMBOL / 2  # mm below the label's upper edge


def make_dirty(label: Image.Image, chance: Chance, *, spots: int, scratches: int) -> Image.Image:
    """Spots of 0.8 to 2.4 mm and scratches over the symbol."""
    dirty = label.copy()
    pen = ImageDraw.Draw(dirty)
    middle = np.array([label.width / 2, SYMBOL_MIDDLE * DOTS])
    for _ in range(spots):
        x, y = middle + chance.uniform(-SYMBOL / 2, SYMBOL / 2, 2) * DOTS
        wide, high = chance.uniform(0.4, 1.2, 2) * DOTS
        colour = (COFFEE, DRIED_MILK, LIPSTICK)[chance.integers(3)]
        pen.ellipse((x - wide, y - high, x + wide, y + high), fill=colour)
    for _ in range(scratches):
        ends = middle + chance.uniform(-SYMBOL * 0.7, SYMBOL * 0.7, (2, 2)) * DOTS
        width = max(1, round(chance.uniform(0.1, 0.3) * DOTS))
        pen.line([tuple(end) for end in ends], fill=(215, 212, 208), width=width)
    return dirty.filter(ImageFilter.GaussianBlur(0.15 * DOTS))


def blur(picture: Picture, chance: Chance, *, focus: float, shake: float) -> Picture:
    """Out of focus by `focus` pixels (sigma), moved by `shake` pixels during the exposure."""
    soft = Image.fromarray(to_bytes(picture)).filter(ImageFilter.GaussianBlur(focus))
    if shake < 1:
        return np.asarray(soft, np.float32)
    angle, steps = chance.uniform(0, np.pi), max(2, round(shake))
    moved = np.zeros_like(picture)
    for step in np.linspace(-shake / 2, shake / 2, steps):
        shift = (1, 0, step * np.cos(angle), 0, 1, step * np.sin(angle))
        moved += np.asarray(
            soft.transform(soft.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR),
            np.float32,
        )
    return moved / steps


def light_unevenly(picture: Picture, chance: Chance) -> Picture:
    """A lamp from one side, a shadow's edge over the label and a lamp mirrored in it."""
    height, width = picture.shape[:2]
    x, y = _places(width, height)
    angle = chance.uniform(0, 2 * np.pi)
    along = (x * np.cos(angle) + y * np.sin(angle)) / width  # about -0.5 to 0.5
    lamp = np.clip(0.7 + chance.uniform(0.7, 1.6) * along, 0.15, 1.2)
    edge = chance.uniform(-60, 60)
    across = x * np.cos(angle + 1.2) + y * np.sin(angle + 1.2) - edge
    shadow = 1 - chance.uniform(0.35, 0.65) / (1 + np.exp(-across / chance.uniform(3, 25)))
    gx, gy = chance.uniform(-90, 90, 2)
    far = ((x - gx) ** 2 + (y - gy) ** 2) / chance.uniform(18, 48) ** 2
    glare = chance.uniform(60, 230) * np.exp(-far)
    return picture * (lamp * shadow)[..., None] + glare[..., None]


def see_with_sensor(picture: Picture, chance: Chance, *, noise: float) -> Picture:
    """The picture with the sensor's noise, `noise` steps of brightness (sigma)."""
    return picture + chance.normal(0, noise, picture.shape).astype(np.float32)


def make_ground(size: tuple[int, int], chance: Chance) -> Picture:
    """A table out of focus: soft patches of one or two colours."""
    colours = chance.uniform(50, 215, (2, 1)) + chance.uniform(-25, 25, (2, 3))
    coarse = chance.uniform(0, 1, (6, 9, 1)).astype(np.float32)
    patch = (colours[0] * coarse + colours[1] * (1 - coarse)).astype(np.uint8)
    return np.asarray(Image.fromarray(patch).resize(size, Image.Resampling.BICUBIC), np.float32)


def to_bytes(picture: Picture) -> np.ndarray:
    return np.clip(picture, 0, 255).astype(np.uint8)


def _places(width: int, height: int) -> tuple[Field, Field]:
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return (x - width / 2).astype(np.float32), (y - height / 2).astype(np.float32)
