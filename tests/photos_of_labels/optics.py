"""Where each point of a picture comes from: rays of a pinhole camera on a flat or a round surface."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.photos_of_labels.labels import DOTS, Picture

DISTANCE = 260.0  # mm from the lens to the label: a cup held before a tablet

Field = NDArray[np.float32]  # rows × columns


@dataclass(frozen=True)
class Pose:
    """How the label is held: angles in degrees; `scale` in pixels per mm; `shift` in pixels from
    the picture's middle; `radius` in mm of the cup it is bent around, None when it lies flat."""

    scale: float
    spin: float = 0.0
    tilt: float = 0.0  # about the horizontal: the upper edge goes away
    turn: float = 0.0  # about the vertical: one side goes away
    shift: tuple[float, float] = (0.0, 0.0)
    radius: float | None = None


@dataclass(frozen=True)
class Hit:
    """For each point of the picture the point (u, v) on the surface in mm from the label's middle,
    whether the ray met it at all, and how much the surface faces the camera (0 to 1)."""

    u: Field
    v: Field
    met: NDArray[np.bool_]
    facing: Field


def cast_rays(size: tuple[int, int], pose: Pose) -> Hit:
    """One ray for each point of a picture of `size` (width, height)."""
    width, height = size
    focal = pose.scale * DISTANCE
    x, y = np.meshgrid(
        np.arange(width, dtype=np.float32) - width / 2 - pose.shift[0],
        np.arange(height, dtype=np.float32) - height / 2 - pose.shift[1],
    )
    rays = np.stack([x / focal, y / focal, np.ones_like(x)], axis=-1)
    back = _rotation(pose).T.astype(np.float32)  # the label stays, the camera goes around it
    rays = rays @ back.T
    eye = back @ np.array([0, 0, -DISTANCE], np.float32)
    long = np.linalg.norm(rays, axis=-1)
    if pose.radius is None:
        way = -eye[2] / np.where(rays[..., 2] == 0, 1e-6, rays[..., 2])
        point = eye + way[..., None] * rays
        return Hit(point[..., 0], point[..., 1], way > 0, np.abs(rays[..., 2]) / long)
    return _hit_cup(rays, eye, long, pose.radius)


def _hit_cup(rays: Picture, eye: Field, long: Field, radius: float) -> Hit:
    """A cylinder standing upright whose nearest line goes through the label's middle."""
    dx, dz = rays[..., 0], rays[..., 2]
    ex, ez = eye[0], eye[2] - radius
    a, b, c = dx * dx + dz * dz, 2 * (ex * dx + ez * dz), ex * ex + ez * ez - radius * radius
    under = b * b - 4 * a * c
    way = (-b - np.sqrt(np.maximum(under, 0))) / (2 * a)
    px, pz = ex + way * dx, ez + way * dz
    angle = np.arctan2(px, -pz)
    facing = np.clip(-(px * dx + pz * dz) / radius / long, 0, 1)
    return Hit(angle * radius, eye[1] + way * rays[..., 1], (under > 0) & (way > 0), facing)


def _rotation(pose: Pose) -> NDArray[np.float64]:
    spin, tilt, turn = np.radians([pose.spin, pose.tilt, pose.turn])
    around_z = [[np.cos(spin), -np.sin(spin), 0], [np.sin(spin), np.cos(spin), 0], [0, 0, 1]]
    around_x = [[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]]
    around_y = [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    return np.array(around_z) @ np.array(around_x) @ np.array(around_y)


def lay_on(ground: Picture, label: Image.Image, hit: Hit, scale: float) -> Picture:
    """The picture with the label on its surface; `scale` is the picture's, in pixels per mm."""
    finer = min(1.0, scale * 1.15 / DOTS)  # no finer than the picture: else it would flicker
    size = (round(label.width * finer), round(label.height * finer))
    paper = np.asarray(label.resize(size, Image.Resampling.BOX), np.float32)
    x = hit.u * DOTS * finer + (size[0] - 1) / 2
    y = hit.v * DOTS * finer + (size[1] - 1) / 2
    inside = hit.met & (x >= 0) & (x <= size[0] - 1) & (y >= 0) & (y <= size[1] - 1)
    picture = ground.copy()
    picture[inside] = _between(paper, x[inside], y[inside])
    return picture


def _between(paper: Picture, x: Field, y: Field) -> Picture:
    """The colours at fractional places, from the four neighbours."""
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, below = np.minimum(left + 1, paper.shape[1] - 1), np.minimum(top + 1, paper.shape[0] - 1)
    fx, fy = (x - left)[:, None], (y - top)[:, None]
    upper = paper[top, left] * (1 - fx) + paper[top, right] * fx
    lower = paper[below, left] * (1 - fx) + paper[below, right] * fx
    mixed: Picture = upper * (1 - fy) + lower * fy
    return mixed
