"""What a driver's phone forgets of people's doors (static/moving/driver_forget.js)."""

import json
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUR = 3_600_000  # ms
NOW = 1_000_000 * HOUR

# The browser's database is no part of a test without one.
SCRIPT = """
  import { forgetOld } from "./static/moving/driver_forget.js";
  const [kept, now] = JSON.parse(process.argv[1]);
  const db = {
    getAllKeys: async () => Object.keys(kept),
    get: async (_, key) => kept[key],
    delete: async (_, key) => { delete kept[key]; },
  };
  await forgetOld(db, now);
  console.log(JSON.stringify(Object.keys(kept)));
"""


def left(kept: dict[str, object]) -> list[str]:
    path = f"{os.environ['PATH']}:{ROOT / '.venv' / 'bin'}"
    node = shutil.which("node", path=path)
    assert node, "node is missing: scripts/test installs it"
    asked = json.dumps([kept, NOW])
    command = [node, "--input-type=module", "-e", SCRIPT, "--", asked]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    found: list[str] = json.loads(answer.stdout)
    return found


def test_another_drivers_doors_leave_the_phone() -> None:
    kept: dict[str, object] = {
        "drive staff:1": {"at": NOW - 35 * HOUR, "rounds": []},
        "drive-door staff:1 aaa": "bytes",
        "drive staff:2": {"at": NOW - 37 * HOUR, "rounds": []},
        "drive-door staff:2 bbb": "bytes",
        "drive-door staff:3 ccc": "bytes",
        "drive staff:11": {"rounds": []},
        "delivery.order DURI": {"id": 1},
    }
    assert left(kept) == ["drive staff:1", "drive-door staff:1 aaa", "delivery.order DURI"]
