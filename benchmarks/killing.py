"""Kills the server a hundred times in mid-exam and counts acknowledged answers that are gone.

.venv/bin/python -m benchmarks.killing
"""

import tempfile
from pathlib import Path

from tests.killing import survive

KILLS = 100


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        toll = survive(Path(folder), KILLS)
    print(
        f"{toll.n_kills} kills, {toll.n_acknowledged} answers acknowledged, {len(toll.lost)} lost"
    )
    for lost in toll.lost:
        print(lost)


if __name__ == "__main__":
    main()
