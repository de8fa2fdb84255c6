"""What the fake camera sees: films of one picture, made from our own label PDF."""

from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from tests.browser.till import eventually
from tests.photos_of_labels.conditions import take_bent, take_blank, take_tray
from tests.photos_of_labels.labels import print_labels

SEED = 7


def film_cup(folder: Path, code: str) -> Path:
    """A cup with this label on its side."""
    return _keep(folder, take_bent(print_labels([code]), _chance()).picture)


def film_tray(folder: Path, codes: list[str]) -> Path:
    """Twelve labels side by side."""
    return _keep(folder, take_tray(print_labels(codes), _chance()).picture)


def film_blank(folder: Path, code: str) -> Path:
    """A cup without a label; `code` only gives the size of the missing one."""
    return _keep(folder, take_blank(print_labels([code]), _chance()).picture)


def camera_flags(film: Path) -> tuple[str, ...]:
    """What makes Chromium's camera show the film."""
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )


def looked_on(page: Page, video: str, looks: int) -> None:
    """The camera has looked so many times more."""

    def seen() -> int:
        return int(page.locator(video).get_attribute("data-looks") or 0)

    enough = seen() + looks
    eventually(page, lambda: seen() >= enough)


def _chance() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _keep(folder: Path, picture: Image.Image) -> Path:
    film = folder / "film.mjpeg"
    picture.save(film, "JPEG", quality=88)
    return film
