"""The conditions under which labels are looked at, and one picture of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image

from tests.photos_of_labels.labels import Picture, PrintedLabel
from tests.photos_of_labels.optics import Pose, cast_rays, lay_on
from tests.photos_of_labels.wear import (
    Chance,
    blur,
    light_unevenly,
    make_dirty,
    make_ground,
    see_with_sensor,
    to_bytes,
)

FRAME = (1280, 720)  # what a tablet's camera gives for one cup
TRAY_FRAME = (1920, 1080)  # and for a tray
CUP_RADIUS = 42.0  # mm, a 355 mL cup at the height of its label
CUP_HEIGHT = 110.0  # mm
ON_TRAY = (4, 3)  # columns and rows of labels on a tray


@dataclass(frozen=True)
class Photo:
    """A picture and the codes that can be read in it, in no order."""

    picture: Image.Image
    codes: tuple[str, ...]


Take = Callable[[Sequence[PrintedLabel], Chance], Photo]


def _finish(picture: Picture, chance: Chance, codes: Sequence[str], noise: float = 4.0) -> Photo:
    seen = see_with_sensor(picture, chance, noise=noise)
    return Photo(Image.fromarray(to_bytes(seen)), tuple(codes))


def _pixels_per_mm(label: PrintedLabel, chance: Chance, low: float, high: float) -> float:
    """A scale at which a module of the QR is `low` to `high` pixels wide."""
    return float(chance.uniform(low, high)) / label.module


def _pose_flat(scale: float, chance: Chance, *, spin: float, lean: float) -> Pose:
    """Turned by up to `spin` degrees; leaning by up to `lean` degrees, at least by half of it."""
    steep, way = chance.uniform(lean / 2, lean), chance.uniform(0, 2 * np.pi)
    return Pose(
        scale,
        spin=float(chance.uniform(-spin, spin)),
        tilt=float(steep * np.sin(way)),
        turn=float(steep * np.cos(way)),
        shift=(float(chance.uniform(-160, 160)), float(chance.uniform(-80, 80))),
    )


def _pose_bent(scale: float, chance: Chance, *, away: tuple[float, float]) -> Pose:
    """On a cup's side, the label so many degrees from the line nearest to the camera."""
    return Pose(
        scale,
        spin=float(chance.uniform(-25, 25)),
        tilt=float(chance.uniform(-15, 15)),
        turn=float(chance.uniform(*away)) * float(chance.choice([-1, 1])),
        shift=(float(chance.uniform(-80, 80)), float(chance.uniform(-50, 50))),
        radius=CUP_RADIUS,
    )


def _photograph(
    label: PrintedLabel, pose: Pose, chance: Chance, paper: Image.Image | None = None
) -> Picture:
    """One label, on paper or on a cup's side, on a table."""
    hit = cast_rays(FRAME, pose)
    ground = make_ground(FRAME, chance)
    if pose.radius is not None:
        cup = hit.met & (np.abs(hit.v) < CUP_HEIGHT / 2)
        body = chance.uniform(150, 235) * (0.55 + 0.45 * hit.facing)
        ground[cup] = body[cup][:, None]
    picture = lay_on(ground, paper or label.picture, hit, pose.scale)
    return picture * (0.5 + 0.5 * hit.facing)[..., None] if pose.radius is not None else picture


def take_flat(
    labels: Sequence[PrintedLabel],
    chance: Chance,
    *,
    module: tuple[float, float] = (3.5, 6.0),
    spin: float = 6.0,
    lean: float = 6.0,
) -> Photo:
    """A label on a flat surface; `module`: how many pixels wide a module is."""
    label = labels[0]
    pose = _pose_flat(_pixels_per_mm(label, chance, *module), chance, spin=spin, lean=lean)
    return _finish(_photograph(label, pose, chance), chance, [label.code])


def take_bent(
    labels: Sequence[PrintedLabel], chance: Chance, *, away: tuple[float, float] = (0, 20)
) -> Photo:
    """A label around the side of a cup, its middle `away` degrees from the nearest line."""
    label = labels[0]
    pose = _pose_bent(_pixels_per_mm(label, chance, 3.5, 6.0), chance, away=away)
    return _finish(_photograph(label, pose, chance), chance, [label.code])


def take_blurred(
    labels: Sequence[PrintedLabel],
    chance: Chance,
    *,
    module: tuple[float, float] = (3.5, 6.0),
    shake: float = 1.2,
) -> Photo:
    """Out of focus by 0.25 to 0.6 modules and moved by up to `shake` modules."""
    label = labels[0]
    scale = _pixels_per_mm(label, chance, *module)
    wide = scale * label.module
    sharp = _photograph(label, _pose_flat(scale, chance, spin=20, lean=20), chance)
    soft = blur(
        sharp,
        chance,
        focus=float(chance.uniform(0.25, 0.6)) * wide,
        shake=float(chance.uniform(0, shake)) * wide,
    )
    return _finish(soft, chance, [label.code])


def take_dirtied(labels: Sequence[PrintedLabel], chance: Chance) -> Photo:
    """Coffee, milk, lipstick and scratches over the symbol."""
    label = labels[0]
    spots, scratches = int(chance.integers(2, 8)), int(chance.integers(0, 4))
    dirty = make_dirty(label.picture, chance, spots=spots, scratches=scratches)
    scale = _pixels_per_mm(label, chance, 3.5, 6.0)
    pose = _pose_flat(scale, chance, spin=20, lean=20)
    return _finish(_photograph(label, pose, chance, dirty), chance, [label.code])


def take_uneven(labels: Sequence[PrintedLabel], chance: Chance) -> Photo:
    """A lamp from the side, a shadow's edge and a mirrored lamp."""
    label = labels[0]
    pose = _pose_flat(_pixels_per_mm(label, chance, 3.5, 6.0), chance, spin=20, lean=20)
    lit = light_unevenly(_photograph(label, pose, chance), chance)
    return _finish(lit, chance, [label.code], noise=6.0)


def take_everyday(labels: Sequence[PrintedLabel], chance: Chance) -> Photo:
    """A used cup in a hurry: bent, a little dirty, a little blurred, badly lit, all at once."""
    label = labels[0]
    dirty = make_dirty(label.picture, chance, spots=int(chance.integers(0, 3)), scratches=1)
    scale = _pixels_per_mm(label, chance, 2.8, 5.0)
    picture = _photograph(label, _pose_bent(scale, chance, away=(0, 20)), chance, dirty)
    module = scale * label.module
    lit = light_unevenly(picture, chance)
    soft = blur(lit, chance, focus=0.2 * module, shake=float(chance.uniform(0, 0.7)) * module)
    return _finish(soft, chance, [label.code], noise=6.0)


def take_tray(labels: Sequence[PrintedLabel], chance: Chance) -> Photo:
    """Twelve labels side by side, each turned its own way."""
    columns, rows = ON_TRAY
    shown = labels[: columns * rows]
    picture = make_ground(TRAY_FRAME, chance)
    scale = _pixels_per_mm(shown[0], chance, 3.0, 4.2)
    wide, high = TRAY_FRAME[0] // columns, TRAY_FRAME[1] // rows
    for place, label in enumerate(shown):
        row, column = divmod(place, columns)
        cell = slice(row * high, (row + 1) * high), slice(column * wide, (column + 1) * wide)
        spin, tilt, turn, x, y = chance.uniform([0, -12, -12, -30, -30], [360, 12, 12, 30, 30])
        pose = Pose(scale, float(spin), float(tilt), float(turn), (float(x), float(y)))
        picture[cell] = lay_on(picture[cell], label.picture, cast_rays((wide, high), pose), scale)
    return _finish(picture, chance, [label.code for label in shown])


def take_blank(labels: Sequence[PrintedLabel], chance: Chance) -> Photo:
    """A cup without a label, unevenly lit."""
    pose = _pose_bent(_pixels_per_mm(labels[0], chance, 3.5, 6.0), chance, away=(0, 40))
    empty = Image.new("RGB", labels[0].picture.size, (228, 226, 222))
    lit = light_unevenly(_photograph(labels[0], pose, chance, empty), chance)
    return _finish(lit, chance, [])


CONDITIONS: dict[str, Take] = {
    "plain": take_flat,
    "turned": partial(take_flat, spin=180.0),
    "perspective": partial(take_flat, spin=20.0, lean=60.0),
    "bent": take_bent,
    "bent, turned away": partial(take_bent, away=(20, 40)),
    "blurred": take_blurred,
    "too close": partial(take_blurred, module=(9.0, 13.0), shake=0.4),
    "dirtied": take_dirtied,
    "uneven light": take_uneven,
    "small": partial(take_flat, module=(1.6, 2.6), spin=20.0, lean=15.0),
    "everyday": take_everyday,
    "tray of 12": take_tray,
    "blank cup": take_blank,
}
