"""Makes a folder of test pictures from our own label PDF; `scripts/label_photos --help`.

The sheets that `lending` prints are rendered and cut, and each label is photographed by a pinhole
camera of numbers: plain, turned, leaning (perspective), bent around a cup of 42 mm radius, blurred,
dirtied, unevenly lit, small, all of it a little ("everyday"), twelve on a tray, and a cup without
a label. The same seed gives the same pictures. `pictures.json` says for each file its condition
and the codes that stand in it. Nothing of it is kept in the repository.
"""

import argparse
import json
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tests.photos_of_labels.conditions import CONDITIONS
from tests.photos_of_labels.labels import make_codes, print_labels

SEED = 20261123
EACH = 40
FOLDER = Path("instance/label_photos")


def make_photos(folder: Path, *, seed: int = SEED, each: int = EACH) -> list[dict[str, Any]]:
    """Writes `each` pictures of every condition; the list that `pictures.json` holds."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = print_labels(make_codes(seed, 108))
    pictures = []
    for name, take in CONDITIONS.items():
        for number in range(each):
            # Its own numbers for each picture: one more condition changes none of the others.
            chance = np.random.default_rng([seed, zlib.crc32(name.encode()), number])
            chosen = [labels[place] for place in chance.permutation(len(labels))[:12]]
            photo = take(chosen, chance)
            file = f"{name.replace(',', '').replace(' ', '-')}-{number:03}.jpg"
            photo.picture.save(folder / file, quality=88)
            pictures.append({"file": file, "condition": name, "codes": list(photo.codes)})
    (folder / "pictures.json").write_text(json.dumps(pictures, indent=1) + "\n")
    return pictures


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/label_photos", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help=f"default: {FOLDER}")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--each", type=int, default=EACH, help="pictures of each condition")
    chosen = parser.parse_args()
    pictures = make_photos(chosen.folder, seed=chosen.seed, each=chosen.each)
    print(f"{len(pictures)} pictures in {chosen.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
